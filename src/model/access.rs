//! Who may go where and when: badges, their holders, rules and schedules. People change all of it
//! while the program runs; it lies in the registry. What is wired to a door is the site file's.
//!
//! The registry keeps each as JSON: a field that is added later needs a default, a name that stands there is not changed.
//!
//! A card is known by an HMAC of its bits, a PIN by an HMAC with its person: neither is kept as it is. Names, firms and
//! purposes are personal data: in the registry, never in records or topics.

use std::{collections::BTreeSet, fmt, num::NonZeroU32};

use chrono::NaiveDate;
use data_encoding::HEXLOWER;
use serde::{Deserialize, Serialize, de::Error as _};

use super::{
    DoorSettings, Id, PersonId, Wall,
    written::{numbered, words},
};

/// A badge's number; written `b12`.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
pub struct BadgeId(pub NonZeroU32);

/// A rule's number; written `r3`.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
pub struct RuleId(pub NonZeroU32);

/// What a card is found by: HMAC-SHA-256 with the site's key over its number of bits and the bits.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct CardKey(pub [u8; 32]);

/// What a PIN is compared with: HMAC-SHA-256 with the site's key over its person and the digits.
#[derive(Clone, Copy, PartialEq, Eq)]
pub struct PinKey(pub [u8; 32]);

/// A badge.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Badge {
    /// Its number, never given again.
    pub id: BadgeId,
    /// Whose.
    pub person: PersonId,
    /// What its card is found by.
    pub key: CardKey,
    /// The card as people may see it: `FC 42 / CN …45`.
    pub shown: String,
    /// Whether it counts.
    pub state: BadgeState,
    /// From when on, if that is set.
    pub from: Option<Wall>,
    /// Until before then, if that is set.
    pub until: Option<Wall>,
    /// When it was issued.
    pub issued: Wall,
    /// By whom, as records name it.
    pub issued_by: String,
    /// When it was returned for good, if it was.
    pub returned: Option<Wall>,
}

/// Whether a badge counts.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum BadgeState {
    /// It does.
    Active,
    /// Switched off for now.
    Disabled,
    /// Lost: a try with it is an alarm.
    Lost,
    /// Given back, for good.
    Returned,
}

/// A person as somebody who goes through doors.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Holder {
    /// Who.
    pub person: PersonId,
    /// What rules may call together, such as `staff` or `electricians`.
    pub groups: BTreeSet<Id>,
    /// The PIN.
    pub pin: Option<PinKey>,
    /// The PIN of somebody who is forced: opens as the other does, and raises a silent alarm.
    pub duress_pin: Option<PinKey>,
    /// From when on, if that is set.
    pub from: Option<Wall>,
    /// Until before then, if that is set.
    pub until: Option<Wall>,
    /// Whether doors stay unlocked for longer.
    pub long_unlock: bool,
    /// Whether anti-passback leaves it alone.
    pub passback_exempt: bool,
    /// What escorts mean to it.
    pub escort: Escort,
    /// Whom and what for, if it is a visitor (R-VISITOR).
    pub visit: Option<Visit>,
    /// Suspended since then.
    pub suspended: Option<Wall>,
    /// Ended for good since then (R-LEAVER).
    pub ended: Option<Wall>,
}

/// What escorts mean to somebody.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Escort {
    /// Goes alone, and escorts nobody.
    #[default]
    Alone,
    /// Goes nowhere without an escort.
    Needs,
    /// Goes alone, and may escort.
    Gives,
}

/// A visitor's visit.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Visit {
    /// Whom it visits.
    pub host: PersonId,
    /// From which firm or agency.
    pub firm: String,
    /// What for.
    pub purpose: String,
    /// Who authorised it.
    pub authorised_by: String,
    /// Devices that it carries in (R-VISITOR), each with what the law permits it by; empty: none.
    pub devices: Vec<CarriedDevice>,
}

/// A device that a visitor carries in although that is forbidden, by a competent authority's own special need.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct CarriedDevice {
    /// What it is.
    pub what: String,
    /// Which authority needs it.
    pub authority: String,
    /// The need.
    pub need: String,
    /// The legal basis.
    pub basis: String,
}

/// Who may open which doors when. Each change makes a further revision; decisions name it.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct AccessRule {
    /// Its number, never given again.
    pub id: RuleId,
    /// Counts its changes, from 1.
    pub revision: u32,
    /// What people call it.
    pub name: String,
    /// For whom.
    pub who: Who,
    /// Which doors; empty: all of them.
    pub doors: BTreeSet<Id>,
    /// When; always if none is named.
    pub schedule: Option<Id>,
    /// From when on, if that is set.
    pub from: Option<Wall>,
    /// Until before then, if that is set.
    pub until: Option<Wall>,
}

/// For whom a rule is.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Who {
    /// One person.
    Person(PersonId),
    /// Everybody in a group.
    Group(Id),
}

/// A part of a day, in minutes of local time: from the one up to before the other, 0 to 1440.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(try_from = "String", into = "String")]
pub struct Window {
    from: u16,
    to: u16,
}

/// When something holds, by local time.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Schedule {
    /// Its id.
    pub id: Id,
    /// What people call it.
    pub name: String,
    /// Monday to Sunday, then holidays, which take the place of their day of the week.
    pub days: [Vec<Window>; 8],
}

