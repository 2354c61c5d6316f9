//! Scenarios as they are written: TOML files and JSON bodies, checked as far as that can be done without a hall.
//!
//! ```toml
//! name = "brown-outs"
//! what = { en = "…", vi = "…" }
//!
//! [[step]]                      # at once
//! do = "mains-off"              # an action of the building, with its own keys
//!
//! [[step]]
//! at = "20m"                    # since the start of the scenario; or:  after = "10s"  the step before
//! fault = { device = "ups-a", kind = "silence" }
//!
//! [[step]]
//! when = { truth = "upses.*.mode", is = "off" }
//! within = "1h"                 # else the scenario has failed
//! end-faults = {}               # all, or { device = "…" } or { line = "…" }
//! ```
//!
//! In actions `@door.1` is the hall's first door, `@person.2` its second person, `@cooling.1` its first device of that
//! class. A step with `optional = true` is passed over in a hall that
//! cannot do it.
//!
//! Steps follow one another. Where each has an `at`, they are sorted by it, and a step may come again:
//! `every = "1d"`, `times = 90`.

use std::time::Duration;

use hallward_profiles::{Id, Text};
use schemars::JsonSchema;
use serde::Deserialize;
use serde_json::{Map, Value};

use super::span::Span;
use crate::{Action, condition::Condition, faults::FaultRequest, misread};

/// Most steps, repetitions counted.
const MOST_STEPS: usize = 20_000;

/// A scenario: what is done in a hall, and when.
#[derive(Clone, Debug, Deserialize, JsonSchema)]
#[serde(try_from = "WrittenScript")]
#[schemars(with = "WrittenScript")]
pub struct Script {
    /// Its name.
    pub name: Id,
    /// What happens, in a sentence.
    pub what: Text,
    /// In the order in which they are done.
    pub(super) steps: Vec<Step>,
}

#[derive(Deserialize, JsonSchema)]
#[serde(deny_unknown_fields, rename = "Scenario")]
struct WrittenScript {
    /// Its name: an id.
    #[schemars(with = "String")]
    name: Id,
    /// What happens, in a sentence, in both languages.
    what: Text,
    /// One after the other.
    step: Vec<WrittenStep>,
}

/// One step.
#[derive(Clone, Debug)]
pub(super) struct Step {
    pub(super) starts: Starts,
    pub(super) does: Does,
    /// Whether it is passed over where the hall cannot do it.
    pub(super) optional: bool,
}

/// When a step is done.
#[derive(Clone, Debug)]
pub(super) enum Starts {
    /// So long after the start of the scenario.
    At(Duration),
    /// So long after the step before.
    After(Duration),
    /// As soon as this holds, within this time after the step before.
    When(Condition, Duration),
}

/// What a step does.
#[derive(Clone, Debug)]
pub(super) enum Does {
    Act(Action),
    Fault(FaultRequest),
    EndFaults(FaultsEnded),
    /// Waits for its condition.
    Nothing,
}

/// Whose faults end: of a device, of a line, or all.
#[derive(Clone, Debug, Default, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub(super) struct FaultsEnded {
    /// A device's.
    #[schemars(with = "Option<String>")]
    pub(super) device: Option<Id>,
    /// A line's.
    #[schemars(with = "Option<String>")]
    pub(super) line: Option<Id>,
}

#[derive(Clone, Debug, Deserialize, JsonSchema)]
#[serde(rename_all = "kebab-case", rename = "Step")]
struct WrittenStep {
    /// So long after the start: `20m`.
    at: Option<Span>,
    /// With `at`: again each such span.
    every: Option<Span>,
    /// With `every`: how many times in all.
    times: Option<usize>,
    /// So long after the step before.
    after: Option<Span>,
    /// As soon as this holds.
    when: Option<Condition>,
    /// With `when`: how long it may take.
    within: Option<Span>,
    /// It is passed over in a hall that cannot do it.
    #[serde(default)]
    optional: bool,
    /// A fault begins.
    fault: Option<FaultRequest>,
    /// Faults end.
    end_faults: Option<FaultsEnded>,
    /// What is done to the building.
    #[serde(flatten)]
    #[schemars(with = "Option<Action>")]
    action: Map<String, Value>,
}

