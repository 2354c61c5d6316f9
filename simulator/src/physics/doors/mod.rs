//! Doors: a leaf that is open or not, a lock that a wire releases or power does, and what is wired to them.
//!
//! Who calls it: `Building`, with time, with actions and with what a door module's outputs are told; `people.rs`, who
//! go through. Whether somebody may is not decided here but by whoever listens to the readers and drives the strike.
//!
//! A lock is released while its `strike` output is on: a fail-secure strike then gets current through the relay's open
//! contact, a fail-safe magnet loses it through the closed one. Without power a fail-safe lock is released and a
//! fail-secure one locked. The exit button of a fail-safe lock also cuts its current itself, as it must. The lock has
//! the power of the door module that drives it, which never fails if no feed leads there. A contact is on while its door
//! is closed, so that a cut wire looks like an open door; in the same way inputs of fire, tamper and bolt are on while all
//! is well. Times are choices of ours.
//!
//! A module whose site says `safe_state` turns its strikes off when nobody has asked it for so long, until they are written
//! again; its pulse points release a strike for a while and lock it again, whoever still lives.
//!
//! Terms: *leaf* — the part that moves; *handle* — opens from the side of `to` where there is neither reader nor exit
//! button.

mod action;
mod building;
mod reader;
#[cfg(test)]
mod tests;
mod truth;
mod wiegand;

use std::{
    collections::{BTreeMap, VecDeque},
    sync::Arc,
    time::Duration,
};

use hallward_profiles::{Literal, PointName};
use hallward_site::{Card, DoorKind, IoPoint, Place, Site};

use super::{NotHere, parameters::parameter};
use crate::encode::Values;

pub(crate) use reader::Reader;
pub use reader::{Colour, Feedback, Flash, Read, Side};
pub use truth::{DoorTruth, ReaderTruth};
pub use wiegand::CardBits;

/// How long an exit button stays pressed.
const PRESSED: Duration = Duration::from_millis(500);

/// How long a module's pulse lasts where the site does not say, s.
const PULSE_S: f64 = 5.0;

/// Events that wait for whoever takes them; then the oldest is lost.
const MOST_EVENTS: usize = 4096;

const NO_DOOR: NotHere = NotHere { missing: "door of that name" };
const NO_READER: NotHere = NotHere { missing: "reader on that side of such a door" };

/// Something that happened at a door.
#[derive(Clone, Debug)]
pub(super) struct DoorEvent {
    /// When, since the start.
    at: Duration,
    /// `door.opened`, `.forced`, `.propped`, `.closed`; `lock.released`, `.locked`; `exit.pressed`; `reader.card`,
    /// `.keys`; `person.passed`, `.tailgated`, `.gave-up`.
    code: &'static str,
    /// The door.
    door: String,
    /// Who, if a person did it.
    person: Option<String>,
    /// Where the person is now: a room, or `outside`.
    room: Option<String>,
}

/// How a leaf stands.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Leaf {
    Closed,
    /// Its closer shuts it then, if nobody holds it.
    Open {
        until: Option<Duration>,
    },
    /// Broken open.
    Forced,
    /// Something lies in the way.
    Propped {
        until: Duration,
    },
}

#[derive(Clone, Debug)]
struct Door {
    leaf: Leaf,
    /// Whether the output that releases the lock is on.
    strike: bool,
    /// When a pulse ends that holds it on.
    pulse_until: Option<Duration>,
    /// Whether somebody is at its hardware.
    tampered: bool,
    /// Whether the module that drives it has power, and the lock's own supply works.
    fed: bool,
    supplied: bool,
    locked: bool,
    pressed_until: Duration,
    /// For how long the next one through props it.
    prop: Option<Duration>,
    entry: Option<Reader>,
    exit: Option<Reader>,
}

/// What somebody finds who comes to a door.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Found {
    /// It opens.
    Open,
    /// It is locked, and the person has badged or pressed what is there.
    Locked,
}

