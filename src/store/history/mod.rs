//! History: every number as often as it was read, every state on change, for 13 months.
//!
//! `app` opens it and offers batches; `web` and `deliver` read ranges through [`HistoryReader`].
//!
//! Terms: *group* — numbers of one device that share their time stamps; *hot* — the newest rows, one packed row per
//! time and group; *span* — compacted rows of one group: a column of time stamps and one of values per point, each a
//! *chunk* compressed by pco; *ticks* — numbers as whole steps of their register's own resolution.
//!
//! The writer thread commits once a second, compacts each hour of hot rows into spans, merges each day's spans, and
//! drops spans after [`KEEP_DAYS`], all between commits and in steps of a bounded size. Rows whose hour is over when they
//! are committed become spans at once. It takes the time from the rows. Times are kept to the millisecond, floats to 32 bits. What is offered while the queue is full is dropped,
//! and counted; the rows of a commit that fails are counted too.

mod catalogue;
mod chunk;
mod compact;
mod gathered;
mod insert;
mod packed;
mod reader;
mod series;
mod span;
mod thin;
mod upkeep;
mod writer;

use std::{
    fs,
    path::{Path, PathBuf},
    sync::{
        Arc, Mutex, PoisonError,
        atomic::{AtomicBool, Ordering},
        mpsc::{SyncSender, TrySendError, sync_channel},
    },
};

use tokio::sync::{oneshot, watch};

use crate::model::{Plant, SampleGroup, SampleRow, StateChange, Wall};

use super::{
    DatabaseKey, StoreError,
    connection::{Durability, Writable, beside, open_writable},
    error::Doing,
    migrations,
    pool::Pool,
};
use catalogue::Catalogue;
pub use reader::{HistoryReader, RangeQuery};
pub use series::{Bucket, Series};
pub use thin::Room;
use writer::{Job, Writer};

/// How many batches may wait for the writer.
const QUEUE: usize = 1024;

/// How long samples and states are kept, days: 13 months (R-KEEP).
pub const KEEP_DAYS: u32 = 400;

/// History open for writing. Clones share one writer.
#[derive(Clone)]
pub struct History {
    jobs: SyncSender<Job>,
    path: PathBuf,
    counts: Arc<Mutex<HistoryStatistics>>,
    paused: Arc<AtomicBool>,
    reader: HistoryReader,
}

/// What is kept together.
#[derive(Clone, Debug, Default)]
pub struct Batch {
    /// Numbers.
    pub rows: Vec<SampleRow>,
    /// States.
    pub states: Vec<StateChange>,
}

/// Counts since the start of this run.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct HistoryStatistics {
    /// Rows of numbers committed.
    pub rows: u64,
    /// States committed.
    pub states: u64,
    /// Batches dropped because the queue was full.
    pub batches_dropped: u64,
    /// Rows and states refused: of an unknown group or point, or not as many values as points.
    pub refused: u64,
    /// Rows and states lost in a commit that failed, or during a pause.
    pub lost: u64,
    /// Steps of compaction, merging and expiry that failed.
    pub upkeep_failures: u64,
    /// Size of the database with its write-ahead log, bytes.
    pub file_bytes: u64,
}

impl History {
    /// Opens history for a plant and the groups in which its numbers will come; creates it, or brings it to this
    /// program's version, if need be. What was kept under another site file stays readable by device and point
    /// name. Blocks the thread.
    ///
    /// # Errors
    /// The file, its folder, key, version or lock; a group that names a point that is no number.
    pub fn open(
        path: &Path,
        key: Option<&DatabaseKey>,
        plant: &Plant,
        groups: Vec<SampleGroup>,
    ) -> Result<Self, StoreError> {
        let mut file = open_writable(path, key, Durability::Normal, &migrations::HISTORY)?;
        let catalogue = Arc::new(Catalogue::build(&mut file.connection, path, plant, &groups)?);
        let (counts, paused) = (Arc::new(Mutex::default()), Arc::<AtomicBool>::default());
        let Writable { connection, lock, .. } = file;
        let (known, catalogue) = watch::channel(catalogue);
        let writer = Writer::new(connection, lock, path, known, Arc::clone(&counts), Arc::clone(&paused));
        let (jobs, queue) = sync_channel(QUEUE);
        let thread = std::thread::Builder::new().name("history".to_owned());
        thread.spawn(move || writer.run(&queue)).doing("start the writer of", path)?;
        let reader = HistoryReader::new(Pool::new(path, key), catalogue);
        Ok(Self { jobs, path: path.to_owned(), counts, paused, reader })
    }

    /// Hands over a batch without waiting. False: the queue is full or the writer has stopped, and this batch is
    /// dropped and counted.
    #[must_use]
    pub fn offer(&self, batch: Batch) -> bool {
        let taken = self.jobs.try_send(Job::Batch(batch)).is_ok();
        if !taken {
            self.counts.lock().unwrap_or_else(PoisonError::into_inner).batches_dropped += 1;
        }
        taken
    }

