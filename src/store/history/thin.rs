//! What history gives when the disk is nearly full: empty pages at once, and its oldest days one by one.
//!
//! Who calls it: the writer, by order. Steps are as small as upkeep's, and what each has written is brought into the file before the
//! next: there may be hardly any room for a write-ahead log. What fails can be asked for again.
//!
//! It does not decide when; and it never takes the last [`LEAST_DAYS`] whole days, nor what is not merged yet.

use std::path::Path;

use rusqlite::Connection;

use crate::model::Wall;

use super::{
    super::error::Doing,
    StoreError,
    compact::DAY,
    milliseconds,
    upkeep::{drop_states, expire_spans, state_points},
    wall,
};

/// Whole days that stay however full the disk is, besides the newest one.
const LEAST_DAYS: i64 = 7;

/// Pages that are given back before the write-ahead log is emptied.
const STEP_PAGES: u32 = 128;

/// What history could give.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Room {
    /// Whether it has just given back room to the file system.
    pub given_back: bool,
    /// The end of its oldest day, if that may go.
    pub next: Option<Wall>,
}

/// Gives every empty page back, and looks what could go next.
pub(super) fn give_back(connection: &Connection, path: &Path) -> Result<Room, StoreError> {
    let free = |connection: &Connection| -> Result<i64, StoreError> {
        connection.pragma_query_value(None, "freelist_count", |row| row.get(0)).doing("read", path)
    };
    empty_log(connection, path)?;
    let (first, mut before) = (free(connection)?, i64::MAX);
    let mut left = first;
    while left > 0 && left < before {
        // Works only as far as its rows are fetched.
        connection.pragma(None, "incremental_vacuum", STEP_PAGES, |_| Ok(())).doing("shrink", path)?;
        empty_log(connection, path)?;
        before = std::mem::replace(&mut left, free(connection)?);
    }
    let next =
        bounds(connection, path)?.and_then(|(first_end, last)| (first_end <= last).then_some(first_end));
    Ok(Room { given_back: left < first, next: next.map(wall) })
}

/// Drops whole days before a time, as far as they may go.
pub(super) fn drop_before(connection: &mut Connection, path: &Path, before: Wall) -> Result<(), StoreError> {
    let Some((_, last)) = bounds(connection, path)? else { return Ok(()) };
    let before = milliseconds(before).min(last);
    while expire_spans(connection, path, before)? {
        empty_log(connection, path)?;
    }
    for point in state_points(connection, path)? {
        while drop_states(connection, path, point, before)? {}
    }
    empty_log(connection, path)
}

/// The end of the oldest day, and up to when days may go, ms.
fn bounds(connection: &Connection, path: &Path) -> Result<Option<(i64, i64)>, StoreError> {
    let sql = "SELECT min(last_ms), max(last_ms) FROM span WHERE merged = 1";
    let found = connection.query_row(sql, [], |row| Ok((row.get(0)?, row.get(1)?))).doing("read", path)?;
    let (Some(oldest), Some(newest)): (Option<i64>, Option<i64>) = found else { return Ok(None) };
    let midnight = |day: i64| day.saturating_mul(DAY);
    Ok(Some((midnight(oldest.div_euclid(DAY) + 1), midnight(newest.div_euclid(DAY) - LEAST_DAYS))))
}

/// Brings the write-ahead log into the file and cuts it off, so that both are as small as they can be. A reader may prevent it,
/// until the next time.
fn empty_log(connection: &Connection, path: &Path) -> Result<(), StoreError> {
    connection.pragma(None, "wal_checkpoint", "TRUNCATE", |_| Ok(())).doing("shrink", path)
}