/// All doors of a hall.
#[derive(Clone, Debug)]
pub(super) struct Doors {
    site: Arc<Site>,
    now: Duration,
    doors: Vec<Door>,
    /// When each device was last asked, of those that have a safe state.
    asked: BTreeMap<usize, Duration>,
    events: VecDeque<DoorEvent>,
}

impl Doors {
    /// All closed, and locked where they have power.
    pub(super) fn new(site: &Arc<Site>) -> Self {
        let doors = site.doors.iter().map(|plan| Door {
            leaf: Leaf::Closed,
            strike: false,
            pulse_until: None,
            tampered: false,
            fed: true,
            supplied: true,
            locked: plan.lock.is_some(),
            pressed_until: Duration::ZERO,
            prop: None,
            entry: plan.reader.as_ref().map(|_| Reader::default()),
            exit: plan.exit_reader.as_ref().map(|_| Reader::default()),
        });
        Self {
            doors: doors.collect(),
            site: Arc::clone(site),
            now: Duration::ZERO,
            asked: BTreeMap::new(),
            events: VecDeque::new(),
        }
    }

    /// Time has come to `now`; `fed` says which devices have power.
    pub(super) fn step(&mut self, now: Duration, fed: impl Fn(usize) -> bool) {
        self.now = now;
        for n in 0..self.doors.len() {
            let module = self.module(n);
            let unasked = self.unasked_at(n).is_some_and(|at| now >= at);
            let Some(door) = self.doors.get_mut(n) else { continue };
            door.fed = module.is_none_or(&fed);
            if unasked || door.pulse_until.is_some_and(|until| now >= until) {
                (door.strike, door.pulse_until) = (false, None);
            }
            match door.leaf {
                Leaf::Open { until: Some(until) } | Leaf::Propped { until } if now >= until => self.close(n),
                Leaf::Open { .. } | Leaf::Propped { .. } | Leaf::Closed | Leaf::Forced => {}
            }
            self.settle(n);
        }
    }

    /// The device that drives the lock of door `n`.
    fn module(&self, n: usize) -> Option<usize> {
        let lock = self.site.doors.get(n)?.lock.as_ref()?;
        lock.strike.module().map(|point| point.device)
    }

    /// When the module of door `n` will turn a strike off that is on, if nobody asks it.
    fn unasked_at(&self, n: usize) -> Option<Duration> {
        let on = self.doors.get(n).is_some_and(|door| door.strike);
        let module = self.module(n).filter(|_| on)?;
        let after = self.site.devices.get(module)?.safe_state?;
        Some(self.asked.get(&module).copied().unwrap_or_default() + after)
    }

    /// Somebody asks a device something.
    pub(super) fn ask(&mut self, device: usize, at: Duration) {
        self.asked.insert(device, at);
    }

    /// Time until a door, a button or a reader changes by itself, s.
    pub(super) fn next_change_s(&self) -> f64 {
        let due = self.doors.iter().flat_map(|door| {
            let leaf = match door.leaf {
                Leaf::Open { until } => until,
                Leaf::Propped { until } => Some(until),
                Leaf::Closed | Leaf::Forced => None,
            };
            let dark = |reader: &Option<Reader>| reader.as_ref().map(Reader::dark_until);
            [leaf, Some(door.pressed_until), door.pulse_until, dark(&door.entry), dark(&door.exit)]
        });
        let due = due.chain((0..self.doors.len()).map(|n| self.unasked_at(n)));
        let left =
            due.flatten().filter_map(|until| until.checked_sub(self.now)).filter(|left| !left.is_zero());
        left.map(|left| left.as_secs_f64()).fold(f64::INFINITY, f64::min)
    }

    /// Works out whether door `n` is locked, and tells when that has changed.
    fn settle(&mut self, n: usize) {
        let (Some(door), Some(plan)) = (self.doors.get(n), self.site.doors.get(n)) else { return };
        let powered = door.fed && door.supplied;
        let locked = match plan.lock.as_ref().map(|lock| lock.kind) {
            None => false,
            Some(DoorKind::FailSecure) => !(powered && door.strike),
            Some(DoorKind::FailSafe) => powered && !door.strike && self.now >= door.pressed_until,
        };
        if locked != door.locked {
            self.tell(n, if locked { "lock.locked" } else { "lock.released" });
        }
        if let Some(door) = self.doors.get_mut(n) {
            door.locked = locked;
        }
    }

