use super::{
    Live, Tile,
    abnormal::{self, Abnormal, What},
    power::{Energy, Flow},
    tiles,
};
use crate::{
    model::{Language, Texts},
    web::{testing, words::Words},
};

/// What a tile says in English: the answer, then the rest; `[n]` before it is its priority, `?` marks what is
/// not known.
fn said(tile: &Tile) -> String {
    let texts = Texts::default();
    let words = Words::new(&texts, Language::English);
    let mut said = tile.priority.map(|priority| format!("[{priority}] ")).unwrap_or_default();
    for (n, phrase) in std::iter::once(&tile.big).chain(&tile.small).chain(&tile.more).enumerate() {
        let (gap, mark) = (if n == 0 { "" } else { " · " }, if phrase.unknown { "?" } else { "" });
        said += &format!("{gap}{mark}{}", phrase.say(&words).replace('\u{a0}', " "));
    }
    said
}

fn check(name: &str, differences: &[(&str, &str)], expected: &str) {
    let plant = testing::plant();
    let snapshot = testing::scene(&plant, differences);
    let tiles = tiles(&Live { plant: &plant, snapshot: &snapshot });
    let tile = tiles.iter().find(|tile| tile.name == name).unwrap();
    assert_eq!(said(tile), expected, "{differences:?}");
}

const OUTAGE: [(&str, &str); 3] = [
    ("ats-1/source.1.available", "false"),
    ("ups-a/ups.status", "on-battery"),
    ("ups-b/ups.status", "on-battery"),
];
const GENERATOR: [(&str, &str); 4] = [
    ("ats-1/source.1.available", "false"),
    ("ats-1/source.2.available", "true"),
    ("ats-1/position", "2"),
    ("gen-1/engine.state", "running"),
];

#[test]
fn the_power_path_is_told_in_words() {
    let calm = "2 of 2 sources · if one UPS fails, the other carries 71 %";
    let one = "1 of 2 sources · if one UPS fails, the other carries 71 %";
    check("power", &[], &format!("On mains · {calm}"));
    check("power", &OUTAGE, &format!("[2] On battery · UPS A, UPS B on battery · Mains lost · {one}"));
    check("power", &GENERATOR, &format!("[2] On generator · Mains lost · {one}"));
    check(
        "power",
        &[("ups-b/ups.status", "on-battery")],
        &format!("[2] On battery · UPS B on battery · {calm}"),
    );
    check("power", &[("ups-b/ups.status", "bypass")], &format!("[2] On bypass · UPS B on bypass · {calm}"));
    let off = [("ups-a/ups.status", "off"), ("ups-b/ups.status", "off"), ("pdu-1/voltage", "2")];
    check("power", &off, &format!("[1] No power · IT racks without power · {calm}"));
}

#[test]
fn redundancy_counts_what_is_usable() {
    let survivor = "if one UPS fails, the other carries 71 %";
    check(
        "power",
        &[("gen-1/control.mode", "manual")],
        &format!("[3] On mains · 1 of 2 sources · {survivor}"),
    );
    check(
        "power",
        &[("gen-1/engine.state", "fault")],
        &format!("[3] On mains · 1 of 2 sources · {survivor}"),
    );
    check("power", &[("gen-1", "~timeout")], &format!("On mains · 1 of 2 sources, 1 not known · {survivor}"));
    let heavy = [
        ("ups-a/output.power", "14000"),
        ("ups-a/output.load", "70"),
        ("ups-b/output.power", "14000"),
        ("ups-b/output.load", "70"),
    ];
    check(
        "power",
        &heavy,
        "[3] On mains · 2 of 2 sources · if one UPS fails, the other is overloaded: 140 %",
    );
    check("power", &[("ups-a/output.power", "~not-available")], "On mains · 2 of 2 sources");
}

#[test]
fn what_is_not_known_about_power_is_said_not_guessed() {
    check(
        "power",
        &[("ups-a", "~timeout")],
        "On mains · 2 of 2 sources · ?Not known: UPS A – does not answer",
    );
    let switch = "?Not known: Transfer – does not answer";
    check(
        "power",
        &[("ats-1", "~timeout")],
        &format!(
            "?Not known · 1 of 2 sources, 1 not known · if one UPS fails, the other carries 71 % · {switch}"
        ),
    );
    check(
        "power",
        &[("ups-a/ups.status", "~stale online")],
        "On mains · 2 of 2 sources · if one UPS fails, the other carries 71 % · ?Not known: UPS A – old",
    );
}

