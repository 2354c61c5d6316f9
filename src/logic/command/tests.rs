//! Named test 10 of the doors' rules: an unlock command that is old, retained or repeated is refused and recorded.

use std::sync::LazyLock;

use proptest::prelude::*;

use super::*;
use crate::{
    logic::evidence::SigningKey,
    model::{Mono, Trust},
};

/// The clock of this computer when the tests begin.
const NOW: i64 = 1_795_392_000_000_000;

const SECOND: i64 = 1_000_000;

fn key(seed: u8) -> SigningKey {
    SigningKey::new("guard", &[seed; 32]).unwrap()
}

fn site() -> Site {
    let key = data_encoding::BASE64.encode(key(7).public().bytes());
    let door = |id: &str, n: u32| {
        format!(
            "[[door]]\nid = \"{id}\"\nfrom = \"outside\"\nto = \"a\"\nkind = \"fail-secure\"\nstrike = \"io/output.{n}\"\n"
        )
    };
    let text = format!(
        "[site]\nid = \"hall\"\nname = \"Hall\"\ntime_zone = \"UTC\"\n[[room]]\nid = \"a\"\nname = \"A\"\n\
         [[line]]\nid = \"io\"\ntcp = \"h:502\"\n\
         [[device]]\nid = \"io\"\nline = \"io\"\nprofile = \"moxa-iologik-e1214\"\n\
         {}{}{}\
         [mqtt]\nbroker = \"mqtt://h\"\n\
         [[commander]]\nid = \"guard\"\nkey = \"{key}\"\norders = [\"unlock\", \"lockdown\"]\ndoors = [\"front\", \"rear\"]\n\
         [[commander]]\nid = \"porter\"\nkey = \"{key}\"\norders = [\"lockdown\"]\ndoors = [\"rear\"]\n",
        door("front", 0),
        door("side", 1),
        door("rear", 2),
    );
    Site::parse("x", &text, &hallward_profiles::Library::load(None).unwrap())
        .unwrap_or_else(|wrong| panic!("{wrong}"))
}

fn commanders() -> Commanders {
    static SITE: LazyLock<Site> = LazyLock::new(site);
    Commanders::new(&SITE, &BTreeMap::new(), now(0))
}

fn now(seconds: i64) -> Now {
    let mono = Mono(u64::try_from(seconds * SECOND).unwrap());
    Now { mono, wall: Wall(NOW + seconds * SECOND), trust: Trust::Unknown }
}

/// The text of a command that is given now.
fn unlock() -> String {
    text("hall", Wall(NOW), "unlock", Some("front"))
}

fn text(site: &str, at: Wall, order: &str, door: Option<&str>) -> String {
    said_by("guard", site, at, order, door)
}

fn said_by(commander: &str, site: &str, at: Wall, order: &str, door: Option<&str>) -> String {
    let door = door.map_or(String::new(), |door| format!("\"door\":\"{door}\","));
    let at = at.utc().to_rfc3339();
    format!(
        "{HEADING}\n{{\"site\":\"{site}\",\"commander\":\"{commander}\",\"at\":\"{at}\",\"order\":\"{order}\",{door}\"why\":\"asked by phone\"}}\n"
    )
}

fn hear(commanders: &mut Commanders, now: Now, sender: &str, note: &str) -> Heard {
    commanders.hear(now, Message { sender, retained: false, payload: note.as_bytes() })
}

/// The same, and it is kept if it is accepted.
fn keeps(commanders: &mut Commanders, now: Now, note: &str) -> String {
    let heard = hear(commanders, now, "guard", note);
    if let Heard::Accepted(accepted) = &heard {
        commanders.kept(accepted);
    }
    word(heard)
}

/// Why it was refused, as its record says; `accepted` if it was not, `-` if there is no record.
fn word(heard: Heard) -> String {
    match heard {
        Heard::Accepted(_) => "accepted".to_owned(),
        Heard::Refused(None) => "-".to_owned(),
        Heard::Refused(Some(record)) => {
            assert_eq!((record.code, record.severity), ("command.refused", Severity::Warning));
            record.body.get("what").cloned().unwrap()
        }
    }
}

