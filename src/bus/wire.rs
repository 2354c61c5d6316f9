//! What the parts of one line share: its times, counters, last frames and clock; and since when it is quiet.

use std::{
    collections::VecDeque,
    sync::{
        Arc,
        atomic::{AtomicBool, AtomicU64, Ordering},
    },
    time::Duration,
};

use tokio::io::ReadBuf;

use super::{
    LineCounters,
    tap::{Direction, Frame},
};
use crate::{
    logic::timing::Timing,
    model::{Clock, Mono},
};

/// Hands out bytes that may be read; false when there are none.
pub(crate) fn hand_out(ready: &mut VecDeque<u8>, buf: &mut ReadBuf<'_>) -> bool {
    let (count, any) = (ready.len().min(buf.remaining()), !ready.is_empty());
    let bytes: Vec<u8> = ready.drain(..count).collect();
    buf.put_slice(&bytes);
    any
}

/// One line's wire; written by the wrapper around its stream, read by its task.
pub(crate) struct Wire {
    pub(crate) rtu: bool,
    pub(crate) timing: Timing,
    pub(crate) counters: Arc<LineCounters>,
    pub(crate) clock: Arc<dyn Clock>,
    /// When the last byte was, or will be, on the wire: µs.
    busy_until: AtomicU64,
    /// Whether a request has been written in part only.
    midway: AtomicBool,
    /// Bytes received since the last request that are no answer to it.
    noise: AtomicU64,
}

impl std::fmt::Debug for Wire {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Wire").field("rtu", &self.rtu).finish_non_exhaustive()
    }
}

impl Wire {
    pub(crate) fn new(rtu: bool, timing: Timing, counters: Arc<LineCounters>, clock: Arc<dyn Clock>) -> Self {
        let (busy_until, noise) = (AtomicU64::new(0), AtomicU64::new(0));
        Self { rtu, timing, counters, clock, busy_until, midway: AtomicBool::new(false), noise }
    }

    /// A request is being written.
    pub(crate) fn sending(&self) {
        self.midway.store(true, Ordering::Relaxed);
    }

    /// A request has been handed to the stream; on a serial line it takes its time to leave.
    pub(crate) fn sent(&self, bytes: &[u8]) {
        let length = u64::try_from(bytes.len()).unwrap_or(u64::MAX);
        self.busy_until.store((self.clock.now().mono + self.timing.characters(length)).0, Ordering::Relaxed);
        self.midway.store(false, Ordering::Relaxed);
        self.noise.store(0, Ordering::Relaxed);
        self.note(Direction::Sent, bytes);
    }

    /// Bytes have come.
    pub(crate) fn heard(&self) {
        self.busy_until.fetch_max(self.clock.now().mono.0, Ordering::Relaxed);
    }

    /// So many bytes have come that are not, or not yet, an answer.
    pub(crate) fn puzzled_by(&self, bytes: usize) {
        self.noise.store(u64::try_from(bytes).unwrap_or(u64::MAX), Ordering::Relaxed);
    }

    /// Bytes were thrown away.
    pub(crate) fn discarded(&self, bytes: &[u8]) {
        if !bytes.is_empty() {
            self.counters.discarded.add(u64::try_from(bytes.len()).unwrap_or(u64::MAX));
            self.note(Direction::Discarded, bytes);
        }
    }

    pub(crate) fn note(&self, direction: Direction, bytes: &[u8]) {
        let (time, bytes) = (self.clock.now().wall, bytes.into());
        self.counters.tap.note(Frame { time, direction, rtu: self.rtu, bytes });
    }

    /// How long it is until the next request may be sent: 3.5 characters of silence on a serial line.
    pub(crate) fn silence_left(&self) -> Duration {
        let quiet = Mono(self.busy_until.load(Ordering::Relaxed)) + self.timing.silence();
        quiet.since(self.clock.now().mono)
    }

    /// Whether a request was written in part only: what is sent next would follow its first half.
    pub(crate) fn is_midway(&self) -> bool {
        self.midway.load(Ordering::Relaxed)
    }

    /// Bytes received since the last request that are no answer to it.
    pub(crate) fn noise(&self) -> u64 {
        self.noise.load(Ordering::Relaxed)
    }
}
