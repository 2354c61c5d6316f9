//! Doors and people on a small hall: stories in hall time.

use hallward_profiles::Library;

use super::*;
use crate::physics::{Action, Building, PersonTruth};

const HALL: &str = r#"
site = { id = "doors", name = "Doors", time_zone = "UTC" }
room = [{ id = "lobby", name = "Lobby" }, { id = "hall", name = "Hall" }, { id = "plant", name = "Plant" }]
line = [{ id = "io", tcp = "10.0.0.1:502" }, { id = "readers", serial = "/dev/ttyUSB0", mode = "osdp" }]
device = [{ id = "door-io", line = "io", profile = "moxa-iologik-e1214" }]
source = [{ id = "mains", name = "Mains" }]

[[door]]
id = "front"
from = "outside"
to = "lobby"
reader = { line = "readers", address = 0 }
strike = "door-io/output.0"
kind = "fail-secure"
contact = "door-io/input.0"
exit = "door-io/input.1"

[[door]]
id = "inner"
from = "lobby"
to = "hall"
reader = { line = "readers", address = 1 }
exit_reader = { line = "readers", address = 2 }
strike = "door-io/output.1"
kind = "fail-safe"
contact = "door-io/input.2"

[[door]]
id = "hatch"
from = "hall"
to = "plant"
strike = "door-io/output.2"
kind = "fail-secure"
contact = "door-io/input.3"

[simulation]
person = [
    { id = "lan", name = "Lan", card = { facility = 42, card = 1234 }, pin = "2580" },
    { id = "tu", name = "Tu" },
]
"#;

fn hall() -> Building {
    hall_with("")
}

fn hall_with(more: &str) -> Building {
    let text = format!("{HALL}{more}");
    Building::new(&Site::parse("doors.toml", &text, &Library::load(None).unwrap()).unwrap())
}

fn act(hall: &mut Building, action: &str) -> Result<(), NotHere> {
    hall.act(&serde_json::from_str::<Action>(action).unwrap())
}

fn advance(hall: &mut Building, seconds: f64) {
    hall.advance(Duration::from_secs_f64(seconds));
}

fn strike(hall: &mut Building, output: u8, on: bool) {
    let point = format!("output.{output}").parse().unwrap();
    hall.obey(0, &Values::from([(point, Literal::Flag(on))]));
}

fn door(hall: &Building, id: &str) -> DoorTruth {
    hall.truth().doors.into_iter().find(|door| door.id == id).unwrap()
}

fn person(hall: &Building, id: &str) -> (String, &'static str) {
    let found = hall.truth().people.into_iter().find(|person: &PersonTruth| person.id == id).unwrap();
    (found.room, found.doing)
}

fn input(hall: &Building, n: u8) -> bool {
    hall.values("door-io").unwrap()[format!("input.{n}").as_str()] == Literal::Flag(true)
}

fn codes(hall: &Building) -> Vec<&'static str> {
    let at_doors = |place: &str| hall.site().doors.iter().any(|door| door.id.as_str() == place);
    hall.events(0).into_iter().filter(|event| at_doors(&event.place)).map(|event| event.code).collect()
}

fn read(hall: &mut Building, door: usize, side: Side) -> Option<Read> {
    hall.reader(door, side).unwrap().0.take()
}

