//! What people do about who may go where: one list for pages, API and command line. Everything is text as somebody typed it.
//!
//! In deeds that change something a field that is absent stays as it is; an empty one, or `none`, takes its value away.

use std::{collections::BTreeMap, fmt};

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use super::Access;
use crate::{
    accounts::{Caller, NotDone},
    model::Right,
};

/// A deed. `person` is an id (`p7`), a sign-in name, or a name that only one person has; days count to their end by the hall's
/// time. `why` stands in the journal.
#[derive(Clone, Serialize, Deserialize, JsonSchema)]
#[serde(tag = "deed", rename_all = "kebab-case", deny_unknown_fields)]
#[allow(
    missing_docs,
    reason = "the fields' names say it, and the head of this file what they have in common"
)]
pub enum AccessDeed {
    /// A person who goes through doors: a new one by `name`, or one who has an account by `person`.
    AddPerson {
        name: Option<String>,
        person: Option<String>,
        #[serde(default)]
        holder: HolderFields,
        why: String,
    },
    /// Changes a person.
    ChangePerson {
        person: String,
        name: Option<String>,
        #[serde(default)]
        holder: HolderFields,
        why: String,
    },
    /// No door opens for the person until it is restored.
    SuspendPerson { person: String, why: String },
    /// Restores a suspended person.
    RestorePerson { person: String, why: String },
    /// Ends a person everywhere, for good: badges, PINs, account, sessions, tokens, links (R-LEAVER). `handed_over` is
    /// equipment and papers that were given back.
    EndPerson {
        person: String,
        #[serde(default)]
        handed_over: Vec<String>,
        why: String,
    },
    /// The written undertaking of who leaves: which paper it is.
    RecordUndertaking { person: String, paper: String },
    /// A badge for a person: by `facility` and `number` (`bits` is 26, 34 or 37), by `bits` and `hex`, or by the place of a
    /// swiped card, 1 for the newest.
    IssueBadge { person: String, card: CardFields, from: Option<String>, until: Option<String>, why: String },
    /// Changes a badge; `state` is `active`, `disabled` or `lost`.
    ChangeBadge {
        badge: String,
        state: Option<String>,
        from: Option<String>,
        until: Option<String>,
        why: String,
    },
    /// A badge was given back, for good.
    ReturnBadge { badge: String, why: String },
    /// A rule; `who` is a group or a person's id; no `doors`: all of them.
    AddRule {
        name: String,
        who: String,
        #[serde(default)]
        doors: Vec<String>,
        schedule: Option<String>,
        from: Option<String>,
        until: Option<String>,
        why: String,
    },
    /// Changes a rule, which gets a further revision.
    ChangeRule {
        rule: String,
        name: Option<String>,
        who: Option<String>,
        doors: Option<Vec<String>>,
        schedule: Option<String>,
        from: Option<String>,
        until: Option<String>,
        why: String,
    },
    /// Ends a rule.
    EndRule { rule: String, why: String },
    /// Makes or changes a schedule; `times` such as `Mon-Fri 08:00-17:30; holidays none`.
    SetSchedule { schedule: String, name: Option<String>, times: String, why: String },
    /// Ends a schedule that nothing goes by.
    EndSchedule { schedule: String, why: String },
    /// Makes a day, `2027-01-01`, a holiday.
    SetHoliday { date: String, name: String },
    /// Makes it a day like others.
    EndHoliday { date: String },
    /// Sets how a door behaves: names and texts of its settings.
    SetDoor { door: String, settings: BTreeMap<String, String>, why: String },
    /// A visitor, with its visit (R-VISITOR). `until` is a must.
    RegisterVisit {
        name: String,
        host: String,
        firm: String,
        purpose: String,
        #[serde(default)]
        groups: Vec<String>,
        from: Option<String>,
        until: String,
        /// Goes without an escort.
        #[serde(default)]
        alone: bool,
        /// Devices carried in although that is forbidden, each as `what | authority | need | legal basis`.
        #[serde(default)]
        devices: Vec<String>,
    },
    /// Equipment that came in or went out (R-DELIVERY).
    RecordDelivery {
        direction: String,
        owner: String,
        request: String,
        decision: String,
        approver: String,
        items: Vec<String>,
        handed_by: String,
        taken_by: String,
        door: Option<String>,
        record: Option<u64>,
        witness: Option<String>,
    },
    /// The journal was reviewed up to a record (R-LOGREVIEW).
    Review { up_to: u64, findings: String },
    /// Takes in a staff list, as CSV; with `dry_run` only tells what would change.
    ImportPeople {
        csv: String,
        #[serde(default)]
        dry_run: bool,
        why: String,
    },
}

