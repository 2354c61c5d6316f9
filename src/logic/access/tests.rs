//! The order of the decision, as a table: each row makes one thing wrong, together with everything that comes after it.

use super::*;
use crate::model::*;

pub(crate) const SITE: [u8; 32] = [9; 32];

fn id(text: &str) -> Id {
    text.parse().unwrap()
}

fn wall(text: &str) -> Wall {
    Wall::parse(text).unwrap()
}

/// A Friday morning.
const NOON: &str = "2026-11-27T10:00:00+07:00";

/// One person with one badge and a PIN, who may enter the hall in office hours.
struct Case {
    data: AccessData,
    settings: DoorSettings,
    now: Now,
    shown: Option<Shown>,
    pin: Option<&'static str>,
    mode: DoorMode,
    interlocked: bool,
    armed: bool,
    beyond: bool,
    blocked: bool,
}

fn case() -> Case {
    let person = PersonId::parse("p7").unwrap();
    let badge = Badge {
        id: BadgeId::parse("b1").unwrap(),
        person,
        key: card_key(&SITE, &card_of(26, 42, 1234).unwrap()),
        shown: String::new(),
        state: BadgeState::Active,
        from: None,
        until: None,
        issued: wall(NOON),
        issued_by: "p1".into(),
        returned: None,
    };
    let holder = Holder {
        groups: [id("staff")].into(),
        pin: Some(pin_key(&SITE, person, "2580")),
        duress_pin: Some(pin_key(&SITE, person, "2581")),
        ..Holder::new(person)
    };
    let rule = AccessRule {
        id: RuleId::parse("r3").unwrap(),
        revision: 2,
        name: String::new(),
        who: Who::Group(id("staff")),
        doors: [id("hall-door")].into(),
        schedule: Some(id("office")),
        from: None,
        until: None,
    };
    let days = std::array::from_fn(|_| vec![Window::parse("08:00-17:30").unwrap()]);
    let office = Schedule { id: id("office"), name: String::new(), days };
    let mut data = AccessData { schedules: vec![office], ..AccessData::default() };
    (data.badges, data.holders, data.rules) = (vec![badge], vec![holder], vec![rule]);
    let trust = Trust::Synchronised;
    Case {
        data,
        settings: DoorSettings::new(id("hall-door"), true),
        now: Now { mono: Mono(0), wall: wall(NOON), trust },
        shown: None,
        pin: None,
        mode: DoorMode::Controlled,
        interlocked: false,
        armed: false,
        beyond: false,
        blocked: false,
    }
}

impl Case {
    fn decide(&self) -> Verdict {
        let book = Book::new(&self.data, chrono_tz::Tz::Asia__Ho_Chi_Minh);
        decide(&Asked {
            book: &book,
            site_key: &SITE,
            door: &id("hall-door"),
            settings: &self.settings,
            now: self.now,
            shown: self.shown.unwrap_or(Shown::Card(self.data.badges[0].key)),
            pin: self.pin.map_or(PinShown::NotYet, PinShown::Digits),
            mode: self.mode,
            interlocked: self.interlocked,
            armed: self.armed,
            is_beyond: &|_| self.beyond,
            is_blocked: &|_| self.blocked,
        })
    }
}

/// A case with something made otherwise.
fn with(change: impl FnOnce(&mut Case)) -> Case {
    let mut case = case();
    change(&mut case);
    case
}

#[track_caller]
fn check(case: &Case, why: Why, detail: Option<&str>) {
    let Verdict::Denied(denial) = case.decide() else { panic!("granted or waiting: {:?}", case.decide()) };
    assert_eq!((denial.why, denial.detail), (why, detail));
}

#[test]
fn who_may_may_and_the_rule_is_named() {
    let Verdict::Granted(grant) = case().decide() else { panic!() };
    let by = ByRule { rule: RuleId::parse("r3").unwrap(), revision: 2 };
    assert_eq!((grant.rule, grant.duress, grant.beyond, grant.arms), (by, false, false, false));
    assert_eq!(grant.badge, BadgeId::parse("b1"));
}

#[test]
fn the_first_reason_is_the_one_that_counts() {
    // From the last reason to the first: each is added to those before, and takes their place.
    let mut case = with(|case| case.settings.proof = Proof::CardPin);
    case.blocked = true;
    check(&case, Why::PinBlocked, None);
    case.settings.first_card = Some(id("officers"));
    case.settings.unlocked = Some(id("office"));
    check(&case, Why::FirstCard, None);
    case.interlocked = true;
    check(&case, Why::Interlock, None);
    (case.settings.passback, case.beyond) = (Passback::Hard, true);
    check(&case, Why::AntiPassback, None);
    case.now.wall = wall("2026-11-27T07:00:00+07:00");
    check(&case, Why::Schedule, None);
    case.data.rules[0].doors = [id("other-door")].into();
    check(&case, Why::Unauthorized, None);
    case.mode = DoorMode::HeldLocked;
    check(&case, Why::DoorLocked, None);
    case.mode = DoorMode::Lockdown;
    check(&case, Why::Lockdown, None);
    case.data.holders[0].until = Some(wall("2026-01-01T00:00:00Z"));
    check(&case, Why::Expired, None);
    case.data.holders[0].suspended = Some(wall(NOON));
    check(&case, Why::NotEnabled, Some("suspended"));
    case.data.holders[0].ended = Some(wall(NOON));
    check(&case, Why::NotEnabled, Some("ended"));
    case.data.badges[0].until = Some(wall("2026-01-01T00:00:00Z"));
    check(&case, Why::Expired, None);
    case.data.badges[0].from = Some(wall("2027-01-01T00:00:00Z"));
    check(&case, Why::NotActive, None);
    case.data.badges[0].state = BadgeState::Lost;
    check(&case, Why::NotEnabled, Some("lost"));
    case.shown = Some(Shown::Card(CardKey([0; 32])));
    check(&case, Why::UnknownCredential, None);
}

