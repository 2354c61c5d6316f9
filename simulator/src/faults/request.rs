//! A fault as it is written: flat keys in JSON or TOML, before and after the check.

use std::time::Duration;

use hallward_profiles::Id;
use hallward_site::Site;
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use super::{Fault, FaultKind, Kind, On, Place, Spike, WrongFault};
use crate::known::instead;

/// A fault as it comes over HTTP or in a scenario file, not yet checked:
/// `{"device":"ups-a","point":"battery.charge","kind":"drift","per_hour":2,"after_s":60,"for_s":600,"probability":0.5}`.
#[derive(Clone, Debug, Default, Deserialize, Serialize, JsonSchema)]
#[serde(deny_unknown_fields)]
#[allow(missing_docs, reason = "the keys are those of `Fault` and `FaultKind`")]
pub struct FaultRequest {
    #[serde(skip_serializing_if = "Option::is_none")]
    pub device: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub point: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub line: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub unit: Option<u8>,
    pub kind: String,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub ms: Option<u64>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub code: Option<u8>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub per_hour: Option<f64>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub value: Option<f64>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub factor: Option<f64>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub bit: Option<u8>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub on: Option<bool>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub seconds: Option<i64>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub after_s: Option<f64>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub for_s: Option<f64>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub probability: Option<f64>,
}

impl FaultRequest {
    /// The fault, if `site` can have it.
    ///
    /// # Errors
    /// What is wrong with it, and what would be right.
    pub fn check(self, site: &Site) -> Result<Fault, WrongFault> {
        let fault = Fault::try_from(self)?;
        fault.check(site)?;
        Ok(fault)
    }

    fn kind(&self) -> Result<FaultKind, WrongFault> {
        let kind = Kind::named(&self.kind).ok_or_else(|| WrongFault::NoSuchKind {
            name: self.kind.clone(),
            known: instead(&self.kind, Kind::ALL.map(|kind| kind.name), "GET /faults/kinds"),
        })?;
        self.has_the_keys_of(kind)?;
        let needs = |needs: &str| Err(WrongFault::Needs { kind: kind.name, needs: needs.to_owned() });
        Ok(match (kind.name, self) {
            ("silence", _) => FaultKind::Silence,
            ("refuse", _) => FaultKind::Refuse,
            ("reset", _) => FaultKind::Reset,
            ("half-open", _) => FaultKind::HalfOpen,
            ("delay", Self { ms: Some(ms), .. }) => FaultKind::Delay { ms: *ms },
            ("late", Self { ms: Some(ms), .. }) => FaultKind::Late { ms: *ms },
            ("delay" | "late", _) => return needs("ms, 1 to 60000"),
            ("exception", Self { code: Some(code), .. }) => FaultKind::Exception { code: *code },
            ("exception", _) => return needs("code, 1 to 127"),
            ("bad-crc", _) => FaultKind::BadCrc,
            ("noise", _) => FaultKind::Noise,
            ("garbage", _) => FaultKind::Garbage,
            ("truncate", _) => FaultKind::Truncate,
            ("twice", _) => FaultKind::Twice,
            ("wrong-unit", _) => FaultKind::WrongUnit,
            ("wrong-transaction", _) => FaultKind::WrongTransaction,
            ("wrong-function", _) => FaultKind::WrongFunction,
            ("collision", _) => FaultKind::Collision,
            ("byte-loss", Self { probability: Some(_), .. }) => FaultKind::ByteLoss,
            ("byte-loss", _) => return needs("probability, above 0 to 1, of each byte"),
            ("echo", _) => FaultKind::Echo,
            ("frozen", _) => FaultKind::Frozen,
            ("drift", Self { per_hour: Some(per_hour), .. }) => FaultKind::Drift { per_hour: *per_hour },
            ("drift", _) => return needs("per_hour, in the point's unit"),
            ("spike", Self { value: Some(value), factor: None, .. }) => {
                FaultKind::Spike(Spike::Value(*value))
            }
            ("spike", Self { value: None, factor: Some(factor), .. }) => {
                FaultKind::Spike(Spike::Factor(*factor))
            }
            ("spike", _) => return needs("either value, in the point's unit, or factor"),
            ("sentinel", _) => FaultKind::Sentinel,
            ("stuck-bit", Self { bit: Some(bit), on, .. }) => {
                FaultKind::StuckBit { bit: *bit, on: on.unwrap_or(true) }
            }
            ("stuck-bit", _) => return needs("bit, 0 for the lowest"),
            ("clock-wrong", Self { seconds: Some(seconds), .. }) => {
                FaultKind::ClockWrong { seconds: *seconds }
            }
            ("clock-wrong", _) => return needs("seconds, below 0 for back in time"),
            ("reboot", Self { seconds: Some(seconds), .. }) => {
                FaultKind::Reboot { seconds: u32::try_from(*seconds).unwrap_or(0) }
            }
            ("reboot", _) => return needs("seconds, 1 to 3600"),
            (_, _) => FaultKind::Identity,
        })
    }

