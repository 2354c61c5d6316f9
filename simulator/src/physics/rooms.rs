//! The rooms of the hall: which devices and how much of the racks' heat each has, and how a step of its air, its
//! cooling team, its sensors and its leak cables goes.
//!
//! Who calls it: the building's step. Cooling control is faster than a long step, so a step of heat is cut into pieces of at
//! most [`LONGEST_PIECE_S`].
//!
//! Supply air that reaches the racks: the mean of what cooling units blow, weighted by flow. Where they blow less than
//! the racks draw, [`RACK_RISE_K`] of warming over what they take, the rest is room air.

use hallward_profiles::Class;
use hallward_site::{Device, FeedNode, Site};

use super::{
    Building,
    climate::Sensor,
    cooling::{Around, CoolingUnit},
    parameters::parameter,
    power::Plant,
    psychrometry::AIR_J_PER_KG_K,
    random::Random,
    team::needed,
    thermal::{Heat, HeatBooks, Room, WaterBooks},
};

/// The longest step that the control of a room's air takes at once, s.
const LONGEST_PIECE_S: f64 = 2.0;

/// How much racks warm the air that they draw, K; a choice of ours, usual for servers.
const RACK_RISE_K: f64 = 11.0;

/// The room a device stands in: that of the site file, else the first.
pub(super) fn room_of(device: &Device) -> usize {
    device.room.unwrap_or(0)
}

/// Every device of a class, with its index.
pub(super) fn of_class(site: &Site, class: Class) -> impl Iterator<Item = (usize, &Device)> {
    site.devices.iter().enumerate().filter(move |(_, device)| device.profile.class == class)
}

/// How many devices of its class stand before this one in its room.
pub(super) fn place_in_room(site: &Site, device: usize) -> f64 {
    let Some(one) = site.devices.get(device) else { return 0.0 };
    let before = of_class(site, one.profile.class).filter(|(n, other)| *n < device && other.room == one.room);
    before.fold(0.0, |count, _| count + 1.0)
}

/// The rooms of a site; the site's one room if it names none.
pub(super) fn rooms(site: &Site, plant: &Plant) -> Vec<Room> {
    let shares = rack_shares(site, plant);
    let each = shares.into_iter().enumerate().map(|(room, share)| {
        let setpoint_c = units(site, plant, room).next().map(|(_, unit)| unit.setpoint_c);
        Room::new(site.simulation.it_load_w * share, setpoint_c)
    });
    each.collect()
}

/// The temperature and humidity sensor of each device.
pub(super) fn sensors(site: &Site, rooms: &[Room], random: &mut Random) -> Vec<(usize, Sensor)> {
    let each = of_class(site, Class::Climate).filter_map(|(n, device)| {
        let lone = of_class(site, Class::Climate).filter(|(_, one)| one.room == device.room).count() == 1;
        let drawn = random.between(0.35, 0.75);
        let mixing = parameter(site, device, "mixing", if lone { 1.0 } else { drawn });
        rooms.get(room_of(device)).map(|room| (n, Sensor::new(mixing, room)))
    });
    each.collect()
}

fn units<'a>(
    site: &'a Site,
    plant: &'a Plant,
    room: usize,
) -> impl Iterator<Item = (usize, &'a CoolingUnit)> {
    let here = move |n: &usize| site.devices.get(*n).map_or(0, room_of) == room;
    plant.cooling.iter().filter(move |(n, _)| here(n)).map(|(n, unit)| (*n, unit))
}

/// The share of the racks' heat that each room gets: as much as it can cool; the first room, if none can.
fn rack_shares(site: &Site, plant: &Plant) -> Vec<f64> {
    let rooms = site.rooms.len().max(1);
    let capacity = |room| units(site, plant, room).map(|(_, unit)| unit.capacity_w).sum::<f64>();
    let all_w: f64 = (0..rooms).map(capacity).sum();
    let share = |room| if all_w > 0.0 { capacity(room) / all_w } else { f64::from(u8::from(room == 0)) };
    (0..rooms).map(share).collect()
}

impl Building {
    /// One step of everything in the rooms, once power has moved on.
    pub(super) fn step_rooms(&mut self, dt_s: f64) {
        self.outdoor.step(dt_s);
        let pieces = (dt_s / LONGEST_PIECE_S).ceil().max(1.0);
        let piece_s = dt_s / pieces;
        let racks_w = self.plant.it_w();
        for (room, share) in rack_shares(&self.site, &self.plant).into_iter().enumerate() {
            let electric = Heat { racks_w: racks_w * share, other_w: self.other_w(room), removed_w: 0.0 };
            let mut left = pieces;
            while left > 0.5 {
                self.step_air(piece_s, room, electric);
                left -= 1.0;
            }
            self.step_sensors(dt_s, room, racks_w * share);
            self.step_cables(dt_s, room);
        }
        self.step_fire(dt_s);
    }

    /// What electricity makes heat of in a room besides the racks' in this step, W: by UPSs, and by controls and fans of
    /// cooling units.
    fn other_w(&self, room: usize) -> f64 {
        let here = |n: usize| self.site.devices.get(n).map_or(0, room_of) == room;
        let upses = self.plant.upses.iter().filter(|(n, _)| here(**n));
        let drawn = |n: usize, unit: &CoolingUnit| unit.drawn(self.plant.flow(n).incoming).indoors_w;
        let units = units(&self.site, &self.plant, room).map(|(n, unit)| drawn(n, unit));
        upses.map(|(_, ups)| ups.loss_w).sum::<f64>() + units.sum::<f64>()
    }

