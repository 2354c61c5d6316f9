//! The encoder against every built-in profile: a decoder written only here, from the meaning of a profile, must find
//! what was put in.

mod follow;
mod rules;

use hallward_profiles::{Area, Encoding, Library, Literal, Map, Point, PointName, Profile, Test, WordOrder};

use super::*;

fn profiles() -> Vec<Arc<Profile>> {
    Library::load(None).unwrap().iter().cloned().collect()
}

fn map_of(profile: &Profile) -> Arc<Map> {
    Arc::new(profile.map(&BTreeMap::new()).unwrap())
}

fn name(text: &str) -> PointName {
    text.parse().unwrap()
}

/// The value of `point` in `image`; `None` if it is missing, a sentinel or a code without a word.
fn decode(point: &Point, image: &Image, values: &Values) -> Option<Literal> {
    let words: Vec<u16> =
        point.addresses.iter().map(|address| image.get(point.area, *address)).collect::<Option<_>>()?;
    if point.encoding == Encoding::Text {
        let bytes: Vec<u8> = words.iter().flat_map(|word| word.to_be_bytes()).collect();
        let text: Vec<u8> = bytes.into_iter().take_while(|byte| *byte != 0).collect();
        return Some(Literal::Text(String::from_utf8(text).unwrap().trim().to_owned()));
    }
    if point.encoding == Encoding::Bcd {
        let digits: String = words.iter().map(|word| format!("{word:04x}")).collect();
        return Some(Literal::Number(digits.parse().unwrap()));
    }
    let whole = words.iter().fold(0_u64, |all, word| all << 16 | u64::from(*word));
    let (high, low) = match (point.bits, point.encoding) {
        (Some(bits), _) => bits,
        (None, Encoding::S8) => (7, 0),
        (None, _) if point.area.is_bits() => (0, 0),
        (None, _) => (u8::try_from(words.len() * 16 - 1).unwrap(), 0),
    };
    let width = u32::from(high - low) + 1;
    let raw = if width == 64 { whole } else { whole >> low & ((1 << width) - 1) };
    let missing = |sentinel: &hallward_profiles::Sentinel| match sentinel.mask {
        Some(mask) => whole & mask == sentinel.raw & mask,
        None => raw == sentinel.raw,
    };
    if point.not_available.iter().any(missing) {
        return None;
    }
    if point.encoding == Encoding::Bool {
        let set = if point.true_if.is_empty() { raw != 0 } else { point.true_if.contains(&raw) };
        return Some(Literal::Flag(set != point.inverted));
    }
    if !point.words.is_empty() {
        return point
            .words
            .iter()
            .find(|(code, _)| *code == raw)
            .map(|(_, word)| Literal::Text(word.clone()));
    }
    let signed = matches!(point.encoding, Encoding::S8 | Encoding::S16 | Encoding::S32 | Encoding::S64);
    let number = if point.encoding == Encoding::F32 {
        f64::from(f32::from_bits(u32::try_from(raw).unwrap()))
    } else if signed && raw >> (width - 1) == 1 {
        (i128::from(raw) - (1_i128 << width)) as f64
    } else {
        raw as f64
    };
    let exponent = match point.scale_from.as_ref().map(|from| &values[from]) {
        Some(Literal::Number(exponent)) => *exponent,
        _ => 0.0,
    };
    let scaled = point.scale.times(number) * 10_f64.powf(exponent) + point.offset;
    let foreign = point.unit_if.as_ref().filter(|unit_if| values.get(&unit_if.point) == Some(&unit_if.is));
    let (factor, offset) =
        foreign.map_or((1.0, 0.0), |unit_if| unit_if.unit.conversion_to(point.unit.unwrap()).unwrap());
    let value = scaled * factor + offset;
    let believable = point.valid.is_none_or(|(low, high)| (low - 1e-9..=high + 1e-9).contains(&value));
    believable.then_some(Literal::Number(value))
}

/// All points and derived points of an image.
fn decode_all(map: &Map, image: &Image) -> Values {
    let mut values = Values::new();
    // Twice, since an exponent or a unit may stand after the point that needs it.
    for _ in 0..2 {
        for point in map.points.iter().filter(|point| point.is_read()) {
            let ready = point.scale_from.as_ref().is_none_or(|from| values.contains_key(from));
            if let Some(value) = ready.then(|| decode(point, image, &values)).flatten() {
                values.insert(point.name.clone(), value);
            }
        }
    }
    for derived in &map.derived {
        let Derivation::Rules(rules) = &derived.how else { continue };
        let passes = |test: &Test, name: &PointName| values.get(name).is_some_and(|value| test.passes(value));
        let holds = rules.iter().find(|rule| {
            rule.conditions.iter().all(|condition| {
                let mut points = condition.points.iter();
                if condition.all {
                    points.all(|name| passes(&condition.test, name))
                } else {
                    points.any(|name| passes(&condition.test, name))
                }
            })
        });
        if let Some(rule) = holds {
            values.insert(derived.name.clone(), rule.is.clone());
        }
    }
    values
}

