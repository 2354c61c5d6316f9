//! Every built-in profile from end to end: a device of it is simulated, and polled by the gateway. What the two make of
//! a register map is written twice, so that they agree only where both have understood it.

use std::{collections::BTreeMap, fmt::Write};

use hallward_profiles::{Library, Literal, Map};
use hallward_simulator::Values;
use hallward_site::{Device, Site};
use serde_json::Value as Json;

use crate::hall::Demo;

/// Lines of the hall, of all kinds; devices are dealt out to them in turn.
const LINES: [&str; 6] = [
    "tcp = \"10.0.0.1:502\"",
    "tcp = \"10.0.0.2:502\"",
    "tcp = \"10.0.0.3:502\"",
    "tcp = \"10.0.0.4:802\"\nmode = \"tls\"\nca_file = \"/etc/hallward/ca.pem\"",
    "tcp = \"10.0.0.5:4001\"\nmode = \"rtu-over-tcp\"\nbaud = 921600",
    "serial = \"/dev/ttyS0\"\nbaud = 921600",
];

/// So often the points are looked at before those that are not read are given up.
const MOST_LOOKS: u32 = 100;

/// A hall with one device of each profile, with the profile's id.
fn hall(library: &Library) -> Site {
    let mut text = "[site]\nid = \"all\"\nname = \"All\"\ntime_zone = \"UTC\"\n".to_owned();
    for (n, line) in LINES.iter().enumerate() {
        writeln!(text, "[[line]]\nid = \"line-{n}\"\n{line}").unwrap();
    }
    for (n, profile) in library.iter().enumerate() {
        let (line, unit, id) = (n % LINES.len(), n / LINES.len() + 1, &profile.id);
        writeln!(
            text,
            "[[device]]\nid = \"{id}\"\nname = \"{id}\"\nline = \"line-{line}\"\nunit = {unit}\n\
             profile = \"{id}\"\nevery = \"2s\""
        )
        .unwrap();
    }
    Site::parse("all.toml", &text, library).unwrap_or_else(|problems| panic!("{problems}"))
}

/// Whether the profile itself says that there may be no value: by a sentinel, or by rules that leave some case out.
fn may_be_absent(map: &Map, point: &str) -> bool {
    let register = map.points.iter().find(|one| one.name.as_str() == point);
    register.is_none_or(|register| !register.not_available.is_empty())
}

/// What of `device` is not as it should be, each with its quality.
fn wrong(device: &Device, qualities: &BTreeMap<(String, String), String>) -> Vec<String> {
    let read = device.map.points.iter().filter(|point| point.is_read()).map(|point| &point.name);
    let derived = device.map.derived.iter().map(|derived| &derived.name);
    read.chain(derived)
        .filter_map(|point| {
            let quality = qualities.get(&(device.id.to_string(), point.to_string())).map(String::as_str);
            match quality {
                Some("good") => None,
                Some("not-available") if may_be_absent(&device.map, point.as_str()) => None,
                _ => Some(format!("{}/{point} is {}", device.id, quality.unwrap_or("missing"))),
            }
        })
        .collect()
}

/// Numbers that physics does not speak of are those that the profile gives, within a step of the register.
fn assert_simulated(device: &Device, spoken: &Values, points: &Json) {
    for point in device.map.points.iter().filter(|point| point.is_number() && point.is_read()) {
        let Some(Literal::Number(wanted)) = point.simulate else { continue };
        let mut all = points["points"].as_array().unwrap().iter();
        let is_it = |one: &&Json| one["device"] == device.id.as_str() && one["point"] == point.name.as_str();
        let found = all.find(is_it).and_then(|one| one["value"].as_f64());
        if let (Some(found), None) = (found, spoken.get(&point.name)) {
            let near = (found - wanted).abs() <= point.scale.as_f64() * 0.51 + wanted.abs() * 1e-6;
            assert!(near, "{}/{} is {found}, not {wanted}", device.id, point.name);
        }
    }
}

#[test]
fn every_point_of_every_profile_is_read_from_a_simulated_device() {
    let library = Library::load(None).unwrap_or_else(|wrong| panic!("{}", wrong[0]));
    let site = hall(&library);
    let demo = Demo::of(site.clone());
    let mut looks = 0;
    demo.until("every point is read", |demo| {
        let points = demo.get("/api/v1/points");
        let text = |point: &Json, key: &str| point[key].as_str().unwrap().to_owned();
        let qualities = points["points"].as_array().unwrap().iter();
        let qualities = qualities
            .map(|point| ((text(point, "device"), text(point, "point")), text(point, "quality")))
            .collect();
        let wrong: Vec<String> = site.devices.iter().flat_map(|device| wrong(device, &qualities)).collect();
        looks += 1;
        assert!(looks < MOST_LOOKS, "{} are not read:\n{}", wrong.len(), wrong.join("\n"));
        wrong.is_empty()
    });
    let points = demo.get("/api/v1/points");
    for device in &site.devices {
        assert_simulated(device, &demo.spoken(device.id.as_str()), &points);
    }
}
