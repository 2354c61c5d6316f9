//! History's writer thread: gathers batches for a second, commits them, and does one step of upkeep after each.

use std::{
    fs::File,
    path::{Path, PathBuf},
    sync::{
        Arc, Mutex, PoisonError,
        atomic::{AtomicBool, Ordering},
        mpsc::{Receiver, RecvTimeoutError},
    },
    time::Duration,
};

use rusqlite::Connection;
use tokio::sync::{oneshot, watch};

use crate::model::{Plant, SampleGroup, Wall};

use super::{
    Batch, HistoryStatistics, StoreError,
    catalogue::Catalogue,
    insert::{Taken, insert},
    milliseconds, packed,
    thin::{Room, drop_before, give_back},
    upkeep::Upkeep,
};

/// A commit is due when rows reach this far beyond the first one waiting, and when nothing has come for as long.
const COMMIT_EVERY: Duration = Duration::from_secs(1);

/// A commit is due when this many rows and states wait, however close their times.
const COMMIT_AT: usize = 10_000;

/// For so many rows and states of a commit there is one more step of upkeep after it: there is more to do while time
/// passes faster than commits.
const STEP_FOR: usize = 2_500;

/// What the thread is asked for.
pub(super) enum Job {
    Batch(Batch),
    Flush(oneshot::Sender<Result<(), StoreError>>),
    Replant(Arc<Plant>, Vec<SampleGroup>, oneshot::Sender<Result<(), StoreError>>),
    /// Give back a step of what is empty.
    GiveBack(oneshot::Sender<Result<Room, StoreError>>),
    /// Drop a step of whole days before this time.
    DropBefore(Wall, oneshot::Sender<Result<bool, StoreError>>),
    /// Answered when the database is closed and its lock released.
    Close(oneshot::Sender<Result<(), StoreError>>),
    #[cfg(test)]
    Do(Box<dyn FnOnce(&mut Writer) + Send>),
}

pub(super) struct Writer {
    pub(super) connection: Connection,
    path: PathBuf,
    catalogue: Arc<Catalogue>,
    /// Tells the readers of it.
    known: watch::Sender<Arc<Catalogue>>,
    counts: Arc<Mutex<HistoryStatistics>>,
    /// While it is set nothing is written but by order.
    paused: Arc<AtomicBool>,
    waiting: Batch,
    /// The newest time of the last commit, ms.
    now: Option<i64>,
    upkeep: Upkeep,
    /// Declared last: released when the connection is closed already.
    _lock: File,
}

impl Writer {
    pub(super) fn new(
        connection: Connection,
        lock: File,
        path: &Path,
        known: watch::Sender<Arc<Catalogue>>,
        counts: Arc<Mutex<HistoryStatistics>>,
        paused: Arc<AtomicBool>,
    ) -> Self {
        let (path, catalogue) = (path.to_owned(), Arc::clone(&known.borrow()));
        let (waiting, upkeep) = Default::default();
        Self { connection, path, catalogue, known, counts, paused, waiting, now: None, upkeep, _lock: lock }
    }

    /// Works until it is told to close, or nobody is left who could tell.
    pub(super) fn run(mut self, queue: &Receiver<Job>) {
        let mut next = None;
        loop {
            let job = next.take().map_or_else(|| queue.recv_timeout(COMMIT_EVERY), Ok);
            match job {
                Ok(Job::Batch(batch)) => {
                    let due = self.waiting.is_due_with(&batch);
                    self.waiting.append(batch);
                    if due {
                        next = self.gather(queue);
                        let steps = 1 + self.waiting.len() / STEP_FOR;
                        self.commit().ok();
                        for _ in 0..steps {
                            if !self.keep_up() {
                                break;
                            }
                        }
                    }
                }
                Ok(Job::Flush(answer)) => {
                    // Nobody may wait for the answer any more; that is all right.
                    answer.send(self.commit()).ok();
                }
                Ok(Job::Replant(plant, groups, answer)) => {
                    answer.send(self.replant(&plant, &groups)).ok();
                }
                Ok(Job::GiveBack(answer)) => {
                    answer.send(give_back(&self.connection, &self.path)).ok();
                }
                Ok(Job::DropBefore(before, answer)) => {
                    answer.send(drop_before(&mut self.connection, &self.path, before)).ok();
                }
                Ok(Job::Close(answer)) => {
                    let result = match self.commit() {
                        // It is counted, and no failure of the end.
                        Err(StoreError::Paused { .. }) => Ok(()),
                        result => result,
                    };
                    drop(self);
                    answer.send(result).ok();
                    return;
                }
                #[cfg(test)]
                Ok(Job::Do(deed)) => deed(&mut self),
                Err(RecvTimeoutError::Timeout) => {
                    self.commit().ok();
                    self.keep_up();
                }
                Err(RecvTimeoutError::Disconnected) => {
                    self.commit().ok();
                    return;
                }
            }
        }
    }

