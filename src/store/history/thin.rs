//! What history gives when the disk is nearly full: its empty pages, and its oldest days one by one.
//!
//! Who calls it: the writer, by order, between batches. Each call is one step of a bounded size, and what it has written is brought
//! into the file before it returns: there may be hardly any room for a write-ahead log. What fails can be asked for again.
//!
//! It does not decide when; and it never takes the last [`LEAST_DAYS`] whole days, nor what is not merged yet.

use std::path::Path;

use rusqlite::{Connection, TransactionBehavior};

use crate::model::Wall;

use super::{
    super::error::Doing,
    StoreError,
    compact::DAY,
    milliseconds,
    upkeep::{STEP_STATES, drop_states, expire_spans, state_points},
    wall,
};

/// Whole days that stay however full the disk is, besides the newest one.
const LEAST_DAYS: i64 = 7;

/// The most pages that a step gives back.
const STEP_PAGES: u32 = 128;

/// The most points of which a step drops states: those of each are on pages of their own.
const STEP_POINTS: usize = 128;

/// What history could give.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Room {
    /// Whether it has just given back room to the file system; there may be more.
    pub given_back: bool,
    /// The end of its oldest day, if that may go.
    pub next: Option<Wall>,
}

/// Gives a step of empty pages back, and looks what could go next. Writes nothing if no page is empty.
pub(super) fn give_back(connection: &Connection, path: &Path) -> Result<Room, StoreError> {
    let free = || -> Result<i64, StoreError> {
        connection.pragma_query_value(None, "freelist_count", |row| row.get(0)).doing("read", path)
    };
    let before = free()?;
    if before > 0 {
        // The step then finds its room in the log, on a full disk.
        empty_log(connection, path)?;
        // Works only as far as its rows are fetched.
        connection.pragma(None, "incremental_vacuum", STEP_PAGES, |_| Ok(())).doing("shrink", path)?;
        empty_log(connection, path)?;
    }
    let next =
        bounds(connection, path)?.and_then(|(first_end, last)| (first_end <= last).then_some(first_end));
    Ok(Room { given_back: free()? < before, next: next.map(wall) })
}

/// Drops a step of whole days before a time, as far as they may go; false: nothing of them is left. States go first: by the numbers
/// it is known which day is the oldest.
pub(super) fn drop_before(
    connection: &mut Connection,
    path: &Path,
    before: Wall,
) -> Result<bool, StoreError> {
    let Some((_, last)) = bounds(connection, path)? else { return Ok(false) };
    let before = milliseconds(before).min(last);
    let dropped = step_of_states(connection, path, before)? || expire_spans(connection, path, before)?;
    if dropped {
        empty_log(connection, path)?;
    }
    Ok(dropped)
}

/// Drops a step of the states before a time, ms; false if there is none.
fn step_of_states(connection: &mut Connection, path: &Path, before: i64) -> Result<bool, StoreError> {
    let behavior = TransactionBehavior::Deferred;
    let transaction = connection.transaction_with_behavior(behavior).doing("expire in", path)?;
    let (mut most, mut points) = (STEP_STATES, 0);
    for point in state_points(&transaction, path)? {
        let dropped = drop_states(&transaction, path, point, before, most)?;
        most = most.saturating_sub(dropped);
        points += usize::from(dropped > 0);
        if most == 0 || points == STEP_POINTS {
            break;
        }
    }
    transaction.commit().doing("expire in", path)?;
    Ok(points > 0)
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
