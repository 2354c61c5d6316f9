//! The parts of a run once they have started: whether one fails, and how all of them end, one after the other.

use std::{future::Future, io, time::Duration};

use tokio::{
    task::{JoinHandle, JoinSet},
    time::{sleep, timeout},
};
use tokio_util::sync::CancellationToken;
use tracing::warn;

/// The time that each part may take to end.
const END: Duration = Duration::from_secs(5);

/// How often an ending part is looked at.
const BEAT: Duration = Duration::from_millis(10);

/// What runs.
pub(super) struct Parts {
    /// Those that end by the run's own token.
    pub(super) tasks: JoinSet<()>,
    /// The live state's owner: it ends after whoever reports to it.
    pub(super) owner: JoinHandle<()>,
    pub(super) stop_owner: CancellationToken,
    /// It ends last, with what all others had to record.
    pub(super) recorder: JoinHandle<()>,
    pub(super) stop_recorder: CancellationToken,
    pub(super) pages: JoinHandle<io::Result<()>>,
    pub(super) watchdog: JoinHandle<()>,
}

/// A part that ended although nobody asked it to.
pub(super) struct Failed {
    pub(super) part: &'static str,
    pub(super) error: Option<tokio::task::JoinError>,
}

impl Failed {
    pub(super) fn new(part: &'static str, ended: Result<(), tokio::task::JoinError>) -> Self {
        Self { part, error: ended.err() }
    }
}

impl Parts {
    /// The first one that ends by itself; none if the run is told to end.
    pub(super) async fn failed(&mut self, shutdown: &CancellationToken) -> Option<Failed> {
        tokio::select! {
            biased;
            () = shutdown.cancelled() => None,
            // Better to end and be started again than to go on blind, dumb or without memory.
            ended = &mut self.owner => Some(Failed::new("the live state", ended)),
            ended = &mut self.recorder => Some(Failed::new("the recorder", ended)),
            ended = &mut self.pages => Some(Failed::new("the pages", ended.map(drop))),
            Some(ended) = self.tasks.join_next() => Some(Failed::new("a task", ended)),
        }
    }

    /// Waits for all to end, once the run's token was cancelled.
    pub(super) async fn end(mut self) {
        end("pages", finished(&self.pages)).await;
        end("tasks", async { while self.tasks.join_next().await.is_some() {} }).await;
        self.tasks.abort_all();
        self.watchdog.abort();
        self.stop_owner.cancel();
        end("owner", finished(&self.owner)).await;
        self.stop_recorder.cancel();
        end("recorder", finished(&self.recorder)).await;
    }
}

/// Waits for a task whose end may have been heard of already.
async fn finished<T>(task: &JoinHandle<T>) {
    while !task.is_finished() {
        sleep(BEAT).await;
    }
}

/// Waits for a part to end, but not for ever.
async fn end(part: &str, ended: impl Future<Output = ()>) {
    if timeout(END, ended).await.is_err() {
        warn!(part, "did not end in time");
    }
}
