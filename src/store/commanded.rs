//! How far each commander of doors is (`logic::command`), in `core.db`: `deliver` keeps a command's time before it is carried out.

use std::collections::BTreeMap;

use rusqlite::{Transaction, params};

use super::{JournalReader, StoreError, error::Doing};
use crate::model::{Id, Wall};

impl JournalReader {
    /// The time of the newest command of each commander that ever gave one.
    ///
    /// # Errors
    /// The database cannot be read.
    pub async fn commanded(&self) -> Result<BTreeMap<Id, Wall>, StoreError> {
        self.pool
            .run(|connection, path| {
                let mut statement =
                    connection.prepare("SELECT commander, newest_us FROM commanded").doing("read", path)?;
                let rows = statement.query_map([], |row| Ok((row.get(0)?, Wall(row.get(1)?))));
                let rows: Vec<(String, Wall)> = rows.and_then(Iterator::collect).doing("read", path)?;
                Ok(rows.into_iter().filter_map(|(id, newest)| Some((id.parse().ok()?, newest))).collect())
            })
            .await
    }
}

/// Moves one on, and never back.
pub(super) fn write(
    transaction: &Transaction<'_>,
    commander: &Id,
    newest: Wall,
) -> Result<(), rusqlite::Error> {
    let sql = "INSERT INTO commanded (commander, newest_us) VALUES (?1, ?2)
        ON CONFLICT (commander) DO UPDATE SET newest_us = max(newest_us, excluded.newest_us)";
    transaction.prepare_cached(sql)?.execute(params![commander.as_str(), newest.0]).map(drop)
}
