//! The one place that reads the clock.
//!
//! `Mono` counts from the start of the run, by tokio's clock, so that tests can pause it. `Wall` is an anchor plus
//! `Mono`; the anchor follows the kernel's clock, so that a step is an event and not a surprise.

use std::{
    path::Path,
    sync::atomic::{AtomicBool, AtomicI64, Ordering},
    time::{Duration, SystemTime, UNIX_EPOCH},
};

use tokio::time::Instant;

use crate::model::{Clock, Mono, Now, Trust, Wall};

/// A difference from the kernel's clock that counts as a step.
const STEP: Duration = Duration::from_secs(1);

/// systemd-timesyncd leaves this file once the clock is synchronised; of other time services nothing is known here.
const SYNCHRONISED: &str = "/run/systemd/timesync/synchronized";

/// The clock of a run.
#[derive(Debug)]
pub struct SystemClock {
    started: Instant,
    anchor_us: AtomicI64,
    synchronised: AtomicBool,
}

impl SystemClock {
    /// Starts counting.
    #[must_use]
    #[expect(clippy::disallowed_methods, reason = "this is the clock")]
    pub fn start() -> Self {
        let clock = Self {
            started: Instant::now(),
            anchor_us: AtomicI64::new(kernel_us()),
            synchronised: AtomicBool::new(false),
        };
        clock.follow();
        clock
    }

    /// Follows the kernel's clock; call it once a second. Returns a step of more than a second, in µs.
    pub fn follow(&self) -> Option<i64> {
        self.synchronised.store(Path::new(SYNCHRONISED).exists(), Ordering::Relaxed);
        let anchor = kernel_us().saturating_sub(i64::try_from(self.mono().0).unwrap_or(i64::MAX));
        let difference = anchor.saturating_sub(self.anchor_us.swap(anchor, Ordering::Relaxed));
        (u128::from(difference.unsigned_abs()) > STEP.as_micros()).then_some(difference)
    }

    #[expect(clippy::disallowed_methods, reason = "this is the clock")]
    fn mono(&self) -> Mono {
        let elapsed = Instant::now().duration_since(self.started);
        Mono(u64::try_from(elapsed.as_micros()).unwrap_or(u64::MAX))
    }
}

#[expect(clippy::disallowed_methods, reason = "this is the clock")]
fn kernel_us() -> i64 {
    let since_epoch = SystemTime::now().duration_since(UNIX_EPOCH).unwrap_or_default();
    i64::try_from(since_epoch.as_micros()).unwrap_or(i64::MAX)
}

impl Clock for SystemClock {
    fn now(&self) -> Now {
        let mono = self.mono();
        let elapsed = i64::try_from(mono.0).unwrap_or(i64::MAX);
        let wall = Wall(self.anchor_us.load(Ordering::Relaxed).saturating_add(elapsed));
        // Without the file nobody says: another time service may well keep the clock.
        let synchronised = self.synchronised.load(Ordering::Relaxed);
        Now { mono, wall, trust: if synchronised { Trust::Synchronised } else { Trust::Unknown } }
    }
}
