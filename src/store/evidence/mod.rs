//! The journal's tree in `core.db`: log ids, checkpoints, what was pruned, holds, and whose personal data there is.
//!
//! The writer keeps the tree's frontier in memory and writes the rows; `evidence` reads through [`JournalReader`] and decides.
//! `file` reads a database that a service may have open, for the check; `extract` writes the file of an export.
//!
//! A frontier is kept with each checkpoint. That of any other size is grown from the one before it, by the leaves between.

mod extract;
mod file;

use std::path::Path;

use rusqlite::{Connection, OptionalExtension, Transaction, params};

pub use extract::{Archive, Excerpt, Extract};
pub use file::LogFile;

use super::{JournalReader, StoreError, error::Doing, journal_writer::signed};
use crate::{
    logic::evidence::Frontier,
    model::{PersonId, Wall},
};

/// A change of the log's own tables.
#[derive(Clone, Debug)]
pub enum EvidenceRow {
    /// The log begins, or goes on, under this id.
    LogBegun(String),
    /// A checkpoint was signed.
    Checkpoint {
        /// The tree that it stands for.
        tree: Frontier,
        /// When.
        wall: Wall,
        /// The signed note.
        note: String,
    },
    /// Of checkpoints from before this time, the last one of each hour is enough.
    Thinned(Wall),
    /// Records up to the size of this tree are dropped.
    Pruned(Frontier),
    /// Nothing is pruned or erased from now on; the write's last record tells of it.
    Held {
        /// When.
        wall: Wall,
        /// By whom.
        actor: String,
        /// Why.
        why: String,
    },
    /// The hold of which this record told is over.
    Released(u64),
    /// The personal data of this person are erased from all records.
    Erased(PersonId),
}

/// A hold that is not released.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Hold {
    /// The record that tells of it.
    pub record: u64,
    /// Since when.
    pub wall: Wall,
    /// By whom.
    pub actor: String,
    /// Why.
    pub why: String,
}

/// Writes a row; `seq` is the newest record's number.
pub(super) fn apply(
    transaction: &Transaction<'_>,
    row: &EvidenceRow,
    seq: u64,
) -> Result<(), rusqlite::Error> {
    let run = |sql: &str, parameters: &[&dyn rusqlite::ToSql]| {
        transaction.prepare_cached(sql)?.execute(parameters).map(drop)
    };
    match row {
        EvidenceRow::LogBegun(origin) => run("INSERT INTO log (origin) VALUES (?1)", params![origin]),
        EvidenceRow::Checkpoint { tree, wall, note } => {
            let sql =
                "INSERT OR REPLACE INTO checkpoint (size, wall_us, note, frontier) VALUES (?1, ?2, ?3, ?4)";
            run(sql, params![signed(tree.size()), wall.0, note, tree.to_bytes()])
        }
        EvidenceRow::Thinned(before) => {
            let last = "SELECT max(size) FROM checkpoint WHERE wall_us < ?1 GROUP BY wall_us / 3600000000";
            let sql = format!("DELETE FROM checkpoint WHERE wall_us < ?1 AND size NOT IN ({last})");
            run(&sql, params![before.0])
        }
        EvidenceRow::Pruned(tree) => {
            let size = signed(tree.size());
            run("INSERT OR REPLACE INTO pruned VALUES (1, ?1, ?2)", params![size, tree.to_bytes()])?;
            run("DELETE FROM checkpoint WHERE size < ?1", params![size])?;
            run("DELETE FROM personal WHERE seq <= ?1", params![size])?;
            run("DELETE FROM record WHERE seq <= ?1", params![size])
        }
        EvidenceRow::Held { wall, actor, why } => {
            run("INSERT INTO hold VALUES (?1, ?2, ?3, ?4)", params![signed(seq), wall.0, actor, why])
        }
        EvidenceRow::Released(record) => run("DELETE FROM hold WHERE record = ?1", params![signed(*record)]),
        EvidenceRow::Erased(person) => {
            let visits = "UPDATE access_entry SET content = json_remove(content, '$.visit')
                WHERE kind = 'holder' AND key = ?1";
            run(visits, params![person.to_string()])?;
            run("DELETE FROM personal WHERE person = ?1", params![person.0.get()])
        }
    }
}

/// The tree of the first `size` records, or of all where there are fewer.
pub(super) fn frontier(connection: &Connection, path: &Path, size: u64) -> Result<Frontier, StoreError> {
    let sql = "SELECT size, frontier FROM (SELECT size, frontier FROM checkpoint UNION ALL
               SELECT size, frontier FROM pruned) WHERE size <= ?1 ORDER BY size DESC LIMIT 1";
    let kept = connection.query_row(sql, [signed(size)], tree);
    let mut tree = kept.optional().doing("read", path)?.unwrap_or_default();
    let sql = "SELECT seq, leaf FROM record WHERE seq > ?1 AND seq <= ?2 ORDER BY seq";
    let mut statement = connection.prepare_cached(sql).doing("read", path)?;
    let mut rows = statement.query([signed(tree.size()), signed(size)]).doing("read", path)?;
    while let Some(row) = rows.next().doing("read", path)? {
        let (number, leaf): (i64, [u8; 32]) =
            row.get(0).and_then(|number| Ok((number, row.get(1)?))).doing("read", path)?;
        // A record that somebody removed stands as a leaf that none has: the log goes on, and its check tells of it.
        while signed(tree.size() + 1) < number {
            tracing::error!(record = tree.size() + 1, "a record is missing: hallward log verify tells more");
            tree.push([0; 32]);
        }
        tree.push(leaf);
    }
    Ok(tree)
}

