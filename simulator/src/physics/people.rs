//! People of the simulated hall: they walk from room to room, through whatever doors are on the way.
//!
//! Who calls it: `Building`, with time and with actions. A person comes to a door, badges (or presses the exit button, or
//! the handle), keys in a PIN if the door stays locked, waits, goes through, and gives up if nobody lets them. Nobody
//! here knows who may do what. Times are choices of ours.
//!
//! Terms: *hop* — one door on the way, and the places on its sides; *tailgate* — to slip through on another's card.

use std::{
    collections::{BTreeMap, VecDeque},
    sync::Arc,
    time::Duration,
};

use hallward_site::{Place, Site};
use schemars::JsonSchema;
use serde::Serialize;

use super::{
    Action, NotHere,
    doors::{Doors, Found, Side},
};

/// From one door to the next.
const WALK: Duration = Duration::from_secs(4);

/// A PIN is keyed in when the card alone has not opened by then.
const PIN_AFTER: Duration = Duration::from_secs(2);

/// Waiting for a lock, before somebody gives up.
const PATIENCE: Duration = Duration::from_secs(15);

/// Waiting for somebody to slip in behind.
const TAILGATE_PATIENCE: Duration = Duration::from_secs(120);

/// Through an open door.
const PASSING: Duration = Duration::from_secs(2);

/// How far behind somebody slips in.
const BEHIND: Duration = Duration::from_secs(1);

/// A closer shuts the leaf so long after the last one is through.
const CLOSER: Duration = Duration::from_secs(3);

const NO_PERSON: NotHere = NotHere { missing: "person of that name" };
const NO_PLACE: NotHere = NotHere { missing: "room of that name" };
const NO_WAY: NotHere = NotHere { missing: "way of doors to there" };

/// One door on the way.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
struct Hop {
    door: usize,
    /// The side of the door on which one stands before it.
    side: Side,
    from: Place,
    to: Place,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Doing {
    Resting,
    Walking { until: Duration },
    Waiting { since: Duration, keyed: bool },
    Passing { until: Duration },
    Following { until: Duration },
    GaveUp,
}

/// Someone.
#[derive(Clone, Debug)]
struct Person {
    place: Place,
    doing: Doing,
    route: VecDeque<Hop>,
    /// Who is tailgated: index of a person.
    behind: Option<usize>,
}

/// Everyone.
#[derive(Clone, Debug)]
pub(super) struct People {
    site: Arc<Site>,
    people: Vec<Person>,
}

/// A person.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, JsonSchema)]
#[allow(missing_docs, reason = "the names say it")]
pub struct PersonTruth {
    pub id: String,
    pub name: String,
    /// A room, or `outside`.
    pub room: String,
    /// `resting`, `walking`, `waiting`, `passing`, `following` or `gave-up`.
    pub doing: &'static str,
}

impl People {
    /// Everyone where the site says.
    pub(super) fn new(site: &Arc<Site>) -> Self {
        let people = site.simulation.person.iter().map(|person| Person {
            place: site.place(&person.room).unwrap_or(Place::Outside),
            doing: Doing::Resting,
            route: VecDeque::new(),
            behind: None,
        });
        Self { people: people.collect(), site: Arc::clone(site) }
    }

    /// Whether somebody is on the way, so that time is to pass in small steps.
    pub(super) fn is_moving(&self) -> bool {
        self.people.iter().any(|person| !matches!(person.doing, Doing::Resting | Doing::GaveUp))
    }

    /// Everyone does what it is time for.
    pub(super) fn step(&mut self, doors: &mut Doors) {
        if !self.is_moving() {
            return;
        }
        for n in 0..self.people.len() {
            self.step_one(n, doors);
        }
    }

    fn step_one(&mut self, n: usize, doors: &mut Doors) {
        let now = doors.now();
        let Some(person) = self.people.get(n) else { return };
        let hop = person.route.front().copied();
        match (person.doing, hop) {
            (Doing::Walking { until }, Some(hop)) if now >= until => self.come(n, hop, doors),
            (Doing::Waiting { since, keyed }, Some(hop)) => self.wait(n, hop, since, keyed, doors),
            (Doing::Passing { until }, Some(hop)) if now >= until => self.arrive(n, hop, doors),
            (Doing::Following { until }, _) => self.follow(n, until, doors),
            (
                Doing::Resting
                | Doing::GaveUp
                | Doing::Walking { .. }
                | Doing::Passing { .. }
                | Doing::Waiting { .. },
                _,
            ) => {}
        }
    }

