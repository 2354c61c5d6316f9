//! Commands to doors that come over MQTT: carried out only if they are signed by a commander of the site file, fresh, new, and
//! not kept by the broker.
//!
//! `deliver::commands` calls it with each message. A command is a signed note (`logic::evidence`): the line [`HEADING`], and a
//! line of JSON ([`Said`]). A commander's commands count only in the order of their times, so that one number for each
//! of them, kept on disk, tells every repetition, also after a restart and whatever the clock did.
//!
//! Whoever reaches the broker can send nonsense; so refusals are recorded up to [`REFUSALS`] in a [`WINDOW`], and counted beyond.

mod known;
#[cfg(test)]
mod tests;

use std::{collections::BTreeMap, time::Duration};

use hallward_site::{CommandOrder, Site};

use crate::model::{DoorDeed, DoorIx, DoorOrder, Id, Mono, NewRecord, Now, Scope, Severity, Wall};
use known::Known;

/// The first line of a command: a signature for something else is none for a command.
pub const HEADING: &str = "hallward command";

/// So many refusals are recorded…
const REFUSALS: u32 = 10;

/// …in so long.
const WINDOW: Duration = Duration::from_secs(60);

/// A message on a topic for commands.
#[derive(Clone, Copy, Debug)]
pub struct Message<'m> {
    /// The last part of its topic: who sends it, or says so.
    pub sender: &'m str,
    /// Whether the broker had kept it.
    pub retained: bool,
    /// The signed note.
    pub payload: &'m [u8],
}

/// What is to be done about a message.
#[derive(Clone, Debug, PartialEq)]
pub enum Heard {
    /// Keep both on disk, then give the orders.
    Accepted {
        /// Whose command, and its time: none up to that counts any more.
        newest: (Id, Wall),
        /// What happened.
        record: NewRecord,
        /// What is ordered.
        orders: Vec<DoorOrder>,
    },
    /// Nothing but a record, if there is room for one.
    Refused(Option<NewRecord>),
}

/// Why a command is not carried out.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum CommandRefused {
    /// The broker kept it for whoever comes later.
    Retained,
    /// No commander has this id.
    Unknown,
    /// Not a command at all.
    Form,
    /// Not signed by this commander, or changed since.
    Signature,
    /// For another site.
    Site,
    /// The clock of this computer is not to be believed.
    Clock,
    /// Older than ten seconds.
    Old,
    /// From the future.
    Early,
    /// Not newer than the newest one of this commander.
    Repeated,
    /// The commander may not order it, or not of this door.
    Forbidden,
    /// Too many orders wait.
    Busy,
}

impl CommandRefused {
    /// The word for records.
    #[must_use]
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Retained => "retained",
            Self::Unknown => "unknown",
            Self::Form => "form",
            Self::Signature => "signature",
            Self::Site => "site",
            Self::Clock => "clock",
            Self::Old => "old",
            Self::Early => "early",
            Self::Repeated => "repeated",
            Self::Forbidden => "forbidden",
            Self::Busy => "busy",
        }
    }
}

/// How many refusals were recorded lately.
#[derive(Default)]
struct Refusals {
    since: Mono,
    recorded: u32,
    unrecorded: u64,
}

/// All commanders of a site.
pub struct Commanders {
    site: Id,
    /// Ids of the doors, in the site file's order.
    doors: Vec<Id>,
    known: BTreeMap<Id, Known>,
    refusals: Refusals,
}

impl Commanders {
    /// As the site file has them; with the newest time of each that was kept.
    #[must_use]
    pub fn new(site: &Site, newest: &BTreeMap<Id, Wall>) -> Self {
        let known = site.commanders.iter().filter_map(|commander| {
            let known = Known::new(commander.clone(), newest.get(&commander.id).copied())?;
            Some((commander.id.clone(), known))
        });
        let doors = site.doors.iter().map(|door| door.id.clone()).collect();
        Self { site: site.id.clone(), doors, known: known.collect(), refusals: Refusals::default() }
    }

    /// Takes a message.
    pub fn hear(&mut self, now: Now, message: Message<'_>) -> Heard {
        match self.check(now, message) {
            Ok(accepted) => accepted,
            Err(refused) => Heard::Refused(self.refuse(now, message.sender, refused)),
        }
    }

    /// The record of a refusal, if one more may be written now.
    pub fn refuse(&mut self, now: Now, sender: &str, refused: CommandRefused) -> Option<NewRecord> {
        let lately = &mut self.refusals;
        if now.mono.since(lately.since) >= WINDOW {
            (lately.since, lately.recorded) = (now.mono, 0);
        }
        if lately.recorded >= REFUSALS {
            lately.unrecorded += 1;
            return None;
        }
        lately.recorded += 1;
        let record =
            NewRecord::system(now, "command.refused", Severity::Warning).with("what", refused.as_str());
        // What no commander is called may be any text at all.
        let sender = self.known.keys().find(|id| id.as_str() == sender);
        let record = sender.into_iter().fold(record, |record, sender| record.with("commander", sender));
        let unrecorded = std::mem::take(&mut lately.unrecorded);
        Some(if unrecorded > 0 { record.with("unrecorded", unrecorded) } else { record })
    }

    fn check(&mut self, now: Now, message: Message<'_>) -> Result<Heard, CommandRefused> {
        if message.retained {
            return Err(CommandRefused::Retained);
        }
        let sender = self.known.iter_mut().find(|(id, _)| id.as_str() == message.sender);
        let (id, known) = sender.ok_or(CommandRefused::Unknown)?;
        let said = known.read(message.payload)?;
        if said.site != self.site.as_str() {
            return Err(CommandRefused::Site);
        }
        let at = known.fresh(now, &said)?;
        let doors = known.permitted(&said)?;
        known.newest = Some(at);
        let actor = format!("command-{id}");
        let mut record = NewRecord::system(now, "command.accepted", Severity::Info)
            .at(said.door.clone().unwrap_or_default())
            .with("order", said.order.as_str())
            .with("at", at.rfc3339())
            .with("why", &said.why);
        record.actor.clone_from(&actor);
        let indexed = (0_u16..).map(DoorIx).zip(&self.doors).filter(|(_, door)| doors.contains(door));
        let orders = indexed.map(|(door, _)| DoorOrder {
            deed: match said.order {
                CommandOrder::Unlock => DoorDeed::Unlock(door),
                CommandOrder::Lockdown => DoorDeed::Lockdown { scope: Scope::Door(door), on: true },
            },
            actor: actor.clone(),
            why: said.why.clone(),
            given: now.mono,
        });
        Ok(Heard::Accepted { newest: (id.clone(), at), record, orders: orders.collect() })
    }
}
