//! What is wrong in a site file is named at its line, all of it at once; nothing makes the loader panic.

#![allow(clippy::expect_used, clippy::panic, reason = "a test fails by panicking")]

use hallward_profiles::Library;
use hallward_site::{DoorKind, FeedNode, OsdpReader, Place, ReaderAt, Site, Wire};
use proptest::prelude::*;

/// A sound hall, to which each test adds its mistakes.
const SOUND: &str = r#"
site = { id = "hall", name = "Hall", time_zone = "Asia/Ho_Chi_Minh" }
room = [{ id = "a", name = "Room A" }]
source = [{ id = "mains", name = "Mains" }]
load = [{ id = "it", name = "Racks" }]
line = [{ id = "one", tcp = "10.0.0.1:502" }, { id = "two", tcp = "[fd00::1]:502" }]

[[device]]
id = "ups-a"
line = "one"
profile = "apc-smart-ups"
room = "a"

[[device]]
id = "panel"
line = "two"
unit = 3
profile = "notifier-modbus-gw"
every = "500ms"
options = { detectors = 30 }
labels = { "loop-1.detector.1.active" = "Above rack 1" }

[[feed]]
from = "mains"
to = "ups-a"

"#;

fn library() -> Library {
    Library::load(None).unwrap_or_else(|wrong| panic!("{wrong:?}"))
}

/// All problems: line, from 1, what is wrong, and what would be right.
fn problems(text: &str) -> Vec<(usize, String)> {
    let wrong =
        Site::parse("site.toml", text, &library()).err().map(|wrong| wrong.problems).unwrap_or_default();
    wrong.into_iter().map(|problem| (problem.line, format!("{}: {}", problem.what, problem.right))).collect()
}

/// The problems of the sound hall with `added` below it; lines count from the first added one.
#[track_caller]
fn check(added: &str, expected: &[(usize, &str)]) {
    let above = SOUND.lines().count();
    let found = problems(&format!("{SOUND}{added}"));
    let matches = found.len() == expected.len()
        && found
            .iter()
            .zip(expected)
            .all(|((line, what), (at, part))| *line == above + at && what.contains(part));
    assert!(matches, "expected {expected:?}, found {found:?} (above: {above})");
}

#[test]
fn the_sound_hall_is_sound() {
    let site = Site::parse("site.toml", SOUND, &library()).unwrap_or_else(|wrong| panic!("{wrong}"));
    assert_eq!(site.devices.len(), 2);
    assert_eq!(site.device("panel").map(|(ix, device)| (ix, device.unit)), Some((1, 3)));
    assert_eq!(site.lines.get(1).map(|line| line.transport.to_string()).as_deref(), Some("[fd00::1]:502"));
    assert_eq!(
        site.feeds.first().map(|feed| (feed.from, feed.to)),
        Some((FeedNode::Source(0), FeedNode::Device(0)))
    );
    assert!(site.web.listen.ip().is_loopback());
}

#[test]
fn every_mistake_is_told_at_its_line() {
    let device =
        "[[device]]\nid = \"UPS B\"\nline = \"one\"\nunit = 1\nprofile = \"apc-smart\"\nroom = \"b\"\n";
    check(
        device,
        &[(2, "is not an id"), (5, "did you mean `apc-smart-ups`?"), (6, "there is no room `b`: one of: a")],
    );
}

#[test]
fn what_is_there_twice_is_refused() {
    check(
        "[[device]]\nid = \"ups-a\"\nline = \"one\"\nunit = 9\nprofile = \"xy-md02\"\n",
        &[(2, "is there twice")],
    );
    check(
        "[[device]]\nid = \"b\"\nline = \"one\"\nunit = 1\nprofile = \"xy-md02\"\n",
        &[(4, "is `ups-a` already")],
    );
}