#[test]
fn somebody_badges_is_let_in_and_the_door_closes_behind() {
    let mut hall = hall();
    act(&mut hall, r#"{"do":"walk","person":"lan","to":"lobby"}"#).unwrap();
    assert!(hall.somebody_moves());
    advance(&mut hall, 4.0);
    assert_eq!(person(&hall, "lan"), ("outside".to_owned(), "waiting"));
    let card = Read::Card(wiegand::card(42, 1234, None).unwrap());
    assert_eq!(read(&mut hall, 0, Side::Entry), Some(card));
    assert!(door(&hall, "front").locked && input(&hall, 0));
    strike(&mut hall, 0, true);
    advance(&mut hall, 0.1);
    assert_eq!((door(&hall, "front").leaf, input(&hall, 0)), ("open", false));
    strike(&mut hall, 0, false);
    advance(&mut hall, 2.0);
    assert_eq!(person(&hall, "lan"), ("lobby".to_owned(), "resting"));
    advance(&mut hall, 3.0);
    assert!(door(&hall, "front").contact && input(&hall, 0) && !hall.somebody_moves());
    let told = ["reader.card", "lock.released", "door.opened", "lock.locked", "person.passed", "door.closed"];
    assert_eq!(codes(&hall), told);
}

#[test]
fn who_is_not_let_in_keys_a_pin_and_gives_up() {
    let mut hall = hall();
    act(&mut hall, r#"{"do":"walk","person":"lan","to":"hall"}"#).unwrap();
    advance(&mut hall, 6.1);
    assert!(matches!(read(&mut hall, 0, Side::Entry), Some(Read::Card(_))));
    assert_eq!(read(&mut hall, 0, Side::Entry), Some(Read::Keys("2580#".to_owned())));
    advance(&mut hall, 13.0);
    assert_eq!(person(&hall, "lan"), ("outside".to_owned(), "gave-up"));
    assert_eq!(codes(&hall), ["reader.card", "reader.keys", "person.gave-up"]);
    assert!(!hall.somebody_moves());
}

#[test]
fn two_come_in_on_one_card() {
    let mut hall = hall();
    act(&mut hall, r#"{"do":"walk","person":"lan","to":"lobby"}"#).unwrap();
    act(&mut hall, r#"{"do":"tailgate","person":"tu","behind":"lan"}"#).unwrap();
    advance(&mut hall, 4.0);
    strike(&mut hall, 0, true);
    advance(&mut hall, 0.1);
    strike(&mut hall, 0, false);
    advance(&mut hall, 4.0);
    assert_eq!((person(&hall, "lan").0, person(&hall, "tu").0), ("lobby".to_owned(), "lobby".to_owned()));
    advance(&mut hall, 3.0);
    let codes = codes(&hall);
    assert_eq!(codes.iter().filter(|code| **code == "reader.card").count(), 1);
    assert_eq!(codes.iter().filter(|code| **code == "door.opened").count(), 1);
    assert!(codes.contains(&"person.tailgated"));
}

#[test]
fn one_leaves_by_the_exit_button_the_exit_reader_or_the_handle() {
    let leave = |room: &str| {
        let text = HALL.replace("name = \"Lan\", ", &format!("name = \"Lan\", room = \"{room}\", "));
        let mut hall = Building::new(&Site::parse("d", &text, &Library::load(None).unwrap()).unwrap());
        act(&mut hall, r#"{"do":"walk","person":"lan","to":"outside"}"#).unwrap();
        advance(&mut hall, 4.0);
        (codes(&hall), input(&hall, 1))
    };
    assert_eq!(leave("lobby"), (vec!["exit.pressed"], true));
    assert_eq!(leave("hall"), (vec!["reader.card"], false));
    assert_eq!(leave("plant"), (vec!["door.opened"], false), "a handle asks nobody");
}

#[test]
fn locks_do_without_power_what_they_are_made_for() {
    let mut hall = hall_with("[[feed]]\nfrom = \"mains\"\nto = \"door-io\"\n");
    let locked = |hall: &Building| (door(hall, "front").locked, door(hall, "inner").locked);
    assert_eq!(locked(&hall), (true, true));
    act(&mut hall, r#"{"do":"mains-off"}"#).unwrap();
    advance(&mut hall, 1.0);
    assert_eq!(locked(&hall), (true, false));
    strike(&mut hall, 0, true);
    assert_eq!(locked(&hall), (true, false), "a strike without power");
    act(&mut hall, r#"{"do":"mains-on"}"#).unwrap();
    advance(&mut hall, 1.0);
    assert_eq!(locked(&hall), (false, true));
    act(&mut hall, r#"{"do":"lock-power","door":"inner","on":false}"#).unwrap();
    assert_eq!(locked(&hall), (false, false));
}

#[test]
fn doors_are_opened_forced_propped_and_closed_by_hand() {
    let mut hall = hall();
    let refused = act(&mut hall, r#"{"do":"open","door":"front"}"#).unwrap_err();
    assert_eq!(refused.missing, "door of that name that is unlocked");
    act(&mut hall, r#"{"do":"force","door":"front"}"#).unwrap();
    advance(&mut hall, 3600.0);
    assert_eq!((door(&hall, "front").leaf, door(&hall, "front").locked), ("forced", true));
    act(&mut hall, r#"{"do":"close","door":"front"}"#).unwrap();
    assert_eq!(door(&hall, "front").leaf, "closed");
    strike(&mut hall, 0, true);
    act(&mut hall, r#"{"do":"prop","door":"front","seconds":60}"#).unwrap();
    act(&mut hall, r#"{"do":"open","door":"front"}"#).unwrap();
    advance(&mut hall, 59.0);
    assert_eq!(door(&hall, "front").leaf, "propped");
    advance(&mut hall, 1.1);
    assert_eq!(door(&hall, "front").leaf, "closed");
    act(&mut hall, r#"{"do":"open","door":"front"}"#).unwrap();
    advance(&mut hall, 3600.0);
    assert_eq!(door(&hall, "front").leaf, "open", "who opened it holds it");
    assert_eq!(
        codes(&hall),
        [
            "door.forced",
            "door.closed",
            "lock.released",
            "door.opened",
            "door.propped",
            "door.closed",
            "door.opened"
        ]
    );
}

#[test]
fn the_exit_button_is_on_for_half_a_second_and_cuts_a_magnet() {
    let text = HALL.replace(
        "kind = \"fail-secure\"\ncontact = \"door-io/input.0\"",
        "kind = \"fail-safe\"\ncontact = \"door-io/input.0\"",
    );
    let mut hall = Building::new(&Site::parse("d", &text, &Library::load(None).unwrap()).unwrap());
    act(&mut hall, r#"{"do":"rex","door":"front"}"#).unwrap();
    assert!(!door(&hall, "front").locked && input(&hall, 1));
    advance(&mut hall, 0.4);
    assert!(input(&hall, 1));
    advance(&mut hall, 0.1);
    assert!(door(&hall, "front").locked && !input(&hall, 1));
    assert!(act(&mut hall, r#"{"do":"rex","door":"inner"}"#).is_err());
}

#[test]
fn what_the_hall_has_not_got_is_told() {
    let mut hall = hall();
    for (action, missing) in [
        (r#"{"do":"badge","door":"back","facility":1,"card":1}"#, "door of that name"),
        (r#"{"do":"badge","door":"front","side":"exit","facility":1,"card":1}"#, "reader on that side"),
        (r#"{"do":"badge","door":"front","facility":70000,"card":1}"#, "card format"),
        (r#"{"do":"badge","door":"front","facility":300,"card":1,"bits":26}"#, "card format"),
        (r#"{"do":"pin","door":"front","digits":"12a"}"#, "such keys"),
        (r#"{"do":"prop","door":"front","seconds":-1}"#, "time of that length"),
        (r#"{"do":"reader-key","door":"front","key":"00"}"#, "32 hexadecimal digits"),
        (r#"{"do":"walk","person":"nobody","to":"hall"}"#, "person of that name"),
        (r#"{"do":"walk","person":"lan","to":"moon"}"#, "room of that name"),
        (r#"{"do":"tailgate","person":"lan","behind":"lan"}"#, "two people"),
    ] {
        let refused = act(&mut hall, action).unwrap_err();
        assert!(refused.missing.contains(missing), "{action}: {refused}");
    }
}

#[test]
fn people_walk_the_same_way_each_time() {
    let course = || {
        let mut hall = hall();
        act(&mut hall, r#"{"do":"walk","person":"lan","to":"plant"}"#).unwrap();
        (0..3).for_each(|output| strike(&mut hall, output, true));
        advance(&mut hall, 30.0);
        assert_eq!(person(&hall, "lan").0, "plant");
        hall.events(0)
    };
    assert_eq!(course(), course());
}

#[test]
fn a_propped_door_takes_long_steps_and_closes_in_time() {
    let mut hall = hall();
    strike(&mut hall, 0, true);
    act(&mut hall, r#"{"do":"open","door":"front"}"#).unwrap();
    act(&mut hall, r#"{"do":"prop","door":"front","seconds":60.5}"#).unwrap();
    let before = hall.changes();
    advance(&mut hall, 50.0);
    assert!(hall.changes() - before <= 51, "{} steps for 50 s", hall.changes() - before);
    advance(&mut hall, 20.0);
    let closed = hall.events(0).into_iter().find(|event| event.code == "door.closed").unwrap();
    assert!((closed.at_s - 60.5).abs() < 0.11, "{closed:?}");
}

#[test]
fn a_door_held_open_stays_open_behind_whoever_walks_through() {
    let mut hall = hall();
    strike(&mut hall, 0, true);
    act(&mut hall, r#"{"do":"open","door":"front"}"#).unwrap();
    act(&mut hall, r#"{"do":"walk","person":"tu","to":"lobby"}"#).unwrap();
    advance(&mut hall, 30.0);
    assert_eq!(person(&hall, "tu").0, "lobby");
    assert_eq!(door(&hall, "front").leaf, "open");
}

/// The small hall, its module with a safe state, a pulse and more wires.
fn guarded() -> Building {
    let text = HALL
        .replacen("e1214\" }]", "e1214\", safe_state = \"3s\" }]", 1)
        .replacen("exit = \"door-io/input.1\"", "exit = \"door-io/input.1\"\npulse = \"door-io/output.0.pulsing\"\nfire = \"door-io/input.4\"\ntamper = \"door-io/input.5\"", 1)
        .replacen("[simulation]", "[simulation]\ndevice.door-io.pulse_s = 2", 1);
    Building::new(&Site::parse("doors.toml", &text, &Library::load(None).unwrap()).unwrap())
}

#[test]
fn a_module_that_nobody_asks_turns_its_strikes_off() {
    let mut hall = guarded();
    hall.ask(0);
    strike(&mut hall, 0, true);
    for _ in 0..10 {
        advance(&mut hall, 1.0);
        hall.ask(0);
    }
    assert!(!door(&hall, "front").locked, "asked, it keeps its outputs");
    advance(&mut hall, 2.9);
    assert!(!door(&hall, "front").locked);
    advance(&mut hall, 0.2);
    assert!(door(&hall, "front").locked, "the gateway has died");
    assert_eq!(hall.values("door-io").unwrap()["output.0"], Literal::Flag(false));
    hall.ask(0);
    advance(&mut hall, 1.0);
    assert!(door(&hall, "front").locked, "until it is written again");
}

#[test]
fn a_pulse_locks_by_itself_and_can_be_ended() {
    let mut hall = guarded();
    let pulse = |hall: &mut Building, on| {
        hall.ask(0);
        hall.obey(0, &Values::from([("output.0.pulsing".parse().unwrap(), Literal::Flag(on))]));
    };
    pulse(&mut hall, true);
    assert!(!door(&hall, "front").locked);
    assert_eq!(hall.values("door-io").unwrap()["output.0"], Literal::Flag(true));
    advance(&mut hall, 1.9);
    assert!(!door(&hall, "front").locked);
    advance(&mut hall, 0.2);
    assert!(door(&hall, "front").locked);
    pulse(&mut hall, true);
    pulse(&mut hall, false);
    assert!(door(&hall, "front").locked);
}

#[test]
fn fire_and_tamper_open_their_wires() {
    let mut hall = guarded();
    assert!(input(&hall, 4) && input(&hall, 5));
    act(&mut hall, r#"{"do":"door-tamper","door":"front","on":true}"#).unwrap();
    assert!(!input(&hall, 5));
    assert_eq!(hall.points_on_fire(), [false], "the fire panel's wire");
}

impl Building {
    /// The inputs of fire as they would be in a fire.
    fn points_on_fire(&self) -> Vec<bool> {
        self.doors
            .points(0, true)
            .filter(|(point, _)| point.as_str() == "input.4")
            .map(|(_, on)| on)
            .collect()
    }
}
