//! One door, as a machine: what is sensed, decided and ordered goes in; what lock, readers and journal are to do comes out.
//!
//! ```text
//! Fault ──first inputs──▶ Secure ──grant, its record on disk──▶ Granted ──opens──▶ Open ──too long──▶ Held
//!   ▲                       │  ▲         exit button ──▶ Granted   │                 │                 │
//!   │ hardware lost         │  └──── time out: not taken ──────────┘   closes ◀──────┴──── closes ◀────┘
//!   └── every state         └── opens by nobody's right ──▶ Forced ── closes ──▶ Secure, the alarm stays
//! Free: unlocked by its mode; fire release > lockdown > held by an operator > schedule > controlled
//! ```
//!
//! Who calls it: `logic::doors`, which owns all machines and decides who may pass. Files: `leaf` what the leaf and the other
//! inputs do, `mode` why it is locked or not, `grant` what waits for its record, `lock` the lock itself.
//!
//! What it promises, for every sequence of inputs: no order before the inputs were read once; no unlocking without a grant, an
//! exit, an order or a mode, and none that waits for no record but for exit and fire; never unlocked past its deadline; each
//! edge of the lock has a record; fire goes before everything. Timers are monotonic; what an operator holds ends by wall time.
//!
//! Terms: *taken* — the door was opened by who was granted; *passing* — who was let through and has not opened it yet.

mod debounce;
mod grant;
mod leaf;
mod lock;
mod mode;
mod passing;
#[cfg(test)]
mod tests;

use std::time::Duration;

use chrono::NaiveDate;

use crate::model::{
    Contact, DoorAlarm, DoorInputs, DoorMode, DoorSettings, DoorStanding, Feedback, Hold, Id, LockOrder,
    Mono, NewRecord, Now, PortalState, Severity, Wall,
};

use debounce::Debounced;
use passing::{Passing, Pending};

pub use passing::{Cause, Ticket};

/// A door that was opened by nobody's right so long before a grant or an exit was opened by that: both came together.
const GRACE: Duration = Duration::from_millis(300);

/// A grant's record is waited for so long; then the door's policy counts.
pub const RECORD_WAIT: Duration = Duration::from_millis(250);

/// The spool file is waited for so long.
pub const SPOOL_WAIT: Duration = Duration::from_secs(2);

/// A lock that did not obey is told again after so long; locking twice does no harm.
const RETRY: Duration = Duration::from_secs(1);

/// Those let through at a time, and what waits for its record; more are denied.
const MOST: usize = 16;

/// What comes in.
#[derive(Clone, Debug)]
pub enum Input {
    /// The inputs as they were just read.
    Inputs(DoorInputs),
    /// The hardware no longer answers.
    Lost,
    /// An order was carried out.
    Done(LockOrder),
    /// An order was not carried out: why, for people.
    Failed(LockOrder, String),
    /// Somebody may pass: `record` tells so, and is to be on disk before.
    Grant {
        /// By whom.
        cause: Cause,
        /// Unlocked for longer.
        long: bool,
        /// What goes to the journal before.
        record: NewRecord,
    },
    /// A record is on disk.
    Recorded(Ticket),
    /// A record is on disk in the spool file.
    Spooled(Ticket),
    /// A record cannot be written to the spool file either.
    NotSpooled(Ticket),
    /// An operator holds it, or ends that.
    Hold(Option<Hold>, By),
    /// Locked down, or that ends.
    Lockdown(bool, By),
    /// The alarm of a forced door is ended.
    ClearAlarm(By),
    /// A fire release is ended.
    FireReset(By),
    /// The first card has come, on this day by local time.
    Armed(NaiveDate),
    /// Whether the schedule has it unlocked now.
    Scheduled(bool),
    /// It is to behave otherwise.
    Settings(Box<DoorSettings>),
    /// Time has passed.
    Tick,
}

/// Who orders, and why.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct By {
    /// As records name it.
    pub actor: String,
    /// Why; may be empty.
    pub why: String,
}

/// What is to be done.
#[derive(Clone, Debug, PartialEq)]
pub enum Output {
    /// To the lock.
    Lock(LockOrder),
    /// To all of its readers, from now on.
    Show(Feedback),
    /// To the journal; nothing waits for it.
    Tell(NewRecord),
    /// To the journal; [`Input::Recorded`] is waited for, by the door or by whoever ordered.
    Record(Ticket, NewRecord),
    /// To the spool file; [`Input::Spooled`] is waited for.
    Spool(Ticket, NewRecord),
    /// What it keeps over a restart has changed.
    Keep(DoorStanding),
    /// Somebody has opened the door that was let through.
    Taken(Cause),
    /// What was to be recorded was not in time, and the door stayed locked.
    Unrecorded(Cause),
}