#[test]
fn periods_options_and_labels_are_checked() {
    let device = |rest: &str| {
        format!("[[device]]\nid = \"b\"\nline = \"one\"\nunit = 9\nprofile = \"xy-md02\"\n{rest}\n")
    };
    check(&device("every = \"10ms\""), &[(6, "100ms to 1h")]);
    check(&device("every = \"often\""), &[(6, "is no duration")]);
    check(&device("options = { detectors = 3 }"), &[(6, "has no options")]);
    check(&device("labels = { \"humidty\" = \"x\" }"), &[(6, "did you mean `humidity`?")]);
    check(&device("perod = 1"), &[(6, "unknown field")]);
}

#[test]
fn a_line_is_a_port_or_an_endpoint_with_what_is_spoken_there() {
    let lines = |rest: &str, expected: &[&str]| {
        let inline = rest.replace('\n', ", ");
        let text = SOUND.replacen("line = [", &format!("line = [{{ id = \"n\", {inline} }}, "), 1)
            + "[[device]]\nid = \"x\"\nline = \"n\"\nprofile = \"xy-md02\"\n";
        let found: Vec<String> = problems(&text).into_iter().map(|(_, what)| what).collect();
        let fits = expected.iter().all(|part| found.iter().any(|what| what.contains(part)));
        assert!(
            fits && found.is_empty() == expected.is_empty(),
            "{rest}: expected {expected:?}, found {found:?}"
        );
    };
    lines("serial = \"/dev/ttyUSB0\"\nbaud = 19200\nparity = \"even\"\nstop_bits = 1\nrs485 = true", &[]);
    lines("tcp = \"h:4001\"\nmode = \"rtu-over-tcp\"\nbaud = 9600", &[]);
    lines("tcp = \"h:802\"\nmode = \"tls\"\nca_file = \"ca.pem\"", &[]);
    lines("tcp = \"h:802\"\nmode = \"tls\"", &["whose certificate is to be trusted?"]);
    lines(
        "tcp = \"h:802\"\nmode = \"tls\"\nca_file = \"c\"\nkey_file = \"k\"",
        &["a key without its certificate"],
    );
    lines("baud = 9600", &["where is this line?"]);
    lines("tcp = \"h:1\"\nserial = \"/dev/x\"", &["an endpoint or a serial port"]);
    lines("tcp = \"h:502\"\nbaud = 9600", &["`baud` means nothing on this line"]);
    lines("tcp = \"h:502\"\nmode = \"rtu\"", &["this is not spoken there"]);
    lines("serial = \"COM1\"", &["`COM1` is no serial port"]);
    lines("serial = \"/dev/x\"\nbaud = 300", &["no line is that fast or slow"]);
    lines("serial = \"/dev/x\"\nstop_bits = 3", &["there are 1 or 2 stop bits"]);
    lines("tcp = \"10.0.0.1:502\"\nmode = \"rtu-over-tcp\"", &["is line `n` already"]);
    lines("tcp = \"h:1\"\nmode = \"osdp\"", &["this is not spoken there"]);
    lines("serial = \"/dev/x\"\nmode = \"osdp\"\nbaud = 4800", &["OSDP has no such speed"]);
    lines(
        "serial = \"/dev/x\"\nmode = \"osdp\"\nparity = \"even\"",
        &["`parity` means nothing on this line"],
    );
}

#[test]
fn what_is_read_fast_or_written_is_a_point_that_can_be() {
    let device = |rest: &str| {
        format!("[[device]]\nid = \"b\"\nline = \"one\"\nunit = 9\nprofile = \"xy-md02\"\n{rest}\n")
    };
    let sound = "fast = [\"temperature\"]\nwrites = { \"settings.baud\" = {}, \"settings.unit-id\" = { min = 1, max = 247 } }";
    check(&device(sound), &[]);
    check(&device("fast = [\"temperatur\"]"), &[(6, "did you mean `temperature`?")]);
    check(&device("writes = { humidity = {} }"), &[(6, "`humidity` cannot be in `writes`")]);
    check(&device("writes = { \"settings.baud\" = { min = 1 } }"), &[(6, "is no number")]);
    check(&device("writes = { \"settings.unit-id\" = { min = 1 } }"), &[(6, "which values may be written")]);
    check(&device("address_offset = 2"), &[(6, "-1, 0 or 1")]);
    check(&device("limits = { timeout = \"2m\" }"), &[(6, "no device takes longer")]);
    check(&device("limits = { max_registers = 126 }"), &[(6, "1 to 125 registers")]);
}

