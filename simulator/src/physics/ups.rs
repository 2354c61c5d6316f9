//! An uninterruptible power supply of double conversion.
//!
//! Equations: on line, input = output + loss + charging / [`CHARGER`], with loss = rated power × L × (0.4 + 0.4 x +
//! 0.2 x²) at load share x: the usual three parts (without load, proportional, square; as Rasmussen has them in APC
//! White Paper 113), shared out by a choice of ours; L follows from the efficiency at half load. On battery, the
//! battery gives output / [`INVERTER`] + [`IDLE`] × rated power. On bypass, 1 % of the output is lost. What is lost
//! turns into heat of the room.
//!
//! Its input is good within [`WINDOW`] (IEC 62040-3 wants ±10 % and ±2 % to be borne; makers give more). Overload is
//! borne for the times of [`bearable_s`], as makers declare them: then the load goes to bypass, without one it is
//! dropped. Once cool, it returns by itself. A UPS that trips drops its load until it is repaired.

use hallward_site::{Device, Site};

use super::{
    battery::Battery,
    mains::NOMINAL_HERTZ,
    mains::NOMINAL_VOLTS,
    network::{Supply, Window},
    parameters::parameter,
};

/// Efficiency from battery to output, but for what it takes without load.
const INVERTER: f64 = 0.96;

/// What it takes from its battery without load, as a share of its rated power.
const IDLE: f64 = 0.03;

/// Efficiency from input into the battery.
const CHARGER: f64 = 0.92;

/// Efficiency on bypass.
const BYPASS: f64 = 0.99;

/// An input that is good.
const WINDOW: Window = Window { voltage: (0.8, 1.15), frequency: (0.9, 1.1) };

/// How far inside its window an input is good again, as a share of the nominal.
const BACK: f64 = 0.02;

/// Input must be good for so long before it starts again by itself, s.
const RESTART_S: f64 = 10.0;

/// Charge below which the battery is low.
const LOW: f64 = 0.2;

/// Load share above which it warns of overload.
const OVERLOAD: f64 = 1.05;

/// How long it needs to cool down after an overload, s.
const COOLING_S: f64 = 60.0;

/// What it does.
#[derive(Clone, Copy, Debug, PartialEq)]
pub(super) enum Mode {
    Online,
    OnBattery,
    Bypass,
    /// Off; its input has been good for `good_s`.
    Off {
        good_s: f64,
    },
    /// Tripped.
    Fault,
}

impl Mode {
    /// The vocabulary's word for it.
    pub(super) fn word(self) -> &'static str {
        match self {
            Self::Online => "online",
            Self::OnBattery => "on-battery",
            Self::Bypass => "bypass",
            Self::Off { .. } => "off",
            Self::Fault => "fault",
        }
    }

    /// The event that its beginning is.
    pub(super) fn code(self) -> &'static str {
        match self {
            Self::Online => "ups.online",
            Self::OnBattery => "ups.on-battery",
            Self::Bypass => "ups.bypass",
            Self::Off { .. } => "ups.off",
            Self::Fault => "ups.fault",
        }
    }
}

/// Which way the output's power takes.
#[derive(Clone, Copy, Debug, PartialEq)]
enum Path {
    /// Rectifier and inverter; the input is this.
    Converted(Supply),
    Bypassed(Supply),
    Battery,
    Nothing,
}

/// One UPS.
#[derive(Clone, Debug)]
pub(super) struct Ups {
    pub(super) mode: Mode,
    pub(super) battery: Battery,
    pub(super) rated_w: f64,
    /// Power lost at full load, as a share of it.
    full_loss: f64,
    /// Whether someone has switched it to bypass.
    bypass_on: bool,
    /// Whether overload has put it on bypass.
    overloaded: bool,
    /// How much of an overload that it bears has been borne, 0 to 1.
    strain: f64,
    /// Power turned into heat in the last step, W.
    pub(super) loss_w: f64,
    /// Energy put out so far, J.
    pub(super) output_j: f64,
}