    fn come(&mut self, n: usize, hop: Hop, doors: &mut Doors) {
        let card = self.site.simulation.person.get(n).and_then(|person| person.card);
        match doors.come(hop.door, hop.side, card, doors.now() + PASSING + CLOSER) {
            Found::Open => self.pass(n, hop, PASSING, doors),
            Found::Locked => self.set(n, Doing::Waiting { since: doors.now(), keyed: false }),
        }
    }

    fn wait(&mut self, n: usize, hop: Hop, since: Duration, keyed: bool, doors: &mut Doors) {
        let waited = doors.now().saturating_sub(since);
        let pin = self.site.simulation.person.get(n).and_then(|person| person.pin.as_deref());
        if doors.is_passable(hop.door) {
            self.pass(n, hop, PASSING, doors);
        } else if waited >= PATIENCE {
            self.give_up(n, Some(hop.door), doors);
        } else if let Some(pin) = pin.filter(|_| !keyed && waited >= PIN_AFTER) {
            doors.key(hop.door, hop.side, pin);
            self.set(n, Doing::Waiting { since, keyed: true });
        }
    }

    /// Opens the door and goes through it in `time`; it closes some time after.
    fn pass(&mut self, n: usize, hop: Hop, time: Duration, doors: &mut Doors) {
        let until = doors.now() + time;
        match doors.open(hop.door, Some(until + CLOSER)) {
            Ok(()) => self.set(n, Doing::Passing { until }),
            Err(NotHere { .. }) => self.give_up(n, Some(hop.door), doors),
        }
    }

    /// Is through a door: goes on to the next, after whom it follows, or rests.
    fn arrive(&mut self, n: usize, hop: Hop, doors: &mut Doors) {
        let now = doors.now();
        let Some(person) = self.people.get_mut(n) else { return };
        person.place = hop.to;
        person.route.pop_front();
        let behind = person.behind;
        let leads_on = !person.route.is_empty();
        let code = if behind.is_some() { "person.tailgated" } else { "person.passed" };
        if let Some(who) = self.site.simulation.person.get(n) {
            doors.tell_of(hop.door, code, Some((who.id.as_str(), hop.to)));
        }
        let leader = behind.and_then(|leader| self.people.get(leader));
        let leader_moves =
            leader.is_some_and(|leader| !matches!(leader.doing, Doing::Resting | Doing::GaveUp));
        match (leads_on, leader_moves) {
            (true, _) => self.set(n, Doing::Walking { until: now + WALK }),
            (false, true) => self.set(n, Doing::Following { until: now + TAILGATE_PATIENCE }),
            (false, false) => self.rest(n),
        }
    }

    /// Slips through with the one who is followed, as soon as that one goes through a door here.
    fn follow(&mut self, n: usize, until: Duration, doors: &mut Doors) {
        let Some(place) = self.people.get(n).map(|person| person.place) else { return };
        let behind = self.people.get(n).and_then(|person| person.behind);
        let leader = behind.and_then(|leader| self.people.get(leader));
        let passing = leader.and_then(|leader| match leader.doing {
            Doing::Passing { until } => leader.route.front().map(|hop| (*hop, until)),
            Doing::Resting
            | Doing::Walking { .. }
            | Doing::Waiting { .. }
            | Doing::Following { .. }
            | Doing::GaveUp => None,
        });
        match passing.filter(|(hop, _)| hop.from == place) {
            Some((hop, leader_until)) => {
                if let Some(person) = self.people.get_mut(n) {
                    person.route = VecDeque::from([hop]);
                }
                self.pass(n, hop, leader_until.saturating_sub(doors.now()) + BEHIND, doors);
            }
            None if doors.now() >= until => self.give_up(n, None, doors),
            None => {}
        }
    }

    fn give_up(&mut self, n: usize, door: Option<usize>, doors: &mut Doors) {
        self.rest(n);
        self.set(n, Doing::GaveUp);
        let place = self.people.get(n).map_or(Place::Outside, |person| person.place);
        if let (Some(door), Some(who)) = (door, self.site.simulation.person.get(n)) {
            doors.tell_of(door, "person.gave-up", Some((who.id.as_str(), place)));
        }
    }