#[test]
fn power_does_not_feed_itself() {
    check("[[feed]]\nfrom = \"ups-a\"\nto = \"ups-a\"\n", &[(3, "power would feed itself")]);
    check("[[feed]]\nfrom = \"ups-a\"\nto = \"mains\"\n", &[(3, "power would feed itself")]);
    check("[[feed]]\nfrom = \"ups-a\"\nto = \"ats\"\ninput = 1\n", &[(3, "there is no node `ats`")]);
    check("[[feed]]\nfrom = \"ups-a\"\nto = \"it\"\ninput = 3\n", &[(4, "sources 1 and 2")]);
}

/// The sound hall with a line of readers and a door module, and `door` in one inline table of it.
fn doors(doors: &[&str]) -> String {
    let more = "line = [{ id = \"readers\", serial = \"/dev/ttyUSB7\", mode = \"osdp\" }, { id = \"io\", tcp = \"10.0.0.9:502\" }, ";
    SOUND.replacen("line = [", more, 1)
        + "[[device]]\nid = \"door-io\"\nline = \"io\"\nprofile = \"moxa-iologik-e1214\"\n"
        + &doors.iter().map(|door| format!("[[door]]\n{door}\n")).collect::<String>()
}

const DOOR: &str = "id = \"d\"\nfrom = \"outside\"\nto = \"a\"\nreader = { line = \"readers\", address = 0 }\nstrike = \"door-io/output.0\"\nkind = \"fail-secure\"\ncontact = \"door-io/input.0\"\nexit = \"door-io/input.1\"";

#[test]
fn a_door_is_wired_to_what_exists() {
    let site =
        Site::parse("site.toml", &doors(&[DOOR]), &library()).unwrap_or_else(|wrong| panic!("{wrong}"));
    let door = site.doors.first().expect("there is a door");
    assert_eq!((door.from, door.to), (Place::Outside, Place::Room(0)));
    assert_eq!(door.reader, Some(ReaderAt::Osdp(OsdpReader { line: 0, address: 0, secure: true })));
    assert_eq!(
        door.lock.as_ref().map(|lock| (lock.strike.module().map(|point| point.device), lock.kind)),
        Some((Some(2), DoorKind::FailSecure))
    );
    assert_eq!(site.reader_lines.len(), 1);
    assert_eq!(site.lines.len(), 3, "lines of readers are not lines of devices");
}

#[test]
fn what_is_sensed_of_a_door_is_read_fast_and_fire_is_shared() {
    let more = format!("{DOOR}\nfire = \"door-io/input.2\"\npulse = \"door-io/output.0.pulsing\"");
    let second = "id = \"e\"\nfrom = \"outside\"\nto = \"a\"\ncontact = \"door-io/input.3\"\nfire = \"door-io/input.2\"";
    let site = Site::parse("site.toml", &doors(&[&more, second]), &library())
        .unwrap_or_else(|wrong| panic!("{wrong}"));
    let fast: Vec<_> = site.devices[2].fast.iter().map(|point| point.as_str()).collect();
    assert_eq!(fast, ["input.0", "input.1", "input.2", "input.3"]);
    let lock = site.doors[0].lock.as_ref().expect("there is a lock");
    assert_eq!(lock.pulse.as_ref().map(|point| point.point.as_str()), Some("output.0.pulsing"));
}

