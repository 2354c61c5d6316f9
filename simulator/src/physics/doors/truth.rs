//! The true state of doors and readers, for people and tests.

use std::time::Duration;

use hallward_site::Door as Plan;
use schemars::JsonSchema;
use serde::Serialize;

use super::{Colour, Door, Doors, Leaf, Reader, Side};

/// A door.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, JsonSchema)]
#[allow(missing_docs, reason = "the names say it")]
pub struct DoorTruth {
    pub id: String,
    /// `closed`, `open`, `forced` or `propped`.
    pub leaf: &'static str,
    pub locked: bool,
    /// Whether the output that releases it is on.
    pub strike: bool,
    /// Whether the contact is on: the door is closed.
    pub contact: bool,
    pub exit_pressed: bool,
    pub readers: Vec<ReaderTruth>,
}

/// A badge reader.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, JsonSchema)]
#[allow(missing_docs, reason = "the names say it")]
pub struct ReaderTruth {
    pub side: Side,
    /// What its light shows now.
    pub light: Colour,
    /// Whether it sounds now.
    pub buzzer: bool,
    pub powered: bool,
    pub tampered: bool,
    /// Whether a controller speaks with it, and by a secure channel.
    pub online: bool,
    pub secure: bool,
    /// Whether it takes the default key.
    pub install_mode: bool,
    pub power_cycles: u32,
    /// Reads that nobody took.
    pub lost: u64,
}

impl Doors {
    /// All that is true about doors.
    pub(in crate::physics) fn truth(&self) -> Vec<DoorTruth> {
        let each = self.site.doors.iter().zip(&self.doors);
        each.map(|(plan, door)| self.door_truth(plan, door)).collect()
    }

    fn door_truth(&self, plan: &Plan, door: &Door) -> DoorTruth {
        let readers = [(Side::Entry, &door.entry), (Side::Exit, &door.exit)];
        let readers = readers.into_iter().filter_map(|(side, reader)| Some((side, reader.as_ref()?)));
        DoorTruth {
            id: plan.id.to_string(),
            leaf: match door.leaf {
                Leaf::Closed => "closed",
                Leaf::Open { .. } => "open",
                Leaf::Forced => "forced",
                Leaf::Propped { .. } => "propped",
            },
            locked: door.locked,
            strike: door.strike,
            contact: door.leaf == Leaf::Closed,
            exit_pressed: self.now < door.pressed_until,
            readers: readers.map(|(side, reader)| reader_truth(side, reader, self.now)).collect(),
        }
    }
}

fn reader_truth(side: Side, reader: &Reader, now: Duration) -> ReaderTruth {
    ReaderTruth {
        side,
        light: reader.light(now),
        buzzer: reader.sounds(now),
        powered: reader.is_powered(now),
        tampered: reader.tampered,
        online: reader.online,
        secure: reader.secure,
        install_mode: reader.key.is_none(),
        power_cycles: reader.power_cycles,
        lost: reader.lost,
    }
}
