//! The one place that reads the clock.
//!
//! `Mono` counts from the start of the run, by tokio's clock, which may be paused and led. `Wall` is an anchor plus
//! `Mono`. In real time ([`SystemClock`]) the anchor follows the kernel's clock, so that a step is an event and not a
//! surprise; in virtual time ([`VirtualClock`]) it stays.

use std::{
    path::Path,
    sync::atomic::{AtomicBool, AtomicI64, AtomicU64, Ordering},
    thread::{self, ThreadId},
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

    fn mono(&self) -> Mono {
        since(self.started)
    }
}

#[expect(clippy::disallowed_methods, reason = "this is the clock")]
fn since(started: Instant) -> Mono {
    let elapsed = Instant::now().duration_since(started);
    Mono(u64::try_from(elapsed.as_micros()).unwrap_or(u64::MAX))
}

#[expect(clippy::disallowed_methods, reason = "this is the clock")]
fn kernel_us() -> i64 {
    let since_epoch = SystemTime::now().duration_since(UNIX_EPOCH).unwrap_or_default();
    i64::try_from(since_epoch.as_micros()).unwrap_or(i64::MAX)
}

/// A clock whose wall time may be set.
pub(super) trait Steps: Send + Sync {
    /// The step since the last call, if there was one, in µs; asked once a second.
    fn follow(&self) -> Option<i64>;
}

impl Steps for SystemClock {
    fn follow(&self) -> Option<i64> {
        Self::follow(self)
    }
}

impl Steps for VirtualClock {
    fn follow(&self) -> Option<i64> {
        Some(self.stepped_us.swap(0, Ordering::Relaxed)).filter(|step_us| *step_us != 0)
    }
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

/// The clock of a run in virtual time. Made on the thread whose runtime's time is led; others see the moment that was
/// last asked for there.
#[derive(Debug)]
pub struct VirtualClock {
    home: ThreadId,
    started: Instant,
    anchor_us: AtomicI64,
    /// Steps that nobody has been told of, µs.
    stepped_us: AtomicI64,
    mono_us: AtomicU64,
}

impl VirtualClock {
    /// Starts counting on this thread, at `anchor`.
    #[must_use]
    #[expect(clippy::disallowed_methods, reason = "this is the clock")]
    pub fn start(anchor: Wall) -> Self {
        let home = thread::current().id();
        let (anchor_us, stepped_us) = (AtomicI64::new(anchor.0), AtomicI64::new(0));
        Self { home, started: Instant::now(), anchor_us, stepped_us, mono_us: AtomicU64::new(0) }
    }

    /// Sets the wall clock forward or, with a negative step, back; timers know nothing of it.
    #[cfg_attr(not(feature = "demo"), expect(dead_code, reason = "only the demo's time is led"))]
    pub(super) fn step(&self, step_us: i64) {
        self.anchor_us.fetch_add(step_us, Ordering::Relaxed);
        self.stepped_us.fetch_add(step_us, Ordering::Relaxed);
    }

    /// Time since its start, on its own thread.
    #[cfg_attr(not(feature = "demo"), expect(dead_code, reason = "only the demo's time is led"))]
    pub(super) fn passed(&self) -> Duration {
        Duration::from_micros(since(self.started).0)
    }
}

impl Clock for VirtualClock {
    fn now(&self) -> Now {
        let mono = if thread::current().id() == self.home {
            let mono = since(self.started);
            self.mono_us.store(mono.0, Ordering::Relaxed);
            mono
        } else {
            Mono(self.mono_us.load(Ordering::Relaxed))
        };
        let anchor = Wall(self.anchor_us.load(Ordering::Relaxed));
        Now { mono, wall: anchor + Duration::from_micros(mono.0), trust: Trust::Unknown }
    }
}
