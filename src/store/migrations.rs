//! Versions of the databases: numbered SQL files, applied in order, each in one transaction with its number.
//!
//! `user_version` is the number of the newest one applied. An older database is copied beside itself first
//! (`core.db.before-v2`); a newer one is refused.

use std::{fs, path::Path};

use rusqlite::{Connection, OpenFlags, TransactionBehavior, backup::Backup};

use super::{
    DatabaseKey, StoreError,
    connection::{beside, open},
    error::Doing,
};

/// A database's versions.
pub(super) struct Schema {
    /// Its name.
    pub(super) name: &'static str,
    /// SQLite's mark for whose file it is; the first migration sets it.
    pub(super) application_id: u32,
    /// The SQL that makes version n + 1 of version n.
    pub(super) migrations: &'static [&'static str],
}

/// The journal's.
pub(super) const CORE: Schema = Schema {
    name: "core",
    application_id: 0x4857_4C43,
    migrations: &[
        include_str!("migrations/core/0001.sql"),
        include_str!("migrations/core/0002.sql"),
        include_str!("migrations/core/0003.sql"),
        include_str!("migrations/core/0004.sql"),
        include_str!("migrations/core/0005.sql"),
        include_str!("migrations/core/0006.sql"),
        include_str!("migrations/core/0007.sql"),
        include_str!("migrations/core/0008.sql"),
    ],
};

/// History's.
pub(super) const HISTORY: Schema = Schema {
    name: "history",
    application_id: 0x4857_4C48,
    migrations: &[include_str!("migrations/history/0001.sql")],
};

impl Schema {
    fn version(&self) -> u32 {
        u32::try_from(self.migrations.len()).unwrap_or(u32::MAX)
    }
}

fn pragma(connection: &Connection, name: &str, path: &Path) -> Result<u32, StoreError> {
    connection.pragma_query_value(None, name, |row| row.get(0)).doing("read", path)
}

/// Refuses a database of a newer program or of another one, before anything in it is touched.
pub(super) fn refuse_newer(connection: &Connection, path: &Path, schema: &Schema) -> Result<(), StoreError> {
    let mark = pragma(connection, "application_id", path)?;
    let found = pragma(connection, "user_version", path)?;
    let tables: u32 = connection
        .query_row("SELECT count(*) FROM sqlite_schema", [], |row| row.get(0))
        .doing("read", path)?;
    let new = tables == 0 && found == 0;
    if !new && mark != schema.application_id {
        return Err(StoreError::Foreign { path: path.to_owned(), name: schema.name });
    }
    if found > schema.version() {
        return Err(StoreError::Newer { path: path.to_owned(), found, known: schema.version() });
    }
    Ok(())
}

/// Refuses a database of any other program or version: it is to be read, and left as it is.
pub(super) fn refuse_other(connection: &Connection, path: &Path, schema: &Schema) -> Result<(), StoreError> {
    refuse_newer(connection, path, schema)?;
    let found = pragma(connection, "user_version", path)?;
    if found == schema.version() {
        return Ok(());
    }
    Err(StoreError::Older { path: path.to_owned(), found, known: schema.version() })
}

/// Brings a database to this program's version. Tells the version that it had, if it was an older one.
pub(super) fn migrate(
    connection: &mut Connection,
    path: &Path,
    key: Option<&DatabaseKey>,
    schema: &Schema,
) -> Result<Option<u32>, StoreError> {
    let found = pragma(connection, "user_version", path)?;
    if found == schema.version() {
        return Ok(None);
    }
    if found > 0 {
        back_up(connection, path, key, schema.version())?;
    }
    for (version, sql) in (1_u32..).zip(schema.migrations) {
        if version <= found {
            continue;
        }
        let transaction =
            connection.transaction_with_behavior(TransactionBehavior::Immediate).doing("migrate", path)?;
        transaction.execute_batch(sql).doing("migrate", path)?;
        transaction.pragma_update(None, "user_version", version).doing("migrate", path)?;
        transaction.commit().doing("migrate", path)?;
    }
    Ok((found > 0).then_some(found))
}

