//! How the building's time moves: in steps on a fixed grid, so that the result does not depend on how the time asked
//! for is cut.
//!
//! A step is [`LONG`], or as long as [`Building::advance_in`] allows, and begins at a whole multiple of its length.
//! Around changes in the power supply steps are [`SHORT`]: for [`ALERT`] after the last change, and while something
//! timed (a start, a transfer, a battery's end, a door that closes) is due within the next step; and while somebody is on
//! the way through doors. Time asked for that does not fill
//! the next step waits; an action first brings the building up to the present, then acts.
//!
//! Terms: *present* — all time asked for; *alert* — soon after a change in the power supply.

use std::time::Duration;

use super::Building;

/// The usual step.
const LONG: Duration = Duration::from_secs(1);

/// The step around changes in the power supply.
pub(super) const SHORT: Duration = Duration::from_millis(100);

/// The longest step that anyone may ask for.
const LONGEST: Duration = Duration::from_secs(10);

/// Steps stay short for so long after a change in the power supply.
const ALERT: Duration = Duration::from_secs(5);

/// Cooling settles for so long before the hall is handed out.
pub(super) const SETTLING: Duration = Duration::from_secs(60);

/// How far the building has come.
#[derive(Clone, Copy, Debug, Default)]
pub(super) struct Time {
    /// Time that the steps so far have covered.
    stepped: Duration,
    /// Time asked for that waits for the next step.
    waiting: Duration,
    /// Until when steps stay short.
    alert_until: Duration,
}

impl Time {
    /// Time since the start of what truth and values show.
    pub(super) fn stepped(self) -> Duration {
        self.stepped
    }

    /// Time since the start of what truth and values show, s.
    pub(super) fn stepped_s(self) -> f64 {
        self.stepped.as_secs_f64()
    }
}

impl Building {
    /// Lets time pass, in steps of 1 s, and of 100 ms around changes in the power supply. What truth and values show
    /// is less than a second old.
    pub fn advance(&mut self, time: Duration) {
        self.advance_in(time, LONG);
    }

    /// As [`Building::advance`], in steps of up to `longest` (whole seconds, 1 to 10) while nothing is about to change
    /// in the power supply: for long runs. What truth and values show is less than such a step old.
    pub fn advance_in(&mut self, time: Duration, longest: Duration) {
        let longest = Duration::from_secs(longest.as_secs()).clamp(LONG, LONGEST);
        self.time.waiting += time;
        loop {
            let step = self.next_step(longest);
            if !self.take_step(step) {
                return;
            }
        }
    }

    /// How much time has passed.
    #[must_use]
    pub fn elapsed(&self) -> Duration {
        self.time.stepped + self.time.waiting
    }

    /// Brings the building up to the present, but for less than 100 ms.
    pub(super) fn catch_up(&mut self) {
        self.advance(Duration::ZERO);
        while self.take_step(SHORT) {}
    }

    /// Something has changed in the power supply, or is about to.
    pub(super) fn be_alert(&mut self) {
        self.time.alert_until = self.time.stepped + ALERT;
    }

    /// Takes one step if there is time for it.
    fn take_step(&mut self, step: Duration) -> bool {
        let Some(waiting) = self.time.waiting.checked_sub(step) else { return false };
        self.time.waiting = waiting;
        self.time.stepped += step;
        self.changes += 1;
        self.step(step.as_secs_f64());
        true
    }

    fn next_step(&self, longest: Duration) -> Duration {
        let Time { stepped, alert_until, .. } = self.time;
        let due_s = self.plant.next_change_s().min(self.doors_change_s());
        let fits = |step: Duration| {
            stepped >= alert_until
                && !self.somebody_moves()
                && stepped.as_nanos().is_multiple_of(step.as_nanos())
                && due_s > step.as_secs_f64()
        };
        [longest, LONG].into_iter().find(|step| fits(*step)).unwrap_or(SHORT)
    }
}
