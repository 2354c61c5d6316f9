//! Starts the doors: how they were left, what was spooled, the channels to lines, readers and pins, and the tasks.

use std::{collections::BTreeMap, future::Future, path::PathBuf, pin::Pin, sync::Arc};

use hallward_site::{Site, Wire};
use tokio::{
    runtime::Handle,
    sync::{broadcast, mpsc, watch},
    task::JoinSet,
};
use tokio_util::sync::CancellationToken;
use tracing::warn;

use super::{ORDERS, REPORTS, TOLD, Task, WRITES, book, scribe::Scribe, spool, wired::Wired};
use crate::{
    access::Desk,
    app::time::Hold,
    bus::DoorsEnd,
    logic::{
        access::Book,
        doors::{Doors, Plan},
    },
    model::{
        AccessData, Clock, DoorIx, DoorReport, Id, LockOrder, Plant, ReaderOrder, ReaderRef, Record, Side,
    },
    store::{Journal, Seal, StoreError, Write},
};

/// The spool file, in its folder.
const SPOOL: &str = "doors.spool";

/// A task that serves a reader.
pub type ReaderTask = Pin<Box<dyn Future<Output = ()> + Send>>;

/// Makes the task of a reader that is reached otherwise than the site file says.
pub type StartReader =
    Arc<dyn Fn(ReaderRef, mpsc::Receiver<ReaderOrder>, mpsc::Sender<DoorReport>) -> ReaderTask + Send + Sync>;

/// What is needed to start.
pub(in crate::app) struct DoorsStart<'s> {
    pub(in crate::app) plant: &'s Plant,
    pub(in crate::app) clock: Arc<dyn Clock>,
    pub(in crate::app) journal: Journal,
    pub(in crate::app) committed: broadcast::Sender<Arc<Record>>,
    pub(in crate::app) access: watch::Receiver<Arc<AccessData>>,
    /// Of cards and PINs.
    pub(in crate::app) card_key: [u8; 32],
    /// Of readers' keys.
    pub(in crate::app) seal: Arc<Seal>,
    /// The folder of the spool file.
    pub(in crate::app) spool: PathBuf,
    pub(in crate::app) run: [u8; 16],
    pub(in crate::app) hold: Hold,
    /// Readers that are reached otherwise than the site file says.
    pub(in crate::app) readers: Option<StartReader>,
    pub(in crate::app) shutdown: CancellationToken,
}

/// What has started.
pub(in crate::app) struct Running {
    pub(in crate::app) desk: Desk,
    /// What lines need to serve doors, by their ids.
    pub(in crate::app) ends: BTreeMap<Id, DoorsEnd>,
}

/// The ends of the channels of locks and readers that their tasks take.
struct Wires {
    locks: Vec<(DoorIx, mpsc::Receiver<LockOrder>)>,
    readers: Vec<(ReaderRef, mpsc::Receiver<ReaderOrder>)>,
}

