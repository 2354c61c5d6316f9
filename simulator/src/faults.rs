//! Faults of communication that can be put on a device, or a line: what becomes of requests and answers instead of
//! passing well.
//!
//! The physics does not know of them; `devices` asks before each answer, `disturbance` does what they say.

use std::{collections::BTreeMap, time::Duration};

use hallward_profiles::Id;
use hallward_site::{Line, Site};
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

/// Longest delay, ms.
const LONGEST_DELAY_MS: u64 = 60_000;

/// What a faulty device does with a request, or a faulty line with bytes.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize)]
#[serde(tag = "kind", rename_all = "kebab-case")]
pub enum FaultKind {
    /// It does not answer.
    Silence,
    /// It answers so much later, up to a minute, and whoever else is asked on the line meanwhile answers after it.
    Delay {
        /// How much, ms.
        ms: u64,
    },
    /// Its answers come so much later, up to a minute, each in its turn, while the others on the line answer in time.
    Late {
        /// How much, ms.
        ms: u64,
    },
    /// It closes the connection; on a serial port there is none, and it is silent.
    Refuse,
    /// It answers with a Modbus exception.
    Exception {
        /// The exception's code, 1 to 127.
        code: u8,
    },
    /// A bit of each answer is wrong. Where there is no CRC it is silent: a gateway drops such frames.
    BadCrc,
    /// Random bytes stand before each answer and follow some time after it.
    Noise,
    /// Only half of each answer comes.
    Truncate,
    /// It answers with the next unit id.
    WrongUnit,
    /// Another unit has its id, and both answer at once. Where there is no CRC it is silent, as with `BadCrc`.
    Collision,
    /// The point by which its profile knows it has another value.
    Identity,
    /// Of a serial line: what clients send comes back to them, as from an RS-485 adapter that hears itself.
    Echo,
}

/// Kinds without a figure, by name.
const PLAIN: [(&str, FaultKind); 9] = [
    ("silence", FaultKind::Silence),
    ("refuse", FaultKind::Refuse),
    ("bad-crc", FaultKind::BadCrc),
    ("noise", FaultKind::Noise),
    ("truncate", FaultKind::Truncate),
    ("wrong-unit", FaultKind::WrongUnit),
    ("collision", FaultKind::Collision),
    ("identity", FaultKind::Identity),
    ("echo", FaultKind::Echo),
];

/// Every kind with the keys that it takes, as requests write them.
pub(crate) const KINDS: [(&str, &[&str]); 12] = [
    ("silence", &["device"]),
    ("refuse", &["device"]),
    ("delay", &["device", "ms"]),
    ("late", &["device", "ms"]),
    ("exception", &["device", "code"]),
    ("bad-crc", &["device"]),
    ("noise", &["device"]),
    ("truncate", &["device"]),
    ("wrong-unit", &["device"]),
    ("collision", &["device"]),
    ("identity", &["device"]),
    ("echo", &["line"]),
];

impl FaultKind {
    /// How long an answer is held back.
    pub(crate) fn delay(self) -> Duration {
        match self {
            Self::Delay { ms } | Self::Late { ms } => Duration::from_millis(ms.min(LONGEST_DELAY_MS)),
            Self::Silence
            | Self::Refuse
            | Self::Exception { .. }
            | Self::BadCrc
            | Self::Noise
            | Self::Truncate
            | Self::WrongUnit
            | Self::Collision
            | Self::Identity
            | Self::Echo => Duration::ZERO,
        }
    }

    /// Whether it is there on serial lines alone.
    fn is_serial(self) -> bool {
        matches!(self, Self::BadCrc | Self::Collision | Self::Echo)
    }
}

/// What has a fault.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize)]
#[serde(rename_all = "lowercase")]
pub enum Place {
    /// A device: any kind but [`FaultKind::Echo`].
    Device(Id),
    /// A line: [`FaultKind::Echo`].
    Line(Id),
}

/// A fault and where it is. One on a place that cannot have it does nothing.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct Fault {
    /// Where.
    #[serde(flatten)]
    pub place: Place,
    /// What.
    #[serde(flatten)]
    pub kind: FaultKind,
}

impl Fault {
    /// A fault of a device.
    #[must_use]
    pub fn of_device(device: Id, kind: FaultKind) -> Self {
        Self { place: Place::Device(device), kind }
    }

