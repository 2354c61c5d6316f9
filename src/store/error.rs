//! What can go wrong with the store, in words that say what to do about it.

use std::{io, path::PathBuf, sync::Arc};

/// Why the store could not do it. Cheap to clone: a failed group commit answers every writer in it.
#[derive(Clone, Debug, thiserror::Error)]
pub enum StoreError {
    /// There is no folder to put the database in.
    #[error("the folder {folder} does not exist: create it, or give another with --data")]
    FolderMissing {
        /// The folder.
        folder: PathBuf,
    },
    /// There is no journal.
    #[error("there is no journal at {path}: give the data folder with --data")]
    NoJournal {
        /// The database.
        path: PathBuf,
    },
    /// A database of an older program, which is only read here.
    #[error("{path} has version {found}, this program reads {known}: start this program's service once")]
    Older {
        /// The database.
        path: PathBuf,
        /// Its version.
        found: u32,
        /// This program's version.
        known: u32,
    },
    /// More records than one file may hold.
    #[error("more than {limit} records: ask for a shorter range, and for the rest in another file")]
    TooManyRecords {
        /// The most that one file holds.
        limit: u64,
    },
    /// The folder may not be written.
    #[error("cannot write in the folder {folder}: let the user that runs hallward own it")]
    FolderNotWritable {
        /// The folder.
        folder: PathBuf,
    },
    /// Another process has the database open.
    #[error("{path} is in use by another process: one gateway per data folder; stop the other one first")]
    Locked {
        /// The database.
        path: PathBuf,
    },
    /// No key for an encrypted database.
    #[error("{path} is encrypted and no key was given: put its key in /etc/hallward/keys/database.key")]
    Encrypted {
        /// The database.
        path: PathBuf,
    },
    /// A key that does not open the database.
    #[error(
        "the key given does not open {path}: give the key that it was created with; if it is that, restore a backup"
    )]
    WrongKey {
        /// The database.
        path: PathBuf,
    },
    /// A key for a database that is not encrypted.
    #[error("{path} is not encrypted, but a key was given: encrypt it first, or start without a key")]
    NotEncrypted {
        /// The database.
        path: PathBuf,
    },
    /// Not an SQLite file at all.
    #[error("{path} is not a database: move it away, or restore it from a backup")]
    NotADatabase {
        /// The file.
        path: PathBuf,
    },
    /// A database of something else.
    #[error("{path} is a database, but not hallward's {name} database: move it away")]
    Foreign {
        /// The file.
        path: PathBuf,
        /// Which one was expected: core or history.
        name: &'static str,
    },
    /// A database of a newer program.
    #[error("{path} has version {found}, this program knows up to {known}: start the newer program again")]
    Newer {
        /// The database.
        path: PathBuf,
        /// Its version.
        found: u32,
        /// The newest version that this program knows.
        known: u32,
    },
    /// The database did not take a setting on which its promises rest.
    #[error("{path} has {pragma} = {found} where {wanted} is needed: is it on a network share?")]
    Setting {
        /// The database.
        path: PathBuf,
        /// The setting.
        pragma: &'static str,
        /// What was asked for.
        wanted: &'static str,
        /// What it is.
        found: String,
    },
    /// A key file of the wrong length.
    #[error("{path} holds {found} characters: a key is 64 hexadecimal digits")]
    KeyLength {
        /// The key file.
        path: PathBuf,
        /// How many characters it has.
        found: usize,
    },
    /// A key file with something else than digits in it.
    #[error("character {position} of {path} is not a hexadecimal digit: a key is 64 of 0-9 and a-f")]
    KeyCharacter {
        /// The key file.
        path: PathBuf,
        /// Where, from 1.
        position: usize,
    },
    /// A key file that others may read.
    #[error("{path} may be read by others (mode {mode:04o}): chmod 600 {path}")]
    KeyExposed {
        /// The key file.
        path: PathBuf,
        /// Its permission bits.
        mode: u32,
    },
    /// A file could not be read or written.
    #[error("cannot {doing} {path}: {source}")]
    File {
        /// What was tried.
        doing: &'static str,
        /// The file.
        path: PathBuf,
        /// Why not.
        source: Arc<io::Error>,
    },
    /// The disk is full.
    #[error("no space left for {path}: free some, nothing more can be recorded")]
    Full {
        /// The database.
        path: PathBuf,
    },
    /// The disk is so full that history takes nothing for a while.
    #[error("{path} takes nothing while the disk is full: free some space; what comes meanwhile is lost")]
    Paused {
        /// The database.
        path: PathBuf,
    },
    /// SQLite failed.
    #[error("cannot {doing} {path}: {source}")]
    Database {
        /// What was tried.
        doing: &'static str,
        /// The database.
        path: PathBuf,
        /// Why not.
        source: Arc<rusqlite::Error>,
    },
    /// Stored bytes that cannot be understood.
    #[error("{path} is damaged ({what}): restore it from a backup")]
    Corrupt {
        /// The database.
        path: PathBuf,
        /// What was found where.
        what: String,
    },
    /// The system gave no random numbers.
    #[error("the system gives no random numbers: {0}")]
    Random(getrandom::Error),
    /// What was sealed does not open.
    #[error(
        "what is sealed does not open: seal.key is another one than it was sealed with, or it is damaged"
    )]
    Sealed,
    /// A password could not be hashed.
    #[error("a password could not be hashed")]
    Hash,
    /// The writer thread is gone: closed, or ended by a defect that its log tells.
    #[error("the database's writer has stopped: see the log above for why, and start hallward again")]
    Stopped,
    /// A group of samples with a point that is no number, or none at all.
    #[error("history group {group} names a point that is no number of its device")]
    BadGroup {
        /// Index of the group.
        group: usize,
    },
    /// A point that history does not know.
    #[error("history knows no such point")]
    UnknownPoint,
    /// More samples than one answer may hold.
    #[error("more than {limit} samples in this time: ask for buckets, or for a shorter time")]
    TooMany {
        /// The most that one answer holds.
        limit: usize,
    },
}

/// Where and in doing what an SQLite error happened.
pub(super) trait Doing<T> {
    /// Names the database and the deed.
    fn doing(self, doing: &'static str, path: &std::path::Path) -> Result<T, StoreError>;
}

impl<T> Doing<T> for Result<T, rusqlite::Error> {
    fn doing(self, doing: &'static str, path: &std::path::Path) -> Result<T, StoreError> {
        self.map_err(|error| match error.sqlite_error_code() {
            Some(rusqlite::ErrorCode::DiskFull) => StoreError::Full { path: path.to_owned() },
            Some(rusqlite::ErrorCode::DatabaseCorrupt | rusqlite::ErrorCode::NotADatabase) => {
                StoreError::Corrupt { path: path.to_owned(), what: error.to_string() }
            }
            _ => StoreError::Database { doing, path: path.to_owned(), source: Arc::new(error) },
        })
    }
}

impl<T> Doing<T> for Result<T, io::Error> {
    fn doing(self, doing: &'static str, path: &std::path::Path) -> Result<T, StoreError> {
        self.map_err(|error| {
            if error.kind() == io::ErrorKind::StorageFull {
                return StoreError::Full { path: path.to_owned() };
            }
            StoreError::File { doing, path: path.to_owned(), source: Arc::new(error) }
        })
    }
}
