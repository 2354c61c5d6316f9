//! Opening a database file: lock, form of the file, key, settings. One path with a key and without.
//!
//! The journal's and history's writers open read and write, once; [`super::pool`] opens their readers.

use std::{
    ffi::OsString,
    fs::{File, OpenOptions, TryLockError},
    io::{ErrorKind, Read},
    os::unix::fs::OpenOptionsExt,
    path::{Path, PathBuf},
    time::Duration,
};

use rusqlite::{Connection, ErrorCode, OpenFlags};

use super::{
    DatabaseKey, StoreError,
    error::Doing,
    migrations::{self, Schema},
};

/// How long a statement waits for another connection's lock; only a checkpoint ever holds one.
const BUSY: Duration = Duration::from_secs(5);

/// SQLite's and SQLCipher's page. An encrypted file is a whole number of them.
const PAGE_BYTES: u64 = 4096;

/// The write-ahead log is cut back to this after a checkpoint.
const WAL_BYTES: u32 = 64 * 1024 * 1024;

/// What a commit must have survived when it returns.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Durability {
    /// The loss of power.
    Full,
    /// The end of the process, but not the loss of power.
    Normal,
}

/// A database open for writing. Others of this program are kept out until it is dropped.
pub(super) struct Writable {
    pub(super) connection: Connection,
    /// The version from which it was migrated just now.
    pub(super) migrated_from: Option<u32>,
    /// Declared last: released when the connection is closed already.
    pub(super) lock: File,
}

/// Opens for writing; creates what does not exist and migrates what is older.
pub(super) fn open_writable(
    path: &Path,
    key: Option<&DatabaseKey>,
    durability: Durability,
    schema: &Schema,
) -> Result<Writable, StoreError> {
    let lock = lock(path)?;
    let form = form(path)?;
    refuse(form, path, key)?;
    let mut connection = open(path, key, OpenFlags::SQLITE_OPEN_READ_WRITE)?;
    if form == Form::Empty {
        connection.pragma_update(None, "auto_vacuum", "INCREMENTAL").doing("create", path)?;
    }
    check(&connection, path, key)?;
    migrations::refuse_newer(&connection, path, schema)?;
    let set = |pragma, wanted, found| set(&connection, path, pragma, wanted, found);
    set("journal_mode", "WAL", "wal")?;
    match durability {
        Durability::Full => set("synchronous", "FULL", "2")?,
        Durability::Normal => set("synchronous", "NORMAL", "1")?,
    }
    connection.pragma_update(None, "journal_size_limit", WAL_BYTES).doing("open", path)?;
    let migrated_from = migrations::migrate(&mut connection, path, key, schema)?;
    Ok(Writable { connection, migrated_from, lock })
}

/// Opens for reading what a writer has open already.
pub(super) fn open_readable(path: &Path, key: Option<&DatabaseKey>) -> Result<Connection, StoreError> {
    let connection = open(path, key, OpenFlags::SQLITE_OPEN_READ_ONLY)?;
    check(&connection, path, key)?;
    Ok(connection)
}

/// Opens with the key and nothing else.
pub(super) fn open(
    path: &Path,
    key: Option<&DatabaseKey>,
    access: OpenFlags,
) -> Result<Connection, StoreError> {
    let flags = access | OpenFlags::SQLITE_OPEN_NO_MUTEX;
    let connection = Connection::open_with_flags(path, flags).doing("open", path)?;
    // SQLCipher logs to standard error unless told not to; its errors reach us as results anyway.
    connection.pragma_update(None, "cipher_log_level", "NONE").doing("open", path)?;
    if let Some(key) = key {
        connection.pragma_update(None, "key", key.literal()).doing("open", path)?;
    }
    connection.busy_timeout(BUSY).doing("open", path)?;
    Ok(connection)
}

