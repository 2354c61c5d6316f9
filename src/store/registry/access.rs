//! Who may go where, in `core.db`: badges, holders, rules, schedules, holidays, door settings and deliveries, each as JSON
//! with all its revisions. What holds now is in memory ([`Registry`]); what held at a time is read from here.

use std::sync::Arc;

use rusqlite::{Connection, Transaction, params, types::Type};

use super::{Registry, run};
use crate::{
    model::{AccessData, AccessRule, Badge, Delivery, DoorSettings, Holder, Holiday, RuleId, Schedule, Wall},
    store::{JournalReader, StoreError, error::Doing},
};

/// One thing of it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum AccessEntry {
    /// Somebody who may hold badges.
    Holder(Holder),
    /// A badge.
    Badge(Badge),
    /// A rule.
    Rule(AccessRule),
    /// A schedule.
    Schedule(Schedule),
    /// A holiday.
    Holiday(Holiday),
    /// A door's settings.
    Door(DoorSettings),
    /// Equipment that came or went.
    Delivery(Delivery),
}

/// A change: the entry is new or another, or, with `over`, is no more.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct AccessRow {
    /// Which one, and what it is from now on; or was until now.
    pub entry: AccessEntry,
    /// Whether it is no more.
    pub over: bool,
    /// Since when.
    pub at: Wall,
    /// Who changed it, as records name it.
    pub by: String,
}

/// An entry as it held at a time.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct HeldEntry {
    /// What it was.
    pub entry: AccessEntry,
    /// Counts its changes, from 1.
    pub revision: u32,
    /// Since when it was so.
    pub since: Wall,
    /// Who made it so.
    pub by: String,
}

impl AccessEntry {
    fn kind(&self) -> &'static str {
        match self {
            Self::Holder(_) => "holder",
            Self::Badge(_) => "badge",
            Self::Rule(_) => "rule",
            Self::Schedule(_) => "schedule",
            Self::Holiday(_) => "holiday",
            Self::Door(_) => "door",
            Self::Delivery(_) => "delivery",
        }
    }

    fn key(&self) -> String {
        match self {
            Self::Holder(holder) => holder.person.to_string(),
            Self::Badge(badge) => badge.id.to_string(),
            Self::Rule(rule) => rule.id.to_string(),
            Self::Schedule(schedule) => schedule.id.to_string(),
            Self::Holiday(holiday) => holiday.date.to_string(),
            Self::Door(settings) => settings.door.to_string(),
            Self::Delivery(delivery) => delivery.id.to_string(),
        }
    }

    fn content(&self) -> Result<String, serde_json::Error> {
        match self {
            Self::Holder(holder) => serde_json::to_string(holder),
            Self::Badge(badge) => serde_json::to_string(badge),
            Self::Rule(rule) => serde_json::to_string(rule),
            Self::Schedule(schedule) => serde_json::to_string(schedule),
            Self::Holiday(holiday) => serde_json::to_string(holiday),
            Self::Door(settings) => serde_json::to_string(settings),
            Self::Delivery(delivery) => serde_json::to_string(delivery),
        }
    }

    fn parse(kind: &str, content: &str) -> Result<Self, String> {
        let parsed = match kind {
            "holder" => serde_json::from_str(content).map(Self::Holder),
            "badge" => serde_json::from_str(content).map(Self::Badge),
            "rule" => serde_json::from_str(content).map(Self::Rule),
            "schedule" => serde_json::from_str(content).map(Self::Schedule),
            "holiday" => serde_json::from_str(content).map(Self::Holiday),
            "door" => serde_json::from_str(content).map(Self::Door),
            "delivery" => serde_json::from_str(content).map(Self::Delivery),
            _ => return Err(format!("`{kind}` is no kind that this program knows")),
        };
        parsed.map_err(|error| error.to_string())
    }
}

/// What holds now, and the newest number ever given to a rule.
pub(super) fn read(connection: &Connection, registry: &mut Registry) -> Result<(), rusqlite::Error> {
    let sql = "SELECT kind, content FROM access_entry WHERE over_us IS NULL";
    let mut statement = connection.prepare(sql)?;
    let entries =
        statement.query_map([], |row| entry(&row.get::<_, String>(0)?, &row.get::<_, String>(1)?))?;
    for entry in entries {
        put(registry, entry?);
    }
    let sql = "SELECT key FROM access_entry WHERE kind = 'rule' AND revision = 1";
    let mut statement = connection.prepare(sql)?;
    let keys = statement.query_map([], |row| row.get::<_, String>(0))?;
    for key in keys {
        let number = RuleId::parse(&key?).map_or(0, |id| id.0.get());
        registry.newest_rule = registry.newest_rule.max(number);
    }
    Ok(())
}

