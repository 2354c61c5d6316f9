//! The one task of all doors: around `logic::doors`, it takes what readers and door hardware tell and what people order, and
//! gives out what locks, readers and the journal are to do.
//!
//! It awaits nothing but its inputs and its deadline: no disk, no network, no lock of anybody. What it has to write goes to the
//! `scribe`, what waited too long to the `spool`, and both say when it is on disk. It does not pass through the hall's task.
//!
//! ```text
//! readers, line tasks, pins ── DoorReport ──▶ ┌──────┐ ──▶ LockOrder, ReaderOrder
//! desk (pages, API, console) ── orders ─────▶ │ task │ ──▶ view
//! access registry ── book ──────────────────▶ └──────┘ ──▶ scribe ──▶ journal; spool ──▶ file
//!                                                ▲──── Recorded, Spooled ─────┘
//! ```
//!
//! Bounds: [`REPORTS`] reports, [`ORDERS`] orders, [`WRITES`] writes and as many again that wait here; reaching the last is an error
//! in the program's log, and what can then not be kept is counted there.

mod book;
mod commands;
mod scribe;
mod spool;
mod start;
mod wired;

use std::{
    collections::{BTreeMap, VecDeque},
    sync::Arc,
    time::Duration,
};

use tokio::{
    sync::{mpsc, oneshot, watch},
    time::sleep,
};
use tokio_util::sync::CancellationToken;
use tracing::{error, warn};

use crate::{
    access::Ordered,
    logic::{
        access::Book,
        door::Ticket,
        doors::{Doors, Input, OrderNo, Output, Written},
    },
    model::{
        Clock, DoorIx, DoorReport, DoorSense, DoorsView, LockOrder, NewRecord, OrderRefused, ReaderOrder,
        ReaderRef,
    },
};

pub(super) use commands::pass_on;
pub(super) use start::{DoorsStart, Running};
pub use start::{ReaderTask, StartReader};

/// Reports that may wait for the task: more than all doors of a large site tell at once.
const REPORTS: usize = 1024;

/// Orders of people that may wait.
const ORDERS: usize = 16;

/// Writes that may wait for the scribe.
const WRITES: usize = 1024;

/// Orders that may wait for a lock or a reader.
const TOLD: usize = 16;

/// Without a deadline the task looks after itself so often.
const IDLE: Duration = Duration::from_secs(60);

/// What the task needs.
struct Task {
    doors: Doors,
    clock: Arc<dyn Clock>,
    reports: mpsc::Receiver<DoorReport>,
    orders: mpsc::Receiver<Ordered>,
    /// What is on disk.
    returns: mpsc::Receiver<Input>,
    book: watch::Receiver<Arc<Book>>,
    view: watch::Sender<Arc<DoorsView>>,
    locks: BTreeMap<DoorIx, mpsc::Sender<LockOrder>>,
    readers: BTreeMap<ReaderRef, mpsc::Sender<ReaderOrder>>,
    writes: mpsc::Sender<Written>,
    spool: mpsc::Sender<spool::Job>,
    /// Writes for which the scribe has no room.
    backlog: VecDeque<Written>,
    answers: BTreeMap<OrderNo, oneshot::Sender<Result<(), OrderRefused>>>,
    next_order: u64,
}

impl Task {
    async fn run(mut self, shutdown: CancellationToken) {
        loop {
            let now = self.clock.now();
            let due = self.doors.deadline(now).map_or(IDLE, |due| due.since(now.mono));
            let backlog = !self.backlog.is_empty();
            let input = tokio::select! {
                biased;
                () = shutdown.cancelled() => return,
                Some(input) = self.returns.recv() => input,
                Some(report) = self.reports.recv() => Input::Report(report),
                Some(ordered) = self.orders.recv() => self.ordered(ordered),
                Ok(()) = self.book.changed() => Input::Book(Arc::clone(&self.book.borrow_and_update())),
                Ok(room) = self.writes.clone().reserve_owned(), if backlog => {
                    if let Some(written) = self.backlog.pop_front() {
                        room.send(written);
                    }
                    continue;
                }
                () = sleep(due) => Input::Tick,
            };
            self.handle(input);
            self.tell_view();
        }
    }

    fn handle(&mut self, input: Input) {
        let mut out = Vec::new();
        self.doors.handle(self.clock.now(), input, &mut out);
        out.into_iter().for_each(|output| self.carry_out(output));
    }

    fn ordered(&mut self, Ordered { order, answer }: Ordered) -> Input {
        self.next_order += 1;
        let number = OrderNo(self.next_order);
        self.answers.insert(number, answer);
        Input::Order(number, order)
    }

    fn carry_out(&mut self, output: Output) {
        match output {
            Output::Lock(door, order) => self.lock(door, order),
            Output::Reader(reader, order) => {
                let told = self.readers.get(&reader).map(|reader| reader.try_send(order));
                if told.is_some_and(|told| told.is_err()) {
                    warn!(door = reader.door.0, side = %reader.side, "the reader takes no more orders");
                }
            }
            Output::Write(written) => self.write(written),
            Output::Spool(ticket, record) => self.spool(ticket, record),
            Output::Answer(number, answer) => {
                if let Some(waiting) = self.answers.remove(&number) {
                    // Whoever ordered may have gone.
                    waiting.send(answer).ok();
                }
            }
        }
    }

    fn lock(&mut self, door: DoorIx, order: LockOrder) {
        let told = self.locks.get(&door).map(|lock| lock.try_send(order));
        if told.is_some_and(|told| told.is_err()) {
            error!(door = door.0, ?order, "the door's hardware takes no more orders");
            let failed = DoorSense::Failed(order, "its hardware takes no more orders".to_owned());
            self.handle(Input::Report(DoorReport::Door(door, failed)));
        }
    }

    /// In order, and without waiting.
    fn write(&mut self, written: Written) {
        let written = if self.backlog.is_empty() {
            match self.writes.try_send(written) {
                Ok(()) => return,
                Err(full) => full.into_inner(),
            }
        } else {
            written
        };
        if self.backlog.len() >= WRITES {
            let codes: Vec<&str> = written.records.iter().map(|record| record.code).collect();
            error!(?codes, "too many writes of doors wait for the journal: these are lost");
        } else {
            self.backlog.push_back(written);
        }
    }

    fn spool(&mut self, ticket: Ticket, record: NewRecord) {
        if self.spool.try_send(spool::Job::Keep(ticket, record)).is_err() {
            error!("the spool takes no more records");
            self.handle(Input::NotSpooled(ticket));
        }
    }

    fn tell_view(&self) {
        let seen = self.doors.view();
        self.view.send_if_modified(|view| {
            let newer = view.revision != seen.revision;
            if newer {
                *view = Arc::new(seen.clone());
            }
            newer
        });
    }
}