/// Reads the first page: only now does SQLite look at the file.
fn check(connection: &Connection, path: &Path, key: Option<&DatabaseKey>) -> Result<(), StoreError> {
    let path_owned = path.to_owned();
    match connection.query_row("SELECT count(*) FROM sqlite_schema", [], |_| Ok(())) {
        Err(error) if error.sqlite_error_code() == Some(ErrorCode::NotADatabase) => Err(match key {
            Some(_) => StoreError::WrongKey { path: path_owned },
            None => StoreError::NotADatabase { path: path_owned },
        }),
        result => result.doing("open", path),
    }
}

/// Sets a pragma and reads it back: on both journal modes and synchronous the store's promises rest.
fn set(
    connection: &Connection,
    path: &Path,
    pragma: &'static str,
    wanted: &'static str,
    as_read: &str,
) -> Result<(), StoreError> {
    connection.pragma_update(None, pragma, wanted).doing("open", path)?;
    let found: String = connection
        .pragma_query_value(None, pragma, |row| {
            row.get(0).or_else(|_| row.get(0).map(|number: i64| number.to_string()))
        })
        .doing("open", path)?;
    if found == as_read {
        Ok(())
    } else {
        Err(StoreError::Setting { path: path.to_owned(), pragma, wanted, found })
    }
}

/// `path` with something behind its name.
pub(super) fn beside(path: &Path, suffix: &str) -> PathBuf {
    let mut name = OsString::from(path);
    name.push(suffix);
    name.into()
}

/// Takes the lock file beside the database; a lock on the database itself would fall with SQLite's own.
fn lock(path: &Path) -> Result<File, StoreError> {
    let folder = match path.parent() {
        Some(folder) if folder.as_os_str().is_empty() => Path::new("."),
        Some(folder) => folder,
        None => Path::new("/"),
    };
    if !folder.is_dir() {
        return Err(StoreError::FolderMissing { folder: folder.to_owned() });
    }
    let lock_path = beside(path, ".lock");
    let options = || OpenOptions::new().create(true).truncate(false).write(true).mode(0o600).to_owned();
    let lock = options().open(&lock_path);
    if let Err(error) = &lock
        && matches!(error.kind(), ErrorKind::PermissionDenied | ErrorKind::ReadOnlyFilesystem)
    {
        return Err(StoreError::FolderNotWritable { folder: folder.to_owned() });
    }
    let lock = lock.doing("create", &lock_path)?;
    match lock.try_lock() {
        Ok(()) => {}
        Err(TryLockError::WouldBlock) => return Err(StoreError::Locked { path: path.to_owned() }),
        Err(TryLockError::Error(error)) => return Err(error).doing("lock", &lock_path),
    }
    // Created here, so that SQLite gives its log and index the same permissions.
    options().open(path).doing("open", path)?;
    Ok(lock)
}

/// What a file looks like from outside.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Form {
    Empty,
    Plain,
    /// Whole pages of what looks like noise.
    Encrypted,
    Other,
}

/// Looks at a file's length and first bytes. Only while no connection is open: closing any handle of a file drops
/// the locks that SQLite holds on it.
fn form(path: &Path) -> Result<Form, StoreError> {
    let file = File::open(path).doing("open", path)?;
    let length = file.metadata().doing("open", path)?.len();
    let mut head = Vec::with_capacity(16);
    file.take(16).read_to_end(&mut head).doing("read", path)?;
    Ok(match head.as_slice() {
        [] => Form::Empty,
        b"SQLite format 3\0" => Form::Plain,
        _ if length.is_multiple_of(PAGE_BYTES) => Form::Encrypted,
        _ => Form::Other,
    })
}

fn refuse(form: Form, path: &Path, key: Option<&DatabaseKey>) -> Result<(), StoreError> {
    let path = path.to_owned();
    match (form, key) {
        (Form::Other, _) => Err(StoreError::NotADatabase { path }),
        (Form::Plain, Some(_)) => Err(StoreError::NotEncrypted { path }),
        (Form::Encrypted, None) => Err(StoreError::Encrypted { path }),
        (Form::Empty, _) | (Form::Plain, None) | (Form::Encrypted, Some(_)) => Ok(()),
    }
}
