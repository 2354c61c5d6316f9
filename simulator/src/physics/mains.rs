//! The grid: there or not, 230 V between phase and neutral and 50 Hz (IEC 60038), both wandering a little.

use super::{
    network::Supply,
    random::{Drift, Random},
};

/// Nominal voltage between phase and neutral, V.
pub(super) const NOMINAL_VOLTS: f64 = 230.0;

/// Nominal frequency, Hz.
pub(super) const NOMINAL_HERTZ: f64 = 50.0;

/// One connection to the grid.
#[derive(Clone, Debug)]
pub(super) struct Mains {
    pub(super) on: bool,
    volts: Drift,
    hertz: Drift,
}

impl Mains {
    pub(super) fn new() -> Self {
        Self { on: true, volts: Drift::default(), hertz: Drift::default() }
    }

    pub(super) fn step(&mut self, dt_s: f64, random: &mut Random) {
        self.volts.step(dt_s, 60.0, random);
        self.hertz.step(dt_s, 30.0, random);
    }

    pub(super) fn supply(&self) -> Option<Supply> {
        self.on.then(|| Supply {
            volts: NOMINAL_VOLTS + 3.0 * self.volts.get(),
            hertz: NOMINAL_HERTZ + 0.05 * self.hertz.get(),
        })
    }
}
