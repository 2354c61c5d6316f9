//! The one owner of the live state: takes the lines' reports in one order, lets `logic::live` work, and hands on what
//! follows: a snapshot and its changes to everyone who watches, rows to history, records to the journal.

use std::{collections::VecDeque, sync::Arc, time::Duration};

use tokio::{
    sync::{broadcast, mpsc, oneshot, watch},
    time::{MissedTickBehavior, interval},
};
use tokio_util::sync::CancellationToken;

use super::time::Hold;
use crate::{
    bus::Reports,
    logic::{
        live::{Input, Live, Output},
        plan::plan_device,
        timing::Timing,
    },
    model::{Changes, Clock, NewRecord, Plant, PointIx, PointRef, Snapshot},
    store::{Batch, History},
};

/// What the owner hands on to.
#[derive(Clone)]
pub(super) struct Outlets {
    /// The newest snapshot.
    pub snapshot: watch::Sender<Arc<Snapshot>>,
    /// What changed.
    pub changes: broadcast::Sender<Arc<Changes>>,
    /// Records for the journal; a full queue presses back.
    pub records: mpsc::Sender<NewRecord>,
    /// Turns true once every device has been polled.
    pub ready: watch::Sender<bool>,
}

/// The site file has been read again: the live state goes on with this plant.
pub(super) struct Replant {
    /// The new plant.
    pub plant: Arc<Plant>,
    /// Whether it does, or why not; everything stays as it was then.
    pub answer: oneshot::Sender<Result<(), String>>,
}

/// Where samples go: a hall that cannot wait drops what history has no room for; time that stands still waits.
pub(super) struct Samples {
    pub history: History,
    pub hold: Hold,
}

impl Samples {
    async fn keep(&self, batch: Batch) {
        // A batch that is refused is counted by history itself.
        let _taken = match self.hold {
            Hold::Never => self.history.offer(batch),
            Hold::Still => self.history.put(batch).await,
        };
    }
}

/// Records that wait here while the journal's queue is full; more than that press back.
const WAITING: usize = 1024;

/// Runs until `shutdown`, then takes what the lines have reported before.
pub(super) async fn run(
    live: Live,
    reports: Arc<Reports>,
    outlets: Outlets,
    samples: Samples,
    clock: Arc<dyn Clock>,
    mut replants: mpsc::Receiver<Replant>,
    shutdown: CancellationToken,
) {
    let records = outlets.records.clone();
    let mut owner = Owner { live, outlets, samples, clock, waiting: VecDeque::new() };
    let mut tick = interval(Duration::from_secs(1));
    tick.set_missed_tick_behavior(MissedTickBehavior::Skip);
    loop {
        let inputs = tokio::select! {
            biased;
            () = shutdown.cancelled() => break,
            // A journal that cannot be written must not stop the hall's eyes.
            Ok(place) = records.reserve(), if !owner.waiting.is_empty() => {
                if let Some(record) = owner.waiting.pop_front() {
                    place.send(record);
                }
                continue;
            }
            Some(Replant { plant, answer }) = replants.recv() => {
                // Whoever asked may have gone.
                drop(answer.send(owner.replant(plant).await));
                continue;
            }
            _ = tick.tick() => [Input::Tick].into(),
            inputs = reports.take() => inputs,
        };
        owner.handle(inputs).await;
    }
    owner.handle(reports.take_now()).await;
    for record in std::mem::take(&mut owner.waiting) {
        // The recorder ends after this task.
        drop(owner.outlets.records.send(record).await);
    }
}

struct Owner {
    live: Live,
    outlets: Outlets,
    samples: Samples,
    clock: Arc<dyn Clock>,
    waiting: VecDeque<NewRecord>,
}

impl Owner {
    /// Goes on with another plant; history does first, so that it is ready for rows of the new groups.
    async fn replant(&mut self, plant: Arc<Plant>) -> Result<(), String> {
        let blocks = blocks(&plant);
        let groups = Live::new(Arc::clone(&plant), &blocks).groups();
        let done = self.samples.history.replant(Arc::clone(&plant), groups).await;
        done.map_err(|error| format!("history cannot go on with it: {error}"))?;
        self.live.replant(Arc::clone(&plant), &blocks);
        let every = plant.iter().flat_map(|(device, _, info)| {
            info.iter().map(move |(point, _)| Output::Read(PointRef { device, point }))
        });
        self.publish(&every.collect::<Vec<_>>());
        Ok(())
    }

    async fn handle(&mut self, inputs: VecDeque<Input>) {
        let mut outputs = Vec::new();
        for input in inputs {
            self.live.handle(self.clock.now(), input, &mut outputs);
        }
        self.publish(&outputs);
        let mut batch = Batch::default();
        for output in outputs {
            match output {
                Output::Row(row) => batch.rows.push(row),
                Output::State(state) => batch.states.push(state),
                Output::Record(record) => self.waiting.push_back(*record),
                Output::Read(_) | Output::Linked(_) => {}
            }
        }
        if !(batch.rows.is_empty() && batch.states.is_empty()) {
            self.samples.keep(batch).await;
        }
        while self.waiting.len() > WAITING
            && let Some(record) = self.waiting.pop_front()
        {
            // The queue is closed only at the end of the run.
            drop(self.outlets.records.send(record).await);
        }
    }

    fn publish(&self, outputs: &[Output]) {
        let changes = self.live.changes(outputs);
        let snapshot = self.live.snapshot(self.clock.now().wall);
        if !*self.outlets.ready.borrow() && snapshot.devices.iter().all(|device| device.online.is_some()) {
            self.outlets.ready.send_replace(true);
        }
        self.outlets.snapshot.send_replace(Arc::new(snapshot));
        if !(changes.points.is_empty() && changes.links.is_empty()) {
            // Nobody listening is no fault.
            drop(self.outlets.changes.send(Arc::new(changes)));
        }
    }
}

/// For each device, the points of each block of its plan: history keeps those together.
pub(super) fn blocks(plant: &Plant) -> Vec<Vec<Vec<PointIx>>> {
    let devices = plant.iter().map(|(_, device, info)| {
        let line = plant.site.lines.get(device.line);
        let blocks =
            plan_device(device, info, line.map_or_else(Timing::tcp, |line| Timing::of(&line.transport)));
        blocks.iter().map(|block| block.points().collect()).collect()
    });
    devices.collect()
}
