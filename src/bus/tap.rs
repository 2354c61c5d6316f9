//! The last frames of a line, for whoever wants to see them: `hallward trace`, and the line's page when something is
//! wrong. Bounded: the last [`KEPT`] are kept, and a watcher that lags loses the oldest.

use std::{
    collections::VecDeque,
    sync::{Arc, Mutex, PoisonError},
};

use tokio::sync::broadcast;

use crate::model::Wall;

/// Frames that are kept, and that a watcher may lag behind.
pub const KEPT: usize = 64;

/// Which way bytes went.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Direction {
    /// A request of ours.
    Sent,
    /// An answer to it.
    Received,
    /// Bytes that were thrown away: noise, echoes, answers of others or that came too late.
    Discarded,
}

/// Bytes on a line.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Frame {
    /// When.
    pub time: Wall,
    /// Which way.
    pub direction: Direction,
    /// Whether they are RTU; else Modbus TCP.
    pub rtu: bool,
    /// The bytes.
    pub bytes: Arc<[u8]>,
}

/// The frames of one line.
#[derive(Debug)]
pub struct Tap {
    last: Mutex<VecDeque<Frame>>,
    watchers: broadcast::Sender<Frame>,
}

impl Default for Tap {
    fn default() -> Self {
        Self { last: Mutex::default(), watchers: broadcast::Sender::new(KEPT) }
    }
}

impl Tap {
    /// The last frames, oldest first.
    #[must_use]
    pub fn last(&self) -> Vec<Frame> {
        self.last.lock().unwrap_or_else(PoisonError::into_inner).iter().cloned().collect()
    }

    /// Every frame from now on.
    #[must_use]
    pub fn watch(&self) -> broadcast::Receiver<Frame> {
        self.watchers.subscribe()
    }

    pub(super) fn note(&self, frame: Frame) {
        // Nobody watches most of the time.
        if self.watchers.receiver_count() > 0 {
            drop(self.watchers.send(frame.clone()));
        }
        let mut last = self.last.lock().unwrap_or_else(PoisonError::into_inner);
        if last.len() == KEPT {
            last.pop_front();
        }
        last.push_back(frame);
    }
}
