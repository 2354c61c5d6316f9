//! The units of the vocabulary, and the foreign ones that devices report and that are converted on reading.

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

/// A unit of measure. The last three are read from devices only and converted before anyone sees them.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Serialize, Deserialize, JsonSchema)]
#[allow(missing_docs, reason = "each variant is named by its symbol")]
pub enum Unit {
    #[serde(rename = "V")]
    Volt,
    #[serde(rename = "A")]
    Ampere,
    #[serde(rename = "W")]
    Watt,
    #[serde(rename = "VA")]
    VoltAmpere,
    #[serde(rename = "var")]
    Var,
    #[serde(rename = "Hz")]
    Hertz,
    #[serde(rename = "%")]
    Percent,
    #[serde(rename = "°C")]
    Celsius,
    #[serde(rename = "s")]
    Second,
    #[serde(rename = "kPa")]
    Kilopascal,
    #[serde(rename = "Pa")]
    Pascal,
    #[serde(rename = "l")]
    Litre,
    #[serde(rename = "h")]
    Hour,
    #[serde(rename = "d")]
    Day,
    #[serde(rename = "kWh")]
    KilowattHour,
    #[serde(rename = "kvarh")]
    KilovarHour,
    #[serde(rename = "Ah")]
    AmpereHour,
    #[serde(rename = "rpm")]
    Rpm,
    #[serde(rename = "m")]
    Metre,
    #[serde(rename = "°")]
    Degree,
    #[serde(rename = "Ω")]
    Ohm,
    #[serde(rename = "µA")]
    Microampere,
    #[serde(rename = "%/m")]
    PercentPerMetre,
    #[serde(rename = "g/m³")]
    GramPerCubicMetre,
    #[serde(rename = "g/kg")]
    GramPerKilogram,
    #[serde(rename = "kJ/kg")]
    KilojoulePerKilogram,
    #[serde(rename = "hPa")]
    Hectopascal,
    #[serde(rename = "°F")]
    Fahrenheit,
    #[serde(rename = "ft")]
    Foot,
    #[serde(rename = "%/ft")]
    PercentPerFoot,
}

impl Unit {
    /// The symbol that pages and topics show.
    #[must_use]
    pub fn symbol(self) -> &'static str {
        match self {
            Self::Volt => "V",
            Self::Ampere => "A",
            Self::Watt => "W",
            Self::VoltAmpere => "VA",
            Self::Var => "var",
            Self::Hertz => "Hz",
            Self::Percent => "%",
            Self::Celsius => "°C",
            Self::Second => "s",
            Self::Kilopascal => "kPa",
            Self::Pascal => "Pa",
            Self::Litre => "l",
            Self::Hour => "h",
            Self::Day => "d",
            Self::KilowattHour => "kWh",
            Self::KilovarHour => "kvarh",
            Self::AmpereHour => "Ah",
            Self::Rpm => "rpm",
            Self::Metre => "m",
            Self::Degree => "°",
            Self::Ohm => "Ω",
            Self::Microampere => "µA",
            Self::PercentPerMetre => "%/m",
            Self::GramPerCubicMetre => "g/m³",
            Self::GramPerKilogram => "g/kg",
            Self::KilojoulePerKilogram => "kJ/kg",
            Self::Hectopascal => "hPa",
            Self::Fahrenheit => "°F",
            Self::Foot => "ft",
            Self::PercentPerFoot => "%/ft",
        }
    }

    /// `(factor, offset)` so that `value_in_self * factor + offset` is in `target`; `None` if that is nonsense.
    #[must_use]
    pub fn conversion_to(self, target: Self) -> Option<(f64, f64)> {
        match (self, target) {
            (a, b) if a == b => Some((1.0, 0.0)),
            (Self::Fahrenheit, Self::Celsius) => Some((5.0 / 9.0, -160.0 / 9.0)),
            (Self::Foot, Self::Metre) => Some((0.3048, 0.0)),
            // Of a smoke thin enough to be measured in %/m, obscuration adds up along the path.
            (Self::PercentPerFoot, Self::PercentPerMetre) => Some((1.0 / 0.3048, 0.0)),
            _ => None,
        }
    }
}
