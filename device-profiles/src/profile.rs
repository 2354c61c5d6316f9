//! A loaded profile: what it says, checked. [`crate::Map`] is the same with its ranges written out.

use std::{collections::BTreeMap, fmt};

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use crate::{
    Class, Id, Map, PointName, Problems, Unit,
    file::{DerivedEntry, PointEntry},
    load,
};

/// How far the addresses are to be trusted before the unit itself has been seen.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "kebab-case")]
pub enum Confidence {
    /// One secondary source.
    Low,
    /// A vendor document seen in part, or two secondary sources that agree.
    Medium,
    /// A proven driver or the vendor's own document.
    High,
}

/// One of the four address spaces of Modbus.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "kebab-case")]
pub enum Area {
    /// Function 1; single bits that can be written.
    Coil,
    /// Function 2; single bits, read only.
    Discrete,
    /// Function 3; registers that can be written.
    Holding,
    /// Function 4; registers, read only.
    Input,
}

impl Area {
    /// Whether an address holds one bit, not sixteen.
    #[must_use]
    pub fn is_bits(self) -> bool {
        matches!(self, Self::Coil | Self::Discrete)
    }
}

/// How registers become a raw value.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "lowercase")]
pub enum Encoding {
    /// One bit (or a field whose listed codes mean true).
    Bool,
    /// Unsigned, 16 bits.
    U16,
    /// Signed, 16 bits.
    S16,
    /// Unsigned, 32 bits.
    U32,
    /// Signed, 32 bits.
    S32,
    /// Unsigned, 64 bits.
    U64,
    /// Signed, 64 bits.
    S64,
    /// IEEE 754, 32 bits.
    F32,
    /// Signed, the low 8 bits of a register.
    S8,
    /// Binary coded decimal, four digits a register.
    Bcd,
    /// Characters, two a register, high byte first; ends at the first NUL; spaces around it are dropped.
    Text,
}

impl Encoding {
    /// Registers that one value takes; `None` for text and BCD, whose length the profile gives.
    #[must_use]
    pub fn registers(self) -> Option<u16> {
        match self {
            Self::Bool | Self::U16 | Self::S16 | Self::S8 => Some(1),
            Self::U32 | Self::S32 | Self::F32 => Some(2),
            Self::U64 | Self::S64 => Some(4),
            Self::Bcd | Self::Text => None,
        }
    }
}

/// Which word of a value of several registers comes first.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "lowercase")]
pub enum WordOrder {
    /// The most significant one.
    #[default]
    Big,
    /// The least significant one.
    Little,
}

/// What may be done with a point.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "kebab-case")]
pub enum Access {
    /// Polled.
    #[default]
    Read,
    /// Polled, and may be written where the site file allows it.
    ReadWrite,
    /// A command register: never polled.
    Write,
}

/// How often a point is read, measured by its device's period.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "kebab-case")]
pub enum Period {
    /// Each period.
    #[default]
    Normal,
    /// Each 60 s, or each period if that is longer: nameplates, settings, counters.
    Slow,
}

/// Parity of a serial line.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "lowercase")]
#[allow(missing_docs, reason = "the words say it")]
pub enum Parity {
    #[default]
    None,
    Even,
    Odd,
}

/// A scale as an exact fraction, such as 1/512.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Ratio {
    /// Above the line; not 0.
    pub numerator: u32,
    /// Below the line; not 0.
    pub denominator: u32,
}

impl Ratio {
    /// One.
    pub const ONE: Self = Self { numerator: 1, denominator: 1 };

    /// The fraction as a number.
    #[must_use]
    pub fn as_f64(self) -> f64 {
        f64::from(self.numerator) / f64::from(self.denominator)
    }

    /// The number nearest to `ticks` times this fraction.
    #[must_use]
    pub fn times(self, ticks: f64) -> f64 {
        ticks * f64::from(self.numerator) / f64::from(self.denominator)
    }
}

/// A raw value that means "not available".
///
/// With a `mask`, all registers of the point are compared, whatever its `bits`: the sentinel of a whole register
/// holds for each flag in it. Without one, the point's own raw value is compared: its `bits`, if it has any.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct Sentinel {
    /// The raw value, as unsigned bits.
    pub raw: u64,
    /// Bits of the whole registers that are compared.
    pub mask: Option<u64>,
    /// Why it is not available.
    pub why: String,
}

/// A text for people in both languages.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct Text {
    /// English.
    pub en: String,
    /// Vietnamese.
    pub vi: String,
}

/// A device whose unit depends on a setting of its own.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct UnitIf {
    /// The point that holds the setting.
    #[schemars(with = "String")]
    pub point: PointName,
    /// The setting's value for which…
    pub is: Literal,
    /// …the registers hold this unit (converted to the point's own).
    pub unit: Unit,
}

/// A value as written in a file.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(untagged, expecting = "true, false, a number or a text")]
#[allow(missing_docs, reason = "the types say it")]
pub enum Literal {
    Flag(bool),
    Number(f64),
    Text(String),
}

impl fmt::Display for Literal {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Flag(flag) => write!(f, "{flag}"),
            Self::Number(number) => write!(f, "{number}"),
            Self::Text(text) => write!(f, "`{text}`"),
        }
    }
}

/// How the device is usually wired; the site file may say otherwise.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct Connection {
    /// Default TCP port, if it speaks Modbus TCP.
    pub tcp_port: Option<u16>,
    /// Default unit id.
    pub unit: Option<u8>,
    /// Default baud rate, if it speaks RTU.
    pub baud: Option<u32>,
    /// Default parity.
    #[serde(default)]
    pub parity: Parity,
    /// Default stop bits.
    pub stop_bits: Option<u8>,
}