#[test]
fn a_pin_is_asked_for_compared_and_may_be_that_of_duress() {
    let mut case = with(|case| case.settings.proof = Proof::CardPin);
    assert_eq!(case.decide(), Verdict::PinWanted(PersonId::parse("p7").unwrap()));
    case.pin = Some("0000");
    check(&case, Why::InvalidPin, None);
    case.pin = Some("2580");
    assert!(matches!(case.decide(), Verdict::Granted(Grant { duress: false, .. })));
    case.pin = Some("2581");
    assert!(matches!(case.decide(), Verdict::Granted(Grant { duress: true, .. })));
    // Somebody without a PIN cannot guess one.
    (case.data.holders[0].pin, case.data.holders[0].duress_pin) = (None, None);
    check(&case, Why::InvalidPin, None);
    // In hours in which a card alone is enough nobody is asked.
    case.settings.card_alone = Some(id("office"));
    assert!(matches!(case.decide(), Verdict::Granted(_)));
}

#[test]
fn a_number_and_its_pin_count_only_where_a_pin_alone_is_enough() {
    let number = Some(Shown::Number(PersonId::parse("p7").unwrap()));
    let mut case = with(|case| (case.shown, case.pin) = (number, Some("2580")));
    check(&case, Why::UnknownCredential, None);
    case.settings.proof = Proof::Pin;
    assert!(matches!(case.decide(), Verdict::Granted(Grant { badge: None, .. })));
    case.shown = Some(Shown::Number(PersonId::parse("p8").unwrap()));
    check(&case, Why::UnknownCredential, None);
}

#[test]
fn the_first_card_must_be_of_its_group_and_arms_the_door() {
    let mut case = with(|case| {
        case.settings.first_card = Some(id("staff"));
        case.settings.unlocked = Some(id("office"));
    });
    assert!(matches!(case.decide(), Verdict::Granted(Grant { arms: true, .. })));
    case.armed = true;
    assert!(matches!(case.decide(), Verdict::Granted(Grant { arms: false, .. })));
    // Out of its hours the door needs no first card.
    (case.armed, case.settings.first_card) = (false, Some(id("officers")));
    check(&case, Why::FirstCard, None);
    (case.data.rules[0].schedule, case.now.wall) = (None, wall("2026-11-27T23:00:00+07:00"));
    assert!(matches!(case.decide(), Verdict::Granted(Grant { arms: false, .. })));
}

#[test]
fn soft_anti_passback_tells_and_exempt_people_are_left_alone() {
    let mut case = with(|case| (case.settings.passback, case.beyond) = (Passback::Soft, true));
    assert!(matches!(case.decide(), Verdict::Granted(Grant { beyond: true, .. })));
    case.settings.passback = Passback::Hard;
    case.data.holders[0].passback_exempt = true;
    assert!(matches!(case.decide(), Verdict::Granted(Grant { beyond: false, .. })));
}

#[test]
fn fire_goes_before_an_interlock() {
    let case = with(|case| (case.interlocked, case.mode) = (true, DoorMode::FireRelease));
    assert!(matches!(case.decide(), Verdict::Granted(_)));
}

#[test]
fn a_doubtful_clock_is_met_as_the_door_says() {
    let mut case = with(|case| case.now.trust = Trust::Unsynchronised);
    check(&case, Why::Schedule, Some("clock"));
    case.settings.doubtful_clock = DoubtfulClock::Ignore;
    assert!(matches!(case.decide(), Verdict::Granted(_)));
    case.settings.doubtful_clock = DoubtfulClock::Untimed;
    case.data.rules[0].schedule = None;
    assert!(matches!(case.decide(), Verdict::Granted(_)));
    case.data.badges[0].until = Some(wall("2027-01-01T00:00:00Z"));
    check(&case, Why::Schedule, Some("clock"));
    case.data.badges[0].until = None;
    case.settings.doubtful_clock = DoubtfulClock::Deny;
    check(&case, Why::Schedule, Some("clock"));
    // Where no time service says anything, the clock is believed.
    case.now.trust = Trust::Unknown;
    assert!(matches!(case.decide(), Verdict::Granted(_)));
}

#[test]
fn a_card_that_was_given_back_counts_again_when_it_is_issued_again() {
    let mut case = case();
    let again = Badge { id: BadgeId::parse("b2").unwrap(), ..case.data.badges[0].clone() };
    case.data.badges[0].state = BadgeState::Returned;
    check(&case, Why::NotEnabled, Some("returned"));
    case.data.badges.push(again);
    assert!(matches!(case.decide(), Verdict::Granted(Grant { badge, .. }) if badge == BadgeId::parse("b2")));
}
