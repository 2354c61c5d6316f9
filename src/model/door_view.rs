//! Doors as everyone but their owner sees them, and what people may order of them.

use std::{collections::BTreeSet, sync::Arc};

use chrono::NaiveDate;
use serde::{Deserialize, Serialize};

use super::{Contact, DoorIx, Id, Mono, PersonId, RuleId, Side, Wall, access::CardKey, written::words};

/// All doors at one moment, and who is where as far as that can be known.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct DoorsView {
    /// Counts up with each change.
    pub revision: u64,
    /// One for each door of the site file, in its order.
    pub doors: Vec<Arc<DoorView>>,
    /// Who was seen last where; those that have left the site are not in it.
    pub presence: Vec<Presence>,
    /// Cards that nobody holds, the newest last: the last ten.
    pub unknown_cards: Vec<UnknownCard>,
}

/// One door.
#[derive(Clone, Debug, PartialEq)]
pub struct DoorView {
    /// Its id.
    pub id: Id,
    /// Why it is locked or not.
    pub mode: DoorMode,
    /// Until when an operator holds it, if that has an end.
    pub until: Option<Wall>,
    /// Where it is between locked and forced.
    pub state: PortalState,
    /// Whether its lock is to be released now.
    pub released: bool,
    /// Its leaf; `None` where no contact is wired, or nothing is known.
    pub contact: Option<Contact>,
    /// Whether its hardware answers; `None` before it was first read.
    pub hardware: Option<bool>,
    /// Its readers.
    pub readers: Vec<ReaderView>,
    /// Somebody forced or held it open, and it has not been closed since.
    pub alarm: Option<DoorAlarm>,
    /// Somebody is at its hardware or at a reader.
    pub tampered: bool,
    /// When any of this last changed.
    pub changed: Wall,
}

/// A reader of a door.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ReaderView {
    /// On which side.
    pub side: Side,
    /// Whether it answers; `None` before it first did or did not.
    pub online: Option<bool>,
    /// Whether by an encrypted channel.
    pub secure: bool,
    /// Whether it is off its wall.
    pub tampered: bool,
}

/// Why a door is locked or not, the strongest first.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum DoorMode {
    /// Released for a fire, until somebody resets it.
    FireRelease,
    /// Locked down: only the exit button opens.
    Lockdown,
    /// An operator holds it unlocked.
    HeldUnlocked,
    /// An operator holds it locked.
    HeldLocked,
    /// Its schedule has it stand unlocked.
    Scheduled,
    /// Who may, may.
    Controlled,
}

/// Where a door is between locked and forced.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum PortalState {
    /// Locked and closed.
    Secure,
    /// A grant waits for its record.
    Granting,
    /// Unlocked for somebody, still closed.
    Granted,
    /// Open by right.
    Open,
    /// Open by right, and soon too long.
    HeldWarning,
    /// Open for too long.
    Held,
    /// Opened by nobody's right.
    Forced,
    /// Unlocked by its mode.
    Free,
    /// Nothing is known of it.
    Fault,
}

/// Why a door needs somebody.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum DoorAlarm {
    /// Opened by nobody's right.
    Forced,
    /// Open for too long.
    Held,
}

/// Where somebody is, as far as doors can tell. A door without a reader on its far side cannot tell who left.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Presence {
    /// Who.
    pub person: PersonId,
    /// The room; `None`: outside of all rooms.
    pub room: Option<Id>,
    /// How sure that is.
    pub certainty: Certainty,
    /// Since when.
    pub since: Wall,
    /// The door by which it was seen.
    pub door: Id,
}

/// How sure it is that somebody is there.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Certainty {
    /// Each way out of the room is read.
    Inside,
    /// It entered; a way out is not read, so that it may have left.
    ExitNotSeen,
    /// Nobody could see: hardware, reader or program were out meanwhile.
    Unknown,
}

/// A card that nobody holds.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct UnknownCard {
    /// At which door.
    pub door: Id,
    /// On which side.
    pub side: Side,
    /// When.
    pub at: Wall,
    /// What it would be found by.
    pub key: CardKey,
    /// As people may see it.
    pub shown: String,
}