/// Where it is.
#[derive(Clone, Copy, Debug, PartialEq)]
enum State {
    Fault,
    Secure,
    /// Unlocked until then, still closed.
    Granted {
        until: Mono,
    },
    /// Open by right; too long from then on.
    Open {
        held: Mono,
        warned: bool,
    },
    Held,
    /// Opened by nobody's right; told once the grace is over.
    Forced {
        since: Mono,
        told: bool,
    },
    Free,
}

/// See the module.
#[derive(Clone, Debug)]
pub struct Door {
    settings: DoorSettings,
    state: State,
    standing: DoorStanding,
    scheduled: bool,
    contact: Option<Debounced<bool>>,
    exit: Debounced<bool>,
    fire: Debounced<bool>,
    tamper: Debounced<bool>,
    contact_fault: bool,
    passing: Vec<Passing>,
    pending: Vec<Pending>,
    /// Whether the mode may unlock: its record is on disk.
    mode_recorded: bool,
    /// Whether the lock was last told to release.
    released: bool,
    /// A lock that did not obey is told again then.
    retry: Option<Mono>,
    shown: Feedback,
    /// Whether the hardware answers.
    hardware: Option<bool>,
    next_ticket: Ticket,
}

impl Door {
    /// As it was left; nothing is known of its hardware yet. Its tickets begin at `first`.
    #[must_use]
    pub fn new(settings: DoorSettings, standing: DoorStanding, first: Ticket) -> Self {
        // What an operator holds was recorded when it began.
        let mode_recorded = standing.hold.is_some_and(|hold| hold.unlocked);
        Self {
            settings,
            state: State::Fault,
            standing,
            scheduled: false,
            contact: None,
            exit: Debounced::new(false),
            fire: Debounced::new(false),
            tamper: Debounced::new(false),
            contact_fault: false,
            passing: Vec::new(),
            pending: Vec::new(),
            mode_recorded,
            released: false,
            retry: None,
            shown: Feedback::Fault,
            hardware: None,
            next_ticket: first,
        }
    }

    /// Takes an input, and whatever has become due.
    pub fn handle(&mut self, now: Now, input: Input, out: &mut Vec<Output>) {
        match input {
            Input::Inputs(inputs) => self.sense(now, inputs, out),
            Input::Lost => self.lose(now, out),
            Input::Done(order) => self.done(order),
            Input::Failed(order, why) => self.failed(now, order, &why, out),
            Input::Grant { cause, long, record } => self.grant(now, cause, long, record, out),
            Input::Recorded(ticket) | Input::Spooled(ticket) => self.recorded(now, ticket, out),
            Input::NotSpooled(ticket) => self.not_spooled(now, ticket, out),
            Input::Hold(hold, by) => self.hold(now, hold, &by, out),
            Input::Lockdown(on, by) => self.lockdown(now, on, &by, out),
            Input::ClearAlarm(by) => self.clear_alarm(now, &by, out),
            Input::FireReset(by) => self.fire_reset(now, &by, out),
            Input::Armed(day) => {
                self.standing.armed = Some(day);
                out.push(Output::Keep(self.standing.clone()));
            }
            Input::Scheduled(on) => self.schedule(now, on, out),
            Input::Settings(settings) => self.settings = *settings,
            Input::Tick => {}
        }
        self.pass_time(now, out);
        self.show(out);
    }

    /// When it wants to be asked again.
    #[must_use]
    pub fn deadline(&self) -> Option<Mono> {
        let state = match self.state {
            State::Granted { until } => Some(until),
            State::Open { held, warned: true } => Some(held),
            State::Open { held, warned: false } => Some(self.warning(held)),
            State::Forced { since, told: false } => Some(since + GRACE),
            State::Fault | State::Secure | State::Held | State::Forced { told: true, .. } | State::Free => {
                None
            }
        };
        let inputs = [self.exit.due(), self.fire.due(), self.tamper.due(), self.retry, state];
        let inputs = inputs.into_iter().chain([self.contact.and_then(|contact| contact.due())]).flatten();
        let passing = self.passing.iter().map(|passing| passing.until);
        inputs.chain(passing).chain(self.pending.iter().map(|pending| pending.deadline)).min()
    }

    /// Whether its fire input still says so.
    #[must_use]
    pub fn burns(&self) -> bool {
        self.fire.stands()
    }

    /// Why it is locked or not.
    #[must_use]
    pub fn mode(&self) -> DoorMode {
        mode::mode(&self.standing, self.scheduled)
    }

