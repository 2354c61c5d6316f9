//! The data folder's disk: measured each second, and at once when the journal could not be written; what follows from that is
//! decided by `logic::disk` and done here.
//!
//! Who calls it: `run` looks once before it opens the journal, which may need the room that the reserve holds, and starts the two
//! tasks later: [`watch`], which must wait for nothing that waits for the disk, and the one of [`thinner`], which may. What the journal
//! says of a run before is read by the first of them, and ends what that began.
//!
//! Other disks, such as the one of a spool file elsewhere, are not watched.

mod reserve;
mod thinner;
mod told;

use std::{
    collections::VecDeque,
    io,
    path::{Path, PathBuf},
    sync::Arc,
    time::Duration,
};

use tokio::{
    sync::{mpsc, watch},
    task::{JoinSet, spawn_blocking},
    time::{MissedTickBehavior, interval},
};
use tokio_util::sync::CancellationToken;
use tracing::{error, info, warn};

use super::time::Hold;
use crate::{
    logic::disk::{Disk, Input, Output, Space, Told},
    model::{Clock, NewRecord, Now, Severity, Wall},
    store::{History, Journal},
};
use reserve::Reserve;

/// How often the disk is measured, and history asked for more.
const BEAT: Duration = Duration::from_secs(1);

/// Records that may wait for the journal's queue; there is one for each step of a disk that fills up.
const WAITING: usize = 64;

/// Measures the file system of a folder.
pub type Measure = Arc<dyn Fn(&Path) -> io::Result<Space> + Send + Sync>;

/// Measures as the system does.
#[must_use]
pub fn as_mounted() -> Measure {
    Arc::new(|folder| {
        let found = rustix::fs::statvfs(folder)?;
        let bytes = |blocks: u64| blocks.saturating_mul(found.f_frsize);
        let used = bytes(found.f_blocks.saturating_sub(found.f_bfree));
        Ok(Space { used, available: bytes(found.f_bavail) })
    })
}

/// What watches the disk.
pub(super) struct Watch {
    folder: PathBuf,
    measure: Measure,
    reserve: Reserve,
    disk: Disk,
    /// Whether it was told that the disk cannot be measured.
    blind: bool,
    /// What was measured last.
    space: watch::Sender<Option<Space>>,
    /// Records that are still to go to the journal's queue.
    waiting: VecDeque<NewRecord>,
}

/// What the tasks need.
pub(super) struct Needs {
    pub(super) journal: Journal,
    pub(super) history: History,
    pub(super) records: mpsc::Sender<NewRecord>,
    pub(super) clock: Arc<dyn Clock>,
    pub(super) hold: Hold,
    pub(super) shutdown: CancellationToken,
}

impl Watch {
    /// Looks at the disk for the first time. Blocks the thread.
    pub(super) fn begin(folder: &Path, measure: Measure, now: Now) -> Self {
        let (folder, reserve) = (folder.to_owned(), Reserve::of(folder));
        let (space, waiting) = (watch::Sender::new(None), VecDeque::new());
        let (disk, blind) = (Disk::default(), false);
        let mut watch = Self { folder, measure, reserve, disk, blind, space, waiting };
        watch.look(now);
        watch
    }

    /// What is measured.
    pub(super) fn space(&self) -> watch::Receiver<Option<Space>> {
        self.space.subscribe()
    }

    /// Starts both tasks on the runtime of the hall.
    pub(super) fn start(self, needs: Needs, hall: &tokio::runtime::Handle, tasks: &mut JoinSet<()>) {
        let (thins, wanted) = watch::channel(false);
        let (drops, dropped) = watch::channel(None);
        let (history, hold, shutdown) = (needs.history.clone(), needs.hold, needs.shutdown.clone());
        tasks.spawn_on(thinner::run(history, wanted, drops, hold, shutdown), hall);
        tasks.spawn_on(watch(self, needs, thins, dropped), hall);
    }

    /// Measures, and does what follows. Blocks the thread.
    fn look(&mut self, now: Now) {
        let space = match (self.measure)(&self.folder) {
            Ok(space) => space,
            Err(failed) => {
                self.space.send_replace(None);
                if !std::mem::replace(&mut self.blind, true) {
                    warn!(folder = %self.folder.display(), %failed, "the disk cannot be measured");
                }
                return;
            }
        };
        self.blind = false;
        self.space.send_replace(Some(space));
        self.take(now, Input::Measured(space, self.reserve.held()));
    }

    /// Takes what happened, and does what follows.
    fn take(&mut self, now: Now, input: Input) {
        let mut out = Vec::new();
        self.disk.handle(now, input, &mut out);
        while !out.is_empty() {
            for output in std::mem::take(&mut out) {
                self.carry_out(now, output, &mut out);
            }
        }
    }

    fn carry_out(&mut self, now: Now, output: Output, out: &mut Vec<Output>) {
        let done = match output {
            Output::Record(record) => return self.tell(*record),
            Output::FreeReserve => self.reserve.free().map(Input::Freed),
            Output::MakeReserve(size) => self.reserve.make(size).map(|()| Input::Made(size)),
        };
        match done {
            Ok(input) => {
                info!(?input, folder = %self.folder.display(), "the reserve has changed");
                self.disk.handle(now, input, out);
            }
            Err(failed) => self.reserve.tell_once(&failed),
        }
    }

    fn tell(&mut self, record: NewRecord) {
        warn!(code = record.code, body = ?record.body, "the disk of the data folder");
        if self.waiting.len() >= WAITING {
            error!("too many records of the disk wait for the journal: the oldest is lost");
            self.waiting.pop_front();
        }
        self.waiting.push_back(record);
    }
}

/// Runs until `shutdown`.
async fn watch(
    mut watch: Watch,
    needs: Needs,
    thins: watch::Sender<bool>,
    mut dropped: watch::Receiver<Option<Wall>>,
) {
    let Needs { journal, history, records, clock, hold, shutdown } = needs;
    let failed = journal.failed();
    let (told, mut known) = (hold.during(told::told(journal.reader())), false);
    tokio::pin!(told);
    let mut beat = interval(BEAT);
    beat.set_missed_tick_behavior(MissedTickBehavior::Skip);
    loop {
        tokio::select! {
            biased;
            () = shutdown.cancelled() => return,
            Ok(place) = records.reserve(), if !watch.waiting.is_empty() => {
                if let Some(record) = watch.waiting.pop_front() {
                    place.send(record);
                }
                continue;
            }
            // Those that come meanwhile become one: the last time stands for all before.
            Ok(()) = dropped.changed(), if watch.waiting.is_empty() => {
                if let Some(before) = *dropped.borrow_and_update() {
                    let record = NewRecord::system(clock.now(), "history.thinned", Severity::Warning);
                    watch.tell(record.with("before", before.rfc3339()));
                }
                continue;
            }
            told = &mut told, if !known => {
                known = true;
                let told = told.unwrap_or_else(|failed| {
                    error!(%failed, "it is not known what was recorded of the disk: it may be recorded again");
                    Told::default()
                });
                watch.take(clock.now(), Input::Told(told));
                continue;
            }
            () = failed.notified() => {}
            _ = beat.tick() => {}
        }
        let now = clock.now();
        let looked = spawn_blocking(move || {
            watch.look(now);
            watch
        });
        match looked.await {
            Ok(back) => watch = back,
            Err(ended) => return error!(%ended, "the disk is no longer watched"),
        }
        history.pause(watch.disk.pauses());
        thins.send_if_modified(|thins| std::mem::replace(thins, watch.disk.thins()) != *thins);
    }
}

#[cfg(test)]
mod tests;