#[test]
fn a_command_that_is_signed_fresh_and_new_is_carried_out_and_recorded() {
    let heard = hear(&mut commanders(), now(0), "guard", &key(7).sign(&unlock()));
    let Heard::Accepted(accepted) = heard else { panic!("{heard:?}") };
    let Accepted { commander, at, record, order } = *accepted;
    assert_eq!((commander.as_str(), at), ("guard", Wall(NOW)));
    assert_eq!(
        (record.code, record.place.as_str(), record.actor.as_str()),
        ("command.accepted", "front", "command-guard")
    );
    assert_eq!(record.body.get("why").map(String::as_str), Some("asked by phone"));
    let expected = DoorOrder {
        deed: DoorDeed::Unlock(DoorIx(0)),
        actor: "command-guard".to_owned(),
        why: "asked by phone".to_owned(),
        given: now(0).mono,
    };
    assert_eq!(order, expected);
}

#[test]
fn a_lockdown_without_a_door_is_of_all_that_the_commander_may_command() {
    let note = key(7).sign(&text("hall", Wall(NOW), "lockdown", None));
    let heard = hear(&mut commanders(), now(0), "guard", &note);
    let Heard::Accepted(accepted) = heard else { panic!("{heard:?}") };
    let scope = Scope::Doors([DoorIx(0), DoorIx(2)].into());
    assert_eq!(accepted.order.deed, DoorDeed::Lockdown { scope, on: true });
}

#[test]
fn each_wrong_command_is_refused_and_says_why() {
    let signed = |text: &str| key(7).sign(text);
    let of = |order: &str, door: Option<&str>| signed(&text("hall", Wall(NOW), order, door));
    let at = |seconds: i64| signed(&text("hall", Wall(NOW + seconds * SECOND), "unlock", Some("front")));
    let lockdown = said_by("porter", "hall", Wall(NOW), "lockdown", Some("rear"));
    let porters = SigningKey::new("porter", &[7; 32]).unwrap().sign(&lockdown);
    let rows: [(&str, String, &str); 24] = [
        ("guard", at(-10), "accepted"),
        ("guard", at(-11), "old"),
        ("guard", at(-365 * 86_400), "old"),
        ("guard", at(10), "accepted"),
        ("guard", at(11), "early"),
        ("stranger", signed(&unlock()), "unknown"),
        ("", signed(&unlock()), "unknown"),
        ("guard", key(8).sign(&unlock()), "signature"),
        ("guard", signed(&unlock()).replace("front", "rear"), "signature"),
        // Its key's name is another,…
        ("porter", signed(&unlock()), "signature"),
        // …and the name may be put in by whoever knows the public key: what is signed says whose it is.
        ("porter", SigningKey::new("porter", &[7; 32]).unwrap().sign(&unlock()), "signature"),
        ("porter", porters, "accepted"),
        ("guard", signed(&text("other", Wall(NOW), "unlock", Some("front"))), "site"),
        ("guard", of("unlock", Some("side")), "forbidden"),
        ("guard", of("unlock", Some("nowhere")), "forbidden"),
        ("guard", of("unlock", None), "forbidden"),
        ("guard", of("release", Some("front")), "form"),
        ("guard", String::new(), "form"),
        ("guard", unlock(), "form"),
        // Signed, but for something else.
        ("guard", signed("hallward/hall/0a0b\n17\nAAAA\n"), "form"),
        ("guard", signed(&unlock().replace("asked by phone", " ")), "form"),
        ("guard", signed(&unlock().replace("asked by phone", &"x".repeat(201))), "form"),
        ("guard", signed(&unlock().replace("asked", "asked\\n")), "form"),
        ("guard", signed(&unlock().replace("\"why\"", "\"hurry\":1,\"why\"")), "form"),
    ];
    for (sender, note, expected) in rows {
        assert_eq!(word(hear(&mut commanders(), now(0), sender, &note)), expected, "{sender}: {note}");
    }
    let long = key(7).sign(&unlock()).into_bytes().repeat(20);
    let long = Message { sender: "guard", retained: false, payload: &long };
    assert_eq!(word(commanders().hear(now(0), long)), "form");
    let binary = Message { sender: "guard", retained: false, payload: &[0xFF, 0xFE] };
    assert_eq!(word(commanders().hear(now(0), binary)), "form");
}

#[test]
fn one_that_the_broker_has_kept_is_refused_however_good_it_is() {
    let note = key(7).sign(&unlock());
    let mut commanders = commanders();
    let kept = Message { sender: "guard", retained: true, payload: note.as_bytes() };
    assert_eq!(word(commanders.hear(now(0), kept)), "retained");
    // It was not heard as one: sent for the first time now, it counts.
    assert_eq!(word(hear(&mut commanders, now(0), "guard", &note)), "accepted");
}

