//! The profile file as written: serde's view of the TOML, and the JSON schema made from it.
//! `load` turns it into checked types; nobody else reads it.

use std::collections::BTreeMap;

use schemars::JsonSchema;
use serde::Deserialize;

use crate::{
    Access, Area, Class, Confidence, Connection, Encoding, Golden, IdentificationObject, Identity, Limits,
    Literal, Period, Sentinel, Text, Unit, UnitIf, WordOrder,
};

/// A whole profile file; only the schema is made of it, `load` reads table by table.
#[derive(Deserialize, JsonSchema)]
#[expect(dead_code, reason = "only the schema is made of it")]
#[serde(deny_unknown_fields)]
#[schemars(title = "Hallward device profile")]
pub(crate) struct ProfileFile {
    pub(crate) profile: Head,
    pub(crate) connection: Connection,
    #[serde(default)]
    pub(crate) limits: Limits,
    pub(crate) identity: Option<Identity>,
    #[serde(default)]
    pub(crate) identification: Vec<IdentificationObject>,
    /// Point name → why the device cannot supply it.
    #[serde(default)]
    pub(crate) lacks: BTreeMap<String, String>,
    /// Numbers that a site file may set, with their defaults; used as the end of an `each` range.
    #[serde(default)]
    pub(crate) options: BTreeMap<String, u16>,
    /// Sets of sentinels that several points share; a point names one as its `not_available`.
    #[serde(default)]
    pub(crate) sentinels: BTreeMap<String, Vec<Sentinel>>,
    pub(crate) point: Vec<PointEntry>,
    #[serde(default)]
    pub(crate) derived: Vec<DerivedEntry>,
    #[serde(default)]
    pub(crate) golden: Vec<Golden>,
}

/// Who the device is.
#[derive(Clone, Debug, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields, expecting = "a [profile] table")]
pub(crate) struct Head {
    pub(crate) id: String,
    pub(crate) name: String,
    pub(crate) vendor: String,
    pub(crate) class: Class,
    pub(crate) confidence: Confidence,
    /// Where the facts come from.
    pub(crate) sources: Vec<String>,
    /// What must be checked on the unit.
    #[serde(default)]
    pub(crate) verify: Vec<String>,
}

/// One point, or a range of them.
#[derive(Clone, Debug, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub(crate) struct PointEntry {
    /// Point name; with `each`, `{n}` stands for the number.
    pub(crate) name: String,
    pub(crate) area: Area,
    /// 0-based address as sent, or a list for a value whose registers do not lie side by side.
    pub(crate) address: Addresses,
    #[serde(rename = "type")]
    pub(crate) encoding: Encoding,
    /// Registers of a text or BCD value.
    pub(crate) registers: Option<u16>,
    #[serde(default)]
    pub(crate) order: WordOrder,
    /// `"15:12"` or `"3"`: the bits of the value, 0 the lowest.
    pub(crate) bits: Option<String>,
    /// For `bool` over several bits: the codes that mean true.
    pub(crate) true_if: Option<Vec<u64>>,
    /// For `bool`: 0 means true.
    #[serde(default)]
    pub(crate) inverted: bool,
    /// A number or a fraction such as `"1/512"`; value = raw × scale + offset.
    pub(crate) scale: Option<Scale>,
    #[serde(default)]
    pub(crate) offset: f64,
    /// A point whose value is an exponent of ten to multiply with.
    pub(crate) scale_from: Option<String>,
    pub(crate) unit: Option<Unit>,
    pub(crate) unit_if: Option<UnitIf>,
    /// Raw code → word.
    #[serde(default)]
    pub(crate) words: BTreeMap<String, String>,
    /// Raw values that mean "not available", or the name of a set under `sentinels`.
    #[serde(default)]
    pub(crate) not_available: NotAvailable,
    /// Values outside are `out-of-range`.
    pub(crate) valid: Option<Valid>,
    #[serde(default)]
    pub(crate) access: Access,
    /// Values that may be written, where the device states them.
    pub(crate) set: Option<Valid>,
    #[serde(default)]
    pub(crate) period: Period,
    pub(crate) each: Option<Each>,
    /// What the simulated device serves, where physics does not say.
    pub(crate) simulate: Option<Literal>,
    /// Label in both languages, where the vocabulary has none.
    pub(crate) text: Option<Text>,
    /// Proposed alarm priority, 1 (act now) to 4 (upkeep).
    pub(crate) priority: Option<u8>,
}

