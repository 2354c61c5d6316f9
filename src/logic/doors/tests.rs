//! What doors share, as stories: two doors of a mantrap, from the corridor into the hall.

use std::time::Duration;

use chrono_tz::Tz;

use super::{plan::Planned, *};
use crate::{
    logic::access::{card_key, card_of, pin_key},
    model::*,
};

const SITE: [u8; 32] = [9; 32];
const S: Duration = Duration::from_secs(1);

fn id(text: &str) -> Id {
    text.parse().unwrap()
}

fn person(n: u32) -> PersonId {
    PersonId::parse(&format!("p{n}")).unwrap()
}

/// The number of a person's card is that of the person.
fn card(n: u32) -> CardBits {
    card_of(26, 42, n).unwrap()
}

/// Ten persons who may pass both doors always; PIN 2580, duress 2581.
fn data() -> AccessData {
    let badge = |n: u32| Badge {
        id: BadgeId::parse(&format!("b{n}")).unwrap(),
        person: person(n),
        key: card_key(&SITE, &card(n)),
        shown: String::new(),
        state: BadgeState::Active,
        from: None,
        until: None,
        issued: Wall(0),
        issued_by: "p1".into(),
        returned: None,
    };
    let holder = |n: u32| Holder {
        groups: [id("staff")].into(),
        pin: Some(pin_key(&SITE, person(n), "2580")),
        duress_pin: Some(pin_key(&SITE, person(n), "2581")),
        ..Holder::new(person(n))
    };
    let rule = AccessRule {
        id: RuleId::parse("r3").unwrap(),
        revision: 2,
        name: String::new(),
        who: Who::Group(id("staff")),
        doors: [].into(),
        schedule: None,
        from: None,
        until: None,
    };
    let days = std::array::from_fn(|_| vec![Window::parse("08:00-17:30").unwrap()]);
    let office = Schedule { id: id("office"), name: String::new(), days };
    AccessData {
        badges: (1..=10).map(badge).collect(),
        holders: (1..=10).map(holder).collect(),
        rules: vec![rule],
        schedules: vec![office],
        holidays: Vec::new(),
        doors: vec![DoorSettings::new(id("outer"), false), DoorSettings::new(id("inner"), false)],
    }
}

fn plan() -> Plan {
    let door = |name: &str, from: Option<&str>, to: &str| Planned {
        id: id(name),
        from: from.map(id),
        to: Some(id(to)),
        entry_reader: true,
        exit_reader: true,
        free_exit: false,
        lock: true,
        magnet: false,
    };
    Plan(vec![door("outer", None, "lobby"), door("inner", Some("lobby"), "hall")])
}

const OUTER: DoorIx = DoorIx(0);
const INNER: DoorIx = DoorIx(1);

fn at(door: DoorIx) -> ReaderRef {
    ReaderRef { door, side: Side::Entry }
}

struct House {
    doors: Doors,
    now: Now,
    disk: bool,
    story: Vec<String>,
    kept: Vec<Kept>,
}

fn house(change: impl FnOnce(&mut AccessData)) -> House {
    let mut data = data();
    change(&mut data);
    let book = Arc::new(Book::new(&data, Tz::Asia__Ho_Chi_Minh));
    let wall = Wall::parse("2026-11-27T07:59:00+07:00").unwrap();
    let now = Now { mono: Mono(60_000_000), wall, trust: Trust::Synchronised };
    let doors = Doors::new(plan(), book, SITE, &[], Vec::new(), wall);
    let mut house = House { doors, now, disk: true, story: Vec::new(), kept: Vec::new() };
    house.sense(OUTER, Contact::Closed);
    house.sense(INNER, Contact::Closed);
    house.story.clear();
    house
}

impl House {
    fn put(&mut self, input: Input) {
        let mut out = Vec::new();
        self.doors.handle(self.now, input, &mut out);
        for output in out {
            match output {
                Output::Lock(door, order) => self.story.push(format!("{} {order:?}", door.0)),
                Output::Write(written) => {
                    let told = written.records.iter().map(|one| format!("{} {}", one.actor, one.code));
                    self.story.extend(told);
                    self.kept.extend(written.kept);
                    if self.disk {
                        written.tickets.into_iter().for_each(|ticket| self.put(Input::Recorded(ticket)));
                    }
                }
                Output::Answer(_, answer) => self.story.push(format!("{answer:?}")),
                Output::Reader(..) | Output::Spool(..) => {}
            }
        }
    }

    fn pass(&mut self, span: Duration) {
        let end = self.now.mono + span;
        while let Some(due) = self.doors.deadline(self.now).filter(|due| *due <= end) {
            self.go(due);
            self.put(Input::Tick);
        }
        self.go(end);
        self.put(Input::Tick);
    }