/// What a device that has told nothing before tells of `given`.
fn image(map: &Arc<Map>, given: &Values) -> Image {
    Encoder::new(Arc::clone(map)).encode(given).image
}

fn told(map: &Arc<Map>, given: &[(&PointName, Literal)]) -> Values {
    let given = given.iter().map(|(name, value)| ((*name).clone(), value.clone())).collect();
    decode_all(map, &image(map, &given))
}

#[test]
fn every_derived_value_of_every_profile_can_be_told() {
    let mut checked = 0;
    for profile in profiles() {
        let map = map_of(&profile);
        for derived in &map.derived {
            let Derivation::Rules(rules) = &derived.how else { continue };
            for rule in rules {
                let values = told(&map, &[(&derived.name, rule.is.clone())]);
                assert_eq!(values.get(&derived.name), Some(&rule.is), "{} {}", profile.id, derived.name);
                checked += 1;
            }
        }
    }
    assert!(checked > 30, "{checked} values of derived points");
}

#[test]
fn every_number_of_every_profile_comes_back_within_half_a_step() {
    for profile in profiles() {
        let map = map_of(&profile);
        for point in map.points.iter().filter(|point| point.is_read() && point.is_number()) {
            let (low, high) = point.valid.unwrap_or((-40.0, 3000.0));
            for share in [0.0, 0.1, 0.37, 0.5, 1.0] {
                let wanted = low + (high - low) * share;
                let (above, below) = (f64::from(point.scale.numerator), f64::from(point.scale.denominator));
                let rounded = (wanted * below / above).round() * above / below;
                if !raw::holds_number(point, wanted) || !raw::holds_number(point, rounded) {
                    continue;
                }
                let values = told(&map, &[(&point.name, Literal::Number(wanted))]);
                let Some(Literal::Number(found)) = values.get(&point.name) else {
                    panic!(
                        "{} {}: {wanted} is told as {:?}",
                        profile.id,
                        point.name,
                        values.get(&point.name)
                    );
                };
                let precision = if point.encoding == Encoding::F32 { wanted.abs() * 1e-6 } else { 0.0 };
                let step = point.scale.as_f64() * 0.51 + precision + 1e-9;
                assert!((found - wanted).abs() <= step, "{} {}: {wanted} → {found}", profile.id, point.name);
            }
        }
    }
}

#[test]
fn every_word_flag_and_simulated_value_comes_back() {
    for profile in profiles() {
        let map = map_of(&profile);
        let at_rest = told(&map, &[]);
        for point in map.points.iter().filter(|point| point.is_read()) {
            let words = point.words.iter().map(|(_, word)| Literal::Text(word.clone()));
            let flags =
                [false, true].map(Literal::Flag).into_iter().filter(|_| point.encoding == Encoding::Bool);
            let few = words.chain(flags).take(if map.points.len() > 1000 { 1 } else { usize::MAX });
            for wanted in few {
                let values = told(&map, &[(&point.name, wanted.clone())]);
                assert_eq!(values.get(&point.name), Some(&wanted), "{} {}", profile.id, point.name);
            }
            if let (Some(Literal::Text(_) | Literal::Flag(_)), rest) =
                (&point.simulate, at_rest.get(&point.name))
            {
                assert_eq!(rest, point.simulate.as_ref(), "{} {} at rest", profile.id, point.name);
            }
        }
    }
}

#[test]
fn what_is_written_is_read_as_everyone_else_reads_it() {
    let mut checked = 0;
    for profile in profiles() {
        let map = map_of(&profile);
        for values in [Values::new(), halves(&map)] {
            let image = image(&map, &values);
            let all = decode_all(&map, &image);
            for point in map.points.iter().filter(|point| point.is_read()) {
                let words: Option<Vec<u16>> =
                    point.addresses.iter().map(|address| image.get(point.area, *address)).collect();
                let found = words.and_then(|words| value::value(point, &words, settings(point, &all)));
                let Some(right) = all.get(&point.name) else { continue };
                let same = match (&found, right) {
                    (Some(Literal::Number(found)), Literal::Number(right)) => {
                        (found - right).abs() <= right.abs() * 1e-12
                    }
                    _ => found.as_ref() == Some(right),
                };
                assert!(same, "{} {}: {found:?}, not {right}", profile.id, point.name);
                checked += 1;
            }
        }
    }
    assert!(checked > 1000, "{checked} values");
}