#[derive(Clone, Debug, Deserialize, JsonSchema)]
#[serde(untagged, expecting = "an address from 0 to 65535, or a list of them")]
pub(crate) enum Addresses {
    First(u16),
    Each(Vec<u16>),
}

#[derive(Clone, Debug, Deserialize, JsonSchema)]
#[serde(untagged, expecting = "a number such as 0.1, or a fraction such as \"1/512\"")]
pub(crate) enum Scale {
    Number(f64),
    Fraction(String),
}

#[derive(Clone, Debug, Deserialize, JsonSchema)]
#[serde(untagged, expecting = "a list of { raw, why }, or the name of a set of sentinels")]
pub(crate) enum NotAvailable {
    Listed(Vec<Sentinel>),
    Set(String),
}

impl Default for NotAvailable {
    fn default() -> Self {
        Self::Listed(Vec::new())
    }
}

/// The span of believable values, or of those that may be written.
#[derive(Clone, Copy, Debug, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub(crate) struct Valid {
    pub(crate) min: f64,
    pub(crate) max: f64,
}

/// A range of alike points, `{n}` running from `from` to `to`.
#[derive(Clone, Debug, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub(crate) struct Each {
    pub(crate) from: u16,
    /// A number, or the name of an option.
    pub(crate) to: End,
    /// The highest number that the device can have, where `to` is an option.
    pub(crate) max: Option<u16>,
    /// Added to the address for each next number.
    #[serde(default)]
    pub(crate) address_step: u16,
    /// Added to the bits for each next number.
    #[serde(default)]
    pub(crate) bit_step: u8,
}

#[derive(Clone, Debug, Deserialize, JsonSchema)]
#[serde(untagged, expecting = "a number, or the name of an option")]
pub(crate) enum End {
    Number(u16),
    Option(String),
}

/// A point worked out from others: the first rule that holds gives its value.
#[derive(Clone, Debug, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub(crate) struct DerivedEntry {
    pub(crate) name: String,
    pub(crate) rules: Vec<RuleEntry>,
    pub(crate) text: Option<Text>,
    pub(crate) priority: Option<u8>,
}

/// `{ if = "point", equals = …, is = … }`, `{ any = "pattern.*", is = … }` or `{ else = … }`.
#[derive(Clone, Debug, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields, expecting = "a rule such as { if = \"point\", is = … }")]
pub(crate) struct RuleEntry {
    /// A point that must hold.
    #[serde(rename = "if")]
    pub(crate) one: Option<String>,
    /// Points by pattern (`*` for one part): one of them must hold.
    pub(crate) any: Option<String>,
    /// Points by pattern: all of them must hold.
    pub(crate) all: Option<String>,
    /// The value that counts as holding; true when nothing is said.
    pub(crate) equals: Option<Literal>,
    /// Values that count as holding.
    #[serde(rename = "in")]
    pub(crate) among: Option<Vec<Literal>>,
    /// Holds above this number.
    pub(crate) above: Option<f64>,
    /// Holds below this number.
    pub(crate) below: Option<f64>,
    /// A further condition that must hold too.
    pub(crate) and: Option<Box<RuleEntry>>,
    /// The value when it holds.
    pub(crate) is: Option<Literal>,
    /// The value when nothing before held.
    #[serde(rename = "else")]
    pub(crate) otherwise: Option<Literal>,
}

/// The JSON schema of a profile file, for editors.
#[must_use]
pub fn schema() -> schemars::Schema {
    schemars::schema_for!(ProfileFile)
}
