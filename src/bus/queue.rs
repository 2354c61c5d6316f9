//! The queue from all lines to the owner of the live state: bounded; when full, the oldest report goes and is counted.

use std::{
    collections::VecDeque,
    sync::{
        Mutex, PoisonError,
        atomic::{AtomicU64, Ordering},
    },
};

use tokio::sync::Notify;

use crate::logic::live::Input;

/// Reports that may wait.
const CAPACITY: usize = 4096;

/// Many lines push, one task pops.
#[derive(Debug, Default)]
pub struct Reports {
    waiting: Mutex<VecDeque<Input>>,
    arrived: Notify,
    dropped: AtomicU64,
}

impl Reports {
    /// Adds a report.
    pub fn push(&self, report: Input) {
        let mut waiting = self.waiting.lock().unwrap_or_else(PoisonError::into_inner);
        if waiting.len() >= CAPACITY {
            waiting.pop_front();
            self.dropped.fetch_add(1, Ordering::Relaxed);
        }
        waiting.push_back(report);
        drop(waiting);
        self.arrived.notify_one();
    }

    /// Takes everything that waits, oldest first; waits while there is nothing.
    pub async fn take(&self) -> VecDeque<Input> {
        loop {
            let taken = std::mem::take(&mut *self.waiting.lock().unwrap_or_else(PoisonError::into_inner));
            if !taken.is_empty() {
                return taken;
            }
            self.arrived.notified().await;
        }
    }

    /// Reports that were dropped since the start.
    #[must_use]
    pub fn dropped(&self) -> u64 {
        self.dropped.load(Ordering::Relaxed)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::model::DeviceIx;

    #[tokio::test]
    async fn a_full_queue_drops_the_oldest_and_counts_it() {
        let reports = Reports::default();
        for n in 0..=4096 {
            reports.push(Input::Stale(DeviceIx(n)));
        }
        let taken = reports.take().await;
        assert_eq!((taken.len(), reports.dropped()), (4096, 1));
        assert_eq!(taken.front(), Some(&Input::Stale(DeviceIx(1))));
    }
}