    /// Hands over a batch; waits while the queue is full. False: the writer has stopped.
    #[must_use]
    pub async fn put(&self, batch: Batch) -> bool {
        match self.jobs.try_send(Job::Batch(batch)) {
            Ok(()) => true,
            Err(TrySendError::Disconnected(_)) => false,
            Err(TrySendError::Full(job)) => {
                let jobs = self.jobs.clone();
                tokio::task::spawn_blocking(move || jobs.send(job).is_ok()).await.unwrap_or(false)
            }
        }
    }

    /// Goes on with the plant of a site file that was read again: what is offered from now on names its groups and
    /// points, and so do readers' questions once this is answered.
    ///
    /// # Errors
    /// A group that names a point that is no number; the database cannot be written; the writer has stopped. All goes
    /// on as before then.
    pub async fn replant(&self, plant: Arc<Plant>, groups: Vec<SampleGroup>) -> Result<(), StoreError> {
        self.ask(|answer| Job::Replant(plant, groups, answer)).await?
    }

    /// Commits everything offered so far; readers then see it.
    ///
    /// # Errors
    /// The commit failed, a pause, or the writer has stopped.
    pub async fn flush(&self) -> Result<(), StoreError> {
        self.ask(Job::Flush).await?
    }

    /// Lets history take nothing for a while, so that what room there is on the disk is left to others; or lets it go on.
    /// What comes meanwhile is lost, and counted.
    pub fn pause(&self, paused: bool) {
        match (self.paused.swap(paused, Ordering::Relaxed), paused) {
            (false, true) => tracing::warn!("history pauses, and loses what comes: the disk is full"),
            (true, false) => tracing::warn!("history goes on"),
            (true, true) | (false, false) => {}
        }
    }

    /// Whether history takes nothing for a while.
    #[must_use]
    pub fn is_paused(&self) -> bool {
        self.paused.load(Ordering::Relaxed)
    }

    /// Gives a step of empty pages back to the file system, also during a pause, and looks what could go next. Batches are taken
    /// between one step and the next.
    ///
    /// # Errors
    /// The database cannot be written, for want of room, too; it may be tried again. Or the writer has stopped.
    pub async fn give_back(&self) -> Result<Room, StoreError> {
        self.ask(Job::GiveBack).await?
    }

    /// Drops a step of whole days before a time, also during a pause; the last seven stay in any case. False: nothing of
    /// them is left.
    ///
    /// # Errors
    /// As [`History::give_back`].
    pub async fn drop_before(&self, before: Wall) -> Result<bool, StoreError> {
        self.ask(move |answer| Job::DropBefore(before, answer)).await?
    }

    /// Reads what is committed.
    #[must_use]
    pub fn reader(&self) -> HistoryReader {
        self.reader.clone()
    }

    /// Counts, and the size of the file now.
    #[must_use]
    pub fn statistics(&self) -> HistoryStatistics {
        let size = |path: &Path| fs::metadata(path).map_or(0, |file| file.len());
        let file_bytes = size(&self.path).saturating_add(size(&beside(&self.path, "-wal")));
        let counts = self.counts.lock().unwrap_or_else(PoisonError::into_inner);
        HistoryStatistics { file_bytes, ..counts.clone() }
    }

    /// Commits what waits, unless there is a pause, and closes the database; other clones then find it stopped.
    ///
    /// # Errors
    /// The last commit failed, or the writer has stopped before.
    pub async fn close(self) -> Result<(), StoreError> {
        self.ask(Job::Close).await?
    }

    /// Lets a test reach into the writer's thread, after a commit.
    #[cfg(test)]
    async fn with_writer<T: Send + 'static>(
        &self,
        deed: impl FnOnce(&mut Writer) -> T + Send + 'static,
    ) -> T {
        self.flush().await.unwrap();
        let (answer, answered) = oneshot::channel();
        let deed = |writer: &mut Writer| drop(answer.send(deed(writer)));
        self.jobs.try_send(Job::Do(Box::new(deed))).unwrap();
        answered.await.unwrap()
    }

    async fn ask<T: Send + 'static>(
        &self,
        job: impl FnOnce(oneshot::Sender<T>) -> Job + Send + 'static,
    ) -> Result<T, StoreError> {
        let (answer, answered) = oneshot::channel();
        let jobs = self.jobs.clone();
        // A full queue makes this wait, hence not on a thread of the runtime.
        let sent = tokio::task::spawn_blocking(move || jobs.send(job(answer)).is_ok()).await;
        if !matches!(sent, Ok(true)) {
            return Err(StoreError::Stopped);
        }
        answered.await.map_err(|_| StoreError::Stopped)
    }
}

/// Time stamps as history keeps them, ms since the Unix epoch.
pub(super) fn milliseconds(time: Wall) -> i64 {
    time.0.div_euclid(1000)
}

/// The first kept time stamp that is not before `time`.
pub(super) fn milliseconds_from(time: Wall) -> i64 {
    milliseconds(time) + i64::from(time.0.rem_euclid(1000) != 0)
}

/// A kept time stamp as everyone else has it.
pub(super) fn wall(milliseconds: i64) -> Wall {
    Wall(milliseconds.saturating_mul(1000))
}

#[cfg(test)]
mod fixture;
#[cfg(test)]
mod tests;
#[cfg(test)]
mod thin_tests;
#[cfg(test)]
mod upkeep_tests;
