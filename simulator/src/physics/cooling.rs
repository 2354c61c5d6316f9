//! Precision air conditioners.
//!
//! Equations: duty wanted = (measured return air − set point + 1 K) / 2 K, between 0 and 1; the expansion valve of a unit with
//! compressors, and with it the duty, follows as a first-order lag, the valve of one with chilled water at the speed of its drive
//! (`cold.rs` says which is which); the fan runs at 60 to 100 % as the duty goes from 0 to 1. What fan, coil and compressors make
//! of it is in `refrigeration.rs`, what water does in `chilled_water.rs`. Electricity = controls + fan + steam + (sensible and
//! latent heat) / COP of the compressors. What controls and fan draw warms the room, watt for watt and in the very step in which the network
//! gives it; what compressors draw leaves with the condenser's air, and what the humidifier draws with its steam: the heat of
//! evaporation stays with the water, loads the compressors, and never warms the room's air.
//!
//! Below 70 % of the nominal voltage it is without power: it draws nothing and moves no heat, though its fan still runs
//! down. One without power for more than a second stops, and needs its restart time once power is back; units of one room come
//! back one after the other, [`STAGGER_S`] apart. One without air flow, or whose compressors are all gone, trips. Above
//! 60 % humidity it lets its fan run slowly, so that the coil gets cold enough to dry the air; below 40 % it makes steam.
//!
//! Figures without a source are choices of ours.

use hallward_site::{Device, Site};

use super::{
    cold::Cold,
    mains::NOMINAL_VOLTS,
    network::Supply,
    parameters::parameter,
    psychrometry::EVAPORATION_J_PER_KG,
    refrigeration::{Coil, flow_share, full_flow_kg_per_s},
};

/// How slowly the return air's sensor follows the air, s.
const SENSOR_LAG_S: f64 = 5.0;

/// Voltage below which contactors let go and a unit is without power, V: 70 % of the nominal.
const LEAST_VOLTS: f64 = 0.7 * NOMINAL_VOLTS;

/// A controller rides through gaps in its supply of this length, s.
const RIDE_THROUGH_S: f64 = 1.0;

/// After an outage each unit waits so much longer than the one before it, s.
const STAGGER_S: f64 = 10.0;

/// Set points that a unit can hold, °C.
pub(super) const SETPOINTS_C: (f64, f64) = (10.0, 40.0);

/// Slowest speed of a fan that runs, and its start from rest to full speed, s.
const LEAST_SPEED: f64 = 0.6;
const FAN_START_S: f64 = 20.0;

/// Less than this share of the full air flow is none; after so many seconds the unit trips.
const NO_AIR_FLOW: f64 = 0.25;
const NO_AIR_FLOW_S: f64 = 30.0;

/// A filter clogged by this much is to be changed; a clean one gets there in half a year of full air flow.
const DIRTY: f64 = 0.5;
const DIRTY_AFTER_S: f64 = 180.0 * 86_400.0;

/// Relative humidities between which nothing is done, and how far back they must come, 0 to 1.
const DRY: f64 = 0.4;
const HUMID: f64 = 0.6;
const HUMIDITY_BAND: f64 = 0.05;

/// Steam of a humidifier for each W of capacity, kg/s: 3 kg/h for 11 kW; and heat to make it, from water of 20 °C.
const STEAM_KG_PER_S_W: f64 = 7.5e-8;
const STEAM_J_PER_KG: f64 = 2.6e6;

/// What controls and a fan at full speed draw, W; the fan as a share of the capacity.
const CONTROLS_W: f64 = 40.0;
const FAN_SHARE: f64 = 0.06;

/// What the pan below the coil holds, l.
const PAN_L: f64 = 5.0;

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

/// What the humidity control does.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(super) enum Humidity {
    #[default]
    Fine,
    Humidifying,
    Drying,
}

impl Humidity {
    /// Its name in the truth.
    pub(super) fn word(self) -> &'static str {
        match self {
            Self::Fine => "fine",
            Self::Humidifying => "humidifying",
            Self::Drying => "drying",
        }
    }
}

