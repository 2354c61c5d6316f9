//! What the leaf, the exit button, fire and tamper inputs do, and what is made of it.

use super::{Cause, Debounced, Door, GRACE, Output, State};
use crate::model::{Contact, DoorInputs, Mono, Now, Relock, Severity};

impl Door {
    /// Takes what was read. The first time, and after the hardware was lost, it is taken as it is.
    pub(super) fn sense(&mut self, now: Now, inputs: DoorInputs, out: &mut Vec<Output>) {
        self.see_fault(now, inputs.contact, out);
        let closed = inputs.contact.map(|contact| contact == Contact::Closed);
        if self.hardware != Some(true) {
            return self.find(now, inputs, closed, out);
        }
        let span = self.settings.debounce;
        if let (Some(contact), Some(closed)) = (&mut self.contact, closed) {
            contact.see(now.mono, closed, span);
        }
        self.exit.see(now.mono, inputs.exit_button.unwrap_or(false), span);
        self.fire.see(now.mono, inputs.fire.unwrap_or(false), span);
        self.tamper.see(now.mono, inputs.tamper.unwrap_or(false), span);
    }

    fn see_fault(&mut self, now: Now, contact: Option<Contact>, out: &mut Vec<Output>) {
        let fault = contact == Some(Contact::Fault);
        if fault && !self.contact_fault {
            let record = self.tells(now, "door.fault", Severity::Error).with("what", "contact");
            out.push(Output::Tell(record));
        }
        self.contact_fault = fault;
    }

    /// The hardware is there, perhaps again: the door is taken as it stands. Nothing has been ordered of it until now.
    fn find(&mut self, now: Now, inputs: DoorInputs, closed: Option<bool>, out: &mut Vec<Output>) {
        self.hardware = Some(true);
        self.tell(now, "io.online", Severity::Info, out);
        self.contact = closed.map(Debounced::new);
        self.exit = Debounced::new(false);
        self.exit.see(now.mono, inputs.exit_button.unwrap_or(false), self.settings.debounce);
        self.fire = Debounced::new(false);
        self.tamper = Debounced::new(false);
        self.tamper.see(now.mono, inputs.tamper.unwrap_or(false), self.settings.debounce);
        self.state = State::Secure;
        if closed == Some(false) {
            self.open_for(now);
            self.tell(now, "door.open_at_start", Severity::Warning, out);
        }
        // What the lock was last told is not known: as its output stands, or released if nobody can say.
        self.released = inputs.released.unwrap_or(true);
        if inputs.fire == Some(true) {
            self.fire = Debounced::new(true);
            self.fire_begins(now, out);
        } else {
            self.follow_mode(now, out);
        }
        if self.released && !self.may_be_released() {
            self.lock(now, "start", out);
        }
    }

    /// Nothing is known of the door any more.
    pub(super) fn lose(&mut self, now: Now, out: &mut Vec<Output>) {
        if self.hardware == Some(false) {
            return;
        }
        self.hardware = Some(false);
        self.tell(now, "io.offline", Severity::Error, out);
        self.state = State::Fault;
        self.retry = None;
        self.contact = None;
        // What was about to change is not known any more.
        for input in [&mut self.exit, &mut self.fire, &mut self.tamper] {
            *input = Debounced::new(input.stands());
        }
        self.abandon(now, out);
    }

    pub(super) fn settle_inputs(&mut self, now: Now, out: &mut Vec<Output>) {
        if self.hardware != Some(true) {
            return;
        }
        if let Some(on) = self.fire.settle(now.mono)
            && on
        {
            self.fire_begins(now, out);
        }
        if let Some(on) = self.tamper.settle(now.mono) {
            let severity = if on { Severity::Error } else { Severity::Info };
            let record = self.tells(now, "door.tamper", severity).with("on", on);
            out.push(Output::Tell(record));
        }
        if self.exit.settle(now.mono) == Some(true) {
            self.exit_pressed(now, out);
        }
        match self.contact.as_mut().and_then(|contact| contact.settle(now.mono)) {
            Some(true) => self.closed(now, out),
            Some(false) => self.opened(now, out),
            None => {}
        }
    }