impl DoorsStart<'_> {
    /// Starts all tasks on the doors' runtime.
    ///
    /// # Errors
    /// How doors were left cannot be read, or what was spooled cannot be written.
    pub(in crate::app) async fn start(
        mut self,
        runtime: &Handle,
        tasks: &mut JoinSet<()>,
    ) -> Result<Running, StoreError> {
        let spool_path = self.spool.join(SPOOL);
        self.bring_spooled(&spool_path).await?;
        let left = self.journal.reader().left_doors().await?;
        let site = &self.plant.site;
        let first = Arc::new(Book::new(&self.access.borrow_and_update().clone(), site.time_zone));
        let now = self.clock.now().wall;
        let plan = Plan::of(site);
        let doors = Doors::new(plan, Arc::clone(&first), self.card_key, &left.standings, left.presences, now);
        let (book, follows) = watch::channel(first);
        let (view, seen) = watch::channel(Arc::new(doors.view().clone()));
        let (reports, reported) = mpsc::channel(REPORTS);
        let (orders, ordered) = mpsc::channel(ORDERS);
        let (returns, returned) = mpsc::channel(WRITES);
        let (writes, written) = mpsc::channel(WRITES);
        let (spools, spooled) = mpsc::channel(WRITES);
        let (locks, readers, wires) = channels(site);
        let task = Task {
            doors,
            clock: Arc::clone(&self.clock),
            reports: reported,
            orders: ordered,
            returns: returned,
            book: follows,
            view,
            locks,
            readers,
            writes,
            spool: spools.clone(),
            backlog: Default::default(),
            answers: BTreeMap::new(),
            next_order: 0,
        };
        let (journal, committed) = (self.journal.clone(), self.committed.clone());
        let scribe = Scribe {
            journal,
            committed,
            writes: written,
            returns: returns.clone(),
            spool: spools,
            hold: self.hold,
            seal: Arc::clone(&self.seal),
            doors: site.doors.iter().map(|door| door.id.clone()).collect(),
        };
        tasks.spawn_on(task.run(self.shutdown.clone()), runtime);
        tasks.spawn_on(scribe.run(self.shutdown.clone()), runtime);
        tasks.spawn_on(
            until(self.shutdown.clone(), spool::Spool::new(spool_path, self.run).run(spooled, returns)),
            runtime,
        );
        let following = book::follow(self.access.clone(), site.time_zone, book, self.shutdown.clone());
        tasks.spawn_on(following, runtime);
        let wired = Wired {
            site,
            seal: &self.seal,
            pairings: self.journal.reader().pairings().await?,
            reports: reports.clone(),
            clock: Arc::clone(&self.clock),
            shutdown: self.shutdown.clone(),
        };
        match &self.readers {
            Some(start) => self.start_readers(start, wires.readers, &reports, runtime, tasks),
            None => wired.start_readers(wires.readers, runtime, tasks),
        }
        let ends = ends(site, wired.start_pins(wires.locks, runtime, tasks), &reports);
        Ok(Running { desk: Desk::new(seen, orders), ends })
    }

    /// What an earlier run spooled comes to the journal.
    async fn bring_spooled(&self, path: &std::path::Path) -> Result<(), StoreError> {
        let records = spool::left(path, &self.journal.reader()).await?;
        if !records.is_empty() {
            warn!(records = records.len(), "what was spooled comes to the journal");
            let write = Write { records, rows: Vec::new() };
            self.journal.write_and_tell(write, &self.committed).await?;
        }
        spool::empty(path);
        spool::look(path);
        Ok(())
    }

    fn start_readers(
        &self,
        start: &StartReader,
        readers: Vec<(ReaderRef, mpsc::Receiver<ReaderOrder>)>,
        reports: &mpsc::Sender<DoorReport>,
        runtime: &Handle,
        tasks: &mut JoinSet<()>,
    ) {
        for (reader, orders) in readers {
            let task = start(reader, orders, reports.clone());
            tasks.spawn_on(until(self.shutdown.clone(), task), runtime);
        }
    }
}

/// Runs a task that has no end of its own.
async fn until(shutdown: CancellationToken, task: impl Future<Output = ()>) {
    tokio::select! {
        () = shutdown.cancelled() => {}
        () = task => shutdown.cancelled().await,
    }
}

type Locks = BTreeMap<DoorIx, mpsc::Sender<LockOrder>>;
type Readers = BTreeMap<ReaderRef, mpsc::Sender<ReaderOrder>>;

fn channels(site: &Site) -> (Locks, Readers, Wires) {
    let (mut locks, mut readers) = (Locks::new(), Readers::new());
    let mut wires = Wires { locks: Vec::new(), readers: Vec::new() };
    for (ix, door) in (0_u16..).map(DoorIx).zip(&site.doors) {
        if door.lock.is_some() {
            let (order, taken) = mpsc::channel(TOLD);
            locks.insert(ix, order);
            wires.locks.push((ix, taken));
        }
        let sides = [(door.reader.is_some(), Side::Entry), (door.exit_reader.is_some(), Side::Exit)];
        for (_, side) in sides.into_iter().filter(|(there, _)| *there) {
            let (order, taken) = mpsc::channel(TOLD);
            let reader = ReaderRef { door: ix, side };
            readers.insert(reader, order);
            wires.readers.push((reader, taken));
        }
    }
    (locks, readers, wires)
}

/// What each line needs that has wires of doors. Locks go where their strikes are.
fn ends(
    site: &Site,
    locks: Vec<(DoorIx, mpsc::Receiver<LockOrder>)>,
    reports: &mpsc::Sender<DoorReport>,
) -> BTreeMap<Id, DoorsEnd> {
    let line_of = |wire: Option<&Wire>| {
        let device = site.devices.get(wire?.module()?.device)?;
        site.lines.get(device.line).map(|line| line.id.clone())
    };
    let mut by_line = BTreeMap::<Id, Vec<(DoorIx, mpsc::Receiver<LockOrder>)>>::new();
    for door in &site.doors {
        let strike = door.lock.as_ref().map(|lock| &lock.strike);
        let wires =
            [strike, door.contact.as_ref(), door.exit.as_ref(), door.fire.as_ref(), door.tamper.as_ref()];
        for line in wires.into_iter().filter_map(line_of) {
            by_line.entry(line).or_default();
        }
    }
    for (ix, taken) in locks {
        let lock = site.doors.get(usize::from(ix.0)).and_then(|door| door.lock.as_ref());
        if let Some(line) = line_of(lock.map(|lock| &lock.strike)) {
            by_line.entry(line).or_default().push((ix, taken));
        }
    }
    by_line.into_iter().map(|(line, orders)| (line, DoorsEnd::new(reports.clone(), orders))).collect()
}