#[test]
fn a_door_is_wired_to_pins() {
    let door = "id = \"d\"\nfrom = \"outside\"\nto = \"a\"\nstrike = \"pin:gpiochip0/3:low\"\nkind = \"fail-safe\"\n\
                contact = \"pin:gpiochip0/4\"\nreader = { d0 = \"pin:gpiochip0/5\", d1 = \"pin:gpiochip0/6\" }\n\
                exit_reader = { line = \"readers\", address = 0, secure = false }";
    let site =
        Site::parse("site.toml", &doors(&[door]), &library()).unwrap_or_else(|wrong| panic!("{wrong}"));
    let door = &site.doors[0];
    assert_eq!(door.contact.as_ref().and_then(Wire::pin).map(|pin| (pin.line, pin.low)), Some((4, false)));
    assert!(matches!(&door.reader, Some(ReaderAt::Wiegand(reader)) if reader.d1.line == 6));
    assert!(door.exit_reader.as_ref().and_then(ReaderAt::osdp).is_some_and(|reader| !reader.secure));
    let twice = door_with("d1 = \"pin:gpiochip0/5\"");
    assert!(problems(&doors(&[&twice])).iter().any(|(_, what)| what.contains("belongs to door")));
    let apart = door_with("d1 = \"pin:gpiochip1/6\"");
    assert!(problems(&doors(&[&apart])).iter().any(|(_, what)| what.contains("end at one chip")));
}

fn door_with(d1: &str) -> String {
    format!(
        "id = \"d\"\nfrom = \"outside\"\nto = \"a\"\nstrike = \"pin:gpiochip0/3\"\nkind = \"fail-safe\"\n\
         reader = {{ d0 = \"pin:gpiochip0/5\", {d1} }}\nexit_reader = {{ line = \"readers\", address = 0 }}"
    )
}

#[test]
fn a_lock_is_not_released_by_a_write() {
    let writes = "profile = \"moxa-iologik-e1214\"\nwrites = { \"output.0\" = {}, \"output.5\" = {} }";
    let found = problems(&doors(&[DOOR]).replace("profile = \"moxa-iologik-e1214\"", writes));
    assert!(
        matches!(found.as_slice(), [(_, what)] if what.contains("could be written past the door")),
        "{found:?}"
    );
}

#[test]
fn a_safe_state_is_of_a_module_and_within_reason() {
    let module = |rest: &str| {
        doors(&[DOOR]).replace("moxa-iologik-e1214\"\n", &format!("moxa-iologik-e1214\"\n{rest}\n"))
    };
    assert_eq!(problems(&module("safe_state = \"3s\"")), []);
    for wrong in ["100ms", "2m"] {
        let found = problems(&module(&format!("safe_state = \"{wrong}\"")));
        assert!(matches!(found.as_slice(), [(_, what)] if what.contains("500ms to 60s")), "{found:?}");
    }
    let elsewhere = SOUND.replacen("profile =", "safe_state = \"3s\"\nprofile =", 1);
    assert!(problems(&elsewhere).iter().any(|(_, what)| what.contains("no outputs")));
}

