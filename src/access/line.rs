//! What there is, as API and command line tell it. Enumerations are their words, times RFC 3339 in UTC.

use std::collections::BTreeMap;

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use super::{
    Access, SETTINGS, difference::who_text, name_of, named::holder_of, schedule::times_text, setting_text,
};
use crate::{
    model::{Badge, BadgeState, Certainty, Delivery, DoorView, Holder, Presence, Visit, Wall},
    store::{HeldEntry, Registry},
};

/// Since when something is as it is told, and who made it so.
#[derive(Clone, Debug, Serialize, Deserialize, JsonSchema)]
#[allow(missing_docs, reason = "the names say it")]
pub struct Made {
    pub revision: u32,
    pub since: String,
    pub by: String,
}

/// A person who goes through doors.
#[derive(Clone, Debug, Serialize, Deserialize, JsonSchema)]
#[schemars(rename = "Person")]
#[allow(missing_docs, reason = "the names say it")]
pub struct PersonLine {
    pub id: String,
    pub name: String,
    pub groups: Vec<String>,
    /// `active`, `suspended`, `not-yet`, `over` or `ended`.
    pub standing: String,
    pub from: Option<String>,
    pub until: Option<String>,
    pub has_pin: bool,
    pub has_duress_pin: bool,
    pub long_unlock: bool,
    pub passback_exempt: bool,
    pub escort: String,
    /// Badges that have not been given back.
    pub badges: Vec<String>,
    pub visitor: bool,
    #[serde(flatten)]
    pub made: Made,
}

/// A badge.
#[derive(Clone, Debug, Serialize, Deserialize, JsonSchema)]
#[schemars(rename = "Badge")]
#[allow(missing_docs, reason = "the names say it")]
pub struct BadgeLine {
    pub id: String,
    pub person: String,
    pub name: String,
    /// The card as people may see it.
    pub shown: String,
    pub state: String,
    pub from: Option<String>,
    pub until: Option<String>,
    pub issued: String,
    pub issued_by: String,
    pub returned: Option<String>,
    #[serde(flatten)]
    pub made: Made,
}

/// A rule.
#[derive(Clone, Debug, Serialize, Deserialize, JsonSchema)]
#[schemars(rename = "Rule")]
#[allow(missing_docs, reason = "the names say it")]
pub struct RuleLine {
    pub id: String,
    pub name: String,
    /// A group, or a person's id.
    pub who: String,
    /// All of them where there is none.
    pub doors: Vec<String>,
    pub schedule: Option<String>,
    pub from: Option<String>,
    pub until: Option<String>,
    #[serde(flatten)]
    pub made: Made,
}

/// A schedule.
#[derive(Clone, Debug, Serialize, Deserialize, JsonSchema)]
#[schemars(rename = "Schedule")]
#[allow(missing_docs, reason = "the names say it")]
pub struct ScheduleLine {
    pub id: String,
    pub name: String,
    pub times: String,
    #[serde(flatten)]
    pub made: Made,
}

/// A holiday.
#[derive(Clone, Debug, Serialize, Deserialize, JsonSchema)]
#[schemars(rename = "Holiday")]
#[allow(missing_docs, reason = "the names say it")]
pub struct HolidayLine {
    pub date: String,
    pub name: String,
    #[serde(flatten)]
    pub made: Made,
}

/// A visitor with its visit.
#[derive(Clone, Debug, Serialize, Deserialize, JsonSchema)]
#[schemars(rename = "Visit")]
#[allow(missing_docs, reason = "the names say it")]
pub struct VisitLine {
    pub id: String,
    pub name: String,
    pub firm: String,
    pub purpose: String,
    pub host: String,
    pub host_name: String,
    pub authorised_by: String,
    pub from: Option<String>,
    pub until: Option<String>,
    pub standing: String,
    pub escort: String,
    pub badges: Vec<String>,
    /// Each as `what | authority | need | legal basis`.
    pub devices: Vec<String>,
}

/// A delivery.
#[derive(Clone, Debug, Serialize, Deserialize, JsonSchema)]
#[schemars(rename = "Delivery")]
#[allow(missing_docs, reason = "the names say it")]
pub struct DeliveryLine {
    pub id: String,
    pub direction: String,
    pub at: String,
    pub owner: String,
    pub request: String,
    pub decision: String,
    pub approver: String,
    pub items: Vec<String>,
    pub handed_by: String,
    pub taken_by: String,
    pub door: Option<String>,
    pub record: Option<u64>,
    pub witness: Option<String>,
    pub by: String,
}