    fn go(&mut self, mono: Mono) {
        self.now.wall = self.now.wall + mono.since(self.now.mono);
        self.now.mono = self.now.mono.max(mono);
    }

    fn sense(&mut self, door: DoorIx, contact: Contact) {
        let inputs = DoorInputs { contact: Some(contact), released: Some(false), ..DoorInputs::default() };
        self.put(Input::Report(DoorReport::Door(door, DoorSense::Inputs(inputs))));
        self.pass(Duration::from_millis(60));
    }

    fn read(&mut self, reader: ReaderRef, card: CardBits) {
        self.put(Input::Report(DoorReport::Reader(reader, ReaderEvent::Card(card))));
    }

    fn keys(&mut self, reader: ReaderRef, keys: &str) {
        self.put(Input::Report(DoorReport::Reader(reader, ReaderEvent::Keys(keys.into()))));
    }

    /// Somebody shows a badge, enters, and the door closes.
    fn enter(&mut self, reader: ReaderRef, n: u32) {
        self.read(reader, card(n));
        self.sense(reader.door, Contact::Open);
        self.sense(reader.door, Contact::Closed);
        self.pass(S * 2);
    }

    fn order(&mut self, deed: DoorDeed, given: Mono) {
        let order = DoorOrder { deed, actor: "p1".into(), why: "test".into(), given };
        self.put(Input::Order(OrderNo(1), order));
    }

    fn place(&self, n: u32) -> Option<(String, Certainty)> {
        let found = self.doors.view().presence.iter().find(|one| one.person == person(n));
        found.map(|one| (one.room.as_ref().map(Id::to_string).unwrap_or_default(), one.certainty))
    }

    /// What happened since the last call, without the lock's own words.
    #[track_caller]
    fn check(&mut self, story: &[&str]) {
        let told = std::mem::take(&mut self.story);
        let told: Vec<&String> = told.iter().filter(|one| !one.contains("lock.")).collect();
        assert_eq!(told, story);
    }
}

#[test]
fn granted_is_not_taken_and_anti_passback_moves_on_taken() {
    let mut house = house(|data| data.doors[0].passback = Passback::Hard);
    house.read(at(OUTER), card(7));
    house.check(&["p7 access.granted", "0 ReleaseFor(5s)"]);
    assert_eq!(house.place(7), None);
    house.pass(S * 6);
    house.check(&["0 Lock", "p7 access.not_taken"]);
    // Did not enter, so may enter.
    house.enter(at(OUTER), 7);
    assert_eq!(house.place(7), Some(("lobby".into(), Certainty::Inside)));
    house.story.clear();
    house.read(at(OUTER), card(7));
    house.check(&["p7 access.denied.antipassback"]);
    // Who has left may enter again.
    house.enter(ReaderRef { door: OUTER, side: Side::Exit }, 7);
    assert_eq!(house.place(7), None);
    house.story.clear();
    house.read(at(OUTER), card(7));
    house.check(&["p7 access.granted", "0 ReleaseFor(5s)"]);
    let kept = [Kept::Gone(person(7))];
    assert!(house.kept.contains(&kept[0]));
}

#[test]
fn a_mantrap_is_never_open_at_both_ends() {
    let mut house = house(|data| {
        data.doors[0].interlock = Some(id("mantrap"));
        data.doors[1].interlock = Some(id("mantrap"));
    });
    house.disk = false;
    house.read(at(OUTER), card(7));
    // A grant that waits for its record counts already.
    house.read(at(INNER), card(8));
    house.check(&["p7 access.granted", "p8 access.denied.interlock"]);
    house.pass(S);
    house.disk = true;
    house.put(Input::Spooled(Ticket(TICKETS)));
    house.story.clear();
    house.sense(OUTER, Contact::Open);
    house.pass(S * 6);
    house.story.clear();
    house.read(at(INNER), card(8));
    house.order(DoorDeed::Unlock(INNER), house.now.mono);
    house.check(&["p8 access.denied.interlock", "p1 door.order-refused", "Err(Interlock)"]);
    house.sense(OUTER, Contact::Closed);
    house.pass(S * 2);
    house.story.clear();
    house.read(at(INNER), card(8));
    house.check(&["p8 access.granted", "1 ReleaseFor(5s)"]);
}

#[test]
fn duress_looks_like_a_grant_and_raises_a_silent_alarm() {
    let mut house = house(|data| data.doors[0].proof = Proof::CardPin);
    house.read(at(OUTER), card(7));
    house.check(&[]);
    house.keys(at(OUTER), "2581");
    house.keys(at(OUTER), "#");
    house.check(&["p7 access.duress", "p7 access.granted", "0 ReleaseFor(5s)"]);
}

