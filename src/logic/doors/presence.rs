//! Who is where, as far as doors can tell: it moves when somebody takes a door, never when somebody is granted.
//!
//! A door that one leaves by a button, or through which two went on one card, cannot tell who is behind it: a presence says how
//! sure it is. While a door or reader could not see, nobody knows.

use std::collections::BTreeMap;

use super::{Doors, Kept, Plan, Turn};
use crate::{
    logic::door::Cause,
    model::{Certainty, DoorIx, Id, Now, PersonId, Presence, Side},
};

/// The most people of whom it is kept; of more the one seen longest ago is forgotten.
const MOST: usize = 10_000;

#[derive(Clone, Debug, Default)]
pub(super) struct Presences(BTreeMap<PersonId, Presence>);

impl Presences {
    /// As they were before a restart: what has happened since then nobody saw.
    pub(super) fn new(before: Vec<Presence>) -> Self {
        let unsure = |presence: Presence| Presence { certainty: Certainty::Unknown, ..presence };
        Self(before.into_iter().map(|presence| (presence.person, unsure(presence))).collect())
    }

    pub(super) fn iter(&self) -> impl Iterator<Item = &Presence> {
        self.0.values()
    }

    pub(super) fn is_in(&self, person: PersonId, room: &Id) -> bool {
        self.0.get(&person).is_some_and(|presence| presence.room.as_ref() == Some(room))
    }

    fn enter(&mut self, plan: &Plan, now: Now, person: PersonId, door: DoorIx, side: Side) -> Option<Kept> {
        let by = plan.door(door)?.id.clone();
        let Some(room) = plan.beyond(door, side) else {
            return self.0.remove(&person).map(|_| Kept::Gone(person));
        };
        let certainty = if plan.is_read(room) { Certainty::Inside } else { Certainty::ExitNotSeen };
        let room = Some(room.clone());
        let presence = Presence { person, room, certainty, since: now.wall, door: by };
        if self.0.len() >= MOST && !self.0.contains_key(&person) {
            let oldest = self.0.values().min_by_key(|presence| presence.since).map(|one| one.person);
            oldest.and_then(|oldest| self.0.remove(&oldest));
        }
        self.0.insert(person, presence.clone());
        Some(Kept::Presence(presence))
    }

    pub(super) fn forget(&mut self, person: Option<PersonId>) -> Vec<Kept> {
        let going: Vec<PersonId> =
            self.0.keys().copied().filter(|one| person.is_none_or(|person| person == *one)).collect();
        going.iter().for_each(|one| drop(self.0.remove(one)));
        going.into_iter().map(Kept::Gone).collect()
    }
}

impl Doors {
    /// Somebody has opened a door.
    pub(super) fn taken(&mut self, now: Now, door: DoorIx, cause: &Cause, turn: &mut Turn) {
        let (Some(person), Some(side)) = (cause.person, cause.side) else { return };
        turn.written.kept.extend(self.presences.enter(&self.plan, now, person, door, side));
        self.arm(now, door, person, turn);
    }

    /// A door or reader cannot see: where those on its sides are is not known.
    pub(super) fn doubt(&mut self, door: DoorIx, turn: &mut Turn) {
        let Some(planned) = self.plan.door(door) else { return };
        let sides = [&planned.from, &planned.to];
        for presence in self.presences.0.values_mut() {
            if presence.certainty != Certainty::Unknown && sides.contains(&&presence.room) {
                presence.certainty = Certainty::Unknown;
                turn.written.kept.push(Kept::Presence(presence.clone()));
            }
        }
    }
}
