//! The books of heat and water balance to 0.1 %, whatever happens and however long the steps are.

use proptest::prelude::*;

use super::*;
use crate::physics::{
    cooling::{Around, CoolingUnit},
    thermal::Heat,
};

/// One step of a room with one cooling unit and one leak cable.
#[derive(Clone, Debug)]
struct Moment {
    dt_s: f64,
    racks_w: f64,
    outdoor_c: f64,
    outdoor_moisture: f64,
    setpoint_c: f64,
    powered: bool,
    leak: bool,
    drain_blocked: bool,
}

fn moment() -> impl Strategy<Value = Moment> {
    let numbers = (0.1..10.0, 0.0..16_000.0, -10.0..50.0, 0.001..0.025, 12.0..30.0);
    (numbers, any::<[bool; 3]>()).prop_map(
        |((dt_s, racks_w, outdoor_c, outdoor_moisture, setpoint_c), [powered, leak, drain_blocked])| Moment {
            dt_s,
            racks_w,
            outdoor_c,
            outdoor_moisture,
            setpoint_c,
            powered,
            leak,
            drain_blocked,
        },
    )
}

struct Rig {
    room: Room,
    unit: CoolingUnit,
    cable: Cable,
    over_l: f64,
}

impl Rig {
    fn new(cooled: bool) -> Self {
        let site = &DEMO.site;
        let (_, device) = site.device("ac-1").unwrap();
        let mut unit = CoolingUnit::new(site, device, 20_000.0, 0.0);
        unit.settle(24.0);
        let room = Room::new(16_000.0, cooled.then_some(24.0));
        Self { room, unit, cable: Cable::new(5.0), over_l: 0.0 }
    }

    fn step(&mut self, moment: &Moment) {
        let Moment { dt_s, outdoor_c, .. } = *moment;
        let return_c = self.room.air_c();
        let humidity = self.room.humidity_at(return_c);
        self.unit.set(moment.setpoint_c);
        self.unit.drain_blocked = moment.drain_blocked;
        self.unit.step(dt_s, Around { powered: moment.powered, return_c, humidity, outdoor_c });
        let heat =
            Heat { racks_w: moment.racks_w, other_w: self.unit.indoor_w(), removed_w: self.unit.coil.heat_w };
        self.room.step(dt_s, heat, outdoor_c);
        self.room.leak(dt_s, moment.outdoor_moisture);
        let coil = self.unit.coil;
        let condensed_kg = self.room.condense(dt_s, coil.contact_kg_per_s, coil.surface_c);
        let over_l = self.unit.collect(dt_s, condensed_kg);
        self.over_l += over_l;
        self.cable.pour(over_l);
        self.room.humidify(self.unit.steam_kg_per_s() * dt_s);
        if moment.leak {
            self.cable.begin()
        } else {
            self.cable.end()
        }
        let vapour_kg = self.cable.step(dt_s, self.room.air_c(), self.room.moisture());
        self.room.evaporate(vapour_kg);
    }
}

fn close(given: f64, found: f64, moved: f64) -> bool {
    (given - found).abs() <= 0.001 * moved.abs() + 1e-6
}

proptest! {
    #[test]
    fn heat_and_water_balance(cooled: bool, course in prop::collection::vec(moment(), 1..200)) {
        let mut rig = Rig::new(cooled);
        let (held_j, held_kg) = (rig.room.held_j(), rig.room.held_kg());
        course.iter().for_each(|moment| rig.step(moment));
        let HeatBooks { made_j, removed_j, lost_j } = rig.room.heat;
        let gained_j = rig.room.held_j() - held_j;
        prop_assert!(close(made_j - removed_j - lost_j, gained_j, made_j), "{:?}, {gained_j} J held", rig.room.heat);
        let WaterBooks { leaked_in_kg, humidified_kg, evaporated_kg, condensed_kg } = rig.room.water;
        let came_kg = leaked_in_kg + humidified_kg + evaporated_kg - condensed_kg;
        let gained_kg = rig.room.held_kg() - held_kg;
        prop_assert!(close(came_kg, gained_kg, gained_kg), "{:?}, {gained_kg} kg held", rig.room.water);
        let pan_l = rig.unit.drained_l + rig.over_l + rig.unit.pan_l;
        prop_assert!(close(condensed_kg, pan_l, condensed_kg), "{condensed_kg} kg condensed, {pan_l} l found");
        let cable = &rig.cable;
        let floor_l = cable.litres + cable.drained_l + cable.evaporated_l;
        prop_assert!(close(cable.came_l, floor_l, cable.came_l), "{cable:?}");
        prop_assert!(close(cable.evaporated_l, evaporated_kg, evaporated_kg), "{cable:?}");
        prop_assert!((-60.0..120.0).contains(&rig.room.air_c()) && rig.room.moisture() >= 0.0);
    }
}

#[test]
fn three_hours_of_the_whole_hall_balance() {
    let mut hall = demo();
    let at_start = hall.truth().rooms;
    for actions in [
        r#"{"do":"cooling-trip"}"#,
        r#"{"do":"leak"}"#,
        r#"{"do":"outdoor","offset_k":8}"#,
        r#"{"do":"filter","percent":70}"#,
        r#"{"do":"mains-off"}"#,
        r#"{"do":"mains-on"}"#,
    ] {
        act(&mut hall, actions);
        hall.advance_in(seconds(1800.0), seconds(10.0));
    }
    for (before, now) in at_start.iter().zip(hall.truth().rooms) {
        let HeatBooks { made_j, removed_j, lost_j } = now.heat;
        let gained_j = now.held_j - before.held_j;
        assert!(close(made_j - removed_j - lost_j, gained_j, made_j), "{now:?}");
        let WaterBooks { leaked_in_kg, humidified_kg, evaporated_kg, condensed_kg } = now.water;
        let came_kg = leaked_in_kg + humidified_kg + evaporated_kg - condensed_kg;
        assert!(close(came_kg, now.held_kg - before.held_kg, evaporated_kg), "{now:?}");
    }
    let racks_j = hall.truth().energy.it_j;
    let made_j: f64 = hall.truth().rooms.iter().map(|room| room.heat.made_j).sum();
    assert!(made_j > racks_j && made_j < 1.2 * racks_j, "{made_j} J of heat, {racks_j} J of it from racks");
}
