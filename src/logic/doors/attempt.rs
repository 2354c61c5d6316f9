//! What a decision leads to: a grant and its record, a PIN that is asked for, a denial.

use std::{collections::BTreeMap, time::Duration};

use super::{Doors, Turn};
use crate::{
    logic::{
        access::{Asked, Denial, Grant, PinShown, Shown, Verdict, Why, decide},
        door::{Cause, Door, Input},
    },
    model::{Feedback, Id, Mono, NewRecord, Now, PersonId, ReaderRef, Severity},
};

/// So many wrong PINs in a row block somebody…
const WRONG: u8 = 5;

/// …for so long.
const BLOCKED: Duration = Duration::from_secs(300);

/// Persons whose wrong PINs are counted; of more the one whose count is oldest begins anew.
const MOST: usize = 1000;

/// Wrong PINs.
#[derive(Clone, Debug, Default)]
pub(super) struct Blocks(BTreeMap<PersonId, (u8, Mono)>);

impl Blocks {
    fn is_blocked(&self, person: PersonId, now: Mono) -> bool {
        self.0.get(&person).is_some_and(|(wrong, at)| *wrong >= WRONG && now.since(*at) < BLOCKED)
    }

    /// Counts a wrong PIN; whether it is the one that blocks.
    fn count(&mut self, person: PersonId, now: Mono) -> bool {
        if self.0.len() >= MOST && !self.0.contains_key(&person) {
            let oldest = self.0.iter().min_by_key(|(_, (_, at))| *at).map(|(person, _)| *person);
            oldest.and_then(|oldest| self.0.remove(&oldest));
        }
        let (wrong, at) = self.0.entry(person).or_insert((0, now));
        // What was blocked long ago begins anew.
        *wrong = if *wrong >= WRONG { 1 } else { *wrong + 1 };
        *at = now;
        *wrong == WRONG
    }
}

impl Doors {
    /// Somebody wants to pass.
    pub(super) fn attempt(
        &mut self,
        now: Now,
        reader: ReaderRef,
        shown: Shown,
        pin: PinShown<'_>,
        turn: &mut Turn,
    ) {
        match self.decide(now, reader, shown, pin) {
            Some(Verdict::Granted(grant)) => {
                if matches!(pin, PinShown::Digits(_)) {
                    self.blocks.0.remove(&grant.person);
                }
                self.granted(now, reader, grant, turn);
            }
            Some(Verdict::PinWanted(_)) => {
                if let Shown::Card(card) = shown {
                    self.ask_pin(now, reader, card, turn);
                }
            }
            Some(Verdict::Denied(denial)) => {
                if let (Why::InvalidPin, Some(person)) = (denial.why, denial.person)
                    && self.blocks.count(person, now.mono)
                {
                    let record = self.at_reader(now, reader, "access.pin_blocked", Severity::Error);
                    turn.written.records.push(NewRecord { actor: person.to_string(), ..record });
                }
                self.deny(now, reader, &denial, turn);
            }
            None => {}
        }
    }

    fn decide(&self, now: Now, reader: ReaderRef, shown: Shown, pin: PinShown<'_>) -> Option<Verdict> {
        let (planned, door) = self.plan.door(reader.door).zip(self.door(reader.door))?;
        let beyond = self.plan.beyond(reader.door, reader.side);
        let verdict = decide(&Asked {
            book: &self.book,
            site_key: &self.site_key,
            door: &planned.id,
            settings: door.settings(),
            now,
            shown,
            pin,
            mode: door.mode(),
            interlocked: self.is_interlocked(&planned.id, door),
            armed: self.is_armed(now, door),
            is_beyond: &|person| beyond.is_some_and(|room| self.presences.is_in(person, room)),
            is_blocked: &|person| self.blocks.is_blocked(person, now.mono),
        });
        Some(match verdict {
            // What may be granted cannot be done.
            Verdict::Granted(Grant { person, badge, .. }) if door.hardware() != Some(true) => {
                Verdict::Denied(Denial { why: Why::Fault, person: Some(person), badge, detail: None })
            }
            verdict @ (Verdict::Granted(_) | Verdict::PinWanted(_) | Verdict::Denied(_)) => verdict,
        })
    }

    /// Whether a sibling is open or unlocked, or about to be; or cannot be seen.
    pub(super) fn is_interlocked(&self, id: &Id, door: &Door) -> bool {
        let Some(group) = &door.settings().interlock else { return false };
        let siblings = self.doors.iter().filter(|other| other.settings().door != *id);
        siblings
            .into_iter()
            .any(|other| other.settings().interlock.as_ref() == Some(group) && !other.is_shut())
    }

    /// Lets somebody through; `with` comes along.
    pub(super) fn let_in(
        &mut self,
        now: Now,
        reader: ReaderRef,
        grant: &Grant,
        with: Option<PersonId>,
        turn: &mut Turn,
    ) {
        let record = self.grant_record(now, reader, grant, with);
        if grant.duress {
            let duress = self.at_reader(now, reader, "access.duress", Severity::Error);
            turn.written.records.push(NewRecord { actor: grant.person.to_string(), ..duress });
        }
        let (person, side) = (Some(grant.person), Some(reader.side));
        let cause = Cause { actor: grant.person.to_string(), person, badge: grant.badge, side, with };
        self.put(now, reader.door, Input::Grant { cause, long: grant.long, record }, turn);
        self.show_for_a_moment(reader, Feedback::Granted, turn);
    }

    /// Says by which rule, and what else was known.
    fn grant_record(&self, now: Now, reader: ReaderRef, grant: &Grant, with: Option<PersonId>) -> NewRecord {
        let record = self.at_reader(now, reader, "access.granted", Severity::Info);
        let record = NewRecord { actor: grant.person.to_string(), ..record };
        let mut record = record.with("rule", grant.rule.rule).with("revision", grant.rule.revision);
        let known = [
            ("badge", grant.badge.map(|badge| badge.to_string())),
            ("with", with.map(|person| person.to_string())),
            ("passback", grant.beyond.then(|| "soft".to_owned())),
            ("leaf", self.stands_open(reader).then(|| "open".to_owned())),
        ];
        for (key, value) in known {
            if let Some(value) = value {
                record = record.with(key, value);
            }
        }
        record
    }

    /// Records why; the reader shows only that.
    pub(super) fn deny(&self, now: Now, reader: ReaderRef, denial: &Denial, turn: &mut Turn) {
        let severity = if denial.detail == Some("lost") { Severity::Error } else { Severity::Warning };
        let mut record = self.at_reader(now, reader, denial.why.code(), severity);
        if let Some(person) = denial.person {
            record.actor = person.to_string();
        }
        if let Some(badge) = denial.badge {
            record = record.with("badge", badge);
        }
        if let Some(detail) = denial.detail {
            record = record.with("detail", detail);
        }
        turn.written.records.push(record);
        self.show_for_a_moment(reader, Feedback::Denied, turn);
    }
}
