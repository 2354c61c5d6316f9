//! Every kind of entry is read back as it was written, memory goes the same way as the disk, and what held at a time is
//! found again with who had made it so.

use std::{collections::BTreeSet, num::NonZeroU32, path::Path};

use chrono::NaiveDate;

use super::*;
use crate::{
    model::{
        BadgeId, BadgeState, CardKey, CarriedDevice, DeliveryId, Direction, Escort, Id, Mono, Now, PersonId,
        PinKey, Trust, Visit, Who, Window,
    },
    store::{Journal, Row, Write},
};

const NOW: Now = Now { mono: Mono(7), wall: Wall(1_780_290_000_000_000), trust: Trust::Synchronised };

fn open(folder: &Path) -> Journal {
    Journal::open(&folder.join("core.db"), None, [7; 16], NOW).unwrap().0
}

fn one(number: u32) -> NonZeroU32 {
    NonZeroU32::new(number).unwrap()
}

fn id(text: &str) -> Id {
    text.parse().unwrap()
}

fn holder(person: u32, full: bool) -> Holder {
    let visit = Visit {
        host: PersonId(one(9)),
        firm: "Công ty Điện".to_owned(),
        purpose: "UPS".to_owned(),
        authorised_by: "p9".to_owned(),
        devices: vec![CarriedDevice {
            what: "laptop".to_owned(),
            authority: "A05".to_owned(),
            need: "forensics".to_owned(),
            basis: "Law".to_owned(),
        }],
    };
    Holder {
        person: PersonId(one(person)),
        groups: if full { BTreeSet::from([id("staff"), id("fire")]) } else { BTreeSet::new() },
        pin: full.then_some(PinKey([1; 32])),
        duress_pin: full.then_some(PinKey([2; 32])),
        from: full.then_some(Wall(3)),
        until: full.then_some(Wall(4)),
        long_unlock: full,
        passback_exempt: full,
        escort: if full { Escort::Gives } else { Escort::Alone },
        visit: full.then_some(visit),
        suspended: full.then_some(Wall(5)),
        ended: full.then_some(Wall(6)),
    }
}

fn badge(number: u32, state: BadgeState) -> Badge {
    Badge {
        id: BadgeId(one(number)),
        person: PersonId(one(1)),
        key: CardKey([number.to_le_bytes()[0]; 32]),
        shown: "FC 42 / CN …45".to_owned(),
        state,
        from: None,
        until: Some(Wall(9)),
        issued: Wall(7),
        issued_by: "p2".to_owned(),
        returned: (state == BadgeState::Returned).then_some(Wall(8)),
    }
}

fn rule(number: u32, revision: u32, who: Who) -> AccessRule {
    AccessRule {
        id: RuleId(one(number)),
        revision,
        name: "day".to_owned(),
        who,
        doors: BTreeSet::from([id("main")]),
        schedule: Some(id("office")),
        from: None,
        until: None,
    }
}

fn schedule() -> Schedule {
    let mut days: [Vec<Window>; 8] = Default::default();
    days[0] = vec![Window::parse("08:00-12:00").unwrap(), Window::parse("13:00-24:00").unwrap()];
    Schedule { id: id("office"), name: "Office".to_owned(), days }
}

fn delivery() -> Delivery {
    Delivery {
        id: DeliveryId(one(1)),
        direction: Direction::Out,
        owner: "Sở".to_owned(),
        request: "12/TTr".to_owned(),
        decision: "34/QĐ".to_owned(),
        approver: "Giám đốc".to_owned(),
        items: vec!["server TS-0001".to_owned()],
        handed_by: "Lan".to_owned(),
        taken_by: "Bình".to_owned(),
        door: Some(id("main")),
        record: Some(17),
        at: Wall(11),
        by: "p2".to_owned(),
        witness: None,
    }
}

fn row(entry: AccessEntry, over: bool, at: i64, by: &str) -> Row {
    Row::Access(Box::new(AccessRow { entry, over, at: Wall(at), by: by.to_owned() }))
}