#[test]
fn autonomy_is_that_of_the_ups_that_ends_first() {
    check("autonomy", &[], "41 min · on UPS · UPS A at 38 % load, battery 100 % · Generator: fuel 78 %");
    check(
        "autonomy",
        &[("ups-a", "~timeout")],
        "44 min · on UPS · UPS B at 33 % load, battery 100 % · ?Not known: UPS A – does not answer · Generator: fuel 78 %",
    );
    check(
        "autonomy",
        &[("ups-b/battery.charge", "12"), ("gen-1/fuel.level", "~not-available")],
        "[2] 41 min · on UPS · UPS A at 38 % load, battery 100 % · UPS B: battery low · ?Not known: Generator – not available",
    );
    check(
        "autonomy",
        &[("ups-a", "~timeout"), ("ups-b", "~timeout")],
        "?Not known · ?Not known: UPS A – does not answer · ?Not known: UPS B – does not answer · Generator: fuel 78 %",
    );
}

#[test]
fn inlets_are_told_by_hottest_and_coldest() {
    check("inlets", &[], "23.4 °C · hottest: Rack 01 · coldest 20.1 °C: Rack 02");
    check(
        "inlets",
        &[("rack-2/temperature", "27.1")],
        "[2] 27.1 °C · hottest: Rack 02 · coldest 22.0 °C: Room <b>sensor</b>",
    );
    check(
        "inlets",
        &[("rack-2/temperature", "27")],
        "27.0 °C · hottest: Rack 02 · coldest 22.0 °C: Room <b>sensor</b>",
    );
    check(
        "inlets",
        &[("rack-1", "~timeout")],
        "22.0 °C · hottest: Room <b>sensor</b> · coldest 20.1 °C: Rack 02 · ?Not known: Rack 01 – does not answer",
    );
    check(
        "inlets",
        &[("rack-1", "~timeout"), ("rack-2", "~timeout"), ("room-1", "~timeout")],
        "?Not known · ?3 sensors do not tell",
    );
    check(
        "inlets",
        &[("rack-2/dew-point", "11.2")],
        "23.4 °C · hottest: Rack 01 · coldest 20.1 °C: Rack 02 · dew point 11.2 °C",
    );
}

#[test]
fn cooling_is_told_as_reserve() {
    let air = "supply 17.8 °C, return 26.0 °C";
    check("cooling", &[], &format!("N+1 · 1 running, 1 standby · {air}"));
    check(
        "cooling",
        &[("ac-2/unit.state", "fault")],
        &format!("[2] N · 1 running, 0 standby · AC-2 failed · {air}"),
    );
    check(
        "cooling",
        &[("ac-2", "~timeout")],
        &format!("[3] N · 1 running, 0 standby · {air} · ?Not known: AC-2 – does not answer"),
    );
    check(
        "cooling",
        &[("ac-1/unit.state", "off"), ("ac-2/unit.state", "off")],
        "[1] No cooling · 0 running, 0 standby",
    );
    check(
        "cooling",
        &[("ac-1/unit.state", "off"), ("ac-2", "~timeout")],
        "?Not known · 0 running, 0 standby · ?Not known: AC-2 – does not answer",
    );
    let both = [("ac-2/unit.state", "on"), ("ac-2/cooling.duty", "30")];
    check("cooling", &both, &format!("N+1 · 2 running, 0 standby · {air}"));
    let busy = [("ac-2/unit.state", "on"), ("ac-2/cooling.duty", "50")];
    check("cooling", &busy, &format!("[3] N · 2 running, 0 standby · {air}"));
    let silent_duty = [("ac-2/unit.state", "on"), ("ac-2/cooling.duty", "~not-available")];
    check("cooling", &silent_duty, &format!("[3] N · 2 running, 0 standby · {air}"));
}

