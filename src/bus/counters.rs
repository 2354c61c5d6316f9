//! What a line counts, for `/metrics`. Written by its task, read by anyone.

use std::sync::atomic::{AtomicU64, Ordering};

/// Counters of one line since the start.
#[derive(Debug, Default)]
pub struct LineCounters {
    /// Requests sent.
    pub requests: Counter,
    /// Answers that carried values.
    pub answers: Counter,
    /// Requests that nobody answered in time.
    pub timeouts: Counter,
    /// Exceptions.
    pub exceptions: Counter,
    /// Answers that did not fit the request.
    pub bad_frames: Counter,
    /// Times the connection could not be made or broke.
    pub down: Counter,
    /// Late answers that were thrown away.
    pub late: Counter,
    /// Polls that were skipped because the one before took too long.
    pub skipped: Counter,
    /// Time spent waiting for answers, µs.
    pub waited_us: Counter,
    /// Values decoded.
    pub values: Counter,
}

/// A number that only grows.
#[derive(Debug, Default)]
pub struct Counter(AtomicU64);

impl Counter {
    /// Adds to it.
    pub fn add(&self, count: u64) {
        self.0.fetch_add(count, Ordering::Relaxed);
    }

    /// The number.
    #[must_use]
    pub fn get(&self) -> u64 {
        self.0.load(Ordering::Relaxed)
    }
}
