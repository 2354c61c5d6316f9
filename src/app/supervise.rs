//! Keeps a task running: one that panics is started again, and the journal says so. A panic is a bug; it must not
//! take the hall's eyes with it.

use std::{future::Future, sync::Arc, time::Duration};

use tokio::{sync::mpsc, task::JoinHandle, time::sleep};
use tokio_util::{sync::CancellationToken, task::AbortOnDropHandle};
use tracing::error;

use crate::model::{Clock, NewRecord, Severity};

/// The pause before a task that panicked starts again.
const PAUSE: Duration = Duration::from_secs(1);

/// Spawns what `make` makes, again and again until it ends by itself or `shutdown` comes.
pub(super) fn supervise<F>(
    name: String,
    records: mpsc::Sender<NewRecord>,
    clock: Arc<dyn Clock>,
    shutdown: CancellationToken,
    make: impl Fn() -> F + Send + 'static,
) -> JoinHandle<()>
where
    F: Future<Output = ()> + Send + 'static,
{
    tokio::spawn(async move {
        while let Err(failed) = AbortOnDropHandle::new(tokio::spawn(make())).await {
            if shutdown.is_cancelled() || !failed.is_panic() {
                return;
            }
            error!(task = name, "a task panicked and is started again");
            let record = NewRecord::system(clock.now(), "task.failed", Severity::Error);
            // The queue is closed only at the end of the run.
            drop(records.send(record.at(name.as_str())).await);
            sleep(PAUSE).await;
        }
    })
}

#[cfg(test)]
mod tests {
    use std::sync::atomic::{AtomicU32, Ordering};

    use super::*;
    use crate::app::SystemClock;

    #[tokio::test(start_paused = true)]
    async fn a_task_that_panics_is_recorded_and_started_again() {
        let (records, mut recorded) = mpsc::channel(8);
        let runs = Arc::new(AtomicU32::new(0));
        let counted = Arc::clone(&runs);
        let task = supervise(
            "line-1".into(),
            records,
            Arc::new(SystemClock::start()),
            CancellationToken::new(),
            move || {
                let run = counted.fetch_add(1, Ordering::SeqCst);
                async move { assert!(run >= 2, "run {run} fails") }
            },
        );
        task.await.unwrap();
        assert_eq!(runs.load(Ordering::SeqCst), 3);
        let record = recorded.recv().await.unwrap();
        assert_eq!((record.code, record.place.as_str()), ("task.failed", "line-1"));
    }
}
