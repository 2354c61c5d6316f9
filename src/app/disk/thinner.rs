//! Asks history for room while the disk is nearly full: first what is empty, then its oldest day, until there is enough. Each day is
//! told before it goes, and goes whole.
//!
//! Each question is one step of history's writer, which takes batches in between.

use std::time::Duration;

use tokio::{sync::watch, time::sleep};
use tokio_util::sync::CancellationToken;
use tracing::error;

use super::BEAT;
use crate::{
    app::time::Hold,
    model::Wall,
    store::{History, Room, StoreError},
};

/// Between two steps while there is more to do: the disk has other work.
const STEP: Duration = Duration::from_millis(100);

/// Runs until `shutdown`; works while `wanted` is true, and tells in `drops` before which time history drops its days.
pub(super) async fn run(
    history: History,
    mut wanted: watch::Receiver<bool>,
    drops: watch::Sender<Option<Wall>>,
    hold: Hold,
    shutdown: CancellationToken,
) {
    let mut going = None;
    loop {
        let watched = tokio::select! {
            biased;
            () = shutdown.cancelled() => return,
            wanted = wanted.wait_for(|thins| *thins || going.is_some()) => wanted.is_ok(),
        };
        if !watched {
            return;
        }
        let rest = match hold.during(step(&history, &drops, &mut going)).await {
            Ok(true) => STEP,
            Ok(false) => BEAT,
            Err(failed) => {
                error!(%failed, "history cannot be thinned; it is tried again");
                BEAT
            }
        };
        tokio::select! {
            () = shutdown.cancelled() => return,
            () = sleep(rest) => {}
        }
    }
}

/// Does one step; true if there may be more to do at once. `going` is the end of the day that is going.
async fn step(
    history: &History,
    drops: &watch::Sender<Option<Wall>>,
    going: &mut Option<Wall>,
) -> Result<bool, StoreError> {
    let before = match *going {
        Some(before) => before,
        None => match history.give_back().await? {
            // It may be enough: that is seen before a day goes.
            Room { given_back: true, .. } => return Ok(true),
            Room { next: None, .. } => return Ok(false),
            Room { next: Some(before), .. } => before,
        },
    };
    // Told first, and only once if it fails and is tried again.
    drops.send_if_modified(|told| told.replace(before) != Some(before));
    *going = history.drop_before(before).await?.then_some(before);
    Ok(going.is_some())
}