    /// Where it is.
    #[must_use]
    pub fn state(&self) -> PortalState {
        match self.state {
            State::Fault => PortalState::Fault,
            State::Secure if !self.pending.is_empty() => PortalState::Granting,
            State::Secure => PortalState::Secure,
            State::Granted { .. } => PortalState::Granted,
            State::Open { warned: false, .. } => PortalState::Open,
            State::Open { warned: true, .. } => PortalState::HeldWarning,
            State::Held => PortalState::Held,
            State::Forced { .. } => PortalState::Forced,
            State::Free => PortalState::Free,
        }
    }

    /// Whether its lock was last told to release.
    #[must_use]
    pub fn is_released(&self) -> bool {
        self.released
    }

    /// Its leaf, if there is a contact and it can be believed.
    #[must_use]
    pub fn contact(&self) -> Option<Contact> {
        let contact = self.contact.filter(|_| self.hardware == Some(true))?;
        Some(match (self.contact_fault, contact.stands()) {
            (true, _) => Contact::Fault,
            (false, true) => Contact::Closed,
            (false, false) => Contact::Open,
        })
    }

    /// Whether nobody could pass it now, for its interlock's siblings: known, closed, locked and not about to be unlocked.
    #[must_use]
    pub fn is_shut(&self) -> bool {
        let open = self.contact.is_some_and(|contact| !contact.stands());
        self.state == State::Secure && !open && !self.released && self.pending.is_empty()
    }

    /// Whether its hardware answers; `None` before it was first read.
    #[must_use]
    pub fn hardware(&self) -> Option<bool> {
        self.hardware
    }

    /// Whether somebody is at its hardware.
    #[must_use]
    pub fn is_tampered(&self) -> bool {
        self.tamper.stands()
    }

    /// Until when an operator holds it, if that is its mode and has an end.
    #[must_use]
    pub fn held_until(&self) -> Option<Wall> {
        let held = matches!(self.mode(), DoorMode::HeldUnlocked | DoorMode::HeldLocked);
        self.standing.hold.filter(|_| held).and_then(|hold| hold.until)
    }

    /// Why it needs somebody.
    #[must_use]
    pub fn alarm(&self) -> Option<DoorAlarm> {
        match self.state {
            State::Held => Some(DoorAlarm::Held),
            _ if self.standing.forced => Some(DoorAlarm::Forced),
            State::Fault
            | State::Secure
            | State::Granted { .. }
            | State::Open { .. }
            | State::Forced { .. }
            | State::Free => None,
        }
    }

    /// How it is to behave.
    #[must_use]
    pub fn settings(&self) -> &DoorSettings {
        &self.settings
    }

    /// What it keeps over a restart.
    #[must_use]
    pub fn standing(&self) -> &DoorStanding {
        &self.standing
    }

    fn id(&self) -> &Id {
        &self.settings.door
    }

    /// A record of this door.
    fn tells(&self, now: Now, code: &'static str, severity: Severity) -> NewRecord {
        NewRecord::system(now, code, severity).at(self.id().as_str())
    }

    /// To the journal, and waited for.
    fn record(&mut self, record: NewRecord, out: &mut Vec<Output>) -> Ticket {
        let ticket = self.next_ticket;
        self.next_ticket = Ticket(ticket.0 + 1);
        out.push(Output::Record(ticket, record));
        ticket
    }

    fn tell(&self, now: Now, code: &'static str, severity: Severity, out: &mut Vec<Output>) {
        out.push(Output::Tell(self.tells(now, code, severity)));
    }

    /// Everything that is due.
    fn pass_time(&mut self, now: Now, out: &mut Vec<Output>) {
        self.settle_inputs(now, out);
        self.expire_pending(now, out);
        self.expire_passing(now, out);
        self.expire_leaf(now, out);
        self.expire_hold(now, out);
        if self.retry.is_some_and(|retry| retry <= now.mono) {
            self.retry = None;
            out.push(Output::Lock(LockOrder::Lock));
        }
    }

    /// Tells readers what stands, if that is something else.
    fn show(&mut self, out: &mut Vec<Output>) {
        let shown = self.feedback();
        if shown != self.shown {
            self.shown = shown;
            out.push(Output::Show(shown));
        }
    }

    /// What its readers show while nobody is at them.
    #[must_use]
    pub fn feedback(&self) -> Feedback {
        match (self.state, self.mode()) {
            (State::Fault, _) => Feedback::Fault,
            (State::Held | State::Forced { told: true, .. }, _) => Feedback::Held,
            (State::Open { warned: true, .. }, _) => Feedback::HeldWarning,
            (_, DoorMode::Lockdown) => Feedback::Lockdown,
            (State::Free, _) => Feedback::Free,
            (
                State::Secure
                | State::Granted { .. }
                | State::Open { .. }
                | State::Forced { told: false, .. },
                _,
            ) => Feedback::Idle,
        }
    }
}
