//! The lock: each edge has a record, and one that does not obey is told again to lock, never to release.

use std::time::Duration;

use super::{Door, Output, RETRY, State};
use crate::model::{LockOrder, Now, Severity};

impl Door {
    /// Releases it for a while, also once more.
    pub(super) fn release_for(&mut self, now: Now, span: Duration, out: &mut Vec<Output>) {
        self.release(now, LockOrder::ReleaseFor(span), out);
    }

    pub(super) fn release(&mut self, now: Now, order: LockOrder, out: &mut Vec<Output>) {
        self.retry = None;
        out.push(Output::Lock(order));
        if !self.released {
            self.released = true;
            let record = self.tells(now, "lock.released", Severity::Info).with("mode", self.mode());
            out.push(Output::Tell(record));
        }
    }

    pub(super) fn lock(&mut self, now: Now, why: &str, out: &mut Vec<Output>) {
        out.push(Output::Lock(LockOrder::Lock));
        self.released = false;
        out.push(Output::Tell(self.tells(now, "lock.relocked", Severity::Info).with("why", why)));
    }

    /// Whether there is a reason for it to be released.
    pub(super) fn may_be_released(&self) -> bool {
        matches!(self.state, State::Granted { .. } | State::Free)
    }

    pub(super) fn done(&mut self, order: LockOrder) {
        if order == LockOrder::Lock && !self.released {
            self.retry = None;
        }
    }

    pub(super) fn failed(&mut self, now: Now, order: LockOrder, why: &str, out: &mut Vec<Output>) {
        if self.hardware != Some(true) {
            return;
        }
        let what = match order {
            LockOrder::Lock => "lock",
            LockOrder::ReleaseFor(_) | LockOrder::Release => "release",
        };
        let first = self.retry.is_none();
        if order == LockOrder::Lock && !self.released {
            self.retry = Some(now.mono + RETRY);
        }
        if first {
            let record = self.tells(now, "door.fault", Severity::Error).with("what", what).with("why", why);
            out.push(Output::Tell(record));
        }
    }
}