/// What a person who goes through doors is.
#[derive(Clone, Default, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
#[allow(missing_docs, reason = "as above")]
pub struct HolderFields {
    pub groups: Option<Vec<String>>,
    pub pin: Option<String>,
    pub duress_pin: Option<String>,
    pub from: Option<String>,
    pub until: Option<String>,
    /// Doors stay unlocked for longer.
    pub long_unlock: Option<bool>,
    /// Anti-passback leaves the person alone.
    pub passback_exempt: Option<bool>,
    /// `alone`, `needs` or `gives`.
    pub escort: Option<String>,
}

/// Which card.
#[derive(Clone, Default, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
#[allow(missing_docs, reason = "as above")]
pub struct CardFields {
    pub facility: Option<u32>,
    pub number: Option<u32>,
    pub bits: Option<u8>,
    pub hex: Option<String>,
    pub swiped: Option<usize>,
}

/// What came of a deed.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct Done {
    /// The id of what was made or changed.
    pub id: String,
    /// What is left to do, or what would change, a line each.
    pub said: Vec<String>,
}

impl AccessDeed {
    /// What it takes.
    #[must_use]
    pub fn right(&self) -> Right {
        if matches!(self, Self::Review { .. }) { Right::JournalReview } else { Right::AccessManage }
    }
}

impl Done {
    /// Done, and nothing more to say.
    pub(super) fn of(id: impl fmt::Display) -> Self {
        Self { id: id.to_string(), said: Vec::new() }
    }
}

impl fmt::Debug for AccessDeed {
    /// PINs and cards are in it.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("AccessDeed(…)")
    }
}

impl Access {
    /// Checks a deed and does it: its records and rows are on disk then.
    ///
    /// # Errors
    /// Why nothing of it was done.
    pub async fn carry_out(&self, caller: &Caller, deed: AccessDeed) -> Result<Done, NotDone> {
        use AccessDeed as Deed;
        match deed {
            Deed::AddPerson { name, person, holder, why } => {
                self.add_person(caller, name, person, holder, &why).await
            }
            Deed::ChangePerson { person, name, holder, why } => {
                self.change_person(caller, &person, name, holder, &why).await
            }
            Deed::SuspendPerson { person, why } => self.suspend_person(caller, &person, &why).await,
            Deed::RestorePerson { person, why } => self.restore_person(caller, &person, &why).await,
            Deed::EndPerson { person, handed_over, why } => {
                self.end_person(caller, &person, &handed_over, &why).await
            }
            Deed::RecordUndertaking { person, paper } => {
                self.record_undertaking(caller, &person, &paper).await
            }
            Deed::IssueBadge { person, card, from, until, why } => {
                self.issue_badge(caller, &person, &card, (from, until), &why).await
            }
            Deed::ChangeBadge { badge, state, from, until, why } => {
                self.change_badge(caller, &badge, state, (from, until), &why).await
            }
            Deed::ReturnBadge { badge, why } => self.return_badge(caller, &badge, &why).await,
            Deed::AddRule { .. } => self.add_rule(caller, deed).await,
            Deed::ChangeRule { .. } => self.change_rule(caller, deed).await,
            Deed::EndRule { rule, why } => self.end_rule(caller, &rule, &why).await,
            Deed::SetSchedule { schedule, name, times, why } => {
                self.set_schedule(caller, &schedule, name, &times, &why).await
            }
            Deed::EndSchedule { schedule, why } => self.end_schedule(caller, &schedule, &why).await,
            Deed::SetHoliday { date, name } => self.set_holiday(caller, &date, &name).await,
            Deed::EndHoliday { date } => self.end_holiday(caller, &date).await,
            Deed::SetDoor { door, settings, why } => self.set_door(caller, &door, settings, &why).await,
            Deed::RegisterVisit { .. } => self.register_visit(caller, deed).await,
            Deed::RecordDelivery { .. } => self.record_delivery(caller, deed).await,
            Deed::Review { up_to, findings } => self.review(caller, up_to, &findings).await,
            Deed::ImportPeople { csv, dry_run, why } => self.import_people(caller, &csv, dry_run, &why).await,
        }
    }
}
