//! Readers and pins as the site file wires them: a task for each OSDP line, each Wiegand reader, each door at pins. Keys that
//! readers were paired with are unsealed here.

use std::{collections::BTreeMap, sync::Arc};

use hallward_site::{OsdpReader, ReaderAt, Site};
use tokio::{runtime::Handle, sync::mpsc, task::JoinSet};
use tokio_util::sync::CancellationToken;
use tracing::error;

use crate::{
    hardware::{
        osdp::{self, ReaderEnd},
        pins, wiegand,
    },
    model::{Clock, DoorIx, DoorReport, LockOrder, ReaderOrder, ReaderRef, Side},
    store::{KeptPairing, Seal},
};

/// What all of these tasks need.
pub(super) struct Wired<'s> {
    pub(super) site: &'s Site,
    pub(super) seal: &'s Seal,
    pub(super) pairings: Vec<KeptPairing>,
    pub(super) reports: mpsc::Sender<DoorReport>,
    pub(super) clock: Arc<dyn Clock>,
    pub(super) shutdown: CancellationToken,
}

impl Wired<'_> {
    pub(super) fn start_readers(
        &self,
        readers: Vec<(ReaderRef, mpsc::Receiver<ReaderOrder>)>,
        runtime: &Handle,
        tasks: &mut JoinSet<()>,
    ) {
        let mut lines = BTreeMap::<usize, Vec<ReaderEnd>>::new();
        for (reader, orders) in readers {
            match self.at(reader) {
                Some(ReaderAt::Osdp(at)) => {
                    lines.entry(at.line).or_default().push(self.end(reader, at, orders));
                }
                Some(ReaderAt::Wiegand(at)) => {
                    let (reports, shutdown) = (self.reports.clone(), self.shutdown.clone());
                    tasks.spawn_on(wiegand::run(at.clone(), reader, orders, reports, shutdown), runtime);
                }
                None => {}
            }
        }
        for (line, ends) in lines {
            let Some(line) = self.site.reader_lines.get(line) else { continue };
            let (name, open) = (line.id.to_string(), osdp::serial(&line.serial));
            let (reports, clock, shutdown) =
                (self.reports.clone(), Arc::clone(&self.clock), self.shutdown.clone());
            let task = async move { osdp::run(&name, open, ends, reports, clock, shutdown).await };
            tasks.spawn_on(task, runtime);
        }
    }

    /// Serves the doors whose strikes are at pins; gives back the others.
    pub(super) fn start_pins(
        &self,
        locks: Vec<(DoorIx, mpsc::Receiver<LockOrder>)>,
        runtime: &Handle,
        tasks: &mut JoinSet<()>,
    ) -> Vec<(DoorIx, mpsc::Receiver<LockOrder>)> {
        let mut left: BTreeMap<DoorIx, mpsc::Receiver<LockOrder>> = locks.into_iter().collect();
        for (ix, door) in (0_u16..).map(DoorIx).zip(&self.site.doors) {
            if !pins::has_pins(door) {
                continue;
            }
            // A door without a lock is still watched.
            let orders = left.remove(&ix).unwrap_or_else(|| mpsc::channel(1).1);
            let (reports, clock, shutdown) =
                (self.reports.clone(), Arc::clone(&self.clock), self.shutdown.clone());
            tasks.spawn_on(pins::run(door.clone(), ix, orders, reports, clock, shutdown), runtime);
        }
        left.into_iter().collect()
    }

    fn at(&self, reader: ReaderRef) -> Option<&ReaderAt> {
        let door = self.site.doors.get(usize::from(reader.door.0))?;
        match reader.side {
            Side::Entry => door.reader.as_ref(),
            Side::Exit => door.exit_reader.as_ref(),
        }
    }

    fn end(&self, reader: ReaderRef, at: &OsdpReader, orders: mpsc::Receiver<ReaderOrder>) -> ReaderEnd {
        let door = self.site.doors.get(usize::from(reader.door.0)).map(|door| &door.id);
        let kept = self.pairings.iter().find(|kept| Some(&kept.door) == door && kept.side == reader.side);
        let pairing = kept.and_then(|kept| {
            let opened = kept.open(self.seal);
            opened
                .inspect_err(|failed| {
                    error!(door = %kept.door, side = %kept.side, %failed, "the reader must be paired again");
                })
                .ok()
        });
        ReaderEnd { reader, address: at.address, secure: at.secure, pairing, orders }
    }
}
