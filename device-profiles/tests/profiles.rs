//! Every built-in profile loads and is fit for use.

#![allow(clippy::panic, clippy::indexing_slicing, reason = "a test fails by panicking")]

use std::collections::{BTreeMap, BTreeSet};

use hallward_profiles::{
    Access, Area, BUILT_IN, Derivation, Derived, Golden, Map, Point, PointName, Profile, vocabulary,
};

fn profiles() -> impl Iterator<Item = (String, Profile, Map)> {
    BUILT_IN.files().map(|(path, text)| {
        let profile = Profile::parse(&path, &text).unwrap_or_else(|problems| panic!("{problems}"));
        let map = profile.map(&BTreeMap::new()).unwrap_or_else(|what| panic!("{path}: {what}"));
        (path, profile, map)
    })
}

/// Runs `faults` over every profile and shows all that it finds.
fn check(faults: impl Fn(&Profile, &Map) -> Vec<String>) {
    let found: Vec<_> = profiles()
        .flat_map(|(path, profile, map)| {
            faults(&profile, &map).into_iter().map(move |fault| format!("{path}: {fault}"))
        })
        .collect();
    assert!(found.is_empty(), "{}", found.join("\n"));
}

#[test]
fn every_profile_loads_with_its_own_options() {
    assert!(profiles().count() >= 13);
}

#[test]
fn files_are_named_by_class_and_id() {
    for (path, profile, _) in profiles() {
        assert_eq!(path, format!("{}/{}.toml", profile.class.as_str(), profile.id));
    }
}

#[test]
fn every_point_has_a_label_in_both_languages() {
    check(|_, map| {
        let points = map.points.iter().map(|point| (&point.name, point.text.as_ref()));
        let derived = map.derived.iter().map(|point| (&point.name, point.text.as_ref()));
        let named = points.chain(derived).filter(|(name, _)| vocabulary::find(name).is_none());
        named
            .filter(|(_, text)| !text.is_some_and(|text| !text.en.is_empty() && !text.vi.is_empty()))
            .map(|(name, _)| format!("{name} has no text"))
            .collect()
    });
}

#[test]
fn every_alarm_is_a_flag_with_a_priority() {
    check(|_, map| {
        let points = map.points.iter().map(|point| (&point.name, point.priority));
        let derived = map.derived.iter().map(|point| (&point.name, point.priority));
        let alarms = points.chain(derived).filter(|(name, _)| name.as_str().starts_with("alarm."));
        let without = alarms.filter(|(_, priority)| priority.is_none());
        let mut faults: Vec<_> = without.map(|(name, _)| format!("{name} has no priority")).collect();
        let numbers = map.points.iter().filter(|point| point.name.as_str().starts_with("alarm."));
        faults.extend(numbers.filter(|p| p.is_number()).map(|p| format!("{} is no flag", p.name)));
        faults
    });
}

/// A simulated device serves what it is told: vendor numbers and words must be told.
#[test]
fn every_vendor_number_and_word_is_simulated() {
    check(|_, map| {
        let silent = map.points.iter().filter(|point| {
            point.is_read()
                && vocabulary::find(&point.name).is_none()
                && (point.is_number() || !point.words.is_empty())
                && point.simulate.is_none()
        });
        silent.map(|point| format!("{} has no `simulate`", point.name)).collect()
    });
}

/// Two points over the same bits would make a simulated device serve one of them wrongly.
#[test]
fn no_two_points_share_bits() {
    check(|_, map| {
        let mut taken: BTreeMap<(Area, u16, u8), &PointName> = BTreeMap::new();
        let mut faults = BTreeSet::new();
        for point in map.points.iter().filter(|point| point.is_read()) {
            for bit in bits(point) {
                if let Some(other) = taken.insert(bit, &point.name) {
                    faults.insert(format!("{} and {other} share bits of {bit:?}", point.name));
                }
            }
        }
        faults.into_iter().collect()
    });
}

fn bits(point: &Point) -> Vec<(Area, u16, u8)> {
    let width = if point.area.is_bits() { 1 } else { 16 };
    let all = u8::try_from(point.addresses.len() * width - 1).unwrap_or(u8::MAX);
    let (high, low) = point.bits.unwrap_or((all, 0));
    let address = |bit: u8| point.addresses[point.addresses.len() - 1 - usize::from(bit) / width];
    (low..=high).map(|bit| (point.area, address(bit), bit % u8::try_from(width).unwrap_or(16))).collect()
}