impl Ups {
    pub(super) fn new(site: &Site, device: &Device, usual_rated_w: f64) -> Self {
        let set = |name, usual| parameter(site, device, name, usual);
        let rated_w = set("rated_w", usual_rated_w);
        let mut battery = Battery::new(
            rated_w / INVERTER + IDLE * rated_w,
            set("runtime_s", 600.0),
            set("charge", 1.0),
            set("charge_per_h", 0.3),
            set("battery_cells", 96.0),
            set("battery_life_y", 10.0),
        );
        battery.set_health(set("battery_health", 1.0));
        battery.adjusted_j = 0.0;
        Self {
            mode: Mode::Online,
            battery,
            rated_w,
            full_loss: (1.0 / set("efficiency", 0.94) - 1.0) * 0.5 / loss_shape(0.5),
            bypass_on: false,
            overloaded: false,
            strain: 0.0,
            loss_w: 0.0,
            output_j: 0.0,
        }
    }

    /// Someone switches it to bypass, or back.
    pub(super) fn set_bypass(&mut self, on: bool) {
        self.bypass_on = on;
    }

    /// It trips.
    pub(super) fn trip(&mut self) {
        self.mode = Mode::Fault;
    }

    /// It is mended, and starts again once its input has been good for a while.
    pub(super) fn repair(&mut self) {
        if self.mode == Mode::Fault {
            self.mode = Mode::Off { good_s: 0.0 };
        }
    }

    /// Whether its input is good enough for it.
    pub(super) fn takes(&self, incoming: Option<Supply>) -> bool {
        let was_good = matches!(self.mode, Mode::Online | Mode::Bypass);
        incoming.is_some_and(|supply| WINDOW.takes(supply, was_good, BACK))
    }

    fn path(&self, incoming: Option<Supply>) -> Path {
        match (self.mode, incoming.filter(|_| self.takes(incoming))) {
            (Mode::Off { .. } | Mode::Fault, _) => Path::Nothing,
            (_, Some(supply)) if self.bypass_on || self.overloaded => Path::Bypassed(supply),
            (_, Some(supply)) => Path::Converted(supply),
            (_, None) if self.overloaded || self.battery.is_empty() => Path::Nothing,
            (_, None) => Path::Battery,
        }
    }

    /// What it puts out.
    pub(super) fn supply(&self, incoming: Option<Supply>) -> Option<Supply> {
        match self.path(incoming) {
            Path::Converted(Supply { hertz, .. }) => Some(Supply { volts: NOMINAL_VOLTS, hertz }),
            Path::Bypassed(supply) => Some(supply),
            Path::Battery => Some(Supply { volts: NOMINAL_VOLTS, hertz: NOMINAL_HERTZ }),
            Path::Nothing => None,
        }
    }

    /// What it draws from its input, W.
    pub(super) fn input_w(&self, incoming: Option<Supply>, out_w: f64) -> f64 {
        let charging_w = self.battery.charging_w() / CHARGER;
        match self.path(incoming) {
            Path::Converted(_) => out_w + self.converting_w(out_w) + charging_w,
            Path::Bypassed(_) => out_w / BYPASS + charging_w,
            Path::Battery | Path::Nothing => 0.0,
        }
    }

    /// What double conversion loses, W.
    fn converting_w(&self, out_w: f64) -> f64 {
        let load = out_w / self.rated_w;
        self.rated_w * self.full_loss * loss_shape(load)
    }

    /// What it draws from its battery, W.
    fn drain_w(&self, out_w: f64) -> f64 {
        out_w / INVERTER + IDLE * self.rated_w
    }

    /// Time that the battery lasts at this load, s.
    pub(super) fn runtime_s(&self, out_w: f64) -> f64 {
        self.battery.runtime_s(self.drain_w(out_w))
    }

    /// Voltage of the whole battery, V.
    pub(super) fn battery_volts(&self) -> f64 {
        self.battery.volts(matches!(self.mode, Mode::Online | Mode::Bypass))
    }

