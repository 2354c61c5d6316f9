//! What each device would see of the hall, in the vocabulary's names and units.
//!
//! Names are given in parts, so that none is put together anew each time. A device tells what its profile has of these;
//! the rest is dropped. Besides the vocabulary some names that several
//! vendors share are told where physics knows them, such as `alarm.shutdown-imminent`.

use hallward_profiles::Class;
use hallward_site::{Device, FeedNode};

use super::{
    Building, SETPOINT,
    climate::Sensor,
    cooling::{CoolingUnit, Humidity, State},
    fire::{Detector, Stage},
    generator::{ControlMode, Engine, Generator, Trip},
    network::Supply,
    of_class,
    power::POWER_FACTOR,
    psychrometry::dew_point_c,
    refrigeration::Compressor,
    room_of,
    transfer_switch::TransferSwitch,
    ups::{Mode, Ups},
    water::Cable,
};
use crate::encode::{Given, Value};

/// How the phases share the load; they never do so quite evenly.
const PHASE_SHARES: [(&str, f64); 3] = [(".l1", 0.345), (".l2", 0.335), (".l3", 0.32)];

/// Return air at which a cooling unit warns, °C.
const RETURN_HIGH_C: f64 = 30.0;

const J_PER_KWH: f64 = 3.6e6;

/// Tells the values of `device`, which is the hall's `n`th.
pub(super) fn tell(hall: &Building, n: usize, device: &Device, given: &mut Given) {
    let mut told = Told(given);
    match device.profile.class {
        Class::Ups | Class::Battery => {
            let n = if device.profile.class == Class::Ups { n } else { ups_of(hall, n).unwrap_or(n) };
            if let Some(one) = hall.plant.upses.get(&n) {
                ups(&mut told, hall, n, one);
            }
        }
        Class::Generator => {
            if let Some(one) = hall.plant.generators.get(&n) {
                generator(&mut told, hall, n, one);
            }
        }
        Class::Ats => {
            if let Some(one) = hall.plant.switches.get(&n) {
                transfer_switch(&mut told, hall, n, one);
            }
        }
        Class::Meter => meter(&mut told, hall, n),
        Class::Cooling => {
            if let Some(unit) = hall.plant.cooling.get(&n) {
                cooling(&mut told, hall, n, room_of(device), unit);
            }
        }
        Class::Climate => hall.sensors.get(&n).into_iter().for_each(|sensor| climate(&mut told, sensor)),
        Class::Fire => hall.detectors.get(&n).into_iter().for_each(|one| fire(&mut told, one)),
        Class::Leak => hall.cables.get(&n).into_iter().for_each(|cable| leak(&mut told, cable)),
        Class::Io => {
            let fire = hall.detectors.values().any(Detector::alarm);
            hall.doors.points(n, fire).for_each(|(point, on)| told.named(point.as_str(), Value::Flag(on)));
        }
    }
}

/// The UPS whose battery a battery device watches: the first that it feeds or is fed by, else the one that has the
/// same place among UPSs as the device among battery devices; the last, where there are fewer UPSs.
fn ups_of(hall: &Building, battery: usize) -> Option<usize> {
    let node = FeedNode::Device(battery);
    let upses = &hall.plant.upses;
    let joined = |ups: &usize| {
        let ups = FeedNode::Device(*ups);
        let joins = |from, to| hall.site.feeds.iter().any(|feed| feed.from == from && feed.to == to);
        joins(node, ups) || joins(ups, node)
    };
    let place = of_class(&hall.site, Class::Battery).filter(|(n, _)| *n < battery).count();
    let by_place = || upses.keys().nth(place).or_else(|| upses.keys().last());
    upses.keys().find(|ups| joined(ups)).or_else(by_place).copied()
}

/// Where values are told, in the ways that classes share.
struct Told<'g>(&'g mut Given);

