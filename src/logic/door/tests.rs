//! The machine as stories.

#![expect(clippy::wildcard_enum_match_arm, reason = "each test looks at the outputs that it is about")]

mod promises;

use std::time::Duration;

use super::*;
use crate::model::*;

const S: Duration = Duration::from_secs(1);

/// A door that is driven by hand: everything it puts out is kept.
struct Stand {
    door: Door,
    now: Now,
    inputs: DoorInputs,
    out: Vec<Output>,
    /// Whether records are on disk at once.
    disk: bool,
}

fn settings() -> DoorSettings {
    DoorSettings::new("hall-door".parse().unwrap(), true)
}

/// Closed, locked, just read.
fn stand() -> Stand {
    stand_with(settings())
}

fn stand_with(settings: DoorSettings) -> Stand {
    let standing = DoorStanding::new(settings.door.clone());
    let door = Door::new(settings, standing, Ticket(1));
    let closed = DoorInputs {
        contact: Some(Contact::Closed),
        exit_button: Some(false),
        fire: Some(false),
        released: Some(false),
        ..DoorInputs::default()
    };
    let now = Now { mono: Mono(0), wall: Wall(1_795_392_000_000_000), trust: Trust::Synchronised };
    let mut stand = Stand { door, now, inputs: closed, out: Vec::new(), disk: true };
    stand.sense(|_| ());
    stand.out.clear();
    stand
}

fn by() -> By {
    By { actor: "p1".into(), why: "test".into() }
}

fn card(person: &str) -> Cause {
    let person = PersonId::parse(person);
    Cause { actor: "p7".into(), person, badge: BadgeId::parse("b1"), side: Some(Side::Entry), with: None }
}

impl Stand {
    fn put(&mut self, input: Input) {
        let from = self.out.len();
        self.door.handle(self.now, input, &mut self.out);
        let tickets: Vec<Ticket> = self.out[from..]
            .iter()
            .filter_map(|output| match output {
                Output::Record(ticket, _) => Some(*ticket),
                _ => None,
            })
            .collect();
        if self.disk {
            tickets.into_iter().for_each(|ticket| self.put(Input::Recorded(ticket)));
        }
    }

    fn sense(&mut self, change: impl FnOnce(&mut DoorInputs)) {
        change(&mut self.inputs);
        self.put(Input::Inputs(self.inputs));
    }

    fn grant(&mut self, person: &str) {
        let record = NewRecord::system(self.now, "access.granted", Severity::Info);
        self.put(Input::Grant { cause: card(person), long: false, record });
    }

    /// Lets time pass, with a tick at each deadline.
    fn pass(&mut self, span: Duration) {
        let end = self.now.mono + span;
        while let Some(due) = self.door.deadline().filter(|due| *due <= end) {
            self.go(due.max(self.now.mono));
            self.put(Input::Tick);
        }
        self.go(end);
        self.put(Input::Tick);
    }

    fn go(&mut self, mono: Mono) {
        self.now.wall = self.now.wall + mono.since(self.now.mono);
        self.now.mono = mono;
    }

    fn open(&mut self) {
        self.sense(|inputs| inputs.contact = Some(Contact::Open));
        self.pass(Duration::from_millis(60));
    }

    fn close(&mut self) {
        self.sense(|inputs| inputs.contact = Some(Contact::Closed));
        self.pass(Duration::from_millis(60));
    }

    fn press(&mut self) {
        self.sense(|inputs| inputs.exit_button = Some(true));
        self.pass(Duration::from_millis(60));
        self.sense(|inputs| inputs.exit_button = Some(false));
        self.pass(Duration::from_millis(60));
    }

    fn fire(&mut self, on: bool) {
        self.sense(|inputs| inputs.fire = Some(on));
        self.pass(Duration::from_millis(60));
    }

    /// What was recorded and ordered since the last call.
    fn story(&mut self) -> Vec<String> {
        let told = |output: Output| match output {
            Output::Tell(record) | Output::Record(_, record) => Some(record.code.to_owned()),
            Output::Lock(LockOrder::Lock) => Some("LOCK".to_owned()),
            Output::Lock(LockOrder::Release) => Some("RELEASE".to_owned()),
            Output::Lock(LockOrder::ReleaseFor(span)) => Some(format!("RELEASE {}", span.as_secs())),
            Output::Spool(..) => Some("SPOOL".to_owned()),
            Output::Unrecorded(_) => Some("UNRECORDED".to_owned()),
            Output::Show(_) | Output::Keep(_) | Output::Taken(_) => None,
        };
        std::mem::take(&mut self.out).into_iter().filter_map(told).collect()
    }

