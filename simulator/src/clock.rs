//! The only place where time passes by itself: moves the hall on, `speed` times as fast as the wall, and tells the
//! lines what time it is.

use std::{sync::Arc, time::Duration};

use tokio::{
    task::spawn_blocking,
    time::{Instant, MissedTickBehavior, interval},
};

use crate::hall::Hall;

/// How often the hall is moved on.
const TICK: Duration = Duration::from_millis(100);

/// Fastest speed: a day in a minute and a half.
pub(crate) const MOST_SPEED: f64 = 1000.0;

/// The time by which bytes are sent.
#[expect(clippy::disallowed_methods, reason = "this is the simulator's clock")]
pub(crate) fn now() -> Instant {
    Instant::now()
}

/// Moves the hall on until the task is dropped. At speed 0 time stands still until someone calls
/// [`Hall::advance`].
pub(crate) async fn run(hall: Arc<Hall>, speed: f64) {
    if speed <= 0.0 {
        return;
    }
    let mut ticks = interval(TICK);
    // A machine that was busy catches up, so that hall and wall keep together.
    ticks.set_missed_tick_behavior(MissedTickBehavior::Burst);
    ticks.tick().await;
    loop {
        ticks.tick().await;
        let hall = Arc::clone(&hall);
        // It may have to wait for time that somebody else lets pass: not where devices are to answer.
        let tick = spawn_blocking(move || hall.advance(TICK.mul_f64(speed.min(MOST_SPEED))));
        if let Err(error) = tick.await {
            tracing::error!(%error, "the hall's time stopped");
            return;
        }
    }
}

#[cfg(test)]
mod tests {
    use hallward_profiles::Library;
    use hallward_site::Site;
    use tokio::time::sleep;

    use super::*;
    use crate::DEMO_SITE;

    async fn elapsed_after_a_second(speed: f64) -> Duration {
        let site = Site::parse("demo.toml", DEMO_SITE, &Library::load(None).unwrap()).unwrap();
        let hall = Arc::new(Hall::new(site).unwrap());
        let clock = tokio::spawn(run(Arc::clone(&hall), speed));
        sleep(Duration::from_millis(1050)).await;
        clock.abort();
        hall.elapsed()
    }

    #[tokio::test(start_paused = true)]
    async fn the_hall_lives_at_its_speed() {
        assert_eq!(elapsed_after_a_second(1.0).await, Duration::from_secs(1));
        assert_eq!(elapsed_after_a_second(25.0).await, Duration::from_secs(25));
        assert_eq!(elapsed_after_a_second(0.0).await, Duration::ZERO);
    }
}
