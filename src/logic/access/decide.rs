//! The decision. The first reason that holds is the one that is recorded; none is ever shown at the reader:
//!
//! unknown → badge disabled, lost, given back, not yet valid, expired → person suspended, not yet valid, expired → lockdown →
//! locked by an operator → no rule for this door → schedule, holiday, doubtful clock → anti-passback → interlock → first card →
//! PIN needed, wrong, blocked → duress → a second person or an escort → grant.
//!
//! Format and parity are asked before (`credential`). With 10 000 badges and 500 rules it takes microseconds, most of them
//! for a PIN's HMAC.

use super::{Book, credential::pin_key};
use crate::model::{
    AccessRule, Badge, BadgeId, BadgeState, ByRule, CardKey, DoorMode, DoorSettings, DoubtfulClock, Escort,
    Holder, Id, Now, Passback, PersonId, Proof, Trust, Wall,
};

/// What is asked. What doors remember comes in as functions of the person.
pub struct Asked<'a> {
    /// Badges and rules.
    pub book: &'a Book,
    /// The key of the site's cards and PINs.
    pub site_key: &'a [u8; 32],
    /// The door's id.
    pub door: &'a Id,
    /// How it is to behave.
    pub settings: &'a DoorSettings,
    /// The moment.
    pub now: Now,
    /// What was shown.
    pub shown: Shown,
    /// And keyed in.
    pub pin: PinShown<'a>,
    /// Why the door is locked or not.
    pub mode: DoorMode,
    /// Whether a sibling of its interlock is open or unlocked.
    pub interlocked: bool,
    /// Whether the first card has come.
    pub armed: bool,
    /// Whether somebody is on the far side already.
    pub is_beyond: &'a dyn Fn(PersonId) -> bool,
    /// Whether somebody has keyed in too many wrong PINs.
    pub is_blocked: &'a dyn Fn(PersonId) -> bool,
}

/// What was shown.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Shown {
    /// A card.
    Card(CardKey),
    /// A person's number, on the pad.
    Number(PersonId),
}

/// What was keyed in.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum PinShown<'a> {
    /// Nothing yet: it may be asked for.
    NotYet,
    /// These digits.
    Digits(&'a str),
}

/// The answer.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Verdict {
    /// May pass, perhaps only with somebody else.
    Granted(Grant),
    /// A PIN must be keyed in first.
    PinWanted(PersonId),
    /// May not.
    Denied(Denial),
}

/// Who may pass, and by which rule.
#[derive(Clone, Debug, PartialEq, Eq)]
#[expect(clippy::struct_excessive_bools, reason = "each is a fact of its own, and all of them are recorded")]
pub struct Grant {
    /// Who.
    pub person: PersonId,
    /// By which badge, if by one.
    pub badge: Option<BadgeId>,
    /// By which rule.
    pub rule: ByRule,
    /// By the PIN of somebody who is forced: raises a silent alarm.
    pub duress: bool,
    /// The door stays unlocked for longer.
    pub long: bool,
    /// Is on the far side already, and enters all the same.
    pub beyond: bool,
    /// Is the first card, from which on the door stands unlocked.
    pub arms: bool,
    /// What escorts mean to the person.
    pub escort: Escort,
}

/// Who may not pass, and why.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Denial {
    /// Why.
    pub why: Why,
    /// Who, if that is known.
    pub person: Option<PersonId>,
    /// By which badge, if by one.
    pub badge: Option<BadgeId>,
    /// More of the reason, for the record: `lost`, `suspended`, `clock`.
    pub detail: Option<&'static str>,
}

/// Why somebody may not pass.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
#[allow(missing_docs, reason = "the codes say it")]
pub enum Why {
    UnknownCredential,
    NotEnabled,
    NotActive,
    Expired,
    Lockdown,
    DoorLocked,
    Unauthorized,
    Schedule,
    AntiPassback,
    Interlock,
    FirstCard,
    InvalidPin,
    PinBlocked,
    TwoPerson,
    Escort,
    /// The door's hardware cannot be reached.
    Fault,
    /// Its record is not on disk in time, and the door's policy is to deny then.
    Unrecorded,
}