    fn rest(&mut self, n: usize) {
        if let Some(person) = self.people.get_mut(n) {
            person.doing = Doing::Resting;
            person.behind = None;
            person.route.clear();
        }
    }

    fn set(&mut self, n: usize, doing: Doing) {
        if let Some(person) = self.people.get_mut(n) {
            person.doing = doing;
        }
    }

    fn find(&self, id: &str) -> Result<usize, NotHere> {
        self.site.simulation.person.iter().position(|person| person.id.as_str() == id).ok_or(NO_PERSON)
    }

    /// Does what is about people; other actions are not their own.
    ///
    /// # Errors
    /// When the hall has not got what it is about.
    #[expect(clippy::wildcard_enum_match_arm, reason = "the other actions are not about people")]
    pub(super) fn act(&mut self, action: &Action, now: Duration) -> Result<(), NotHere> {
        match action {
            Action::Walk { person, to } => {
                let (n, to) = (self.find(person)?, self.site.place(to).ok_or(NO_PLACE)?);
                self.walk(n, to, now)
            }
            Action::Tailgate { person, behind } => {
                let (n, leader) = (self.find(person)?, self.find(behind)?);
                let there = |n: usize| self.people.get(n).map(|person| person.place);
                if n == leader || there(n) != there(leader) {
                    return Err(NotHere { missing: "such two people in one place" });
                }
                let person = self.people.get_mut(n).ok_or(NO_PERSON)?;
                if matches!(person.doing, Doing::Passing { .. }) {
                    return Err(NotHere { missing: "such person who is not between two rooms" });
                }
                person.behind = Some(leader);
                person.route.clear();
                person.doing = Doing::Following { until: now + TAILGATE_PATIENCE };
                Ok(())
            }
            _ => Ok(()),
        }
    }

    /// Sends somebody on the way; who is within a door goes through it first.
    fn walk(&mut self, n: usize, to: Place, now: Duration) -> Result<(), NotHere> {
        let person = self.people.get(n).ok_or(NO_PERSON)?;
        let within = person.route.front().copied().filter(|_| matches!(person.doing, Doing::Passing { .. }));
        let start = within.map_or(person.place, |hop| hop.to);
        let way = self.way(start, to)?;
        let person = self.people.get_mut(n).ok_or(NO_PERSON)?;
        person.behind = None;
        person.route = within.into_iter().chain(way).collect();
        if within.is_none() {
            let stays = person.route.is_empty();
            person.doing = if stays { Doing::Resting } else { Doing::Walking { until: now + WALK } };
        }
        Ok(())
    }

    /// The fewest doors from one place to another; of ways alike, that of the doors that come first in the site file.
    fn way(&self, start: Place, goal: Place) -> Result<Vec<Hop>, NotHere> {
        let mut came: BTreeMap<Place, Option<Hop>> = BTreeMap::from([(start, None)]);
        let mut next = VecDeque::from([start]);
        while let Some(place) = next.pop_front() {
            for (door, plan) in self.site.doors.iter().enumerate() {
                let hop = if plan.from == place {
                    Hop { door, side: Side::Entry, from: plan.from, to: plan.to }
                } else if plan.to == place {
                    Hop { door, side: Side::Exit, from: plan.to, to: plan.from }
                } else {
                    continue;
                };
                came.entry(hop.to).or_insert_with(|| {
                    next.push_back(hop.to);
                    Some(hop)
                });
            }
        }
        let mut way = VecDeque::new();
        let mut last = came.get(&goal).ok_or(NO_WAY)?;
        while let Some(hop) = last {
            way.push_front(*hop);
            last = came.get(&hop.from).ok_or(NO_WAY)?;
        }
        Ok(way.into())
    }

    /// Where everyone is and what they do.
    pub(super) fn truth(&self) -> Vec<PersonTruth> {
        let each = self.site.simulation.person.iter().zip(&self.people);
        let each = each.map(|(who, person)| PersonTruth {
            id: who.id.to_string(),
            name: who.name.clone(),
            room: self.site.place_name(person.place).to_owned(),
            doing: match person.doing {
                Doing::Resting => "resting",
                Doing::Walking { .. } => "walking",
                Doing::Waiting { .. } => "waiting",
                Doing::Passing { .. } => "passing",
                Doing::Following { .. } => "following",
                Doing::GaveUp => "gave-up",
            },
        });
        each.collect()
    }
}
