//! The one owner of the live state: takes the lines' reports in one order, lets `logic::live` work, and hands on what
//! follows: a snapshot and its changes to everyone who watches, rows to history, records to the journal.

use std::{sync::Arc, time::Duration};

use tokio::{
    sync::{broadcast, mpsc, watch},
    time::{MissedTickBehavior, interval},
};
use tokio_util::sync::CancellationToken;

use crate::{
    bus::Reports,
    logic::live::{Input, Live, Output},
    model::{Changes, Clock, NewRecord, Snapshot},
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

/// Runs until `shutdown`.
pub(super) async fn run(
    mut live: Live,
    reports: Arc<Reports>,
    outlets: Outlets,
    history: History,
    clock: Arc<dyn Clock>,
    shutdown: CancellationToken,
) {
    let mut tick = interval(Duration::from_secs(1));
    tick.set_missed_tick_behavior(MissedTickBehavior::Skip);
    loop {
        let inputs = tokio::select! {
            biased;
            () = shutdown.cancelled() => return,
            _ = tick.tick() => [Input::Tick].into(),
            inputs = reports.take() => inputs,
        };
        let mut outputs = Vec::new();
        for input in inputs {
            live.handle(clock.now(), input, &mut outputs);
        }
        publish(&live, outputs, &outlets, &history, &clock).await;
    }
}

async fn publish(
    live: &Live,
    outputs: Vec<Output>,
    outlets: &Outlets,
    history: &History,
    clock: &Arc<dyn Clock>,
) {
    let changes = live.changes(&outputs);
    let snapshot = live.snapshot(clock.now().wall);
    if !*outlets.ready.borrow() && snapshot.devices.iter().all(|device| device.online.is_some()) {
        outlets.ready.send_replace(true);
    }
    outlets.snapshot.send_replace(Arc::new(snapshot));
    if !(changes.points.is_empty() && changes.links.is_empty()) {
        // Nobody listening is no fault.
        drop(outlets.changes.send(Arc::new(changes)));
    }
    let mut batch = Batch::default();
    for output in outputs {
        match output {
            Output::Row(row) => batch.rows.push(row),
            Output::State(state) => batch.states.push(state),
            Output::Record(record) => drop(outlets.records.send(*record).await),
            Output::Read(_) | Output::Linked(_) => {}
        }
    }
    if !(batch.rows.is_empty() && batch.states.is_empty()) {
        // A batch that is refused is counted by history itself.
        let _taken = history.offer(batch);
    }
}