fn entry(kind: &str, content: &str) -> Result<AccessEntry, rusqlite::Error> {
    AccessEntry::parse(kind, content).map_err(|what| rusqlite::Error::InvalidColumnType(1, what, Type::Text))
}

impl JournalReader {
    /// What held at a time, and who had made it so.
    ///
    /// # Errors
    /// The database cannot be read, or holds what this program would not have written.
    pub async fn access_at(&self, at: Wall) -> Result<Vec<HeldEntry>, StoreError> {
        self.pool.run(move |connection, path| held(connection, at).doing("read", path)).await
    }
}

fn held(connection: &Connection, at: Wall) -> Result<Vec<HeldEntry>, rusqlite::Error> {
    let sql = "SELECT kind, content, revision, made_us, made_by FROM access_entry
        WHERE made_us <= ?1 AND (over_us IS NULL OR over_us > ?1) ORDER BY rowid";
    let mut statement = connection.prepare(sql)?;
    let held = statement.query_map([at.0], |row| {
        Ok(HeldEntry {
            entry: entry(&row.get::<_, String>(0)?, &row.get::<_, String>(1)?)?,
            revision: row.get(2)?,
            since: Wall(row.get(3)?),
            by: row.get(4)?,
        })
    })?;
    held.collect()
}

/// Ends the revision that held, and begins the next.
pub(super) fn write(transaction: &Transaction<'_>, row: &AccessRow) -> Result<(), rusqlite::Error> {
    let AccessRow { entry, over, at, by } = row;
    let (kind, key) = (entry.kind(), entry.key());
    let sql =
        "UPDATE access_entry SET over_us = ?3, over_by = ?4 WHERE kind = ?1 AND key = ?2 AND over_us IS NULL";
    run(transaction, sql, params![kind, key, at.0, by])?;
    if *over {
        return Ok(());
    }
    let content =
        entry.content().map_err(|error| rusqlite::Error::ToSqlConversionFailure(Box::new(error)))?;
    let sql = "INSERT INTO access_entry (kind, key, revision, content, made_us, made_by) VALUES (?1, ?2,
        1 + coalesce((SELECT max(revision) FROM access_entry WHERE kind = ?1 AND key = ?2), 0), ?3, ?4, ?5)";
    run(transaction, sql, params![kind, key, content, at.0, by])
}

/// Follows a change that was committed.
pub(super) fn apply(registry: &mut Registry, row: AccessRow) {
    if row.over {
        take(Arc::make_mut(&mut registry.access), &row.entry);
    } else {
        put(registry, row.entry);
    }
}

fn put(registry: &mut Registry, entry: AccessEntry) {
    let access = Arc::make_mut(&mut registry.access);
    match entry {
        AccessEntry::Holder(holder) => place(&mut access.holders, holder, |holder| holder.person),
        AccessEntry::Badge(badge) => place(&mut access.badges, badge, |badge| badge.id),
        AccessEntry::Rule(rule) => {
            registry.newest_rule = registry.newest_rule.max(rule.id.0.get());
            place(&mut access.rules, rule, |rule| rule.id);
        }
        AccessEntry::Schedule(schedule) => {
            place(&mut access.schedules, schedule, |schedule| schedule.id.clone());
        }
        AccessEntry::Holiday(holiday) => place(&mut access.holidays, holiday, |holiday| holiday.date),
        AccessEntry::Door(settings) => place(&mut access.doors, settings, |settings| settings.door.clone()),
        AccessEntry::Delivery(delivery) => {
            place(Arc::make_mut(&mut registry.deliveries), delivery, |delivery| delivery.id);
        }
    }
}

/// In the place of the one with the same key; the list is in order of keys.
fn place<T, K: Ord>(all: &mut Vec<T>, new: T, key: impl Fn(&T) -> K) {
    let wanted = key(&new);
    match all.binary_search_by(|one| key(one).cmp(&wanted)) {
        Ok(at) => {
            if let Some(old) = all.get_mut(at) {
                *old = new;
            }
        }
        Err(at) => all.insert(at, new),
    }
}

/// Only rules, schedules, holidays and door settings are ever taken away; the others say themselves that they are over.
fn take(access: &mut AccessData, entry: &AccessEntry) {
    match entry {
        AccessEntry::Rule(rule) => access.rules.retain(|one| one.id != rule.id),
        AccessEntry::Schedule(schedule) => access.schedules.retain(|one| one.id != schedule.id),
        AccessEntry::Holiday(holiday) => access.holidays.retain(|one| one.date != holiday.date),
        AccessEntry::Door(settings) => access.doors.retain(|one| one.door != settings.door),
        AccessEntry::Holder(_) | AccessEntry::Badge(_) | AccessEntry::Delivery(_) => {}
    }
}

#[cfg(test)]
#[path = "access_tests.rs"]
mod tests;