#[test]
fn a_card_that_is_read_again_only_counts_and_another_is_served_at_once() {
    let mut house = house(|_| ());
    house.read(at(OUTER), card(7));
    house.story.clear();
    house.pass(S);
    house.read(at(OUTER), card(7));
    house.check(&[]);
    house.read(at(OUTER), card(8));
    house.check(&["p8 access.granted", "0 ReleaseFor(5s)"]);
}

#[test]
fn five_wrong_pins_block_somebody_for_five_minutes() {
    let mut house = house(|data| data.doors[0].proof = Proof::CardPin);
    for n in 0..5 {
        house.read(at(OUTER), card(7));
        house.keys(at(OUTER), "0000#");
        house.pass(S * 2);
        let blocked: &[&str] = if n == 4 { &["p7 access.pin_blocked"] } else { &[] };
        let story = [blocked, &["p7 access.denied.invalid_pin"]].concat();
        house.check(&story);
    }
    house.read(at(OUTER), card(7));
    house.check(&["p7 access.denied.pin_blocked"]);
    house.pass(S * 300);
    house.read(at(OUTER), card(7));
    house.keys(at(OUTER), "2580#");
    house.check(&["p7 access.granted", "0 ReleaseFor(5s)"]);
}

#[test]
fn a_pin_must_come_in_time_and_may_be_begun_anew() {
    let mut house = house(|data| data.doors[0].proof = Proof::CardPin);
    house.read(at(OUTER), card(7));
    house.keys(at(OUTER), "25");
    house.pass(S * 6);
    house.check(&["p7 access.denied.invalid_pin"]);
    house.read(at(OUTER), card(7));
    house.keys(at(OUTER), "99*2580#");
    house.check(&["p7 access.granted", "0 ReleaseFor(5s)"]);
    // Keys that nobody asked for.
    house.keys(at(OUTER), "2580#");
    house.check(&[]);
}

#[test]
fn a_number_and_a_pin_are_enough_where_the_door_says_so() {
    let mut house = house(|data| data.doors[0].proof = Proof::Pin);
    house.keys(at(OUTER), "7*2580#");
    house.check(&["p7 access.granted", "0 ReleaseFor(5s)"]);
    house.keys(at(OUTER), "77*2580#");
    house.check(&["system access.denied.unknown_credential"]);
    house.keys(at(OUTER), "7#");
    house.check(&["system access.denied.unknown_credential"]);
}

#[test]
fn two_persons_come_together_or_not_at_all() {
    let mut house = house(|data| data.doors[0].two_persons = true);
    house.read(at(OUTER), card(7));
    house.check(&[]);
    // The same person twice is one person.
    house.pass(S * 2);
    house.read(at(OUTER), card(7));
    house.check(&[]);
    house.pass(S * 15);
    house.check(&["p7 access.denied.two_person"]);
    house.read(at(OUTER), card(7));
    house.read(at(OUTER), card(8));
    house.check(&["p7 access.granted", "p8 access.granted", "0 ReleaseFor(5s)"]);
}

#[test]
fn a_visitor_waits_for_an_escort_or_follows_one() {
    let mut house = house(|data| {
        data.holders[6].escort = Escort::Needs;
        data.holders[7].escort = Escort::Gives;
    });
    house.read(at(OUTER), card(7));
    // Another member of staff is no escort.
    house.read(at(OUTER), card(9));
    house.check(&["p9 access.granted", "0 ReleaseFor(5s)"]);
    house.read(at(OUTER), card(8));
    house.check(&["p7 access.granted", "p8 access.granted"]);
    house.pass(S * 20);
    house.story.clear();
    house.read(at(OUTER), card(8));
    house.pass(S * 2);
    house.story.clear();
    house.read(at(OUTER), card(7));
    house.check(&["p7 access.granted", "0 ReleaseFor(5s)"]);
    house.pass(S * 20);
    house.story.clear();
    house.read(at(OUTER), card(7));
    house.pass(S * 15);
    house.check(&["p7 access.denied.escort"]);
}

#[test]
fn an_order_is_refused_when_it_is_old_and_recorded_either_way() {
    let mut house = house(|_| ());
    let given = house.now.mono;
    house.pass(S * 11);
    house.order(DoorDeed::Unlock(OUTER), given);
    house.check(&["p1 door.order-refused", "Err(Old)"]);
    house.order(DoorDeed::Unlock(OUTER), house.now.mono);
    house.check(&["p1 access.granted.order", "0 ReleaseFor(5s)", "Ok(())"]);
    house.order(DoorDeed::Unlock(DoorIx(9)), house.now.mono);
    house.check(&["p1 door.order-refused", "Err(NotThere)"]);
    house.disk = false;
    house.order(DoorDeed::Hold { door: INNER, unlocked: false, until: None }, house.now.mono);
    house.pass(S * 5);
    house.check(&["p1 door.mode", "0 Lock", "p1 access.not_taken", "Err(Unrecorded)"]);
}