/// Numbers amid what their points can tell, below 0 where they can be.
fn halves(map: &Map) -> Values {
    let numbers = map.points.iter().filter(|point| point.is_number() && point.simulate.is_none());
    let amid = |point: &Point| {
        let (low, high) = point.valid.unwrap_or((-100.0, 50.0));
        (point.name.clone(), Literal::Number((low + high) / 2.0))
    };
    numbers.map(amid).collect()
}

#[test]
fn a_mistaken_identity_is_told_by_every_profile_that_has_one() {
    for profile in profiles() {
        let Some(identity) = &profile.identity else { continue };
        let map = map_of(&profile);
        let right = image(&map, &Values::new());
        let told = |image| decode_all(&map, image).get(&identity.point).cloned();
        assert!(told(&right).is_some_and(|told| identity.is.values().contains(&told)), "{}", profile.id);
        let mut other = right.clone();
        mistake(&mut other, &map, identity);
        let wrong = told(&other).is_none_or(|told| !identity.is.values().contains(&told));
        assert!(other != right && wrong, "{}: {:?}", profile.id, told(&other));
    }
}

/// A device with one point as described, and what stands in its registers after `value` was told.
fn registers(describe: impl FnOnce(&mut Point), value: Literal) -> Vec<u16> {
    let mut point = Point {
        name: name("x"),
        area: Area::Holding,
        addresses: vec![10],
        encoding: Encoding::U16,
        bits: None,
        true_if: Vec::new(),
        inverted: false,
        scale: hallward_profiles::Ratio::ONE,
        offset: 0.0,
        scale_from: None,
        unit: None,
        unit_if: None,
        words: Vec::new(),
        not_available: Vec::new(),
        valid: None,
        access: hallward_profiles::Access::Read,
        set: None,
        period: hallward_profiles::Period::Normal,
        simulate: None,
        text: None,
        priority: None,
        order: WordOrder::Big,
    };
    describe(&mut point);
    let addresses = point.addresses.clone();
    let map = Arc::new(Map { points: vec![point], derived: Vec::new() });
    let image = image(&map, &[(name("x"), value)].into());
    addresses
        .iter()
        .min()
        .copied()
        .into_iter()
        .flat_map(|first| first..)
        .map_while(|address| image.get(Area::Holding, address))
        .collect()
}

fn check(what: &str, describe: impl FnOnce(&mut Point), value: Literal, words: &[u16]) {
    assert_eq!(registers(describe, value), words, "{what}");
}

#[test]
fn each_way_of_writing_a_value_has_its_bits() {
    use Literal::{Flag, Number, Text};
    check(
        "rounds",
        |point| point.scale = hallward_profiles::Ratio { numerator: 1, denominator: 10 },
        Number(23.46),
        &[235],
    );
    check("two's complement", |point| point.encoding = Encoding::S16, Number(-2.0), &[0xFFFE]);
    check("what is too much is cut", |_| {}, Number(70_000.0), &[0xFFFF]);
    check("nothing is below 0", |_| {}, Number(-3.0), &[0]);
    let two = |point: &mut Point| {
        point.encoding = Encoding::U32;
        point.addresses = vec![10, 11];
    };
    check("most significant word first", two, Number(65_538.0), &[1, 2]);
    let little = |point: &mut Point| {
        point.encoding = Encoding::U32;
        point.addresses = vec![11, 10];
    };
    check("least significant word first", little, Number(65_538.0), &[2, 1]);
    let float = |point: &mut Point| {
        point.encoding = Encoding::F32;
        point.addresses = vec![10, 11];
    };
    check("230.5 as a float", float, Number(230.5), &[0x4366, 0x8000]);
    let bcd = |point: &mut Point| {
        point.encoding = Encoding::Bcd;
        point.addresses = vec![10, 11];
    };
    check("BCD", bcd, Number(12_345_678.0), &[0x1234, 0x5678]);
    let text = |point: &mut Point| {
        point.encoding = Encoding::Text;
        point.addresses = vec![10, 11];
    };
    check("text", text, Text("abc".into()), &[0x6162, 0x6300]);
    let flag = |point: &mut Point| {
        point.encoding = Encoding::Bool;
        point.bits = Some((5, 5));
    };
    check("a bit", flag, Flag(true), &[0x20]);
    let codes = |point: &mut Point| {
        point.encoding = Encoding::Bool;
        point.bits = Some((7, 4));
        point.true_if = vec![2, 3];
    };
    check("codes that mean true", codes, Flag(true), &[0x20]);
    let inverted = |point: &mut Point| {
        point.encoding = Encoding::Bool;
        point.bits = Some((0, 0));
        point.inverted = true;
    };
    check("inverted", inverted, Flag(false), &[1]);
    let sentinel = |point: &mut Point| {
        let why = String::new();
        point.not_available = vec![hallward_profiles::Sentinel { raw: 500, mask: None, why }];
    };
    check("a sentinel is never hit by a value", sentinel, Number(500.0), &[499]);
    let at_rest = |point: &mut Point| {
        sentinel(point);
        point.simulate = Some(Number(500.0));
    };
    check("but by what the profile simulates", at_rest, Number(500.0), &[500]);
    let words = |point: &mut Point| point.words = vec![(3, "resting".into()), (5, "floating".into())];
    check("a word", words, Text("floating".into()), &[5]);
    let words = |point: &mut Point| point.words = vec![(3, "resting".into()), (5, "floating".into())];
    check("the nearest word that it has", words, Text("charging".into()), &[5]);
}

