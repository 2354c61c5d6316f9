//! What the writer does between commits: one bounded step of compaction, merging, expiry or shrinking.
//!
//! Expiry counts back from the newest whole day that is kept, not from the newest row: a clock that is wrong for
//! an hour deletes nothing.

use std::path::Path;

use rusqlite::{Connection, TransactionBehavior, params};

use super::{
    super::error::Doing,
    KEEP_DAYS, StoreError,
    catalogue::Catalogue,
    compact::{DAY, HOUR, compact_hour, merge_day},
    span,
};

/// The most spans that a step drops.
const STEP_SPANS: u32 = 16;

/// The most states that a step drops.
pub(super) const STEP_STATES: usize = 1000;

/// The most pages that a step gives back to the file system.
const STEP_PAGES: u32 = 256;

/// Free pages that are left in the file for the rows to come, besides a quarter of it.
const SPARE_PAGES: i64 = 1024;

/// Remembers what is done and what has failed.
#[derive(Default)]
pub(super) struct Upkeep {
    /// States before this time are dropped already, but for the points in `to_sweep`.
    swept_before: Option<i64>,
    to_sweep: Vec<i64>,
    failed_at: Option<i64>,
}

impl Upkeep {
    /// Does one step at the time `now`, ms. False: there was nothing to do. After a failure it rests for an hour.
    pub(super) fn step(
        &mut self,
        connection: &mut Connection,
        path: &Path,
        catalogue: &Catalogue,
        now: i64,
    ) -> Result<bool, StoreError> {
        if self.failed_at.is_some_and(|failed_at| failed_at.abs_diff(now) < HOUR.unsigned_abs()) {
            return Ok(false);
        }
        let done = self.any_step(connection, path, catalogue, now);
        self.failed_at = done.is_err().then_some(now);
        done
    }

    fn any_step(
        &mut self,
        connection: &mut Connection,
        path: &Path,
        catalogue: &Catalogue,
        now: i64,
    ) -> Result<bool, StoreError> {
        Ok(compact_hour(connection, path, catalogue, now)?
            || merge_day(connection, path, catalogue, now)?
            || self.expire(connection, path)?
            || shrink(connection, path)?)
    }

    fn expire(&mut self, connection: &mut Connection, path: &Path) -> Result<bool, StoreError> {
        let sql = "SELECT max(last_ms) FROM span WHERE merged = 1";
        let newest = connection.query_row(sql, [], |row| row.get(0)).doing("read", path)?;
        let Some(newest): Option<i64> = newest else { return Ok(false) };
        let before = newest.div_euclid(DAY).saturating_sub(i64::from(KEEP_DAYS)).saturating_mul(DAY);
        Ok(expire_spans(connection, path, before)? || self.expire_states(connection, path, before)?)
    }

    /// Sweeps through all states once for each new day.
    fn expire_states(
        &mut self,
        connection: &Connection,
        path: &Path,
        before: i64,
    ) -> Result<bool, StoreError> {
        if self.swept_before != Some(before) {
            self.to_sweep = state_points(connection, path)?;
            self.swept_before = Some(before);
        }
        let Some(point) = self.to_sweep.last() else { return Ok(false) };
        if drop_states(connection, path, *point, before, STEP_STATES)? < STEP_STATES {
            self.to_sweep.pop();
        }
        Ok(true)
    }
}

/// Ids of all points that are states.
pub(super) fn state_points(connection: &Connection, path: &Path) -> Result<Vec<i64>, StoreError> {
    let mut statement =
        connection.prepare("SELECT id FROM point WHERE kind = 'state'").doing("read", path)?;
    let points = statement.query_map([], |row| row.get(0)).and_then(Iterator::collect);
    points.doing("read", path)
}

/// Drops so many of a point's oldest states before a time, ms, at most; tells how many.
pub(super) fn drop_states(
    connection: &Connection,
    path: &Path,
    point: i64,
    before: i64,
    most: usize,
) -> Result<usize, StoreError> {
    let sql = "DELETE FROM state WHERE point = ?1 AND time_ms IN
        (SELECT time_ms FROM state WHERE point = ?1 AND time_ms < ?2 ORDER BY time_ms LIMIT ?3)";
    let most = i64::try_from(most).unwrap_or(i64::MAX);
    connection.execute(sql, params![point, before, most]).doing("expire in", path)
}

/// Drops a step of the oldest merged spans that end before a time, ms; false if there is none.
pub(super) fn expire_spans(
    connection: &mut Connection,
    path: &Path,
    before: i64,
) -> Result<bool, StoreError> {
    let sql =
        "SELECT id, row_count, merged FROM span WHERE merged = 1 AND last_ms < ?1 ORDER BY last_ms LIMIT ?2";
    let spans = span::find(connection, path, sql, params![before, STEP_SPANS])?;
    if spans.is_empty() {
        return Ok(false);
    }
    let transaction =
        connection.transaction_with_behavior(TransactionBehavior::Immediate).doing("expire in", path)?;
    for span in spans {
        span::delete(&transaction, path, span.id)?;
    }
    transaction.commit().doing("expire in", path)?;
    Ok(true)
}

/// Gives pages back when much of the file is empty. Never the whole file at once, as `VACUUM` would.
fn shrink(connection: &Connection, path: &Path) -> Result<bool, StoreError> {
    let pages = |pragma| connection.pragma_query_value(None, pragma, |row| row.get(0)).doing("read", path);
    let (all, free): (i64, i64) = (pages("page_count")?, pages("freelist_count")?);
    if free <= all / 4 + SPARE_PAGES {
        return Ok(false);
    }
    // Works only as far as its rows are fetched.
    connection.pragma(None, "incremental_vacuum", STEP_PAGES, |_| Ok(())).doing("shrink", path)?;
    Ok(true)
}
