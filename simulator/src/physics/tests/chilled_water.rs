//! Rooms that are cooled by chilled water.

use super::*;

/// Racks of 8 kW behind two rear-door coolers.
const DOORS: &str = "[site]\nid = \"doors\"\nname = \"Rear doors\"\ntime_zone = \"UTC\"\n\
    [[room]]\nid = \"hall\"\nname = \"Hall\"\n\
    [[line]]\nid = \"a\"\ntcp = \"127.0.0.1:502\"\n\
    [[device]]\nid = \"door-1\"\nline = \"a\"\nunit = 1\nprofile = \"vertiv-liebert-dcd\"\nroom = \"hall\"\n\
    [[device]]\nid = \"door-2\"\nline = \"a\"\nunit = 2\nprofile = \"vertiv-liebert-dcd\"\nroom = \"hall\"\n\
    [[load]]\nid = \"it\"\nname = \"Racks\"\n[simulation]\nit_load_w = 8000\n";

static CALM: LazyLock<Building> = LazyLock::new(|| Building::new(&site(DOORS)));

fn valve(hall: &Building) -> f64 {
    number(hall, "door-1", "valve.position")
}

#[test]
fn the_valve_moves_with_the_racks_and_holds_the_room() {
    let mut hall = CALM.clone();
    hall.advance(seconds(1800.0));
    let (calm, air_c) = (valve(&hall), hall.truth().rooms[0].air_c);
    assert!((30.0..90.0).contains(&calm) && (23.0..25.1).contains(&air_c), "{calm} %, {air_c} °C");
    act(&mut hall, r#"{"do":"it-load","percent":50}"#);
    hall.advance(seconds(3600.0));
    let (less, air_c) = (valve(&hall), hall.truth().rooms[0].air_c);
    assert!(less < calm - 10.0 && (22.9..25.1).contains(&air_c), "{calm} %, then {less} %, {air_c} °C");
    let told_c = |point| number(&hall, "door-1", point);
    let (comes_c, goes_c) =
        (told_c("chilled-water.supply-temperature"), told_c("chilled-water.return-temperature"));
    assert!((comes_c - 10.0).abs() < 1e-9 && goes_c > comes_c + 3.0 && goes_c < air_c, "{goes_c} °C");
}

#[test]
fn what_the_air_loses_the_water_carries_away_and_no_compressor_draws() {
    let mut hall = CALM.clone();
    hall.advance(seconds(1800.0));
    let one = hall.truth().cooling.remove(0);
    assert!(one.compressors.is_empty() && one.heat_w > 5_000.0, "{one:?}");
    assert!(one.electric_w < 0.1 * one.heat_w, "a fan and controls alone: {one:?}");
    let energy = hall.truth().energy;
    assert!((energy.cooling_indoors_j / energy.cooling_j - 1.0).abs() < 1e-9, "{energy:?}");
}

#[test]
fn warm_water_opens_the_valve_and_then_loses_the_room() {
    let mut hall = CALM.clone();
    let calm = valve(&hall);
    act(&mut hall, r#"{"do":"chilled-water","celsius":22}"#);
    hall.advance(seconds(1200.0));
    assert!(valve(&hall) > calm.max(99.0), "{} %", valve(&hall));
    assert!(hall.truth().rooms[0].air_c > 27.0, "{:?}", hall.truth().rooms[0]);
    act(&mut hall, r#"{"do":"chilled-water","celsius":10}"#);
    hall.advance(seconds(3600.0));
    assert!(hall.truth().rooms[0].air_c < 25.1, "{:?}", hall.truth().rooms[0]);
    let none = demo().act(&Action::ChilledWater { device: None, celsius: 10.0 });
    assert_eq!(none, Err(NotHere { missing: "cooling unit with chilled water" }));
}

#[test]
fn a_valve_stays_without_power_and_closes_when_its_unit_trips() {
    let mut hall = CALM.clone();
    hall.advance(seconds(60.0));
    let before = valve(&hall);
    act(&mut hall, r#"{"do":"mains-off"}"#);
    hall.advance(seconds(300.0));
    assert!((valve(&hall) - before).abs() < 3.0, "{before} %, then {} %", valve(&hall));
    assert!(hall.truth().cooling[0].heat_w.abs() < f64::EPSILON);
    act(&mut hall, r#"{"do":"mains-on"}"#);
    act(&mut hall, r#"{"do":"cooling-trip","device":"door-1"}"#);
    hall.advance(seconds(95.0));
    assert!(valve(&hall).abs() < 1e-9, "{} %", valve(&hall));
}
