//! An uninterruptible power supply of double conversion, with a lead-acid battery.
//!
//! Equations: on line, input = output / η + charging / [`CHARGER`]; on battery, the battery gives output /
//! [`INVERTER`]. Charging is constant up to 98 % and then falls off in proportion to what is missing
//! (real batteries slow down earlier; a person who watches should see it move). Cell voltage is
//! 2.25 V floating and, discharging, 1.75 V (empty) to 2.05 V (full), the usual figures of lead-acid cells. What is
//! lost turns into heat of the room. The battery ages neither with time nor with load.

use hallward_site::{Device, Site};

use super::{
    mains::{NOMINAL_HERTZ, NOMINAL_VOLTS},
    network::Supply,
    parameters::parameter,
};

/// Efficiency from battery to output.
const INVERTER: f64 = 0.96;

/// Efficiency from input into the battery.
const CHARGER: f64 = 0.92;

/// Input must be good for so long before it starts again by itself, s.
const RESTART_S: f64 = 10.0;

/// Charge below which the battery is low.
const LOW: f64 = 0.2;

/// Missing charge below which charging slows down.
const TAPER: f64 = 0.02;

/// Longest runtime that it tells, s.
const LONGEST_RUNTIME_S: f64 = 4.0 * 3600.0;

/// What it does.
#[derive(Clone, Copy, Debug, PartialEq)]
pub(super) enum Mode {
    Online,
    OnBattery,
    /// Off; its input has been good for `good_s`.
    Off {
        good_s: f64,
    },
}

impl Mode {
    /// The vocabulary's word for it.
    pub(super) fn word(self) -> &'static str {
        match self {
            Self::Online => "online",
            Self::OnBattery => "on-battery",
            Self::Off { .. } => "off",
        }
    }
}

/// One UPS.
#[derive(Clone, Debug)]
pub(super) struct Ups {
    pub(super) mode: Mode,
    pub(super) rated_w: f64,
    capacity_j: f64,
    energy_j: f64,
    charge_w: f64,
    efficiency: f64,
    cells: f64,
    pub(super) battery_c: f64,
    /// Power into the battery (negative: out of it) in the last step, W.
    pub(super) battery_w: f64,
    /// Power turned into heat in the last step, W.
    pub(super) loss_w: f64,
    /// Energy put out so far, J.
    pub(super) output_j: f64,
}

impl Ups {
    pub(super) fn new(site: &Site, device: &Device, usual_rated_w: f64) -> Self {
        let set = |name, usual| parameter(site, device, name, usual);
        let rated_w = set("rated_w", usual_rated_w);
        let capacity_j = rated_w / INVERTER * set("runtime_s", 600.0);
        Self {
            mode: Mode::Online,
            rated_w,
            capacity_j,
            energy_j: capacity_j * set("charge", 1.0),
            charge_w: capacity_j * set("charge_per_h", 0.3) / 3600.0,
            efficiency: set("efficiency", 0.94),
            cells: set("battery_cells", 96.0),
            battery_c: 25.0,
            battery_w: 0.0,
            loss_w: 0.0,
            output_j: 0.0,
        }
    }

    /// Charge of the battery, 0 to 1.
    pub(super) fn charge(&self) -> f64 {
        self.energy_j / self.capacity_j
    }

    /// Energy in the battery, J.
    pub(super) fn energy_j(&self) -> f64 {
        self.energy_j
    }

    /// What it puts out.
    pub(super) fn supply(&self, incoming: Option<Supply>) -> Option<Supply> {
        let works = match self.mode {
            Mode::Online | Mode::OnBattery => incoming.is_some() || self.energy_j > 0.0,
            Mode::Off { .. } => false,
        };
        let hertz = incoming.map_or(NOMINAL_HERTZ, |incoming| incoming.hertz);
        works.then_some(Supply { volts: NOMINAL_VOLTS, hertz })
    }

    /// What it draws from its input, W.
    pub(super) fn input_w(&self, incoming: Option<Supply>, out_w: f64) -> f64 {
        match (incoming, self.mode) {
            (None, _) | (_, Mode::Off { .. }) => 0.0,
            (Some(_), Mode::Online | Mode::OnBattery) => {
                out_w / self.efficiency + self.charging_w() / CHARGER
            }
        }
    }

    /// Power into the battery while its input is good, W.
    fn charging_w(&self) -> f64 {
        let missing = 1.0 - self.charge();
        if missing < 1e-4 { 0.0 } else { self.charge_w * (missing / TAPER).min(1.0) }
    }

    /// Time that the battery lasts at this load, s.
    pub(super) fn runtime_s(&self, out_w: f64) -> f64 {
        if out_w < 1.0 {
            LONGEST_RUNTIME_S
        } else {
            (self.energy_j * INVERTER / out_w).min(LONGEST_RUNTIME_S)
        }
    }

    /// Voltage of the whole battery, V.
    pub(super) fn battery_volts(&self) -> f64 {
        let cell = match self.mode {
            Mode::Online => 2.13 + 0.12 * self.charge(),
            Mode::OnBattery | Mode::Off { .. } => 1.75 + 0.3 * self.charge(),
        };
        self.cells * cell
    }

    /// What the battery does, as the vocabulary says it.
    pub(super) fn battery_status(&self) -> &'static str {
        match self.mode {
            Mode::OnBattery | Mode::Off { .. } if self.charge() < LOW => "low",
            Mode::OnBattery => "discharging",
            Mode::Off { .. } => "resting",
            Mode::Online if self.charge() < 0.995 => "charging",
            Mode::Online => "floating",
        }
    }

    /// Whether the battery is nearly empty.
    pub(super) fn is_low(&self) -> bool {
        self.mode != Mode::Online && self.charge() < LOW
    }

    /// One step in a room of `room_c`.
    pub(super) fn step(&mut self, dt_s: f64, incoming: Option<Supply>, out_w: f64, room_c: f64) {
        let in_w = self.input_w(incoming, out_w);
        self.battery_w = match (self.mode, incoming) {
            (Mode::Off { .. }, _) => 0.0,
            (_, Some(_)) => self.charging_w(),
            (_, None) => -(out_w / INVERTER).min(self.energy_j / dt_s),
        };
        self.loss_w = in_w - out_w - self.battery_w;
        self.energy_j = (self.energy_j + self.battery_w * dt_s).clamp(0.0, self.capacity_j);
        self.output_j += out_w * dt_s;
        let warm_c = room_c + 1.5 + 4.0 * (self.battery_w.abs() / self.rated_w);
        self.battery_c += (warm_c - self.battery_c) * dt_s / 1800.0;
        self.mode = match (self.mode, incoming) {
            (Mode::Off { good_s }, Some(_)) if good_s + dt_s >= RESTART_S => Mode::Online,
            (Mode::Off { good_s }, Some(_)) => Mode::Off { good_s: good_s + dt_s },
            (_, Some(_)) => Mode::Online,
            (Mode::Off { .. }, None) => Mode::Off { good_s: 0.0 },
            (_, None) if self.energy_j <= 0.0 => Mode::Off { good_s: 0.0 },
            (_, None) => Mode::OnBattery,
        };
    }
}
