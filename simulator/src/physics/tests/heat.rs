//! Rooms and their cooling.

use super::*;
use crate::physics::thermal::Heat;
use crate::physics::{
    cooling::{Around, CoolingUnit},
    refrigeration::Compressor,
};

/// Warming of a room of 16 kW of racks in the `seconds` from now, without cooling, K a minute.
fn warming(room: &mut Room, seconds: u32) -> f64 {
    let before_c = room.air_c();
    (0..seconds).for_each(|_| room.step(1.0, Heat { racks_w: 16_000.0, ..Heat::default() }, 33.0));
    (room.air_c() - before_c) * 60.0 / f64::from(seconds)
}

/// Khankari, Rate of Heating Analysis of Data Centers during Power Shutdown (ASHRAE Transactions 117, 2011): warming
/// begins at heat / capacity of the air and slows down to heat / capacity of air and racks.
#[test]
fn without_cooling_a_room_warms_between_the_published_bounds() {
    let (air_j_per_k, racks_j_per_k, walls_j_per_k) = (200.0 * 1.2 * 1005.0, 1.6e6, 1.0e7);
    let removed_w = |air_c: f64| 8_000.0 * (air_c - 22.0);
    let mut room = Room::new(16_000.0, Some(24.0));
    room.settle(Heat { racks_w: 16_000.0, ..Heat::default() }, 33.0, removed_w);
    let bound = |j_per_k: f64| removed_w(room.air_c()) * 60.0 / j_per_k;
    let (fastest, slowest) = (bound(air_j_per_k), bound(air_j_per_k + racks_j_per_k));
    let with_walls = bound(air_j_per_k + racks_j_per_k + walls_j_per_k);
    let first = warming(&mut room, 5);
    assert!((0.9 * fastest..fastest).contains(&first), "{first} K/min of {fastest}");
    let rates: Vec<f64> = (0..20).map(|_| warming(&mut room, 60)).collect();
    assert!(rates.is_sorted_by(|early, late| early > late), "{rates:?}");
    let last = warming(&mut room, 600);
    assert!((with_walls..slowest).contains(&last), "{last} K/min, {with_walls} to {slowest}");
}