#[test]
fn mistakes_at_doors_are_told() {
    let first = doors(&[""]).lines().count();
    let wrong = |change: (&str, &str), at: usize, expected: &str| {
        let found = problems(&doors(&[&DOOR.replacen(change.0, change.1, 1)]));
        let fits =
            matches!(found.as_slice(), [(line, what)] if *line == first + at - 1 && what.contains(expected));
        assert!(fits, "{change:?}: expected {expected} in line {}, found {found:?}", first + at - 1);
    };
    wrong(("outside", "b"), 2, "there is no room `b`");
    wrong(("outside", "a"), 3, "both sides");
    wrong(("\"readers\"", "\"one\""), 4, "there is no line of mode `osdp` called `one`");
    wrong(("address = 0", "address = 127"), 4, "0 to 126");
    wrong(("address = 0", "addres = 0"), 4, "unknown field");
    wrong(("door-io/output.0", "door-io"), 5, "DEVICE/output.0");
    wrong(("door-io/output.0", "ups-a/output.0"), 5, "there is no device `ups-a` of class io");
    wrong(("door-io/output.0", "door-io/output.9"), 5, "has no output `output.9`");
    wrong(("door-io/output.0", "door-io/output.0.pulsing"), 5, "has no output");
    wrong(("door-io/output.0", "pin:gpiochip0/3"), 1, "the wires of this door end at different places");
    wrong(("door-io/output.0", "pin:gpiochip0"), 5, "is no pin that can be here");
    wrong(("exit =", "fire = \"door-io/input.0\"\nexit ="), 8, "belongs to door `d` already, as its contact");
    wrong(("exit =", "pulse = \"door-io/output.1\"\nexit ="), 8, "no point `output.1` that starts a pulse");
    wrong(("address = 0", "d0 = \"pin:gpiochip0/5\""), 4, "neither a reader on a line nor one at pins");
    wrong(("kind = \"fail-secure\"", ""), 5, "what does this lock do without power?");
    wrong(("fail-secure", "locked"), 6, "unknown variant");
    wrong(("door-io/input.0", "door-io/output.1"), 7, "has no input");
    wrong(("input.1", "input.0"), 8, "belongs to door `d` already");
    wrong(("strike = \"door-io/output.0\"\nkind = \"fail-secure\"", ""), 1, "what does this door release");
    let second = DOOR.replace("id = \"d\"", "id = \"e\"");
    let found = problems(&doors(&[DOOR, &second]));
    assert_eq!(found.len(), 4, "reader, strike, contact and exit of the other door: {found:?}");
    assert!(
        found.iter().any(|(_, what)| what.contains("address 0 of this line is a reader of door `d` already"))
    );
    let found = problems(&doors(&["id = \"d\"\nfrom = \"outside\"\nto = \"a\""]));
    assert!(matches!(found.as_slice(), [(_, what)] if what.contains("nothing is wired")), "{found:?}");
    let found = problems(&doors(&[]));
    assert!(
        matches!(found.as_slice(), [(_, what)] if what.contains("no reader is on line `readers`")),
        "{found:?}"
    );
}

#[test]
fn simulated_people_are_checked() {
    let person =
        |rest: &str| format!("[simulation]\nseed = 1\n[[simulation.person]]\nid = \"lan\"\n{rest}\n");
    check(&person("room = \"a\"\ncard = { facility = 42, card = 1234 }\npin = \"2580\""), &[]);
    check(&person("room = \"b\""), &[(3, "there is no room `b` for person `lan`")]);
    check(&person("card = { facility = 65536, card = 1 }"), &[(3, "facility to 65535, card to 524287")]);
    check(&person("pin = \"12a\""), &[(3, "1 to 16 digits")]);
    check(&person("[[simulation.person]]\nid = \"lan\""), &[(3, "person `lan` is there twice")]);
}

#[test]
fn pages_that_others_can_reach_need_a_certificate_and_its_key() {
    let web = |listen: &str, rest: &str| format!("[web]\nlisten = \"{listen}\"\n{rest}");
    let (certificate, key) = ("certificate = \"c.pem\"\n", "key = \"k.pem\"\n");
    let both = format!("{certificate}{key}");
    for open in ["0.0.0.0:80", "[::]:443", "10.0.0.5:8443"] {
        let told = "over TLS alone: certificate = \"/etc/hallward/tls/certificate.pem\" and key =";
        check(&web(open, ""), &[(2, told)]);
        check(&web(open, &both), &[]);
    }
    check(&web("127.0.0.1:8080", &both), &[]);
    check(&web("127.9.9.9:8080", ""), &[]);
    check(&web("0.0.0.0:80", certificate), &[(3, "of no use without its key: key = \"…\" beside it")]);
    check(&web("[::1]:80", key), &[(3, "of no use without its certificate: certificate = \"…\" beside it")]);
    check(&web("localhost", ""), &[(2, "is no address: such as 127.0.0.1:8080")]);
    check(&web("localhost", key), &[(2, "is no address"), (3, "of no use")]);
}

#[test]
fn the_certificate_of_the_pages_is_taken_as_it_stands() {
    let web = |text: &str| {
        let site = Site::parse("site.toml", &format!("{SOUND}{text}"), &library());
        site.unwrap_or_else(|wrong| panic!("{wrong}")).web
    };
    let usual = web("");
    assert_eq!((usual.listen.to_string().as_str(), usual.certificate), ("127.0.0.1:8080", None));
    let open = web("[web]\nlisten = \"[::]:8443\"\ncertificate = \"/c.pem\"\nkey = \"/k.pem\"\n");
    assert_eq!(open.listen.to_string(), "[::]:8443");
    let files = open.certificate.map(|own| (own.certificate, own.key));
    assert_eq!(files, Some(("/c.pem".into(), "/k.pem".into())));
}

