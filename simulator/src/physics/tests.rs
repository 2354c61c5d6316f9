//! The hall's stories, told in explicit time.

use std::{sync::LazyLock, time::Duration};

use hallward_profiles::{Library, Literal};
use hallward_site::Site;

mod balance;
mod chilled_water;
mod energy;
mod fire;
mod heat;
mod power;
mod stepping;
mod water;

use super::*;
use crate::{DEMO_SITE, Scenario};

/// Profiles take long to load, and the demo's hall to settle.
static LIBRARY: LazyLock<Library> = LazyLock::new(|| Library::load(None).unwrap());
static DEMO: LazyLock<Building> = LazyLock::new(|| Building::new(&site(DEMO_SITE)));

fn site(text: &str) -> Site {
    Site::parse("test.toml", text, &LIBRARY).unwrap_or_else(|problems| panic!("{problems}"))
}

fn demo() -> Building {
    DEMO.clone()
}

fn seconds(seconds: f64) -> Duration {
    Duration::from_secs_f64(seconds)
}

fn value(hall: &Building, device: &str, point: &str) -> Literal {
    hall.values(device).unwrap().get(point).unwrap_or_else(|| panic!("{device} tells no {point}")).clone()
}

fn number(hall: &Building, device: &str, point: &str) -> f64 {
    let value = value(hall, device, point);
    let Literal::Number(number) = value else { panic!("{device} {point} is {value}") };
    number
}

fn word(hall: &Building, device: &str, point: &str) -> String {
    let value = value(hall, device, point);
    let Literal::Text(word) = value else { panic!("{device} {point} is {value}") };
    word
}

fn act(hall: &mut Building, action: &str) {
    let action: Action = serde_json::from_str(action).unwrap_or_else(|wrong| panic!("{action}: {wrong}"));
    hall.act(&action).unwrap();
}

fn flag(hall: &Building, device: &str, point: &str) -> bool {
    value(hall, device, point) == Literal::Flag(true)
}

/// Runs for `time_s` and notes when each of the watched words changes: (second, device, word).
fn watch(hall: &mut Building, time_s: f64, watched: &[(&str, &str)]) -> Vec<(f64, String, String)> {
    let see = |hall: &Building| -> Vec<String> {
        watched.iter().map(|(device, point)| word(hall, device, point)).collect()
    };
    let (start, mut before, mut seen) = (hall.elapsed(), see(hall), Vec::new());
    while hall.elapsed() - start < seconds(time_s) {
        hall.advance(seconds(0.1));
        let now = see(hall);
        let at_s = (hall.elapsed() - start).as_secs_f64();
        for ((device, _), (old, new)) in watched.iter().zip(before.iter().zip(&now)) {
            if old != new {
                seen.push((at_s, (*device).to_owned(), new.clone()));
            }
        }
        before = now;
    }
    seen
}

fn check_course(seen: &[(f64, String, String)], course: &[(f64, &str, &str)]) {
    let said: Vec<(&str, &str)> =
        seen.iter().map(|(_, device, word)| (device.as_str(), word.as_str())).collect();
    let expected: Vec<(&str, &str)> = course.iter().map(|(_, device, word)| (*device, *word)).collect();
    assert_eq!(said, expected, "{seen:?}");
    for ((at_s, device, word), (expected_s, _, _)) in seen.iter().zip(course) {
        assert!((at_s - expected_s).abs() < 0.45, "{device} {word} at {at_s} s, expected {expected_s} s");
    }
}

#[test]
fn a_cooling_unit_trips_and_the_standby_holds_the_room() {
    let mut hall = demo();
    let calm_c = number(&hall, "ac-1", "return.temperature");
    assert!((23.5..25.0).contains(&calm_c), "{calm_c} °C at rest");
    let units = [("ac-1", "unit.state"), ("ac-2", "unit.state"), ("ac-3", "unit.state")];
    assert_eq!(units.map(|(device, point)| word(&hall, device, point)), ["on", "on", "standby"]);
    hall.start(Scenario::CoolingFailure).unwrap();
    assert_eq!(word(&hall, "ac-1", "unit.state"), "fault");
    let seen = watch(&mut hall, 60.0, &units);
    check_course(&seen, &[(30.0, "ac-3", "on")]);
    let warm_c = number(&hall, "ac-2", "return.temperature");
    assert!(warm_c > calm_c + 0.5, "{calm_c} °C to {warm_c} °C");
    hall.advance(seconds(1200.0));
    let held_c = number(&hall, "ac-2", "return.temperature");
    assert!((held_c - calm_c).abs() < 0.5, "{held_c} °C with the standby, {calm_c} °C before");
}

