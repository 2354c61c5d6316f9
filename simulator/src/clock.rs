//! The only place where time passes by itself: moves the hall on, `speed` times as fast as the wall.

use std::{
    sync::{Arc, Mutex},
    time::Duration,
};

use tokio::time::{MissedTickBehavior, interval};

use crate::{devices::lock, physics::Hall};

/// How often the hall is moved on.
const TICK: Duration = Duration::from_millis(100);

/// Fastest speed: a day in a minute and a half.
pub(crate) const MOST_SPEED: f64 = 1000.0;

/// Moves the hall on until the task is dropped. At speed 0 time stands still until someone calls
/// [`Hall::advance`].
pub(crate) async fn run(hall: Arc<Mutex<Hall>>, speed: f64) {
    if speed <= 0.0 {
        return;
    }
    let mut ticks = interval(TICK);
    // A machine that was busy catches up, so that hall and wall keep together.
    ticks.set_missed_tick_behavior(MissedTickBehavior::Burst);
    ticks.tick().await;
    loop {
        ticks.tick().await;
        lock(&hall).advance(TICK.mul_f64(speed.min(MOST_SPEED)));
    }
}