/// What a unit finds around it during a step.
#[derive(Clone, Copy, Debug)]
pub(super) struct Around {
    pub(super) powered: bool,
    pub(super) return_c: f64,
    /// Of the return air, 0 to 1.
    pub(super) humidity: f64,
    pub(super) outdoor_c: f64,
}

/// What a unit draws, by where it goes, W.
#[derive(Clone, Copy, Debug, Default)]
pub(super) struct Draw {
    /// By controls and fan: heat of the room.
    pub(super) indoors_w: f64,
    /// By compressors: heat of the air outside.
    pub(super) compressors_w: f64,
    /// By the humidifier: held by its steam.
    pub(super) steam_w: f64,
}

impl Draw {
    /// In all, W.
    pub(super) fn total_w(self) -> f64 {
        self.indoors_w + self.compressors_w + self.steam_w
    }
}

/// One unit.
#[derive(Clone, Debug)]
pub(super) struct CoolingUnit {
    pub(super) state: State,
    /// Share of its capacity that its control asks for, 0 to 1.
    pub(super) duty: f64,
    pub(super) setpoint_c: f64,
    pub(super) capacity_w: f64,
    /// What its return air sensor measures, °C.
    pub(super) return_c: f64,
    /// Speed of its fan, 0 to 1.
    pub(super) fan: f64,
    pub(super) fan_failed: bool,
    /// How far its filter is clogged, 0 to 1.
    pub(super) filter: f64,
    pub(super) coil: Coil,
    pub(super) cold: Cold,
    pub(super) humidity: Humidity,
    pub(super) drain_blocked: bool,
    /// Condensate in the pan, l.
    pub(super) pan_l: f64,
    /// What has gone down the drain, l.
    pub(super) drained_l: f64,
    /// Whether the team of its room calls it.
    pub(super) called: bool,
    restart_s: f64,
    powered: bool,
    cop: f64,
    unpowered_s: f64,
    no_air_s: f64,
    latent_w: f64,
    /// From the next step on, while it has power.
    draw: Draw,
}

impl CoolingUnit {
    /// The unit of `device`; `place` others of its room come back before it.
    pub(super) fn new(site: &Site, device: &Device, usual_capacity_w: f64, place: f64) -> Self {
        let set = |name, usual| parameter(site, device, name, usual);
        let setpoint_c = set("setpoint_c", 24.0);
        let capacity_w = set("capacity_w", usual_capacity_w);
        Self {
            state: State::Standby,
            duty: 0.0,
            setpoint_c,
            capacity_w,
            return_c: setpoint_c,
            fan: 0.0,
            fan_failed: false,
            filter: set("filter", 0.0),
            coil: Coil::default(),
            cold: Cold::of(site, device, capacity_w),
            humidity: Humidity::Fine,
            drain_blocked: false,
            pan_l: 0.0,
            drained_l: 0.0,
            called: false,
            restart_s: set("restart_s", 30.0) + place * STAGGER_S,
            cop: set("cop", 3.2),
            powered: true,
            unpowered_s: 0.0,
            no_air_s: 0.0,
            latent_w: 0.0,
            draw: Draw { indoors_w: CONTROLS_W, ..Draw::default() },
        }
    }

    /// It is told another set point, and takes the nearest that it can hold.
    pub(super) fn set(&mut self, setpoint_c: f64) {
        let (low, high) = SETPOINTS_C;
        self.setpoint_c = setpoint_c.clamp(low, high);
    }

    /// Whether a supply is enough for it to work.
    pub(super) fn is_powered_by(incoming: Option<Supply>) -> bool {
        incoming.is_some_and(|supply| supply.volts >= LEAST_VOLTS)
    }

    /// What it draws from this supply.
    pub(super) fn drawn(&self, incoming: Option<Supply>) -> Draw {
        if Self::is_powered_by(incoming) { self.draw } else { Draw::default() }
    }

