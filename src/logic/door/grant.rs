//! Grants: what waits for its record, who was let through, and whether they took it.

use super::{
    Cause, Door, MOST, Output, RECORD_WAIT, SPOOL_WAIT, State, Ticket,
    passing::{Passing, Pending, Waits},
};
use crate::model::{DoorMode, Mono, NewRecord, Now, Severity, Unrecorded};

impl Door {
    pub(super) fn grant(
        &mut self,
        now: Now,
        cause: Cause,
        long: bool,
        record: NewRecord,
        out: &mut Vec<Output>,
    ) {
        if self.pending.len() >= MOST || self.hardware != Some(true) {
            out.push(Output::Unrecorded(cause));
            return;
        }
        let ticket = self.record(record.clone(), out);
        let (what, deadline) = (Waits::Pass { cause, long }, now.mono + RECORD_WAIT);
        self.pending.push(Pending { ticket, what, record, deadline, spooling: false });
    }

    /// What waited for this record goes on; one that comes too late finds nothing.
    pub(super) fn recorded(&mut self, now: Now, ticket: Ticket, out: &mut Vec<Output>) {
        let Some(n) = self.pending.iter().position(|pending| pending.ticket == ticket) else { return };
        let Pending { what, .. } = self.pending.swap_remove(n);
        match what {
            Waits::Mode => {
                self.mode_recorded = true;
                self.follow_mode(now, out);
            }
            Waits::Pass { cause, .. } if matches!(self.mode(), DoorMode::Lockdown | DoorMode::HeldLocked) => {
                self.told_not_taken(now, &cause, Some("mode"), out);
            }
            Waits::Pass { cause, long } => self.let_through(now, cause, long, out),
        }
    }

    pub(super) fn not_spooled(&mut self, now: Now, ticket: Ticket, out: &mut Vec<Output>) {
        if let Some(pending) = self.pending.iter_mut().find(|pending| pending.ticket == ticket) {
            pending.deadline = now.mono;
        }
        self.expire_pending(now, out);
    }

    /// Records that are not there in time: the door's policy counts.
    pub(super) fn expire_pending(&mut self, now: Now, out: &mut Vec<Output>) {
        let mut kept = Vec::new();
        for mut pending in std::mem::take(&mut self.pending) {
            if pending.deadline > now.mono {
                kept.push(pending);
            } else if !pending.spooling && self.settings.unrecorded == Unrecorded::Spool {
                out.push(Output::Spool(pending.ticket, pending.record.clone()));
                pending.spooling = true;
                pending.deadline = now.mono + SPOOL_WAIT;
                kept.push(pending);
            } else if let Waits::Pass { cause, .. } = pending.what {
                let record = cause.told(self.tells(now, "access.denied.unrecorded", Severity::Error));
                out.push(Output::Tell(record));
                out.push(Output::Unrecorded(cause));
            } else {
                // A mode can wait: the door stays locked until it is on disk after all.
                pending.deadline = Mono(u64::MAX);
                kept.push(pending);
            }
        }
        self.pending = kept;
    }

    /// Unlocks for somebody; a further grant extends, and never shortens.
    pub(super) fn let_through(&mut self, now: Now, cause: Cause, long: bool, out: &mut Vec<Output>) {
        let span = if long { self.settings.long_unlock } else { self.settings.unlock };
        let until = now.mono + span;
        self.reclassify(now, out);
        match self.state {
            State::Secure => {
                self.state = State::Granted { until };
                self.release_for(now, span, out);
            }
            State::Granted { until: before } if until > before => {
                self.state = State::Granted { until };
                self.release_for(now, span, out);
            }
            State::Open { .. } => self.open_for(now),
            State::Granted { .. } | State::Fault | State::Held | State::Forced { .. } | State::Free => {}
        }
        if self.passing.len() >= MOST {
            let oldest = self.passing.remove(0);
            self.told_not_taken(now, &oldest.cause, Some("crowd"), out);
        }
        self.passing.push(Passing { cause, until });
        // Through a leaf that stands open everybody can pass at once.
        if self.contact.is_some_and(|contact| !contact.stands()) && self.state != State::Fault {
            self.take_all(now, out);
        }
    }

    /// Everybody who was let through has opened the door.
    pub(super) fn take_all(&mut self, now: Now, out: &mut Vec<Output>) {
        for Passing { cause, .. } in std::mem::take(&mut self.passing) {
            out.push(Output::Tell(cause.told(self.tells(now, "access.taken", Severity::Info))));
            out.push(Output::Taken(cause));
        }
    }

    pub(super) fn expire_passing(&mut self, now: Now, out: &mut Vec<Output>) {
        if self.contact.is_none() {
            self.assume_taken(now, out);
        } else {
            self.not_taken(now, |passing| passing.until <= now.mono, None, out);
        }
        if matches!(self.state, State::Granted { until } if until <= now.mono) {
            self.state = State::Secure;
            self.lock(now, "time", out);
        }
    }

    /// Where no contact is wired nobody can tell: it is assumed, and the record says so.
    fn assume_taken(&mut self, now: Now, out: &mut Vec<Output>) {
        let (over, waiting) =
            std::mem::take(&mut self.passing).into_iter().partition(|passing| passing.until <= now.mono);
        self.passing = waiting;
        let over: Vec<Passing> = over;
        for Passing { cause, .. } in over {
            let record = cause.told(self.tells(now, "access.taken", Severity::Info)).with("assumed", true);
            out.push(Output::Tell(record));
            out.push(Output::Taken(cause));
        }
    }

    /// Some of those who were let through did not open the door.
    pub(super) fn not_taken(
        &mut self,
        now: Now,
        which: impl Fn(&Passing) -> bool,
        why: Option<&str>,
        out: &mut Vec<Output>,
    ) {
        let (over, waiting) = std::mem::take(&mut self.passing).into_iter().partition(which);
        self.passing = waiting;
        let over: Vec<Passing> = over;
        over.iter().for_each(|passing| self.told_not_taken(now, &passing.cause, why, out));
    }

    fn told_not_taken(&self, now: Now, cause: &Cause, why: Option<&str>, out: &mut Vec<Output>) {
        let record = cause.told(self.tells(now, "access.not_taken", Severity::Info));
        out.push(Output::Tell(why.into_iter().fold(record, |record, why| record.with("why", why))));
    }

    /// The hardware is lost: nobody can tell what becomes of those who were let through, or were about to be.
    pub(super) fn abandon(&mut self, now: Now, out: &mut Vec<Output>) {
        self.not_taken(now, |_| true, Some("hardware"), out);
        let (passes, modes) = std::mem::take(&mut self.pending)
            .into_iter()
            .partition(|pending| matches!(pending.what, Waits::Pass { .. }));
        self.pending = modes;
        let passes: Vec<Pending> = passes;
        for pending in passes {
            if let Waits::Pass { cause, .. } = pending.what {
                self.told_not_taken(now, &cause, Some("hardware"), out);
            }
        }
    }
}