impl Told<'_> {
    fn number(&mut self, name: &'static str, value: f64) {
        self.number_of(["", "", name], value);
    }

    fn number_of(&mut self, parts: [&'static str; 3], value: f64) {
        self.0.tell(parts, Value::Number(value));
    }

    /// A name that is not known beforehand.
    fn named(&mut self, name: &str, value: Value) {
        self.0.tell_named(name, value);
    }

    fn word(&mut self, name: &'static str, word: &'static str) {
        self.0.tell(["", "", name], Value::Word(word));
    }

    fn flag(&mut self, name: &'static str, flag: bool) {
        self.0.tell(["", "", name], Value::Flag(flag));
    }

    /// Voltage of each phase and between them, V; 0 where nothing is live.
    fn voltages(&mut self, prefix: &'static str, supply: Option<Supply>) {
        let volts = supply.map_or(0.0, |supply| supply.volts);
        for phase in ["", ".l1", ".l2", ".l3", ".l1-n", ".l2-n", ".l3-n"] {
            self.number_of([prefix, "voltage", phase], volts);
        }
        for pair in [".l1-l2", ".l2-l3", ".l3-l1"] {
            self.number_of([prefix, "voltage", pair], volts * 3_f64.sqrt());
        }
        self.number_of([prefix, "frequency", ""], supply.map_or(0.0, |supply| supply.hertz));
    }

    /// What flows, by phase and in all; current without a phase is the sum of the phases'.
    fn power(&mut self, prefix: &'static str, supply: Option<Supply>, watts: f64) {
        let watts = if supply.is_some() { watts } else { 0.0 };
        let volts = supply.map_or(1.0, |supply| supply.volts);
        let reactive = (1.0 / (POWER_FACTOR * POWER_FACTOR) - 1.0).sqrt();
        for (phase, share) in [("", 1.0)].into_iter().chain(PHASE_SHARES) {
            let watts = watts * share;
            self.number_of([prefix, "current", phase], watts / POWER_FACTOR / volts);
            self.number_of([prefix, "power", phase], watts);
            self.number_of([prefix, "apparent-power", phase], watts / POWER_FACTOR);
            self.number_of([prefix, "reactive-power", phase], watts * reactive);
            self.number_of([prefix, "power-factor", phase], POWER_FACTOR);
        }
    }

    fn energy(&mut self, name: &'static str, joules: f64) {
        for (phase, share) in [("", 1.0)].into_iter().chain(PHASE_SHARES) {
            self.number_of([name, "", phase], joules * share / J_PER_KWH);
        }
    }
}

fn ups(told: &mut Told, hall: &Building, n: usize, ups: &Ups) {
    let flow = hall.plant.flow(n);
    let load = flow.out_w / ups.rated_w;
    let (battery, good) = (&ups.battery, ups.takes(flow.incoming));
    told.word("ups.status", ups.mode.word());
    told.number("battery.charge", battery.charge() * 100.0);
    told.number("battery.runtime", ups.runtime_s(flow.out_w));
    told.number("battery.voltage", ups.battery_volts());
    told.number("battery.current", battery.power_w / ups.battery_volts());
    told.number("battery.temperature", battery.temperature_c);
    told.word("battery.status", ups.battery_status());
    told.voltages("input.", flow.incoming);
    told.power("input.", flow.incoming, flow.in_w);
    told.voltages("bypass.", flow.incoming);
    told.voltages("output.", flow.outgoing);
    told.power("output.", flow.outgoing, flow.out_w);
    told.number("output.load", load * 100.0);
    told.number("output.apparent-load", load * 100.0);
    for (phase, share) in PHASE_SHARES {
        told.number_of(["output.", "load", phase], 3.0 * share * load * 100.0);
    }
    told.energy("output.energy", ups.output_j);
    told.number("nameplate.power", ups.rated_w);
    told.number("nameplate.apparent-power", ups.rated_w / POWER_FACTOR);
    told.flag("alarm.overload", ups.is_overloaded(flow.out_w));
    told.flag("alarm.overload-105-110", load > 1.05 && load <= 1.1);
    told.flag("alarm.overload-110-130", load > 1.1);
    for low in ["alarm.shutdown-imminent", "alarm.battery-low", "alarm.low-battery"] {
        told.flag(low, ups.is_low());
    }
    for replace in ["alarm.battery-replace", "alarm.battery-bad"] {
        told.flag(replace, battery.is_to_be_replaced());
    }
    told.flag("alarm.on-battery", ups.mode == Mode::OnBattery);
    told.flag("status.input-not-acceptable", !good);
    told.flag("alarm.input-bad", !good);
    told.flag("input.status.acceptable", good);
    told.flag("input.status.powering-load", good && matches!(ups.mode, Mode::Online | Mode::Bypass));
}

