//! Stories of the power supply, and its books.

use super::*;

const POWER: [(&str, &str); 3] = [("ups-a", "ups.status"), ("gen-1", "engine.state"), ("ats-1", "position")];

#[test]
fn a_mains_failure_is_carried_by_battery_then_generator() {
    let mut hall = demo();
    hall.start(Scenario::MainsFailure).unwrap();
    let seen = watch(&mut hall, 60.0, &POWER);
    check_course(
        &seen,
        &[
            (0.1, "ups-a", "on-battery"),
            (3.0, "gen-1", "starting"),
            (7.0, "gen-1", "running"),
            (12.0, "ats-1", "open"),
            (12.5, "ups-a", "online"),
            (12.5, "ats-1", "2"),
        ],
    );
    assert!(hall.truth().generators[0].out_w > 15_000.0);
    hall.start(Scenario::MainsRestored).unwrap();
    let seen = watch(&mut hall, 60.0, &POWER);
    check_course(
        &seen,
        &[
            (10.1, "ups-a", "on-battery"),
            (10.1, "ats-1", "open"),
            (10.7, "ups-a", "online"),
            (10.7, "gen-1", "cooling-down"),
            (10.7, "ats-1", "1"),
            (30.5, "gen-1", "stopped"),
        ],
    );
}

#[test]
fn the_battery_drains_by_load_and_charges_again() {
    let mut hall = demo();
    hall.start(Scenario::MainsFailure).unwrap();
    hall.advance(seconds(10.0));
    let drained = number(&hall, "ups-a", "battery.charge");
    // 8 kW of 20 kW: a battery of 10 minutes at full load lasts 34.
    assert!((drained - (100.0 - 100.0 * 10.0 / (34.0 * 60.0))).abs() < 0.02, "{drained} %");
    hall.advance(seconds(20.0));
    let low = number(&hall, "ups-a", "battery.charge");
    assert_eq!(word(&hall, "ups-a", "battery.status"), "charging");
    hall.advance(seconds(60.0));
    let charged = number(&hall, "ups-a", "battery.charge");
    assert!(charged > low + 0.02, "{low} % to {charged} % in a minute");
    hall.advance(seconds(3600.0));
    assert_eq!(word(&hall, "ups-a", "battery.status"), "floating");
}

#[test]
fn without_generator_the_batteries_drain_and_the_racks_go_dark() {
    let mut hall = demo();
    hall.start(Scenario::MainsFailureGeneratorFails).unwrap();
    let seen = watch(&mut hall, 60.0, &POWER);
    check_course(
        &seen,
        &[(0.1, "ups-a", "on-battery"), (3.0, "gen-1", "starting"), (23.0, "gen-1", "fault")],
    );
    assert!(flag(&hall, "gen-1", "alarm.fail-to-start"));
    hall.advance(seconds(1900.0));
    let seen = watch(&mut hall, 200.0, &[("ups-a", "ups.status"), ("ups-b", "ups.status")]);
    assert_eq!(seen.iter().map(|(_, _, word)| word.as_str()).collect::<Vec<_>>(), ["off", "off"], "{seen:?}");
    let truth = hall.truth();
    assert!(truth.it_w.abs() < f64::EPSILON);
    assert!(truth.upses.iter().all(|ups| ups.charge <= 0.0));
    hall.start(Scenario::MainsRestored).unwrap();
    hall.advance(seconds(15.0));
    assert_eq!(word(&hall, "ups-a", "ups.status"), "online");
    assert_eq!(word(&hall, "gen-1", "engine.state"), "stopped");
    assert!(hall.truth().it_w > 15_000.0);
}

#[test]
fn the_energy_books_balance() {
    let mut hall = demo();
    hall.advance(seconds(600.0));
    hall.start(Scenario::MainsFailure).unwrap();
    hall.advance(seconds(600.0));
    hall.start(Scenario::MainsRestored).unwrap();
    hall.advance(seconds(1200.0));
    let Books { supplied_j, it_j, cooling_j, ups_loss_j, stored_j, .. } = hall.truth().energy;
    let used_j = it_j + cooling_j + ups_loss_j + stored_j;
    assert!(it_j > 16_000.0 * 2400.0 * 0.95, "{it_j} J");
    assert!((supplied_j - used_j).abs() < supplied_j * 0.001, "{supplied_j} J given, {used_j} J used");
    let metered_kwh = number(&hall, "distribution", "energy");
    assert!((metered_kwh - it_j / 3.6e6).abs() < 0.01 * metered_kwh, "{metered_kwh} kWh metered");
}
