//! Follows the wall clock while a run goes on: a step of it is a record.

use std::{sync::Arc, time::Duration};

use tokio::{
    sync::mpsc,
    time::{MissedTickBehavior, interval},
};
use tokio_util::sync::CancellationToken;

use super::clock::Steps;
use crate::model::{Clock, NewRecord, Severity};

/// Asks once a second, until `shutdown`.
pub(super) async fn follow(
    steps: Arc<dyn Steps>,
    clock: Arc<dyn Clock>,
    records: mpsc::Sender<NewRecord>,
    shutdown: CancellationToken,
) {
    let mut second = interval(Duration::from_secs(1));
    second.set_missed_tick_behavior(MissedTickBehavior::Skip);
    loop {
        tokio::select! {
            () = shutdown.cancelled() => return,
            _ = second.tick() => {}
        }
        if let Some(step_us) = steps.follow() {
            let record = NewRecord::system(clock.now(), "clock.step", Severity::Warning);
            // The queue is closed only at the end of the run.
            drop(records.send(record.with("step_ms", step_us / 1000)).await);
        }
    }
}