#[test]
fn two_cooling_units_lost_are_too_many() {
    let mut hall = demo();
    hall.start(Scenario::CoolingFailure).unwrap();
    hall.start(Scenario::CoolingFailure).unwrap();
    hall.advance(seconds(900.0));
    let lost_c = number(&hall, "ac-3", "return.temperature");
    assert!(lost_c > 26.0, "{lost_c} °C with one unit of two");
    assert!(number(&hall, "inlet-01", "temperature") > 24.0);
}

#[test]
fn cooling_stops_without_power_and_starts_again_after_its_restart_time() {
    let mut hall = demo();
    hall.start(Scenario::MainsFailure).unwrap();
    let seen = watch(&mut hall, 80.0, &[("ac-1", "unit.state"), ("ac-3", "unit.state")]);
    check_course(
        &seen,
        &[(1.1, "ac-1", "off"), (1.1, "ac-3", "off"), (43.0, "ac-1", "on"), (63.0, "ac-3", "standby")],
    );
}

#[test]
fn smoke_reaches_the_aspirating_detector_first() {
    let mut hall = demo();
    hall.start(Scenario::Smoke).unwrap();
    hall.advance(seconds(20.0));
    let smoke = number(&hall, "smoke-1", "smoke.obscuration");
    assert!((0.5..2.0).contains(&smoke), "{smoke} %/m");
    assert_eq!(
        (flag(&hall, "smoke-1", "fire.alarm"), flag(&hall, "fire-panel", "fire.alarm")),
        (true, false)
    );
    hall.advance(seconds(100.0));
    assert!(flag(&hall, "fire-panel", "fire.alarm") && flag(&hall, "fire-panel", "zone.1.alarm"));
    hall.advance(seconds(3600.0));
    assert!(number(&hall, "smoke-1", "smoke.obscuration") < 0.5);
    assert!(flag(&hall, "fire-panel", "fire.alarm"), "a panel stays in alarm until it is reset");
}

#[test]
fn water_is_found_with_its_place_and_dries() {
    let mut hall = demo();
    assert!(!flag(&hall, "leak-1", "leak.alarm"));
    hall.start(Scenario::Leak).unwrap();
    hall.advance(seconds(10.0));
    assert!(flag(&hall, "leak-1", "leak.alarm"));
    assert!(number(&hall, "leak-1", "leak.distance") >= 1.0);
    hall.advance(seconds(2.0 * 3600.0));
    assert!(!flag(&hall, "leak-1", "leak.alarm"));
}

#[test]
fn inlets_differ_by_rack_and_lie_between_supply_and_room_air() {
    let hall = demo();
    let inlets: Vec<f64> = (1..=8).map(|n| number(&hall, &format!("inlet-0{n}"), "temperature")).collect();
    let (supply, room) =
        (number(&hall, "ac-1", "supply.temperature"), number(&hall, "ac-1", "return.temperature"));
    assert!(inlets.iter().all(|inlet| (supply..room).contains(inlet)), "{supply} {inlets:?} {room}");
    let spread =
        inlets.iter().copied().fold(f64::MIN, f64::max) - inlets.iter().copied().fold(f64::MAX, f64::min);
    assert!(spread > 0.5, "{inlets:?}");
    assert!((18.0..=27.0).contains(&inlets[0]), "the recommended span of ASHRAE at rest: {inlets:?}");
}

