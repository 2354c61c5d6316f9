//! Courses of events by name: those that come with the simulator, and those that its user adds.
//!
//! Who starts them: `hallsim --scenario`, the control API, tests. A scenario is data (`script.rs`), written in
//! `scenarios/*.toml` or by the user; `runs.rs` carries it out in the hall's time. It does nothing that
//! [`Hall::act`](crate::Hall::act) and faults could not do.

mod folder;
mod names;
mod runs;
mod script;
mod span;
#[cfg(test)]
mod tests;

use std::{fmt, str::FromStr};

pub(crate) use runs::Scenarios;
pub use runs::{CannotStart, Run, RunState};
pub use script::Script;

/// A scenario that comes with the simulator.
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
    /// The grid sags, again and again.
    BrownOuts,
    /// The grid is lost, and after 20 minutes the generator trips.
    GeneratorDies,
    /// The grid is lost while batteries are at the end of their life.
    BatteriesWornOut,
    /// One running cooling unit trips, then the next.
    CoolingFailsInTurn,
    /// Dust alarms a fire detector; later a cable smoulders.
    FalseThenRealFire,
    /// A door is broken open, and later held open.
    DoorsForcedAndHeld,
    /// People come to work, with a visitor, and go.
    StaffAndVisitors,
    /// Ninety days of a normal year.
    NormalQuarter,
}

impl Scenario {
    /// All of them.
    pub const ALL: [Self; 14] = [
        Self::MainsFailure,
        Self::MainsFailureGeneratorFails,
        Self::CoolingFailure,
        Self::Smoke,
        Self::Leak,
        Self::MainsRestored,
        Self::BrownOuts,
        Self::GeneratorDies,
        Self::BatteriesWornOut,
        Self::CoolingFailsInTurn,
        Self::FalseThenRealFire,
        Self::DoorsForcedAndHeld,
        Self::StaffAndVisitors,
        Self::NormalQuarter,
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
            Self::BrownOuts => "brown-outs",
            Self::GeneratorDies => "generator-dies",
            Self::BatteriesWornOut => "batteries-worn-out",
            Self::CoolingFailsInTurn => "cooling-fails-in-turn",
            Self::FalseThenRealFire => "false-then-real-fire",
            Self::DoorsForcedAndHeld => "doors-forced-and-held",
            Self::StaffAndVisitors => "staff-and-visitors",
            Self::NormalQuarter => "normal-quarter",
        }
    }

    /// Its file.
    #[must_use]
    pub fn file(self) -> &'static str {
        match self {
            Self::MainsFailure => include_str!("../../scenarios/mains-failure.toml"),
            Self::MainsFailureGeneratorFails => {
                include_str!("../../scenarios/mains-failure-generator-fails.toml")
            }
            Self::CoolingFailure => include_str!("../../scenarios/cooling-failure.toml"),
            Self::Smoke => include_str!("../../scenarios/smoke.toml"),
            Self::Leak => include_str!("../../scenarios/leak.toml"),
            Self::MainsRestored => include_str!("../../scenarios/mains-restored.toml"),
            Self::BrownOuts => include_str!("../../scenarios/brown-outs.toml"),
            Self::GeneratorDies => include_str!("../../scenarios/generator-dies.toml"),
            Self::BatteriesWornOut => include_str!("../../scenarios/batteries-worn-out.toml"),
            Self::CoolingFailsInTurn => include_str!("../../scenarios/cooling-fails-in-turn.toml"),
            Self::FalseThenRealFire => include_str!("../../scenarios/false-then-real-fire.toml"),
            Self::DoorsForcedAndHeld => include_str!("../../scenarios/doors-forced-and-held.toml"),
            Self::StaffAndVisitors => include_str!("../../scenarios/staff-and-visitors.toml"),
            Self::NormalQuarter => include_str!("../../scenarios/normal-quarter.toml"),
        }
    }

    /// What it does.
    ///
    /// # Errors
    /// Never for a file that the tests have seen.
    pub fn script(self) -> Result<Script, String> {
        Script::from_toml(self.file())
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

#[cfg(test)]
impl crate::physics::Building {
    /// What a scenario does at once, without the rest of the hall around the building.
    pub(crate) fn start(&mut self, scenario: Scenario) -> Result<(), crate::NotHere> {
        let script = scenario.script().unwrap();
        script.at_once().try_for_each(|action| self.act(action))
    }
}
