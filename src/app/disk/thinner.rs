//! Asks history for room while the disk is nearly full: first what is empty, then its oldest day, each second again until there is
//! enough. Each day is told as it goes.

use tokio::{sync::watch, time::sleep};
use tokio_util::sync::CancellationToken;
use tracing::error;

use super::BEAT;
use crate::{
    app::time::Hold,
    model::Wall,
    store::{History, Room, StoreError},
};

/// Runs until `shutdown`; works while `wanted` is true, and tells in `drops` before which time history drops its days.
pub(super) async fn run(
    history: History,
    mut wanted: watch::Receiver<bool>,
    drops: watch::Sender<Option<Wall>>,
    hold: Hold,
    shutdown: CancellationToken,
) {
    loop {
        let thins = tokio::select! {
            biased;
            () = shutdown.cancelled() => return,
            thins = wanted.wait_for(|thins| *thins) => thins.is_ok(),
        };
        if thins && let Err(failed) = hold.during(thin(&history, &drops)).await {
            error!(%failed, "history cannot be thinned; it is tried again");
        }
        tokio::select! {
            () = shutdown.cancelled() => return,
            () = sleep(BEAT) => {}
        }
    }
}

async fn thin(history: &History, drops: &watch::Sender<Option<Wall>>) -> Result<(), StoreError> {
    // What was given back may be enough: that is seen before a day goes.
    let Room { given_back: false, next: Some(before) } = history.give_back().await? else { return Ok(()) };
    // Told first, and only once if it fails and is tried again.
    drops.send_if_modified(|told| told.replace(before) != Some(before));
    history.drop_before(before).await
}