impl Why {
    /// The code of its record; never changes.
    #[must_use]
    pub fn code(self) -> &'static str {
        match self {
            Self::UnknownCredential => "access.denied.unknown_credential",
            Self::NotEnabled => "access.denied.not_enabled",
            Self::NotActive => "access.denied.not_active",
            Self::Expired => "access.denied.expired",
            Self::Lockdown => "access.denied.lockdown",
            Self::DoorLocked => "access.denied.door_locked",
            Self::Unauthorized => "access.denied.unauthorized",
            Self::Schedule => "access.denied.schedule",
            Self::AntiPassback => "access.denied.antipassback",
            Self::Interlock => "access.denied.interlock",
            Self::FirstCard => "access.denied.first_card",
            Self::InvalidPin => "access.denied.invalid_pin",
            Self::PinBlocked => "access.denied.pin_blocked",
            Self::TwoPerson => "access.denied.two_person",
            Self::Escort => "access.denied.escort",
            Self::Fault => "access.denied.fault",
            Self::Unrecorded => "access.denied.unrecorded",
        }
    }
}

type Found<'a> = (Option<&'a Badge>, &'a Holder);

/// Decides.
#[must_use]
pub fn decide(asked: &Asked<'_>) -> Verdict {
    let found = match find(asked) {
        Ok(found) => found,
        Err(denial) => return Verdict::Denied(denial),
    };
    decide_for(asked, found).unwrap_or_else(|(why, detail)| Verdict::Denied(denied(found, why, detail)))
}

fn denied((badge, holder): Found<'_>, why: Why, detail: Option<&'static str>) -> Denial {
    Denial { why, person: Some(holder.person), badge: badge.map(|badge| badge.id), detail }
}

/// The badge that counts, and its person.
fn find<'a>(asked: &Asked<'a>) -> Result<Found<'a>, Denial> {
    let nobody = Denial { why: Why::UnknownCredential, person: None, badge: None, detail: None };
    let badge = match asked.shown {
        Shown::Number(person) => {
            let holder = asked.book.holder(person).filter(|_| asked.settings.proof == Proof::Pin);
            return holder.map(|holder| (None, holder)).ok_or(nobody);
        }
        Shown::Card(key) => asked.book.badge(&key).ok_or_else(|| nobody.clone())?,
    };
    let Some(holder) = asked.book.holder(badge.person) else {
        let (why, person) = (Why::NotEnabled, Some(badge.person));
        return Err(Denial { why, person, badge: Some(badge.id), detail: Some("ended") });
    };
    let found = (Some(badge), holder);
    let detail = match badge.state {
        BadgeState::Active => return Ok(found),
        BadgeState::Disabled => "disabled",
        BadgeState::Lost => "lost",
        BadgeState::Returned => "returned",
    };
    Err(denied(found, Why::NotEnabled, Some(detail)))
}