    /// Unlocks whatever the mode, and waits for no record.
    fn exit_pressed(&mut self, now: Now, out: &mut Vec<Output>) {
        let cause = Cause::exit();
        out.push(Output::Tell(cause.told(self.tells(now, "access.granted.exit", Severity::Info))));
        self.let_through(now, cause, false, out);
    }

    fn opened(&mut self, now: Now, out: &mut Vec<Output>) {
        match self.state {
            State::Granted { .. } => {
                self.open_for(now);
                self.tell(now, "door.opened", Severity::Info, out);
                self.take_all(now, out);
                if self.settings.relock == Relock::OnOpen {
                    self.lock(now, "opened", out);
                }
            }
            State::Free => {
                self.tell(now, "door.opened", Severity::Info, out);
                self.take_all(now, out);
            }
            State::Secure => self.state = State::Forced { since: now.mono, told: false },
            State::Open { .. } | State::Held | State::Forced { .. } | State::Fault => {}
        }
    }

    fn closed(&mut self, now: Now, out: &mut Vec<Output>) {
        match self.state {
            State::Forced { told: false, .. } => self.forced(now, out),
            State::Held => self.tell(now, "door.held.cleared", Severity::Info, out),
            State::Fault
            | State::Secure
            | State::Granted { .. }
            | State::Open { .. }
            | State::Forced { .. } => {}
            State::Free => {}
        }
        self.tell(now, "door.closed", Severity::Info, out);
        if self.state == State::Free {
            return;
        }
        // Whoever was let through after it had opened may still pull it open again.
        let until = self.passing.iter().map(|passing| passing.until).max().filter(|until| *until > now.mono);
        self.state = match until {
            Some(until) if self.released => State::Granted { until },
            Some(_) | None => State::Secure,
        };
        if self.state == State::Secure && self.released {
            self.lock(now, "closed", out);
        }
    }

    /// It stands open by right from now on.
    pub(super) fn open_for(&mut self, now: Now) {
        self.state = State::Open { held: now.mono + self.settings.held, warned: false };
    }

    /// When readers begin to warn, if it is open for too long from `held` on.
    pub(super) fn warning(&self, held: Mono) -> Mono {
        held.before(self.settings.warning)
    }

    pub(super) fn expire_leaf(&mut self, now: Now, out: &mut Vec<Output>) {
        match self.state {
            State::Forced { since, told: false } if since + GRACE <= now.mono => self.forced(now, out),
            State::Open { held, .. } if held <= now.mono => {
                self.state = State::Held;
                self.tell(now, "door.held", Severity::Error, out);
                if self.released {
                    self.lock(now, "held", out);
                }
            }
            State::Open { held, warned: false } if self.warning(held) <= now.mono => {
                self.state = State::Open { held, warned: true };
                self.tell(now, "door.held.prewarn", Severity::Warning, out);
            }
            State::Fault
            | State::Secure
            | State::Granted { .. }
            | State::Open { .. }
            | State::Held
            | State::Forced { .. }
            | State::Free => {}
        }
    }

    /// Nobody's right came within the grace.
    fn forced(&mut self, now: Now, out: &mut Vec<Output>) {
        if let State::Forced { since, .. } = self.state {
            self.state = State::Forced { since, told: true };
        }
        self.tell(now, "door.forced", Severity::Error, out);
        self.standing.forced = true;
        out.push(Output::Keep(self.standing.clone()));
    }

    /// A right that came together with the opening makes it lawful.
    pub(super) fn reclassify(&mut self, now: Now, out: &mut Vec<Output>) {
        if matches!(self.state, State::Forced { told: false, .. }) {
            self.open_for(now);
            self.tell(now, "door.opened", Severity::Info, out);
        }
    }
}
