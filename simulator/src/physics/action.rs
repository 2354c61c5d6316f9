//! What can be done to the building from outside, as data: the steps of scenarios, the orders of the control API and
//! the moves of simulated people are all of these.
//!
//! Who calls it: `Building::act`. An action that names no device or source means all of its kind, unless it says
//! otherwise. What is written here is what a person or nature does, never what a device reports.

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

/// One thing that is done to the building.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, JsonSchema)]
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
}