type No = (Why, Option<&'static str>);

fn decide_for(asked: &Asked<'_>, (badge, holder): Found<'_>) -> Result<Verdict, No> {
    let now = asked.now.wall;
    if let Some(badge) = badge {
        valid(now, badge.from, badge.until)?;
    }
    if holder.ended.is_some() {
        return Err((Why::NotEnabled, Some("ended")));
    }
    if holder.suspended.is_some() {
        return Err((Why::NotEnabled, Some("suspended")));
    }
    valid(now, holder.from, holder.until)?;
    match asked.mode {
        DoorMode::Lockdown => return Err((Why::Lockdown, None)),
        DoorMode::HeldLocked => return Err((Why::DoorLocked, None)),
        DoorMode::FireRelease | DoorMode::HeldUnlocked | DoorMode::Scheduled | DoorMode::Controlled => {}
    }
    let rule = rule(asked, badge, holder)?;
    let beyond = !holder.passback_exempt && (asked.is_beyond)(holder.person);
    if beyond && asked.settings.passback == Passback::Hard {
        return Err((Why::AntiPassback, None));
    }
    if asked.interlocked && asked.mode != DoorMode::FireRelease {
        return Err((Why::Interlock, None));
    }
    let arms = first_card(asked, holder)?;
    let duress = match pin(asked, holder)? {
        Pin::Right => false,
        Pin::Duress => true,
        Pin::Wanted => return Ok(Verdict::PinWanted(holder.person)),
    };
    Ok(Verdict::Granted(Grant {
        person: holder.person,
        badge: badge.map(|badge| badge.id),
        rule: ByRule { rule: rule.id, revision: rule.revision },
        duress,
        long: holder.long_unlock,
        beyond: beyond && asked.settings.passback != Passback::Off,
        arms,
        escort: holder.escort,
    }))
}

fn valid(now: Wall, from: Option<Wall>, until: Option<Wall>) -> Result<(), No> {
    if from.is_some_and(|from| now < from) {
        return Err((Why::NotActive, None));
    }
    if until.is_some_and(|until| now >= until) {
        return Err((Why::Expired, None));
    }
    Ok(())
}

/// The rule by which somebody may pass now.
fn rule<'a>(asked: &Asked<'a>, badge: Option<&Badge>, holder: &'a Holder) -> Result<&'a AccessRule, No> {
    let now = asked.now.wall;
    let doubtful = asked.now.trust == Trust::Unsynchronised;
    let policy = asked.settings.doubtful_clock;
    let mut of_door = asked.book.rules(holder, asked.door).peekable();
    if of_door.peek().is_none() {
        return Err((Why::Unauthorized, None));
    }
    let limited = |from: Option<Wall>, until: Option<Wall>| from.is_some() || until.is_some();
    let timed =
        limited(holder.from, holder.until) || badge.is_some_and(|badge| limited(badge.from, badge.until));
    let holds = |rule: &&AccessRule| {
        let by_clock = valid(now, rule.from, rule.until).is_ok()
            && rule.schedule.as_ref().is_none_or(|schedule| asked.book.calendar.holds(schedule, now));
        let untimed = !timed && rule.schedule.is_none() && !limited(rule.from, rule.until);
        match policy {
            _ if !doubtful => by_clock,
            DoubtfulClock::Ignore => by_clock,
            DoubtfulClock::Untimed => untimed,
            DoubtfulClock::Deny => false,
        }
    };
    let detail = (doubtful && policy != DoubtfulClock::Ignore).then_some("clock");
    of_door.find(holds).ok_or((Why::Schedule, detail))
}

/// Whether this is the first card; others wait for it.
fn first_card(asked: &Asked<'_>, holder: &Holder) -> Result<bool, No> {
    let Some(group) = &asked.settings.first_card else { return Ok(false) };
    let scheduled = asked.settings.unlocked.as_ref();
    let waits =
        !asked.armed && scheduled.is_some_and(|schedule| asked.book.calendar.holds(schedule, asked.now.wall));
    match (waits, holder.groups.contains(group)) {
        (true, false) => Err((Why::FirstCard, None)),
        (waits, _) => Ok(waits),
    }
}

enum Pin {
    Right,
    Duress,
    Wanted,
}

fn pin(asked: &Asked<'_>, holder: &Holder) -> Result<Pin, No> {
    let settings = asked.settings;
    let alone = settings.card_alone.as_ref();
    let alone = alone.is_some_and(|schedule| asked.book.calendar.holds(schedule, asked.now.wall));
    let wanted = match settings.proof {
        Proof::Card => false,
        Proof::CardPin => !alone,
        Proof::Pin => true,
    };
    if !wanted {
        return Ok(Pin::Right);
    }
    if (asked.is_blocked)(holder.person) {
        return Err((Why::PinBlocked, None));
    }
    let digits = match asked.pin {
        PinShown::NotYet => return Ok(Pin::Wanted),
        PinShown::Digits(digits) => digits,
    };
    let key = pin_key(asked.site_key, holder.person, digits);
    if holder.pin == Some(key) {
        Ok(Pin::Right)
    } else if holder.duress_pin == Some(key) {
        Ok(Pin::Duress)
    } else {
        Err((Why::InvalidPin, None))
    }
}