#[test]
fn brokers_are_written_as_addresses() {
    check("[mqtt]\nbroker = \"http://x\"\n", &[(2, "is no broker")]);
    check("[mqtt]\nbroker = \"mqtts://x\"\n", &[(2, "ca_file")]);
    check("[mqtt]\nbroker = \"mqtt://x\"\npassword_file = \"p\"\n", &[(3, "a password without a user")]);
}

#[test]
fn checkpoints_and_the_spool_go_to_whole_paths() {
    check("[log]\ncheckpoints = \"checkpoints.txt\"\n", &[(2, "/mnt/other-disk/hallward-checkpoints.txt")]);
    check("[log]\nspool = \"spool\"\n", &[(2, "/mnt/other-disk/hallward")]);
}

#[test]
fn a_file_that_is_not_toml_still_tells_the_rest() {
    let found = problems("[site]\nid = \"A\"\nname = \"x\"\ntime_zone = \"Mars\"\nx = = 1\n");
    let lines: Vec<_> = found.iter().map(|(line, _)| *line).collect();
    assert!(lines.contains(&5), "{found:?}");
}

proptest! {
    #[test]
    fn no_text_panics(text in "\\PC*", at in 0..2000_usize, cut in 0..20_usize) {
        drop(Site::parse("t", &text, &Library::default()));
        let start = SOUND.floor_char_boundary(at.min(SOUND.len()));
        let end = SOUND.floor_char_boundary((start + cut).min(SOUND.len()));
        let mutated = format!("{}{text}{}", SOUND.get(..start).unwrap_or_default(), SOUND.get(end..).unwrap_or_default());
        drop(Site::parse("t", &mutated, &Library::default()));
    }
}

/// What is said of a commander with these keys, beside a door with a lock and a broker.
fn commander(keys: &str) -> Vec<String> {
    let text = doors(&[DOOR]) + "[mqtt]\nbroker = \"mqtt://x\"\n[[commander]]\n" + keys;
    problems(&text).into_iter().map(|(_, what)| what).collect()
}

#[test]
fn a_commander_has_a_sound_key_and_may_something_of_doors_that_there_are() {
    let key = "key = \"1UiFWSv5D+PoHkz2lNl4bKpplMavrS6VRU9LygQ3vU4=\"\n";
    let sound = format!("id = \"guard\"\n{key}orders = [\"lockdown\"]\ndoors = [\"d\"]\n");
    assert_eq!(commander(&sound), Vec::<String>::new());
    // Too short; no base64; a point of small order, whose signatures anybody can make; no point at all.
    let zeros = "AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA=";
    for wrong in ["1UiF", "?", zeros, "AgAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA="] {
        let found = commander(&sound.replace(key, &format!("key = \"{wrong}\"\n")));
        assert!(found.len() == 1 && found[0].contains("no public key"), "{wrong}: {found:?}");
    }
    let rows = [
        ("[\"lockdown\"]", "[]", "nothing that it may order"),
        ("[\"lockdown\"]", "[\"release\"]", "unlock"),
        ("[\"d\"]", "[]", "no door that it may command"),
        ("[\"d\"]", "[\"e\"]", "no door `e` with a lock"),
        ("\"guard\"", "\"a guard\"", "guard"),
    ];
    for (right, wrong, part) in rows {
        let found = commander(&sound.replace(right, wrong));
        assert!(found.len() == 1 && found[0].contains(part), "{wrong}: {found:?}");
    }
    let twice = format!("{sound}[[commander]]\n{sound}");
    assert!(commander(&twice).iter().any(|what| what.contains("twice")));
    let alone = problems(&format!("{}[[commander]]\n{sound}", doors(&[DOOR])));
    assert!(alone.len() == 1 && alone[0].1.contains("commands come over a broker"), "{alone:?}");
}