#[test]
fn fire_and_water_are_told_with_who_answers() {
    check("safety", &[], "No fire, no leak · 12 of 12 devices answer");
    check("safety", &[("fire-1/fire.alarm", "true")], "[1] FIRE · Fire panel · 12 of 12 devices answer");
    check(
        "safety",
        &[("leak-1/leak.alarm", "true"), ("fire-1/fire.fault", "true")],
        "[2] Water leak · Leak rope · Fire detection faulty · Fire panel · 12 of 12 devices answer",
    );
    check(
        "safety",
        &[("fire-1", "~timeout")],
        "?Not known · ?Not known: Fire panel – does not answer · ?11 of 12 devices answer",
    );
    check(
        "safety",
        &[("fire-1/fire.alarm", "~stale true")],
        "[1] FIRE · Fire panel · ?Not known: Fire panel – old · 12 of 12 devices answer",
    );
    check("safety", &[("ups-a", "~timeout")], "No fire, no leak · ?11 of 12 devices answer");
    check("safety", &[("ups-a", "~wrong-device")], "No fire, no leak · ?11 of 12 devices answer");
}

#[test]
fn the_abnormal_come_by_urgency() {
    let plant = testing::plant();
    let found = |differences: &[(&str, &str)]| {
        let snapshot = testing::scene(&plant, differences);
        let list = abnormal::list(&Live { plant: &plant, snapshot: &snapshot });
        let name = |device| plant.device(device).unwrap().0.id.to_string();
        let said = |abnormal: &Abnormal| match &abnormal.what {
            What::Point(at) => format!("{}/{}", name(at.device), plant.point(*at).unwrap().name),
            What::Wrong(device) => format!("wrong {}", name(*device)),
            What::Silent(device) => name(*device),
            What::Hall(tile, phrase) => format!("{tile}: {}", phrase.key),
        };
        list.iter().map(|abnormal| (abnormal.priority, said(abnormal))).collect::<Vec<_>>()
    };
    let list = |expected: &[(u8, &str)]| {
        expected.iter().map(|(priority, said)| (*priority, (*said).to_owned())).collect::<Vec<_>>()
    };
    assert_eq!(found(&[]), []);
    let several = [
        ("ups-a/alarm.fan", "true"),
        ("gen-1", "~timeout"),
        ("fire-1/fire.alarm", "true"),
        ("ups-b/ups.status", "bypass"),
        ("rack-1/temperature", "28"),
    ];
    let expected = [
        (1, "fire-1/fire.alarm"),
        (2, "ups-b/ups.status"),
        (2, "rack-1/temperature"),
        (3, "ups-a/alarm.fan"),
        (3, "gen-1"),
    ];
    assert_eq!(found(&several), list(&expected));
    assert_eq!(found(&GENERATOR), list(&[(2, "power: path-lost")]));
    let wrong = [("gen-1", "~timeout"), ("rack-1", "~wrong-device")];
    assert_eq!(
        found(&wrong),
        list(&[(2, "wrong rack-1"), (3, "gen-1")]),
        "a wrong device is worse than a silent one"
    );
    let back = [("ups-a", "~wrong-device"), ("ups-a/ups.status", "online")];
    assert_eq!(found(&back), [], "the right one is back with its first value");
    let stopped = [("ac-1/unit.state", "off"), ("ac-2/unit.state", "off")];
    assert_eq!(found(&stopped), list(&[(1, "cooling: cooling-stopped")]));
    let missed = found(&[("ups-a/alarm.fan", "~stale true")]);
    assert_eq!(missed, list(&[(3, "ups-a/alarm.fan")]), "an alarm does not end because a poll was missed");
}

#[test]
fn the_band_holds_in_cooled_rooms_only() {
    let plant = testing::plant();
    let mut elsewhere = plant.clone();
    for device in std::sync::Arc::make_mut(&mut elsewhere)
        .site
        .devices
        .iter_mut()
        .filter(|device| device.id.as_str() == "rack-1")
    {
        device.room = None;
    }
    for (plant, expected) in [(plant, 1), (elsewhere, 0)] {
        let snapshot = testing::scene(&plant, &[("rack-1/temperature", "35")]);
        assert_eq!(abnormal::list(&Live { plant: &plant, snapshot: &snapshot }).len(), expected);
    }
}