#[test]
fn a_repeated_one_is_refused_also_after_a_restart_with_the_clock_set_back() {
    let note = key(7).sign(&unlock());
    let mut commanders = commanders();
    assert_eq!(keeps(&mut commanders, now(0), &note), "accepted");
    assert_eq!(keeps(&mut commanders, now(1), &note), "repeated");
    // Out of order is as good as again.
    let before = key(7).sign(&text("hall", Wall(NOW - 1), "unlock", Some("rear")));
    assert_eq!(keeps(&mut commanders, now(1), &before), "repeated");
    let next = key(7).sign(&text("hall", Wall(NOW + 1), "unlock", Some("front")));
    assert_eq!(keeps(&mut commanders, now(2), &next), "accepted");
    // The computer starts an hour later, with its clock where it was.
    let kept = BTreeMap::from([("guard".parse().unwrap(), Wall(NOW + 1))]);
    let mut restarted = Commanders::new(&site(), &kept, now(0));
    assert_eq!(keeps(&mut restarted, now(1), &next), "repeated");
}

#[test]
fn one_that_could_not_be_kept_may_come_again() {
    let note = key(7).sign(&unlock());
    let mut commanders = commanders();
    assert_eq!(word(hear(&mut commanders, now(0), "guard", &note)), "accepted");
    assert_eq!(keeps(&mut commanders, now(1), &note), "accepted");
    assert_eq!(keeps(&mut commanders, now(1), &note), "repeated");
}

#[test]
fn one_that_was_withheld_is_not_fresh_again_when_the_clock_is_set_back() {
    let withheld = key(7).sign(&unlock());
    let mut commanders = commanders();
    let hour = |now: Now| Now { mono: Mono(now.mono.0 + 3_600_000_000), ..now };
    // An hour later by the clock that never jumps, at the old time by the other one.
    assert_eq!(keeps(&mut commanders, hour(now(0)), &withheld), "clock");
    // Until time has caught up.
    let later = now(3600);
    let fresh = key(7).sign(&text("hall", later.wall, "unlock", Some("front")));
    assert_eq!(keeps(&mut commanders, hour(later), &fresh), "clock");
    let mono = commanders.clocks.0;
    let caught_up = Now { mono: Mono(mono.0 + 3_600_000_000), ..later };
    assert_eq!(keeps(&mut commanders, caught_up, &fresh), "accepted");
}

#[test]
fn without_a_clock_that_is_believed_no_command_is_fresh() {
    let doubtful = Now { trust: Trust::Unsynchronised, ..now(0) };
    assert_eq!(word(hear(&mut commanders(), doubtful, "guard", &key(7).sign(&unlock()))), "clock");
}

#[test]
fn nonsense_does_not_fill_the_journal_and_is_counted() {
    let mut commanders = commanders();
    let words: Vec<String> = (0..15).map(|_| word(hear(&mut commanders, now(100), "guard", "x"))).collect();
    assert_eq!(words.iter().filter(|word| *word == "form").count(), 10);
    assert_eq!(words.iter().filter(|word| *word == "-").count(), 5);
    // A good one counts all the same.
    let good = key(7).sign(&text("hall", now(101).wall, "unlock", Some("front")));
    assert_eq!(word(hear(&mut commanders, now(101), "guard", &good)), "accepted");
    let Heard::Refused(Some(later)) = hear(&mut commanders, now(161), "guard", "x") else { panic!() };
    assert_eq!(later.body.get("unrecorded").map(String::as_str), Some("5"));
    assert_eq!(later.body.get("commander").map(String::as_str), Some("guard"));
}

proptest! {
    #[test]
    fn no_two_commands_of_one_time_are_carried_out_and_none_beyond_ten_seconds(
        sent in prop::collection::vec((-20_i64..20, 0_i64..40), 1..40)
    ) {
        let mut commanders = commanders();
        let mut newest = None;
        let mut clock = 0;
        for (age, passes) in sent {
            clock += passes;
            let at = Wall(NOW + (clock - age) * SECOND);
            let note = key(7).sign(&text("hall", at, "unlock", Some("front")));
            if keeps(&mut commanders, now(clock), &note) == "accepted" {
                prop_assert!(age.abs() <= 10);
                prop_assert!(newest.is_none_or(|newest| at > newest));
                newest = Some(at);
            }
        }
    }
}
