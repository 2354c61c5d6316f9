//! Scans of lines that are played: who answers what at which setting.

use std::sync::LazyLock;

use hallward_profiles::Library;
use hallward_site::{Baud, Endpoint, Serial, Site, Transport};

use super::*;

/// A line that is played: what comes to a question, and whether the request is echoed.
type Line<'l> = &'l dyn Fn(Next) -> (Heard, bool);

fn library() -> &'static Library {
    static LIBRARY: LazyLock<Library> =
        LazyLock::new(|| Library::load(None).unwrap_or_else(|wrong| panic!("{}", wrong[0])));
    &LIBRARY
}

/// The report on a line, and how many questions it took.
fn scan(settings: Vec<Setting>, units: RangeInclusive<u8>, line: Line<'_>) -> (Report, usize) {
    let profiles: Vec<_> = library().iter().cloned().collect();
    let timing = if settings.is_empty() { Timing::tcp() } else { Timing::at(Baud::USUAL) };
    let mut scan = Scan::new(settings, units, profiles, timing);
    let mut asked = 0;
    while let Some(next) = scan.ask() {
        let (heard, echoed) = line(next);
        scan.hear(heard, echoed);
        asked += 1;
        assert!(asked < 10_000, "it never ends: {next:?}");
    }
    (scan.conclude(), asked)
}

fn at(baud: u32, parity: Parity) -> Setting {
    Setting { baud: Baud::new(baud).unwrap(), parity }
}

fn silence() -> (Heard, bool) {
    (Heard::Silence, false)
}

/// A device that has these registers from an address on, in one area.
fn device(question: Question, area: Area, from: u16, registers: &[u16]) -> Heard {
    match question {
        Question::Read { area: wanted, start, count } if wanted == area => {
            let begin = start.checked_sub(from).map(usize::from);
            let part = begin.and_then(|begin| registers.get(begin..begin + usize::from(count)));
            part.map_or(Heard::Exception(2), |words| Heard::Words(words.to_vec()))
        }
        Question::Read { .. } | Question::Identify => Heard::Exception(1),
    }
}

/// The measured values of an XY-MD02, and no more: 24.1 °C and 45.0 % from input register 1.
fn sensor(question: Question) -> Heard {
    device(question, Area::Input, 1, &[241, 450])
}

fn units(report: &Report) -> Vec<u8> {
    report.units.iter().map(|found| found.unit).collect()
}

#[test]
fn units_are_found_at_the_one_setting_at_which_they_answer() {
    let right = at(19_200, Parity::Even);
    let line = |next: Next| match (next.setting, next.unit) {
        (Some(setting), 3 | 20) if setting == right => (sensor(next.question), false),
        _ => silence(),
    };
    let (report, asked) = scan(Setting::usual(), 1..=30, &line);
    assert_eq!((report.setting, units(&report), report.faults.clone()), (Some(right), vec![3, 20], vec![]));
    assert!(asked < 600, "{asked}: no other setting is asked once one is right");
}

#[test]
fn a_unit_at_an_unusual_id_is_found_by_the_second_round() {
    let right = at(4800, Parity::None);
    let line = |next: Next| match (next.setting, next.unit) {
        (Some(setting), 77) if setting == right => (Heard::Exception(2), false),
        _ => silence(),
    };
    let (report, _) = scan(Setting::usual(), 1..=100, &line);
    assert_eq!((report.setting, units(&report)), (Some(right), vec![77]));
}

#[test]
fn a_device_is_recognised_by_its_registers() {
    let line = |next: Next| (sensor(next.question), false);
    let (report, _) = scan(vec![], 1..=1, &line);
    let best = &report.units[0].candidates[0];
    assert_eq!((best.profile.as_str(), best.certain, best.believable_percent), ("xy-md02", false, 100));
    assert!(best.why.contains("temperature 24.1 °C"), "{}", best.why);
}

#[test]
fn values_that_cannot_be_speak_against_a_profile() {
    let hot = |next: Next| (device(next.question, Area::Input, 1, &[9000, 20_000]), false);
    let (report, _) = scan(vec![], 1..=1, &hot);
    let named: Vec<_> = report.units[0].candidates.iter().map(|c| c.profile.as_str()).collect();
    assert!(!named.contains(&"xy-md02"), "{named:?}");
}

#[test]
fn a_register_that_proves_the_device_ends_the_guessing() {
    let library = library();
    let profile = library.get("socomec-atys-p-m").unwrap();
    let map = profile.map(&profile.options).unwrap();
    let point = map.points.iter().find(|p| p.name.as_str() == "nameplate.manufacturer").unwrap();
    let (start, area) = (*point.addresses.iter().min().unwrap(), point.area);
    let mut text = vec![0x534F, 0x434F];
    text.resize(point.addresses.len(), 0);
    let line = |next: Next| (device(next.question, area, start, &text), false);
    let (report, asked) = scan(vec![], 1..=1, &line);
    let candidates = &report.units[0].candidates;
    assert_eq!((candidates.len(), candidates[0].profile.as_str()), (1, "socomec-atys-p-m"));
    assert!(candidates[0].certain && asked < 20, "{candidates:?} {asked}");
}

#[test]
fn what_a_device_calls_itself_goes_before_likeness() {
    let line = |next: Next| match next.question {
        Question::Identify => (Heard::Identity(vec![(0, "AKO Electronica".into())]), false),
        Question::Read { .. } => (Heard::Words(vec![100; count(next)]), false),
    };
    let (report, _) = scan(vec![], 1..=1, &line);
    let found = &report.units[0];
    assert_eq!(found.identity, [(0, "AKO Electronica".to_owned())]);
    assert_eq!(found.candidates[0].profile.as_str(), "ako-dp-th-m", "{:?}", found.candidates);
    assert!(found.candidates[0].why.starts_with("it calls itself `AKO"));
}

