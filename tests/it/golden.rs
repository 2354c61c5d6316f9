//! Every profile's worked examples: raw words → expected values, through the gateway's own decoder and rules.

use hallward::{
    logic::{
        decode::{Decoder, Words, equals},
        derive::Deriver,
    },
    model::{Plant, PointSource, Quality, Reading, Value, Wall},
};
use hallward_profiles::{Golden, Library, Literal, Profile};
use hallward_site::Site;

fn plant(profile: &Profile, library: &Library) -> Plant {
    let site = format!(
        "[site]\nid = \"s\"\nname = \"s\"\ntime_zone = \"UTC\"\n[[line]]\nid = \"l\"\ntcp = \"h:502\"\n\
         [[device]]\nid = \"d\"\nline = \"l\"\nprofile = \"{}\"\n",
        profile.id
    );
    Plant::new(Site::parse("site.toml", &site, library).unwrap_or_else(|e| panic!("{e}")), false)
}

/// The readings of a device that answers with the example's words, and with zeros elsewhere.
fn readings(plant: &Plant, golden: &Golden) -> Vec<Reading> {
    let (device, info) = (&plant.site.devices[0], &plant.devices[0]);
    let decoder = Decoder::new(&device.map, info);
    let frames: Vec<_> = golden
        .frames
        .iter()
        .map(|frame| Words { area: frame.area, start: frame.address, values: frame.words.clone() })
        .collect();
    let mut readings = vec![Reading::default(); info.points.len()];
    // Twice, so that settings are known when the values that depend on them are decoded.
    for _ in 0..2 {
        for (ix, point) in info.iter() {
            let PointSource::Register(n) = point.source else { continue };
            let register = &device.map.points[n];
            let holds = |words: &&Words| {
                words.area == register.area
                    && register.addresses.iter().all(|address| words.at(*address).is_some())
            };
            let Some(words) = frames.iter().find(holds) else { continue };
            let known = readings.clone();
            let decoded = decoder.decode(ix, words, |other| known[usize::from(other.0)].value());
            readings[usize::from(ix.0)] = match decoded {
                Ok(value) => Reading::good(value, Wall(0)),
                Err(why) => Reading::missing(why, Wall(0)),
            };
        }
    }
    Deriver::new(&device.map, info).derive(&mut readings);
    readings
}

fn agrees(value: &Value, expected: &Literal) -> bool {
    match (value.number(), expected) {
        (Some(number), Literal::Number(expected)) => {
            (number - expected).abs() <= 1e-6 * expected.abs().max(1.0)
        }
        _ => equals(value, expected),
    }
}

#[test]
fn every_worked_example_decodes_to_its_values() {
    let library = Library::load(None).unwrap_or_else(|wrong| panic!("{}", wrong[0]));
    let mut wrong = Vec::new();
    let mut examples = 0;
    for profile in library.iter() {
        let plant = plant(profile, &library);
        for golden in &profile.golden {
            let readings = readings(&plant, golden);
            let reading = |name: &str| {
                let ix = plant.devices[0].find(name).unwrap_or_else(|| panic!("{}: {name}", profile.id));
                &readings[usize::from(ix.0)]
            };
            for (name, expected) in &golden.expect {
                examples += 1;
                let found = reading(name.as_str());
                if !found.value().is_some_and(|value| agrees(value, expected)) {
                    wrong.push(format!(
                        "{}, {}: {name} is {found:?}, not {expected}",
                        profile.id, golden.what
                    ));
                }
            }
            for name in &golden.not_available {
                let found = reading(name.as_str());
                if found.quality() != Quality::NotAvailable {
                    wrong.push(format!("{}, {}: {name} is {found:?}", profile.id, golden.what));
                }
            }
        }
    }
    assert!(wrong.is_empty(), "{}", wrong.join("\n"));
    assert!(examples > 100, "only {examples} examples were checked");
}
