//! Tells systemd that the service lives, and only while it does: the live state's owner must have moved, and the
//! journal must still answer (a full disk is an answer). A service that hangs is then restarted.

use std::sync::Arc;

use sd_notify::NotifyState;
use tokio::{
    sync::watch,
    time::{sleep, timeout},
};
use tokio_util::sync::CancellationToken;
use tracing::warn;

use crate::{
    model::{Clock, Snapshot},
    store::{Journal, Row, StoreError, Write},
};

/// Says that the service is ready.
pub(super) fn ready() {
    notify(&[NotifyState::Ready]);
}

/// Says that it stops.
pub(super) fn stopping() {
    notify(&[NotifyState::Stopping]);
}

fn notify(state: &[NotifyState<'_>]) {
    if let Err(error) = sd_notify::notify(state) {
        warn!(%error, "systemd cannot be told");
    }
}

/// Pats the watchdog at a third of its time, as long as there is life; returns at once where none is set.
pub(super) async fn run(
    snapshot: watch::Receiver<Arc<Snapshot>>,
    journal: Journal,
    clock: Arc<dyn Clock>,
    shutdown: CancellationToken,
) {
    let Some(period) = sd_notify::watchdog_enabled() else { return };
    loop {
        tokio::select! {
            () = shutdown.cancelled() => return,
            () = sleep(period / 3) => {}
        }
        let moved = clock.now().wall.since(snapshot.borrow().time) < period;
        let alive = Write { records: Vec::new(), rows: vec![Row::RunAlive(clock.now())] };
        let answer = timeout(period / 3, journal.write(alive)).await;
        let answers = !matches!(answer, Err(_) | Ok(Err(StoreError::Stopped)));
        if moved && answers {
            notify(&[NotifyState::Watchdog]);
        } else {
            warn!(moved, answers, "no life: the watchdog is not patted");
        }
    }
}