/// A door as it is now.
#[derive(Clone, Debug, Serialize, Deserialize, JsonSchema)]
#[schemars(rename = "Door")]
#[allow(missing_docs, reason = "the names say it")]
pub struct DoorLine {
    pub id: String,
    pub name: String,
    /// Why it is locked or not.
    pub mode: String,
    /// Until when an operator holds it, if that has an end.
    pub until: Option<String>,
    /// Between locked and forced.
    pub state: String,
    /// Whether its lock is to be released.
    pub released: bool,
    /// `closed`, `open`, `fault`; null where nothing is known.
    pub contact: Option<String>,
    /// Whether its hardware answers; null before it was first read.
    pub hardware: Option<bool>,
    pub readers: Vec<ReaderLine>,
    /// `forced` or `held`.
    pub alarm: Option<String>,
    pub tampered: bool,
    pub changed: String,
    pub settings: BTreeMap<String, String>,
}

/// A reader of a door.
#[derive(Clone, Debug, Serialize, Deserialize, JsonSchema)]
#[schemars(rename = "Reader")]
#[allow(missing_docs, reason = "the names say it")]
pub struct ReaderLine {
    pub side: String,
    /// Null before it first did or did not answer.
    pub online: Option<bool>,
    pub secure: bool,
    pub tampered: bool,
}

/// Where somebody is, as far as doors can tell.
#[derive(Clone, Debug, Serialize, Deserialize, JsonSchema)]
#[schemars(rename = "Presence")]
#[allow(missing_docs, reason = "the names say it")]
pub struct PresenceLine {
    pub person: String,
    pub name: String,
    /// Null: outside of all rooms.
    pub room: Option<String>,
    /// `inside`, `exit-not-seen` or `unknown`.
    pub certainty: String,
    pub since: String,
    pub door: String,
}

/// A card that nobody holds, and that was shown lately.
#[derive(Clone, Debug, Serialize, Deserialize, JsonSchema)]
#[schemars(rename = "UnknownCard")]
#[allow(missing_docs, reason = "the names say it")]
pub struct UnknownLine {
    /// Counted from the newest, 1.
    pub swiped: usize,
    pub shown: String,
    pub door: String,
    pub side: String,
    pub time: String,
}

fn time(time: Option<Wall>) -> Option<String> {
    time.map(Wall::rfc3339)
}

impl Made {
    pub(super) fn of(held: &HeldEntry) -> Self {
        Self { revision: held.revision, since: held.since.rfc3339(), by: held.by.clone() }
    }
}

/// Whether a holder goes through doors at a time.
pub(super) fn standing(holder: &Holder, at: Wall) -> &'static str {
    match holder {
        Holder { ended: Some(_), .. } => "ended",
        Holder { suspended: Some(_), .. } => "suspended",
        Holder { from: Some(from), .. } if *from > at => "not-yet",
        Holder { until: Some(until), .. } if *until <= at => "over",
        _ => "active",
    }
}

/// The badges of somebody that have not been given back.
fn badges_of<'b>(holder: &Holder, badges: impl Iterator<Item = &'b Badge>) -> Vec<String> {
    let theirs = badges.filter(|badge| badge.person == holder.person && badge.state != BadgeState::Returned);
    theirs.map(|badge| badge.id.to_string()).collect()
}

impl PersonLine {
    pub(super) fn new<'b>(
        registry: &Registry,
        holder: &Holder,
        badges: impl Iterator<Item = &'b Badge>,
        at: Wall,
        made: Made,
    ) -> Self {
        Self {
            id: holder.person.to_string(),
            name: name_of(registry, holder.person),
            groups: holder.groups.iter().map(ToString::to_string).collect(),
            standing: standing(holder, at).to_owned(),
            from: time(holder.from),
            until: time(holder.until),
            has_pin: holder.pin.is_some(),
            has_duress_pin: holder.duress_pin.is_some(),
            long_unlock: holder.long_unlock,
            passback_exempt: holder.passback_exempt,
            escort: holder.escort.to_string(),
            badges: badges_of(holder, badges),
            visitor: holder.visit.is_some(),
            made,
        }
    }
}

impl VisitLine {
    pub(super) fn new<'b>(
        registry: &Registry,
        (holder, visit): (&Holder, &Visit),
        badges: impl Iterator<Item = &'b Badge>,
        at: Wall,
    ) -> Self {
        let devices = visit.devices.iter();
        Self {
            id: holder.person.to_string(),
            name: name_of(registry, holder.person),
            firm: visit.firm.clone(),
            purpose: visit.purpose.clone(),
            host: visit.host.to_string(),
            host_name: name_of(registry, visit.host),
            authorised_by: visit.authorised_by.clone(),
            from: time(holder.from),
            until: time(holder.until),
            standing: standing(holder, at).to_owned(),
            escort: holder.escort.to_string(),
            badges: badges_of(holder, badges),
            devices: devices
                .map(|one| format!("{} | {} | {} | {}", one.what, one.authority, one.need, one.basis))
                .collect(),
        }
    }
}

