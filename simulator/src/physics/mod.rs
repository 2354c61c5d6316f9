//! The hall itself: power, heat, smoke and water, moved on by explicit steps.
//!
//! Who calls it: `Hall`, the benches and tests. Pure: it reads no clock, opens nothing, and the same site, seed and
//! actions at the same times give the same hall to the bit, however the time between them is cut (see `stepping.rs`).
//!
//! Each domain is a file whose head states its equations and where its figures come from; a figure without a source
//! is a plausible choice of ours. What devices show of it is in `values.rs`, what is true in `truth.rs`.
//!
//! Terms: *building* — all that physics knows of the hall; *racks* — what the site's loads stand for.

mod act;
mod action;
mod battery;
mod climate;
mod cooling;
mod doors;
mod events;
mod fire;
mod generator;
mod mains;
mod network;
mod parameters;
mod people;
mod power;
mod random;
mod scenario;
mod stepping;
#[cfg(test)]
mod tests;
mod thermal;
mod transfer_switch;
mod truth;
mod ups;
mod values;
mod water;

use std::{collections::BTreeMap, sync::Arc};

use hallward_profiles::{Class, Literal};
use hallward_site::{Device, FeedNode, Site};

use climate::Sensor;
use cooling::{CoolingUnit, FULL_RISE_K, Team};
use doors::Doors;
use events::{Log, States};
use fire::{Detector, Smoke};
use parameters::parameter;
use people::People;
use power::{Plant, count};
use stepping::{SETTLING, Time};
use thermal::{Heat, Room};
use water::Cable;

pub use action::Action;
pub(crate) use doors::Reader;
pub use doors::{CardBits, Colour, DoorTruth, Feedback, Flash, Read, ReaderTruth, Side};
pub use events::Event;
pub use generator::ControlMode;
pub use parameters::{PARAMETERS, Parameter, wrong_parameters};
pub use people::PersonTruth;
pub use power::Books;
pub(crate) use random::Random;
pub use scenario::{NotHere, Scenario};
pub use thermal::HeatBooks;
pub use truth::Truth;

use crate::encode::Values;

/// The point by which a cooling unit is told its set point.
const SETPOINT: &str = "setpoint.temperature";

/// A simulated hall.
#[derive(Clone, Debug)]
pub struct Building {
    site: Arc<Site>,
    time: Time,
    events: Log,
    power_states: States,
    other_states: States,
    random: Random,
    plant: Plant,
    rooms: Vec<Room>,
    teams: Vec<Team>,
    smoke: Vec<Smoke>,
    sensors: BTreeMap<usize, Sensor>,
    detectors: BTreeMap<usize, Detector>,
    cables: BTreeMap<usize, Cable>,
    doors: Doors,
    people: People,
}

impl Building {
    /// The hall of a site, at rest: mains there, batteries as the site says, cooling settled.
    #[must_use]
    pub fn new(site: &Site) -> Self {
        let site = Arc::new(site.clone());
        let mut random = Random::new(site.simulation.seed);
        let plant = Plant::new(&site);
        let rooms: Vec<Room> =
            (0..site.rooms.len().max(1)).map(|room| new_room(&site, &plant, room)).collect();
        let sensors = of_class(&site, Class::Climate)
            .map(|(n, device)| {
                let lone =
                    of_class(&site, Class::Climate).filter(|(_, one)| one.room == device.room).count() == 1;
                let drawn = random.between(0.35, 0.75);
                let mixing = parameter(&site, device, "mixing", if lone { 1.0 } else { drawn });
                rooms.get(room_of(device)).map(|room| (n, Sensor::new(mixing, room)))
            })
            .collect::<Option<_>>()
            .unwrap_or_default();
        let cables = of_class(&site, Class::Leak)
            .map(|(n, device)| {
                let drawn = random.between(3.0, 28.0).round();
                (n, Cable::new(parameter(&site, device, "distance_m", drawn)))
            })
            .collect();
        let mut hall = Self {
            time: Time::default(),
            events: Log::default(),
            power_states: States::default(),
            other_states: States::default(),
            random,
            teams: vec![Team::default(); rooms.len()],
            smoke: vec![Smoke::default(); rooms.len()],
            sensors,
            detectors: of_class(&site, Class::Fire)
                .map(|(n, device)| (n, new_detector(&site, device)))
                .collect(),
            cables,
            doors: Doors::new(&site),
            people: People::new(&site),
            plant,
            rooms,
            site,
        };
        hall.advance(SETTLING);
        hall.plant.restart_books();
        hall.time = Time::default();
        hall.step_doors();
        hall.watch();
        hall.events = Log::default();
        hall
    }

    /// The site that it was made from.
    #[must_use]
    pub fn site(&self) -> &Site {
        &self.site
    }

    /// The vocabulary's values that a device would see, by its id; `None` if there is no such device.
    #[must_use]
    pub fn values(&self, device: &str) -> Option<Values> {
        let (n, device) = self.site.device(device)?;
        Some(values::of(self, n, device))
    }

    /// As [`Building::values`], by the device's index.
    pub(crate) fn values_at(&self, device: usize) -> Values {
        self.site.devices.get(device).map(|found| values::of(self, device, found)).unwrap_or_default()
    }

    /// A device has been told values by whoever wrote its registers: it does what of them it understands.
    pub(crate) fn obey(&mut self, device: usize, told: &Values) {
        self.catch_up();
        self.obey_doors(device, told);
        let unit = self.plant.cooling.get_mut(&device);
        if let (Some(unit), Some(Literal::Number(setpoint_c))) = (unit, told.get(SETPOINT)) {
            unit.set(*setpoint_c);
        }
    }

    /// The physical state, not what devices report.
    #[must_use]
    pub fn truth(&self) -> Truth {
        truth::of(self)
    }

