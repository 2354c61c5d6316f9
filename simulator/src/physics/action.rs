//! What can be done to the building from outside, as data: the steps of scenarios, the orders of the control API and
//! the moves of simulated people are all of these.
//!
//! Who calls it: `Building::act`. An action that names no device or source means all of its kind, unless it says
//! otherwise. What is written here is what a person or nature does, never what a device reports.

use serde::{Deserialize, Serialize};

use super::doors::Side;

/// One thing that is done to the building.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(tag = "do", rename_all = "kebab-case", deny_unknown_fields)]
pub enum Action {
    /// The grid is lost.
    MainsOff {
        /// The source.
        source: Option<String>,
    },
    /// The grid is back, at its nominal voltage and frequency.
    MainsOn {
        /// The source.
        source: Option<String>,
    },
    /// The first generator's starter turns but the engine never fires.
    GeneratorCannotStart {
        /// The generator.
        device: Option<String>,
    },
    /// The generator is mended and its controller reset.
    GeneratorRepair {
        /// The generator.
        device: Option<String>,
    },
    /// A cooling unit trips; without a device, the first that runs.
    CoolingTrip {
        /// The cooling unit.
        device: Option<String>,
    },
    /// A cable begins to smoulder; without a room, in the first that has fire detection.
    Smoke {
        /// The room.
        room: Option<String>,
    },
    /// Water begins to run onto a leak cable; without a device, the first.
    Leak {
        /// The leak cable's device.
        device: Option<String>,
    },
    /// A card is held to a reader.
    Badge {
        /// The door.
        door: String,
        /// The side of the door on which the reader is; the entry when absent.
        #[serde(default)]
        side: Side,
        /// Facility code: 0 to 255 on a card of 26 bits, to 65 535 on one of 37.
        facility: u32,
        /// Card number: 0 to 65 535 on a card of 26 bits, to 524 287 on one of 37.
        card: u32,
        /// 26 or 37; the shorter format that holds the numbers when absent.
        bits: Option<u8>,
    },
    /// Keys are pressed on a reader's pad.
    Pin {
        /// The door.
        door: String,
        /// The side of the door on which the reader is; the entry when absent.
        #[serde(default)]
        side: Side,
        /// 1 to 16 of `0` to `9`, `*` and `#`.
        digits: String,
    },
    /// An unlocked door is opened, and stays so until it is closed.
    Open {
        /// The door.
        door: String,
    },
    /// A door is closed, whatever kept it open.
    Close {
        /// The door.
        door: String,
    },
    /// The exit button is pressed, for half a second.
    Rex {
        /// The door.
        door: String,
    },
    /// A door is broken open, and stays so until it is closed.
    Force {
        /// The door.
        door: String,
    },
    /// A door is kept from closing: at once if it is open, else when it next opens.
    Prop {
        /// The door.
        door: String,
        /// For how long it then stays open, s.
        seconds: f64,
    },
    /// The supply of a door's lock fails or is back.
    LockPower {
        /// The door.
        door: String,
        /// Whether it has power.
        on: bool,
    },
    /// A reader is taken off its wall, or put back.
    ReaderTamper {
        /// The door.
        door: String,
        /// The side of the door on which the reader is; the entry when absent.
        #[serde(default)]
        side: Side,
        /// Whether it is off the wall.
        on: bool,
    },
    /// A reader loses its power for a while.
    ReaderPowerCycle {
        /// The door.
        door: String,
        /// The side of the door on which the reader is; the entry when absent.
        #[serde(default)]
        side: Side,
        /// For how long, s.
        seconds: f64,
    },
    /// A reader is given a key of the secure channel, as by its installer, or loses it: then it is in install mode and
    /// takes the default key that everyone knows.
    ReaderKey {
        /// The door.
        door: String,
        /// The side of the door on which the reader is; the entry when absent.
        #[serde(default)]
        side: Side,
        /// 32 hexadecimal digits; none for install mode.
        key: Option<String>,
    },
    /// A person goes to a room, through whatever doors lead there.
    Walk {
        /// The person.
        person: String,
        /// The room, or `outside`.
        to: String,
    },
    /// A person slips through the next doors right behind another, on that one's card.
    Tailgate {
        /// The person.
        person: String,
        /// Who goes first.
        behind: String,
    },
}