/// Every kind, bare and full, changed and ended.
fn rows() -> Vec<Row> {
    let staff = || Who::Group(id("staff"));
    let person = Who::Person(PersonId(one(2)));
    let holiday =
        |day| Holiday { date: NaiveDate::from_ymd_opt(2026, 9, day).unwrap(), name: "Lễ".to_owned() };
    let entries = [
        (AccessEntry::Holder(holder(5, true)), false),
        (AccessEntry::Holder(holder(1, false)), false),
        (AccessEntry::Badge(badge(1, BadgeState::Active)), false),
        (AccessEntry::Badge(badge(2, BadgeState::Active)), false),
        (AccessEntry::Badge(badge(1, BadgeState::Returned)), false),
        (AccessEntry::Rule(rule(1, 1, staff())), false),
        (AccessEntry::Rule(rule(1, 2, person)), false),
        (AccessEntry::Rule(rule(3, 1, staff())), false),
        (AccessEntry::Rule(rule(3, 1, staff())), true),
        (AccessEntry::Schedule(schedule()), false),
        (AccessEntry::Holiday(holiday(2)), false),
        (AccessEntry::Holiday(holiday(1)), false),
        (AccessEntry::Holiday(holiday(2)), true),
        (AccessEntry::Door(DoorSettings::new(id("main"), true)), false),
        (AccessEntry::Delivery(delivery()), false),
    ];
    (1..).zip(entries).map(|(at, (entry, over))| row(entry, over, at, "p2")).collect()
}

#[tokio::test]
async fn entries_are_read_back_as_they_were_written_and_memory_goes_the_same_way() {
    let folder = tempfile::tempdir().unwrap();
    let journal = open(folder.path());
    let mut memory = journal.reader().registry().await.unwrap();
    journal.write(Write { records: Vec::new(), rows: rows() }).await.unwrap();
    rows().into_iter().for_each(|row| memory.apply(row));
    let disk = journal.reader().registry().await.unwrap();
    assert_eq!(disk.access, memory.access);
    assert_eq!(disk.deliveries, memory.deliveries);
    assert_eq!((disk.newest_rule, memory.newest_rule), (3, 3), "also of what is gone");
    assert_eq!(disk.access.holders, [holder(1, false), holder(5, true)]);
    assert_eq!(disk.access.badges, [badge(1, BadgeState::Returned), badge(2, BadgeState::Active)]);
    assert_eq!(disk.access.rules.iter().map(|rule| rule.revision).collect::<Vec<_>>(), [2]);
    assert_eq!((disk.access.schedules.as_slice(), disk.access.holidays.len()), ([schedule()].as_slice(), 1));
    assert_eq!(disk.access.doors, [DoorSettings::new(id("main"), true)]);
    assert_eq!(*disk.deliveries, [delivery()]);
}

#[tokio::test]
async fn what_held_at_a_time_is_found_with_who_made_it_so() {
    let folder = tempfile::tempdir().unwrap();
    let journal = open(folder.path());
    let write = |state, over, at, by: &str| row(AccessEntry::Badge(badge(1, state)), over, at, by);
    let rows = vec![
        write(BadgeState::Active, false, 10, "p2"),
        write(BadgeState::Lost, false, 20, "p3"),
        write(BadgeState::Returned, false, 30, "uid-0"),
    ];
    journal.write(Write { records: Vec::new(), rows }).await.unwrap();
    for (at, expected) in [
        (9, None),
        (10, Some((BadgeState::Active, 1, 10, "p2"))),
        (19, Some((BadgeState::Active, 1, 10, "p2"))),
        (20, Some((BadgeState::Lost, 2, 20, "p3"))),
        (99, Some((BadgeState::Returned, 3, 30, "uid-0"))),
    ] {
        let held = journal.reader().access_at(Wall(at)).await.unwrap();
        let found = held.first().map(|held| {
            let AccessEntry::Badge(badge) = &held.entry else { panic!("a badge") };
            (badge.state, held.revision, held.since.0, held.by.as_str())
        });
        assert_eq!(found, expected, "at {at}");
    }
}

#[tokio::test]
async fn what_this_program_would_not_have_written_is_told() {
    let folder = tempfile::tempdir().unwrap();
    let journal = open(folder.path());
    journal.write(Write { records: Vec::new(), rows: rows() }).await.unwrap();
    let database = Connection::open(folder.path().join("core.db")).unwrap();
    for damage in [
        "UPDATE access_entry SET content = '{}' WHERE kind = 'badge'",
        "UPDATE access_entry SET kind = 'moon' WHERE kind = 'holiday'",
    ] {
        let changed = database.execute(damage, []).unwrap();
        assert!(changed > 0 && journal.reader().registry().await.is_err(), "{damage}");
    }
}
