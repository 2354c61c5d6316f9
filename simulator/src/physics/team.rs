//! The cooling units of one room as a team: one of several stands by, and takes over when another is missing.
//!
//! Terms: *needed* — how many run at a time; *called* — whom the team wants to run, whether it can or not.

use super::cooling::{Around, CoolingUnit};

/// The team calls another unit when one has been missing for so long, s.
const TAKEOVER_S: f64 = 30.0;

/// So far above the set point every unit helps, K.
const ALL_HELP_K: f64 = 4.0;

/// An extra unit is let go when the air is no more than so far above the set point, K.
const RELEASE_K: f64 = 0.3;

/// How many of a room's units are needed at a time: one of several stands by.
pub(super) fn needed(units: usize) -> usize {
    units.saturating_sub(1).max(1)
}

/// The units of one room, in the order in which they are called.
#[derive(Clone, Debug, Default)]
pub(super) struct Team {
    /// How long there have been too few, s.
    short_s: f64,
}

impl Team {
    /// Calls and releases units while the return air has `return_c`.
    fn call(&mut self, dt_s: f64, units: &mut [&mut CoolingUnit], return_c: f64) {
        let needed = needed(units.len());
        let at_work = units.iter().filter(|unit| unit.called && unit.is_available()).count();
        if units.iter().all(|unit| !unit.called) {
            units.iter_mut().take(needed).for_each(|unit| unit.called = true);
        } else if at_work >= needed {
            self.short_s = 0.0;
        } else {
            self.short_s += dt_s;
            let spare = units.iter_mut().find(|unit| !unit.called && unit.is_available());
            if let Some(spare) = spare.filter(|_| self.short_s >= TAKEOVER_S) {
                spare.called = true;
                self.short_s = 0.0;
            }
        }
        if units.iter().any(|unit| return_c > unit.setpoint_c + ALL_HELP_K) {
            units.iter_mut().for_each(|unit| unit.called = true);
        } else if at_work > needed && units.iter().all(|unit| return_c < unit.setpoint_c + RELEASE_K) {
            let extra = units.iter_mut().rev().find(|unit| unit.called && unit.is_available());
            extra.into_iter().for_each(|unit| unit.called = false);
        }
    }

    /// One step of all units; `powered` has one entry for each.
    pub(super) fn step(
        &mut self,
        dt_s: f64,
        units: &mut [&mut CoolingUnit],
        powered: &[bool],
        around: Around,
    ) {
        self.call(dt_s, units, around.return_c);
        for (unit, powered) in units.iter_mut().zip(powered) {
            unit.step(dt_s, Around { powered: *powered, ..around });
        }
    }
}