impl Script {
    /// A scenario from a TOML file's text.
    ///
    /// # Errors
    /// What is wrong, and where.
    pub fn from_toml(text: &str) -> Result<Self, String> {
        toml::from_str(text).map_err(|error| error.to_string().trim_end().to_owned())
    }

    /// The actions that are done when it starts.
    #[cfg(test)]
    pub(super) fn at_once(&self) -> impl Iterator<Item = &Action> {
        let first = self.steps.iter().take_while(|step| {
            matches!(step.starts, Starts::At(Duration::ZERO) | Starts::After(Duration::ZERO))
                && !step.optional
        });
        first.filter_map(|step| match &step.does {
            Does::Act(action) => Some(action),
            Does::Fault(_) | Does::EndFaults(_) | Does::Nothing => None,
        })
    }
}

impl TryFrom<WrittenScript> for Script {
    type Error = String;

    fn try_from(WrittenScript { name, what, step }: WrittenScript) -> Result<Self, String> {
        if step.is_empty() {
            return Err(format!("scenario `{name}` has no step"));
        }
        let timetable = step.iter().all(|step| step.at.is_some());
        let mut steps = Vec::new();
        for (n, written) in (1..).zip(&step) {
            let told = |said: String| format!("scenario `{name}`, step {n}: {said}");
            if written.every.is_some() && !timetable {
                return Err(told("`every` needs `at` in each step".to_owned()));
            }
            steps.extend(written.steps().map_err(told)?);
            if steps.len() > MOST_STEPS {
                return Err(told(format!("with it there are more than {MOST_STEPS} steps")));
            }
        }
        if timetable {
            steps.sort_by_key(|step| match step.starts {
                Starts::At(at) => at,
                Starts::After(_) | Starts::When(..) => Duration::ZERO,
            });
        }
        Ok(Self { name, what, steps })
    }
}

impl WrittenStep {
    /// The steps that it stands for.
    fn steps(&self) -> Result<Vec<Step>, String> {
        if self.when.as_ref().is_some_and(Condition::asks_quality) {
            return Err("`quality` is what a gateway thinks, and scenarios see none: test the point's value"
                .to_owned());
        }
        let does = self.does()?;
        let one = |starts| Ok(vec![Step { starts, does: does.clone(), optional: self.optional }]);
        let times = match (self.every, self.times) {
            (None, None) => 1,
            (Some(Span(Duration::ZERO)), _) => return Err("`every` must be 1s or more".to_owned()),
            (Some(_), Some(times @ 1..=MOST_STEPS)) => times,
            _ => return Err(format!("`every` and `times`, 1 to {MOST_STEPS}, go together")),
        };
        match (self.at, self.after, &self.when, self.within) {
            (Some(Span(at)), None, None, None) => {
                let every = self.every.map_or(Duration::ZERO, |Span(every)| every);
                let days = (0_u32..).take(times).map(|n| at.saturating_add(every.saturating_mul(n)));
                let step = |at| Step { starts: Starts::At(at), does: does.clone(), optional: self.optional };
                Ok(days.map(step).collect())
            }
            (None, after, None, None) => {
                one(Starts::After(after.map_or(Duration::ZERO, |Span(after)| after)))
            }
            (None, None, Some(when), Some(Span(within))) => one(Starts::When(when.clone(), within)),
            (None, None, Some(_), None) => Err("`when` needs `within`: how long it may take".to_owned()),
            (None, _, None, Some(_)) => Err("`within` needs `when`".to_owned()),
            _ => Err("a step has one of `at`, `after`, `when`, or none of them".to_owned()),
        }
    }

    fn does(&self) -> Result<Does, String> {
        match (&self.fault, &self.end_faults, self.action.is_empty(), &self.when) {
            (Some(fault), None, true, _) => Ok(Does::Fault(fault.clone())),
            (None, Some(ended), true, _) => Ok(Does::EndFaults(ended.clone())),
            (None, None, true, Some(_)) => Ok(Does::Nothing),
            (None, None, false, _) => misread::read(&Value::Object(self.action.clone())).map(Does::Act),
            _ => Err("a step does one thing: `do`, `fault` or `end-faults`".to_owned()),
        }
    }
}
