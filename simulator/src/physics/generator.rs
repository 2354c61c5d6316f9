//! The standby generator and its controller, in automatic.
//!
//! ```text
//!  Stopped ── wanted ──▶ Cranking ──▶ WarmingUp ──▶ Running ── not wanted ──▶ CoolingDown ──▶ Stopped
//!                        │    ▲                        │                          │
//!       does not fire ──▶ Resting ── third time ─▶ Fault ◀── tank empty     wanted ─▶ Running
//! ```
//!
//! Fuel: litres per hour = rated kW × (0.03 + 0.25 × load share), a choice of ours that gives about 0.27 l/kWh near
//! full load. Coolant follows its target (40 °C by the block heater, 85 °C running) as a first-order lag.

use hallward_site::{Device, Site};

use super::{
    mains::{NOMINAL_HERTZ, NOMINAL_VOLTS},
    network::Supply,
    parameters::parameter,
};

/// Attempts to start before it gives up.
const ATTEMPTS: u8 = 3;

/// What the engine does.
#[derive(Clone, Copy, Debug, PartialEq)]
pub(super) enum Engine {
    Stopped,
    Cranking {
        attempt: u8,
        left_s: f64,
    },
    /// Between two attempts.
    Resting {
        attempt: u8,
        left_s: f64,
    },
    WarmingUp {
        left_s: f64,
    },
    Running,
    CoolingDown {
        left_s: f64,
    },
    Fault,
}

/// One generator.
#[derive(Clone, Debug)]
pub(super) struct Generator {
    pub(super) engine: Engine,
    /// Whether it would fire when cranked.
    pub(super) can_start: bool,
    pub(super) rated_w: f64,
    tank_l: f64,
    pub(super) fuel_l: f64,
    pub(super) coolant_c: f64,
    /// Time that it has run, s.
    pub(super) run_s: f64,
    pub(super) starts: u32,
    pub(super) energy_j: f64,
    pub(super) start_delay_s: f64,
    crank_s: f64,
    warm_up_s: f64,
    cool_down_s: f64,
}

impl Generator {
    pub(super) fn new(site: &Site, device: &Device, usual_rated_w: f64) -> Self {
        let set = |name, usual| parameter(site, device, name, usual);
        let tank_l = set("tank_l", 400.0);
        Self {
            engine: Engine::Stopped,
            can_start: true,
            rated_w: set("rated_w", usual_rated_w),
            tank_l,
            fuel_l: tank_l * set("fuel", 0.8),
            coolant_c: 40.0,
            // It has run before: monthly tests and a few outages.
            run_s: 212.0 * 3600.0,
            starts: 57,
            energy_j: 0.0,
            start_delay_s: set("start_delay_s", 3.0),
            crank_s: set("crank_s", 4.0),
            warm_up_s: set("warm_up_s", 3.0),
            cool_down_s: set("cool_down_s", 20.0),
        }
    }

    /// Someone has mended it and reset its controller.
    pub(super) fn repair(&mut self) {
        self.can_start = true;
        if self.engine == Engine::Fault {
            self.engine = Engine::Stopped;
        }
    }

    /// Whether the engine turns by itself.
    pub(super) fn is_turning(&self) -> bool {
        matches!(self.engine, Engine::WarmingUp { .. } | Engine::Running | Engine::CoolingDown { .. })
    }

    /// What it puts out while it may take load.
    pub(super) fn supply(&self) -> Option<Supply> {
        let ready = matches!(self.engine, Engine::Running | Engine::CoolingDown { .. });
        ready.then_some(Supply { volts: NOMINAL_VOLTS + 1.0, hertz: NOMINAL_HERTZ + 0.1 })
    }

    /// Share of the tank that is full, 0 to 1.
    pub(super) fn fuel(&self) -> f64 {
        self.fuel_l / self.tank_l
    }

    /// One step, with `out_w` drawn from it.
    pub(super) fn step(&mut self, dt_s: f64, wanted: bool, out_w: f64) {
        self.engine = self.next(dt_s, wanted);
        let target_c = if self.is_turning() { 85.0 } else { 40.0 };
        let lag_s = if self.is_turning() { 180.0 } else { 1800.0 };
        self.coolant_c += (target_c - self.coolant_c) * dt_s / lag_s;
        if self.is_turning() {
            let litres_per_h = self.rated_w / 1000.0 * (0.03 + 0.25 * out_w / self.rated_w);
            self.fuel_l = (self.fuel_l - litres_per_h * dt_s / 3600.0).max(0.0);
            self.run_s += dt_s;
            self.energy_j += out_w * dt_s;
        }
    }

    fn next(&mut self, dt_s: f64, wanted: bool) -> Engine {
        let first_attempt = Engine::Cranking { attempt: 1, left_s: self.crank_s };
        match self.engine {
            Engine::Stopped if wanted => first_attempt,
            Engine::Stopped | Engine::Fault => self.engine,
            _ if self.is_turning() && self.fuel_l <= 0.0 => Engine::Fault,
            Engine::Cranking { .. } | Engine::Resting { .. } if !wanted => Engine::Stopped,
            Engine::Cranking { attempt, left_s } if left_s <= dt_s => {
                if self.can_start && self.fuel_l > 0.0 {
                    self.starts += 1;
                    Engine::WarmingUp { left_s: self.warm_up_s }
                } else if attempt < ATTEMPTS {
                    Engine::Resting { attempt, left_s: self.crank_s }
                } else {
                    Engine::Fault
                }
            }
            Engine::Cranking { attempt, left_s } => Engine::Cranking { attempt, left_s: left_s - dt_s },
            Engine::Resting { attempt, left_s } if left_s <= dt_s => {
                Engine::Cranking { attempt: attempt + 1, left_s: self.crank_s }
            }
            Engine::Resting { attempt, left_s } => Engine::Resting { attempt, left_s: left_s - dt_s },
            Engine::WarmingUp { left_s } if left_s <= dt_s => Engine::Running,
            Engine::WarmingUp { left_s } => Engine::WarmingUp { left_s: left_s - dt_s },
            Engine::Running if !wanted => Engine::CoolingDown { left_s: self.cool_down_s },
            Engine::Running => Engine::Running,
            Engine::CoolingDown { .. } if wanted => Engine::Running,
            Engine::CoolingDown { left_s } if left_s <= dt_s => Engine::Stopped,
            Engine::CoolingDown { left_s } => Engine::CoolingDown { left_s: left_s - dt_s },
        }
    }
}