/// A number of a record, or how many there are.
fn number(row: &rusqlite::Row<'_>, column: usize) -> Result<u64, rusqlite::Error> {
    row.get::<_, i64>(column).map(|number| u64::try_from(number).unwrap_or(0))
}

/// A size, and the frontier kept with it.
fn tree(row: &rusqlite::Row<'_>) -> Result<Frontier, rusqlite::Error> {
    let (size, bytes): (u64, Vec<u8>) = (number(row, 0)?, row.get(1)?);
    let wrong = || rusqlite::Error::InvalidColumnType(1, "frontier".to_owned(), rusqlite::types::Type::Blob);
    Frontier::from_bytes(size, &bytes).ok_or_else(wrong)
}

impl JournalReader {
    /// The tree of the first `size` records; none where they are no longer here, or not yet.
    ///
    /// # Errors
    /// The database cannot be read.
    pub async fn frontier_at(&self, size: u64) -> Result<Option<Frontier>, StoreError> {
        let found = self.pool.run(move |connection, path| frontier(connection, path, size)).await?;
        Ok((found.size() == size).then_some(found))
    }

    /// The log's ids, the one in use last.
    ///
    /// # Errors
    /// The database cannot be read.
    pub async fn log_ids(&self) -> Result<Vec<String>, StoreError> {
        self.pool
            .run(|connection, path| {
                let sql = "SELECT origin FROM log ORDER BY number";
                let mut statement = connection.prepare(sql).doing("read", path)?;
                let ids = statement.query_map([], |row| row.get(0)).doing("read", path)?;
                ids.collect::<Result<_, _>>().doing("read", path)
            })
            .await
    }

    /// The size of the newest checkpoint; 0 when there is none.
    ///
    /// # Errors
    /// The database cannot be read.
    pub async fn checkpointed(&self) -> Result<u64, StoreError> {
        self.number("SELECT coalesce(max(size), 0) FROM checkpoint").await
    }

    /// How many records retention has dropped.
    ///
    /// # Errors
    /// The database cannot be read.
    pub async fn pruned(&self) -> Result<u64, StoreError> {
        self.number("SELECT coalesce(max(size), 0) FROM pruned").await
    }

    async fn number(&self, sql: &'static str) -> Result<u64, StoreError> {
        self.pool
            .run(move |connection, path| {
                connection.query_row(sql, [], |row| number(row, 0)).doing("read", path)
            })
            .await
    }

    /// The newest checkpoint up to which every record is from before `time`, at most `step` records after those that are
    /// pruned, or the first one behind them if none is so near.
    ///
    /// # Errors
    /// The database cannot be read.
    pub async fn prunable(&self, time: Wall, step: u64) -> Result<Option<Frontier>, StoreError> {
        self.pool
            .run(move |connection, path| {
                // The first record that stays.
                let stays = "SELECT coalesce(min(seq), 9223372036854775807) FROM record WHERE wall_us >= ?1";
                let first: i64 =
                    connection.query_row(stays, [time.0], |row| row.get(0)).doing("read", path)?;
                let pruned = "(SELECT coalesce(max(size), 0) FROM pruned)";
                let sql = format!(
                    "SELECT size, frontier FROM checkpoint WHERE size > {pruned} AND size < ?1
                     ORDER BY size > {pruned} + ?2, CASE WHEN size > {pruned} + ?2 THEN size ELSE -size END LIMIT 1"
                );
                let found = connection.query_row(&sql, params![first, signed(step)], tree);
                found.optional().doing("read", path)
            })
            .await
    }

    /// The holds that are not released.
    ///
    /// # Errors
    /// The database cannot be read.
    pub async fn holds(&self) -> Result<Vec<Hold>, StoreError> {
        self.pool
            .run(|connection, path| {
                let sql = "SELECT record, wall_us, actor, why FROM hold ORDER BY record";
                let mut statement = connection.prepare(sql).doing("read", path)?;
                let hold = |row: &rusqlite::Row<'_>| {
                    let (record, wall) = (number(row, 0)?, Wall(row.get(1)?));
                    Ok(Hold { record, wall, actor: row.get(2)?, why: row.get(3)? })
                };
                let holds = statement.query_map([], hold).doing("read", path)?;
                holds.collect::<Result<_, _>>().doing("read", path)
            })
            .await
    }
}

#[cfg(test)]
mod tests;
