//! Brings records to the journal, many in one commit, and tells everyone who watches once they are on disk.
//! A write that fails is tried again until it succeeds: no record is dropped, the queue before it presses back.

use std::{sync::Arc, time::Duration};

use tokio::{
    sync::{broadcast, mpsc},
    time::{MissedTickBehavior, interval, sleep},
};
use tokio_util::sync::CancellationToken;
use tracing::error;

use super::time::Hold;
use crate::{
    model::{Clock, NewRecord, Record},
    store::{Journal, Row, Write},
};

/// Records of one commit.
const BATCH: usize = 256;

/// How often the run says in the journal's database that it is alive.
const ALIVE: Duration = Duration::from_secs(10);

/// The pause after a write that failed.
const RETRY: Duration = Duration::from_secs(1);

/// Runs until the queue is closed or `shutdown` comes and the queue is empty.
pub(super) async fn run(
    journal: Journal,
    mut queue: mpsc::Receiver<NewRecord>,
    committed: broadcast::Sender<Arc<Record>>,
    clock: Arc<dyn Clock>,
    hold: Hold,
    shutdown: CancellationToken,
) {
    let mut alive = interval(ALIVE);
    alive.set_missed_tick_behavior(MissedTickBehavior::Delay);
    loop {
        let mut records = Vec::new();
        let mut rows = Vec::new();
        tokio::select! {
            biased;
            count = queue.recv_many(&mut records, BATCH) => if count == 0 { return },
            () = shutdown.cancelled() => return,
            _ = alive.tick() => rows.push(Row::RunAlive(clock.now())),
        }
        write(&journal, Write { records, rows }, &committed, hold, &shutdown).await;
    }
}

async fn write(
    journal: &Journal,
    write: Write,
    committed: &broadcast::Sender<Arc<Record>>,
    hold: Hold,
    shutdown: &CancellationToken,
) {
    loop {
        match hold.during(journal.write_and_tell(write.clone(), committed)).await {
            Ok(_) => return,
            Err(failed) => error!(%failed, records = write.records.len(), "the journal cannot be written"),
        }
        if shutdown.is_cancelled() {
            return;
        }
        sleep(RETRY).await;
    }
}