#[test]
fn the_length_of_steps_hardly_matters() {
    let course = |step_s: f64| -> Vec<f64> {
        let mut hall = demo();
        act(&mut hall, r#"{"do":"cooling-trip"}"#);
        let each = (0..30).map(|_| {
            hall.advance_in(seconds(10.0), seconds(step_s));
            hall.truth().rooms.remove(0).air_c
        });
        each.collect()
    };
    let (short, long) = (course(1.0), course(10.0));
    let apart_k = short.iter().zip(&long).map(|(one, other)| (one - other).abs()).fold(0.0, f64::max);
    assert!(apart_k < 0.1, "{apart_k} K apart: {short:?}, {long:?}");
}

#[test]
fn a_new_hall_is_calm() {
    let mut hall = demo();
    let start_c = hall.truth().rooms[0].air_c;
    hall.advance(seconds(600.0));
    let later_c = hall.truth().rooms[0].air_c;
    assert!((start_c - later_c).abs() < 0.15, "{start_c} °C, ten minutes later {later_c} °C");
}

#[test]
fn the_afternoon_is_hot_and_costs_more() {
    let mut hall = demo();
    let morning = hall.truth();
    act(&mut hall, r#"{"do":"time-of-day","hour":15}"#);
    hall.advance(seconds(600.0));
    let afternoon = hall.truth();
    assert!((afternoon.outdoor.air_c - morning.outdoor.air_c - 4.0).abs() < 0.1, "{:?}", afternoon.outdoor);
    let drawn = |truth: &Truth| truth.cooling.iter().map(|unit| unit.electric_w).sum::<f64>();
    assert!(drawn(&afternoon) > 1.03 * drawn(&morning), "{} W, {} W", drawn(&morning), drawn(&afternoon));
}

#[test]
fn a_heat_wave_opens_pressure_switches_until_they_are_reset() {
    let mut hall = demo();
    act(&mut hall, r#"{"do":"outdoor","offset_k":22}"#);
    hall.advance(seconds(120.0));
    let tripped = |hall: &Building| {
        let units = hall.truth().cooling;
        units.iter().flat_map(|unit| unit.compressors.clone()).filter(|word| *word == "fault").count()
    };
    assert!(tripped(&hall) > 0, "{:?}", hall.truth().cooling);
    assert!(flag(&hall, "ac-1", "alarm.high-head-pressure"));
    act(&mut hall, r#"{"do":"outdoor","offset_k":0}"#);
    hall.advance(seconds(60.0));
    assert!(tripped(&hall) > 0, "a switch that has opened stays open");
    act(&mut hall, r#"{"do":"cooling-repair"}"#);
    assert_eq!(tripped(&hall), 0);
}

#[test]
fn a_broken_fan_takes_its_unit_out_and_the_standby_comes() {
    let mut hall = demo();
    act(&mut hall, r#"{"do":"cooling-fan-fails"}"#);
    hall.advance(seconds(20.0));
    assert!(flag(&hall, "ac-1", "alarm.no-airflow") && number(&hall, "ac-1", "fan.speed") < 1.0);
    hall.advance(seconds(90.0));
    assert_eq!(word(&hall, "ac-1", "unit.state"), "fault");
    assert_eq!(word(&hall, "ac-3", "unit.state"), "on");
    act(&mut hall, r#"{"do":"cooling-repair","device":"ac-1"}"#);
    hall.advance(seconds(60.0));
    assert_ne!(word(&hall, "ac-1", "unit.state"), "fault");
    assert!(number(&hall, "ac-1", "fan.speed") > 55.0);
}

#[test]
fn a_dirty_filter_is_told_and_makes_colder_air_of_less() {
    let mut hall = demo();
    let before = hall.truth().cooling.remove(0);
    act(&mut hall, r#"{"do":"filter","device":"ac-1","percent":60}"#);
    hall.advance(seconds(300.0));
    let after = hall.truth().cooling.remove(0);
    assert!(flag(&hall, "ac-1", "alarm.dirty-filter") && !flag(&hall, "ac-2", "alarm.dirty-filter"));
    assert!(after.coil_c < before.coil_c - 1.0, "{} °C, then {} °C", before.coil_c, after.coil_c);
}

#[test]
fn units_come_back_one_after_the_other() {
    let mut hall = demo();
    hall.start(Scenario::MainsFailure).unwrap();
    let seen = watch(&mut hall, 80.0, &[("ac-1", "unit.state"), ("ac-2", "unit.state")]);
    let back: Vec<f64> = seen.iter().filter(|(_, _, word)| word == "on").map(|(at_s, _, _)| *at_s).collect();
    let [first, second] = back[..] else { panic!("{seen:?}") };
    assert!((second - first - 10.0).abs() < 0.5, "{seen:?}");
}

#[test]
fn humid_air_is_dried_by_a_slow_fan() {
    let mut hall = demo();
    let humidity = |hall: &Building| hall.truth().rooms[0].humidity;
    hall.rooms[0].evaporate(1.2);
    assert!(humidity(&hall) > 0.65, "{}", humidity(&hall));
    hall.advance(seconds(60.0));
    assert_eq!(hall.truth().cooling[0].humidity, "drying");
    assert!(flag(&hall, "ac-1", "status.dehumidifier"));
    assert!((hall.truth().cooling[0].fan - 0.6).abs() < 1e-9);
    hall.advance(seconds(3600.0));
    assert!(humidity(&hall) < 0.6 && hall.truth().rooms[0].water.condensed_kg > 0.1);
}

#[test]
fn no_heat_is_removed_while_no_compressor_runs() {
    let (_, device) = DEMO.site.device("ac-1").unwrap();
    let mut unit = CoolingUnit::new(&DEMO.site, device, 20_000.0, 0.0);
    unit.called = true;
    let around = Around { powered: true, return_c: unit.setpoint_c - 0.94, humidity: 0.5, outdoor_c: 30.0 };
    unit.return_c = around.return_c;
    (0..300).for_each(|_| unit.step(1.0, around));
    assert!(unit.duty > 0.02 && unit.fan > 0.5, "{unit:?}");
    assert_eq!(unit.cold.compressors().unwrap().each, [Compressor::Off; 2]);
    assert!(unit.coil.heat_w.abs() < f64::EPSILON, "{unit:?}");
}

#[test]
fn a_unit_without_power_moves_and_makes_no_heat() {
    let (_, device) = DEMO.site.device("ac-1").unwrap();
    let mut unit = CoolingUnit::new(&DEMO.site, device, 20_000.0, 0.0);
    unit.settle(24.0);
    let around = Around { powered: true, return_c: 24.0, humidity: 0.5, outdoor_c: 30.0 };
    (0..60).for_each(|_| unit.step(1.0, around));
    assert!(unit.coil.heat_w > 1_000.0 && unit.indoor_w() > 100.0, "{unit:?}");
    unit.step(0.5, Around { powered: false, ..around });
    assert!(unit.is_running() && unit.fan > 0.5, "it rides through: {unit:?}");
    assert!(unit.coil.heat_w.abs() + unit.indoor_w() < f64::EPSILON, "{unit:?}");
}
