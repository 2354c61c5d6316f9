//! What is wrong with a line, by what was heard on it: the conclusions of an installer with an oscilloscope, as far as
//! they can be drawn without one.

use std::fmt;

use super::{Scan, Setting};

/// What seems to be wrong, and what to look at.
#[derive(Clone, Debug, PartialEq)]
pub enum Fault {
    /// Nobody answered, and nothing else was heard.
    Silence {
        /// Whether the line is a serial one.
        serial: bool,
    },
    /// What was sent came back.
    Echo {
        /// Whether units answered all the same.
        answers: bool,
    },
    /// Nobody answered; bytes that make no sense came at more than one setting.
    GarbageEverywhere,
    /// Nobody answered; bytes that make no sense came at one setting alone, or the one that was tried.
    GarbageAt {
        /// The setting, where settings were swept.
        setting: Option<Setting>,
        /// The ids that brought it.
        units: Vec<u8>,
    },
    /// Of an id alone answers came garbled, while others came clean.
    TwoUnits {
        /// The id.
        unit: u8,
    },
    /// Units answered, but many ids brought garbage.
    Noise,
    /// A gateway answered in the units' place with exception 0x0A: it has no path to them.
    NoPath,
    /// A gateway answered in the units' place with exception 0x0B: none of them answers it.
    NoTarget,
    /// One device that answers under every id.
    EveryId,
    /// The connection was closed or could not be made, the last time for this reason.
    Down(String),
}

/// With more garbled ids than this it is the line, not the ids.
const FEW: usize = 3;

impl Scan {
    pub(super) fn faults(&self) -> Vec<Fault> {
        let answers = self.decided.is_some();
        let mut faults = Vec::new();
        if self.echoed {
            faults.push(Fault::Echo { answers });
        }
        if self.every_id {
            faults.push(Fault::EveryId);
        }
        if answers {
            let tally = self.decided.and_then(|setting| self.tallies.get(&setting));
            let garbled = tally.map(|tally| &tally.garbled).into_iter().flatten();
            let each = garbled.map(|unit| Fault::TwoUnits { unit: *unit }).collect::<Vec<_>>();
            faults.extend(if each.len() > FEW { vec![Fault::Noise] } else { each });
            return faults;
        }
        let garbled: Vec<_> = self.tallies.iter().filter(|(_, tally)| !tally.garbled.is_empty()).collect();
        match garbled.as_slice() {
            [] => {}
            [(setting, tally)] => {
                let setting = self.settings.get(**setting).copied().flatten();
                faults.push(Fault::GarbageAt { setting, units: tally.garbled.iter().copied().collect() });
            }
            _ => faults.push(Fault::GarbageEverywhere),
        }
        faults.extend((self.gateway.0 > 0).then_some(Fault::NoPath));
        faults.extend((self.gateway.1 > 0).then_some(Fault::NoTarget));
        faults.extend(self.down.clone().map(Fault::Down));
        if faults.is_empty() {
            let serial = self.timing.is_serial() || self.settings.iter().any(Option::is_some);
            faults.push(Fault::Silence { serial });
        }
        faults
    }
}

impl fmt::Display for Fault {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Silence { serial: true } => f.write_str(
                "silence: nobody answers, at any speed and id tried. Are A and B the right way round at both ends? \
                 Have the devices power? Is this the port of this line? Is the ground wire there?",
            ),
            Self::Silence { serial: false } => f.write_str(
                "silence: the port is open, but no unit answers. Does Modbus TCP run there, or RTU (--mode rtu-over-tcp)? \
                 Does the device let this computer in? Has it an id outside of those asked?",
            ),
            Self::Echo { answers: true } => f.write_str(
                "echo: the adapter hears itself. That does no harm here, it is taken off; switch the echo off at the adapter",
            ),
            Self::Echo { answers: false } => f.write_str(
                "echo, and nobody answers: only what was sent came back. The adapter hears itself, or two of its wires \
                 touch; the devices do not hear it. Are A and B swapped at their end? Is the line cut?",
            ),
            Self::GarbageEverywhere => f.write_str(
                "garbage at several speeds: bytes come that make no sense at any. Does another master poll on this line? \
                 Is the line without termination (120 Ω at both ends) or bias, or laid beside power cables?",
            ),
            Self::GarbageAt { setting: Some(setting), units } => write!(
                f,
                "garbage at {setting} alone, from {}: a device speaks at this speed, but its answers are damaged. \
                 Two units with the same id, another parity, or no termination",
                ids(units)
            ),
            Self::GarbageAt { setting: None, units } => write!(
                f,
                "garbage from {}: bytes come that make no sense. Wrong speed or parity on this side, two units with the \
                 same id, or a line without termination or bias",
                ids(units)
            ),
            Self::TwoUnits { unit } => write!(
                f,
                "two units on id {unit}? Its answers come garbled while those of other ids are clean: take one of the \
                 two off the line and give it another id"
            ),
            Self::Noise => f.write_str(
                "noise: units answer, but many ids bring garbage. Is another master on this line? Are termination and \
                 bias there, and once only?",
            ),
            Self::NoPath => f.write_str(
                "gateway, exception 0x0A: the gateway has no way to these ids. Is its serial port switched on, and are the \
                 ids routed to it?",
            ),
            Self::NoTarget => f.write_str(
                "gateway, exception 0x0B: the gateway answers, but no device behind it does. On its serial side: are A and \
                 B swapped, have the devices power, are speed and parity right?",
            ),
            Self::EveryId => f.write_str(
                "one device answers under every id: it does not look at it. It is listed once",
            ),
            Self::Down(why) => write!(f, "the connection was closed or could not be made: {why}"),
        }
    }
}

fn ids(units: &[u8]) -> String {
    let shown: Vec<_> = units.iter().take(8).map(u8::to_string).collect();
    let more = if units.len() > shown.len() { " and others" } else { "" };
    format!("{} {}{more}", if units.len() == 1 { "id" } else { "ids" }, shown.join(", "))
}