#[test]
fn a_device_answers_in_the_unit_that_it_is_set_to() {
    let profile = Library::load(None).unwrap().get("rle-ld2100").cloned().unwrap();
    let map = map_of(&profile);
    let given = |unit: &str| -> Values {
        let text = |text: &str| Literal::Text(text.to_owned());
        [(name("settings.unit"), text(unit)), (name("leak.distance"), Literal::Number(12.0))].into()
    };
    let distance = map.points.iter().find(|point| point.name == name("leak.distance")).unwrap();
    let told = |unit| image(&map, &given(unit)).get(distance.area, distance.addresses[0]);
    assert_eq!(told("m"), Some(12));
    assert_eq!(told("ft"), Some(39));
}

#[test]
fn what_physics_gives_stays_when_rules_are_turned_back() {
    let profile = Library::load(None).unwrap().get("apc-smart-ups").cloned().unwrap();
    let map = map_of(&profile);
    let status = (name("ups.status"), Literal::Text("on-battery".to_owned()));
    let low = (name("alarm.shutdown-imminent"), Literal::Flag(true));
    let values = told(&map, &[(&status.0, status.1.clone()), (&low.0, low.1.clone())]);
    assert_eq!(values.get(&status.0), Some(&status.1));
    assert_eq!(values.get(&low.0), Some(&low.1));
    assert_eq!(values.get(&name("alarm.general-fault")), Some(&Literal::Flag(false)));
}

/// Everything that physics gives comes out of the registers again, as far as the device has it.
fn check_hall(hall: &crate::physics::Building, when: &str) {
    for device in &hall.site().devices {
        let given = hall.values(device.id.as_str()).unwrap();
        let read = decode_all(&device.map, &image(&device.map, &given));
        for (name, value) in &given {
            let point = device.map.points.iter().find(|point| point.name == *name);
            let scale = point.map_or(1.0, |point| point.scale.as_f64());
            let derived =
                device.map.derived.iter().any(|derived| derived.name == *name && yields(derived, value));
            match (value, read.get(name)) {
                (Literal::Number(wanted), Some(Literal::Number(found))) => {
                    let close = (wanted - found).abs() <= scale * 0.51 + wanted.abs() * 1e-6;
                    assert!(close, "{when}: {} {name} {wanted} is read as {found}", device.id);
                }
                (_, Some(found)) => {
                    let stand_in = stand_ins(value).contains(found);
                    assert!(stand_in, "{when}: {} {name} {value} is read as {found}", device.id);
                }
                (_, None) => assert!(point.is_none() && !derived, "{when}: {} {name} is lost", device.id),
            }
        }
        let calm = when == "at rest";
        let alarms = read.iter().filter(|(name, value)| {
            name.as_str().contains("alarm") && **value == Literal::Flag(true) && calm
        });
        assert_eq!(alarms.collect::<Vec<_>>(), [], "{} {when}", device.id);
    }
}

#[test]
fn the_demo_hall_is_read_back_as_it_is_through_every_scenario() {
    let library = Library::load(None).unwrap();
    let site = hallward_site::Site::parse("demo.toml", crate::DEMO_SITE, &library).unwrap();
    let calm = crate::physics::Building::new(&site);
    check_hall(&calm, "at rest");
    for scenario in crate::Scenario::ALL {
        let mut hall = calm.clone();
        hall.start(scenario).unwrap();
        for seconds in [1, 4, 5, 3, 30, 300] {
            hall.advance(std::time::Duration::from_secs(seconds));
            check_hall(&hall, &format!("{} at {} s", scenario.name(), hall.elapsed().as_secs()));
        }
    }
}
