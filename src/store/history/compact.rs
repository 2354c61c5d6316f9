//! Compaction: each hour of hot rows becomes spans, and each day's spans of a group become one.
//!
//! One call is one step and one transaction: rows leave one place as they enter the other, so that a crash neither
//! loses nor doubles them. A step's size is bounded, because the writer's next commit waits for it.

use std::{collections::BTreeMap, path::Path};

use rusqlite::{Connection, OptionalExtension, Transaction, TransactionBehavior, params};

use crate::model::Column;

use super::{
    super::error::Doing,
    StoreError,
    catalogue::Catalogue,
    chunk::ROWS_MAX,
    packed::{self, Mark},
    span::{self, Span},
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
    let hour_end = (first.div_euclid(HOUR) + 1).saturating_mul(HOUR);
    if now < hour_end.saturating_add(GRACE) {
        return Ok(false);
    }
    let transaction = begin(connection, path)?;
    let sql = "SELECT time_ms FROM hot WHERE time_ms < ?1 ORDER BY time_ms LIMIT 1 OFFSET ?2";
    let beyond = transaction.query_row(sql, params![hour_end, STEP_ROWS], |row| row.get(0)).optional();
    let end = beyond.doing("read", path)?.map_or(hour_end, |time: i64| time.max(first + 1));
    for (group, rows) in hot_rows(&transaction, path, catalogue, end)? {
        let Some(columns) = catalogue.layout(group) else { continue };
        let span = span::create(&transaction, path, group, &rows.times, false)?;
        for (position, (column, marks)) in columns.iter().zip(&rows.columns).enumerate() {
            span::add(&transaction, path, span, position, *column, marks)?;
        }
    }
    transaction.execute("DELETE FROM hot WHERE time_ms < ?1", [end]).doing("compact", path)?;
    transaction.commit().doing("compact", path)?;
    Ok(true)
}

/// Rows of one group, turned into columns.
#[derive(Default)]
struct Rows {
    times: Vec<i64>,
    columns: Vec<Vec<Mark>>,
}

/// The hot rows before `end` by group. Rows that cannot be understood are told and left out: they are of no use, and
/// must not hold up the others for ever.
fn hot_rows(
    transaction: &Transaction<'_>,
    path: &Path,
    catalogue: &Catalogue,
    end: i64,
) -> Result<BTreeMap<i64, Rows>, StoreError> {
    let sql = "SELECT time_ms, group_id, row FROM hot WHERE time_ms < ?1 ORDER BY time_ms";
    let mut statement = transaction.prepare_cached(sql).doing("read", path)?;
    let mut found = statement.query([end]).doing("read", path)?;
    let mut groups: BTreeMap<i64, Rows> = BTreeMap::new();
    while let Some(row) = found.next().doing("read", path)? {
        let time: i64 = row.get(0).doing("read", path)?;
        let group: i64 = row.get(1).doing("read", path)?;
        let bytes = row.get_ref(2).and_then(|bytes| Ok(bytes.as_blob()?)).doing("read", path)?;
        let Some(marks) = catalogue.layout(group).and_then(|columns| packed::unpack(columns, bytes)) else {
            tracing::error!(time, group, "a hot row of history is damaged and was left out");
            continue;
        };
        let rows = groups.entry(group).or_default();
        rows.times.push(time);
        rows.columns.resize_with(marks.len(), Vec::new);
        for (column, mark) in rows.columns.iter_mut().zip(marks) {
            column.push(mark);
        }
    }
    Ok(groups)
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
    let sql = "SELECT id, row_count FROM span
        WHERE group_id = ?1 AND merged = 0 AND first_ms >= ?2 AND first_ms < ?3 ORDER BY id";
    let spans = span::find(connection, path, sql, [group, midnight, midnight.saturating_add(DAY)])?;
    let spans = fitting(spans, (STEP_VALUES / columns.len().max(1)).min(ROWS_MAX));
    let done = if spans.len() > 1 {
        merge(connection, path, group, columns, &spans)
    } else {
        keep(connection, path, &spans)
    };
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

/// Calls spans merged as they are.
fn keep(connection: &Connection, path: &Path, spans: &[Span]) -> Result<(), StoreError> {
    for span in spans {
        connection.execute("UPDATE span SET merged = 1 WHERE id = ?1", [span.id]).doing("compact", path)?;
    }
    Ok(())
}

/// Puts one span in the place of several.
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
    let times: Vec<i64> = order.iter().filter_map(|at| times.get(*at).copied()).collect();
    let whole = span::create(&transaction, path, group, &times, true)?;
    for (position, column) in columns.iter().enumerate() {
        let mut marks = Vec::with_capacity(times.len());
        for span in spans {
            marks.append(&mut span::values(&transaction, path, *span, position, *column)?);
        }
        let marks: Vec<Mark> = order.iter().filter_map(|at| marks.get(*at).copied()).collect();
        span::add(&transaction, path, whole, position, *column, &marks)?;
    }
    for span in spans {
        span::delete(&transaction, path, span.id)?;
    }
    transaction.commit().doing("compact", path)
}

/// Where the rows are in order of time. Of two rows with the same time, which a clock set back may have made, the
/// later written one counts.
fn order(times: &[i64]) -> Vec<usize> {
    let mut stamped: Vec<(i64, usize)> = times.iter().copied().zip(0..).collect();
    stamped.sort_unstable_by_key(|(time, at)| (*time, std::cmp::Reverse(*at)));
    stamped.dedup_by_key(|(time, _)| *time);
    stamped.into_iter().map(|(_, at)| at).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn rows_are_put_in_order_and_the_later_written_counts() {
        assert_eq!(order(&[10, 20, 30, 20, 25]), [0, 3, 4, 2]);
    }

    #[test]
    fn a_step_takes_whole_spans_up_to_its_size_and_at_least_one() {
        let spans = |rows: &[usize]| (0..).zip(rows).map(|(id, rows)| Span { id, rows: *rows }).collect();
        let taken = |rows: &[usize]| fitting(spans(rows), 10).len();
        assert_eq!([taken(&[4, 6, 1]), taken(&[20, 1]), taken(&[])], [2, 1, 0]);
    }
}