    fn tell(&mut self, n: usize, code: &'static str) {
        self.tell_of(n, code, None);
    }

    /// Tells an event; `person` is who, and where they are now.
    pub(super) fn tell_of(&mut self, n: usize, code: &'static str, person: Option<(&str, Place)>) {
        let Some(plan) = self.site.doors.get(n) else { return };
        if self.events.len() >= MOST_EVENTS {
            self.events.pop_front();
        }
        self.events.push_back(DoorEvent {
            at: self.now,
            code,
            door: plan.id.to_string(),
            person: person.map(|(person, _)| person.to_owned()),
            room: person.map(|(_, place)| self.site.place_name(place).to_owned()),
        });
    }

    /// What has happened since the last call, the oldest first.
    pub(super) fn take_events(&mut self) -> Vec<DoorEvent> {
        self.events.drain(..).collect()
    }

    /// A device's outputs have been told these values: the strikes among them follow.
    pub(super) fn obey(&mut self, device: usize, told: &Values) {
        for n in 0..self.doors.len() {
            let lock = self.site.doors.get(n).and_then(|plan| plan.lock.as_ref());
            let Some(lock) = lock.filter(|_| self.module(n) == Some(device)) else { continue };
            let on = |point: Option<&IoPoint>| match point.and_then(|point| told.get(&point.point)) {
                Some(Literal::Flag(on)) => Some(*on),
                Some(Literal::Number(_) | Literal::Text(_)) | None => None,
            };
            let (strike, pulse) = (on(lock.strike.module()), on(lock.pulse.as_ref()));
            let until = self.now + self.pulse_time(device);
            let Some(door) = self.doors.get_mut(n) else { continue };
            if let Some(on) = strike {
                (door.strike, door.pulse_until) = (on, None);
            }
            if let Some(on) = pulse {
                (door.strike, door.pulse_until) = (on, on.then_some(until));
            }
            self.settle(n);
        }
    }

    fn pulse_time(&self, device: usize) -> Duration {
        let set =
            self.site.devices.get(device).map(|device| parameter(&self.site, device, "pulse_s", PULSE_S));
        Duration::from_secs_f64(set.unwrap_or(PULSE_S))
    }

    /// The points of a device that are wired to doors, and whether they are on; `fire` says whether the panel wants doors
    /// released.
    pub(super) fn points(&self, device: usize, fire: bool) -> impl Iterator<Item = (&PointName, bool)> {
        let here = move |point: &&IoPoint| point.device == device;
        self.site.doors.iter().zip(&self.doors).flat_map(move |(plan, door)| {
            let closed = door.leaf == Leaf::Closed;
            let inputs = [
                (&plan.contact, closed),
                (&plan.exit, self.now < door.pressed_until),
                (&plan.fire, !fire),
                (&plan.tamper, !door.tampered),
                (&plan.locked, closed && door.locked),
            ];
            let inputs = inputs.into_iter().filter_map(|(wire, on)| Some((wire.as_ref()?.module()?, on)));
            let strike = plan.lock.as_ref().and_then(|lock| lock.strike.module()).map(|at| (at, door.strike));
            let pulse = plan.lock.as_ref().and_then(|lock| lock.pulse.as_ref());
            let pulse = pulse.map(|at| (at, door.pulse_until.is_some()));
            let all = inputs.chain(strike).chain(pulse);
            all.filter(move |(at, _)| here(at)).map(|(at, on)| (&at.point, on))
        })
    }

    /// The reader on a side of a door.
    pub(super) fn reader(&mut self, n: usize, side: Side) -> Option<&mut Reader> {
        let door = self.doors.get_mut(n)?;
        match side {
            Side::Entry => door.entry.as_mut(),
            Side::Exit => door.exit.as_mut(),
        }
    }

