//! One commander as a sender of messages: what they say, and whether they count.

use std::collections::BTreeSet;

use hallward_site::{CommandOrder, Commander};
use serde::Deserialize;

use super::{CommandRefused, HEADING, LIFETIME};
use crate::{
    logic::evidence::{BadNote, Note, PublicKey},
    model::{Id, Now, Trust, Wall},
};

/// The longest message, bytes.
const LONGEST: usize = 4096;

/// The longest reason, characters.
const LONGEST_WHY: usize = 200;

/// What a command says.
#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct Said {
    /// The site's id.
    pub(super) site: String,
    /// The commander's id: a signature says nothing about by which of its keys' names it was made.
    commander: String,
    /// When it was given, RFC 3339: later than all before.
    at: String,
    /// What.
    pub(super) order: CommandOrder,
    /// Of which door; all that the commander may command when absent.
    pub(super) door: Option<String>,
    /// Why.
    pub(super) why: String,
}

/// A commander, and how far it is.
pub(super) struct Sender {
    key: PublicKey,
    commander: Commander,
    /// The time of its newest command that counted.
    pub(super) newest: Option<Wall>,
}

impl Sender {
    /// None if its key cannot be one.
    pub(super) fn new(commander: Commander, newest: Option<Wall>) -> Option<Self> {
        let key = PublicKey::new(commander.id.as_str(), &commander.key)?;
        Some(Self { key, commander, newest })
    }

    /// What it says, if this commander signed it.
    pub(super) fn read(&self, payload: &[u8]) -> Result<Said, CommandRefused> {
        if payload.len() > LONGEST {
            return Err(CommandRefused::Form);
        }
        let note = std::str::from_utf8(payload).map_err(|_| CommandRefused::Form)?;
        let note = Note::parse(note).map_err(|_| CommandRefused::Form)?;
        self.key.check(&note).map_err(|wrong| match wrong {
            BadNote::Form => CommandRefused::Form,
            BadNote::OtherKey | BadNote::Signature => CommandRefused::Signature,
        })?;
        let said = note.text.strip_prefix(HEADING).and_then(|text| text.strip_prefix('\n'));
        let said: Said = said.and_then(|said| serde_json::from_str(said).ok()).ok_or(CommandRefused::Form)?;
        if said.commander != self.commander.id.as_str() {
            return Err(CommandRefused::Signature);
        }
        let length = said.why.chars().count();
        let sound = (1..=LONGEST_WHY).contains(&length)
            && said.why.trim() == said.why
            && !said.why.contains(char::is_control);
        if sound { Ok(said) } else { Err(CommandRefused::Form) }
    }

    /// Its time, if it counts now and for the first time.
    pub(super) fn fresh(&self, now: Now, said: &Said) -> Result<Wall, CommandRefused> {
        let at = Wall::parse(&said.at).ok_or(CommandRefused::Form)?;
        if now.trust == Trust::Unsynchronised {
            return Err(CommandRefused::Clock);
        }
        if now.wall.since(at) > LIFETIME {
            return Err(CommandRefused::Old);
        }
        if at.since(now.wall) > LIFETIME {
            return Err(CommandRefused::Early);
        }
        if self.newest.is_some_and(|newest| at <= newest) {
            return Err(CommandRefused::Repeated);
        }
        Ok(at)
    }

    /// The doors that it is about, if all of that is permitted. To unlock, one must be named.
    pub(super) fn permitted(&self, said: &Said) -> Result<BTreeSet<Id>, CommandRefused> {
        if !self.commander.orders.contains(&said.order) {
            return Err(CommandRefused::Forbidden);
        }
        let mine = &self.commander.doors;
        match &said.door {
            Some(door) => {
                mine.iter().find(|one| one.as_str() == door).map(|door| BTreeSet::from([door.clone()]))
            }
            None => (said.order == CommandOrder::Lockdown).then(|| mine.clone()),
        }
        .ok_or(CommandRefused::Forbidden)
    }
}
