//! All doors of a site, and what they share: who is where, who waits for a second person, whose PIN is blocked, which doors
//! must not be open together.
//!
//! Who calls it: `app::doors`, one task for all doors: decided in two tasks, the two doors of a mantrap would both grant. Each
//! door is a machine (`logic::door`); whether somebody may pass is a plain function (`logic::access`). Files: `reader` what is shown and
//! keyed in, `attempt` what the decision leads to, `pair` who waits for whom, `order` what people order, `presence` who is where, `hours`
//! schedules, `view` what others see.
//!
//! What it remembers that must survive a restart comes out with the records that tell of it ([`Kept`]) and comes back in
//! [`Doors::new`]. Everything that is remembered has a bound.

mod attempt;
mod hours;
mod order;
mod pair;
mod plan;
mod presence;
mod reader;
#[cfg(test)]
mod tests;
mod view;

use std::{collections::BTreeMap, sync::Arc};

use crate::model::{
    DoorIx, DoorOrder, DoorReport, DoorSense, DoorSettings, DoorStanding, DoorsView, Feedback, LockOrder,
    Mono, NewRecord, Now, OrderRefused, Pairing, PersonId, Presence, ReaderOrder, ReaderRef, Side,
    UnknownCard, Wall,
};

use super::{
    access::Book,
    door::{self, Door, Ticket},
};
use attempt::Blocks;
use order::Orders;
use pair::Pairs;
use presence::Presences;
use reader::Reader;

pub use order::OrderNo;
pub use plan::Plan;

/// Cards that nobody holds are kept for whoever enrols them: so many.
const UNKNOWN: usize = 10;

/// What comes in.
#[derive(Clone, Debug)]
pub enum Input {
    /// From hardware.
    Report(DoorReport),
    /// Badges, rules and settings are others.
    Book(Arc<Book>),
    /// Somebody orders something.
    Order(OrderNo, DoorOrder),
    /// What was written with this ticket is on disk.
    Recorded(Ticket),
    /// What was spooled with this ticket is on disk.
    Spooled(Ticket),
    /// It cannot be spooled.
    NotSpooled(Ticket),
    /// Time has passed.
    Tick,
}

/// What is to be done. Locks first: they wait for nothing that comes with them.
#[derive(Clone, Debug, PartialEq)]
pub enum Output {
    /// To a door's lock.
    Lock(DoorIx, LockOrder),
    /// To a reader.
    Reader(ReaderRef, ReaderOrder),
    /// To the journal, in one commit; each ticket is then recorded.
    Write(Written),
    /// To the spool file.
    Spool(Ticket, NewRecord),
    /// To whoever ordered.
    Answer(OrderNo, Result<(), OrderRefused>),
}

/// What is committed together.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Written {
    /// Those that wait for it.
    pub tickets: Vec<Ticket>,
    /// What happened.
    pub records: Vec<NewRecord>,
    /// What is remembered over a restart.
    pub kept: Vec<Kept>,
}

/// What is remembered over a restart.
#[derive(Clone, Debug, PartialEq)]
pub enum Kept {
    /// Of a door.
    Standing(DoorStanding),
    /// Where somebody is.
    Presence(Presence),
    /// Somebody is outside, or forgotten.
    Gone(PersonId),
    /// What is known of a reader since it was paired.
    Pairing(ReaderRef, Box<Pairing>),
}

/// See the module.
pub struct Doors {
    plan: Plan,
    site_key: [u8; 32],
    book: Arc<Book>,
    doors: Vec<Door>,
    readers: BTreeMap<ReaderRef, Reader>,
    presences: Presences,
    pairs: Pairs,
    blocks: Blocks,
    orders: Orders,
    unknown: Vec<UnknownCard>,
    /// The minute by wall time for which schedules were last looked at.
    minute: Option<i64>,
    view: DoorsView,
}

/// Numbers of a door's tickets.
const TICKETS: u64 = 1 << 40;

