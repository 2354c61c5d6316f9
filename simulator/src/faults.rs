//! Faults of communication that can be put on a device: what it does with requests instead of answering them well.
//!
//! The physics does not know of them; `server` asks before each answer.

use std::{collections::BTreeMap, time::Duration};

use hallward_profiles::Id;
use hallward_site::Site;
use serde::{Deserialize, Serialize};

/// Longest delay, ms.
const LONGEST_DELAY_MS: u64 = 60_000;

/// What a faulty device does with a request.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize)]
#[serde(tag = "kind", rename_all = "kebab-case")]
pub enum FaultKind {
    /// It does not answer.
    Silence,
    /// It answers so much later, up to a minute.
    Delay {
        /// How much, ms.
        ms: u64,
    },
    /// It closes the connection.
    Refuse,
    /// It answers with a Modbus exception.
    Exception {
        /// The exception's code, 1 to 127.
        code: u8,
    },
}

impl FaultKind {
    /// How long an answer is held back.
    pub(crate) fn delay(self) -> Duration {
        match self {
            Self::Delay { ms } => Duration::from_millis(ms.min(LONGEST_DELAY_MS)),
            Self::Silence | Self::Refuse | Self::Exception { .. } => Duration::ZERO,
        }
    }
}

/// A fault on a device.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct Fault {
    /// The device.
    pub device: Id,
    /// What it does.
    #[serde(flatten)]
    pub kind: FaultKind,
}

/// A fault as it comes over HTTP, not yet checked.
#[derive(Clone, Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct FaultRequest {
    device: String,
    kind: String,
    ms: Option<u64>,
    code: Option<u8>,
}

impl FaultRequest {
    /// The fault, or a sentence on what is wrong.
    pub(crate) fn check(self, site: &Site) -> Result<Fault, String> {
        let Some((_, device)) = site.device(&self.device) else {
            let known: Vec<&str> = site.devices.iter().map(|device| device.id.as_str()).collect();
            return Err(format!("there is no device `{}`; one of: {}", self.device, known.join(", ")));
        };
        let kind = match (self.kind.as_str(), self.ms, self.code) {
            ("silence", None, None) => FaultKind::Silence,
            ("refuse", None, None) => FaultKind::Refuse,
            ("delay", Some(ms @ 1..=LONGEST_DELAY_MS), None) => FaultKind::Delay { ms },
            ("exception", None, Some(code @ 1..=127)) => FaultKind::Exception { code },
            ("silence" | "refuse", _, _) => return Err(format!("`{}` takes neither ms nor code", self.kind)),
            ("delay", _, _) => return Err(format!("`delay` needs ms, 1 to {LONGEST_DELAY_MS}, and no code")),
            ("exception", _, _) => return Err("`exception` needs code, 1 to 127, and no ms".to_owned()),
            (other, _, _) => {
                return Err(format!(
                    "there is no fault `{other}`; one of: silence, delay, refuse, exception"
                ));
            }
        };
        Ok(Fault { device: device.id.clone(), kind })
    }
}

/// The faults that are on; at most one for each device, the newest.
#[derive(Clone, Debug, Default)]
pub(crate) struct Faults(BTreeMap<Id, FaultKind>);

impl Faults {
    pub(crate) fn set(&mut self, fault: Fault) {
        self.0.insert(fault.device, fault.kind);
    }

    pub(crate) fn of(&self, device: &Id) -> Option<FaultKind> {
        self.0.get(device).copied()
    }

    /// Ends the fault of one device, or all.
    pub(crate) fn clear(&mut self, device: Option<&str>) {
        self.0.retain(|id, _| device.is_some_and(|device| device != id.as_str()));
    }

    pub(crate) fn list(&self) -> Vec<Fault> {
        self.0.iter().map(|(device, kind)| Fault { device: device.clone(), kind: *kind }).collect()
    }
}