    /// What the battery does, as the vocabulary says it.
    pub(super) fn battery_status(&self) -> &'static str {
        match self.mode {
            _ if self.is_low() => "low",
            Mode::OnBattery => "discharging",
            Mode::Off { .. } | Mode::Fault => "resting",
            Mode::Online | Mode::Bypass if self.battery.charge() < 0.995 => "charging",
            Mode::Online | Mode::Bypass => "floating",
        }
    }

    /// Whether the battery is nearly empty and not being charged.
    pub(super) fn is_low(&self) -> bool {
        !matches!(self.mode, Mode::Online | Mode::Bypass) && self.battery.charge() < LOW
    }

    /// Whether `out_w` is more than it bears for ever.
    pub(super) fn is_overloaded(&self, out_w: f64) -> bool {
        out_w > OVERLOAD * self.rated_w
    }

    /// Time until something timed happens in it, s, with `out_w` drawn from it.
    pub(super) fn next_change_s(&self, out_w: f64) -> f64 {
        let mode_s = match self.mode {
            Mode::Off { good_s } if good_s > 0.0 => RESTART_S - good_s,
            Mode::OnBattery => self.runtime_s(out_w),
            Mode::Online | Mode::Bypass | Mode::Off { .. } | Mode::Fault => f64::INFINITY,
        };
        mode_s.min(self.strain_change_s(out_w))
    }

    /// Time until an overload is no longer borne, or it returns from bypass after one, s.
    fn strain_change_s(&self, out_w: f64) -> f64 {
        match (self.overloaded, self.is_overloaded(out_w)) {
            (true, false) => self.strain * COOLING_S,
            (false, true) if matches!(self.mode, Mode::Online | Mode::OnBattery) => {
                (1.0 - self.strain) * bearable_s(out_w / self.rated_w)
            }
            (true, true) | (false, _) => f64::INFINITY,
        }
    }

    /// One step in a room of `room_c`.
    pub(super) fn step(&mut self, dt_s: f64, incoming: Option<Supply>, out_w: f64, room_c: f64) {
        let path = self.path(incoming);
        let charging_w = self.battery.charging_w();
        let charger_loss_w = charging_w * (1.0 / CHARGER - 1.0);
        let (battery_w, loss_w) = match path {
            Path::Converted(_) => (charging_w, self.converting_w(out_w) + charger_loss_w),
            Path::Bypassed(_) => (charging_w, out_w * (1.0 / BYPASS - 1.0) + charger_loss_w),
            Path::Battery => (-self.drain_w(out_w), out_w * (1.0 / INVERTER - 1.0) + IDLE * self.rated_w),
            Path::Nothing => (0.0, 0.0),
        };
        self.loss_w = loss_w;
        self.battery.step(dt_s, battery_w, room_c);
        self.output_j += out_w * dt_s;
        self.bear(dt_s, path, out_w);
        self.mode = self.next(dt_s, path, self.takes(incoming));
    }

    /// Overload strains it, unless the bypass carries the load.
    fn bear(&mut self, dt_s: f64, path: Path, out_w: f64) {
        let load = out_w / self.rated_w;
        self.strain = match path {
            Path::Converted(_) | Path::Battery if self.is_overloaded(out_w) => {
                (self.strain + dt_s / bearable_s(load)).min(1.0)
            }
            Path::Converted(_) | Path::Bypassed(_) | Path::Battery | Path::Nothing => {
                (self.strain - dt_s / COOLING_S).max(0.0)
            }
        };
        self.overloaded = if self.overloaded {
            self.strain > 1e-9 || self.is_overloaded(out_w)
        } else {
            self.strain >= 1.0 - 1e-9
        };
    }

    fn next(&self, dt_s: f64, path: Path, good: bool) -> Mode {
        match (path, self.mode) {
            (Path::Converted(_), _) => Mode::Online,
            (Path::Bypassed(_), _) => Mode::Bypass,
            (Path::Battery, _) if self.overloaded => Mode::Fault,
            (Path::Battery, _) if self.battery.is_empty() => Mode::Off { good_s: 0.0 },
            (Path::Battery, _) => Mode::OnBattery,
            (Path::Nothing, Mode::Fault) => Mode::Fault,
            (Path::Nothing, Mode::Off { good_s }) if good && good_s + dt_s >= RESTART_S => Mode::Online,
            (Path::Nothing, Mode::Off { good_s }) if good => Mode::Off { good_s: good_s + dt_s },
            (Path::Nothing, _) => Mode::Off { good_s: 0.0 },
        }
    }
}