/// What a device can take.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields, default)]
pub struct Limits {
    /// Most registers in one request (1 to 125).
    pub max_registers: u16,
    /// Most bits in one request (1 to 2000).
    pub max_bits: u16,
    /// Whether a read may run over addresses that the profile does not name.
    pub read_over_gaps: bool,
    /// Rest that the device needs between two requests, ms.
    pub pause_ms: u16,
    /// Longest wait for an answer, ms.
    pub timeout_ms: u16,
    /// The latest that an answer may still arrive after its time, ms.
    pub late_max_ms: u16,
    /// The usual time from a request to its answer, without the bytes' own time on a serial line, ms; for working out
    /// the load of a line.
    pub answer_ms: u16,
    /// Whether a single register or coil, too, is written by the functions for several (16, 15).
    pub write_multiple: bool,
}

impl Default for Limits {
    fn default() -> Self {
        Self {
            max_registers: 125,
            max_bits: 2000,
            read_over_gaps: true,
            pause_ms: 0,
            timeout_ms: 1000,
            late_max_ms: 1000,
            answer_ms: 10,
            write_multiple: false,
        }
    }
}

/// The register that proves that the right device answers.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct Identity {
    /// The point to read.
    #[schemars(with = "String")]
    pub point: PointName,
    /// The value it must have, or a list of which it must have one.
    pub is: OneOf,
}

/// An object of function 43/14 (read device identification) beyond the basic ones. A device that has such objects is of
/// conformity level 3: they are read as a stream.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct IdentificationObject {
    /// Its number: 0x80 to 0xFF, those to which vendors give a meaning.
    pub object: u8,
    /// What it tells.
    pub what: String,
    /// What the simulated device tells: a text of ASCII, or a whole number in four bytes, the highest first.
    pub simulate: Literal,
}

/// One value, or several of which one.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(untagged, expecting = "a value, or a list of values")]
#[allow(missing_docs, reason = "the words say it")]
pub enum OneOf {
    One(Literal),
    Several(Vec<Literal>),
}

impl IdentificationObject {
    /// Longest text, bytes: all of a device's objects fit into one answer beside the basic ones.
    pub const LONGEST_TEXT: usize = 150;

    /// The bytes that the simulated device tells; `None` if they are none of those above.
    #[must_use]
    pub fn bytes(&self) -> Option<Vec<u8>> {
        match &self.simulate {
            Literal::Text(text) => {
                let fits = text.is_ascii() && text.len() <= Self::LONGEST_TEXT;
                fits.then(|| text.clone().into_bytes())
            }
            Literal::Number(number) => {
                let whole = number.fract() == 0.0 && (0.0..=f64::from(u32::MAX)).contains(number);
                #[expect(
                    clippy::cast_possible_truncation,
                    clippy::cast_sign_loss,
                    reason = "the range was checked"
                )]
                whole.then(|| (*number as u32).to_be_bytes().to_vec())
            }
            Literal::Flag(_) => None,
        }
    }
}

impl OneOf {
    /// The values.
    #[must_use]
    pub fn values(&self) -> &[Literal] {
        match self {
            Self::One(value) => std::slice::from_ref(value),
            Self::Several(values) => values,
        }
    }
}

/// Raw words of one answer.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct Frame {
    /// Where they were read.
    pub area: Area,
    /// The first one's address.
    pub address: u16,
    /// Registers, or bits as 0 and 1.
    pub words: Vec<u16>,
}

/// A worked example: these words decode to these values.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct Golden {
    /// What it shows.
    pub what: String,
    /// The words.
    pub frames: Vec<Frame>,
    /// Values that follow.
    #[schemars(with = "BTreeMap<String, Literal>")]
    #[serde(default)]
    pub expect: BTreeMap<PointName, Literal>,
    /// Points that must be "not available".
    #[schemars(with = "Vec<String>")]
    #[serde(default)]
    pub not_available: Vec<PointName>,
}

/// A checked profile.
#[derive(Clone, Debug)]
pub struct Profile {
    /// Its id, also its file's name.
    pub id: Id,
    /// The device's name.
    pub name: String,
    /// Who makes it.
    pub vendor: String,
    /// What it is.
    pub class: Class,
    /// How far to trust it.
    pub confidence: Confidence,
    /// Where its facts come from.
    pub sources: Vec<String>,
    /// What must be checked on the unit before it is relied on.
    pub verify: Vec<String>,
    /// Usual wiring.
    pub connection: Connection,
    /// What it can take.
    pub limits: Limits,
    /// Proof of the right device.
    pub identity: Option<Identity>,
    /// What it tells of itself beyond the basic objects of function 43/14, in ascending order.
    pub identification: Vec<IdentificationObject>,
    /// What it cannot supply, and why.
    pub lacks: BTreeMap<PointName, String>,
    /// Worked examples.
    pub golden: Vec<Golden>,
    /// Numbers that the site file may set (`detectors = 24`), with their defaults.
    pub options: BTreeMap<String, u16>,
    pub(crate) points: Vec<PointEntry>,
    pub(crate) derived: Vec<DerivedEntry>,
}

impl Profile {
    /// Reads and checks a profile file. Every mistake is reported, each with its line.
    pub fn parse(path: &str, text: &str) -> Result<Self, Problems> {
        load::profile(path, text)
    }

    /// The points of one device, ranges written out with `options` over the profile's own.
    ///
    /// # Errors
    /// A sentence for people when an option is unknown or leads to points that cannot be.
    pub fn map(&self, options: &BTreeMap<String, u16>) -> Result<Map, String> {
        load::map(self, options)
    }
}
