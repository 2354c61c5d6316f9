//! A device that has lived through anything tells what a new one would tell of the same values.

use std::sync::LazyLock;

use proptest::prelude::*;

use super::*;

/// Points of one device that are told at a time, at most: the largest panels have thousands.
const MOST_TOLD: usize = 120;

/// Everything by which a number may concern other registers than its own: rules that see it, an exponent, a unit, and
/// registers that are several points at once, also by way of a third.
const ENTANGLED: &str = r#"
[profile]
id = "t"
name = "t"
vendor = "t"
class = "io"
confidence = "low"
sources = ["t"]
[connection]
[lacks]
"input.1" = "t"
[[point]]
name = "level"
area = "holding"
address = 1
type = "u16"
valid = { min = 0, max = 100 }
[[point]]
name = "level-2"
area = "holding"
address = 3
type = "u16"
valid = { min = 0, max = 60000 }
[[point]]
name = "wide"
area = "holding"
address = 1
type = "u32"
valid = { min = 0, max = 4e9 }
[[point]]
name = "wide-2"
area = "holding"
address = 2
type = "u32"
valid = { min = 0, max = 4e9 }
[[point]]
name = "exponent"
area = "holding"
address = 5
type = "s16"
valid = { min = -3, max = 3 }
[[point]]
name = "scaled"
area = "holding"
address = 6
type = "s16"
scale_from = "exponent"
valid = { min = -30, max = 30 }
[[derived]]
name = "high"
rules = [{ if = "level", above = 60, is = true }, { else = false }]
[[derived]]
name = "state"
rules = [{ if = "high", is = "high" }, { if = "level", below = 20, is = "low" }, { else = "calm" }]
"#;

static MAPS: LazyLock<Vec<Arc<Map>>> = LazyLock::new(|| {
    let entangled = Profile::parse("t.toml", ENTANGLED).unwrap_or_else(|problems| panic!("{problems}"));
    profiles().iter().map(|profile| map_of(profile)).chain([map_of(&entangled)]).collect()
});

/// What is told under one name, drawn from `dice`: something that its point can say, or nothing.
fn value(map: &Map, name: &PointName, dice: u64) -> Option<Value> {
    let pick = usize::try_from(dice >> 8).unwrap();
    if dice.is_multiple_of(16) {
        return None;
    }
    if let Some(derived) = map.derived.iter().find(|derived| derived.name == *name) {
        let Derivation::Rules(rules) = &derived.how else { return Some(Value::Number(12.5)) };
        return Some(match &rules[pick % rules.len()].is {
            Literal::Flag(flag) => Value::Flag(*flag),
            Literal::Number(number) => Value::Number(*number),
            Literal::Text(word) => Value::Word(word.clone().leak()),
        });
    }
    let point = map.points.iter().find(|point| point.name == *name)?;
    if point.encoding == Encoding::Bool {
        return Some(Value::Flag(dice & 32 == 0));
    }
    if !point.words.is_empty() {
        return Some(Value::Word(point.words[pick % point.words.len()].1.clone().leak()));
    }
    let (low, high) = point.valid.unwrap_or((-40.0, 3000.0));
    let share = f64::from(u8::try_from(pick & 0xFF).unwrap()) / 200.0 - 0.1;
    let odd = [f64::NAN, f64::INFINITY, 1e30, -0.0];
    let is_odd = dice % 64 == 1;
    Some(Value::Number(if is_odd { odd[pick % odd.len()] } else { low + (high - low) * share }))
}

/// Rounds of values: the first word of each says which names are told another value than in the round before, the
/// second what. States change in few rounds, as in life; else nothing would ever be followed.
fn check(map: &Arc<Map>, rounds: &[(u64, u64)]) {
    let mut encoder = Encoder::new(Arc::clone(map));
    let points = map.points.iter().map(|point| &point.name);
    let names: Vec<&PointName> =
        map.derived.iter().map(|derived| &derived.name).chain(points).take(MOST_TOLD).collect();
    let is_number =
        |name: &PointName| map.points.iter().any(|point| point.name == *name && point.is_number());
    let mut told: Vec<Option<Value>> = vec![None; names.len()];
    for (moment, (which, seed)) in (0..).zip(rounds) {
        for (n, name) in names.iter().enumerate() {
            let dice = seed.wrapping_mul(2 * n as u64 + 1).wrapping_mul(0x9E37_79B9_7F4A_7C15) >> 20;
            let may_change = which >> 60 == 0 || is_number(name) && !dice.is_multiple_of(16);
            if moment == 0 || which >> (n % 60) & 1 == 1 && may_change {
                told[n] = value(map, name, dice);
            }
        }
        if which >> 58 == 1 {
            let point = &names[usize::try_from(*seed).unwrap() % names.len()];
            encoder.override_point((*point).clone(), Some(Literal::Number(1.0)));
        }
        let image = encoder.image(moment, |given| {
            for (name, value) in names.iter().zip(&told) {
                value.iter().for_each(|value| given.tell_named(name.as_str(), *value));
            }
        });
        let image = image.clone();
        let mut given = encoder.given.values();
        assert_eq!(given.len(), told.iter().flatten().count());
        given.extend(encoder.overrides().clone());
        assert_eq!(image, super::image(map, &given), "round {moment} of {:?}", map.points[0].name);
    }
}

proptest! {
    #[test]
    fn whatever_was_told_before_the_registers_are_those_of_now(
        which in any::<prop::sample::Index>(),
        rounds in prop::collection::vec(any::<(u64, u64)>(), 2..8),
    ) {
        check(&MAPS[which.index(MAPS.len())], &rounds);
        check(MAPS.last().unwrap(), &rounds);
    }
}

#[test]
fn numbers_are_followed_without_settling_anew_and_states_are_not() {
    let profile = Library::load(None).unwrap().get("apc-smart-ups").cloned().unwrap();
    let mut encoder = Encoder::new(map_of(&profile));
    let mut told = |moment, charge, status| {
        encoder.image(moment, |given| {
            given.tell(["battery.", "charge", ""], Value::Number(charge));
            given.tell(["", "", "ups.status"], Value::Word(status));
        });
        // The base cannot be seen but by settling: it tells which it was.
        let point = encoder.map.points.iter().find(|point| point.name.as_str() == "battery.voltage").unwrap();
        let raw = encoder.settled.image.get(point.area, point.addresses[0]).unwrap();
        encoder.base.insert(name("battery.voltage"), Literal::Number(40.0 + charge / 10.0));
        raw
    };
    let first = told(0, 90.0, "online");
    assert_eq!(told(1, 80.0, "online"), first);
    assert_eq!(told(2, 79.0, "online"), first);
    assert_ne!(told(3, 78.0, "on-battery"), first);
}
