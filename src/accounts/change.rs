//! How the registry changes: decided on what it is now, committed with its records, then in memory as well.

use std::sync::{Arc, PoisonError};

use super::{Accounts, Caller, Conflict, NoSuch, NotDone, Wrong};
use crate::{
    model::{Account, NewRecord, Now, Person, PersonId, Right, Severity},
    store::{Registry, Row, StoreError, Write},
};

/// The longest reason, characters.
const LONGEST_WHY: usize = 500;

/// Records and rows of one change.
#[derive(Debug, Default)]
pub(crate) struct Change {
    pub(crate) records: Vec<NewRecord>,
    pub(crate) rows: Vec<Row>,
}

impl Change {
    /// One record, and what it tells of.
    pub(crate) fn one(record: NewRecord, rows: Vec<Row>) -> Self {
        Self { records: vec![record], rows }
    }
}

/// A record of somebody's deed.
pub(crate) fn by(caller: &Caller, now: Now, code: &'static str, severity: Severity) -> NewRecord {
    let mut record = NewRecord::system(now, code, severity);
    record.actor.clone_from(&caller.actor);
    record
}

impl Accounts {
    /// Makes one change: `plan` decides on the registry as it is.
    pub(super) async fn change<T>(
        &self,
        plan: impl FnOnce(&Registry, Now) -> Result<(Change, T), NotDone> + Send,
    ) -> Result<T, NotDone> {
        let alone = Arc::clone(&self.changing).lock_owned().await;
        let (Change { records, rows }, answer) = plan(&self.read().registry, self.now())?;
        if records.is_empty() && rows.is_empty() {
            return Ok(answer);
        }
        let (journal, committed, state) =
            (self.journal.clone(), self.committed.clone(), Arc::clone(&self.state));
        let access = self.access.clone();
        // A task of its own: whoever asked may go away, and memory must follow what is committed all the same.
        let done = tokio::spawn(async move {
            let _alone = alone;
            journal.write_and_tell(Write { records, rows: rows.clone() }, &committed).await?;
            let mut state = state.write().unwrap_or_else(PoisonError::into_inner);
            rows.into_iter().for_each(|row| state.registry.apply(row));
            access.send_if_modified(|told| {
                let other = !Arc::ptr_eq(told, &state.registry.access);
                told.clone_from(&state.registry.access);
                other
            });
            Ok::<_, StoreError>(())
        });
        done.await.map_err(|_| StoreError::Stopped)??;
        Ok(answer)
    }
}

impl Accounts {
    /// Makes one change that `caller` orders. It may have been ended, or given another role, since it was let in: what it may
    /// now is what counts.
    pub(crate) async fn deed<T>(
        &self,
        caller: &Caller,
        right: Option<Right>,
        plan: impl FnOnce(&Registry, Now, &Caller) -> Result<(Change, T), NotDone> + Send,
    ) -> Result<T, NotDone> {
        self.change(|registry, now| {
            let caller = caller.again(registry, now);
            let caller = caller.filter(|caller| right.is_none_or(|right| caller.rights.has(right)));
            plan(registry, now, &caller.ok_or(Conflict::NoLonger)?)
        })
        .await
    }
}

/// The account of a person that has not ended.
pub(super) fn living(registry: &Registry, person: PersonId) -> Result<(&Person, &Account), NotDone> {
    let found = registry.person(person).zip(registry.account(person));
    let found = found.filter(|(_, account)| account.ended.is_none());
    found.ok_or_else(|| NoSuch::Account(person).into())
}

/// A reason as it goes into the journal.
pub(crate) fn reason(text: &str) -> Result<String, NotDone> {
    reason_if_any(text)?.ok_or_else(|| Wrong::WhyMissing(LONGEST_WHY).into())
}

/// A reason that may be missing.
pub(crate) fn reason_if_any(text: &str) -> Result<Option<String>, NotDone> {
    let text = text.trim();
    if text.chars().count() > LONGEST_WHY {
        return Err(Wrong::WhyLong(LONGEST_WHY).into());
    }
    Ok(Some(text.to_owned()).filter(|text| !text.is_empty()))
}
