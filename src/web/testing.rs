//! A small hall for the tests of the web part: two UPSs behind a transfer switch, mains and a generator, two
//! coolers, sensors; and scenes, which say what its points read.

use std::{
    fmt::Write,
    fs,
    sync::{Arc, LazyLock},
};

use hallward_profiles::Library;
use hallward_site::Site;

use crate::model::{
    DeviceState, Plant, Quality, Reading, SampleGroup, SampleRow, Snapshot, Value, ValueKind, Wall,
};

/// The moment at which every scene plays, 2026-11-23T07:32:07Z.
pub(super) const NOW: Wall = Wall(1_795_419_127_000_000);

/// Class, and points as `name unit` or `name word|word` or `name` (a flag).
const PROFILES: [(&str, &[&str]); 9] = [
    (
        "ups",
        &[
            "ups.status online|on-battery|bypass|off|fault",
            "battery.charge %",
            "battery.runtime s",
            "output.load %",
            "output.power W",
            "input.voltage V",
            "alarm.fan",
            "vendor.mode own-word|other",
        ],
    ),
    (
        "generator",
        &[
            "engine.state stopped|starting|running|cooling-down|fault",
            "control.mode auto|manual|off",
            "fuel.level %",
            "output.power W",
        ],
    ),
    ("ats", &["source.1.available", "source.2.available", "position 1|2|open"]),
    ("meter", &["voltage V", "power W"]),
    (
        "cooling",
        &[
            "unit.state on|standby|off|fault",
            "return.temperature °C",
            "supply.temperature °C",
            "cooling.duty %",
        ],
    ),
    ("climate", &["temperature °C", "humidity %"]),
    ("fire", &["fire.alarm", "fire.fault"]),
    ("leak", &["leak.alarm"]),
    ("battery", &["battery.voltage V"]),
];

const SITE: &str = r#"
[site]
id = "hall"
name = "Hall <script>alert(1)</script>"
time_zone = "Asia/Ho_Chi_Minh"
[[room]]
id = "a"
name = "Room A"
[[line]]
id = "plant"
tcp = "127.0.0.1:1502"
[[door]]
id = "main"
from = "outside"
to = "a"
kind = "fail-secure"
strike = "pin:gpiochip0/17"
contact = "pin:gpiochip0/18"

[[source]]
id = "mains"
name = "Mains"
[[load]]
id = "it"
name = "IT racks"
[[feed]]
from = "mains"
to = "ats-1"
input = 1
[[feed]]
from = "gen-1"
to = "ats-1"
input = 2
[[feed]]
from = "ats-1"
to = "ups-a"
[[feed]]
from = "ats-1"
to = "ups-b"
[[feed]]
from = "ups-a"
to = "pdu-1"
[[feed]]
from = "ups-b"
to = "pdu-1"
[[feed]]
from = "pdu-1"
to = "it"
"#;

const DEVICES: [(&str, &str, &str); 12] = [
    ("ups-a", "UPS A", "ups"),
    ("ups-b", "UPS B", "ups"),
    ("gen-1", "Generator", "generator"),
    ("ats-1", "Transfer", "ats"),
    ("pdu-1", "Distribution", "meter"),
    ("ac-1", "AC-1", "cooling"),
    ("ac-2", "AC-2", "cooling"),
    ("rack-1", "Rack 01", "climate"),
    ("rack-2", "Rack 02", "climate"),
    ("fire-1", "Fire panel", "fire"),
    ("leak-1", "Leak rope", "leak"),
    ("room-1", "Room <b>sensor</b>", "xy-md02"),
];

/// What the points read when nothing is wrong.
const CALM: &[(&str, &str)] = &[
    ("ups-a/ups.status", "online"),
    ("ups-a/battery.charge", "100"),
    ("ups-a/battery.runtime", "2460"),
    ("ups-a/output.load", "38"),
    ("ups-a/output.power", "7600"),
    ("ups-a/input.voltage", "230"),
    ("ups-a/alarm.fan", "false"),
    ("ups-b/ups.status", "online"),
    ("ups-b/battery.charge", "100"),
    ("ups-b/battery.runtime", "2640"),
    ("ups-b/output.load", "33"),
    ("ups-b/output.power", "6600"),
    ("ups-b/input.voltage", "230"),
    ("ups-b/alarm.fan", "false"),
    ("gen-1/engine.state", "stopped"),
    ("gen-1/control.mode", "auto"),
    ("gen-1/fuel.level", "78"),
    ("gen-1/output.power", "0"),
    ("ats-1/source.1.available", "true"),
    ("ats-1/source.2.available", "false"),
    ("ats-1/position", "1"),
    ("pdu-1/voltage", "230"),
    ("pdu-1/power", "14200"),
    ("ac-1/unit.state", "on"),
    ("ac-1/return.temperature", "26"),
    ("ac-1/supply.temperature", "17.8"),
    ("ac-1/cooling.duty", "60"),
    ("ac-2/unit.state", "standby"),
    ("ac-2/return.temperature", "25"),
    ("ac-2/supply.temperature", "24"),
    ("ac-2/cooling.duty", "0"),
    ("rack-1/temperature", "23.4"),
    ("rack-1/humidity", "45"),
    ("rack-2/temperature", "20.1"),
    ("rack-2/humidity", "50"),
    ("fire-1/fire.alarm", "false"),
    ("fire-1/fire.fault", "false"),
    ("leak-1/leak.alarm", "false"),
    ("room-1/temperature", "22"),
    ("room-1/humidity", "48"),
];

