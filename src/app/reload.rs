//! Reads the site file again while the gateway runs: on SIGHUP (`systemctl reload hallward`). The whole file is checked
//! first; what is wrong leaves everything as it was. Lines that did not change are not touched: they keep their
//! connection, their devices their readings.
//!
//! The order matters: lines that go end first, then the owner of the live state goes on with the new plant, then new
//! lines start. A report of a line that has gone names a device that nobody has any more, and is dropped.

use std::sync::Arc;

use hallward_site::{Site, Wire};
use tokio::{
    signal::unix::{SignalKind, signal},
    sync::{Notify, mpsc, oneshot},
};
use tokio_util::sync::CancellationToken;
use tracing::{info, warn};

use super::{
    hall::Replant,
    lines::{Changed, LineKeeper},
};
use crate::model::{Clock, NewRecord, Plant, Severity};

/// Reads and checks the site file anew; the error is what a person reads.
pub type ReadSite = Arc<dyn Fn() -> Result<Site, String> + Send + Sync>;

/// The most characters of a refusal that go into the journal; the log has all of it.
const TOLD: usize = 300;

/// What the task works on.
pub(super) struct Reloader {
    pub(super) read: Option<ReadSite>,
    pub(super) plant: Arc<Plant>,
    pub(super) lines: LineKeeper,
    pub(super) owner: mpsc::Sender<Replant>,
    pub(super) records: mpsc::Sender<NewRecord>,
    pub(super) clock: Arc<dyn Clock>,
    /// Told of each SIGHUP, whatever becomes of the site file: the certificate's owner looks at its files.
    pub(super) called: Arc<Notify>,
}

impl Reloader {
    /// Waits for signals until `shutdown`, then for all lines to end.
    pub(super) async fn run(mut self, shutdown: CancellationToken) {
        let hangup = self.read.as_ref().map(|_| signal(SignalKind::hangup()));
        let mut hangup = match hangup.transpose() {
            Ok(hangup) => hangup,
            Err(error) => {
                warn!(%error, "SIGHUP cannot be received: the site file is read at the start only");
                None
            }
        };
        loop {
            let called = async {
                match &mut hangup {
                    Some(hangup) => drop(hangup.recv().await),
                    None => std::future::pending().await,
                }
            };
            tokio::select! {
                () = shutdown.cancelled() => break,
                () = called => {
                    self.called.notify_one();
                    self.reload().await;
                }
            }
        }
        self.lines.ended().await;
    }

    async fn reload(&mut self) {
        let Some(read) = self.read.clone() else { return };
        // Files are read and checked away from the runtime's threads.
        let site = tokio::task::spawn_blocking(move || read()).await;
        let record = match site.unwrap_or_else(|_| Err("reading the site file failed".to_owned())) {
            Ok(site) if same_doors(&self.plant.site, &site) => self.swap(site).await,
            // Badges in hand, grants under way, who is where: all of it is of the doors as they are.
            Ok(_) => {
                self.refused("[[door]], its rooms or its reader lines have changed: that takes a restart")
            }
            Err(what) => self.refused(&what),
        };
        // The queue is closed only at the end of the run.
        drop(self.records.send(record).await);
    }

    fn refused(&self, what: &str) -> NewRecord {
        warn!("the site file is refused, everything stays as it was:\n{what}");
        let told: String = what.chars().take(TOLD).collect();
        NewRecord::system(self.clock.now(), "site.refused", Severity::Warning).with("why", told)
    }

    async fn swap(&mut self, mut site: Site) -> NewRecord {
        let restart = keep_fixed(&self.plant.site, &mut site);
        let new = Arc::new(self.plant.succeed(site));
        let stopped = self.lines.stop_changed(&self.plant, &new).await;
        let kept = self.lines.count();
        let (answer, answered) = oneshot::channel();
        let asked = self.owner.send(Replant { plant: Arc::clone(&new), answer }).await;
        let done = match (asked, answered.await) {
            (Ok(()), Ok(result)) => result,
            _ => Err("the live state has ended".to_owned()),
        };
        if let Err(what) = done {
            // What was stopped goes on as it was.
            self.lines.start_missing(&self.plant);
            return self.refused(&what);
        }
        self.plant = new;
        let changed = Changed { kept, started: self.lines.start_missing(&self.plant), stopped };
        info!(?changed, "the site file has been read again");
        let record = NewRecord::system(self.clock.now(), "site.reloaded", Severity::Info)
            .with("devices", self.plant.site.devices.len())
            .with("lines_kept", changed.kept)
            .with("lines_started", changed.started)
            .with("lines_stopped", changed.stopped);
        if restart.is_empty() { record } else { record.with("needs_restart", restart.join(", ")) }
    }
}

/// Whether doors, and where their wires end, are the same.
fn same_doors(old: &Site, new: &Site) -> bool {
    let wired = |site: &Site| {
        let device = |n: usize| site.devices.get(n).map(|device| device.id.to_string()).unwrap_or_default();
        let end = |wire: &Wire| match wire {
            Wire::Module(point) => format!("{}/{}", device(point.device), point.point),
            Wire::Pin(pin) => pin.to_string(),
        };
        let doors = site.doors.iter().map(|door| {
            let lock = door.lock.as_ref();
            let wires = [lock.map(|lock| &lock.strike), door.contact.as_ref(), door.exit.as_ref()];
            let others = [door.fire.as_ref(), door.tamper.as_ref(), door.locked.as_ref()];
            let ends: Vec<_> = wires.into_iter().chain(others).map(|wire| wire.map(end)).collect();
            let sides = [door.from, door.to].map(|place| site.place_name(place).to_owned());
            (
                door.id.clone(),
                sides,
                lock.map(|lock| lock.kind),
                (door.reader.clone(), door.exit_reader.clone()),
                ends,
            )
        });
        doors.collect::<Vec<_>>()
    };
    wired(old) == wired(new) && old.reader_lines == new.reader_lines
}

/// Puts back what cannot change while the program runs, and names it.
fn keep_fixed(old: &Site, new: &mut Site) -> Vec<&'static str> {
    let mut restart = Vec::new();
    if new.id != old.id {
        restart.push("site.id");
        new.id = old.id.clone();
    }
    if new.web != old.web {
        restart.push("web");
        new.web = old.web.clone();
    }
    if (&new.mqtt, &new.commanders) != (&old.mqtt, &old.commanders) {
        restart.push(if new.mqtt == old.mqtt { "commander" } else { "mqtt" });
        new.mqtt.clone_from(&old.mqtt);
        new.commanders.clone_from(&old.commanders);
    }
    if new.log != old.log {
        restart.push("log");
        new.log.clone_from(&old.log);
    }
    for what in &restart {
        warn!("[{what}] has changed: that takes a restart");
    }
    restart
}