/// Loss of double conversion at a load share, as a share of that at full load.
fn loss_shape(load: f64) -> f64 {
    0.4 + 0.4 * load + 0.2 * load * load
}

/// How long a load share is borne, s.
fn bearable_s(load: f64) -> f64 {
    match load {
        _ if load <= OVERLOAD => f64::INFINITY,
        _ if load <= 1.25 => 600.0,
        _ if load <= 1.5 => 60.0,
        _ => 0.5,
    }
}

#[cfg(test)]
mod tests {
    use hallward_profiles::Library;

    use super::*;

    /// Runtimes of a Smart-UPS 1400 by load, VA and minutes, as its user's manual (APC, "Smart-UPS 420, 650, 1000, 1400",
    /// "How to determine on-battery run time") has them.
    const PUBLISHED: [(f64, f64); 12] = [
        (75.0, 236.0),
        (100.0, 190.0),
        (150.0, 133.0),
        (200.0, 99.0),
        (250.0, 74.0),
        (300.0, 60.0),
        (400.0, 42.0),
        (500.0, 29.0),
        (600.0, 23.0),
        (800.0, 16.0),
        (1000.0, 11.0),
        (1200.0, 8.8),
    ];

    #[test]
    fn runtimes_follow_a_published_table() {
        let site = Site::parse(
            "test.toml",
            "[site]\nid = \"one\"\nname = \"One\"\ntime_zone = \"UTC\"\n\
             [[line]]\nid = \"a\"\ntcp = \"127.0.0.1:502\"\n\
             [[device]]\nid = \"ups\"\nline = \"a\"\nunit = 1\nprofile = \"apc-smart-ups\"\n\
             [simulation.device.ups]\nrated_w = 1400\nruntime_s = 430\n",
            &Library::load(None).unwrap(),
        )
        .unwrap();
        for (load, minutes) in PUBLISHED {
            let mut ups = Ups::new(&site, &site.devices[0], 0.0);
            let told_s = ups.runtime_s(load);
            let mut lasted_s = 0.0;
            while !matches!(ups.mode, Mode::Off { .. }) {
                ups.step(1.0, None, load, 25.0);
                lasted_s += 1.0;
            }
            let off = lasted_s / 60.0 / minutes - 1.0;
            assert!(off.abs() < 0.15, "{load} VA: {:.1} min, published {minutes}", lasted_s / 60.0);
            // It tells no more than four hours.
            assert!(
                (told_s / lasted_s.min(14_400.0) - 1.0).abs() < 0.02,
                "{load} VA: {lasted_s} s, told {told_s} s"
            );
        }
    }

    #[test]
    fn efficiency_rises_with_load_and_is_as_set_at_half() {
        let site = Site::parse(
            "test.toml",
            "[site]\nid = \"one\"\nname = \"One\"\ntime_zone = \"UTC\"\n\
             [[line]]\nid = \"a\"\ntcp = \"127.0.0.1:502\"\n\
             [[device]]\nid = \"ups\"\nline = \"a\"\nunit = 1\nprofile = \"apc-smart-ups\"\n",
            &Library::load(None).unwrap(),
        )
        .unwrap();
        let ups = Ups::new(&site, &site.devices[0], 10_000.0);
        let good = Some(Supply { volts: NOMINAL_VOLTS, hertz: NOMINAL_HERTZ });
        let efficiency = |load: f64| load * 10_000.0 / ups.input_w(good, load * 10_000.0);
        assert!((efficiency(0.5) - 0.94).abs() < 1e-9);
        assert!((0.75..0.85).contains(&efficiency(0.1)) && (0.94..0.96).contains(&efficiency(1.0)));
    }
}