#[test]
fn every_profile_has_two_worked_examples() {
    check(|profile, _| {
        let enough = profile.golden.len() >= 2;
        (!enough).then(|| "fewer than two [[golden]] examples".to_owned()).into_iter().collect()
    });
}

/// An expected value whose registers are not in the example would not be tested by it.
#[test]
fn examples_hold_all_registers_that_they_need() {
    check(|profile, map| {
        let golden = profile.golden.iter();
        golden
            .flat_map(|golden| {
                let named = golden.expect.keys().chain(&golden.not_available);
                named.flat_map(|name| missing(map, golden, name))
            })
            .collect()
    });
}

fn missing(map: &Map, golden: &Golden, name: &PointName) -> Vec<String> {
    let found = needed(map, name).into_iter().filter(|point| {
        !point.addresses.iter().all(|address| {
            golden.frames.iter().any(|frame| {
                let offset = address.checked_sub(frame.address).map(usize::from);
                frame.area == point.area && offset.is_some_and(|offset| offset < frame.words.len())
            })
        })
    });
    found.map(|point| format!("`{}`: {name} needs {}", golden.what, point.name)).collect()
}

/// The points in registers from which `name` follows.
fn needed<'m>(map: &'m Map, name: &PointName) -> Vec<&'m Point> {
    if let Some(point) = map.points.iter().find(|point| point.name == *name) {
        let setting = point.unit_if.iter().map(|unit_if| &unit_if.point).chain(&point.scale_from);
        return std::iter::once(point).chain(setting.flat_map(|name| needed(map, name))).collect();
    }
    let derived = map.derived.iter().find(|derived| derived.name == *name);
    derived.into_iter().flat_map(sources).flat_map(|name| needed(map, name)).collect()
}

fn sources(derived: &Derived) -> Vec<&PointName> {
    match &derived.how {
        Derivation::Rules(rules) => {
            let conditions = rules.iter().flat_map(|rule| &rule.conditions);
            conditions.flat_map(|condition| &condition.points).collect()
        }
        Derivation::DewPoint { temperature, humidity } => vec![temperature, humidity],
    }
}

/// The examples of a profile, taken together, prove each expected point of its class.
#[test]
fn examples_show_what_the_class_expects() {
    check(|profile, _| {
        let expected = profile.class.expected().iter();
        let shown: Vec<_> = profile.golden.iter().flat_map(|golden| golden.expect.keys()).collect();
        let unproven = expected.filter(|wanted| {
            let told = |name: &&PointName| vocabulary::satisfies(name, wanted);
            !shown.iter().any(told) && !profile.lacks.keys().any(|name| told(&name))
        });
        unproven.map(|wanted| format!("no example shows {wanted}")).collect()
    });
}

#[test]
fn commands_are_words() {
    check(|_, map| {
        let commands = map.points.iter().filter(|point| point.access == Access::Write);
        let wordless = commands.filter(|point| point.is_number());
        wordless.map(|point| format!("{} has no words", point.name)).collect()
    });
}

#[test]
fn only_as_many_detectors_as_a_loop_can_have() {
    let gateway = profiles().find(|(path, ..)| path.contains("notifier")).expect("the Notifier profile").1;
    let map = |detectors: u16| gateway.map(&BTreeMap::from([("detectors".to_owned(), detectors)]));
    assert!(map(159).is_ok());
    let wrong = map(160).expect_err("address 160 is no detector's");
    assert_eq!(wrong, "160 is too many for `loop-1.detector.{n}.active`; at most 159");
    let none = map(0).expect("a loop may have modules only");
    assert!(!none.points.iter().any(|point| point.name.as_str().starts_with("loop-1.detector")));
}

#[test]
fn a_climate_sensor_has_one_dew_point() {
    let dew_points = |id: &str| {
        let (_, _, map) =
            profiles().find(|(_, profile, _)| profile.id.as_str() == id).expect("a built-in profile");
        let computed = map.derived.iter().filter(|point| point.name.as_str() == "dew-point").count();
        let told = map.points.iter().filter(|point| point.name.as_str() == "dew-point").count();
        (computed, told)
    };
    assert_eq!(dew_points("xy-md02"), (1, 0));
    assert_eq!(dew_points("comet-t33xx"), (0, 1));
}