impl Doors {
    /// As they were left. Nothing is known of any hardware yet.
    #[must_use]
    pub fn new(
        plan: Plan,
        book: Arc<Book>,
        site_key: [u8; 32],
        standings: &[DoorStanding],
        presences: Vec<Presence>,
        now: Wall,
    ) -> Self {
        let doors = (0_u64..).zip(plan.iter()).map(|(n, planned)| {
            let standing = standings.iter().find(|standing| standing.door == planned.id);
            let standing = standing.cloned().unwrap_or_else(|| DoorStanding::new(planned.id.clone()));
            Door::new(settings(&book, planned), standing, Ticket((n + 1) * TICKETS))
        });
        let doors = doors.collect();
        let readers = plan.readers().map(|reader| (reader, Reader::default())).collect();
        let presences = Presences::new(presences);
        let mut all = Self {
            plan,
            site_key,
            book,
            doors,
            readers,
            presences,
            pairs: Pairs::default(),
            blocks: Blocks::default(),
            orders: Orders::default(),
            unknown: Vec::new(),
            minute: None,
            view: DoorsView::default(),
        };
        all.look(now);
        all
    }

    /// Takes an input, and whatever has become due.
    pub fn handle(&mut self, now: Now, input: Input, out: &mut Vec<Output>) {
        let mut turn = Turn::default();
        match input {
            Input::Report(DoorReport::Door(door, sense)) => self.sensed(now, door, sense, &mut turn),
            Input::Report(DoorReport::Reader(reader, event)) => self.told(now, reader, event, &mut turn),
            Input::Book(book) => self.rebook(now, book, &mut turn),
            Input::Order(number, order) => self.order(now, number, order, &mut turn),
            Input::Recorded(ticket) => {
                self.recorded(now, ticket, door::Input::Recorded(ticket), &mut turn);
            }
            Input::Spooled(ticket) => self.recorded(now, ticket, door::Input::Spooled(ticket), &mut turn),
            Input::NotSpooled(ticket) => {
                self.put_by(now, ticket, door::Input::NotSpooled(ticket), &mut turn);
            }
            Input::Tick => {}
        }
        self.pass_time(now, &mut turn);
        if !turn.is_empty() || !out.is_empty() {
            self.look(now.wall);
        }
        turn.end(out);
    }

    /// When it wants to be asked again.
    #[must_use]
    pub fn deadline(&self, now: Now) -> Option<Mono> {
        let doors = self.doors.iter().filter_map(Door::deadline);
        let readers = self.readers.values().filter_map(Reader::deadline);
        let shared = [self.pairs.deadline(), self.orders.deadline(), self.hours_deadline(now)];
        doors.chain(readers).chain(shared.into_iter().flatten()).min()
    }

    /// All doors as others see them.
    #[must_use]
    pub fn view(&self) -> &DoorsView {
        &self.view
    }

    fn sensed(&mut self, now: Now, door: DoorIx, sense: DoorSense, turn: &mut Turn) {
        let input = match sense {
            DoorSense::Inputs(inputs) => door::Input::Inputs(inputs),
            DoorSense::Lost => door::Input::Lost,
            DoorSense::Done(order) => door::Input::Done(order),
            DoorSense::Failed(order, why) => door::Input::Failed(order, why),
        };
        if matches!(input, door::Input::Lost) {
            self.doubt(door, turn);
        }
        self.put(now, door, input, turn);
    }

    /// Gives an input to a door, and follows what comes out of it.
    fn put(&mut self, now: Now, ix: DoorIx, input: door::Input, turn: &mut Turn) {
        let Some(machine) = self.doors.get_mut(usize::from(ix.0)) else { return };
        let mut out = Vec::new();
        machine.handle(now, input, &mut out);
        for output in out {
            match output {
                door::Output::Lock(order) => turn.locks.push(Output::Lock(ix, order)),
                door::Output::Show(feedback) => self.show_both(ix, feedback, turn),
                door::Output::Tell(record) => turn.written.records.push(record),
                door::Output::Record(ticket, record) => {
                    turn.written.records.push(record);
                    turn.written.tickets.push(ticket);
                }
                door::Output::Spool(ticket, record) => turn.rest.push(Output::Spool(ticket, record)),
                door::Output::Keep(standing) => turn.written.kept.push(Kept::Standing(standing)),
                door::Output::Taken(cause) => self.taken(now, ix, &cause, turn),
                door::Output::Unrecorded(cause) => {
                    if let Some(side) = cause.side {
                        self.show_for_a_moment(ReaderRef { door: ix, side }, Feedback::Denied, turn);
                    }
                }
            }
        }
    }