/// `live` nodes, then `unknown` ones; all others must be dead.
fn check_flow(differences: &[(&str, &str)], live: &[&str], unknown: &[&str]) {
    let plant = testing::plant();
    let snapshot = testing::scene(&plant, differences);
    let flow = Flow::new(&Live { plant: &plant, snapshot: &snapshot });
    let of = |wanted| {
        let nodes = flow.nodes.iter().filter(move |(_, energy)| **energy == wanted);
        let mut ids: Vec<_> = nodes.map(|(node, _)| plant.site.node_id(*node).unwrap().as_str()).collect();
        ids.sort_unstable();
        ids
    };
    assert_eq!((of(Energy::Live), of(Energy::Unknown)), (live.to_vec(), unknown.to_vec()), "{differences:?}");
}

#[test]
fn power_flows_along_the_feeds() {
    check_flow(&[], &["ats-1", "it", "mains", "pdu-1", "ups-a", "ups-b"], &[]);
    check_flow(&OUTAGE, &["it", "pdu-1", "ups-a", "ups-b"], &[]);
    check_flow(&GENERATOR, &["ats-1", "gen-1", "it", "pdu-1", "ups-a", "ups-b"], &[]);
    let open = [("ats-1/position", "open"), ("ups-a/ups.status", "bypass"), ("ups-b/ups.status", "off")];
    check_flow(&open, &["it", "mains", "pdu-1"], &[]);
    let unmetered = [
        ("ats-1/position", "open"),
        ("ups-a/ups.status", "bypass"),
        ("ups-b/ups.status", "off"),
        ("pdu-1", "~timeout"),
    ];
    check_flow(&unmetered, &["mains"], &[]);
    check_flow(&[("ats-1", "~timeout")], &["it", "pdu-1", "ups-a", "ups-b"], &["ats-1", "mains"]);
    check_flow(
        &[("ups-a", "~timeout"), ("ups-b", "~timeout"), ("pdu-1", "~timeout")],
        &["ats-1", "mains"],
        &["it", "pdu-1", "ups-a", "ups-b"],
    );
    check_flow(
        &[("ups-a/ups.status", "~not-available")],
        &["ats-1", "it", "mains", "pdu-1", "ups-b"],
        &["ups-a"],
    );
}

#[test]
fn the_load_of_a_ups_with_three_phases_is_that_of_the_busiest() {
    let site = "[site]\nid = \"s\"\nname = \"s\"\ntime_zone = \"UTC\"\n[[line]]\nid = \"l\"\ntcp = \"h:502\"\n\
                [[device]]\nid = \"ups\"\nline = \"l\"\nprofile = \"riello-netman204-multicom302\"\n";
    let library = hallward_profiles::Library::load(None).unwrap();
    let site = hallward_site::Site::parse("s.toml", site, &library).unwrap_or_else(|wrong| panic!("{wrong}"));
    let plant = std::sync::Arc::new(crate::model::Plant::new(site, true));
    let load = |phases: [&'static str; 3]| {
        let names = ["ups/output.load.l1", "ups/output.load.l2", "ups/output.load.l3"];
        let differences: Vec<_> = names.into_iter().zip(phases).collect();
        let snapshot = testing::scene(&plant, &differences);
        let live = Live { plant: &plant, snapshot: &snapshot };
        let ups = plant.find_device("ups").unwrap();
        let told = live.load_point(ups).map(|point| plant.point(point).unwrap().name.to_string());
        (told.unwrap_or_default(), live.load(ups))
    };
    let phase = |n: u8| format!("output.load.l{n}");
    assert_eq!(load(["38", "62", "41"]), (phase(2), Some(62.0)));
    assert_eq!(
        load(["38", "~not-available", "~not-available"]),
        (phase(1), Some(38.0)),
        "a UPS with one phase"
    );
    assert_eq!(
        load(["38", "62", "~stale 90"]),
        (phase(3), None),
        "the one that does not tell may carry most"
    );
    assert_eq!(load(["~not-available"; 3]).1, None);
}
