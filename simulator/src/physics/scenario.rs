//! What can be made to happen in the hall, by name.

use std::{fmt, str::FromStr};

use super::Action;

/// A course of events that a person can start.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Scenario {
    /// The grid is lost; the generator takes over.
    MainsFailure,
    /// The grid is lost and the generator does not start.
    MainsFailureGeneratorFails,
    /// A cooling unit that runs trips.
    CoolingFailure,
    /// A cable smoulders.
    Smoke,
    /// Water runs onto a leak cable.
    Leak,
    /// The grid is back; whoever reset the generator has done so.
    MainsRestored,
}

/// The hall has not got what the scenario is about.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
#[error("this hall has no {missing}")]
pub struct NotHere {
    /// What it has not got.
    pub missing: &'static str,
}

impl Scenario {
    /// All of them.
    pub const ALL: [Self; 6] = [
        Self::MainsFailure,
        Self::MainsFailureGeneratorFails,
        Self::CoolingFailure,
        Self::Smoke,
        Self::Leak,
        Self::MainsRestored,
    ];

    /// Its name.
    #[must_use]
    pub fn name(self) -> &'static str {
        match self {
            Self::MainsFailure => "mains-failure",
            Self::MainsFailureGeneratorFails => "mains-failure-generator-fails",
            Self::CoolingFailure => "cooling-failure",
            Self::Smoke => "smoke",
            Self::Leak => "leak",
            Self::MainsRestored => "mains-restored",
        }
    }

    /// What is done when it starts.
    pub(super) fn actions(self) -> Vec<Action> {
        match self {
            Self::MainsFailure => vec![Action::MainsOff { source: None }],
            Self::MainsFailureGeneratorFails => {
                vec![Action::GeneratorCannotStart { device: None }, Action::MainsOff { source: None }]
            }
            Self::CoolingFailure => vec![Action::CoolingTrip { device: None }],
            Self::Smoke => vec![Action::Smoke { room: None }],
            Self::Leak => vec![Action::Leak { device: None }],
            Self::MainsRestored => {
                vec![Action::MainsOn { source: None }, Action::GeneratorRepair { device: None }]
            }
        }
    }

    /// What happens, in a sentence.
    #[must_use]
    pub fn what(self) -> &'static str {
        match self {
            Self::MainsFailure => "the grid is lost; UPSs carry the racks until the generator takes over",
            Self::MainsFailureGeneratorFails => {
                "the grid is lost and the generator fails to start; batteries drain until the UPSs switch off"
            }
            Self::CoolingFailure => "a running cooling unit trips; the room warms until the standby holds it",
            Self::Smoke => {
                "a cable smoulders in the first room with fire detection; smoke rises until detectors alarm"
            }
            Self::Leak => "a drain overflows onto the first leak cable",
            Self::MainsRestored => {
                "the grid is back and the generator's fault reset; the switch transfers back, batteries charge"
            }
        }
    }
}

impl fmt::Display for Scenario {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.pad(self.name())
    }
}

impl FromStr for Scenario {
    type Err = String;
    fn from_str(name: &str) -> Result<Self, String> {
        Self::ALL.into_iter().find(|scenario| scenario.name() == name).ok_or_else(|| {
            let known = Self::ALL.map(Self::name).join(", ");
            format!("there is no scenario `{}`; one of: {known}", name.escape_debug())
        })
    }
}
