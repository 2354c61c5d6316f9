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
mod chilled_water;
mod climate;
mod cold;
mod cooling;
mod doors;
mod environment;
mod events;
mod fire;
mod generator;
mod mains;
mod network;
mod not_here;
mod outdoor;
mod parameters;
mod people;
mod power;
mod psychrometry;
mod random;
mod refrigeration;
mod rooms;
mod stepping;
mod suppression;
mod team;
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
use hallward_site::{Device, Site};

use climate::Sensor;
use doors::Doors;
use events::{Log, States};
use fire::{Detector, Kind, Smoke};
use outdoor::Outdoor;
use parameters::parameter;
use people::People;
use power::Plant;
use rooms::{of_class, room_of};
use stepping::{SETTLING, Time};
use suppression::{Agent, Suppression};
use team::Team;
use thermal::Room;
use water::Cable;

pub use action::Action;
pub(crate) use doors::Reader;
pub use doors::{CardBits, Colour, DoorTruth, Feedback, Flash, Read, ReaderTruth, Side};
pub use events::Event;
pub use generator::ControlMode;
pub use not_here::NotHere;
pub use parameters::{PARAMETERS, Parameter, wrong_parameters};
pub use people::PersonTruth;
pub use power::Books;
pub(crate) use random::Random;
pub use thermal::{HeatBooks, WaterBooks};
pub use truth::Truth;

use crate::encode::{Given, Values};

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
    outdoor: Outdoor,
    rooms: Vec<Room>,
    teams: Vec<Team>,
    smoke: Vec<Smoke>,
    agents: Vec<Agent>,
    sensors: BTreeMap<usize, Sensor>,
    detectors: BTreeMap<usize, Detector>,
    cables: BTreeMap<usize, Cable>,
    /// Condensate that overflowed in rooms without a leak cable, l.
    undetected_l: f64,
    /// How often it has changed.
    changes: u64,
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
        let rooms = rooms::rooms(&site, &plant);
        let sensors = rooms::sensors(&site, &rooms, &mut random).into_iter().collect();
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
            outdoor: Outdoor::new(site.simulation.outdoor_c),
            teams: vec![Team::default(); rooms.len()],
            smoke: vec![Smoke::default(); rooms.len()],
            agents: vec![Agent::default(); rooms.len()],
            sensors,
            detectors: of_class(&site, Class::Fire)
                .map(|(n, device)| (n, new_detector(&site, device)))
                .collect(),
            cables,
            undetected_l: 0.0,
            changes: 0,
            doors: Doors::new(&site),
            people: People::new(&site),
            plant,
            rooms,
            site,
        };
        hall.step(0.1);
        hall.settle_rooms();
        hall.advance(SETTLING);
        hall.plant.restart_books();
        hall.restart_room_books();
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
        let mut given = Given::default();
        given.round(|given| values::tell(self, n, device, given));
        Some(given.values())
    }

    /// Tells the values that a device would see, by its index.
    pub(crate) fn tell(&self, device: usize, given: &mut Given) {
        if let Some(found) = self.site.devices.get(device) {
            values::tell(self, device, found, given);
        }
    }

    /// Counts changes: as long as it is the same, so is every value.
    pub(crate) fn changes(&self) -> u64 {
        self.changes
    }

    /// A device has been told values by whoever wrote its registers: it does what of them it understands.
    pub(crate) fn obey(&mut self, device: usize, told: &Values) {
        self.catch_up();
        self.changes += 1;
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
            rooms.get(room).map_or(24.0, Room::air_c)
        };
        self.plant.step(dt_s, &mut self.random, air_c);
        self.step_rooms(dt_s);
        self.step_doors();
        self.watch();
    }
}

fn new_detector(site: &Site, device: &Device) -> Detector {
    let has = |start: &str| device.map.points.iter().any(|point| point.name.as_str().starts_with(start));
    let (kind, rooms, usual) = if has("smoke.obscuration") {
        (Kind::Aspirating, vec![room_of(device)], 0.5)
    } else if has("gas.concentration") {
        (Kind::Gas, Vec::new(), 4.0)
    } else {
        (Kind::Panel, (0..site.rooms.len().max(1)).collect(), 4.0)
    };
    let set = |name, usual| parameter(site, device, name, usual);
    let suppression = Suppression::new(set("pre_discharge_s", 30.0), set("agent", 1.0));
    Detector::new(kind, &rooms, set("alarm_percent_per_m", usual), suppression)
}