    /// The time up to which it has been moved on.
    pub(super) fn now(&self) -> Duration {
        self.now
    }

    fn find(&self, id: &str) -> Result<usize, NotHere> {
        self.site.doors.iter().position(|plan| plan.id.as_str() == id).ok_or(NO_DOOR)
    }

    fn read(&mut self, n: usize, side: Side, read: Read) -> Result<(), NotHere> {
        let now = self.now;
        let code = if matches!(read, Read::Card(_)) { "reader.card" } else { "reader.keys" };
        self.reader(n, side).ok_or(NO_READER)?.read(read, now);
        self.tell(n, code);
        Ok(())
    }

    /// Somebody presses the exit button.
    fn press(&mut self, n: usize) -> Result<(), NotHere> {
        if self.site.doors.get(n).is_none_or(|plan| plan.exit.is_none()) {
            return Err(NotHere { missing: "exit button at such a door" });
        }
        let until = self.now + PRESSED;
        self.doors.get_mut(n).ok_or(NO_DOOR)?.pressed_until = until;
        self.tell(n, "exit.pressed");
        self.settle(n);
        Ok(())
    }

    /// Opens a door that is not locked, or keeps it open, until then or (`None`) until it is closed by hand.
    pub(super) fn open(&mut self, n: usize, until: Option<Duration>) -> Result<(), NotHere> {
        let door = self.doors.get_mut(n).ok_or(NO_DOOR)?;
        match door.leaf {
            Leaf::Closed if door.locked => Err(NotHere { missing: "door of that name that is unlocked" }),
            Leaf::Closed => {
                self.swing(n, until);
                Ok(())
            }
            Leaf::Open { until: Some(_) } => {
                door.leaf = Leaf::Open { until };
                Ok(())
            }
            Leaf::Open { until: None } | Leaf::Forced | Leaf::Propped { .. } => Ok(()),
        }
    }

    /// Opens a closed door, whatever its lock says.
    fn swing(&mut self, n: usize, until: Option<Duration>) {
        let Some(door) = self.doors.get_mut(n) else { return };
        door.leaf = Leaf::Open { until };
        let propped = door.prop.is_some();
        self.tell(n, "door.opened");
        if propped {
            self.prop(n);
        }
    }

    fn prop(&mut self, n: usize) {
        let now = self.now;
        let Some(door) = self.doors.get_mut(n) else { return };
        let Some(time) = door.prop.take() else { return };
        door.leaf = Leaf::Propped { until: now + time };
        self.tell(n, "door.propped");
    }

    fn close(&mut self, n: usize) {
        let Some(door) = self.doors.get_mut(n).filter(|door| door.leaf != Leaf::Closed) else { return };
        door.leaf = Leaf::Closed;
        self.tell(n, "door.closed");
    }

    /// Whether somebody can walk through: it stands open, or can be opened.
    pub(super) fn is_passable(&self, n: usize) -> bool {
        self.doors.get(n).is_some_and(|door| door.leaf != Leaf::Closed || !door.locked)
    }

    /// Somebody with this card comes to a side of a door: badges, presses the exit button or the handle, whatever is
    /// there.
    pub(super) fn come(&mut self, n: usize, side: Side, card: Option<Card>, until: Duration) -> Found {
        if self.is_passable(n) {
            return Found::Open;
        }
        let card = card.and_then(|card| wiegand::card(card.facility, card.card, None));
        let has_reader = self.reader(n, side).is_some();
        let badged = card.is_some_and(|card| self.read(n, side, Read::Card(card)).is_ok());
        if !badged && side == Side::Exit && self.press(n).is_err() && !has_reader {
            self.swing(n, Some(until));
        }
        if self.is_passable(n) { Found::Open } else { Found::Locked }
    }

    /// Somebody keys in a PIN, if there are keys on that side.
    pub(super) fn key(&mut self, n: usize, side: Side, pin: &str) -> bool {
        self.read(n, side, Read::Keys(format!("{pin}#"))).is_ok()
    }
}
