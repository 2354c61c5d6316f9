//! The grid: 230 V between phase and neutral and 50 Hz (IEC 60038), both wandering a little; outages, sags and swells,
//! and frequency off its mark.
//!
//! Equations: voltage = 230 V × remaining share + 3 V × wander; frequency = its mark + 0.05 Hz × wander. EN 50160 calls
//! what is left under 90 % a dip and under 5 % an interruption, and wants 50 Hz kept within −6 % and +4 %; so below
//! [`LEAST_SHARE`] nothing is live. How far both wander is a choice of ours, well within its ±10 % and ±1 %.

use super::{
    network::Supply,
    random::{Drift, Random},
};

/// Nominal voltage between phase and neutral, V.
pub(super) const NOMINAL_VOLTS: f64 = 230.0;

/// Nominal frequency, Hz.
pub(super) const NOMINAL_HERTZ: f64 = 50.0;

/// Share of the nominal voltage below which a supply is none.
const LEAST_SHARE: f64 = 0.05;

/// Shares of the nominal voltage that a sag or swell may leave.
const SHARES: (f64, f64) = (0.0, 1.5);

/// Frequencies that the grid may have, Hz.
const HERTZ: (f64, f64) = (40.0, 60.0);

/// Voltage off its mark for a while.
#[derive(Clone, Copy, Debug, PartialEq)]
struct Sag {
    share: f64,
    left_s: f64,
}

/// One connection to the grid.
#[derive(Clone, Debug)]
pub(super) struct Mains {
    pub(super) on: bool,
    sag: Option<Sag>,
    /// About which the frequency wanders, Hz.
    mark_hertz: f64,
    volts: Drift,
    hertz: Drift,
}

impl Mains {
    pub(super) fn new() -> Self {
        Self {
            on: true,
            sag: None,
            mark_hertz: NOMINAL_HERTZ,
            volts: Drift::default(),
            hertz: Drift::default(),
        }
    }

    /// It is lost.
    pub(super) fn lose(&mut self) {
        self.on = false;
    }

    /// It is back, at its nominal voltage and frequency.
    pub(super) fn restore(&mut self) {
        (self.on, self.sag, self.mark_hertz) = (true, None, NOMINAL_HERTZ);
    }

    /// Its voltage becomes `percent` of the nominal, for `seconds`.
    pub(super) fn sag(&mut self, percent: f64, seconds: f64) {
        let share = (percent / 100.0).clamp(SHARES.0, SHARES.1);
        self.sag = Some(Sag { share, left_s: seconds.max(0.0) });
    }

    /// Its frequency becomes `hertz`, until it is restored.
    pub(super) fn set_frequency(&mut self, hertz: f64) {
        self.mark_hertz = hertz.clamp(HERTZ.0, HERTZ.1);
    }

    /// The event that the beginning of its state is.
    pub(super) fn code(&self) -> &'static str {
        match self.sag {
            _ if self.supply().is_none() => "mains.lost",
            Some(Sag { share, .. }) if share < 1.0 => "mains.sag",
            Some(_) => "mains.swell",
            None if (self.mark_hertz - NOMINAL_HERTZ).abs() > 0.5 => "mains.frequency",
            None => "mains.back",
        }
    }

    /// Time until it changes by itself, s.
    pub(super) fn next_change_s(&self) -> f64 {
        self.sag.map_or(f64::INFINITY, |sag| sag.left_s)
    }

    pub(super) fn step(&mut self, dt_s: f64, random: &mut Random) {
        self.volts.step(dt_s, 60.0, random);
        self.hertz.step(dt_s, 30.0, random);
        self.sag = self.sag.map(|sag| Sag { left_s: sag.left_s - dt_s, ..sag });
        self.sag = self.sag.filter(|sag| sag.left_s > 1e-6);
    }

    pub(super) fn supply(&self) -> Option<Supply> {
        let share = self.sag.map_or(1.0, |sag| sag.share);
        (self.on && share >= LEAST_SHARE).then(|| Supply {
            volts: NOMINAL_VOLTS * share + 3.0 * self.volts.get(),
            hertz: self.mark_hertz + 0.05 * self.hertz.get(),
        })
    }
}