    #[track_caller]
    fn check(&mut self, story: &[&str], state: PortalState) {
        assert_eq!(self.story(), story);
        assert_eq!(self.door.state(), state);
    }
}

#[test]
fn somebody_is_granted_enters_and_the_door_locks_once_it_is_closed() {
    let mut door = stand();
    door.grant("p7");
    door.check(&["access.granted", "RELEASE 5", "lock.released"], PortalState::Granted);
    door.open();
    door.check(&["door.opened", "access.taken"], PortalState::Open);
    door.pass(S * 3);
    door.close();
    door.check(&["door.closed", "LOCK", "lock.relocked"], PortalState::Secure);
}

#[test]
fn a_strike_locks_once_it_is_opened() {
    let mut door = stand_with(DoorSettings { relock: Relock::OnOpen, ..settings() });
    door.grant("p7");
    door.open();
    door.story();
    door.close();
    door.check(&["door.closed"], PortalState::Secure);
}

#[test]
fn granted_is_not_taken() {
    let mut door = stand();
    door.grant("p7");
    door.story();
    door.pass(S * 6);
    door.check(&["access.not_taken", "LOCK", "lock.relocked"], PortalState::Secure);
}

#[test]
fn a_read_while_held_or_forced_is_recorded_and_clears_no_alarm() {
    let mut door = stand();
    door.open();
    door.pass(S);
    door.check(&["door.forced"], PortalState::Forced);
    door.grant("p7");
    door.check(&["access.granted", "access.taken"], PortalState::Forced);
    door.close();
    door.check(&["door.closed"], PortalState::Secure);
    assert_eq!(door.door.alarm(), Some(DoorAlarm::Forced));
    door.grant("p7");
    door.open();
    door.story();
    door.pass(S * 31);
    door.check(&["door.held.prewarn", "door.held", "LOCK", "lock.relocked"], PortalState::Held);
    door.grant("p8");
    door.check(&["access.granted", "access.taken"], PortalState::Held);
    door.close();
    door.check(&["door.held.cleared", "door.closed"], PortalState::Secure);
    door.put(Input::ClearAlarm(by()));
    door.check(&["door.forced.cleared"], PortalState::Secure);
    assert_eq!(door.door.alarm(), None);
}

#[test]
fn the_exit_button_unlocks_before_any_record_also_in_lockdown() {
    let mut door = stand();
    door.put(Input::Lockdown(true, by()));
    door.story();
    // No record reaches the disk from now on.
    door.disk = false;
    door.press();
    door.check(&["access.granted.exit", "RELEASE 5", "lock.released"], PortalState::Granted);
    door.open();
    door.check(&["door.opened", "access.taken"], PortalState::Open);
}

#[test]
fn a_further_grant_extends_and_never_shortens() {
    let mut door = stand();
    let record = NewRecord::system(door.now, "access.granted", Severity::Info);
    door.put(Input::Grant { cause: card("p7"), long: true, record });
    door.pass(S);
    door.grant("p8");
    door.story();
    door.pass(S * 17);
    // The second one's time is over; the first one's not.
    door.check(&["access.not_taken"], PortalState::Granted);
    door.pass(S * 3);
    door.check(&["access.not_taken", "LOCK", "lock.relocked"], PortalState::Secure);
}

#[test]
fn fire_releases_until_the_input_clears_and_somebody_resets_it() {
    let mut door = stand();
    door.put(Input::Lockdown(true, by()));
    door.story();
    door.disk = false;
    door.fire(true);
    door.check(&["fire.release", "RELEASE", "lock.released"], PortalState::Free);
    door.put(Input::FireReset(by()));
    door.check(&[], PortalState::Free);
    door.fire(false);
    door.check(&[], PortalState::Free);
    door.disk = true;
    door.grant("p7");
    door.open();
    door.check(&["access.granted", "door.opened", "access.taken"], PortalState::Free);
    door.close();
    door.put(Input::FireReset(by()));
    door.check(&["door.closed", "fire.reset", "LOCK", "lock.relocked"], PortalState::Secure);
    assert_eq!(door.door.mode(), DoorMode::Lockdown);
}

#[test]
fn lockdown_survives_a_restart_and_nothing_is_ordered_before_the_inputs_were_read() {
    let mut door = stand();
    door.put(Input::Lockdown(true, by()));
    let kept = door.out.iter().rev().find_map(|output| match output {
        Output::Keep(standing) => Some(standing.clone()),
        _ => None,
    });
    door.door = Door::new(settings(), kept.unwrap(), Ticket(100));
    door.out.clear();
    door.pass(S * 10);
    door.check(&[], PortalState::Fault);
    assert_eq!(door.door.mode(), DoorMode::Lockdown);
    door.sense(|inputs| inputs.released = Some(true));
    door.check(&["io.online", "LOCK", "lock.relocked"], PortalState::Secure);
}

