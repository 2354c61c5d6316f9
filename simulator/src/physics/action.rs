//! What can be done to the building from outside, as data: the steps of scenarios, the orders of the control API and
//! the moves of simulated people are all of these.
//!
//! Who calls it: `Building::act`. An action that names no device or source means all of its kind, unless it says
//! otherwise. What is written here is what a person or nature does, never what a device reports.

use serde::{Deserialize, Serialize};

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
    /// Cooling units are mended: fan, drain, pressure switches and the fault itself. A filter stays as it is.
    CoolingRepair {
        /// The cooling unit.
        device: Option<String>,
    },
    /// The fan of a cooling unit breaks; without a device, of the first that runs.
    CoolingFanFails {
        /// The cooling unit.
        device: Option<String>,
    },
    /// The filters of cooling units are as dirty as this.
    Filter {
        /// The cooling unit.
        device: Option<String>,
        /// How far they are clogged, 0 (new) to 100 %.
        percent: f64,
    },
    /// The drains of cooling units are blocked: condensate fills the pan, then overflows onto the floor.
    DrainBlocked {
        /// The cooling unit.
        device: Option<String>,
    },
    /// The drains of cooling units are free again.
    DrainRepair {
        /// The cooling unit.
        device: Option<String>,
    },
    /// The weather is warmer or colder than usual.
    Outdoor {
        /// Away from the site's `outdoor_c`, −40 to 40 K.
        offset_k: f64,
    },
    /// It is this time of day; the weather follows from it.
    TimeOfDay {
        /// Hours past midnight, 0 to 24.
        hour: f64,
    },
    /// A cable begins to smoulder; without a room, in the first that has fire detection.
    Smoke {
        /// The room.
        room: Option<String>,
    },
    /// What smoulders goes out; without a room, everywhere.
    SmokeEnds {
        /// The room.
        room: Option<String>,
    },
    /// Dust in a detector: it alarms without smoke, on one line; without a device, the first.
    FalseAlarm {
        /// The fire panel or detector.
        device: Option<String>,
    },
    /// A detector breaks; without a device, the first.
    DetectorFault {
        /// The fire panel or detector.
        device: Option<String>,
    },
    /// Detectors are cleaned and mended.
    DetectorRepair {
        /// The fire panel or detector.
        device: Option<String>,
    },
    /// Fire panels and detectors are reset; what still sees smoke alarms again.
    FireReset {
        /// The fire panel or detector.
        device: Option<String>,
    },
    /// The bypass key is turned: smoke is detected, no agent released.
    FireIsolate {
        /// The fire panel or detector.
        device: Option<String>,
        /// Whether it isolates.
        on: bool,
    },
    /// Somebody holds the abort button, or lets go: while it is held no agent is released.
    FireAbort {
        /// The fire panel.
        device: Option<String>,
        /// Whether it is held.
        hold: bool,
    },
    /// The cylinders of a panel's agent are filled.
    AgentRefill {
        /// The fire panel.
        device: Option<String>,
    },
    /// Water begins to run onto a leak cable; without a device, the first.
    Leak {
        /// The leak cable's device.
        device: Option<String>,
    },
    /// Water stops running onto leak cables.
    LeakEnds {
        /// The leak cable's device.
        device: Option<String>,
    },
    /// A leak cable breaks; without a device, the first.
    CableBroken {
        /// The leak cable's device.
        device: Option<String>,
    },
    /// Leak cables are whole again.
    CableRepair {
        /// The leak cable's device.
        device: Option<String>,
    },
}