/// What somebody orders of doors.
#[derive(Clone, Debug, PartialEq)]
pub struct DoorOrder {
    /// What.
    pub deed: DoorDeed,
    /// Who, as records name it.
    pub actor: String,
    /// Why; empty where none is asked for.
    pub why: String,
    /// When it was given: one that is older than ten seconds is refused.
    pub given: Mono,
}

/// What can be ordered of doors.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum DoorDeed {
    /// Unlock once, as for a grant.
    Unlock(DoorIx),
    /// Hold unlocked, or locked, until then; for good if no time is named.
    Hold {
        /// The door.
        door: DoorIx,
        /// Unlocked, or locked.
        unlocked: bool,
        /// Until when.
        until: Option<Wall>,
    },
    /// End what an operator holds.
    Release(DoorIx),
    /// Lock down, or end that.
    Lockdown {
        /// Which doors.
        scope: Scope,
        /// On, or off.
        on: bool,
    },
    /// End the alarm of a door that was forced and is closed again.
    ClearAlarm(DoorIx),
    /// End a fire release whose input has cleared.
    FireReset(Scope),
    /// Pair whoever is at the address of this reader.
    Pair(DoorIx, Side),
    /// Forget where somebody was last seen; everybody's place if none is named.
    ForgetPresence(Option<PersonId>),
}

/// Which doors.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Scope {
    /// One.
    Door(DoorIx),
    /// These.
    Doors(BTreeSet<DoorIx>),
    /// All that lead into or out of a room.
    Room(Id),
    /// All of the site.
    Site,
}

/// Why an order was not carried out.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum OrderRefused {
    /// There is no such door or reader, or nothing to release.
    #[error("there is no such door, or nothing there that could do it")]
    NotThere,
    /// It came too late, or again.
    #[error("the order is too old")]
    Old,
    /// A stronger mode is in force.
    #[error("the door is in mode {0}, which goes before")]
    Mode(DoorMode),
    /// The door's hardware does not answer.
    #[error("the door's hardware does not answer")]
    NoHardware,
    /// A sibling is open or unlocked.
    #[error("another door of its interlock is open or unlocked")]
    Interlock,
    /// The fire input still says fire.
    #[error("the fire input has not cleared")]
    Fire,
    /// Its record could not be written.
    #[error("the order cannot be recorded")]
    Unrecorded,
    /// Too many orders wait.
    #[error("busy: try again")]
    Busy,
}

/// What a door keeps over a restart.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct DoorStanding {
    /// Its id.
    pub door: Id,
    /// Released for a fire that nobody has reset.
    pub fire: bool,
    /// Locked down.
    pub lockdown: bool,
    /// Held by an operator.
    pub hold: Option<Hold>,
    /// The day by local time on which the first card came.
    pub armed: Option<NaiveDate>,
    /// It was forced, and nobody has cleared that.
    pub forced: bool,
}

/// What an operator holds.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Hold {
    /// Unlocked, or locked.
    pub unlocked: bool,
    /// Until when; for good if no time is named.
    pub until: Option<Wall>,
}

impl DoorStanding {
    /// A door that nothing is known of.
    #[must_use]
    pub fn new(door: Id) -> Self {
        Self { door, fire: false, lockdown: false, hold: None, armed: None, forced: false }
    }
}

/// A decision, for whoever shows why.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct ByRule {
    /// The rule.
    pub rule: RuleId,
    /// Its revision then.
    pub revision: u32,
}

words!(DoorMode {
    FireRelease => "fire-release",
    Lockdown => "lockdown",
    HeldUnlocked => "held-unlocked",
    HeldLocked => "held-locked",
    Scheduled => "scheduled",
    Controlled => "controlled",
});
words!(PortalState {
    Secure => "secure",
    Granting => "granting",
    Granted => "granted",
    Open => "open",
    HeldWarning => "held-warning",
    Held => "held",
    Forced => "forced",
    Free => "free",
    Fault => "fault",
});
words!(DoorAlarm { Forced => "forced", Held => "held" });
words!(Contact { Closed => "closed", Open => "open", Fault => "fault" });
words!(Certainty { Inside => "inside", ExitNotSeen => "exit-not-seen", Unknown => "unknown" });
