//! Precision air conditioners, and the team they form in a room: one of several stands by.
//!
//! Equations: duty wanted = (return air − set point + 1 K) / 2 K, between 0 and 1; duty follows it as a first-order
//! lag of [`LAG_S`]; heat removed = duty × capacity; supply air is [`FULL_RISE_K`] × duty below return air;
//! electricity = fan + heat removed / COP.
//!
//! A unit without power for more than a second stops, and needs its restart time once power is back.

use hallward_site::{Device, Site};

use super::parameters::parameter;

/// How slowly the cooling follows its control, s.
const LAG_S: f64 = 45.0;

/// Difference of return and supply air at full duty, K.
pub(super) const FULL_RISE_K: f64 = 10.0;

/// A controller rides through gaps in its supply of this length, s.
const RIDE_THROUGH_S: f64 = 1.0;

/// The team calls another unit when one has been missing for so long, s.
const TAKEOVER_S: f64 = 30.0;

/// So far above the set point every unit helps, K.
const ALL_HELP_K: f64 = 4.0;

/// An extra unit is let go when the air is no more than so far above the set point, K.
const RELEASE_K: f64 = 0.3;

/// Set points that a unit can hold, °C.
pub(super) const SETPOINTS_C: (f64, f64) = (10.0, 40.0);

/// What the controls draw, W.
const CONTROLS_W: f64 = 40.0;

/// What a unit does.
#[derive(Clone, Copy, Debug, PartialEq)]
pub(super) enum State {
    On,
    Standby,
    /// Without power, or not long enough with it.
    Off {
        left_s: f64,
    },
    Fault,
}

impl State {
    /// The vocabulary's word for it.
    pub(super) fn word(self) -> &'static str {
        match self {
            Self::On => "on",
            Self::Standby => "standby",
            Self::Off { .. } => "off",
            Self::Fault => "fault",
        }
    }

    /// The event that its beginning is.
    pub(super) fn code(self) -> &'static str {
        match self {
            Self::On => "cooling.on",
            Self::Standby => "cooling.standby",
            Self::Off { .. } => "cooling.off",
            Self::Fault => "cooling.tripped",
        }
    }
}

/// One unit.
#[derive(Clone, Debug)]
pub(super) struct CoolingUnit {
    pub(super) state: State,
    /// Share of its capacity in use, 0 to 1.
    pub(super) duty: f64,
    pub(super) setpoint_c: f64,
    pub(super) capacity_w: f64,
    restart_s: f64,
    cop: f64,
    unpowered_s: f64,
    /// Whether the team calls it.
    called: bool,
}

impl CoolingUnit {
    pub(super) fn new(site: &Site, device: &Device, usual_capacity_w: f64) -> Self {
        let set = |name, usual| parameter(site, device, name, usual);
        Self {
            state: State::Standby,
            duty: 0.0,
            setpoint_c: set("setpoint_c", 24.0),
            capacity_w: set("capacity_w", usual_capacity_w),
            restart_s: set("restart_s", 30.0),
            cop: set("cop", 3.2),
            unpowered_s: 0.0,
            called: false,
        }
    }

    /// It is told another set point, and takes the nearest that it can hold.
    pub(super) fn set(&mut self, setpoint_c: f64) {
        let (low, high) = SETPOINTS_C;
        self.setpoint_c = setpoint_c.clamp(low, high);
    }

    /// Heat that it removes, W.
    pub(super) fn heat_w(&self) -> f64 {
        self.duty * self.capacity_w
    }

    /// What it draws, W.
    pub(super) fn electric_w(&self) -> f64 {
        match self.state {
            State::On => CONTROLS_W + 0.06 * self.capacity_w + self.heat_w() / self.cop,
            State::Standby | State::Fault => CONTROLS_W,
            State::Off { .. } => 0.0,
        }
    }

    /// Supply air while the return air has `return_c`, °C.
    pub(super) fn supply_c(&self, return_c: f64) -> f64 {
        return_c - FULL_RISE_K * self.duty
    }

    /// Whether it cools.
    pub(super) fn is_running(&self) -> bool {
        self.state == State::On
    }

    /// It trips, until the hall is reset.
    pub(super) fn trip(&mut self) {
        self.state = State::Fault;
    }

    fn is_available(&self) -> bool {
        matches!(self.state, State::On | State::Standby)
    }

    fn step(&mut self, dt_s: f64, powered: bool, return_c: f64) {
        self.unpowered_s = if powered { 0.0 } else { self.unpowered_s + dt_s };
        let dark = self.unpowered_s > RIDE_THROUGH_S;
        self.state = match self.state {
            State::Fault => State::Fault,
            _ if dark => State::Off { left_s: self.restart_s },
            State::Off { left_s } if left_s > dt_s => {
                State::Off { left_s: if powered { left_s - dt_s } else { left_s } }
            }
            _ if self.called => State::On,
            State::On | State::Standby | State::Off { .. } => State::Standby,
        };
        let wanted = ((return_c - self.setpoint_c + 1.0) / 2.0).clamp(0.0, 1.0);
        match self.state {
            State::On => self.duty += (wanted - self.duty) * dt_s / LAG_S,
            State::Standby | State::Off { .. } | State::Fault => self.duty = 0.0,
        }
    }
}

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
    /// One step of all units; `powered` has one entry for each.
    pub(super) fn step(
        &mut self,
        dt_s: f64,
        units: &mut [&mut CoolingUnit],
        powered: &[bool],
        return_c: f64,
    ) {
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
        for (unit, powered) in units.iter_mut().zip(powered) {
            unit.step(dt_s, *powered, return_c);
        }
    }
}
