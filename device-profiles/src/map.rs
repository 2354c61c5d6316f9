//! A device's points, written out: what the gateway decodes by and the simulator encodes by.

use crate::{
    Access, Area, Encoding, Literal, Period, PointName, Ratio, Sentinel, Text, Unit, UnitIf, WordOrder,
    vocabulary::{self, Kind},
};

/// All points of one device.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Map {
    /// Points that lie in registers.
    pub points: Vec<Point>,
    /// Points that follow from others, each only from points before it.
    pub derived: Vec<Derived>,
}

/// One value in one device's registers.
#[derive(Clone, Debug, PartialEq)]
pub struct Point {
    /// Its name.
    pub name: PointName,
    /// Where it lies.
    pub area: Area,
    /// Each register's (or the bit's) address, most significant word first.
    pub addresses: Vec<u16>,
    /// How the registers become a raw value.
    pub encoding: Encoding,
    /// The highest and lowest bit of the raw value that count, if not all.
    pub bits: Option<(u8, u8)>,
    /// For [`Encoding::Bool`]: the codes that mean true; empty for "not 0".
    pub true_if: Vec<u64>,
    /// For [`Encoding::Bool`]: 0 means true.
    pub inverted: bool,
    /// value = raw × scale + offset, in [`Point::unit`] unless `unit_if` says otherwise.
    pub scale: Ratio,
    /// See `scale`.
    pub offset: f64,
    /// A point whose value is an exponent of ten to multiply with.
    pub scale_from: Option<PointName>,
    /// The unit in which everyone sees it.
    pub unit: Option<Unit>,
    /// A setting of the device that changes its unit.
    pub unit_if: Option<UnitIf>,
    /// Raw code → word; a code that is not here is out of range.
    pub words: Vec<(u64, String)>,
    /// Raw values that mean "not available".
    pub not_available: Vec<Sentinel>,
    /// Believable values; others are out of range.
    pub valid: Option<(f64, f64)>,
    /// What may be done with it.
    pub access: Access,
    /// Values that may be written, lowest and highest.
    pub set: Option<(f64, f64)>,
    /// How often it is read.
    pub period: Period,
    /// What the simulated device serves where physics does not say.
    pub simulate: Option<Literal>,
    /// Label, where the vocabulary has none.
    pub text: Option<Text>,
    /// Proposed alarm priority.
    pub priority: Option<u8>,
    /// Word order in the file, kept for `--puzzle` and documents; `addresses` has it applied.
    pub order: WordOrder,
}

/// A point worked out from others.
#[derive(Clone, Debug, PartialEq)]
pub struct Derived {
    /// Its name.
    pub name: PointName,
    /// How.
    pub how: Derivation,
    /// Its unit, if it is a quantity.
    pub unit: Option<Unit>,
    /// Label, where the vocabulary has none.
    pub text: Option<Text>,
    /// Proposed alarm priority.
    pub priority: Option<u8>,
}

/// How a derived point comes about.
#[derive(Clone, Debug, PartialEq)]
pub enum Derivation {
    /// The first rule that holds; when none does, the point is not available.
    Rules(Vec<Rule>),
    /// The dew point of `temperature` (°C) and `humidity` (%), by the Magnus formula.
    DewPoint {
        /// °C.
        temperature: PointName,
        /// Relative, %.
        humidity: PointName,
    },
}

/// One rule; without conditions it always holds.
#[derive(Clone, Debug, PartialEq)]
pub struct Rule {
    /// All of these must hold.
    pub conditions: Vec<Condition>,
    /// The value then.
    pub is: Literal,
}

/// A test over one or several points.
///
/// A point that is not available does not pass. One that is out of range or could not be read leaves the condition open,
/// unless the others decide it.
#[derive(Clone, Debug, PartialEq)]
pub struct Condition {
    /// The points, by name; patterns are written out.
    pub points: Vec<PointName>,
    /// Whether all of them must pass; otherwise one does.
    pub all: bool,
    /// The test.
    pub test: Test,
}

/// What a point's value must be.
#[derive(Clone, Debug, PartialEq)]
pub enum Test {
    /// One of these.
    Among(Vec<Literal>),
    /// Greater.
    Above(f64),
    /// Smaller.
    Below(f64),
}

impl Test {
    /// Whether `value` passes.
    #[must_use]
    pub fn passes(&self, value: &Literal) -> bool {
        match (self, value) {
            (Self::Among(list), _) => list.contains(value),
            (Self::Above(limit), Literal::Number(number)) => number > limit,
            (Self::Below(limit), Literal::Number(number)) => number < limit,
            (Self::Above(_) | Self::Below(_), Literal::Flag(_) | Literal::Text(_)) => false,
        }
    }
}

impl Point {
    /// Whether it is polled at all.
    #[must_use]
    pub fn is_read(&self) -> bool {
        self.access != Access::Write
    }

    /// Whether the profile lets it be written; the site file must allow it too.
    #[must_use]
    pub fn is_written(&self) -> bool {
        self.access != Access::Read
    }

    /// Whether its value is a measured number, as against a state (flag, word, text).
    #[must_use]
    pub fn is_number(&self) -> bool {
        self.words.is_empty() && !matches!(self.encoding, Encoding::Bool | Encoding::Text)
    }

    /// Bits of the raw value: those of its field, or of all its registers.
    #[must_use]
    pub fn width(&self) -> u32 {
        match (self.bits, self.encoding) {
            (Some((high, low)), _) => u32::from(high - low) + 1,
            (None, Encoding::S8) => 8,
            (None, _) if self.area.is_bits() => 1,
            (None, _) => u32::try_from(self.addresses.len()).unwrap_or(4).min(4) * 16,
        }
    }
}

/// The label of a point in English or Vietnamese: its profile's own, else the vocabulary's, else its name.
#[must_use]
pub(crate) fn label(name: &PointName, text: Option<&Text>, vietnamese: bool) -> String {
    match text {
        Some(text) if vietnamese => text.vi.clone(),
        Some(text) => text.en.clone(),
        None => {
            vocabulary::find(name).map_or_else(|| name.to_string(), |found| found.label(name, vietnamese))
        }
    }
}

impl Point {
    /// See [`label`].
    #[must_use]
    pub fn label(&self, vietnamese: bool) -> String {
        label(&self.name, self.text.as_ref(), vietnamese)
    }
}

impl Derived {
    /// Its label in English or Vietnamese.
    #[must_use]
    pub fn label(&self, vietnamese: bool) -> String {
        label(&self.name, self.text.as_ref(), vietnamese)
    }
}

/// The unit that the vocabulary fixes for `name`, if it fixes one.
pub(crate) fn fixed_unit(name: &PointName) -> Option<Option<Unit>> {
    vocabulary::find(name).map(|found| match found.kind {
        Kind::Quantity(unit) => Some(unit),
        Kind::Number | Kind::Words(_) | Kind::Flag => None,
    })
}