/// Copies the database, with the same key, to a file that only appears when it is whole.
fn back_up(
    connection: &Connection,
    path: &Path,
    key: Option<&DatabaseKey>,
    version: u32,
) -> Result<(), StoreError> {
    let target = beside(path, &format!(".before-v{version}"));
    let part = beside(&target, ".part");
    if part.exists() {
        fs::remove_file(&part).doing("replace", &part)?;
    }
    let access = OpenFlags::SQLITE_OPEN_READ_WRITE | OpenFlags::SQLITE_OPEN_CREATE;
    let mut copy = open(&part, key, access)?;
    Backup::new(connection, &mut copy).and_then(|backup| backup.step(-1)).doing("write", &part)?;
    copy.close().map_err(|(_, error)| error).doing("write", &part)?;
    fs::set_permissions(&part, fs::metadata(path).doing("read", path)?.permissions())
        .doing("write", &part)?;
    fs::File::open(&part).and_then(|file| file.sync_all()).doing("write", &part)?;
    fs::rename(&part, &target).doing("write", &target)
}

#[cfg(test)]
mod tests {
    use std::path::PathBuf;

    use super::{
        super::connection::{Durability, Writable, open_writable},
        *,
    };

    const FIRST: &str = "PRAGMA application_id = 77; CREATE TABLE a (n INTEGER); INSERT INTO a VALUES (5);";
    const OLD: Schema = Schema { name: "test", application_id: 77, migrations: &[FIRST] };
    const NEW: Schema =
        Schema { migrations: &[FIRST, "ALTER TABLE a RENAME TO b;", "UPDATE b SET n = n + 1;"], ..OLD };
    const BROKEN: Schema = Schema { migrations: &[FIRST, "CREATE TABLE b (n INTEGER); nonsense;"], ..OLD };

    fn open_with(path: &Path, key: Option<&DatabaseKey>, schema: &Schema) -> Result<Writable, StoreError> {
        open_writable(path, key, Durability::Normal, schema)
    }

    fn path(folder: &tempfile::TempDir) -> PathBuf {
        folder.path().join("test.db")
    }

    #[test]
    fn an_older_database_is_backed_up_and_brought_up_to_date() {
        for key in [None, Some(DatabaseKey::of([3; 32]))] {
            let folder = tempfile::tempdir().unwrap();
            let path = path(&folder);
            let old = open_with(&path, key.as_ref(), &OLD).unwrap();
            assert_eq!(old.migrated_from, None);
            old.connection.execute("UPDATE a SET n = 7", []).unwrap();
            drop(old);
            let new = open_with(&path, key.as_ref(), &NEW).unwrap();
            assert_eq!(new.migrated_from, Some(1));
            let number: i64 = new.connection.query_row("SELECT n FROM b", [], |row| row.get(0)).unwrap();
            assert_eq!(number, 8);
            drop(new);
            assert_eq!(open_with(&path, key.as_ref(), &NEW).unwrap().migrated_from, None);
            let backup = open_with(&beside(&path, ".before-v3"), key.as_ref(), &OLD).unwrap();
            let number: i64 = backup.connection.query_row("SELECT n FROM a", [], |row| row.get(0)).unwrap();
            assert_eq!(number, 7);
        }
    }

    #[test]
    fn a_migration_that_fails_changes_nothing() {
        let folder = tempfile::tempdir().unwrap();
        let path = path(&folder);
        open_with(&path, None, &OLD).unwrap();
        assert!(matches!(
            open_with(&path, None, &BROKEN),
            Err(StoreError::Database { doing: "migrate", .. })
        ));
        assert_eq!(open_with(&path, None, &NEW).unwrap().migrated_from, Some(1));
    }
}
