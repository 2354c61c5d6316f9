//! `core.db` as the check reads it: only reading, in one moment, whether a service has it open or not.

use std::path::{Path, PathBuf};

use rusqlite::{Connection, ErrorCode, OpenFlags};

use super::super::{DatabaseKey, StoreError, connection, error::Doing, migrations};
use crate::logic::evidence::{Frontier, Verifier};

/// A journal's database, open for reading.
pub struct LogFile {
    connection: Connection,
    path: PathBuf,
}

impl LogFile {
    /// Opens it, and holds on to this moment.
    ///
    /// # Errors
    /// The file, its key or its version.
    pub fn open(path: &Path, key: Option<&DatabaseKey>) -> Result<Self, StoreError> {
        if !path.exists() {
            return Err(StoreError::NoJournal { path: path.to_owned() });
        }
        let connection = match connection::open_readable(path, key) {
            Err(StoreError::Database { source, .. })
                if source.sqlite_error_code() == Some(ErrorCode::CannotOpen) =>
            {
                unchanging(path, key)?
            }
            other => other?,
        };
        migrations::refuse_other(&connection, path, &migrations::CORE)?;
        connection.execute_batch("PRAGMA mmap_size = 268435456; BEGIN").doing("read", path)?;
        Ok(Self { connection, path: path.to_owned() })
    }

    /// The notes of its own checkpoints.
    ///
    /// # Errors
    /// It cannot be read.
    pub fn notes(&self) -> Result<Vec<String>, StoreError> {
        let sql = "SELECT note FROM checkpoint ORDER BY size";
        let mut statement = self.connection.prepare(sql).doing("read", &self.path)?;
        let notes = statement.query_map([], |row| row.get(0)).doing("read", &self.path)?;
        notes.collect::<Result<_, _>>().doing("read", &self.path)
    }

    /// Shows every record to the verifier, and what stands for those that are pruned.
    ///
    /// # Errors
    /// It cannot be read.
    pub fn show(&self, verifier: &mut Verifier) -> Result<(), StoreError> {
        self.pruned()?.peaks().for_each(|peak| verifier.left_out(peak));
        let sql = "SELECT record.seq, bytes, leaf, salt, data FROM record LEFT JOIN personal USING (seq)
                   ORDER BY record.seq";
        let mut statement = self.connection.prepare(sql).doing("read", &self.path)?;
        let mut rows = statement.query([]).doing("read", &self.path)?;
        while let Some(row) = rows.next().doing("read", &self.path)? {
            let number = super::number(row, 0).doing("read", &self.path)?;
            let blob = |column| row.get_ref(column)?.as_blob().map_err(rusqlite::Error::from);
            let (bytes, leaf) = (blob(1).doing("read", &self.path)?, blob(2).doing("read", &self.path)?);
            let personal = blob(3).ok().zip(blob(4).ok());
            verifier.record(number, bytes, Some(leaf), personal);
        }
        Ok(())
    }

    fn pruned(&self) -> Result<Frontier, StoreError> {
        let sql = "SELECT size, frontier FROM pruned";
        match self.connection.query_row(sql, [], super::tree) {
            Err(rusqlite::Error::QueryReturnedNoRows) => Ok(Frontier::default()),
            other => other.doing("read", &self.path),
        }
    }
}

/// A file in a folder that may not be written, such as a copy on a disk that is only read: SQLite keeps no notes beside it.
fn unchanging(path: &Path, key: Option<&DatabaseKey>) -> Result<Connection, StoreError> {
    let name = path.to_string_lossy().replace('%', "%25").replace('?', "%3f").replace('#', "%23");
    let uri = PathBuf::from(format!("file:{name}?immutable=1"));
    let flags = OpenFlags::SQLITE_OPEN_READ_ONLY | OpenFlags::SQLITE_OPEN_URI;
    connection::open(&uri, key, flags)
}
