//! Commands to doors that come over MQTT: carried out only if they are signed by a commander of the site file, fresh, new, and
//! not kept by the broker.
//!
//! `deliver::commands` calls it with each message. A command is a signed note (`logic::evidence`): the line [`HEADING`], and a
//! line of JSON ([`Said`]). A commander's commands count only in the order of their times, so that one number for each
//! of them, kept on disk, tells every repetition, also after a restart and whatever the clock did.
//!
//! Whoever reaches the broker can send nonsense; so refusals are recorded up to [`REFUSALS`] in a [`WINDOW`], and counted beyond.

mod sender;
#[cfg(test)]
mod tests;

use std::{
    collections::{BTreeMap, BTreeSet},
    time::Duration,
};

use hallward_site::{CommandOrder, Site};

use crate::model::{DoorDeed, DoorIx, DoorOrder, Id, Mono, NewRecord, Now, Scope, Severity, Wall};
use sender::{Said, Sender};

/// The first line of a command: a signature for something else is none for a command.
pub const HEADING: &str = "hallward command";

/// A command counts for so long, and so far may its sender's clock be ahead of ours.
pub const LIFETIME: Duration = Duration::from_secs(10);

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
    /// Keep the record and the time on disk, tell [`Commanders::kept`], then give the order.
    Accepted(Box<Accepted>),
    /// Nothing but a record, if there is room for one.
    Refused(Option<NewRecord>),
}

/// A command that counts.
#[derive(Clone, Debug, PartialEq)]
pub struct Accepted {
    /// Whose.
    pub commander: Id,
    /// Its time: none of this commander up to that counts any more, once it is kept.
    pub at: Wall,
    /// What happened.
    pub record: NewRecord,
    /// What is ordered.
    pub order: DoorOrder,
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
    /// The clock of this computer was set back, or is not synchronised.
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
    senders: BTreeMap<Id, Sender>,
    /// What the clocks said last: a wall clock that goes back would make withheld commands fresh again.
    clocks: (Mono, Wall),
    refusals: Refusals,
}

impl Commanders {
    /// As the site file has them; with the newest time of each that was kept.
    #[must_use]
    pub fn new(site: &Site, newest: &BTreeMap<Id, Wall>, now: Now) -> Self {
        let senders = site.commanders.iter().filter_map(|commander| {
            let sender = Sender::new(commander.clone(), newest.get(&commander.id).copied())?;
            Some((commander.id.clone(), sender))
        });
        Self {
            site: site.id.clone(),
            doors: site.doors.iter().map(|door| door.id.clone()).collect(),
            senders: senders.collect(),
            clocks: (now.mono, now.wall),
            refusals: Refusals::default(),
        }
    }

    /// Takes a message.
    pub fn hear(&mut self, now: Now, message: Message<'_>) -> Heard {
        match self.check(now, message) {
            Ok(accepted) => Heard::Accepted(Box::new(accepted)),
            Err(refused) => Heard::Refused(self.refuse(now, message.sender, refused)),
        }
    }

    /// This one is on disk: from now on it counts no more.
    pub fn kept(&mut self, accepted: &Accepted) {
        if let Some(sender) = self.senders.get_mut(&accepted.commander) {
            sender.newest = sender.newest.max(Some(accepted.at));
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
        let sender = self.senders.keys().find(|id| id.as_str() == sender);
        let record = sender.into_iter().fold(record, |record, sender| record.with("commander", sender));
        let unrecorded = std::mem::take(&mut lately.unrecorded);
        Some(if unrecorded > 0 { record.with("unrecorded", unrecorded) } else { record })
    }

    fn check(&mut self, now: Now, message: Message<'_>) -> Result<Accepted, CommandRefused> {
        let went_back = self.went_back(now);
        if message.retained {
            return Err(CommandRefused::Retained);
        }
        let found = self.senders.iter().find(|(id, _)| id.as_str() == message.sender);
        let (id, sender) = found.ok_or(CommandRefused::Unknown)?;
        let said = sender.read(message.payload)?;
        if said.site != self.site.as_str() {
            return Err(CommandRefused::Site);
        }
        if went_back {
            return Err(CommandRefused::Clock);
        }
        let at = sender.fresh(now, &said)?;
        let permitted = sender.permitted(&said)?;
        let actor = format!("command-{id}");
        let mut record = NewRecord::system(now, "command.accepted", Severity::Info)
            .at(said.door.clone().unwrap_or_default())
            .with("order", said.order.as_str())
            .with("at", at.rfc3339())
            .with("why", &said.why);
        record.actor.clone_from(&actor);
        let order = DoorOrder { deed: self.deed(&said, &permitted)?, actor, why: said.why, given: now.mono };
        Ok(Accepted { commander: id.clone(), at, record, order })
    }

    /// Whether the wall clock was set back by more than commands last, as far as one that never jumps can tell.
    fn went_back(&mut self, now: Now) -> bool {
        let (mono, wall) = self.clocks;
        let went_back = now.wall + LIFETIME < wall + now.mono.since(mono);
        if !went_back {
            self.clocks = (now.mono, now.wall);
        }
        went_back
    }

    fn deed(&self, said: &Said, permitted: &BTreeSet<Id>) -> Result<DoorDeed, CommandRefused> {
        let indexed = (0_u16..).map(DoorIx).zip(&self.doors);
        let doors: BTreeSet<DoorIx> =
            indexed.filter(|(_, door)| permitted.contains(*door)).map(|(ix, _)| ix).collect();
        match said.order {
            CommandOrder::Unlock => {
                doors.first().copied().map(DoorDeed::Unlock).ok_or(CommandRefused::Forbidden)
            }
            CommandOrder::Lockdown => Ok(DoorDeed::Lockdown { scope: Scope::Doors(doors), on: true }),
        }
    }
}
