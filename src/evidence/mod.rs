//! The one owner of the log as evidence: it signs checkpoints and brings them to every place, compares the log with those
//! kept elsewhere, makes exports, and decides what is kept.
//!
//! Who calls it: `app` wires it and asks for the control socket; `web` asks it for exports. What a tree, a note and a check
//! are is `logic::evidence`; rows are `store`'s. `deliver` carries checkpoints to the broker and back, and knows only texts.
//!
//! Terms: those of `logic::evidence`; *second path* — a file on another disk that the site file names; *hold* — while there
//! is one, nothing is pruned and nobody erased.
//!
//! Bounds: one change or export at a time; files of checkpoints begin anew at [`LONGEST_FILE`], one old file is kept.

mod checkpoints;
mod compare;
mod export;
mod keep;
mod places;
mod refused;
mod run;
mod tail;
#[cfg(test)]
mod tests;

use std::{
    path::{Path, PathBuf},
    sync::Arc,
};

use tokio::sync::{Mutex, broadcast, watch};

pub use export::{Exported, Wanted};
pub use keep::Kept;
pub use places::{CHECKPOINTS, LONGEST_FILE, VKEY};
pub use refused::NotKept;

use crate::{
    accounts::{Accounts, Caller},
    logic::evidence::{PublicKey, SigningKey},
    model::{Clock, NewRecord, Record, Severity},
    store::{EvidenceRow, Journal, Row, SecretKey, StoreError, Write},
};
use places::Places;

/// What it needs.
pub struct Needs {
    /// The journal.
    pub journal: Journal,
    /// Who hears of records.
    pub committed: broadcast::Sender<Arc<Record>>,
    /// The clock.
    pub clock: Arc<dyn Clock>,
    /// Who may sign in: erasing a person is a change of theirs.
    pub accounts: Arc<Accounts>,
    /// What signs.
    pub key: SecretKey,
    /// The key's name, `hallward/<site>`; a simulated hall's says so.
    pub name: String,
    /// The data folder.
    pub data: PathBuf,
    /// The second path, if there is one.
    pub second: Option<PathBuf>,
}

/// See the module.
pub struct Evidence {
    journal: Journal,
    committed: broadcast::Sender<Arc<Record>>,
    clock: Arc<dyn Clock>,
    accounts: Arc<Accounts>,
    key: SigningKey,
    data: PathBuf,
    /// The newest checkpoint, for whoever carries it on.
    newest: watch::Sender<Option<Arc<str>>>,
    /// One change at a time.
    state: Mutex<State>,
    /// One export at a time.
    exporting: Mutex<()>,
}

struct State {
    /// The log's id now.
    log: String,
    /// The size of the newest checkpoint.
    size: u64,
    /// The hour in which old checkpoints were thinned last.
    thinned: i64,
    places: Arc<std::sync::Mutex<Places>>,
}

impl Evidence {
    /// Opens it, and compares the log with the newest checkpoint in the second path.
    ///
    /// # Errors
    /// The store; the key's name.
    pub async fn open(needs: Needs) -> Result<Arc<Self>, NotKept> {
        let Needs { journal, committed, clock, accounts, key, name, data, second } = needs;
        let key = SigningKey::new(&name, key.bytes()).ok_or(NotKept::Name(name))?;
        let ids = journal.reader().log_ids().await?;
        let log = match ids.last() {
            Some(log) => log.clone(),
            None => {
                let log = new_id(key.public().name())?;
                let begun = Row::Evidence(EvidenceRow::LogBegun(log.clone()));
                journal.write(Write { records: Vec::new(), rows: vec![begun] }).await?;
                log
            }
        };
        let size = journal.reader().checkpointed().await?;
        let places = Places::open(&data, second, &key.public());
        let found = places.newest_elsewhere();
        let state =
            Mutex::new(State { log, size, thinned: 0, places: Arc::new(std::sync::Mutex::new(places)) });
        let (newest, exporting) = (watch::Sender::new(None), Mutex::default());
        let evidence = Self { journal, committed, clock, accounts, key, data, newest, state, exporting };
        if let Some(note) = found {
            evidence.compare(&note, "the second path").await?;
        }
        Ok(Arc::new(evidence))
    }

    /// What checkpoints are checked with.
    #[must_use]
    pub fn public_key(&self) -> PublicKey {
        self.key.public()
    }

    /// The newest checkpoint as it comes.
    #[must_use]
    pub fn newest(&self) -> watch::Receiver<Option<Arc<str>>> {
        self.newest.subscribe()
    }

    /// Where what is kept lies.
    #[must_use]
    pub fn data(&self) -> &Path {
        &self.data
    }

    /// Writes one record of somebody's deed, with its rows; tells its number.
    async fn write(&self, record: NewRecord, rows: Vec<EvidenceRow>) -> Result<u64, NotKept> {
        let rows = rows.into_iter().map(Row::Evidence).collect();
        let numbers =
            self.journal.write_and_tell(Write { records: vec![record], rows }, &self.committed).await?;
        numbers.first().copied().ok_or(NotKept::Store(StoreError::Stopped))
    }

    fn record(&self, caller: &Caller, code: &'static str, severity: Severity) -> NewRecord {
        NewRecord { actor: caller.actor.clone(), ..NewRecord::system(self.clock.now(), code, severity) }
    }
}

/// A new id of a log.
fn new_id(name: &str) -> Result<String, StoreError> {
    let mut digits = [0; 4];
    getrandom::fill(&mut digits).map_err(StoreError::Random)?;
    Ok(format!("{name}/{}", data_encoding::HEXLOWER.encode(&digits)))
}