    /// A fault of a line.
    #[must_use]
    pub fn of_line(line: Id, kind: FaultKind) -> Self {
        Self { place: Place::Line(line), kind }
    }
}

/// A fault as it comes over HTTP, not yet checked.
#[derive(Clone, Debug, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub(crate) struct FaultRequest {
    device: Option<String>,
    line: Option<String>,
    kind: String,
    ms: Option<u64>,
    code: Option<u8>,
}

impl FaultRequest {
    /// The fault, or a sentence on what is wrong.
    pub(crate) fn check(self, site: &Site) -> Result<Fault, String> {
        let kind = self.kind()?;
        let (place, line) = match (self.device, self.line) {
            (None, Some(line)) if kind == FaultKind::Echo => {
                let found = site.lines.iter().find(|one| one.id.as_str() == line);
                let ids = site.lines.iter().map(|line| &line.id);
                let found = found.ok_or_else(|| unknown("line", &line, ids))?;
                (Place::Line(found.id.clone()), Some(found))
            }
            (Some(device), None) if kind != FaultKind::Echo => {
                let ids = site.devices.iter().map(|device| &device.id);
                let (_, found) = site.device(&device).ok_or_else(|| unknown("device", &device, ids))?;
                if kind == FaultKind::Identity && found.profile.identity.is_none() {
                    return Err(format!("profile `{}` knows no identity", found.profile.id));
                }
                (Place::Device(found.id.clone()), site.lines.get(found.line))
            }
            _ => return Err("`echo` needs line and no device, the others device and no line".to_owned()),
        };
        match line {
            Some(Line { id, transport }) if kind.is_serial() && !transport.is_rtu() => {
                Err(format!("`{}` is a fault of serial lines, and `{id}` is none", self.kind))
            }
            _ => Ok(Fault { place, kind }),
        }
    }

    fn kind(&self) -> Result<FaultKind, String> {
        let plain = PLAIN.iter().find(|(name, _)| *name == self.kind).map(|(_, kind)| *kind);
        match (self.kind.as_str(), plain, self.ms, self.code) {
            (_, Some(kind), None, None) => Ok(kind),
            ("delay", _, Some(ms @ 1..=LONGEST_DELAY_MS), None) => Ok(FaultKind::Delay { ms }),
            ("late", _, Some(ms @ 1..=LONGEST_DELAY_MS), None) => Ok(FaultKind::Late { ms }),
            ("exception", _, None, Some(code @ 1..=127)) => Ok(FaultKind::Exception { code }),
            (name, Some(_), _, _) => Err(format!("`{name}` takes neither ms nor code")),
            ("delay" | "late", ..) => {
                Err(format!("`{}` needs ms, 1 to {LONGEST_DELAY_MS}, and no code", self.kind))
            }
            ("exception", ..) => Err("`exception` needs code, 1 to 127, and no ms".to_owned()),
            (other, ..) => {
                let plain = PLAIN.map(|(name, _)| name).join(", ");
                Err(format!("there is no fault `{other}`; one of: {plain}, delay, late, exception"))
            }
        }
    }
}

fn unknown<'i>(what: &str, id: &str, known: impl Iterator<Item = &'i Id>) -> String {
    let known: Vec<&str> = known.map(Id::as_str).collect();
    format!("there is no {what} `{id}`; one of: {}", known.join(", "))
}

/// The faults that are on; at most one for each place, the newest.
#[derive(Clone, Debug, Default)]
pub(crate) struct Faults(BTreeMap<Place, FaultKind>);

impl Faults {
    pub(crate) fn set(&mut self, fault: Fault) {
        self.0.insert(fault.place, fault.kind);
    }

    pub(crate) fn of_device(&self, device: &Id) -> Option<FaultKind> {
        self.of(&Place::Device(device.clone()))
    }

    pub(crate) fn is_echoing(&self, line: &Id) -> bool {
        self.of(&Place::Line(line.clone())) == Some(FaultKind::Echo)
    }

    fn of(&self, place: &Place) -> Option<FaultKind> {
        self.0.get(place).copied()
    }

    pub(crate) fn clear(&mut self, place: &Place) {
        self.0.remove(place);
    }

    pub(crate) fn clear_all(&mut self) {
        self.0.clear();
    }

    pub(crate) fn list(&self) -> Vec<Fault> {
        self.0.iter().map(|(place, kind)| Fault { place: place.clone(), kind: *kind }).collect()
    }
}
