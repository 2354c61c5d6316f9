//! The queue from all lines to the owner of the live state: bounded; when full, the oldest reading goes and is counted.

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
            // Readings come again; that a device went on- or offline is told once.
            let oldest = waiting.iter().position(|report| matches!(report, Input::Block { .. }));
            waiting.remove(oldest.unwrap_or(0));
            self.dropped.fetch_add(1, Ordering::Relaxed);
        }
        waiting.push_back(report);
        drop(waiting);
        self.arrived.notify_one();
    }

    /// Takes everything that waits, oldest first; waits while there is nothing.
    pub async fn take(&self) -> VecDeque<Input> {
        loop {
            let taken = self.take_now();
            if !taken.is_empty() {
                return taken;
            }
            self.arrived.notified().await;
        }
    }

    /// Takes what waits now, perhaps nothing.
    #[must_use]
    pub fn take_now(&self) -> VecDeque<Input> {
        std::mem::take(&mut *self.waiting.lock().unwrap_or_else(PoisonError::into_inner))
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
    use crate::model::DeviceKey;

    #[tokio::test]
    async fn a_full_queue_drops_the_oldest_reading_and_counts_it() {
        let reports = Reports::default();
        for n in 0..=4096 {
            let (block, time, samples) = (0, crate::model::Wall(0), [].into());
            reports.push(Input::Block { device: DeviceKey(n), block, time, samples });
            if n == 0 {
                reports.push(Input::Found(DeviceKey(0)));
            }
        }
        let taken = reports.take().await;
        assert_eq!((taken.len(), reports.dropped()), (4096, 2));
        assert_eq!(taken.front(), Some(&Input::Found(DeviceKey(0))), "what is told once is kept");
        assert!(matches!(taken.get(1), Some(Input::Block { device: DeviceKey(2), .. })));
    }
}