fn generator(told: &mut Told, hall: &Building, n: usize, generator: &Generator) {
    let flow = hall.plant.flow(n);
    told.word(
        "engine.state",
        match generator.engine {
            Engine::Stopped => "stopped",
            Engine::Cranking { .. } | Engine::Resting { .. } => "starting",
            Engine::WarmingUp { .. } | Engine::Running => "running",
            Engine::CoolingDown { .. } => "cooling-down",
            Engine::Fault(_) => "fault",
        },
    );
    told.word("control.mode", generator.mode.word());
    told.number("fuel.level", generator.fuel() * 100.0);
    told.number("coolant.temperature", generator.coolant_c);
    told.number("oil.temperature", generator.coolant_c + if generator.is_turning() { 6.0 } else { -4.0 });
    told.number("oil.pressure", generator.oil_kpa());
    told.number("engine.speed", generator.speed_rpm());
    told.number("starter-battery.voltage", generator.starter_volts());
    told.number("engine.hours", generator.run_s / 3600.0);
    told.number("engine.starts", f64::from(generator.starts));
    let terminals = generator.terminals();
    told.voltages("output.", terminals);
    told.power("output.", terminals, flow.out_w);
    told.number("output.load", flow.out_w / generator.rated_w * 100.0);
    told.energy("output.energy", generator.energy_j);
    told.voltages("mains.", hall.plant.mains.first().and_then(|mains| mains.supply()));
    generator_alarms(told, generator);
}

fn generator_alarms(told: &mut Told, generator: &Generator) {
    let tripped = |trip: Trip| generator.engine == Engine::Fault(trip);
    told.flag("alarm.fail-to-start", tripped(Trip::FailedToStart));
    for oil in ["alarm.low-oil-pressure", "alarm.low-oil-pressure-shutdown"] {
        told.flag(oil, tripped(Trip::OilPressure));
    }
    for overload in ["alarm.generator-kw-overload", "alarm.over-power-shutdown"] {
        told.flag(overload, tripped(Trip::Overload));
    }
    told.flag("alarm.low-fuel-level-shutdown", tripped(Trip::NoFuel));
    for fuel in ["alarm.low-fuel-level", "alarm.low-fuel-level-warning"] {
        told.flag(fuel, generator.is_fuel_low());
    }
    for starter in ["alarm.low-battery-voltage", "alarm.battery-voltage-low", "alarm.weak-battery"] {
        told.flag(starter, generator.starter_weak);
    }
    told.flag("alarm.not-in-auto", generator.mode != ControlMode::Auto);
}

fn transfer_switch(told: &mut Told, hall: &Building, n: usize, switch: &TransferSwitch) {
    let node = FeedNode::Device(n);
    let [one, two] = hall.plant.network.inputs(node);
    let [one_good, two_good] = switch.good;
    told.flag("source.1.available", one_good);
    told.voltages("source.1.", one);
    told.flag("source.2.available", two_good);
    told.voltages("source.2.", two);
    told.word("position", switch.position.word());
    told.word("control.mode", "auto");
    told.number("transfers", f64::from(switch.transfers));
    told.flag("alarm.transfer-failed", switch.has_failed());
    let flow = hall.plant.flow(n);
    told.voltages("output.", flow.outgoing);
    told.power("output.", flow.outgoing, flow.out_w);
}

fn meter(told: &mut Told, hall: &Building, n: usize) {
    let flow = hall.plant.flow(n);
    told.voltages("", flow.incoming);
    told.power("", flow.incoming, flow.in_w);
    let metered_j = hall.plant.metered_j.get(&n).copied().unwrap_or(0.0);
    told.energy("energy", metered_j);
    told.energy("energy.sum", metered_j);
}

