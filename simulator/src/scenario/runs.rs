//! Scenarios under way: which there are, how far each is, and what is due.
//!
//! Who calls it: [`Hall::advance`] with time, the control API with orders. Steps with a time are done at that very
//! time; conditions are looked at when their turn comes and then at each whole second of the hall's time. So the
//! result does not depend on the spans in which time is asked for. Before anything is done, every step is tried on a
//! copy of the hall.

use std::{
    collections::{BTreeMap, VecDeque},
    sync::Arc,
    time::Duration,
};

use hallward_profiles::Id;
use schemars::JsonSchema;
use serde::Serialize;

use super::{
    Scenario, names,
    script::{Does, FaultsEnded, Script, Starts, Step},
};
use crate::{
    Action, Fault,
    condition::{Condition, Sight},
    hall::{Hall, lock},
    known::instead,
    physics::Building,
};

/// Most scenarios under way at once.
const MOST_RUNNING: usize = 16;

/// Most scenarios remembered, those under way included.
const MOST_KEPT: usize = 48;

/// Most scenarios that a user may add.
const MOST_OWN: usize = 64;

/// Why a scenario cannot be added or started. Nothing has been done then.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[allow(missing_docs, reason = "the messages say it")]
pub enum CannotStart {
    #[error("scenario `{name}`, step {step}: {what}")]
    Step { name: Id, step: usize, what: String },
    #[error("{MOST_RUNNING} scenarios are under way: wait for one to end, or stop one")]
    TooMany,
    #[error("{MOST_OWN} scenarios have been added, and no more are taken")]
    TooManyOwn,
    #[error("`{name}` is the name of a scenario of the simulator's own: give another")]
    NameTaken { name: Id },
    #[error("{what}")]
    NoScript { what: String },
}

/// How far a scenario is.
#[derive(Clone, Debug, PartialEq, Serialize, JsonSchema)]
pub struct Run {
    /// Number of the run, from 1.
    pub id: u64,
    /// The scenario's name.
    pub scenario: String,
    /// How it stands.
    pub state: RunState,
    /// When it was started, s of the hall's time.
    pub started_s: f64,
    /// Steps done.
    pub done: usize,
    /// Steps in all.
    pub steps: usize,
    /// Why it has failed.
    pub why: Option<String>,
}

/// How a run stands.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, JsonSchema)]
#[serde(rename_all = "lowercase")]
pub enum RunState {
    /// Steps are left.
    Running,
    /// All steps are done.
    Ended,
    /// A condition did not come in time, or a step could not be done.
    Failed,
    /// Somebody stopped it.
    Stopped,
}

/// The hall's scenarios: the user's own, and the runs of all.
#[derive(Debug, Default)]
pub(crate) struct Scenarios {
    own: BTreeMap<Id, Arc<Script>>,
    runs: VecDeque<Progress>,
    started: u64,
}

#[derive(Debug)]
struct Progress {
    id: u64,
    name: Id,
    steps: Vec<Ready>,
    done: usize,
    began: Duration,
    /// When the step before was done.
    previous: Duration,
    state: RunState,
    why: Option<String>,
}

/// A step that has been checked against the hall.
#[derive(Debug)]
struct Ready {
    starts: Starts,
    order: Order,
    /// Whether it is passed over when it cannot be done.
    optional: bool,
}

#[derive(Debug)]
enum Order {
    Act(Action),
    Fault(Fault),
    EndFaults(FaultsEnded),
    Nothing,
}

impl Hall {
    /// Starts a scenario; time then brings what follows from it. Returns the number of the run.
    ///
    /// # Errors
    /// When the hall has not got what the scenario is about.
    pub fn start(&self, scenario: Scenario) -> Result<u64, CannotStart> {
        let script = scenario.script().map_err(|what| CannotStart::NoScript { what })?;
        self.play(&script)
    }

    /// As [`Hall::start`], with a scenario of one's own.
    ///
    /// # Errors
    /// When the hall has not got what the scenario is about.
    pub fn play(&self, script: &Script) -> Result<u64, CannotStart> {
        let _turn = lock(&self.turn);
        let steps = self.rehearse(script)?;
        let now = self.elapsed();
        let id = lock(&self.scenarios).add(script.name.clone(), steps, now)?;
        self.note("scenario.started", script.name.as_str());
        self.go_on();
        Ok(id)
    }