    fn step(&mut self, dt_s: f64) {
        let rooms = &self.rooms;
        let air_c = |device: usize| {
            let room = self.site.devices.get(device).map_or(0, room_of);
            rooms.get(room).map_or(24.0, |room| room.air_c)
        };
        self.plant.step(dt_s, &mut self.random, air_c);
        let racks_w = self.plant.it_w();
        let shares = self.rack_shares();
        for (room, share) in shares.into_iter().enumerate() {
            self.step_room(dt_s, room, racks_w * share);
        }
        self.smoke.iter_mut().for_each(|smoke| smoke.step(dt_s));
        self.detectors.values_mut().for_each(|detector| detector.step(&self.smoke));
        self.cables.values_mut().for_each(|cable| cable.step(dt_s));
        let supply_c: Vec<f64> = (0..self.rooms.len()).map(|room| self.supply_c(room)).collect();
        for (n, sensor) in &mut self.sensors {
            let room = self.site.devices.get(*n).map_or(0, room_of);
            if let (Some(room), Some(supply_c)) = (self.rooms.get(room), supply_c.get(room)) {
                sensor.step(dt_s, room, *supply_c, &mut self.random);
            }
        }
        self.step_doors();
        self.watch();
    }

    fn step_room(&mut self, dt_s: f64, room: usize, racks_w: f64) {
        let devices = &self.site.devices;
        let here = |n: usize| devices.get(n).map_or(0, room_of) == room;
        let (Some(air), Some(team)) = (self.rooms.get_mut(room), self.teams.get_mut(room)) else { return };
        let network = &self.plant.network;
        let powered = |n: usize| network.flow(FeedNode::Device(n)).incoming.is_some();
        let mut powers = Vec::new();
        let mut units: Vec<&mut CoolingUnit> = Vec::new();
        for (n, unit) in self.plant.cooling.iter_mut().filter(|(n, _)| here(**n)) {
            powers.push(powered(*n));
            units.push(unit);
        }
        team.step(dt_s, &mut units, &powers, air.air_c);
        let removed_w: f64 = units.iter().map(|unit| unit.heat_w()).sum();
        let ups_loss_w = self.plant.upses.iter().filter(|(n, _)| here(**n)).map(|(_, ups)| ups.loss_w).sum();
        let coil_kg_per_s = removed_w / (FULL_RISE_K * 1005.0);
        air.step(dt_s, Heat { racks_w, other_w: ups_loss_w, removed_w, coil_kg_per_s });
    }

    /// The share of the racks' heat that each room gets: as much as it can cool; the first room, if none can.
    fn rack_shares(&self) -> Vec<f64> {
        let capacity = |room: usize| capacity_w(&self.site, &self.plant, room);
        let all_w: f64 = (0..self.rooms.len()).map(capacity).sum();
        (0..self.rooms.len())
            .map(|room| if all_w > 0.0 { capacity(room) / all_w } else { f64::from(u8::from(room == 0)) })
            .collect()
    }

    /// What reaches the racks of a room, °C: the mean of what its cooling units blow, mixed with room air as far as
    /// fewer of them run than are needed; room air where none runs.
    fn supply_c(&self, room: usize) -> f64 {
        let air_c = self.rooms.get(room).map_or(24.0, |room| room.air_c);
        let here = |n: &usize| self.site.devices.get(*n).map_or(0, room_of) == room;
        let units: Vec<&CoolingUnit> =
            self.plant.cooling.iter().filter(|(n, _)| here(n)).map(|(_, unit)| unit).collect();
        let running = units.iter().filter(|unit| unit.is_running());
        let supplies: Vec<f64> = running.map(|unit| unit.supply_c(air_c)).collect();
        if supplies.is_empty() {
            return air_c;
        }
        let share = (count(supplies.len()) / count(cooling::needed(units.len()))).min(1.0);
        share * supplies.iter().sum::<f64>() / count(supplies.len()) + (1.0 - share) * air_c
    }
}

/// The room a device stands in: that of the site file, else the first.
fn room_of(device: &Device) -> usize {
    device.room.unwrap_or(0)
}

fn of_class(site: &Site, class: Class) -> impl Iterator<Item = (usize, &Device)> {
    site.devices.iter().enumerate().filter(move |(_, device)| device.profile.class == class)
}

fn capacity_w(site: &Site, plant: &Plant, room: usize) -> f64 {
    let here = |n: &usize| site.devices.get(*n).map_or(0, room_of) == room;
    plant.cooling.iter().filter(|(n, _)| here(n)).map(|(_, unit)| unit.capacity_w).sum()
}

fn new_room(site: &Site, plant: &Plant, room: usize) -> Room {
    let all_w: f64 = (0..site.rooms.len().max(1)).map(|room| capacity_w(site, plant, room)).sum();
    let own_w = capacity_w(site, plant, room);
    let share = if all_w > 0.0 { own_w / all_w } else { f64::from(u8::from(room == 0)) };
    let mut units = plant.cooling.iter().filter(|(n, _)| site.devices.get(**n).map_or(0, room_of) == room);
    let setpoint_c = units.next().map(|(_, unit)| unit.setpoint_c);
    Room::new(site.simulation.it_load_w * share, setpoint_c, site.simulation.outdoor_c)
}

fn new_detector(site: &Site, device: &Device) -> Detector {
    let points = device.map.points.iter().map(|point| point.name.as_str());
    let measures = points.into_iter().any(|name| name.starts_with("smoke.obscuration"));
    let rooms = if measures { vec![room_of(device)] } else { (0..site.rooms.len().max(1)).collect() };
    let usual = if measures { 0.5 } else { 4.0 };
    Detector::new(rooms, parameter(site, device, "alarm_percent_per_m", usual))
}
