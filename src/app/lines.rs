//! Starts and stops the tasks of lines: all at the start, and those that changed when the site file is read again.

use std::{collections::BTreeMap, sync::Arc, time::Duration};

use hallward_site::Line;
use tokio::{
    runtime::Handle,
    sync::{Mutex, mpsc, watch},
    task::JoinHandle,
    time::timeout,
};
use tokio_util::sync::CancellationToken;
use tracing::{info, warn};

use super::supervise::supervise;
use crate::{
    bus::{Dial, DoorsEnd, LineHandle, LineTask, Lines, Reports, dial},
    model::{Clock, Id, NewRecord, Plant},
};

/// Commands that may wait for a line.
const COMMANDS: usize = 8;

/// The time that a line may take to end: its longest exchange is shorter.
const END: Duration = Duration::from_secs(70);

/// How the stream of a line is made.
pub type DialLine = Arc<dyn Fn(&Line) -> Dial + Send + Sync>;

/// Lines are reached as the site file says.
#[must_use]
pub fn as_wired() -> DialLine {
    Arc::new(|line| dial(&line.transport))
}

/// The tasks of all lines.
pub(super) struct LineKeeper {
    pub(super) reports: Arc<Reports>,
    pub(super) records: mpsc::Sender<NewRecord>,
    pub(super) clock: Arc<dyn Clock>,
    pub(super) shutdown: CancellationToken,
    dial: DialLine,
    /// What lines need that serve doors, and where these live.
    ends: BTreeMap<Id, DoorsEnd>,
    doors: Option<Handle>,
    /// Where others find them.
    pub(super) table: watch::Sender<Arc<Lines>>,
    running: BTreeMap<Id, Running>,
}

struct Running {
    stop: CancellationToken,
    task: JoinHandle<()>,
}

/// What became of the lines.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct Changed {
    pub(super) kept: usize,
    pub(super) started: usize,
    pub(super) stopped: usize,
}

impl LineKeeper {
    pub(super) fn new(
        reports: Arc<Reports>,
        records: mpsc::Sender<NewRecord>,
        clock: Arc<dyn Clock>,
        shutdown: CancellationToken,
        dial: DialLine,
    ) -> Self {
        let table = watch::Sender::new(Arc::default());
        let (ends, running) = (BTreeMap::new(), BTreeMap::new());
        Self { reports, records, clock, shutdown, dial, ends, doors: None, table, running }
    }

    /// Lines that start from now on serve these doors, and live where these do.
    pub(super) fn serve_doors(&mut self, ends: BTreeMap<Id, DoorsEnd>, doors: Handle) {
        (self.ends, self.doors) = (ends, Some(doors));
    }

    /// Stops the lines of `old` that `new` has no longer, or otherwise. Returns how many there were.
    pub(super) async fn stop_changed(&mut self, old: &Plant, new: &Plant) -> usize {
        let stays = |id: &Id| {
            let line = new.site.lines.iter().position(|line| line.id == *id);
            line.is_some_and(|line| old.same_line(new, line).is_some())
        };
        let going: Vec<Id> = self.running.keys().filter(|id| !stays(id)).cloned().collect();
        for id in &going {
            self.stop(id).await;
        }
        going.len()
    }

    async fn stop(&mut self, id: &Id) {
        let Some(Running { stop, mut task }) = self.running.remove(id) else { return };
        self.table.send_modify(|lines| {
            Arc::make_mut(lines).remove(id);
        });
        stop.cancel();
        if timeout(END, &mut task).await.is_err() {
            warn!(line = id.as_str(), "does not end and is cut off");
            task.abort();
        }
        info!(line = id.as_str(), "line stopped");
    }

    /// Starts every line of `plant` that does not run. Returns how many there were.
    pub(super) fn start_missing(&mut self, plant: &Arc<Plant>) -> usize {
        let missing =
            plant.site.lines.iter().enumerate().filter(|(_, line)| !self.running.contains_key(&line.id));
        let missing: Vec<usize> = missing.map(|(n, _)| n).collect();
        for n in &missing {
            self.start(plant, *n);
        }
        missing.len()
    }

    /// Starts a line; it is started again should it panic.
    fn start(&mut self, plant: &Arc<Plant>, n: usize) {
        let Some(line) = plant.site.lines.get(n) else { return };
        let (commands, receiver) = mpsc::channel(COMMANDS);
        let receiver = Arc::new(Mutex::new(receiver));
        let (counters, stop) = (Arc::default(), self.shutdown.child_token());
        let handle = LineHandle { commands, counters: Arc::clone(&counters) };
        let dial = (self.dial)(line);
        let end = self.ends.get(&line.id).cloned();
        let serves_doors = end.is_some();
        let (plant, reports) = (Arc::clone(plant), Arc::clone(&self.reports));
        let (clock, stopping) = (Arc::clone(&self.clock), stop.clone());
        let make = move || {
            let (plant, dial, counters) = (Arc::clone(&plant), Arc::clone(&dial), Arc::clone(&counters));
            let (reports, clock) = (Arc::clone(&reports), Arc::clone(&clock));
            let (receiver, stopping, end) = (Arc::clone(&receiver), stopping.clone(), end.clone());
            async move {
                let task = LineTask::new(&plant, n, dial, counters, reports, clock);
                let mut task = match end {
                    Some(end) => task.with_doors(&plant, end),
                    None => task,
                };
                task.run(&mut *receiver.lock().await, &stopping).await;
            }
        };
        let records = self.records.clone();
        let _there = self.doors.as_ref().filter(|_| serves_doors).map(Handle::enter);
        let task = supervise(line.id.to_string(), records, Arc::clone(&self.clock), stop.clone(), make);
        self.running.insert(line.id.clone(), Running { stop, task });
        self.table.send_modify(|lines| {
            Arc::make_mut(lines).insert(line.id.clone(), handle);
        });
    }

    /// Lines that run.
    pub(super) fn count(&self) -> usize {
        self.running.len()
    }

    /// Waits for all lines to end, once `shutdown` has come.
    pub(super) async fn ended(&mut self) {
        for running in self.running.values_mut() {
            // A panic was recorded where it happened.
            drop((&mut running.task).await);
        }
    }
}