/// The hall.
pub(super) fn plant() -> Arc<Plant> {
    static PLANT: LazyLock<Arc<Plant>> = LazyLock::new(|| plant_of(SITE));
    Arc::clone(&PLANT)
}

/// A hall with these devices and another head: rooms, lines, sources, loads and feeds.
pub(super) fn plant_of(head: &str) -> Arc<Plant> {
    let folder = tempfile::tempdir().unwrap();
    for (class, points) in PROFILES {
        fs::write(folder.path().join(format!("{class}.toml")), profile(class, points)).unwrap();
    }
    let library = Library::load(Some(folder.path())).unwrap();
    let mut text = head.to_owned();
    for (unit, (id, name, profile)) in (1..).zip(DEVICES) {
        let entry = format!("id = {id:?}\nname = {name:?}\nprofile = {profile:?}\nunit = {unit}");
        write!(text, "[[device]]\nline = \"plant\"\nroom = \"a\"\n{entry}\n").unwrap();
    }
    let site = Site::parse("site.toml", &text, &library).unwrap_or_else(|problems| panic!("{problems}"));
    Arc::new(Plant::new(site, true))
}

fn profile(class: &str, points: &[&str]) -> String {
    let mut text = format!(
        "[profile]\nid = \"{class}\"\nname = \"A {class}\"\nvendor = \"Test\"\nclass = \"{class}\"\n\
         confidence = \"high\"\nsources = [\"test\"]\n[connection]\nunit = 1\n[lacks]\n\"vendor.gap\" = \"no sensor\"\n"
    );
    for (address, point) in points.iter().enumerate() {
        let (name, kind) = point.split_once(' ').unwrap_or((point, ""));
        let area = if kind.is_empty() { "coil" } else { "holding" };
        let kind = match kind {
            "" => "type = \"bool\"".to_owned(),
            words if words.contains('|') => {
                let words = words.split('|').enumerate().map(|(code, word)| format!("{code} = \"{word}\""));
                format!("type = \"u16\"\nwords = {{ {} }}", words.collect::<Vec<_>>().join(", "))
            }
            "W" | "s" => format!("type = \"u16\"\nunit = \"{kind}\""),
            unit => format!("type = \"u16\"\nscale = 0.1\nunit = \"{unit}\""),
        };
        let own = if name.starts_with("alarm.") {
            "text = { en = \"Fan failed\", vi = \"Hỏng quạt\" }\npriority = 3"
        } else {
            ""
        };
        write!(text, "[[point]]\nname = \"{name}\"\narea = \"{area}\"\naddress = {address}\n{kind}\n{own}\n")
            .unwrap();
    }
    text
}

/// One group of samples for each device that has numbers.
pub(super) fn groups(plant: &Plant) -> Vec<SampleGroup> {
    let groups = plant.iter().map(|(device, _, info)| {
        let numbers = info.iter().filter(|(_, point)| matches!(point.kind, ValueKind::Number(_)));
        SampleGroup { device, points: numbers.map(|(ix, _)| ix).collect() }
    });
    groups.filter(|group| !group.points.is_empty()).collect()
}

/// A sample of a sensor's temperature; its other numbers are not available.
pub(super) fn sample(plant: &Plant, device: &str, time: Wall, celsius: Result<f64, Quality>) -> SampleRow {
    let groups = groups(plant);
    let device = plant.find_device(device).unwrap();
    let group = groups.iter().position(|group| group.device == device).unwrap();
    let mut values = vec![Err(Quality::NotAvailable); groups[group].points.len()];
    values[0] = celsius;
    SampleRow { group, time, values }
}

/// The calm hall with `differences`: `(device/point, value)`, or `(device/point, ~quality)`, or
/// `(device, ~quality)` for all points of a device that went offline, or is another one (`~wrong-device`).
pub(super) fn scene(plant: &Arc<Plant>, differences: &[(&str, &str)]) -> Arc<Snapshot> {
    let mut devices = Vec::new();
    for (_, device, info) in plant.iter() {
        let mut state = DeviceState { online: Some(true), changed: 1, readings: Vec::new() };
        for point in info.points.iter() {
            let path = format!("{}/{}", device.id, point.name);
            let said = |list: &[(&str, &'static str)]| {
                list.iter().rev().find(|(at, _)| *at == path).map(|(_, v)| *v)
            };
            let differs = differences.iter().rev().find(|(at, _)| *at == path || *at == device.id.as_str());
            let text = differs.map(|(_, value)| *value).or_else(|| said(CALM));
            state.readings.push(text.map_or_else(Reading::default, reading));
            if let Some((_, quality)) = differs.filter(|(at, _)| *at == device.id.as_str()) {
                state.online = Some(*quality == "~wrong-device");
            }
        }
        devices.push(Arc::new(state));
    }
    Arc::new(Snapshot { revision: 1, time: NOW, plant: Arc::clone(plant), devices })
}

fn reading(text: &str) -> Reading {
    if let Some(quality) = text.strip_prefix('~') {
        let stale = quality.strip_prefix("stale ");
        if let Some(value) = stale {
            return Reading::good(value_of(value), NOW - std::time::Duration::from_secs(120)).into_stale();
        }
        let quality = Quality::ALL.into_iter().find(|known| known.as_str() == quality).unwrap();
        return Reading::missing(quality, NOW);
    }
    Reading::good(value_of(text), NOW)
}

fn value_of(text: &str) -> Value {
    match (text, text.parse()) {
        ("true" | "false", _) => Value::Flag(text == "true"),
        ("1" | "2", _) => Value::Word(text.into()),
        (_, Ok(number)) => Value::Number(number),
        (_, Err(_)) => Value::Word(text.into()),
    }
}
