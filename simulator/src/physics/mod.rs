//! The hall itself: power, heat, smoke and water, moved on by explicit steps.
//!
//! Who calls it: `simulator` (real time, in steps of a timer) and tests (explicit steps). Pure: it reads no clock,
//! opens nothing, and the same site, seed and calls give the same hall to the bit.
//!
//! Each domain is a file whose head states its equations and where its figures come from; a figure without a source
//! is a plausible choice of ours. What devices show of it is in `values.rs`, what is true in `truth.rs`.
//!
//! Terms: *building* — all that physics knows of the hall; *racks* — what the site's loads stand for.

mod action;
mod climate;
mod cooling;
mod environment;
mod fire;
mod generator;
mod mains;
mod network;
mod outdoor;
mod parameters;
mod power;
mod psychrometry;
mod random;
mod refrigeration;
mod rooms;
mod scenario;
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

use std::{collections::BTreeMap, sync::Arc, time::Duration};

use hallward_profiles::{Class, Literal};
use hallward_site::{Device, Site};

use climate::Sensor;
use fire::{Detector, Kind, Smoke};
use outdoor::Outdoor;
use parameters::parameter;
use power::Plant;
use rooms::{of_class, room_of};
use suppression::{Agent, Suppression};
use team::Team;
use thermal::Room;
use water::Cable;

pub use action::Action;
pub use parameters::{PARAMETERS, Parameter, wrong_parameters};
pub use power::Books;
pub(crate) use random::Random;
pub use scenario::{NotHere, Scenario};
pub use thermal::{HeatBooks, WaterBooks};
pub use truth::Truth;

use crate::encode::Values;

/// The length of every step.
pub const STEP: Duration = Duration::from_millis(100);

const STEP_S: f64 = 0.1;

/// The point by which a cooling unit is told its set point.
const SETPOINT: &str = "setpoint.temperature";

/// Cooling settles for so many steps before the hall is handed out.
const SETTLING_STEPS: u32 = 600;

/// A simulated hall.
#[derive(Clone, Debug)]
pub struct Building {
    site: Arc<Site>,
    elapsed: Duration,
    /// Time asked for that was less than a step.
    rest: Duration,
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
            elapsed: Duration::ZERO,
            rest: Duration::ZERO,
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
            plant,
            rooms,
            site,
        };
        hall.step();
        hall.settle_rooms();
        (0..SETTLING_STEPS).for_each(|_| hall.step());
        hall.plant.restart_books();
        hall.restart_room_books();
        hall.elapsed = Duration::ZERO;
        hall
    }

    /// Lets time pass, in whole steps; what is left over counts for the next call.
    pub fn advance(&mut self, time: Duration) {
        self.rest += time;
        while self.rest >= STEP {
            self.rest -= STEP;
            self.elapsed += STEP;
            self.step();
        }
    }

    /// How much time has passed.
    #[must_use]
    pub fn elapsed(&self) -> Duration {
        self.elapsed
    }

    /// The site that it was made from.
    #[must_use]
    pub fn site(&self) -> &Site {
        &self.site
    }

    /// Starts a scenario; time then brings what follows from it.
    ///
    /// # Errors
    /// When the building has not got what the scenario is about.
    pub fn start(&mut self, scenario: Scenario) -> Result<(), NotHere> {
        scenario.actions().iter().try_for_each(|action| self.act(action))
    }

    /// Does something to the building.
    ///
    /// # Errors
    /// When the building has not got what it is about.
    pub fn act(&mut self, action: &Action) -> Result<(), NotHere> {
        match action {
            Action::MainsOff { source } => self.switch_mains(source.as_deref(), false),
            Action::MainsOn { source } => self.switch_mains(source.as_deref(), true),
            Action::GeneratorCannotStart { device } => {
                self.generators(device.as_deref())?.for_each(|one| one.can_start = false);
                Ok(())
            }
            // Nothing to mend is no fault, unless it was named.
            Action::GeneratorRepair { device: None } if self.plant.generators.is_empty() => Ok(()),
            Action::GeneratorRepair { device } => {
                self.generators(device.as_deref())?.for_each(generator::Generator::repair);
                Ok(())
            }
            Action::CoolingTrip { device } => self.trip_cooling(device.as_deref()),
            Action::CoolingRepair { device } => self.repair_cooling(device.as_deref()),
            Action::CoolingFanFails { device } => self.break_fan(device.as_deref()),
            Action::Filter { device, percent } => self.clog_filter(device.as_deref(), *percent),
            Action::DrainBlocked { device } => self.block_drain(device.as_deref(), true),
            Action::DrainRepair { device } => self.block_drain(device.as_deref(), false),
            Action::Outdoor { offset_k } => {
                self.change_weather(*offset_k);
                Ok(())
            }
            Action::TimeOfDay { hour } => {
                self.set_hour(*hour);
                Ok(())
            }
            Action::Smoke { room } => self.begin_smoke(room.as_deref()),
            Action::SmokeEnds { room } => self.end_smoke(room.as_deref()),
            Action::FalseAlarm { device } => self.contaminate_detector(device.as_deref()),
            Action::DetectorFault { device } => self.break_detector(device.as_deref()),
            Action::DetectorRepair { device } => self.repair_detector(device.as_deref()),
            Action::FireReset { device } => self.reset_fire(device.as_deref()),
            Action::FireIsolate { device, on } => self.isolate_fire(device.as_deref(), *on),
            Action::FireAbort { device, hold } => self.hold_abort(device.as_deref(), *hold),
            Action::AgentRefill { device } => self.refill_agent(device.as_deref()),
            Action::Leak { device } => self.begin_leak(device.as_deref()),
            Action::LeakEnds { device } => self.end_leak(device.as_deref()),
            Action::CableBroken { device } => self.break_cable(device.as_deref(), true),
            Action::CableRepair { device } => self.break_cable(device.as_deref(), false),
        }
    }

    fn index(&self, device: Option<&str>) -> Option<usize> {
        self.site.device(device?).map(|(n, _)| n)
    }

    fn switch_mains(&mut self, source: Option<&str>, on: bool) -> Result<(), NotHere> {
        let named = source.map(|id| self.site.sources.iter().position(|one| one.id.as_str() == id));
        if named == Some(None) {
            return Err(NotHere { missing: "source of that name" });
        }
        let each = self.plant.mains.iter_mut().enumerate();
        each.filter(|(n, _)| named.is_none_or(|named| named == Some(*n)))
            .for_each(|(_, mains)| mains.on = on);
        Ok(())
    }

    fn generators(
        &mut self,
        device: Option<&str>,
    ) -> Result<impl Iterator<Item = &mut generator::Generator>, NotHere> {
        let wanted = self.index(device);
        let mut found = self
            .plant
            .generators
            .iter_mut()
            .filter(move |(n, _)| device.is_none() || wanted == Some(**n))
            .map(|(_, one)| one)
            .peekable();
        found.peek().is_some().then_some(()).ok_or(NotHere { missing: "generator" })?;
        Ok(found)
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

    fn step(&mut self) {
        let rooms = &self.rooms;
        let air_c = |device: usize| {
            let room = self.site.devices.get(device).map_or(0, room_of);
            rooms.get(room).map_or(24.0, Room::air_c)
        };
        self.plant.step(STEP_S, &mut self.random, air_c);
        self.step_rooms(STEP_S);
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