    /// Keeps a scenario by its name, in place of one that was kept so.
    ///
    /// # Errors
    /// When the name is one of the simulator's own, or too many are kept.
    pub fn add_scenario(&self, script: Script) -> Result<(), CannotStart> {
        if script.name.as_str().parse::<Scenario>().is_ok() {
            return Err(CannotStart::NameTaken { name: script.name });
        }
        let own = &mut lock(&self.scenarios).own;
        if own.len() >= MOST_OWN && !own.contains_key(&script.name) {
            return Err(CannotStart::TooManyOwn);
        }
        own.insert(script.name.clone(), Arc::new(script));
        Ok(())
    }

    /// Every scenario that can be started: the simulator's own, then those that were added, by name.
    #[must_use]
    pub fn scripts(&self) -> Vec<Arc<Script>> {
        let built_in = Scenario::ALL.into_iter().filter_map(|one| one.script().ok()).map(Arc::new);
        built_in.chain(lock(&self.scenarios).own.values().cloned()).collect()
    }

    /// The scenario of that name.
    ///
    /// # Errors
    /// A sentence that says which there are.
    pub fn script(&self, name: &str) -> Result<Arc<Script>, String> {
        let scripts = self.scripts();
        let found = scripts.iter().find(|script| script.name.as_str() == name).cloned();
        found.ok_or_else(|| {
            let known = instead(name, scripts.iter().map(|script| script.name.as_str()), "GET /scenarios");
            format!("there is no scenario `{}`; {known}", name.escape_debug())
        })
    }

    /// The scenarios under way and those that were, the newest last.
    #[must_use]
    pub fn runs(&self) -> Vec<Run> {
        lock(&self.scenarios).runs.iter().map(Progress::seen).collect()
    }

    /// Stops all runs of a scenario, or all there are. What they have done stays. Returns how many it stopped.
    pub fn stop_scenarios(&self, name: Option<&str>) -> usize {
        let mut scenarios = lock(&self.scenarios);
        let running = scenarios.runs.iter_mut().filter(|run| run.state == RunState::Running);
        let meant = running.filter(|run| name.is_none_or(|name| run.name.as_str() == name));
        let stopped = meant.map(|run| {
            run.state = RunState::Stopped;
            self.note("scenario.stopped", run.name.as_str());
        });
        stopped.count()
    }

    /// How long to let time pass until something may be due, at most `most`: the next step with a time, or the next
    /// whole second where a condition is waited for.
    pub(crate) fn piece(&self, most: Duration) -> Duration {
        let now = self.elapsed();
        lock(&self.scenarios).piece(now, most)
    }

    /// Time has passed: does what is due.
    pub(crate) fn go_on(&self) {
        let now = self.elapsed();
        let mut scenarios = lock(&self.scenarios);
        let running = scenarios.runs.iter_mut().filter(|run| run.state == RunState::Running);
        running.for_each(|run| run.go_on(self, now));
    }

    /// Tries each step on a copy: those at the start in their order on the hall as it is, later ones on the hall at
    /// rest, since nobody knows what it will be like by then.
    fn rehearse(&self, script: &Script) -> Result<Vec<Ready>, CannotStart> {
        let mut present = lock(&self.building).clone();
        let mut at_once = true;
        let mut ready = Vec::with_capacity(script.steps.len());
        for (step, one) in (1..).zip(&script.steps) {
            at_once &= matches!(one.starts, Starts::At(Duration::ZERO) | Starts::After(Duration::ZERO));
            let order = match self.prepare(one, at_once.then_some(&mut present)) {
                Ok(order) => order,
                // It keeps its place, so that what follows keeps its time.
                Err(_) if one.optional => Order::Nothing,
                Err(what) => return Err(CannotStart::Step { name: script.name.clone(), step, what }),
            };
            ready.push(Ready { starts: one.starts.clone(), order, optional: one.optional });
        }
        Ok(ready)
    }

    /// What a step does in this hall, after a try: on `present`, or on the hall at rest.
    fn prepare(&self, step: &Step, present: Option<&mut Building>) -> Result<Order, String> {
        if let Starts::When(condition, _) = &step.starts {
            self.sees(condition)?;
        }
        Ok(match &step.does {
            Does::Act(action) => {
                let action = names::resolved(action, self.site())?;
                let tried = match present {
                    Some(present) => present.act(&action),
                    None => Building::clone(&self.first()).act(&action),
                };
                tried.map_err(|missing| missing.to_string())?;
                Order::Act(action)
            }
            Does::Fault(fault) => {
                let fault = fault.clone().check(self.site());
                Order::Fault(fault.map_err(|wrong| wrong.to_string())?)
            }
            Does::EndFaults(ended) => Order::EndFaults(ended.clone()),
            Does::Nothing => Order::Nothing,
        })
    }

