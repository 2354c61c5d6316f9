//! The journal: records on disk, numbered without a gap, before their writer is answered.
//!
//! `app` opens it, `app` and `accounts` write; everyone reads through [`JournalReader`].

use std::{path::Path, sync::Arc};

use tokio::sync::{Notify, broadcast, mpsc, oneshot};

use crate::{
    logic::{evidence::Frontier, sign_in::Rule},
    model::{
        Account, Id, Link, NewRecord, Now, Person, Record, SecretHash, Session, Side, Token, TokenId, Wall,
    },
};

use super::{
    AccessRow, DatabaseKey, DoorRow, JournalFilter, JournalReader, KeptPairing, StoreError,
    connection::{Durability, Writable, open_writable},
    error::Doing,
    evidence::EvidenceRow,
    journal_writer::{Job, Writer},
    migrations, pool,
};

/// How many writes may wait for the writer; further ones wait for room.
const QUEUE: usize = 1024;

/// The journal open for writing. Clones share one writer.
#[derive(Clone)]
pub struct Journal {
    jobs: mpsc::Sender<Job>,
    reader: JournalReader,
    failed: Arc<Notify>,
}

/// What was found when the journal was opened.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Opened {
    /// Number of the newest record; 0 when there is none.
    pub last_seq: u64,
    /// The run before this one.
    pub previous: Option<PreviousRun>,
    /// The version from which the database was migrated just now.
    pub migrated_from: Option<u32>,
}

/// The run before this one.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct PreviousRun {
    /// When it started.
    pub started: Wall,
    /// When it last said that it was alive.
    pub last_alive: Wall,
    /// Whether it stopped by itself.
    pub clean: bool,
}

/// Records and rows that are committed together or not at all.
#[derive(Clone, Debug, Default)]
pub struct Write {
    /// New records, numbered in this order.
    pub records: Vec<NewRecord>,
    /// Changes of tables.
    pub rows: Vec<Row>,
}

/// A change of a table.
#[derive(Clone, Debug)]
pub enum Row {
    /// This run is alive.
    RunAlive(Now),
    /// This run stops by itself.
    RunStopped(Now),
    /// A person is new or another.
    Person(Person),
    /// An account is new or another.
    Account(Box<Account>),
    /// A session is new or was used.
    Session(Session),
    /// A session is over.
    SessionOver(i64),
    /// A token or display is new or another.
    Token(Token),
    /// A token or display is over.
    TokenOver(TokenId),
    /// A one-time link is new.
    Link(Link),
    /// A one-time link is used up, or its time is over.
    LinkOver(SecretHash),
    /// What doors remember over a restart.
    Door(DoorRow),
    /// A rule of signing in, and why it is so.
    Rule(Rule, u32, String),
    /// Something of who may go where changes.
    Access(Box<AccessRow>),
    /// Something about the log itself.
    Evidence(EvidenceRow),
    /// A reader was paired, perhaps anew.
    ReaderKey(Box<KeptPairing>),
    /// The pairing of the reader on this side of a door is over.
    ReaderKeyOver(Id, Side),
    /// A receiver of records has acknowledged all up to this number.
    Cursor(&'static str, u64),
    /// A commander's command of that time is the newest one of it that counts.
    Commanded(Id, Wall),
}

impl Journal {
    /// Opens the journal for the run with id `run`, which starts `now`; creates it, or brings it to this
    /// program's version, if need be. Blocks the thread.
    ///
    /// # Errors
    /// The file, its folder, key, version or lock; each has its own [`StoreError`].
    pub fn open(
        path: &Path,
        key: Option<&DatabaseKey>,
        run: [u8; 16],
        now: Now,
    ) -> Result<(Self, Opened), StoreError> {
        let Writable { connection, migrated_from, lock } =
            open_writable(path, key, Durability::Full, &migrations::CORE)?;
        let (writer, last_seq, previous) = Writer::begin(connection, lock, path, run, now)?;
        let (jobs, queue) = mpsc::channel(QUEUE);
        let failed = Arc::clone(&writer.failed);
        let thread = std::thread::Builder::new().name("journal".to_owned());
        thread.spawn(move || writer.run(queue)).doing("start the writer of", path)?;
        let reader = JournalReader::new(pool::Pool::new(path, key));
        Ok((Self { jobs, reader, failed }, Opened { last_seq, previous, migrated_from }))
    }

    /// Commits and tells the numbers that the records got. Waits while the queue is full.
    ///
    /// # Errors
    /// Nothing of it was committed; later writes are tried afresh. Or the writer has stopped.
    pub async fn write(&self, write: Write) -> Result<Vec<u64>, StoreError> {
        let (answer, answered) = oneshot::channel();
        self.jobs.send(Job::Write(write, answer)).await.map_err(|_| StoreError::Stopped)?;
        answered.await.map_err(|_| StoreError::Stopped)?
    }

    /// The tree over every record that is committed.
    ///
    /// # Errors
    /// The writer has stopped.
    pub async fn frontier(&self) -> Result<Frontier, StoreError> {
        let (answer, answered) = oneshot::channel();
        self.jobs.send(Job::Frontier(answer)).await.map_err(|_| StoreError::Stopped)?;
        answered.await.map_err(|_| StoreError::Stopped)
    }

    /// Told of each commit that failed, for the one who looks why: the disk may be full.
    #[must_use]
    pub fn failed(&self) -> Arc<Notify> {
        Arc::clone(&self.failed)
    }

    /// Reads what is committed.
    #[must_use]
    pub fn reader(&self) -> JournalReader {
        self.reader.clone()
    }

    /// Commits as [`Journal::write`] does, and tells everyone who watches of the records, read back as they are on disk.
    ///
    /// # Errors
    /// As [`Journal::write`].
    pub async fn write_and_tell(
        &self,
        write: Write,
        committed: &broadcast::Sender<Arc<Record>>,
    ) -> Result<Vec<u64>, StoreError> {
        let numbers = self.write(write).await?;
        self.tell(&numbers, committed).await;
        Ok(numbers)
    }

    /// Tells everyone who watches of records that were written, read back as they are on disk.
    pub async fn tell(&self, numbers: &[u64], committed: &broadcast::Sender<Arc<Record>>) {
        let Some(first) = numbers.first() else { return };
        let filter =
            JournalFilter { after: Some(first - 1), limit: numbers.len(), ..JournalFilter::default() };
        match self.reader.page(filter).await {
            Ok(records) => {
                for record in records {
                    // Nobody listening is no fault.
                    drop(committed.send(Arc::new(record)));
                }
            }
            Err(failed) => tracing::error!(%failed, "records were written but cannot be read"),
        }
    }

    /// Commits what waits and closes the database; other clones then find it stopped.
    ///
    /// # Errors
    /// The writer has stopped before.
    pub async fn close(self) -> Result<(), StoreError> {
        let (answer, answered) = oneshot::channel();
        self.jobs.send(Job::Close(answer)).await.map_err(|_| StoreError::Stopped)?;
        answered.await.map_err(|_| StoreError::Stopped)
    }

    /// Lets a test reach into the writer's thread.
    #[cfg(test)]
    async fn with_writer(&self, deed: impl FnOnce(&mut Writer) + Send + 'static) {
        self.jobs.send(Job::Do(Box::new(deed))).await.unwrap();
    }
}

#[cfg(test)]
#[path = "journal_tests.rs"]
mod tests;
