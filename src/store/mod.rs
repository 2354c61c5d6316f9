//! What is kept on disk: `core.db` (journal) and `history.db` (samples). The only folder that knows SQLite.
//!
//! `app` opens both and writes; `web` and `deliver` read through [`JournalReader`] and [`HistoryReader`].
//!
//! Each database has one writer thread, fed by a bounded channel; readers have connections of their own and hold
//! nobody up. Each file is encrypted when a [`DatabaseKey`] is given and plain when not, by the same code. The
//! two share nothing: damage or bloat of one never touches the other.
//!
//! Terms: *registry* — persons, accounts, sessions, tokens, rules, badges and what doors go by, in the journal's database; *journal* — records, numbered without a gap, on disk before the writer is answered; *history* — samples
//! and states, of which a crash takes the last second, and the loss of power what the system had not yet written of
//! its own accord (about half a minute); *run* — the program from start to stop.
//!
//! Nothing here reads a clock: every time comes with what is written.

mod append;
mod commanded;
mod connection;
mod cursors;
mod doors;
mod error;
mod evidence;
mod history;
mod journal;
mod journal_reader;
mod journal_writer;
mod keys;
mod migrations;
mod pool;
mod reader_keys;
mod registry;
mod seal;

pub use append::append_whole;
pub use doors::{DoorRow, LeftDoors};
pub use error::StoreError;
pub use evidence::{Archive, EvidenceRow, Excerpt, Extract, Hold, LogFile};
pub use history::{
    Batch, Bucket, History, HistoryReader, HistoryStatistics, KEEP_DAYS, RangeQuery, Room, Series,
};
pub use journal::{Journal, Opened, PreviousRun, Row, Write};
pub use journal_reader::{JournalFilter, JournalReader};
pub use keys::{DatabaseKey, KeyFolders, KeyName, SecretKey};
pub use reader_keys::KeptPairing;
pub use registry::{AccessEntry, AccessRow, HeldEntry, Registry};
pub use seal::Seal;