fn cooling(told: &mut Told, hall: &Building, n: usize, room: usize, unit: &CoolingUnit) {
    let Some(air) = hall.rooms.get(room) else { return };
    told.word("unit.state", unit.state.word());
    told.number("return.temperature", unit.return_c);
    told.number("supply.temperature", unit.coil.supply_c);
    let humidity = air.humidity_at(unit.return_c);
    told.number("return.humidity", humidity * 100.0);
    told.number("return.dew-point", dew_point_c(unit.return_c, humidity));
    told.number(SETPOINT, unit.setpoint_c);
    told.number("setpoint.humidity", 50.0);
    told.number("fan.speed", unit.fan * 100.0);
    told.number("cooling.duty", unit.duty * 100.0);
    cold(told, unit);
    let flow = hall.plant.flow(n);
    told.voltages("input.", flow.incoming);
    told.number("power", flow.in_w);
    told.flag("status.cooling", unit.duty > 0.0);
    told.flag("status.humidifier", unit.humidity == Humidity::Humidifying);
    told.flag("status.dehumidifier", unit.humidity == Humidity::Drying);
    told.number("outside.temperature", hall.outdoor.air_c());
    told.number("outside.humidity", hall.outdoor.humidity() * 100.0);
    told.number("outside.dew-point", hall.outdoor.dew_point_c());
    told.flag("alarm.return-air-high", unit.is_running() && unit.return_c >= RETURN_HIGH_C);
    told.flag("alarm.high-head-pressure", unit.cold.available() < 1.0);
    // Some devices have no other alarm to tell any fault by: then it is theirs to say.
    if unit.lacks_air() || unit.state != State::Fault {
        told.flag("alarm.no-airflow", unit.lacks_air());
    }
    told.flag("alarm.fan", unit.fan_failed);
    told.flag("alarm.dirty-filter", unit.is_dirty());
}

/// Where its cold comes from; without a water valve, the valve is that of expansion.
fn cold(told: &mut Told, unit: &CoolingUnit) {
    let position = unit.cold.water().map_or(unit.duty, |coil| coil.position);
    told.number("valve.position", position * 100.0);
    if let Some(coil) = unit.cold.water() {
        told.number("chilled-water.supply-temperature", coil.supply_c);
        told.number("chilled-water.return-temperature", coil.return_c);
    }
    let each = unit.cold.compressors().into_iter().flat_map(|compressors| compressors.each);
    for (number, compressor) in (1..).zip(each) {
        let number: u32 = number;
        told.named(&format!("compressor.{number}.state"), Value::Word(compressor.word()));
        let tripped = compressor == Compressor::HighPressure;
        told.named(&format!("alarm.compressor-{number}-high-pressure"), Value::Flag(tripped));
    }
}

fn climate(told: &mut Told, sensor: &Sensor) {
    told.number("temperature", sensor.air_c);
    told.number("humidity", sensor.humidity * 100.0);
    told.number("dew-point", dew_point_c(sensor.air_c, sensor.humidity));
}

fn fire(told: &mut Told, detector: &Detector) {
    let stage = detector.stage();
    told.flag("fire.alarm", stage == Stage::Fire);
    told.flag("fire.fault", detector.is_faulty());
    told.flag("isolated", detector.isolated);
    if let Some(suppression) = &detector.suppression {
        told.word("suppression.state", suppression.word());
    }
    told.number("smoke.obscuration", detector.percent_per_m());
    for (number, line) in (1..).zip(&detector.lines) {
        let number: u32 = number;
        told.named(&format!("zone.{number}.alarm"), Value::Flag(line.alarm));
    }
    let warnings = [
        ("alarm.alert", Stage::Alert),
        ("alarm.action-1", Stage::ActionOne),
        ("alarm.action-2", Stage::ActionTwo),
    ];
    for (name, from) in warnings {
        told.flag(name, stage >= from);
    }
}

fn leak(told: &mut Told, cable: &Cable) {
    told.flag("leak.alarm", cable.alarms());
    told.flag("cable.fault", cable.broken);
    told.number("leak.distance", if cable.alarms() { cable.distance_m } else { 0.0 });
}
