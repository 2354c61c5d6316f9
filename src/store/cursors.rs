//! How far each receiver of records is, in `core.db`. `deliver` moves a cursor on when its receiver has acknowledged.

use rusqlite::{OptionalExtension, Transaction, params};

use super::{JournalReader, StoreError, error::Doing, journal_writer::signed};

impl JournalReader {
    /// The number of the last record that this receiver has acknowledged; 0 before the first.
    ///
    /// # Errors
    /// The database cannot be read.
    pub async fn cursor(&self, receiver: &'static str) -> Result<u64, StoreError> {
        self.pool
            .run(move |connection, path| {
                let sql = "SELECT seq FROM cursor WHERE receiver = ?1";
                let found = connection.query_row(sql, [receiver], |row| row.get::<_, i64>(0)).optional();
                let seq = found.doing("read", path)?.unwrap_or(0);
                Ok(u64::try_from(seq).unwrap_or(0))
            })
            .await
    }
}

/// Moves one on.
pub(super) fn write(transaction: &Transaction<'_>, receiver: &str, seq: u64) -> Result<(), rusqlite::Error> {
    let sql = "INSERT OR REPLACE INTO cursor (receiver, seq) VALUES (?1, ?2)";
    transaction.prepare_cached(sql)?.execute(params![receiver, signed(seq)]).map(drop)
}