    /// One piece of a step, into which electricity puts the heat that it has in the whole of it.
    fn step_air(&mut self, dt_s: f64, room: usize, electric: Heat) {
        let devices = &self.site.devices;
        let here = |n: usize| devices.get(n).map_or(0, room_of) == room;
        let (Some(air), Some(team)) = (self.rooms.get_mut(room), self.teams.get_mut(room)) else { return };
        let network = &self.plant.network;
        let (mut units, mut powered) = (Vec::new(), Vec::new());
        for (n, unit) in self.plant.cooling.iter_mut().filter(|(n, _)| here(**n)) {
            powered.push(CoolingUnit::is_powered_by(network.flow(FeedNode::Device(*n)).incoming));
            units.push(unit);
        }
        let (return_c, outdoor_c) = (air.air_c(), self.outdoor.air_c());
        let humidity = air.humidity_at(return_c);
        team.step(dt_s, &mut units, &powered, Around { powered: true, return_c, humidity, outdoor_c });
        let heat = Heat { removed_w: units.iter().map(|unit| unit.coil.heat_w).sum(), ..electric };
        air.step(dt_s, heat, outdoor_c);
        air.leak(dt_s, self.outdoor.moisture());
        let mut overflow_l = 0.0;
        for unit in units {
            let condensed_kg = air.condense(dt_s, unit.coil.contact_kg_per_s, unit.coil.surface_c);
            overflow_l += unit.collect(dt_s, condensed_kg);
            air.humidify(unit.steam_kg_per_s() * dt_s);
        }
        let cable = self.cables.iter_mut().find(|(n, _)| here(**n));
        match cable {
            Some((_, cable)) => cable.pour(overflow_l),
            None => self.undetected_l += overflow_l,
        }
    }

    fn step_sensors(&mut self, dt_s: f64, room: usize, racks_w: f64) {
        let supply_c = self.supply_c(room, racks_w);
        let Some(air) = self.rooms.get(room) else { return };
        let devices = &self.site.devices;
        let here = |n: usize| devices.get(n).map_or(0, room_of) == room;
        for (_, sensor) in self.sensors.iter_mut().filter(|(n, _)| here(**n)) {
            sensor.step(dt_s, air, supply_c, &mut self.random);
        }
    }

    fn step_cables(&mut self, dt_s: f64, room: usize) {
        let devices = &self.site.devices;
        let here = |n: usize| devices.get(n).map_or(0, room_of) == room;
        let Some(air) = self.rooms.get_mut(room) else { return };
        for (_, cable) in self.cables.iter_mut().filter(|(n, _)| here(**n)) {
            let vapour_kg = cable.step(dt_s, air.air_c(), air.moisture());
            air.evaporate(vapour_kg);
        }
    }

    /// What reaches the racks of a room that draw `racks_w`, °C.
    fn supply_c(&self, room: usize, racks_w: f64) -> f64 {
        let air_c = self.rooms.get(room).map_or(24.0, Room::air_c);
        let (mut flow_kg_per_s, mut cold_k_kg_per_s) = (0.0, 0.0);
        for (_, unit) in units(&self.site, &self.plant, room) {
            flow_kg_per_s += unit.flow_kg_per_s();
            cold_k_kg_per_s += unit.flow_kg_per_s() * (air_c - unit.coil.supply_c);
        }
        let drawn_kg_per_s = racks_w / (RACK_RISE_K * AIR_J_PER_KG_K);
        air_c - cold_k_kg_per_s / flow_kg_per_s.max(drawn_kg_per_s).max(0.01)
    }

    fn step_fire(&mut self, dt_s: f64) {
        self.smoke.iter_mut().for_each(|smoke| smoke.step(dt_s));
        let mut flowing_s = vec![0.0; self.rooms.len()];
        for detector in self.detectors.values_mut() {
            if let Some((room, flows_s)) = detector.step(dt_s, &self.smoke) {
                flowing_s.get_mut(room).into_iter().for_each(|all_s| *all_s += flows_s);
            }
        }
        for ((agent, smoke), flowing_s) in self.agents.iter_mut().zip(&mut self.smoke).zip(flowing_s) {
            agent.step(dt_s, flowing_s);
            if agent.extinguishes() {
                smoke.end();
            }
        }
    }

    /// Begins the books of heat and water anew.
    pub(super) fn restart_room_books(&mut self) {
        for room in &mut self.rooms {
            room.heat = HeatBooks::default();
            room.water = WaterBooks::default();
        }
    }

    /// Every room as if its cooling had long held it: so a new hall is calm from the start.
    pub(super) fn settle_rooms(&mut self) {
        let outdoor_c = self.outdoor.air_c();
        let racks_w = self.plant.it_w();
        for (room, share) in rack_shares(&self.site, &self.plant).into_iter().enumerate() {
            let devices = &self.site.devices;
            let here = |n: usize| devices.get(n).map_or(0, room_of) == room;
            let Some(air) = self.rooms.get_mut(room) else { continue };
            let mut team: Vec<&mut CoolingUnit> =
                self.plant.cooling.iter_mut().filter(|(n, _)| here(**n)).map(|(_, unit)| unit).collect();
            let running = needed(team.len()).min(team.len());
            let (team, _) = team.split_at_mut(running);
            let upses = self.plant.upses.iter().filter(|(n, _)| here(**n));
            let ups_loss_w: f64 = upses.map(|(_, ups)| ups.loss_w).sum();
            // What the fans draw follows from the duty, and the duty from all heat: a few rounds agree.
            for _ in 0..5 {
                let units_w: f64 = team.iter().map(|unit| unit.indoor_w()).sum();
                let heat = Heat { racks_w: racks_w * share, other_w: ups_loss_w + units_w, removed_w: 0.0 };
                air.settle(heat, outdoor_c, |air_c| team.iter().map(|unit| unit.steady_w(air_c)).sum());
                team.iter_mut().for_each(|unit| unit.settle(air.air_c()));
            }
        }
    }
}
