//! Those who were let through and have not passed yet, and what waits for its record.

use crate::model::{BadgeId, Mono, NewRecord, PersonId, Side};

/// Names what is to be recorded, until it is known to be on disk.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Ticket(pub u64);

/// By whom or what a door is opened.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Cause {
    /// As records name it: a person, whoever gave an order, or `system`.
    pub actor: String,
    /// Who passes, if that is known.
    pub person: Option<PersonId>,
    /// By which badge.
    pub badge: Option<BadgeId>,
    /// From which side.
    pub side: Option<Side>,
    /// Who comes along: the second person, or the visitor whom the person escorts.
    pub with: Option<PersonId>,
}

/// Somebody who was let through.
#[derive(Clone, Debug)]
pub(super) struct Passing {
    pub(super) cause: Cause,
    pub(super) until: Mono,
}

/// What waits for its record.
#[derive(Clone, Debug)]
pub(super) struct Pending {
    pub(super) ticket: Ticket,
    pub(super) what: Waits,
    pub(super) record: NewRecord,
    pub(super) deadline: Mono,
    /// The first deadline has passed: it is on its way to the spool file.
    pub(super) spooling: bool,
}

/// What is done once the record is on disk.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) enum Waits {
    /// Somebody is let through.
    Pass { cause: Cause, long: bool },
    /// The door is unlocked by its mode.
    Mode,
}

impl Cause {
    /// The exit button: whoever pressed it.
    #[must_use]
    pub fn exit() -> Self {
        Self { actor: "system".to_owned(), person: None, badge: None, side: Some(Side::Exit), with: None }
    }

    pub(super) fn is_exit(&self) -> bool {
        self.person.is_none() && self.side == Some(Side::Exit)
    }

    /// With what is known of it.
    pub(super) fn told(&self, mut record: NewRecord) -> NewRecord {
        record.actor.clone_from(&self.actor);
        let known = [
            ("badge", self.badge.map(|badge| badge.to_string())),
            ("side", self.side.map(|side| side.to_string())),
            ("with", self.with.map(|person| person.to_string())),
        ];
        for (key, value) in known {
            if let Some(value) = value {
                record = record.with(key, value);
            }
        }
        record
    }
}