    /// What its controls and its fan want, which warms the room, W; a fan that runs down draws nothing.
    pub(super) fn indoor_w(&self) -> f64 {
        let fan_w = FAN_SHARE * self.capacity_w * self.fan.powi(3);
        match self.state {
            State::Off { .. } => 0.0,
            _ if !self.powered => 0.0,
            State::On if !self.fan_failed => CONTROLS_W + fan_w,
            State::On | State::Standby | State::Fault => CONTROLS_W,
        }
    }

    /// Air that it blows, kg/s.
    pub(super) fn flow_kg_per_s(&self) -> f64 {
        full_flow_kg_per_s(self.capacity_w) * flow_share(self.fan, self.filter)
    }

    /// Whether it cools.
    pub(super) fn is_running(&self) -> bool {
        self.state == State::On
    }

    /// Whether it cools, or could if it were called.
    pub(super) fn is_available(&self) -> bool {
        matches!(self.state, State::On | State::Standby)
    }

    /// Whether its filter is to be changed.
    pub(super) fn is_dirty(&self) -> bool {
        self.filter >= DIRTY
    }

    /// Whether air has been missing while its fan should run.
    pub(super) fn lacks_air(&self) -> bool {
        self.fan_failed || self.no_air_s >= NO_AIR_FLOW_S
    }

    /// It trips, until it is mended.
    pub(super) fn trip(&mut self) {
        self.state = State::Fault;
    }

    /// Its filter is clogged by so much, 0 to 100 %.
    pub(super) fn clog(&mut self, percent: f64) {
        if percent.is_finite() {
            self.filter = (percent / 100.0).clamp(0.0, 1.0);
        }
    }

    /// Everything about it is mended: fan, drain, pressure switches, the fault itself. Its filter stays as it is.
    pub(super) fn repair(&mut self) {
        self.fan_failed = false;
        self.drain_blocked = false;
        self.no_air_s = 0.0;
        self.cold.reset();
        if self.state == State::Fault {
            self.state = State::Standby;
        }
    }

    /// It has long been running at the duty that air of `return_c` asks for.
    pub(super) fn settle(&mut self, return_c: f64) {
        self.called = true;
        self.state = State::On;
        self.return_c = return_c;
        self.duty = self.wanted_duty(return_c);
        self.fan = self.wanted_fan();
        self.cold.settle(self.duty);
    }

    /// Heat that it would remove for long from air of `return_c`, W.
    pub(super) fn steady_w(&self, return_c: f64) -> f64 {
        let duty = self.wanted_duty(return_c);
        let fan = LEAST_SPEED + (1.0 - LEAST_SPEED) * duty;
        let air_kg_per_s = full_flow_kg_per_s(self.capacity_w) * flow_share(fan, self.filter);
        self.cold.steady_w(duty, self.capacity_w, air_kg_per_s, return_c)
    }

    fn wanted_duty(&self, return_c: f64) -> f64 {
        ((return_c - self.setpoint_c + 1.0) / 2.0).clamp(0.0, self.cold.available())
    }

    fn wanted_fan(&self) -> f64 {
        match (self.state, self.humidity) {
            _ if self.fan_failed => 0.0,
            (State::On, Humidity::Drying) => LEAST_SPEED,
            (State::On, Humidity::Fine | Humidity::Humidifying) => {
                LEAST_SPEED + (1.0 - LEAST_SPEED) * self.duty
            }
            (State::Standby | State::Off { .. } | State::Fault, _) => 0.0,
        }
    }

