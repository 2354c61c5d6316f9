//! How a door is to behave, as people set it while the program runs. What is wired to it is the site file's. The registry keeps it
//! as JSON: a field that is added later needs a default, a name that stands there is not changed.

use std::time::Duration;

use serde::{Deserialize, Serialize};

use super::{Id, written::words};

/// How a door is to behave. [`DoorSettings::new`] has the defaults.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct DoorSettings {
    /// The door's id.
    pub door: Id,
    /// What must be shown.
    pub proof: Proof,
    /// When a card alone is enough although a PIN is asked for otherwise.
    pub card_alone: Option<Id>,
    /// When it stands unlocked.
    pub unlocked: Option<Id>,
    /// Whoever comes first while `unlocked` holds must be in this group: it unlocks only then, and others enter only then.
    pub first_card: Option<Id>,
    /// How long it is unlocked for a grant: 3 to 60 s.
    pub unlock: Duration,
    /// The same for people flagged so: as long or longer, to 60 s.
    pub long_unlock: Duration,
    /// How long it may stand open: 10 s or longer.
    pub held: Duration,
    /// How long before that readers warn; shorter than `held`.
    pub warning: Duration,
    /// When it locks again after a grant.
    pub relock: Relock,
    /// For how long an input must stand before it counts: below 400 ms.
    pub debounce: Duration,
    /// Whether two persons must show their badges one after the other.
    pub two_persons: bool,
    /// Whether nobody may enter twice without leaving.
    pub passback: Passback,
    /// Doors of the same name here are never open at the same time.
    pub interlock: Option<Id>,
    /// What becomes of a grant whose record is not on disk in time.
    pub unrecorded: Unrecorded,
    /// What schedules say while the clock is not to be believed.
    pub doubtful_clock: DoubtfulClock,
}

/// What must be shown at a door.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Proof {
    /// A card.
    Card,
    /// A card and its person's PIN.
    CardPin,
    /// A PIN alone: the person's number, `*`, the PIN and `#`.
    Pin,
}

/// When a door locks again after a grant.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Relock {
    /// Once it opens, as a strike should.
    OnOpen,
    /// Once it closes, as a magnet must.
    OnClose,
}

/// Anti-passback.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Passback {
    /// None.
    Off,
    /// Who is inside already enters all the same; the record says so.
    Soft,
    /// Who is inside already is denied.
    Hard,
}

/// What becomes of a grant whose record is not in the journal in time.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Unrecorded {
    /// It goes to the spool file on another path, and the door opens once it is on disk there.
    Spool,
    /// It is denied.
    Deny,
}

/// What schedules say while the clock is not to be believed.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum DoubtfulClock {
    /// No: nobody enters.
    Deny,
    /// No: only rules without a schedule count.
    Untimed,
    /// What they say by the clock as it is.
    Ignore,
}

impl DoorSettings {
    /// A door as it behaves until somebody says otherwise; `magnet`: its lock is released without power.
    #[must_use]
    pub fn new(door: Id, magnet: bool) -> Self {
        Self {
            door,
            proof: Proof::Card,
            card_alone: None,
            unlocked: None,
            first_card: None,
            unlock: Duration::from_secs(5),
            long_unlock: Duration::from_secs(20),
            held: Duration::from_secs(30),
            warning: Duration::from_secs(10),
            relock: if magnet { Relock::OnClose } else { Relock::OnOpen },
            debounce: Duration::from_millis(50),
            two_persons: false,
            passback: Passback::Off,
            interlock: None,
            unrecorded: Unrecorded::Spool,
            doubtful_clock: DoubtfulClock::Untimed,
        }
    }
}

words!(Proof { Card => "card", CardPin => "card-pin", Pin => "pin" });
words!(Relock { OnOpen => "on-open", OnClose => "on-close" });
words!(Passback { Off => "off", Soft => "soft", Hard => "hard" });
words!(Unrecorded { Spool => "spool", Deny => "deny" });
words!(DoubtfulClock { Deny => "deny", Untimed => "untimed", Ignore => "ignore" });