#[test]
fn a_hall_of_one_ups_and_a_sensor_works() {
    let mut hall = Building::new(&site(
        "[site]\nid = \"small\"\nname = \"Small\"\ntime_zone = \"UTC\"\n\
         [[line]]\nid = \"a\"\ntcp = \"127.0.0.1:502\"\n\
         [[device]]\nid = \"ups\"\nline = \"a\"\nunit = 1\nprofile = \"apc-smart-ups\"\n\
         [[device]]\nid = \"air\"\nline = \"a\"\nunit = 2\nprofile = \"xy-md02\"\n\
         [simulation]\nit_load_w = 2000\n",
    ));
    assert_eq!(hall.start(Scenario::MainsFailureGeneratorFails), Err(NotHere { missing: "generator" }));
    assert!(hall.start(Scenario::Smoke).is_err() && hall.start(Scenario::Leak).is_err());
    assert!(hall.start(Scenario::CoolingFailure).is_err());
    assert!((number(&hall, "ups", "output.load") - 80.0).abs() < 2.0);
    hall.start(Scenario::MainsFailure).unwrap();
    hall.advance(seconds(30.0));
    assert_eq!(word(&hall, "ups", "ups.status"), "on-battery");
    hall.start(Scenario::MainsRestored).unwrap();
    hall.advance(seconds(1.0));
    assert_eq!(word(&hall, "ups", "ups.status"), "online");
    assert!((15.0..40.0).contains(&number(&hall, "air", "temperature")));
    assert_eq!(hall.values("nobody"), None);
}

#[test]
fn wrong_parameters_are_named() {
    let mut site = site(DEMO_SITE);
    assert_eq!(wrong_parameters(&site), Vec::<String>::new());
    let mut set = |device: &str, name: &str, value: f64| {
        site.simulation.device.entry(device.to_owned()).or_default().insert(name.to_owned(), value);
    };
    set("ups-a", "runtime_s", 1.0);
    set("ups-b", "colour", 1.0);
    set("mains-meter", "colour", 1.0);
    let wrong = wrong_parameters(&site);
    let said = [
        "mains-meter] colour: this device has no parameters",
        "runtime_s = 1: it must be 10 to",
        "colour is unknown; one of: rated_w",
    ];
    for (wrong, said) in wrong.iter().zip(said) {
        assert!(wrong.contains(said), "{wrong}");
    }
    assert_eq!(wrong.len(), 3);
}

#[test]
fn physics_speaks_the_vocabulary_of_every_class() {
    let hall = demo();
    for device in &hall.site.devices {
        let values = hall.values(device.id.as_str()).unwrap();
        for expected in device.profile.class.expected().iter().filter(|name| !name.contains("{n}")) {
            let told = values.keys().any(|name| hallward_profiles::vocabulary::satisfies(name, expected));
            assert!(told, "{} tells no {expected}", device.id);
        }
    }
}

#[test]
fn the_readme_names_every_parameter_and_scenario() {
    let readme = include_str!("../../README.md");
    let names = PARAMETERS.iter().map(|parameter| parameter.name).chain(Scenario::ALL.map(Scenario::name));
    let missing: Vec<&str> = names.filter(|name| !readme.contains(&format!("`{name}`"))).collect();
    assert_eq!(missing, Vec::<&str>::new());
}

/// Else it would rest at its profile's `simulate` value, whatever happens in the hall.
#[test]
fn physics_tells_what_a_built_in_profile_has_of_the_vocabulary() {
    let mut text = "[site]\nid = \"all\"\nname = \"All\"\ntime_zone = \"UTC\"\n".to_owned();
    for (n, profile) in LIBRARY.iter().enumerate() {
        let (id, host) = (&profile.id, n + 1);
        text += &format!("[[line]]\nid = \"l{n}\"\ntcp = \"127.0.0.{host}:502\"\n");
        text += &format!("[[device]]\nid = \"d{n}\"\nline = \"l{n}\"\nunit = 1\nprofile = \"{id}\"\n");
    }
    let hall = Building::new(&site(&text));
    for device in &hall.site.devices {
        let told = hall.values(device.id.as_str()).unwrap();
        // What inputs, outputs and zones mean is the installer's to say.
        let wired = |name: &str| name.split('.').nth(1).is_some_and(|part| part.parse::<u16>().is_ok());
        let names = device.map.points.iter().map(|point| &point.name);
        let rest: Vec<&str> = names
            .filter(|name| hallward_profiles::vocabulary::find(name).is_some() && !wired(name.as_str()))
            .filter(|name| !told.contains_key(*name))
            .map(|name| name.as_str())
            .collect();
        assert_eq!(rest, Vec::<&str>::new(), "of {} nothing is told", device.profile.id);
    }
}