    /// Gives an input to the door that a ticket is of.
    fn put_by(&mut self, now: Now, ticket: Ticket, input: door::Input, turn: &mut Turn) {
        if let Some(ix) = (ticket.0 / TICKETS).checked_sub(1).and_then(|n| u16::try_from(n).ok()) {
            self.put(now, DoorIx(ix), input, turn);
        }
    }

    fn recorded(&mut self, now: Now, ticket: Ticket, input: door::Input, turn: &mut Turn) {
        self.put_by(now, ticket, input, turn);
        turn.rest.extend(self.orders.recorded(ticket));
    }

    fn rebook(&mut self, now: Now, book: Arc<Book>, turn: &mut Turn) {
        self.book = book;
        self.minute = None;
        for n in 0..self.doors.len() {
            let Some((ix, planned)) = u16::try_from(n).ok().map(DoorIx).zip(self.plan.get(n)) else {
                continue;
            };
            let settings = Box::new(settings(&self.book, planned));
            self.put(now, ix, door::Input::Settings(settings), turn);
        }
    }

    fn pass_time(&mut self, now: Now, turn: &mut Turn) {
        for n in 0..self.doors.len() {
            let due = self.doors.get(n).and_then(Door::deadline).is_some_and(|due| due <= now.mono);
            let held = self.doors.get(n).is_some_and(|door| hours::is_over(door, now.wall));
            if let Some(ix) = u16::try_from(n).ok().filter(|_| due || held) {
                self.put(now, DoorIx(ix), door::Input::Tick, turn);
            }
        }
        self.expire_entries(now, turn);
        self.expire_pairs(now, turn);
        turn.rest.extend(self.orders.expire(now.mono));
        self.follow_hours(now, turn);
    }

    fn door(&self, ix: DoorIx) -> Option<&Door> {
        self.doors.get(usize::from(ix.0))
    }

    fn show_both(&self, door: DoorIx, feedback: Feedback, turn: &mut Turn) {
        for side in [Side::Entry, Side::Exit] {
            self.show(ReaderRef { door, side }, feedback, turn);
        }
    }

    fn show(&self, reader: ReaderRef, feedback: Feedback, turn: &mut Turn) {
        if self.readers.contains_key(&reader) {
            turn.rest.push(Output::Reader(reader, ReaderOrder::Show(feedback)));
        }
    }

    /// Shows something, and then what stands.
    fn show_for_a_moment(&self, reader: ReaderRef, feedback: Feedback, turn: &mut Turn) {
        self.show(reader, feedback, turn);
        if let Some(stands) = self.door(reader.door).map(Door::feedback) {
            self.show(reader, stands, turn);
        }
    }
}

/// How a door behaves: as somebody said, or as doors do at first.
fn settings(book: &Book, planned: &plan::Planned) -> DoorSettings {
    let own = book.settings(&planned.id).cloned();
    own.unwrap_or_else(|| DoorSettings::new(planned.id.clone(), planned.magnet))
}

/// What came out of one input.
#[derive(Default)]
struct Turn {
    locks: Vec<Output>,
    written: Written,
    rest: Vec<Output>,
}

impl Turn {
    fn is_empty(&self) -> bool {
        self.locks.is_empty() && self.rest.is_empty() && self.written == Written::default()
    }

    /// The tickets of now, for whoever waits for what has just come out.
    fn tickets(&self) -> usize {
        self.written.tickets.len()
    }

    fn end(self, out: &mut Vec<Output>) {
        out.extend(self.locks);
        if self.written != Written::default() {
            out.push(Output::Write(self.written));
        }
        out.extend(self.rest);
    }
}
