//! What people order: checked, done, recorded, and answered once that is on disk. A refusal is recorded as well.

use std::time::Duration;

use super::{Doors, Output, Turn};
use crate::{
    logic::door::{By, Cause, Input, Ticket},
    model::{
        DoorDeed, DoorIx, DoorMode, DoorOrder, Hold, Mono, NewRecord, Now, OrderRefused, ReaderOrder,
        ReaderRef, Scope, Severity,
    },
};

/// An order counts for so long.
const LIFETIME: Duration = Duration::from_secs(10);

/// Whoever ordered is answered after this time at the latest.
const ANSWER: Duration = Duration::from_secs(5);

/// How long a reader may take to be paired.
const PAIRING: Duration = Duration::from_secs(60);

/// Orders that wait for their records; more are refused.
const MOST: usize = 64;

/// Names an order to whoever gave it.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct OrderNo(pub u64);

/// Orders that wait for their records.
#[derive(Clone, Debug, Default)]
pub(super) struct Orders(Vec<(OrderNo, Vec<Ticket>, Mono)>);

impl Orders {
    pub(super) fn deadline(&self) -> Option<Mono> {
        self.0.iter().map(|(_, _, until)| *until).min()
    }

    pub(super) fn recorded(&mut self, ticket: Ticket) -> Vec<Output> {
        self.0.iter_mut().for_each(|(_, tickets, _)| tickets.retain(|one| *one != ticket));
        self.end(|(_, tickets, _)| tickets.is_empty(), &Ok(()))
    }

    pub(super) fn expire(&mut self, now: Mono) -> Vec<Output> {
        self.end(|(_, _, until)| *until <= now, &Err(OrderRefused::Unrecorded))
    }

    fn end(
        &mut self,
        which: impl Fn(&(OrderNo, Vec<Ticket>, Mono)) -> bool,
        how: &Result<(), OrderRefused>,
    ) -> Vec<Output> {
        let (over, waiting) = std::mem::take(&mut self.0).into_iter().partition(which);
        self.0 = waiting;
        let over: Vec<(OrderNo, Vec<Ticket>, Mono)> = over;
        over.into_iter().map(|(number, _, _)| Output::Answer(number, how.clone())).collect()
    }
}

impl Doors {
    pub(super) fn order(&mut self, now: Now, number: OrderNo, order: DoorOrder, turn: &mut Turn) {
        let before = turn.tickets();
        let done = if now.mono.since(order.given) > LIFETIME {
            Err(OrderRefused::Old)
        } else if self.orders.0.len() >= MOST {
            Err(OrderRefused::Busy)
        } else {
            self.carry_out(now, &order, turn)
        };
        match done {
            Ok(()) => {
                let tickets = turn.written.tickets.get(before..).unwrap_or_default().to_vec();
                if tickets.is_empty() {
                    turn.rest.push(Output::Answer(number, Ok(())));
                } else {
                    self.orders.0.push((number, tickets, now.mono + ANSWER));
                }
            }
            Err(refused) => {
                let record = NewRecord::system(now, "door.order-refused", Severity::Warning);
                let record = NewRecord { actor: order.actor, ..record }.at(self.place(&order.deed));
                let record = record.with("order", word(&order.deed)).with("what", &refused);
                turn.written.records.push(record);
                turn.rest.push(Output::Answer(number, Err(refused)));
            }
        }
    }

    /// The door that an order is about; empty for more than one.
    fn place(&self, deed: &DoorDeed) -> String {
        let door = match deed {
            DoorDeed::Unlock(door)
            | DoorDeed::Hold { door, .. }
            | DoorDeed::Release(door)
            | DoorDeed::ClearAlarm(door)
            | DoorDeed::Pair(door, _)
            | DoorDeed::Lockdown { scope: Scope::Door(door), .. }
            | DoorDeed::FireReset(Scope::Door(door)) => Some(*door),
            DoorDeed::Lockdown { .. } | DoorDeed::FireReset(_) | DoorDeed::ForgetPresence(_) => None,
        };
        let planned = door.and_then(|door| self.plan.door(door));
        planned.map(|planned| planned.id.to_string()).unwrap_or_default()
    }

