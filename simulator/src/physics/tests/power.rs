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

/// What truly happened after event `seq`, as `code place`.
fn happened(hall: &Building, seq: u64) -> Vec<String> {
    hall.events(seq).iter().map(|event| format!("{} {}", event.code, event.place)).collect()
}

fn do_all(hall: &mut Building, actions: &str) {
    for action in actions.split(';') {
        hall.act(&serde_json::from_str(action).unwrap_or_else(|wrong| panic!("{action}: {wrong}"))).unwrap();
    }
}

/// The demo's hall on its generator, `seconds_s` after the mains was lost.
fn on_generator(seconds_s: f64) -> Building {
    let mut hall = demo();
    hall.start(Scenario::MainsFailure).unwrap();
    hall.advance(seconds(seconds_s));
    hall
}

#[test]
fn a_mains_failure_is_told_event_by_event_and_numbers_go_on_after_a_reset() {
    let first = demo();
    let mut hall = first.clone();
    hall.start(Scenario::MainsFailure).unwrap();
    hall.advance(seconds(60.0));
    let power: Vec<String> =
        happened(&hall, 0).into_iter().filter(|event| !event.starts_with("cooling")).collect();
    assert_eq!(
        power,
        [
            "mains.lost mains",
            "ups.on-battery ups-a",
            "ups.on-battery ups-b",
            "generator.cranking gen-1",
            "generator.warming-up gen-1",
            "generator.running gen-1",
            "switch.open ats-1",
            "switch.transferred ats-1",
            "ups.online ups-a",
            "ups.online ups-b",
        ]
    );
    let last = hall.events(0).last().unwrap().seq;
    assert_eq!(last, u64::try_from(hall.events(0).len()).unwrap());
    hall.reset_to(&first);
    assert_eq!(hall.elapsed(), Duration::ZERO);
    let after = hall.events(last);
    assert_eq!((after[0].seq, after[0].code, after[0].place.as_str()), (last + 1, "hall.reset", "demo-hall"));
    hall.act(&Action::MainsOff { source: None }).unwrap();
    assert_eq!(happened(&hall, last + 1), ["mains.lost mains"]);
}