#[test]
fn a_door_that_is_found_open_is_not_forced_and_has_a_deadline() {
    let mut door = stand();
    door.put(Input::Lost);
    door.story();
    door.inputs.contact = Some(Contact::Open);
    door.sense(|_| ());
    door.check(&["io.online", "door.open_at_start"], PortalState::Open);
    door.pass(S * 30);
    door.check(&["door.held.prewarn", "door.held"], PortalState::Held);
}

#[test]
fn an_opening_with_its_exit_shortly_after_is_lawful() {
    let mut door = stand();
    door.open();
    door.pass(Duration::from_millis(150));
    door.check(&[], PortalState::Forced);
    door.press();
    door.check(&["access.granted.exit", "door.opened", "access.taken"], PortalState::Open);
}

#[test]
fn a_grant_whose_record_is_late_is_spooled_or_denied_as_the_door_says() {
    let mut door = stand();
    door.disk = false;
    door.grant("p7");
    door.check(&["access.granted"], PortalState::Granting);
    door.pass(Duration::from_millis(249));
    door.check(&[], PortalState::Granting);
    door.pass(Duration::from_millis(1));
    door.check(&["SPOOL"], PortalState::Granting);
    door.put(Input::Spooled(Ticket(1)));
    door.check(&["RELEASE 5", "lock.released"], PortalState::Granted);
    // It is in the journal after all: that changes nothing.
    door.put(Input::Recorded(Ticket(1)));
    door.check(&[], PortalState::Granted);

    let mut door = stand_with(DoorSettings { unrecorded: Unrecorded::Deny, ..settings() });
    door.disk = false;
    door.grant("p7");
    door.pass(Duration::from_millis(250));
    door.put(Input::Recorded(Ticket(1)));
    door.check(&["access.granted", "access.denied.unrecorded", "UNRECORDED"], PortalState::Secure);

    let mut door = stand();
    door.disk = false;
    door.grant("p7");
    door.pass(Duration::from_millis(250));
    door.put(Input::NotSpooled(Ticket(1)));
    door.check(&["access.granted", "SPOOL", "access.denied.unrecorded", "UNRECORDED"], PortalState::Secure);
}

#[test]
fn an_operator_holds_it_unlocked_until_a_time() {
    let mut door = stand();
    let hold = Hold { unlocked: true, until: Some(door.now.wall + S * 60) };
    door.put(Input::Hold(Some(hold), by()));
    door.check(&["door.mode", "RELEASE", "lock.released"], PortalState::Free);
    door.open();
    door.check(&["door.opened"], PortalState::Free);
    door.pass(S * 60);
    // The leaf is open: a fresh deadline, and locked once it is closed.
    door.check(&["door.mode"], PortalState::Open);
    door.close();
    door.check(&["door.closed", "LOCK", "lock.relocked"], PortalState::Secure);
}

#[test]
fn lockdown_cuts_a_grant_short_but_no_exit() {
    let mut door = stand();
    door.grant("p7");
    door.story();
    door.put(Input::Lockdown(true, by()));
    door.check(&["door.mode", "access.not_taken", "LOCK", "lock.relocked"], PortalState::Secure);
    door.put(Input::Lockdown(false, by()));
    door.press();
    door.story();
    door.put(Input::Lockdown(true, by()));
    door.check(&["door.mode"], PortalState::Granted);
}

#[test]
fn lost_hardware_tells_nothing_and_is_taken_as_it_stands_when_it_returns() {
    let mut door = stand();
    door.grant("p7");
    door.story();
    door.put(Input::Lost);
    door.check(&["io.offline", "access.not_taken"], PortalState::Fault);
    door.pass(S * 60);
    door.check(&[], PortalState::Fault);
    door.sense(|inputs| inputs.released = Some(true));
    door.check(&["io.online", "LOCK", "lock.relocked"], PortalState::Secure);
}

#[test]
fn a_lock_that_does_not_obey_is_told_again_to_lock_and_never_to_release() {
    let mut door = stand();
    door.grant("p7");
    door.put(Input::Failed(LockOrder::ReleaseFor(S * 5), "exception 2".into()));
    door.story();
    door.pass(S * 2);
    door.check(&[], PortalState::Granted);
    door.pass(S * 3);
    door.put(Input::Failed(LockOrder::Lock, "no answer".into()));
    door.check(&["access.not_taken", "LOCK", "lock.relocked", "door.fault"], PortalState::Secure);
    door.pass(S);
    door.put(Input::Done(LockOrder::Lock));
    door.pass(S * 5);
    door.check(&["LOCK"], PortalState::Secure);
}
