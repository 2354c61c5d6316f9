//! Water on the floor, and the cable that finds it.
//!
//! Equations: litres' = inflow − litres / [`DRYING_S`]. A cable alarms while more than [`WET_L`] lie on it.

/// How slowly the floor dries, s.
const DRYING_S: f64 = 1200.0;

/// Water that the cable notices, l.
const WET_L: f64 = 0.3;

/// A condensate drain that overflows: litres per second, and for how long, s.
const INFLOW_L_PER_S: f64 = 0.05;
const INFLOW_S: f64 = 300.0;

/// One leak cable and the water on it.
#[derive(Clone, Debug)]
pub(super) struct Cable {
    /// Where along the cable the water comes, m.
    pub(super) distance_m: f64,
    pub(super) litres: f64,
    left_s: f64,
}

impl Cable {
    pub(super) fn new(distance_m: f64) -> Self {
        Self { distance_m, litres: 0.0, left_s: 0.0 }
    }

    /// Water begins to run.
    pub(super) fn begin(&mut self) {
        self.left_s = INFLOW_S;
    }

    /// Whether the cable is wet.
    pub(super) fn is_wet(&self) -> bool {
        self.litres >= WET_L
    }

    /// The event that the beginning of its state is.
    pub(super) fn code(&self) -> &'static str {
        if self.is_wet() { "leak.wet" } else { "leak.dry" }
    }

    pub(super) fn step(&mut self, dt_s: f64) {
        let inflow = if self.left_s > 0.0 { INFLOW_L_PER_S } else { 0.0 };
        self.left_s = (self.left_s - dt_s).max(0.0);
        self.litres += (inflow - self.litres / DRYING_S) * dt_s;
    }
}
