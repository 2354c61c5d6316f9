//! The standby generator and its controller.
//!
//! ```text
//!  Stopped ── wanted ──▶ Cranking ──▶ WarmingUp ──▶ Running ── not wanted ──▶ CoolingDown ──▶ Stopped
//!                        │    ▲                        │                          │
//!       does not fire ──▶ Resting ── third time ─▶ Fault ◀── trips          wanted ─▶ Running
//! ```
//! In automatic it runs while it is called or tested; in manual it goes on with what it does (a start or a cool-down
//! under way is ended); switched off, it stops.
//!
//! Fuel: litres per hour = rated kW × (0.038 + 0.242 × load share), a straight line through the 100 kW row of the
//! approximate fuel consumption chart that dealers publish (such as Diesel Service & Supply: 2.6, 4.1, 5.8 and
//! 7.4 US gallons an hour at quarter to full load). A load step: voltage and frequency dip by 20 % and 10 % of the
//! nominal for a full step and recover as a first-order lag of [`RECOVERY_S`], within what ISO 8528-5 allows class
//! G2. The engine has an isochronous governor. Coolant follows its target (40 °C by the block heater, 82 to 90 °C
//! running) as a first-order lag. Oil pressure falls as the oil warms. Those figures, the trips' limits and the
//! starter battery's voltages (24 V nominal) are choices of ours.

use hallward_site::{Device, Site};
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use super::{
    mains::{NOMINAL_HERTZ, NOMINAL_VOLTS},
    network::Supply,
    parameters::parameter,
    random::follow,
};

/// Attempts to start before it gives up.
const ATTEMPTS: u8 = 3;

/// How slowly voltage and frequency recover from a load step, s.
const RECOVERY_S: f64 = 1.5;

/// Dip of voltage and frequency at a full load step, as shares of the nominal.
const VOLTS_DIP: f64 = 0.2;
const HERTZ_DIP: f64 = 0.1;

/// Load share above which it trips, and after how long, s.
const OVERLOAD: f64 = 1.1;
const OVERLOAD_S: f64 = 30.0;

/// Share of the tank below which fuel is low.
const FUEL_LOW: f64 = 0.2;

/// Why its protection stopped it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Trip {
    FailedToStart,
    NoFuel,
    OilPressure,
    Overload,
}

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
    Fault(Trip),
}

/// The position of a controller's mode switch.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "kebab-case")]
pub enum ControlMode {
    /// It starts and stops by itself.
    Auto,
    /// It goes on with what it does.
    Manual,
    /// It does not run.
    Off,
}

impl ControlMode {
    /// The vocabulary's word for it.
    pub(super) fn word(self) -> &'static str {
        match self {
            Self::Auto => "auto",
            Self::Manual => "manual",
            Self::Off => "off",
        }
    }
}

/// A test run under way.
#[derive(Clone, Copy, Debug, PartialEq)]
struct Test {
    /// Running time left, s.
    left_s: f64,
    on_load: bool,
}

