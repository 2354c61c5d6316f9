//! How the registry changes: decided on what it is now, committed with its records, then in memory as well.

use super::{Accounts, Caller};
use crate::{
    logic::sign_in::{Weakness, WrongRule},
    model::{Account, NewRecord, Now, Person, PersonId, Severity},
    store::{Registry, Row, StoreError, Write},
};

/// Records and rows of one change.
#[derive(Debug, Default)]
pub(super) struct Change {
    pub(super) records: Vec<NewRecord>,
    pub(super) rows: Vec<Row>,
}

/// Why a change was not made.
#[derive(Debug, thiserror::Error)]
pub enum NotDone {
    /// There is no such thing.
    #[error("{0}")]
    NoSuch(String),
    /// What was asked for cannot be, in a sentence that says what would be right.
    #[error("{0}")]
    Wrong(String),
    /// It stands against what is there already.
    #[error("{0}")]
    Conflict(String),
    /// The password is not good enough.
    #[error("the password is not good enough: {}", .0.iter().map(|weak| weak.as_str()).collect::<Vec<_>>().join(", "))]
    Weak(Vec<Weakness>),
    /// The password that was to prove who asks is wrong.
    #[error("that is not your password")]
    NotYou,
    /// A rule.
    #[error(transparent)]
    Rule(#[from] WrongRule),
    /// It cannot be recorded, hence it was not done.
    #[error("nothing was changed, because it cannot be recorded: {0}")]
    Store(#[from] StoreError),
}

impl Change {
    /// One record, and what it tells of.
    pub(super) fn one(record: NewRecord, rows: Vec<Row>) -> Self {
        Self { records: vec![record], rows }
    }
}

/// A record of somebody's deed.
pub(super) fn by(caller: &Caller, now: Now, code: &'static str, severity: Severity) -> NewRecord {
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
        let _alone = self.changing.lock().await;
        let (Change { records, rows }, answer) = plan(&self.read().registry, self.now())?;
        if records.is_empty() && rows.is_empty() {
            return Ok(answer);
        }
        self.journal.write_and_tell(Write { records, rows: rows.clone() }, &self.committed).await?;
        let mut state = self.state.write().unwrap_or_else(std::sync::PoisonError::into_inner);
        rows.into_iter().for_each(|row| state.registry.apply(row));
        Ok(answer)
    }
}

/// The account of a person that has not ended.
pub(super) fn living(registry: &Registry, person: PersonId) -> Result<(&Person, &Account), NotDone> {
    let found = registry.person(person).zip(registry.account(person));
    let found = found.filter(|(_, account)| account.ended.is_none());
    found.ok_or_else(|| NotDone::NoSuch(format!("there is no account of {person}")))
}

/// A reason as it goes into the journal.
pub(super) fn reason(text: &str) -> Result<String, NotDone> {
    const LONGEST: usize = 500;
    let text = text.trim();
    let fits = !text.is_empty() && text.chars().count() <= LONGEST;
    fits.then(|| text.to_owned()).ok_or_else(|| {
        NotDone::Wrong(format!("why? A reason of 1 to {LONGEST} characters goes into the journal"))
    })
}