fn count(next: Next) -> usize {
    match next.question {
        Question::Read { count, .. } => usize::from(count),
        Question::Identify => 0,
    }
}

#[test]
fn a_unit_that_falls_silent_is_left_alone() {
    let line = |next: Next| match next.question {
        KNOCK => (Heard::Exception(2), false),
        Question::Read { .. } | Question::Identify => silence(),
    };
    let (report, asked) = scan(vec![], 5..=5, &line);
    assert_eq!((units(&report), asked), (vec![5], 1 + 1 + 3), "a knock, who it is, and three more");
}

/// What is said of a line.
fn faults(settings: Vec<Setting>, line: Line<'_>) -> Vec<Fault> {
    scan(settings, 1..=20, line).0.faults
}

#[test]
fn the_fault_is_named() {
    let garbage = || (Heard::Garbage("9 bytes".into()), false);
    let usual = Setting::usual;
    let one = at(9600, Parity::None);
    assert_eq!(faults(usual(), &|_| silence()), [Fault::Silence { serial: true }]);
    assert_eq!(faults(vec![], &|_| silence()), [Fault::Silence { serial: false }]);
    assert_eq!(faults(usual(), &|_| (Heard::Silence, true)), [Fault::Echo { answers: false }]);
    assert_eq!(faults(usual(), &|_| garbage()), [Fault::GarbageEverywhere]);
    let at_one = |next: Next| if next.setting == Some(one) && next.unit == 4 { garbage() } else { silence() };
    assert_eq!(faults(usual(), &at_one), [Fault::GarbageAt { setting: Some(one), units: vec![4] }]);
    let two = |next: Next| match next.unit {
        7 => garbage(),
        3 => (Heard::Exception(2), false),
        _ => silence(),
    };
    assert_eq!(faults(usual(), &two), [Fault::TwoUnits { unit: 7 }]);
    let noisy = |next: Next| if next.unit == 3 { (Heard::Exception(2), true) } else { garbage() };
    assert_eq!(faults(usual(), &noisy), [Fault::Echo { answers: true }, Fault::Noise]);
    assert_eq!(faults(vec![], &|_| (Heard::Exception(0x0B), false)), [Fault::NoTarget]);
    assert_eq!(faults(vec![], &|_| (Heard::Exception(0x0A), false)), [Fault::NoPath]);
    let gateway = |next: Next| (Heard::Exception(if next.unit == 2 { 2 } else { 0x0B }), false);
    assert_eq!(faults(vec![], &gateway), [], "ids without a device are no fault");
    assert_eq!(faults(vec![], &|_| (Heard::Down("refused".into()), false)), [Fault::Down("refused".into())]);
}

#[test]
fn one_garbled_answer_is_asked_for_again() {
    let asked = std::cell::Cell::new(0);
    let line = |next: Next| {
        asked.set(asked.get() + u8::from(next.unit == 5));
        match next.unit {
            5 => (Heard::Garbage("3 bytes".into()), false),
            _ => silence(),
        }
    };
    scan(vec![], 1..=9, &line);
    assert_eq!(asked.get(), 1 + RETRIES);
}

#[test]
fn a_device_that_answers_under_every_id_is_listed_once() {
    let line = |next: Next| (sensor(next.question), false);
    let (report, _) = scan(vec![], 1..=70, &line);
    assert_eq!((units(&report), report.faults.clone()), (vec![1], vec![Fault::EveryId]));
    let few = scan(vec![], 1..=4, &line).0;
    assert_eq!((units(&few), few.faults.clone()), (vec![1, 2, 3, 4], vec![]));
}

#[test]
fn the_stanzas_are_a_sound_site_file() {
    let right = at(19_200, Parity::Even);
    let line = |next: Next| match (next.setting, next.unit) {
        (Some(setting), 3 | 20) if setting == right => (sensor(next.question), false),
        _ => silence(),
    };
    let (report, _) = scan(Setting::usual(), 1..=30, &line);
    let serial = Serial {
        path: "/dev/ttyUSB0".into(),
        baud: Baud::USUAL,
        parity: Parity::None,
        stop_bits: 1,
        rs485: false,
    };
    let text = stanzas(&report, &Place::New(&Transport::Serial(serial)), library());
    let head = "[site]\nid = \"s\"\nname = \"s\"\ntime_zone = \"UTC\"\n";
    let site =
        Site::parse("scan", &format!("{head}{text}"), library()).unwrap_or_else(|e| panic!("{e}\n{text}"));
    let units: Vec<_> = site.devices.iter().map(|d| (d.unit, d.profile.id.as_str())).collect();
    assert_eq!(units, [(3, "xy-md02"), (20, "xy-md02")]);
    assert_eq!(site.lines[0].transport.to_string(), "/dev/ttyUSB0 (19200 8E1)");
    let tcp = Transport::Tcp(Endpoint { host: "10.0.0.1".into(), port: 502 });
    assert!(stanzas(&report, &Place::New(&tcp), library()).contains("tcp = \"10.0.0.1:502\""));
    let known = stanzas(&report, &Place::Known("sensors"), library());
    assert!(!known.contains("[[line]]") && known.contains("line = \"sensors\""), "{known}");
}
