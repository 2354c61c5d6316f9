//! A device that has lived through anything tells what a new one would tell of the same values.

use std::sync::LazyLock;

use proptest::prelude::*;

use super::*;

/// Points of one device that are told at a time, at most: the largest panels have thousands.
const MOST_TOLD: usize = 120;

/// What is told under one name, drawn from `dice`: something that its point can say, or nothing.
fn value(map: &Map, name: &PointName, dice: u64) -> Option<Value> {
    let of = |words: Vec<&Literal>| {
        let word = words.get(usize::try_from(dice / 7).unwrap() % words.len().max(1))?;
        Some(match word {
            Literal::Flag(flag) => Value::Flag(*flag),
            Literal::Number(number) => Value::Number(*number),
            Literal::Text(word) => Value::Word(word.clone().leak()),
        })
    };
    if dice.is_multiple_of(16) {
        return None;
    }
    if let Some(derived) = map.derived.iter().find(|derived| derived.name == *name) {
        let Derivation::Rules(rules) = &derived.how else { return Some(Value::Number(12.5)) };
        return of(rules.iter().map(|rule| &rule.is).collect());
    }
    let point = map.points.iter().find(|point| point.name == *name)?;
    if point.encoding == Encoding::Bool {
        return Some(Value::Flag(dice & 32 == 0));
    }
    if !point.words.is_empty() {
        return Some(Value::Word(
            point.words[usize::try_from(dice).unwrap() % point.words.len()].1.clone().leak(),
        ));
    }
    let (low, high) = point.valid.unwrap_or((-40.0, 3000.0));
    let share = f64::from(u8::try_from(dice >> 8 & 0xFF).unwrap()) / 200.0 - 0.1;
    let odd = [f64::NAN, f64::INFINITY, 1e30, -0.0];
    let number = if dice % 64 == 1 {
        odd[usize::try_from(dice >> 8 & 3).unwrap()]
    } else {
        low + (high - low) * share
    };
    Some(Value::Number(number))
}

/// Rounds of values: the first word of each says which names are told another value than in the round before.
fn check(profile: &Profile, rounds: &[(u64, u64)]) {
    let map = map_of(profile);
    let mut encoder = Encoder::new(Arc::clone(&map));
    let names =
        map.derived.iter().map(|derived| &derived.name).chain(map.points.iter().map(|point| &point.name));
    let names: Vec<&PointName> = names.take(MOST_TOLD).collect();
    let mut told: Vec<Option<Value>> = vec![None; names.len()];
    for (moment, (which, seed)) in (0..).zip(rounds) {
        for (n, name) in names.iter().enumerate() {
            let dice =
                seed.wrapping_mul(2 * n as u64 + 1).rotate_left(23).wrapping_mul(0x9E37_79B9_7F4A_7C15) >> 20;
            let lone = map.points.iter().any(|point| point.name == **name && point.is_number());
            if moment == 0 || which >> (n % 60) & 1 == 1 && (lone || which >> 60 == 0) {
                told[n] = value(&map, name, dice);
            }
        }
        let image = encoder.image(moment, |given| {
            for (name, value) in names.iter().zip(&told) {
                value.iter().for_each(|value| given.tell(["", "", name.as_str()], *value));
            }
        });
        let image = image.clone();
        let given = encoder.given.values();
        assert_eq!(given.len(), told.iter().flatten().count());
        assert_eq!(image, super::image(&map, &given), "{} in round {moment}", profile.id);
    }
}

static PROFILES: LazyLock<Vec<Arc<Profile>>> = LazyLock::new(profiles);

proptest! {
    #[test]
    fn whatever_was_told_before_the_registers_are_those_of_now(
        which in any::<prop::sample::Index>(),
        rounds in prop::collection::vec(any::<(u64, u64)>(), 2..8),
    ) {
        check(&PROFILES[which.index(PROFILES.len())], &rounds);
    }
}

#[test]
fn numbers_are_followed_without_settling_anew_and_states_are_not() {
    let profile = Library::load(None).unwrap().get("apc-smart-ups").cloned().unwrap();
    let mut encoder = Encoder::new(map_of(&profile));
    let mut told = |charge, status| {
        encoder.image(0, |_| {});
        encoder.given.round(|given| {
            given.tell(["battery.", "charge", ""], Value::Number(charge));
            given.tell(["", "", "ups.status"], Value::Word(status));
        });
        let new = encoder.given.names(encoder.roles.len());
        encoder.roles.extend(new.map(|name| encoder.plan.role(name)));
        let followed = encoder.follow().is_some();
        encoder.settled = encoder.encode(&encoder.given.values());
        followed
    };
    assert!(!told(90.0, "online"));
    assert!(told(80.0, "online"));
    assert!(told(80.0, "online"));
    assert!(!told(79.0, "on-battery"));
    assert!(told(78.0, "on-battery"));
}
