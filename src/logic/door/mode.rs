//! Why a door is locked or not. The strongest reason counts; all of them are kept, so that what a stronger one hid is there
//! again when it ends. A mode that unlocks waits for its record as a grant does; fire waits for nothing.

use super::{By, Door, Output, State, passing::Pending, passing::Waits};
use crate::model::{DoorMode, DoorStanding, Hold, LockOrder, Now, Relock, Severity};

pub(super) fn mode(standing: &DoorStanding, scheduled: bool) -> DoorMode {
    match standing {
        DoorStanding { fire: true, .. } => DoorMode::FireRelease,
        DoorStanding { lockdown: true, .. } => DoorMode::Lockdown,
        DoorStanding { hold: Some(Hold { unlocked: true, .. }), .. } => DoorMode::HeldUnlocked,
        DoorStanding { hold: Some(Hold { unlocked: false, .. }), .. } => DoorMode::HeldLocked,
        DoorStanding { .. } if scheduled => DoorMode::Scheduled,
        DoorStanding { .. } => DoorMode::Controlled,
    }
}

fn unlocks(mode: DoorMode) -> bool {
    matches!(mode, DoorMode::FireRelease | DoorMode::HeldUnlocked | DoorMode::Scheduled)
}

impl Door {
    pub(super) fn hold(&mut self, now: Now, hold: Option<Hold>, by: &By, out: &mut Vec<Output>) {
        self.change(now, by, out, |door| door.standing.hold = hold);
    }

    pub(super) fn lockdown(&mut self, now: Now, on: bool, by: &By, out: &mut Vec<Output>) {
        self.change(now, by, out, |door| door.standing.lockdown = on);
    }

    pub(super) fn schedule(&mut self, now: Now, on: bool, out: &mut Vec<Output>) {
        if on != self.scheduled {
            let by = By { actor: "system".to_owned(), why: "schedule".to_owned() };
            self.change(now, &by, out, |door| door.scheduled = on);
        }
    }

    /// What an operator held is over.
    pub(super) fn expire_hold(&mut self, now: Now, out: &mut Vec<Output>) {
        let until = self.standing.hold.and_then(|hold| hold.until);
        if until.is_some_and(|until| until <= now.wall) {
            let by = By { actor: "system".to_owned(), why: "time over".to_owned() };
            self.change(now, &by, out, |door| door.standing.hold = None);
        }
    }

    pub(super) fn clear_alarm(&mut self, now: Now, by: &By, out: &mut Vec<Output>) {
        if self.standing.forced && !matches!(self.state, State::Forced { .. }) {
            self.standing.forced = false;
            let mut record = self.tells(now, "door.forced.cleared", Severity::Info).with("why", &by.why);
            record.actor.clone_from(&by.actor);
            self.record(record, out);
            out.push(Output::Keep(self.standing.clone()));
        }
    }

    pub(super) fn fire_begins(&mut self, now: Now, out: &mut Vec<Output>) {
        if !self.standing.fire {
            self.standing.fire = true;
            out.push(Output::Keep(self.standing.clone()));
            self.tell(now, "fire.release", Severity::Error, out);
        }
        self.follow_mode(now, out);
    }

    /// The input must have cleared.
    pub(super) fn fire_reset(&mut self, now: Now, by: &By, out: &mut Vec<Output>) {
        if !self.standing.fire || self.fire.stands() {
            return;
        }
        self.standing.fire = false;
        out.push(Output::Keep(self.standing.clone()));
        let mut record = self.tells(now, "fire.reset", Severity::Info).with("why", &by.why);
        record.actor.clone_from(&by.actor);
        self.record(record, out);
        self.mode_recorded = false;
        self.mode_begins(now, "fire-reset", out);
    }

    /// Changes what the mode follows from; the record tells the modes before and after, also when a stronger one hides it.
    fn change(&mut self, now: Now, by: &By, out: &mut Vec<Output>, how: impl FnOnce(&mut Self)) {
        let (before, kept) = (self.mode(), self.standing.clone());
        how(self);
        let after = self.mode();
        if self.standing != kept {
            out.push(Output::Keep(self.standing.clone()));
        }
        let mut record = self.tells(now, "door.mode", Severity::Info);
        record.actor.clone_from(&by.actor);
        record = record.with("before", before).with("after", after).with("why", &by.why);
        if let Some(until) = self.standing.hold.and_then(|hold| hold.until) {
            record = record.with("until", until.rfc3339());
        }
        let ticket = self.record(record.clone(), out);
        if before == after {
            return;
        }
        self.pending.retain(|pending| pending.what != Waits::Mode);
        self.mode_recorded = false;
        if unlocks(after) {
            let deadline = now.mono + super::RECORD_WAIT;
            self.pending.push(Pending { ticket, what: Waits::Mode, record, deadline, spooling: false });
        }
        self.follow_mode(now, out);
    }

    /// A mode that was hidden until now; its record goes before it unlocks.
    fn mode_begins(&mut self, now: Now, why: &str, out: &mut Vec<Output>) {
        if unlocks(self.mode()) && !self.mode_recorded {
            let record =
                self.tells(now, "door.mode", Severity::Info).with("after", self.mode()).with("why", why);
            let ticket = self.record(record.clone(), out);
            let deadline = now.mono + super::RECORD_WAIT;
            self.pending.push(Pending { ticket, what: Waits::Mode, record, deadline, spooling: false });
        }
        self.follow_mode(now, out);
    }

    /// Brings the lock to what the mode says.
    pub(super) fn follow_mode(&mut self, now: Now, out: &mut Vec<Output>) {
        if self.state == State::Fault {
            return;
        }
        let mode = self.mode();
        match mode {
            DoorMode::FireRelease => self.stand_free(now, out),
            DoorMode::HeldUnlocked | DoorMode::Scheduled if self.mode_recorded => self.stand_free(now, out),
            DoorMode::HeldUnlocked | DoorMode::Scheduled | DoorMode::Controlled => self.end_free(now, out),
            DoorMode::Lockdown | DoorMode::HeldLocked => {
                self.end_free(now, out);
                self.cut_short(now, out);
            }
        }
    }

    fn stand_free(&mut self, now: Now, out: &mut Vec<Output>) {
        if matches!(self.state, State::Forced { told: false, .. }) {
            self.reclassify(now, out);
        }
        if self.state == State::Held {
            self.tell(now, "door.held.cleared", Severity::Info, out);
        }
        self.state = State::Free;
        self.release(now, LockOrder::Release, out);
    }

    fn end_free(&mut self, now: Now, out: &mut Vec<Output>) {
        if self.state != State::Free {
            return;
        }
        let until = self.passing.iter().map(|passing| passing.until).max();
        if self.contact.is_some_and(|contact| !contact.stands()) {
            self.open_for(now);
            if self.settings.relock == Relock::OnOpen {
                self.lock(now, "mode", out);
            }
        } else if let Some(until) = until.filter(|until| *until > now.mono) {
            // Somebody was let through meanwhile.
            self.state = State::Granted { until };
            self.release_for(now, until.since(now.mono), out);
        } else {
            self.state = State::Secure;
            self.lock(now, "mode", out);
        }
    }

    /// Those who were let through with a card have missed it; whoever pressed the exit button has not.
    fn cut_short(&mut self, now: Now, out: &mut Vec<Output>) {
        if matches!(self.state, State::Granted { .. }) && !self.passing.iter().any(|one| one.cause.is_exit())
        {
            self.state = State::Secure;
            self.not_taken(now, |_| true, Some("mode"), out);
            self.lock(now, "mode", out);
        }
    }
}