/// One generator.
#[derive(Clone, Debug)]
pub(super) struct Generator {
    pub(super) engine: Engine,
    pub(super) mode: ControlMode,
    /// Whether it would fire when cranked.
    pub(super) can_start: bool,
    /// Whether its starter battery is too weak to turn it fast enough.
    pub(super) starter_weak: bool,
    test: Option<Test>,
    pub(super) rated_w: f64,
    tank_l: f64,
    pub(super) fuel_l: f64,
    pub(super) coolant_c: f64,
    /// Load share that it carries now, and the one that its governor has caught up with.
    load: f64,
    governed: f64,
    overload_s: f64,
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
            mode: ControlMode::Auto,
            can_start: true,
            starter_weak: false,
            test: None,
            rated_w: set("rated_w", usual_rated_w),
            tank_l,
            fuel_l: tank_l * set("fuel", 0.8),
            coolant_c: 40.0,
            load: 0.0,
            governed: 0.0,
            overload_s: 0.0,
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
        self.starter_weak = false;
        if matches!(self.engine, Engine::Fault(_)) {
            self.engine = Engine::Stopped;
        }
    }

    /// Its oil pressure is lost: it stops, and its controller locks it out.
    pub(super) fn trip(&mut self) {
        self.engine = Engine::Fault(Trip::OilPressure);
    }

    /// It is to run for `seconds`, with or without load.
    pub(super) fn begin_test(&mut self, seconds: f64, on_load: bool) {
        self.test = Some(Test { left_s: seconds.max(0.0), on_load });
    }

    /// Its tank is filled or emptied to `percent`.
    pub(super) fn set_fuel(&mut self, percent: f64) {
        self.fuel_l = self.tank_l * percent.clamp(0.0, 100.0) / 100.0;
    }

    /// Whether a test asks for its load.
    pub(super) fn is_tested_on_load(&self) -> bool {
        self.test.is_some_and(|test| test.on_load) && self.engine == Engine::Running
    }

    /// Whether the engine turns by itself.
    pub(super) fn is_turning(&self) -> bool {
        matches!(self.engine, Engine::WarmingUp { .. } | Engine::Running | Engine::CoolingDown { .. })
    }

    /// What is at its terminals.
    pub(super) fn terminals(&self) -> Option<Supply> {
        let dip = self.load - self.governed;
        self.is_turning().then_some(Supply {
            volts: NOMINAL_VOLTS * (1.0 - VOLTS_DIP * dip) + 1.0,
            hertz: NOMINAL_HERTZ * (1.0 - HERTZ_DIP * dip) + 0.1,
        })
    }

    /// What it puts out while it may take load.
    pub(super) fn supply(&self) -> Option<Supply> {
        let ready = matches!(self.engine, Engine::Running | Engine::CoolingDown { .. });
        self.terminals().filter(|_| ready)
    }

    /// Share of the tank that is full, 0 to 1.
    pub(super) fn fuel(&self) -> f64 {
        self.fuel_l / self.tank_l
    }

    /// Whether fuel is low.
    pub(super) fn is_fuel_low(&self) -> bool {
        self.fuel() < FUEL_LOW
    }

    /// What it burns, l/h.
    fn litres_per_h(&self) -> f64 {
        self.rated_w / 1000.0 * (0.038 + 0.242 * self.load)
    }

    /// Pressure of its oil, kPa.
    pub(super) fn oil_kpa(&self) -> f64 {
        if self.is_turning() { 400.0 + 3.0 * (85.0 - self.coolant_c).max(0.0) } else { 0.0 }
    }

    /// Speed of its engine, rpm: of two pole pairs.
    pub(super) fn speed_rpm(&self) -> f64 {
        match (self.terminals(), self.is_cranking(), self.starter_weak) {
            (Some(supply), ..) => supply.hertz * 30.0,
            (None, true, false) => 180.0,
            (None, true, true) => 60.0,
            (None, false, _) => 0.0,
        }
    }

    /// Voltage of its starter battery, V.
    pub(super) fn starter_volts(&self) -> f64 {
        match (self.is_turning(), self.is_cranking(), self.starter_weak) {
            (true, ..) => 28.0,
            (false, true, false) => 21.0,
            (false, true, true) => 13.0,
            (false, false, false) => 27.2,
            (false, false, true) => 23.0,
        }
    }

    fn is_cranking(&self) -> bool {
        matches!(self.engine, Engine::Cranking { .. })
    }

    /// The event that the beginning of its state is.
    pub(super) fn code(&self) -> &'static str {
        match self.engine {
            Engine::Stopped => "generator.stopped",
            Engine::Cranking { .. } => "generator.cranking",
            Engine::Resting { .. } => "generator.resting",
            Engine::WarmingUp { .. } => "generator.warming-up",
            Engine::Running => "generator.running",
            Engine::CoolingDown { .. } => "generator.cooling-down",
            Engine::Fault(_) => "generator.fault",
        }
    }

    /// Time until something timed happens in it, s.
    pub(super) fn next_change_s(&self) -> f64 {
        let phase_s = match self.engine {
            Engine::Cranking { left_s, .. }
            | Engine::Resting { left_s, .. }
            | Engine::WarmingUp { left_s }
            | Engine::CoolingDown { left_s } => left_s,
            Engine::Running => self.test.map_or(f64::INFINITY, |test| test.left_s),
            Engine::Stopped | Engine::Fault(_) => f64::INFINITY,
        };
        let fuel_s =
            if self.is_turning() { self.fuel_l / self.litres_per_h() * 3600.0 } else { f64::INFINITY };
        let overload_s = if self.load > OVERLOAD { OVERLOAD_S - self.overload_s } else { f64::INFINITY };
        phase_s.min(fuel_s).min(overload_s)
    }

    /// One step with the load that it has; `called`: someone waits for its power. Then comes [`Generator::carry`].
    pub(super) fn step(&mut self, dt_s: f64, called: bool) {
        self.overload_s = if self.load > OVERLOAD { self.overload_s + dt_s } else { 0.0 };
        if self.engine == Engine::Running {
            self.test = self.test.map(|test| Test { left_s: test.left_s - dt_s, ..test });
        }
        let failed = matches!(self.engine, Engine::Fault(_)) || self.mode != ControlMode::Auto;
        self.test = self.test.filter(|test| test.left_s > 1e-6 && !failed);
        self.engine = self.next(dt_s, called || self.test.is_some());
        let turning = self.is_turning();
        let target_c = if turning { 82.0 + 8.0 * self.load } else { 40.0 };
        self.coolant_c = follow(self.coolant_c, target_c, dt_s, if turning { 180.0 } else { 1800.0 });
        self.governed = follow(self.governed, self.load, dt_s, RECOVERY_S);
    }

    /// Takes the load that the network has settled on for this step, `out_w`: counts energy, fuel and running time.
    pub(super) fn carry(&mut self, dt_s: f64, out_w: f64) {
        self.load = out_w / self.rated_w;
        if self.is_turning() {
            self.fuel_l = (self.fuel_l - self.litres_per_h() * dt_s / 3600.0).max(0.0);
            self.run_s += dt_s;
        }
        self.energy_j += out_w * dt_s;
    }

    fn next(&mut self, dt_s: f64, wanted: bool) -> Engine {
        let wanted = match self.mode {
            ControlMode::Auto => wanted,
            ControlMode::Manual => !matches!(self.engine, Engine::Stopped | Engine::CoolingDown { .. }),
            ControlMode::Off if matches!(self.engine, Engine::Fault(_)) => return self.engine,
            ControlMode::Off => return Engine::Stopped,
        };
        let first_attempt = Engine::Cranking { attempt: 1, left_s: self.crank_s };
        match self.engine {
            Engine::Stopped if wanted => first_attempt,
            Engine::Stopped | Engine::Fault(_) => self.engine,
            _ if self.is_turning() && self.fuel_l <= 0.0 => Engine::Fault(Trip::NoFuel),
            _ if self.overload_s >= OVERLOAD_S => Engine::Fault(Trip::Overload),
            Engine::Cranking { .. } | Engine::Resting { .. } if !wanted => Engine::Stopped,
            Engine::Cranking { attempt, left_s } if left_s <= dt_s => self.after_cranking(attempt),
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

    fn after_cranking(&mut self, attempt: u8) -> Engine {
        if self.can_start && !self.starter_weak && self.fuel_l > 0.0 {
            self.starts += 1;
            Engine::WarmingUp { left_s: self.warm_up_s }
        } else if attempt < ATTEMPTS {
            Engine::Resting { attempt, left_s: self.crank_s }
        } else {
            Engine::Fault(Trip::FailedToStart)
        }
    }
}

#[cfg(test)]
mod tests {
    use hallward_profiles::Library;

    use super::*;
    use crate::DEMO_SITE;

    /// Litres per US gallon.
    const LITRES: f64 = 3.785;

    /// Size in kW, and US gallons per hour at a quarter, half, three quarters and full load: the approximate diesel
    /// fuel consumption chart of Diesel Service & Supply.
    const PUBLISHED: [(f64, [f64; 4]); 6] = [
        (60.0, [1.8, 2.9, 3.8, 4.8]),
        (75.0, [2.4, 3.4, 4.6, 6.1]),
        (100.0, [2.6, 4.1, 5.8, 7.4]),
        (125.0, [3.1, 5.0, 7.1, 9.1]),
        (150.0, [3.6, 5.9, 8.4, 10.9]),
        (200.0, [4.7, 7.7, 11.0, 14.4]),
    ];

    #[test]
    fn fuel_follows_a_published_table() {
        let site = Site::parse("demo.toml", DEMO_SITE, &Library::load(None).unwrap()).unwrap();
        let (_, device) = site.device("gen-1").unwrap();
        for (kilowatts, gallons) in PUBLISHED {
            for (quarter, gallons) in (1..).zip(gallons) {
                let mut one = Generator::new(&site, device, kilowatts * 1000.0);
                one.engine = Engine::Running;
                let out_w = f64::from(quarter) / 4.0 * one.rated_w;
                let before_l = one.fuel_l;
                for _ in 0..3600 {
                    one.step(1.0, true);
                    one.carry(1.0, out_w);
                }
                let litres = before_l - one.fuel_l;
                let off = litres / (gallons * LITRES) - 1.0;
                assert!(
                    off.abs() < 0.2,
                    "{kilowatts} kW, {quarter}/4: {litres:.1} l/h, published {gallons} gal/h"
                );
            }
        }
    }
}
