//! Water on the floor.

use super::*;

fn pool(hall: &Building) -> truth::LeakTruth {
    hall.truth().leaks.remove(0)
}

#[test]
fn a_leak_that_ends_leaves_a_puddle_that_drains_and_evaporates() {
    let mut hall = demo();
    act(&mut hall, r#"{"do":"leak"}"#);
    hall.advance(seconds(60.0));
    act(&mut hall, r#"{"do":"leak-ends"}"#);
    hall.advance(seconds(60.0));
    let wet = pool(&hall);
    assert!((wet.came_l - 3.0).abs() < 0.1, "{wet:?}");
    hall.advance_in(seconds(7200.0), seconds(10.0));
    let dry = pool(&hall);
    assert!(dry.litres < 0.02 && dry.drained_l > 2.5, "{dry:?}");
    assert!((0.01..0.3).contains(&dry.evaporated_l), "{dry:?}");
    assert!((hall.truth().rooms[0].water.evaporated_kg - dry.evaporated_l).abs() < 1e-9);
}

#[test]
fn a_floor_that_is_mopped_is_dry_until_more_comes() {
    let mut hall = demo();
    act(&mut hall, r#"{"do":"leak"}"#);
    hall.advance(seconds(60.0));
    act(&mut hall, r#"{"do":"mop"}"#);
    let mopped = pool(&hall);
    assert!(mopped.litres.abs() < 1e-9, "{mopped:?}");
    assert!((mopped.drained_l + mopped.evaporated_l - mopped.came_l).abs() < 1e-9, "{mopped:?}");
    hall.advance(seconds(60.0));
    assert!(flag(&hall, "leak-1", "leak.alarm"), "it still runs");
}

#[test]
fn a_broken_cable_says_so_and_finds_nothing() {
    let mut hall = demo();
    act(&mut hall, r#"{"do":"cable-broken"}"#);
    hall.start(Scenario::Leak).unwrap();
    hall.advance(seconds(60.0));
    assert!(flag(&hall, "leak-1", "cable.fault") && !flag(&hall, "leak-1", "leak.alarm"));
    assert!(number(&hall, "leak-1", "leak.distance").abs() < f64::EPSILON);
    act(&mut hall, r#"{"do":"cable-repair"}"#);
    assert!(!flag(&hall, "leak-1", "cable.fault") && flag(&hall, "leak-1", "leak.alarm"));
    assert!(number(&hall, "leak-1", "leak.distance") >= 1.0);
}

#[test]
fn a_blocked_drain_overflows_onto_the_cable() {
    let mut hall = demo();
    act(&mut hall, r#"{"do":"drain-blocked"}"#);
    hall.rooms[0].evaporate(1.0);
    hall.advance(seconds(3600.0));
    let units = hall.truth().cooling;
    assert!(units[0].pan_l > 0.1 && pool(&hall).came_l.abs() < 1e-9, "{units:?}");
    for _ in 0..24 {
        hall.rooms[0].evaporate(1.0);
        hall.advance_in(seconds(1800.0), seconds(10.0));
    }
    assert!((hall.truth().cooling[0].pan_l - 5.0).abs() < 1e-9, "{:?}", hall.truth().cooling);
    assert!(pool(&hall).came_l > 1.0, "{:?}", pool(&hall));
    act(&mut hall, r#"{"do":"drain-repair"}"#);
    hall.advance(seconds(2.0));
    assert!(hall.truth().cooling[0].pan_l.abs() < 1e-9);
}

#[test]
fn who_is_not_there_is_named() {
    let mut hall = demo();
    let nobody = Some("nobody".to_owned());
    let refused = |done: Result<(), NotHere>| done.unwrap_err().to_string();
    assert_eq!(
        refused(hall.act(&Action::Leak { device: nobody.clone() })),
        "this hall has no leak detection"
    );
    assert_eq!(
        refused(hall.act(&Action::Smoke { room: nobody.clone() })),
        "this hall has no room of that name"
    );
    assert_eq!(
        refused(hall.act(&Action::CoolingFanFails { device: nobody })),
        "this hall has no cooling unit that runs"
    );
    let detector = Some("smoke-1".to_owned());
    assert_eq!(
        refused(hall.act(&Action::FireAbort { device: detector, hold: true })),
        "this hall has no fire panel that releases an agent"
    );
}