    fn carry_out(&mut self, now: Now, order: &DoorOrder, turn: &mut Turn) -> Result<(), OrderRefused> {
        let by = By { actor: order.actor.clone(), why: order.why.clone() };
        match &order.deed {
            DoorDeed::Unlock(door) => self.unlock(now, *door, order, turn)?,
            DoorDeed::Hold { door, unlocked, until } => {
                self.has_lock(*door)?;
                if until.is_some_and(|until| until <= now.wall) {
                    return Err(OrderRefused::Old);
                }
                let hold = Hold { unlocked: *unlocked, until: *until };
                self.put(now, *door, Input::Hold(Some(hold), by), turn);
            }
            DoorDeed::Release(door) => {
                self.has_lock(*door)?;
                self.put(now, *door, Input::Hold(None, by), turn);
            }
            DoorDeed::Lockdown { scope, on } => {
                for door in self.doors_of(scope)? {
                    self.put(now, door, Input::Lockdown(*on, by.clone()), turn);
                }
            }
            DoorDeed::ClearAlarm(door) => {
                self.door(*door).ok_or(OrderRefused::NotThere)?;
                self.put(now, *door, Input::ClearAlarm(by), turn);
            }
            DoorDeed::FireReset(scope) => {
                let doors = self.doors_of(scope)?;
                let burning = |ix: &DoorIx| self.door(*ix).is_some_and(crate::logic::door::Door::burns);
                if doors.iter().any(burning) {
                    return Err(OrderRefused::Fire);
                }
                for door in doors {
                    self.put(now, door, Input::FireReset(by.clone()), turn);
                }
            }
            DoorDeed::Pair(door, side) => {
                self.pair(now, ReaderRef { door: *door, side: *side }, order, turn)?
            }
            DoorDeed::ForgetPresence(person) => {
                let forgotten = self.presences.forget(*person);
                let record = NewRecord::system(now, "presence.forgotten", Severity::Info);
                let record = NewRecord { actor: order.actor.clone(), ..record }.with("why", &order.why);
                let whose = person.map_or("all".to_owned(), |person| person.to_string());
                turn.written.records.push(record.with("person", whose).with("count", forgotten.len()));
                turn.written.kept.extend(forgotten);
            }
        }
        Ok(())
    }

    fn has_lock(&self, door: DoorIx) -> Result<(), OrderRefused> {
        self.plan.door(door).filter(|planned| planned.lock).map(drop).ok_or(OrderRefused::NotThere)
    }

    /// Those of a scope that have a lock.
    fn doors_of(&self, scope: &Scope) -> Result<Vec<DoorIx>, OrderRefused> {
        let is_in = |door: DoorIx, from: &Option<crate::model::Id>, to: &Option<crate::model::Id>| match scope
        {
            Scope::Door(one) => *one == door,
            Scope::Doors(several) => several.contains(&door),
            Scope::Room(room) => from.as_ref() == Some(room) || to.as_ref() == Some(room),
            Scope::Site => true,
        };
        let all = self
            .plan
            .indexed()
            .filter(|(ix, planned)| planned.lock && is_in(*ix, &planned.from, &planned.to));
        let doors: Vec<DoorIx> = all.map(|(ix, _)| ix).collect();
        if doors.is_empty() { Err(OrderRefused::NotThere) } else { Ok(doors) }
    }

    /// Unlocks once, as for a grant.
    fn unlock(
        &mut self,
        now: Now,
        ix: DoorIx,
        order: &DoorOrder,
        turn: &mut Turn,
    ) -> Result<(), OrderRefused> {
        self.has_lock(ix)?;
        let (planned, door) = self.plan.door(ix).zip(self.door(ix)).ok_or(OrderRefused::NotThere)?;
        if door.hardware() != Some(true) {
            return Err(OrderRefused::NoHardware);
        }
        let mode = door.mode();
        if matches!(mode, DoorMode::Lockdown | DoorMode::HeldLocked) {
            return Err(OrderRefused::Mode(mode));
        }
        if mode != DoorMode::FireRelease && self.is_interlocked(&planned.id, door) {
            return Err(OrderRefused::Interlock);
        }
        let record = NewRecord::system(now, "access.granted.order", Severity::Info).at(planned.id.as_str());
        let record = NewRecord { actor: order.actor.clone(), ..record }.with("why", &order.why);
        let actor = order.actor.clone();
        let cause = Cause { actor, person: None, badge: None, side: None, with: None };
        self.put(now, ix, Input::Grant { cause, long: false, record }, turn);
        Ok(())
    }

    fn pair(
        &mut self,
        now: Now,
        reader: ReaderRef,
        order: &DoorOrder,
        turn: &mut Turn,
    ) -> Result<(), OrderRefused> {
        if !self.readers.contains_key(&reader) {
            return Err(OrderRefused::NotThere);
        }
        let record = self.at_reader(now, reader, "reader.pairing", Severity::Warning);
        let record = NewRecord { actor: order.actor.clone(), ..record };
        turn.written.records.push(record.with("why", &order.why));
        turn.rest.push(Output::Reader(reader, ReaderOrder::Pair(PAIRING)));
        Ok(())
    }
}

fn word(deed: &DoorDeed) -> &'static str {
    match deed {
        DoorDeed::Unlock(_) => "unlock",
        DoorDeed::Hold { unlocked: true, .. } => "hold",
        DoorDeed::Hold { unlocked: false, .. } => "lock",
        DoorDeed::Release(_) => "release",
        DoorDeed::Lockdown { on: true, .. } => "lockdown",
        DoorDeed::Lockdown { on: false, .. } => "end-lockdown",
        DoorDeed::ClearAlarm(_) => "clear-alarm",
        DoorDeed::FireReset(_) => "fire-reset",
        DoorDeed::Pair(..) => "pair",
        DoorDeed::ForgetPresence(_) => "forget-presence",
    }
}
