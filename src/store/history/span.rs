//! Spans: writing and reading the compacted rows of one group.

use std::path::Path;

use rusqlite::{Connection, OptionalExtension, Transaction, params};

use crate::model::Column;

use super::{
    super::error::Doing,
    StoreError,
    chunk::{self, ROWS_MAX},
    packed::Mark,
};

/// Chunks of a span have its id times this, and their position added.
const POSITIONS: i64 = 1 << 16;

/// A span as its table has it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct Span {
    pub(super) id: i64,
    pub(super) rows: usize,
    pub(super) stay: Stay,
}

/// How long a span stays as it is, and so how much work is put into making it small.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Stay {
    /// Until its day is over.
    UntilMerged,
    /// Until it is dropped.
    ForGood,
}

/// Begins a span with its time stamps, which are in order.
pub(super) fn create(
    transaction: &Transaction<'_>,
    path: &Path,
    group: i64,
    times: &[i64],
    stay: Stay,
) -> Result<Span, StoreError> {
    let (first, last) = (times.first(), times.last());
    let sql = "INSERT INTO span (group_id, first_ms, last_ms, row_count, merged) VALUES (?1, ?2, ?3, ?4, ?5)";
    let rows = i64::try_from(times.len()).unwrap_or(i64::MAX);
    let mut statement = transaction.prepare_cached(sql).doing("compact", path)?;
    statement.execute(params![group, first, last, rows, stay == Stay::ForGood]).doing("compact", path)?;
    let span = Span { id: transaction.last_insert_rowid(), rows: times.len(), stay };
    put(transaction, path, span, 0, chunk::encode_times(times, stay))?;
    Ok(span)
}

/// Adds the values of the group's point at `position`, from 0.
pub(super) fn add(
    transaction: &Transaction<'_>,
    path: &Path,
    span: Span,
    position: usize,
    column: Column,
    marks: &[Mark],
) -> Result<(), StoreError> {
    put(transaction, path, span, position + 1, chunk::encode_values(column, marks, span.stay))
}

fn put(
    transaction: &Transaction<'_>,
    path: &Path,
    span: Span,
    position: usize,
    bytes: Option<Vec<u8>>,
) -> Result<(), StoreError> {
    let id = chunk_id(span, position);
    let bytes = bytes.ok_or_else(|| damaged(path, "a column that cannot be compressed, span", span.id))?;
    let sql = "INSERT INTO chunk (id, data) VALUES (?1, ?2)";
    let mut statement = transaction.prepare_cached(sql).doing("compact", path)?;
    statement.execute(params![id, bytes]).doing("compact", path)?;
    Ok(())
}

fn chunk_id(span: Span, position: usize) -> i64 {
    // A device has at most 65 536 points, and no group has them all.
    let position = i64::try_from(position).unwrap_or(POSITIONS).min(POSITIONS - 1);
    span.id.saturating_mul(POSITIONS).saturating_add(position)
}

/// A span's time stamps, ms.
pub(super) fn times(connection: &Connection, path: &Path, span: Span) -> Result<Vec<i64>, StoreError> {
    let bytes = get(connection, path, span, 0)?;
    chunk::decode_times(&bytes, span.rows).ok_or_else(|| damaged(path, "time stamps of span", span.id))
}

/// The values of the group's point at `position`, from 0.
pub(super) fn values(
    connection: &Connection,
    path: &Path,
    span: Span,
    position: usize,
    column: Column,
) -> Result<Vec<Mark>, StoreError> {
    let bytes = get(connection, path, span, position + 1)?;
    let marks = chunk::decode_values(column, &bytes, span.rows);
    marks.ok_or_else(|| damaged(path, "chunk", chunk_id(span, position + 1)))
}

fn get(connection: &Connection, path: &Path, span: Span, position: usize) -> Result<Vec<u8>, StoreError> {
    let id = chunk_id(span, position);
    let mut statement =
        connection.prepare_cached("SELECT data FROM chunk WHERE id = ?1").doing("read", path)?;
    let bytes = statement.query_row([id], |row| row.get(0)).optional().doing("read", path)?;
    bytes.ok_or_else(|| damaged(path, "missing chunk", id))
}

/// Drops a span with its chunks.
pub(super) fn delete(transaction: &Transaction<'_>, path: &Path, span: i64) -> Result<(), StoreError> {
    let first = span.saturating_mul(POSITIONS);
    let chunks = params![first, first.saturating_add(POSITIONS - 1)];
    let sql = "DELETE FROM chunk WHERE id BETWEEN ?1 AND ?2";
    transaction.prepare_cached(sql).and_then(|mut sql| sql.execute(chunks)).doing("compact", path)?;
    let sql = "DELETE FROM span WHERE id = ?1";
    transaction.prepare_cached(sql).and_then(|mut sql| sql.execute([span])).doing("compact", path)?;
    Ok(())
}

/// Spans asked for as id, number of rows and whether they are merged.
pub(super) fn find(
    connection: &Connection,
    path: &Path,
    sql: &str,
    parameters: impl rusqlite::Params,
) -> Result<Vec<Span>, StoreError> {
    let mut statement = connection.prepare_cached(sql).doing("read", path)?;
    let mut rows = statement.query(parameters).doing("read", path)?;
    let mut spans = Vec::new();
    while let Some(row) = rows.next().doing("read", path)? {
        let found = row.get(0).and_then(|id| Ok((id, row.get(1)?, row.get(2)?)));
        let (id, count, merged): (i64, i64, bool) = found.doing("read", path)?;
        let stay = if merged { Stay::ForGood } else { Stay::UntilMerged };
        match usize::try_from(count) {
            Ok(rows) if rows <= ROWS_MAX => spans.push(Span { id, rows, stay }),
            Ok(_) | Err(_) => return Err(damaged(path, "number of rows of span", id)),
        }
    }
    Ok(spans)
}

/// Bytes that are not what they should be.
pub(super) fn damaged(path: &Path, what: &str, which: i64) -> StoreError {
    StoreError::Corrupt { path: path.to_owned(), what: format!("{what} {which}") }
}