#[test]
fn a_short_sag_is_the_batteries_business_alone() {
    let mut hall = demo();
    do_all(&mut hall, r#"{"do":"mains-sag","percent":92,"seconds":5}"#);
    hall.advance(seconds(3.0));
    assert_eq!(word(&hall, "ups-a", "ups.status"), "online", "92 % is good enough");
    hall.advance(seconds(10.0));
    do_all(&mut hall, r#"{"do":"mains-sag","percent":60,"seconds":2}"#);
    hall.advance(seconds(1.0));
    assert_eq!(word(&hall, "ups-a", "ups.status"), "on-battery");
    assert!((130.0..146.0).contains(&number(&hall, "mains-meter", "voltage.l1")));
    assert!(!flag(&hall, "ats-1", "source.1.available"));
    hall.advance(seconds(20.0));
    assert_eq!(word(&hall, "ups-a", "ups.status"), "online");
    assert_eq!(word(&hall, "gen-1", "engine.state"), "stopped");
    assert!(!happened(&hall, 0).iter().any(|event| event.starts_with("switch")));
}

#[test]
fn a_brown_out_or_a_frequency_off_its_mark_that_lasts_starts_the_generator() {
    for (off, ups) in [
        (r#"{"do":"mains-sag","source":"mains","percent":82,"seconds":120}"#, "online"),
        (r#"{"do":"mains-sag","percent":125,"seconds":120}"#, "on-battery"),
        (r#"{"do":"mains-frequency","hertz":46}"#, "online"),
    ] {
        let mut hall = demo();
        do_all(&mut hall, off);
        hall.advance(seconds(5.0));
        assert_eq!(word(&hall, "ups-a", "ups.status"), ups, "{off}");
        hall.advance(seconds(25.0));
        assert_eq!(word(&hall, "ats-1", "position"), "2", "{off}");
        do_all(&mut hall, r#"{"do":"mains-on"}"#);
        hall.advance(seconds(60.0));
        assert_eq!(word(&hall, "ats-1", "position"), "1", "{off}");
    }
}

#[test]
fn a_switch_that_sticks_keeps_the_hall_dark_until_it_is_repaired() {
    let mut hall = demo();
    do_all(&mut hall, r#"{"do":"switch-sticks"};{"do":"mains-off"}"#);
    hall.advance(seconds(60.0));
    assert_eq!(
        (word(&hall, "ats-1", "position"), word(&hall, "gen-1", "engine.state")),
        ("1".into(), "running".into())
    );
    assert!(flag(&hall, "ats-1", "alarm.transfer-failed") && hall.truth().transfer_switches[0].stuck);
    assert!(happened(&hall, 0).contains(&"switch.failed ats-1".to_owned()));
    do_all(&mut hall, r#"{"do":"switch-repair","device":"ats-1"}"#);
    hall.advance(seconds(1.0));
    assert_eq!(word(&hall, "ats-1", "position"), "2");
    assert!(!flag(&hall, "ats-1", "alarm.transfer-failed"));
}

#[test]
fn a_generator_dips_when_it_takes_the_load_and_recovers() {
    let mut hall = on_generator(12.3);
    let lowest = (0..30).map(|_| {
        hall.advance(seconds(0.1));
        let one = hall.truth().generators.remove(0);
        if one.out_w > 0.0 { (one.hertz, one.volts) } else { (50.0, 230.0) }
    });
    let lowest = lowest.fold((50.0_f64, 230.0_f64), |low, now| (low.0.min(now.0), low.1.min(now.1)));
    // ISO 8528-5, class G2: no more than 10 % and 20 % for the load steps that it defines.
    assert!((45.0..49.0).contains(&lowest.0) && (184.0..220.0).contains(&lowest.1), "{lowest:?}");
    hall.advance(seconds(8.0));
    assert!((number(&hall, "gen-1", "output.frequency") - 50.1).abs() < 0.3);
    assert_eq!(word(&hall, "ups-a", "ups.status"), "online");
}

#[test]
fn a_generator_that_dies_leaves_the_hall_on_batteries() {
    for (death, alarm) in [
        (r#"{"do":"generator-trips"}"#, "alarm.low-oil-pressure"),
        (r#"{"do":"fuel","percent":0}"#, "alarm.low-fuel-level"),
        (r#"{"do":"it-load","percent":300}"#, "alarm.generator-kw-overload"),
    ] {
        let mut hall = on_generator(1200.0);
        do_all(&mut hall, death);
        hall.advance(seconds(40.0));
        assert_eq!(word(&hall, "gen-1", "engine.state"), "fault", "{death}");
        assert!(flag(&hall, "gen-1", alarm), "{death}");
        assert_eq!(word(&hall, "ups-a", "ups.status"), "on-battery", "{death}");
        do_all(
            &mut hall,
            r#"{"do":"fuel","percent":50};{"do":"it-load","percent":100};{"do":"generator-repair"}"#,
        );
        hall.advance(seconds(30.0));
        assert_eq!(word(&hall, "ups-a", "ups.status"), "online", "{death}");
    }
}

#[test]
fn a_weak_starter_battery_cranks_in_vain() {
    let mut hall = demo();
    do_all(&mut hall, r#"{"do":"generator-starter-weak"};{"do":"mains-off"}"#);
    hall.advance(seconds(5.0));
    assert_eq!(word(&hall, "gen-1", "engine.state"), "starting");
    assert!(number(&hall, "gen-1", "starter-battery.voltage") < 15.0);
    assert!(number(&hall, "gen-1", "engine.speed") < 100.0);
    hall.advance(seconds(30.0));
    assert!(flag(&hall, "gen-1", "alarm.fail-to-start") && flag(&hall, "gen-1", "alarm.low-battery-voltage"));
    do_all(&mut hall, r#"{"do":"generator-repair"}"#);
    hall.advance(seconds(20.0));
    assert_eq!(word(&hall, "gen-1", "engine.state"), "running");
}

#[test]
fn a_generator_is_tested_without_and_with_its_load() {
    let mut hall = demo();
    let starts = number(&hall, "gen-1", "engine.starts");
    do_all(&mut hall, r#"{"do":"generator-test","seconds":60,"on_load":false}"#);
    let seen = watch(&mut hall, 120.0, &POWER);
    check_course(
        &seen,
        &[
            (0.1, "gen-1", "starting"),
            (4.1, "gen-1", "running"),
            (67.1, "gen-1", "cooling-down"),
            (87.1, "gen-1", "stopped"),
        ],
    );
    assert!((number(&hall, "gen-1", "engine.starts") - starts - 1.0).abs() < 1e-9);
    do_all(&mut hall, r#"{"do":"generator-test","device":"gen-1","seconds":60,"on_load":true}"#);
    hall.advance(seconds(30.0));
    assert_eq!(word(&hall, "ats-1", "position"), "2");
    assert!(hall.truth().generators[0].out_w > 15_000.0 && hall.truth().sources[0].out_w < 1.0);
    hall.advance(seconds(90.0));
    assert_eq!(word(&hall, "ats-1", "position"), "1");
    assert_eq!(word(&hall, "gen-1", "engine.state"), "stopped");
}

#[test]
fn a_generator_that_is_not_in_automatic_stays_as_it_is() {
    let mut hall = demo();
    do_all(&mut hall, r#"{"do":"generator-mode","mode":"off"};{"do":"mains-off"}"#);
    hall.advance(seconds(30.0));
    assert_eq!(word(&hall, "gen-1", "control.mode"), "off");
    assert_eq!(word(&hall, "gen-1", "engine.state"), "stopped");
    do_all(&mut hall, r#"{"do":"generator-mode","mode":"auto"}"#);
    hall.advance(seconds(30.0));
    assert_eq!(word(&hall, "gen-1", "engine.state"), "running");
    do_all(&mut hall, r#"{"do":"generator-mode","mode":"manual"};{"do":"mains-on"}"#);
    hall.advance(seconds(120.0));
    assert_eq!(word(&hall, "ats-1", "position"), "1");
    assert_eq!(word(&hall, "gen-1", "engine.state"), "running");
}

#[test]
fn a_ups_that_trips_leaves_its_load_to_the_other() {
    let mut hall = demo();
    do_all(&mut hall, r#"{"do":"ups-trips","device":"ups-a"}"#);
    hall.advance(seconds(2.0));
    assert_eq!(word(&hall, "ups-a", "ups.status"), "fault");
    assert!((75.0..85.0).contains(&number(&hall, "ups-b", "output.load")));
    assert!(hall.truth().it_w > 15_000.0);
    do_all(&mut hall, r#"{"do":"ups-repair"}"#);
    hall.advance(seconds(15.0));
    assert_eq!(word(&hall, "ups-a", "ups.status"), "online");
}

#[test]
fn bypass_loses_little_and_gives_way_to_the_battery() {
    let mut hall = demo();
    let loss = |hall: &Building| {
        let one = hall.truth().upses.remove(0);
        1.0 - one.out_w / one.in_w
    };
    assert!((0.05..0.08).contains(&loss(&hall)), "{} on line at 40 %", loss(&hall));
    do_all(&mut hall, r#"{"do":"ups-bypass","device":"ups-a","on":true}"#);
    hall.advance(seconds(1.0));
    assert_eq!(word(&hall, "ups-a", "ups.status"), "bypass");
    assert!((loss(&hall) - 0.01).abs() < 0.002, "{}", loss(&hall));
    do_all(&mut hall, r#"{"do":"mains-off"}"#);
    hall.advance(seconds(1.0));
    assert_eq!(word(&hall, "ups-a", "ups.status"), "on-battery");
    do_all(&mut hall, r#"{"do":"mains-on"};{"do":"ups-bypass","on":false}"#);
    hall.advance(seconds(1.0));
    assert_eq!(word(&hall, "ups-a", "ups.status"), "online");
}

#[test]
fn an_overload_is_borne_for_a_while_and_then_bypassed() {
    for (percent, borne_s) in [(290, 600.0), (300, 600.0), (240, f64::INFINITY)] {
        let mut hall = demo();
        do_all(&mut hall, &format!(r#"{{"do":"it-load","percent":{percent}}}"#));
        hall.advance(seconds(700.0));
        let seen = hall.events(0);
        let bypassed = seen.iter().find(|event| event.code == "ups.bypass" && event.place == "ups-a");
        assert_eq!(bypassed.is_some(), borne_s.is_finite(), "{percent} %: {seen:?}");
        if let Some(event) = bypassed {
            assert!((event.at_s - borne_s).abs() < 1.1, "{percent} %: {event:?}");
        }
        do_all(&mut hall, r#"{"do":"it-load","percent":100}"#);
        hall.advance(seconds(70.0));
        assert_eq!(word(&hall, "ups-a", "ups.status"), "online", "{percent} %");
    }
    let mut hall = demo();
    do_all(
        &mut hall,
        r#"{"do":"it-load","percent":300};{"do":"ups-trips","device":"ups-b"};{"do":"mains-off"}"#,
    );
    hall.advance(seconds(1.0));
    assert_eq!(word(&hall, "ups-a", "ups.status"), "fault", "240 % on battery");
}

#[test]
fn an_old_battery_is_told_and_soon_empty() {
    let mut hall = demo();
    do_all(
        &mut hall,
        r#"{"do":"battery-health","device":"ups-a","health":0.3};{"do":"generator-cannot-start"}"#,
    );
    assert!(flag(&hall, "ups-a", "alarm.battery-replace") && !flag(&hall, "ups-b", "alarm.battery-replace"));
    let told_s = number(&hall, "ups-a", "battery.runtime");
    do_all(&mut hall, r#"{"do":"mains-off"}"#);
    hall.advance(seconds(900.0));
    let off = hall.events(0).into_iter().find(|event| event.code == "ups.off").unwrap();
    assert_eq!(off.place, "ups-a");
    let off_s = off.at_s;
    assert!((off_s / told_s - 1.0).abs() < 0.03, "{off_s} s, told {told_s} s");
    do_all(&mut hall, r#"{"do":"battery-charge","device":"ups-b","percent":15}"#);
    hall.advance(seconds(1.0));
    assert!(flag(&hall, "ups-b", "alarm.battery-low"));
}

#[test]
fn actions_that_make_no_sense_are_refused_with_the_reason() {
    for (action, says) in [
        (r#"{"do":"mains-sag","percent":200,"seconds":1}"#, "200 is not from 0 to 150"),
        (r#"{"do":"battery-health","health":0}"#, "0 is not from 0.05 to 1"),
        (r#"{"do":"fuel","percent":-1}"#, "-1 is not from 0 to 100"),
        (r#"{"do":"generator-test","seconds":5}"#, "missing field `on_load`"),
        (r#"{"do":"generator-mode","mode":"fast"}"#, "unknown variant `fast`"),
    ] {
        let wrong = serde_json::from_str::<Action>(action).unwrap_err().to_string();
        assert!(wrong.contains(says), "{action}: {wrong}");
    }
    let mut hall = demo();
    let nobody = Some("nobody".to_owned());
    assert!(hall.act(&Action::MainsSag { source: nobody.clone(), percent: 1.0, seconds: 1.0 }).is_err());
    assert!(hall.act(&Action::UpsTrips { device: nobody }).is_err());
}

#[test]
fn cooling_units_draw_nothing_below_their_least_voltage() {
    let mut hall = demo();
    act(&mut hall, r#"{"do":"mains-sag","percent":30,"seconds":20}"#);
    hall.advance(seconds(2.0));
    let (n, _) = hall.site.device("ac-1").unwrap();
    let flow = hall.plant.flow(n);
    assert!(flow.incoming.is_some() && flow.in_w.abs() < f64::EPSILON, "{flow:?}");
    assert_eq!(word(&hall, "ac-1", "unit.state"), "off");
}

#[test]
fn a_generator_in_manual_stays_as_it_is() {
    let mut hall = demo();
    do_all(&mut hall, r#"{"do":"generator-test","seconds":10,"on_load":false}"#);
    hall.advance(seconds(2.0));
    do_all(&mut hall, r#"{"do":"generator-mode","mode":"manual"}"#);
    hall.advance(seconds(20.0));
    assert_eq!(hall.truth().generators[0].engine, "running", "an engine that cranks goes on to run");
    do_all(&mut hall, r#"{"do":"generator-mode","mode":"auto"}"#);
    hall.advance(seconds(2.0));
    assert_eq!(word(&hall, "gen-1", "engine.state"), "cooling-down");
    do_all(&mut hall, r#"{"do":"generator-mode","mode":"manual"}"#);
    hall.advance(seconds(2.0));
    assert_eq!(word(&hall, "gen-1", "engine.state"), "cooling-down");
}

#[test]
fn a_generator_counts_what_the_books_say_it_gave() {
    let mut hall = on_generator(8.0);
    let given = |hall: &Building| {
        let one = hall.plant.generators.values().next().unwrap();
        (one.energy_j, hall.truth().energy.supplied_j)
    };
    let before = given(&hall);
    hall.advance(seconds(60.0));
    let after = given(&hall);
    let (counted_j, booked_j) = (after.0 - before.0, after.1 - before.1);
    assert!(
        booked_j > 1e5 && (counted_j - booked_j).abs() < 1e-6 * booked_j,
        "{counted_j} J of {booked_j} J"
    );
}