    /// One step. The room then takes [`Coil::heat_w`], and tells by [`CoolingUnit::collect`] what has condensed.
    pub(super) fn step(&mut self, dt_s: f64, around: Around) {
        self.powered = around.powered;
        self.unpowered_s = if around.powered { 0.0 } else { self.unpowered_s + dt_s };
        self.state = self.next_state(dt_s, around.powered);
        self.return_c += (around.return_c - self.return_c) * share(dt_s, SENSOR_LAG_S);
        let change = self.wanted_fan() - self.fan;
        self.fan += change.clamp(-dt_s / FAN_START_S, dt_s / FAN_START_S);
        let flow = flow_share(self.fan, self.filter);
        self.filter = (self.filter + DIRTY * flow * dt_s / DIRTY_AFTER_S).min(1.0);
        if self.is_running() {
            let wanted = self.wanted_duty(self.return_c);
            self.duty = self.cold.step(dt_s, self.duty, wanted, around);
            self.no_air_s = if flow < NO_AIR_FLOW { self.no_air_s + dt_s } else { 0.0 };
            if self.no_air_s >= NO_AIR_FLOW_S || self.cold.available() <= 0.0 {
                self.trip();
            }
        }
        if !self.is_running() {
            self.duty = 0.0;
            self.cold.rest(dt_s, around.powered);
        }
        let full_kg_per_s = full_flow_kg_per_s(self.capacity_w);
        let taken_w = self.cold.heat_w(self.duty, self.capacity_w, full_kg_per_s * flow, around.return_c);
        let asked_w = if self.powered { taken_w } else { 0.0 };
        self.coil = Coil::new(asked_w, full_kg_per_s, flow, around.return_c, self.cold.coldest_c());
        self.control_humidity(around.humidity, flow);
        self.draw = self.wanted(around.outdoor_c);
    }

    fn next_state(&self, dt_s: f64, powered: bool) -> State {
        match self.state {
            State::Fault => State::Fault,
            _ if self.unpowered_s > RIDE_THROUGH_S => State::Off { left_s: self.restart_s },
            State::Off { left_s } if left_s > dt_s => {
                State::Off { left_s: if powered { left_s - dt_s } else { left_s } }
            }
            _ if self.called => State::On,
            State::On | State::Standby | State::Off { .. } => State::Standby,
        }
    }

    fn control_humidity(&mut self, humidity: f64, flow: f64) {
        self.humidity = match self.humidity {
            _ if !self.is_running() || flow < NO_AIR_FLOW => Humidity::Fine,
            Humidity::Fine if humidity > HUMID => Humidity::Drying,
            Humidity::Fine if humidity < DRY => Humidity::Humidifying,
            Humidity::Drying if humidity < HUMID - HUMIDITY_BAND => Humidity::Fine,
            Humidity::Humidifying if humidity > DRY + HUMIDITY_BAND => Humidity::Fine,
            same @ (Humidity::Fine | Humidity::Humidifying | Humidity::Drying) => same,
        };
    }

    /// Steam that it makes, kg/s.
    pub(super) fn steam_kg_per_s(&self) -> f64 {
        if self.powered && self.humidity == Humidity::Humidifying {
            STEAM_KG_PER_S_W * self.capacity_w
        } else {
            0.0
        }
    }

    fn wanted(&mut self, outdoor_c: f64) -> Draw {
        let moved_w = self.coil.heat_w + self.latent_w;
        let compressors_w = self.cold.moved(moved_w, self.cop, self.duty, outdoor_c);
        if !self.powered || matches!(self.state, State::Off { .. }) {
            return Draw::default();
        }
        Draw { indoors_w: self.indoor_w(), compressors_w, steam_w: self.steam_kg_per_s() * STEAM_J_PER_KG }
    }

    /// Water has condensed on the coil and drips into the pan, kg; returns what overflows, l.
    pub(super) fn collect(&mut self, dt_s: f64, condensed_kg: f64) -> f64 {
        self.latent_w = condensed_kg * EVAPORATION_J_PER_KG / dt_s;
        self.pan_l += condensed_kg;
        if !self.drain_blocked {
            self.drained_l += self.pan_l;
            self.pan_l = 0.0;
        }
        let over_l = (self.pan_l - PAN_L).max(0.0);
        self.pan_l -= over_l;
        over_l
    }
}

/// How much of the way to its end a first-order lag goes in a step.
pub(super) fn share(dt_s: f64, lag_s: f64) -> f64 {
    1.0 - (-dt_s / lag_s).exp()
}
