//! Water on the floor, and the cable that finds it.
//!
//! Equations: litres' = inflow − litres / [`DRAIN_S`] − evaporation, solved exactly over each step. Evaporation is the formula of
//! ASHRAE Applications for pools in still air, area (p_saturated − p_vapour) 0.089 / heat of evaporation (kPa, kJ/kg,
//! m²), of a puddle [`DEPTH_M`] deep and as warm as the air; what evaporates goes to the room's air. A cable alarms while
//! more than [`WET_L`] lie on it, and tells where; one that is broken tells the break and finds nothing.
//!
//! Water comes from a pipe that leaks, or from the pan of a cooling unit whose drain is blocked. Figures without a source are
//! choices of ours.

use super::psychrometry::{EVAPORATION_J_PER_KG, saturation_pa, vapour_pa};

/// How slowly the floor drains, s.
const DRAIN_S: f64 = 1200.0;

/// Water that the cable notices, l.
const WET_L: f64 = 0.3;

/// A leak: litres per second, and for how long, s.
const INFLOW_L_PER_S: f64 = 0.05;
const INFLOW_S: f64 = 300.0;

/// Depth of a puddle, m.
const DEPTH_M: f64 = 0.003;

/// Evaporation in still air by the formula's figure, W for each m² and Pa.
const STILL_AIR_W_PER_M2_PA: f64 = 0.089;

/// One leak cable and the water on it.
#[derive(Clone, Debug)]
pub(super) struct Cable {
    /// Where along the cable the water comes, m.
    pub(super) distance_m: f64,
    pub(super) litres: f64,
    pub(super) broken: bool,
    pub(super) came_l: f64,
    pub(super) drained_l: f64,
    pub(super) evaporated_l: f64,
    left_s: f64,
}

impl Cable {
    pub(super) fn new(distance_m: f64) -> Self {
        Self {
            distance_m,
            litres: 0.0,
            broken: false,
            came_l: 0.0,
            drained_l: 0.0,
            evaporated_l: 0.0,
            left_s: 0.0,
        }
    }

    /// Water begins to run.
    pub(super) fn begin(&mut self) {
        self.left_s = INFLOW_S;
    }

    /// It stops.
    pub(super) fn end(&mut self) {
        self.left_s = 0.0;
    }

    /// What lies there is wiped up, and counts as drained.
    pub(super) fn mop(&mut self) {
        self.drained_l += self.litres;
        self.litres = 0.0;
    }

    /// Water comes all at once.
    pub(super) fn pour(&mut self, litres: f64) {
        self.litres += litres;
        self.came_l += litres;
    }

    /// Whether there is water on the cable, seen or not.
    pub(super) fn is_wet(&self) -> bool {
        self.litres >= WET_L
    }

    /// Whether the cable finds water.
    pub(super) fn alarms(&self) -> bool {
        self.is_wet() && !self.broken
    }

    /// The event that the beginning of its state is.
    pub(super) fn code(&self) -> &'static str {
        match (self.broken, self.is_wet()) {
            (true, _) => "leak.cable-broken",
            (false, true) => "leak.wet",
            (false, false) => "leak.dry",
        }
    }

    /// One step under air of this temperature and moisture; returns what evaporates into it, kg.
    pub(super) fn step(&mut self, dt_s: f64, air_c: f64, moisture: f64) -> f64 {
        let fed_s = self.left_s.min(dt_s);
        self.left_s -= fed_s;
        let dryness_pa = (saturation_pa(air_c) - vapour_pa(moisture)).max(0.0);
        let w_per_l = STILL_AIR_W_PER_M2_PA * dryness_pa * 0.001 / DEPTH_M;
        let evaporating_per_s = w_per_l / EVAPORATION_J_PER_KG;
        let rate_per_s = 1.0 / DRAIN_S + evaporating_per_s;
        let left_l = self.flow(fed_s, INFLOW_L_PER_S, rate_per_s) + self.flow(dt_s - fed_s, 0.0, rate_per_s);
        let evaporated_l = left_l * evaporating_per_s / rate_per_s;
        self.evaporated_l += evaporated_l;
        self.drained_l += left_l - evaporated_l;
        evaporated_l
    }

    /// Lets water run in for `dt_s` while a share of it leaves each second; returns what leaves, l.
    fn flow(&mut self, dt_s: f64, inflow_l_per_s: f64, rate_per_s: f64) -> f64 {
        let end_l = inflow_l_per_s / rate_per_s;
        let came_l = inflow_l_per_s * dt_s;
        let before_l = self.litres;
        self.litres = end_l + (before_l - end_l) * (-rate_per_s * dt_s).exp();
        self.came_l += came_l;
        before_l + came_l - self.litres
    }
}
