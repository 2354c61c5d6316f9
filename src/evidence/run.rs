//! The task of checkpoints: every minute if anything was appended, after each record of an error, and after the first record
//! of a run. The last one is signed when the run stops, by whoever stops it.

use std::{sync::Arc, time::Duration};

use tokio::{
    sync::{
        broadcast::{self, error::RecvError},
        mpsc,
    },
    time::{MissedTickBehavior, interval},
};
use tokio_util::sync::CancellationToken;
use tracing::warn;

use super::Evidence;
use crate::model::{Record, Severity};

/// How often a checkpoint is signed.
const EVERY: Duration = Duration::from_secs(60);

impl Evidence {
    /// Runs until `shutdown`. `records` are those of this run from its first one on; `heard` what the broker kept.
    pub async fn run(
        self: Arc<Self>,
        mut records: broadcast::Receiver<Arc<Record>>,
        mut heard: mpsc::Receiver<String>,
        shutdown: CancellationToken,
    ) {
        let mut minute = interval(EVERY);
        // What is there already waits for the run's first record.
        minute.reset();
        minute.set_missed_tick_behavior(MissedTickBehavior::Skip);
        let mut is_first = true;
        loop {
            let done = tokio::select! {
                () = shutdown.cancelled() => return,
                _ = minute.tick() => self.checkpoint().await,
                record = records.recv() => match record {
                    Ok(record) if record.severity < Severity::Error && !is_first => continue,
                    Err(RecvError::Closed) => return,
                    // What was missed may have been an error.
                    Ok(_) | Err(RecvError::Lagged(_)) => {
                        is_first = false;
                        self.checkpoint().await
                    }
                },
                Some(note) = heard.recv() => self.compare(&note, "the broker").await,
            };
            if let Err(why) = done {
                warn!(%why, "a checkpoint cannot be kept: the next one stands for it");
            }
        }
    }
}
