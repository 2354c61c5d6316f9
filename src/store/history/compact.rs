//! Compaction: each hour of hot rows becomes spans, and each day's spans of a group become one.
//!
//! Who calls it: upkeep, between commits.
//!
//! One call is one step and one transaction: rows leave one place as they enter the other, so that a crash neither
//! loses nor doubles them. A step's size is bounded, because the writer's next commit waits for it.

use std::path::Path;

use rusqlite::{Connection, OptionalExtension, Transaction, TransactionBehavior, params};

use crate::model::Column;

use super::{
    super::error::Doing,
    StoreError,
    catalogue::Catalogue,
    chunk::ROWS_MAX,
    gathered::{Gathered, arrange, order},
    span::{self, Span, Stay},
};

/// ms.
pub(super) const HOUR: i64 = 3_600_000;

/// ms. Days begin at midnight UTC.
pub(super) const DAY: i64 = 24 * HOUR;

/// How long an hour's last rows may be on their way, ms.
const GRACE: i64 = 60_000;

/// The most hot rows of a step. Two thousand points in groups of ten, read every ten seconds, give
/// 72 000 an hour.
const STEP_ROWS: u32 = 32_768;

/// The most values of a merged span, all points together.
const STEP_VALUES: usize = 2_000_000;

/// Compacts the oldest hot rows, if their hour is over at `now`: the whole hour, or as many as a step takes.
/// False: there was nothing to do.
pub(super) fn compact_hour(
    connection: &mut Connection,
    path: &Path,
    catalogue: &Catalogue,
    now: i64,
) -> Result<bool, StoreError> {
    let oldest = connection.query_row("SELECT min(time_ms) FROM hot", [], |row| row.get(0));
    let Some(first): Option<i64> = oldest.doing("read", path)? else { return Ok(false) };
    if first >= over(now) {
        return Ok(false);
    }
    let hour_end = (first.div_euclid(HOUR) + 1).saturating_mul(HOUR);
    let transaction = begin(connection, path)?;
    let end = beyond_a_step(&transaction, path, hour_end)?.map_or(hour_end, |time| time.max(first + 1));
    let mut gathered = Gathered::new(catalogue);
    gathered.take_hot(&transaction, path, end)?;
    gathered.write(&transaction, path, now)?;
    transaction.commit().doing("compact", path)?;
    Ok(true)
}

/// The end of the last hour that is over at `now`, and whose last rows are there.
pub(super) fn over(now: i64) -> i64 {
    now.saturating_sub(GRACE).div_euclid(HOUR).saturating_mul(HOUR)
}

/// Whether the day that began at `midnight` has been over for an hour at `now`.
pub(super) fn is_over(midnight: i64, now: i64) -> bool {
    midnight.saturating_add(DAY) <= now.saturating_sub(HOUR)
}

/// When the first of the hot rows before `end` was that a step does not take; `None` if it takes them all.
pub(super) fn beyond_a_step(
    transaction: &Transaction<'_>,
    path: &Path,
    end: i64,
) -> Result<Option<i64>, StoreError> {
    let sql = "SELECT time_ms FROM hot WHERE time_ms < ?1 ORDER BY time_ms LIMIT 1 OFFSET ?2";
    transaction.query_row(sql, params![end, STEP_ROWS], |row| row.get(0)).optional().doing("read", path)
}

/// Merges the spans of one group and day, if the day was over an hour before `now`. False: there was nothing to do.
pub(super) fn merge_day(
    connection: &mut Connection,
    path: &Path,
    catalogue: &Catalogue,
    now: i64,
) -> Result<bool, StoreError> {
    let today = now.saturating_sub(HOUR).div_euclid(DAY) * DAY;
    let sql =
        "SELECT group_id, first_ms FROM span WHERE merged = 0 AND last_ms < ?1 ORDER BY last_ms LIMIT 1";
    let next = connection.query_row(sql, [today], |row| Ok((row.get(0)?, row.get(1)?))).optional();
    let Some((group, first)): Option<(i64, i64)> = next.doing("read", path)? else { return Ok(false) };
    let columns = catalogue.layout(group).unwrap_or_default();
    let midnight = first.div_euclid(DAY) * DAY;
    let sql = "SELECT id, row_count, merged FROM span
        WHERE group_id = ?1 AND merged = 0 AND first_ms >= ?2 AND first_ms < ?3 ORDER BY id";
    let spans = span::find(connection, path, sql, [group, midnight, midnight.saturating_add(DAY)])?;
    let spans = fitting(spans, (STEP_VALUES / columns.len().max(1)).min(ROWS_MAX));
    let done = merge(connection, path, group, columns, &spans);
    if let Err(StoreError::Corrupt { what, .. }) = &done {
        tracing::error!(what, "spans of history are damaged and were not merged");
        keep(connection, path, &spans)?;
    } else {
        done?;
    }
    Ok(true)
}

fn begin<'c>(connection: &'c mut Connection, path: &Path) -> Result<Transaction<'c>, StoreError> {
    connection.transaction_with_behavior(TransactionBehavior::Immediate).doing("compact", path)
}

/// As many spans as have `most` rows together; at least one.
fn fitting(spans: Vec<Span>, most: usize) -> Vec<Span> {
    let mut rows = 0_usize;
    let fits = |span: &Span| {
        let first = rows == 0;
        rows = rows.saturating_add(span.rows);
        first || rows <= most
    };
    spans.into_iter().take_while(fits).collect()
}

/// Calls damaged spans merged as they are.
fn keep(connection: &Connection, path: &Path, spans: &[Span]) -> Result<(), StoreError> {
    for span in spans {
        connection.execute("UPDATE span SET merged = 1 WHERE id = ?1", [span.id]).doing("compact", path)?;
    }
    Ok(())
}

/// Puts one span, which is to stay, in the place of those that were to be merged.
fn merge(
    connection: &mut Connection,
    path: &Path,
    group: i64,
    columns: &[Column],
    spans: &[Span],
) -> Result<(), StoreError> {
    let transaction = begin(connection, path)?;
    let mut times = Vec::new();
    for span in spans {
        times.append(&mut span::times(&transaction, path, *span)?);
    }
    let order = order(&times);
    let whole = span::create(&transaction, path, group, &arrange(&order, &times), Stay::ForGood)?;
    for (position, column) in columns.iter().enumerate() {
        let mut marks = Vec::with_capacity(times.len());
        for span in spans {
            marks.append(&mut span::values(&transaction, path, *span, position, *column)?);
        }
        span::add(&transaction, path, whole, position, *column, &arrange(&order, &marks))?;
    }
    for span in spans {
        span::delete(&transaction, path, span.id)?;
    }
    transaction.commit().doing("compact", path)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_step_takes_whole_spans_up_to_its_size_and_at_least_one() {
        let spans = |rows: &[usize]| {
            (0..).zip(rows).map(|(id, rows)| Span { id, rows: *rows, stay: Stay::UntilMerged }).collect()
        };
        let taken = |rows: &[usize]| fitting(spans(rows), 10).len();
        assert_eq!([taken(&[4, 6, 1]), taken(&[20, 1]), taken(&[])], [2, 1, 0]);
    }
}