/// A day on which schedules follow their eighth day.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Holiday {
    /// The day.
    pub date: NaiveDate,
    /// What people call it.
    pub name: String,
}

/// All of it.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct AccessData {
    /// Badges, also those given back.
    pub badges: Vec<Badge>,
    /// Who may hold some.
    pub holders: Vec<Holder>,
    /// Rules that are in force, each in its newest revision.
    pub rules: Vec<AccessRule>,
    /// Schedules.
    pub schedules: Vec<Schedule>,
    /// Holidays.
    pub holidays: Vec<Holiday>,
    /// Doors that behave otherwise than at first.
    pub doors: Vec<DoorSettings>,
}

impl Holder {
    /// Somebody about whom nothing is said yet.
    #[must_use]
    pub fn new(person: PersonId) -> Self {
        Self {
            person,
            groups: BTreeSet::new(),
            pin: None,
            duress_pin: None,
            from: None,
            until: None,
            long_unlock: false,
            passback_exempt: false,
            escort: Escort::Alone,
            visit: None,
            suspended: None,
            ended: None,
        }
    }
}

impl Window {
    /// From one minute of the day up to before another; 1440 is midnight at the end.
    #[must_use]
    pub fn new(from: u16, to: u16) -> Option<Self> {
        (from < to && to <= 1440).then_some(Self { from, to })
    }

    /// Whether it holds this minute of the day.
    #[must_use]
    pub fn holds(self, minute: u16) -> bool {
        (self.from..self.to).contains(&minute)
    }

    /// Its first minute, and the one after its last.
    #[must_use]
    pub fn ends(self) -> (u16, u16) {
        (self.from, self.to)
    }

    /// Reads `08:00-17:30`; `24:00` is midnight at the end.
    #[must_use]
    pub fn parse(text: &str) -> Option<Self> {
        let minute = |text: &str| {
            let (hours, minutes) = text.split_once(':')?;
            let plain = |part: &str| part.len() == 2 && part.bytes().all(|byte| byte.is_ascii_digit());
            let (hours, minutes): (u16, u16) = (hours.parse().ok()?, minutes.parse().ok()?);
            let all = plain(text.get(..2)?) && plain(text.get(3..)?) && minutes < 60 && hours <= 24;
            all.then_some(hours * 60 + minutes)
        };
        let (from, to) = text.split_once('-')?;
        Self::new(minute(from)?, minute(to)?)
    }
}

impl fmt::Display for Window {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Self { from, to } = self;
        write!(f, "{:02}:{:02}-{:02}:{:02}", from / 60, from % 60, to / 60, to % 60)
    }
}

impl TryFrom<String> for Window {
    type Error = &'static str;

    fn try_from(text: String) -> Result<Self, Self::Error> {
        Self::parse(&text).ok_or("no part of a day, such as 08:00-17:30")
    }
}

impl From<Window> for String {
    fn from(window: Window) -> Self {
        window.to_string()
    }
}

words!(BadgeState { Active => "active", Disabled => "disabled", Lost => "lost", Returned => "returned" });
words!(Escort { Alone => "alone", Needs => "needs", Gives => "gives" });

numbered!(BadgeId, 'b');
numbered!(RuleId, 'r');

/// A key that is never shown, and kept as hexadecimal digits.
macro_rules! hidden {
    ($type:ident) => {
        impl fmt::Debug for $type {
            fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                f.write_str(concat!(stringify!($type), "(…)"))
            }
        }

        impl Serialize for $type {
            fn serialize<S: serde::Serializer>(&self, to: S) -> Result<S::Ok, S::Error> {
                to.serialize_str(&HEXLOWER.encode(&self.0))
            }
        }

        impl<'de> Deserialize<'de> for $type {
            fn deserialize<D: serde::Deserializer<'de>>(from: D) -> Result<Self, D::Error> {
                let text = String::deserialize(from)?;
                let bytes = HEXLOWER.decode(text.as_bytes()).ok().and_then(|bytes| bytes.try_into().ok());
                bytes.map(Self).ok_or_else(|| D::Error::custom("no 64 hexadecimal digits"))
            }
        }
    };
}

hidden!(CardKey);
hidden!(PinKey);

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn windows_are_read_as_they_are_written() {
        for text in ["00:00-24:00", "08:00-17:30", "23:59-24:00"] {
            assert_eq!(Window::parse(text).map(|window| window.to_string()).as_deref(), Some(text));
        }
        for wrong in [
            "",
            "8:00-17:30",
            "08:00",
            "17:30-08:00",
            "08:00-08:00",
            "08:60-09:00",
            "08:00-24:01",
            "+8:00-09:00",
        ] {
            assert_eq!(Window::parse(wrong), None, "{wrong}");
        }
        let office = Window::parse("08:00-17:30").unwrap();
        assert_eq!([479, 480, 1049, 1050].map(|minute| office.holds(minute)), [false, true, true, false]);
    }

    #[test]
    fn badges_and_rules_are_read_as_they_are_written_and_nothing_else_is() {
        assert_eq!(BadgeId::parse("b12").map(|id| id.to_string()).as_deref(), Some("b12"));
        assert_eq!(RuleId::parse("r3").map(|id| id.to_string()).as_deref(), Some("r3"));
        for wrong in ["12", "b0", "b012", "r12"] {
            assert_eq!(BadgeId::parse(wrong), None, "{wrong}");
        }
    }
}
