//! What was otherwise before a change, for its record: `before` and `after`, as `field=text` of the fields that differ.
//! Names, cards and PINs are no such fields.

use std::fmt::Display;

use super::settings::{SETTINGS, setting_text};
use crate::{
    accounts::{Caller, by},
    model::{AccessRule, Badge, DoorSettings, Holder, Id, NewRecord, Now, Schedule, Severity, Wall, Who},
    store::{AccessEntry, AccessRow, Row},
};

/// Something whose changes are recorded.
pub(super) trait Fields {
    /// Its fields as text.
    fn fields(&self) -> Vec<(&'static str, String)>;
}

/// A record of a caller's deed, at `place`.
pub(super) fn record(caller: &Caller, now: Now, code: &'static str, place: impl Display) -> NewRecord {
    by(caller, now, code, Severity::Info).at(place.to_string())
}

/// With the fields that differ; all of them where there was nothing before.
pub(super) fn differing<T: Fields>(record: NewRecord, before: Option<&T>, after: &T) -> NewRecord {
    let old = before.map(Fields::fields).unwrap_or_default();
    let new = after.fields();
    let text = |fields: &[(&str, String)], other: &[(&str, String)]| {
        let differing = fields.iter().filter(|field| !other.contains(field));
        differing.map(|(name, text)| format!("{name}={text}")).collect::<Vec<_>>().join(" ")
    };
    let record = record.with("after", text(&new, &old));
    if before.is_some() { record.with("before", text(&old, &new)) } else { record }
}

/// The row of an entry that is new or another.
pub(super) fn put(entry: AccessEntry, caller: &Caller, now: Now) -> Row {
    Row::Access(Box::new(AccessRow { entry, over: false, at: now.wall, by: caller.actor.clone() }))
}

/// The row of an entry that is no more.
pub(super) fn over(entry: AccessEntry, caller: &Caller, now: Now) -> Row {
    Row::Access(Box::new(AccessRow { entry, over: true, at: now.wall, by: caller.actor.clone() }))
}

/// A time, or `none`.
pub(super) fn time(time: Option<Wall>) -> String {
    time.map_or_else(|| "none".to_owned(), Wall::rfc3339)
}

/// Ids, or `none`.
pub(super) fn ids<'i>(ids: impl IntoIterator<Item = &'i Id>) -> String {
    let ids: Vec<&str> = ids.into_iter().map(Id::as_str).collect();
    if ids.is_empty() { "none".to_owned() } else { ids.join(",") }
}

/// For whom a rule is.
pub(super) fn who_text(who: &Who) -> String {
    match who {
        Who::Person(person) => person.to_string(),
        Who::Group(group) => group.to_string(),
    }
}

impl Fields for Holder {
    fn fields(&self) -> Vec<(&'static str, String)> {
        vec![
            ("groups", ids(&self.groups)),
            ("from", time(self.from)),
            ("until", time(self.until)),
            ("long-unlock", self.long_unlock.to_string()),
            ("passback-exempt", self.passback_exempt.to_string()),
            ("escort", self.escort.to_string()),
        ]
    }
}

impl Fields for Badge {
    fn fields(&self) -> Vec<(&'static str, String)> {
        vec![
            ("person", self.person.to_string()),
            ("state", self.state.to_string()),
            ("from", time(self.from)),
            ("until", time(self.until)),
        ]
    }
}

impl Fields for AccessRule {
    fn fields(&self) -> Vec<(&'static str, String)> {
        let doors = if self.doors.is_empty() { "all".to_owned() } else { ids(&self.doors) };
        vec![
            ("who", who_text(&self.who)),
            ("doors", doors),
            ("schedule", ids(&self.schedule)),
            ("from", time(self.from)),
            ("until", time(self.until)),
        ]
    }
}

impl Fields for Schedule {
    fn fields(&self) -> Vec<(&'static str, String)> {
        vec![("times", super::schedule::times_text(self))]
    }
}

impl Fields for DoorSettings {
    fn fields(&self) -> Vec<(&'static str, String)> {
        SETTINGS.iter().map(|(name, _)| (*name, setting_text(self, name))).collect()
    }
}