    fn sees(&self, condition: &Condition) -> Result<bool, String> {
        condition.holds(&Sight::new(self, None))
    }
}

impl Scenarios {
    fn piece(&self, now: Duration, most: Duration) -> Duration {
        let to_second = Duration::from_secs(1) - Duration::from_nanos(u64::from(now.subsec_nanos()));
        let running = self.runs.iter().filter(|run| run.state == RunState::Running);
        let due = running.map(|run| run.due().map_or(to_second, |due| due.saturating_sub(now)));
        due.filter(|due| !due.is_zero()).fold(most, Duration::min)
    }

    /// The hall is as at the start.
    pub(crate) fn reset(&mut self) {
        self.runs.clear();
    }

    fn add(&mut self, name: Id, steps: Vec<Ready>, now: Duration) -> Result<u64, CannotStart> {
        if self.runs.iter().filter(|run| run.state == RunState::Running).count() >= MOST_RUNNING {
            return Err(CannotStart::TooMany);
        }
        if self.runs.len() >= MOST_KEPT {
            let over = self.runs.iter().position(|run| run.state != RunState::Running);
            over.map(|over| self.runs.remove(over));
        }
        self.started += 1;
        let id = self.started;
        let state = RunState::Running;
        self.runs.push_back(Progress {
            id,
            name,
            steps,
            done: 0,
            began: now,
            previous: now,
            state,
            why: None,
        });
        Ok(id)
    }
}

impl Progress {
    /// When its next step is due, if that is a matter of time alone.
    fn due(&self) -> Option<Duration> {
        match self.steps.get(self.done)?.starts {
            Starts::At(at) => Some(self.began + at),
            Starts::After(after) => Some(self.previous + after),
            Starts::When(..) => None,
        }
    }

    /// Does all steps that are due.
    fn go_on(&mut self, hall: &Hall, now: Duration) {
        while let Some(step) = self.steps.get(self.done) {
            let done = match self.is_due(step, hall, now) {
                Ok(false) => return,
                Ok(true) => {
                    step.order.carry_out(hall).or_else(|why| if step.optional { Ok(()) } else { Err(why) })
                }
                Err(why) => Err(why),
            };
            if let Err(why) = done {
                self.why = Some(format!("step {}: {why}", self.done + 1));
                self.state = RunState::Failed;
                hall.note("scenario.failed", self.name.as_str());
                return;
            }
            self.done += 1;
            self.previous = now;
        }
        self.state = RunState::Ended;
        hall.note("scenario.ended", self.name.as_str());
    }

    fn is_due(&self, step: &Ready, hall: &Hall, now: Duration) -> Result<bool, String> {
        let Starts::When(condition, within) = &step.starts else {
            return Ok(self.due().is_some_and(|due| due <= now));
        };
        if now.subsec_nanos() != 0 && now != self.previous {
            return Ok(false);
        }
        if hall.sees(condition)? {
            return Ok(true);
        }
        let late = now >= self.previous + *within;
        if late {
            Err(format!("what it waits for did not come in {} s", within.as_secs()))
        } else {
            Ok(false)
        }
    }

    fn seen(&self) -> Run {
        Run {
            id: self.id,
            scenario: self.name.to_string(),
            state: self.state,
            started_s: self.began.as_secs_f64(),
            done: self.done,
            steps: self.steps.len(),
            why: self.why.clone(),
        }
    }
}

impl Order {
    fn carry_out(&self, hall: &Hall) -> Result<(), String> {
        match self {
            Self::Act(action) => hall.act(action).map_err(|missing| missing.to_string())?,
            Self::Fault(fault) => {
                hall.set_fault(fault.clone()).map_err(|wrong| wrong.to_string())?;
            }
            Self::EndFaults(FaultsEnded { device: None, line: None }) => hall.clear_faults(None),
            Self::EndFaults(FaultsEnded { device, line }) => {
                device.iter().for_each(|device| hall.clear_faults(Some(device)));
                line.iter().for_each(|line| hall.clear_line_fault(line));
            }
            Self::Nothing => {}
        }
        Ok(())
    }
}