#[test]
fn lockdown_is_for_a_door_a_room_or_the_site() {
    let mut house = house(|_| ());
    house.order(DoorDeed::Lockdown { scope: Scope::Room(id("hall")), on: true }, house.now.mono);
    house.check(&["p1 door.mode", "Ok(())"]);
    house.read(at(OUTER), card(7));
    house.read(at(INNER), card(7));
    house.check(&["p7 access.granted", "0 ReleaseFor(5s)", "p7 access.denied.lockdown"]);
    house.order(DoorDeed::Lockdown { scope: Scope::Site, on: true }, house.now.mono);
    house.check(&["0 Lock", "p1 door.mode", "p7 access.not_taken", "p1 door.mode", "Ok(())"]);
}

#[test]
fn schedules_follow_local_time_and_the_clock_when_it_is_set() {
    let mut house = house(|data| data.doors[0].unlocked = Some(id("office")));
    house.pass(S * 59);
    house.check(&[]);
    house.pass(S);
    house.check(&["system door.mode", "0 Release"]);
    // The clock is set back by an hour; timers know nothing of it.
    house.now.wall = house.now.wall - S * 3600;
    house.put(Input::Tick);
    house.check(&["0 Lock", "system door.mode"]);
    house.now.wall = house.now.wall + S * 3600;
    house.put(Input::Tick);
    house.story.clear();
    house.now.trust = Trust::Unsynchronised;
    house.pass(S * 60);
    house.check(&["0 Lock", "system door.mode"]);
}

#[test]
fn the_first_card_unlocks_once_somebody_has_entered_with_it() {
    let mut house = house(|data| {
        data.doors[0].unlocked = Some(id("office"));
        data.doors[0].first_card = Some(id("officers"));
        data.holders[7].groups.insert(id("officers"));
    });
    house.pass(S * 120);
    house.read(at(OUTER), card(7));
    house.check(&["p7 access.denied.first_card"]);
    house.enter(at(OUTER), 8);
    let story = std::mem::take(&mut house.story);
    assert!(story.contains(&"system door.mode".to_owned()), "{story:?}");
    assert_eq!(house.doors.view().doors[0].mode, DoorMode::Scheduled);
    assert!(
        house.kept.iter().any(|kept| matches!(kept, Kept::Standing(standing) if standing.armed.is_some()))
    );
}

#[test]
fn where_nobody_could_see_nobody_knows_who_is_inside() {
    let mut house = house(|_| ());
    house.enter(at(OUTER), 7);
    assert_eq!(house.place(7), Some(("lobby".into(), Certainty::Inside)));
    house.put(Input::Report(DoorReport::Reader(at(INNER), ReaderEvent::Offline)));
    assert_eq!(house.place(7), Some(("lobby".into(), Certainty::Unknown)));
    // A room that one leaves by a button tells only who came.
    let mut plan = plan();
    plan.0[0].free_exit = true;
    house.doors.plan = plan;
    house.enter(at(OUTER), 8);
    assert_eq!(house.place(8), Some(("lobby".into(), Certainty::ExitNotSeen)));
    house.order(DoorDeed::ForgetPresence(Some(person(8))), house.now.mono);
    assert_eq!(house.place(8), None);
}

#[test]
fn what_readers_tell_of_themselves_is_recorded_and_cards_that_nobody_holds_are_offered() {
    let mut house = house(|_| ());
    let online = ReaderEvent::Online { secure: true, identity: None };
    house.put(Input::Report(DoorReport::Reader(at(OUTER), online)));
    house.put(Input::Report(DoorReport::Reader(at(OUTER), ReaderEvent::Downgrade("key".into()))));
    house.put(Input::Report(DoorReport::Reader(
        at(OUTER),
        ReaderEvent::Card(CardBits::new(26, &[0; 4]).unwrap()),
    )));
    house.check(&["system reader.online", "system reader.downgrade", "system reader.unreadable"]);
    (11..=22).for_each(|n| house.read(at(OUTER), card(n)));
    let offered = &house.doors.view().unknown_cards;
    assert_eq!((offered.len(), offered[9].key), (10, card_key(&SITE, &card(22))));
}

#[test]
fn a_door_that_cannot_be_reached_grants_nothing() {
    let mut house = house(|_| ());
    house.put(Input::Report(DoorReport::Door(OUTER, DoorSense::Lost)));
    house.read(at(OUTER), card(7));
    house.check(&["system io.offline", "p7 access.denied.fault"]);
}