impl BadgeLine {
    pub(super) fn new(registry: &Registry, badge: &Badge, made: Made) -> Self {
        Self {
            id: badge.id.to_string(),
            person: badge.person.to_string(),
            name: name_of(registry, badge.person),
            shown: badge.shown.clone(),
            state: badge.state.to_string(),
            from: time(badge.from),
            until: time(badge.until),
            issued: badge.issued.rfc3339(),
            issued_by: badge.issued_by.clone(),
            returned: time(badge.returned),
            made,
        }
    }
}

impl RuleLine {
    pub(super) fn new(rule: &crate::model::AccessRule, made: Made) -> Self {
        Self {
            id: rule.id.to_string(),
            name: rule.name.clone(),
            who: who_text(&rule.who),
            doors: rule.doors.iter().map(ToString::to_string).collect(),
            schedule: rule.schedule.as_ref().map(ToString::to_string),
            from: time(rule.from),
            until: time(rule.until),
            made,
        }
    }
}

impl ScheduleLine {
    pub(super) fn new(schedule: &crate::model::Schedule, made: Made) -> Self {
        Self { id: schedule.id.to_string(), name: schedule.name.clone(), times: times_text(schedule), made }
    }
}

impl DeliveryLine {
    /// A delivery.
    #[must_use]
    pub fn new(delivery: &Delivery) -> Self {
        Self {
            id: delivery.id.to_string(),
            direction: delivery.direction.to_string(),
            at: delivery.at.rfc3339(),
            owner: delivery.owner.clone(),
            request: delivery.request.clone(),
            decision: delivery.decision.clone(),
            approver: delivery.approver.clone(),
            items: delivery.items.clone(),
            handed_by: delivery.handed_by.clone(),
            taken_by: delivery.taken_by.clone(),
            door: delivery.door.as_ref().map(ToString::to_string),
            record: delivery.record,
            witness: delivery.witness.map(|person| person.to_string()),
            by: delivery.by.clone(),
        }
    }
}

impl Access {
    /// Every door as it is now.
    #[must_use]
    pub fn doors(&self) -> Vec<DoorLine> {
        let view = self.desk.view.borrow().clone();
        view.doors.iter().map(|door| self.door_line(door)).collect()
    }

    /// A door as it is now.
    #[must_use]
    pub fn door_line(&self, view: &DoorView) -> DoorLine {
        let plant = self.plant();
        let door = plant.site.doors.iter().find(|door| door.id == view.id);
        let settings = self.settings(&view.id);
        let settings = SETTINGS.iter().map(|(name, _)| ((*name).to_owned(), setting_text(&settings, name)));
        DoorLine {
            id: view.id.to_string(),
            name: door.map_or_else(|| view.id.to_string(), |door| door.name.clone()),
            mode: view.mode.to_string(),
            until: view.until.map(Wall::rfc3339),
            state: view.state.to_string(),
            released: view.released,
            contact: view.contact.map(|contact| contact.to_string()),
            hardware: view.hardware,
            readers: view.readers.iter().map(ReaderLine::new).collect(),
            alarm: view.alarm.map(|alarm| alarm.to_string()),
            tampered: view.tampered,
            changed: view.changed.rfc3339(),
            settings: settings.collect(),
        }
    }

    /// Who is where, as far as doors can tell.
    #[must_use]
    pub fn presence(&self) -> Vec<PresenceLine> {
        let view = self.desk.view.borrow().clone();
        let registry = self.accounts.registry();
        let line = |one: &Presence| PresenceLine {
            person: one.person.to_string(),
            name: name_of(&registry, one.person),
            room: one.room.as_ref().map(ToString::to_string),
            certainty: certainty(&registry, one).to_string(),
            since: one.since.rfc3339(),
            door: one.door.to_string(),
        };
        view.presence.iter().map(line).collect()
    }

    /// Cards that nobody holds, the newest first.
    #[must_use]
    pub fn unknown_cards(&self) -> Vec<UnknownLine> {
        let view = self.desk.view.borrow();
        let newest_first = (1..).zip(view.unknown_cards.iter().rev());
        let line = |(swiped, card): (usize, &crate::model::UnknownCard)| UnknownLine {
            swiped,
            shown: card.shown.clone(),
            door: card.door.to_string(),
            side: card.side.to_string(),
            time: card.at.rfc3339(),
        };
        newest_first.map(line).collect()
    }
}

/// Who has ended may still be there: that is not known, and worth a look.
fn certainty(registry: &Registry, presence: &Presence) -> Certainty {
    let ended = holder_of(registry, presence.person).is_some_and(|holder| holder.ended.is_some());
    if ended { Certainty::Unknown } else { presence.certainty }
}

impl ReaderLine {
    fn new(reader: &crate::model::ReaderView) -> Self {
        Self {
            side: reader.side.to_string(),
            online: reader.online,
            secure: reader.secure,
            tampered: reader.tampered,
        }
    }
}