    /// Refuses figures that would be believed to do something.
    fn has_the_keys_of(&self, kind: &'static Kind) -> Result<(), WrongFault> {
        let given = [
            ("ms", self.ms.is_some()),
            ("code", self.code.is_some()),
            ("per_hour", self.per_hour.is_some()),
            ("value", self.value.is_some()),
            ("factor", self.factor.is_some()),
            ("bit", self.bit.is_some()),
            ("on", self.on.is_some()),
            ("seconds", self.seconds.is_some()),
        ];
        let of_kind = |key: &&str| kind.needs.contains(key) || kind.takes.contains(key);
        let foreign = given.into_iter().filter(|(_, given)| *given).find(|(key, _)| !of_kind(key));
        // What it lacks says more than what it has too much.
        let lacks = kind.needs.iter().any(|key| given.contains(&(key, false)));
        match foreign {
            Some((key, _)) if !lacks => Err(WrongFault::TakesNo { kind: kind.name, key }),
            Some(_) | None => Ok(()),
        }
    }

    fn place(&self, kind: &'static Kind) -> Result<Place, WrongFault> {
        let id = |what, text: &str| {
            text.parse::<Id>().map_err(|why| WrongFault::NoId { what, id: text.to_owned(), why })
        };
        match (&self.device, &self.point, &self.line, self.unit) {
            (Some(device), None, None, None) => Ok(Place::Device(id("device", device)?)),
            (Some(device), Some(point), None, None) => {
                let no_name = |why| WrongFault::NoId { what: "point", id: point.clone(), why };
                Ok(Place::Point(id("device", device)?, point.parse().map_err(no_name)?))
            }
            (None, None, Some(line), None) => Ok(Place::Line(id("line", line)?)),
            (None, None, Some(line), Some(unit)) => Ok(Place::Unit(id("line", line)?, unit)),
            _ => Err(WrongFault::Needs { kind: kind.name, needs: kind.on.says().to_owned() }),
        }
    }
}

impl On {
    /// The keys that name such a place.
    pub(super) fn says(self) -> &'static str {
        match self {
            Self::DeviceOrLine => "a place: device, or line and unit, or line alone, and no point",
            Self::Device => "a place: device, or line and unit, and no point",
            Self::Line => "line and no device",
            Self::DeviceOrPoint => "a place: device, and point if it is of one, or line and unit",
            Self::Point => "a place: device and point",
        }
    }
}

/// Without a site: what can be known from the request alone is right.
impl TryFrom<FaultRequest> for Fault {
    type Error = WrongFault;

    fn try_from(request: FaultRequest) -> Result<Self, WrongFault> {
        let kind = request.kind()?;
        let place = request.place(kind.form())?;
        let longest_s = Self::LONGEST.as_secs_f64();
        let time = |key, seconds: f64| {
            let wrong = || WrongFault::OutOfSpan { key, span: format!("0 to {longest_s}") };
            let right = (0.0..=longest_s).contains(&seconds);
            right.then(|| Duration::from_secs_f64(seconds)).ok_or_else(wrong)
        };
        let fault = Self {
            place,
            kind,
            after: request.after_s.map_or(Ok(Duration::ZERO), |seconds| time("after_s", seconds))?,
            length: request.for_s.map(|seconds| time("for_s", seconds)).transpose()?,
            probability: request.probability.unwrap_or(1.0),
        };
        fault.check_figures()?;
        Ok(fault)
    }
}

impl From<Fault> for FaultRequest {
    fn from(fault: Fault) -> Self {
        let Fault { place, kind, after, length, probability } = fault;
        let mut request = Self { kind: kind.name().to_owned(), ..Self::default() };
        match place {
            Place::Device(device) => request.device = Some(device.to_string()),
            Place::Point(device, point) => {
                (request.device, request.point) = (Some(device.to_string()), Some(point.to_string()));
            }
            Place::Line(line) => request.line = Some(line.to_string()),
            Place::Unit(line, unit) => (request.line, request.unit) = (Some(line.to_string()), Some(unit)),
        }
        match kind {
            FaultKind::Delay { ms } | FaultKind::Late { ms } => request.ms = Some(ms),
            FaultKind::Exception { code } => request.code = Some(code),
            FaultKind::Drift { per_hour } => request.per_hour = Some(per_hour),
            FaultKind::Spike(Spike::Value(value)) => request.value = Some(value),
            FaultKind::Spike(Spike::Factor(factor)) => request.factor = Some(factor),
            FaultKind::StuckBit { bit, on } => (request.bit, request.on) = (Some(bit), Some(on)),
            FaultKind::ClockWrong { seconds } => request.seconds = Some(seconds),
            FaultKind::Reboot { seconds } => request.seconds = Some(i64::from(seconds)),
            FaultKind::Silence
            | FaultKind::Refuse
            | FaultKind::Reset
            | FaultKind::HalfOpen
            | FaultKind::BadCrc
            | FaultKind::Noise
            | FaultKind::Garbage
            | FaultKind::Truncate
            | FaultKind::Twice
            | FaultKind::WrongUnit
            | FaultKind::WrongTransaction
            | FaultKind::WrongFunction
            | FaultKind::Collision
            | FaultKind::ByteLoss
            | FaultKind::Echo
            | FaultKind::Frozen
            | FaultKind::Sentinel
            | FaultKind::Identity => {}
        }
        request.after_s = (!after.is_zero()).then_some(after.as_secs_f64());
        request.for_s = length.map(|length| length.as_secs_f64());
        request.probability = (probability < 1.0).then_some(probability);
        request
    }
}