    /// Batches that wait already share the commit that is due: time may pass faster than commits. Returns the first job
    /// that is none.
    fn gather(&mut self, queue: &Receiver<Job>) -> Option<Job> {
        while self.waiting.len() < COMMIT_AT {
            match queue.try_recv() {
                Ok(Job::Batch(batch)) => self.waiting.append(batch),
                Ok(job) => return Some(job),
                Err(_) => return None,
            }
        }
        None
    }

    /// Goes on with another plant; what waits is committed under the old one.
    fn replant(&mut self, plant: &Plant, groups: &[SampleGroup]) -> Result<(), StoreError> {
        self.commit().ok();
        let catalogue = Catalogue::build(&mut self.connection, &self.path, plant, groups)?;
        self.catalogue = Arc::new(catalogue);
        self.known.send_replace(Arc::clone(&self.catalogue));
        Ok(())
    }

    /// Commits what waits. What a failed commit held, or what comes during a pause, is lost, and counted.
    fn commit(&mut self) -> Result<(), StoreError> {
        let batch = std::mem::take(&mut self.waiting);
        let total = packed::count(batch.len());
        if total == 0 {
            return Ok(());
        }
        self.now = batch.times().max().map(milliseconds).or(self.now);
        if self.paused.load(Ordering::Relaxed) {
            self.counts.lock().unwrap_or_else(PoisonError::into_inner).lost += total;
            return Err(StoreError::Paused { path: self.path.clone() });
        }
        let now = self.now.unwrap_or_default();
        let done = insert(&mut self.connection, &self.path, &self.catalogue, &batch, now);
        let mut counts = self.counts.lock().unwrap_or_else(PoisonError::into_inner);
        match done {
            Ok(Taken { rows, states }) => {
                counts.rows += rows;
                counts.states += states;
                counts.refused += total - rows - states;
                Ok(())
            }
            Err(error) => {
                counts.lost += total;
                drop(counts);
                tracing::error!(%error, rows_and_states = total, "history has lost samples");
                Err(error)
            }
        }
    }

    /// Does one step of upkeep; true if there may be more to do.
    pub(super) fn keep_up(&mut self) -> bool {
        if self.paused.load(Ordering::Relaxed) {
            return false;
        }
        let Some(now) = self.now else { return false };
        match self.upkeep.step(&mut self.connection, &self.path, &self.catalogue, now) {
            Ok(more) => more,
            Err(error) => {
                tracing::error!(%error, "upkeep of history failed; it is tried again after an hour");
                self.counts.lock().unwrap_or_else(PoisonError::into_inner).upkeep_failures += 1;
                false
            }
        }
    }
}

impl Batch {
    fn len(&self) -> usize {
        self.rows.len() + self.states.len()
    }

    fn append(&mut self, mut more: Self) {
        self.rows.append(&mut more.rows);
        self.states.append(&mut more.states);
    }

    fn times(&self) -> impl Iterator<Item = Wall> {
        let states = self.states.iter().map(|state| state.time);
        self.rows.iter().map(|row| row.time).chain(states)
    }

    /// Whether `more` makes it span a second, or makes it large.
    fn is_due_with(&self, more: &Self) -> bool {
        let Some(first) = self.times().chain(more.times()).next() else { return false };
        // The clock may also have been set back.
        let apart = |time: Wall| time.since(first).max(first.since(time)) >= COMMIT_EVERY;
        self.len() + more.len() >= COMMIT_AT || more.times().any(apart)
    }
}
