//! Whatever words a device sends: every point of every profile has a finite value or a reason, and nothing panics.
#![no_main]

use std::sync::LazyLock;

use hallward::{
    logic::{
        decode::{Decoder, Words},
        derive::Deriver,
    },
    model::{Plant, PointSource, Reading, Wall},
};
use hallward_profiles::Library;
use hallward_site::Site;
use libfuzzer_sys::fuzz_target;

static PLANTS: LazyLock<Vec<Plant>> = LazyLock::new(|| {
    let library = Library::load(None).expect("the built-in profiles are sound");
    let plant = |profile: &hallward_profiles::Profile| {
        let site = format!(
            "[site]\nid = \"s\"\nname = \"s\"\ntime_zone = \"UTC\"\n[[line]]\nid = \"l\"\ntcp = \"h:502\"\n\
             [[device]]\nid = \"d\"\nline = \"l\"\nprofile = \"{}\"\n",
            profile.id
        );
        Plant::new(Site::parse("site.toml", &site, &library).expect("a sound site"), false)
    };
    library.iter().map(|profile| plant(profile)).collect()
});

fuzz_target!(|input: (u8, Vec<u16>)| {
    let (chosen, words) = input;
    let plant = &PLANTS[usize::from(chosen) % PLANTS.len()];
    let (device, info) = (&plant.site.devices[0], &plant.devices[0]);
    let decoder = Decoder::new(&device.map, info);
    let mut readings = vec![Reading::default(); info.points.len()];
    for (ix, point) in info.iter() {
        let PointSource::Register(n) = point.source else { continue };
        let register = &device.map.points[n];
        let start = register.addresses.iter().min().copied().unwrap_or_default();
        // The same words wherever the point lies; too few of them are a part of the question.
        let words = Words { area: register.area, start, values: words.clone() };
        let known = readings.clone();
        let reading = match decoder.decode(ix, &words, |other| known[usize::from(other.0)].value()) {
            Ok(value) => {
                assert!(value.number().is_none_or(f64::is_finite));
                Reading::good(value, Wall(0))
            }
            Err(why) => {
                assert!(!why.has_value());
                Reading::missing(why, Wall(0))
            }
        };
        readings[usize::from(ix.0)] = reading;
    }
    Deriver::new(&device.map, info).derive_all(&mut readings);
});
