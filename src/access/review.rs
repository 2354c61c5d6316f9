//! R-LOGREVIEW: the security reviewer signs that the journal was reviewed up to a record, with what was found.

use super::{Access, deed::Done, difference::record, named};
use crate::{
    accounts::{Caller, Change, NotDone, Wrong},
    model::{Record, Right, Wall},
    store::JournalFilter,
};

const CODE: &str = "log.reviewed";

/// How far the journal has been reviewed.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Reviewed {
    /// Up to this record.
    pub up_to: u64,
    /// When.
    pub at: Wall,
    /// By whom, as records name it.
    pub by: String,
    /// What was found.
    pub findings: String,
}

impl Access {
    /// The newest reviews, the newest first; and the newest record's number.
    ///
    /// # Errors
    /// The journal cannot be read.
    pub async fn reviews(&self, limit: usize) -> Result<(Vec<Reviewed>, u64), NotDone> {
        let newest = JournalFilter { limit, newest_first: true, ..JournalFilter::default() };
        let reviews = JournalFilter { code: Some(CODE.to_owned()), ..newest.clone() };
        let reviews = self.journal.page(reviews).await?.iter().map(reviewed).collect();
        let last = self.journal.page(JournalFilter { limit: 1, ..newest }).await?;
        Ok((reviews, last.first().map_or(0, |record| record.seq)))
    }

    pub(super) async fn review(&self, caller: &Caller, up_to: u64, findings: &str) -> Result<Done, NotDone> {
        let findings = named::said("findings", findings)?;
        let (before, last) = self.reviews(1).await?;
        let before = before.first().map_or(0, |review| review.up_to);
        if up_to <= before || up_to > last {
            return Err(Wrong::Reviewed(up_to.to_string()).into());
        }
        self.accounts
            .deed(caller, Some(Right::JournalReview), |_, now, caller| {
                let told = record(caller, now, CODE, "").with("up_to", up_to).with("from", before + 1);
                let told = told.with("findings", findings);
                Ok((Change::one(told, Vec::new()), Done::of(up_to)))
            })
            .await
    }
}

fn reviewed(record: &Record) -> Reviewed {
    let said = |key| record.body.get(key).cloned().unwrap_or_default();
    let up_to = said("up_to").parse().unwrap_or(0);
    Reviewed { up_to, at: record.wall, by: record.actor.clone(), findings: said("findings") }
}
