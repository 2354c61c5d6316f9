//! What more than one part of a run needs, and each part made from it.

use std::{net::SocketAddr, path::PathBuf, sync::Arc};

use tokio::sync::{Notify, broadcast, mpsc, watch};
use tokio_util::sync::CancellationToken;
use tracing::{info, warn};

use super::{RunError, Started, parts::Failed};
use crate::{
    access::{Access, Desk},
    accounts::Accounts,
    app::{
        StartReader, disk,
        doors::DoorsStart,
        hall::{Outlets, Replant},
        lines::LineKeeper,
        metrics::Metrics,
        reload::{ReadSite, Reloader},
        time::Hold,
        writes::Writes,
    },
    bus::{Lines, Reports},
    deliver::{CheckpointLink, JournalLink, Links, MqttError, MqttStatus, Publisher},
    evidence::Evidence,
    logic::disk::Space,
    model::{Clock, DoorOrder, NewRecord, Plant, Record, Severity, Texts},
    store::{History, Journal, Opened, Row, Seal, SecretKey, Write},
    web::{Handshakes, Simulated, WebContext},
};

/// Everything that more than one part needs.
pub(super) struct Shared {
    pub(super) plant: Arc<Plant>,
    pub(super) clock: Arc<dyn Clock>,
    pub(super) reports: Arc<Reports>,
    pub(super) outlets: Outlets,
    pub(super) journal: Journal,
    pub(super) history: History,
    pub(super) accounts: Arc<Accounts>,
    pub(super) evidence: Arc<Evidence>,
    pub(super) committed: broadcast::Sender<Arc<Record>>,
    pub(super) lines: watch::Receiver<Arc<Lines>>,
    pub(super) shutdown: CancellationToken,
}

impl Shared {
    pub(super) fn started(&self, http: Option<SocketAddr>, access: Arc<Access>) -> Started {
        let (snapshot, journal) = (self.outlets.snapshot.subscribe(), self.journal.reader());
        let (history, accounts) = (self.history.clone(), Arc::clone(&self.accounts));
        Started { http, snapshot, journal, history, accounts, access }
    }

    /// Starts every line, and follows the site file from then on.
    pub(super) fn reloader(
        &self,
        read: Option<ReadSite>,
        mut lines: LineKeeper,
        owner: mpsc::Sender<Replant>,
    ) -> Reloader {
        lines.start_missing(&self.plant);
        let (plant, records) = (Arc::clone(&self.plant), self.outlets.records.clone());
        let (clock, called) = (Arc::clone(&self.clock), Arc::new(Notify::new()));
        Reloader { read, plant, lines, owner, records, clock, called }
    }

    /// Who may go where, before these doors.
    pub(super) fn access(&self, desk: Desk, key: SecretKey) -> Arc<Access> {
        let (accounts, snapshot) = (Arc::clone(&self.accounts), self.outlets.snapshot.subscribe());
        Arc::new(Access::new(accounts, self.journal.reader(), desk, snapshot, key))
    }

    /// The doors, to be started.
    pub(super) fn doors(
        &self,
        (card_key, seal): (&SecretKey, Seal),
        spool: PathBuf,
        run: [u8; 16],
        hold: Hold,
        readers: Option<StartReader>,
    ) -> DoorsStart<'_> {
        DoorsStart {
            plant: &self.plant,
            clock: Arc::clone(&self.clock),
            journal: self.journal.clone(),
            committed: self.committed.clone(),
            access: self.accounts.access(),
            card_key: *card_key.bytes(),
            seal: Arc::new(seal),
            spool,
            run,
            hold,
            readers,
            shutdown: self.shutdown.clone(),
        }
    }

    /// What the watch over the disk needs.
    pub(super) fn disk(&self, hold: Hold) -> disk::Needs {
        disk::Needs {
            journal: self.journal.clone(),
            history: self.history.clone(),
            records: self.outlets.records.clone(),
            clock: Arc::clone(&self.clock),
            hold,
            shutdown: self.shutdown.clone(),
        }
    }

    /// Carries out orders to write.
    pub(super) fn writes(&self) -> Arc<Writes> {
        let (snapshot, lines) = (self.outlets.snapshot.subscribe(), self.lines.clone());
        let (journal, committed) = (self.journal.clone(), self.committed.clone());
        let (records, clock) = (self.outlets.records.clone(), Arc::clone(&self.clock));
        Arc::new(Writes::new(snapshot, lines, journal, committed, records, clock))
    }

    pub(super) fn publisher(
        &self,
        kept: mpsc::Sender<String>,
        orders: mpsc::Sender<DoorOrder>,
    ) -> Result<Option<(Publisher, Arc<MqttStatus>)>, MqttError> {
        let Some(settings) = &self.plant.site.mqtt else { return Ok(None) };
        let status = Arc::new(MqttStatus::default());
        let snapshot = self.outlets.snapshot.subscribe();
        let links = Links {
            checkpoints: CheckpointLink { newest: self.evidence.newest(), kept },
            journal: JournalLink { journal: self.journal.clone(), committed: self.committed.clone() },
            orders,
        };
        let clock = Arc::clone(&self.clock);
        let publisher = Publisher::new(settings, snapshot, Arc::clone(&status), clock, links)?;
        Ok(Some((publisher, status)))
    }

    /// Says that the run has started, and what became of the one before.
    pub(super) async fn record_start(&self, opened: &Opened) {
        let now = self.clock.now();
        let mut record = NewRecord::system(now, "system.start", Severity::Info)
            .with("version", env!("CARGO_PKG_VERSION"))
            .with("site", &self.plant.site.id)
            .with("devices", self.plant.site.devices.len())
            .with("previous_seq", opened.last_seq);
        if self.plant.simulated {
            record = record.with("simulated", true);
        }
        if let Some(version) = opened.migrated_from {
            record = record.with("migrated_from", version);
        }
        if let Some(previous) = &opened.previous {
            let gap = now.wall.since(previous.last_alive);
            record = record.with("previous_stop", if previous.clean { "clean" } else { "not clean" });
            record = record.with("not_watched_s", gap.as_secs());
            if !previous.clean {
                record.severity = Severity::Warning;
                warn!(gap_s = gap.as_secs(), "the run before did not stop by itself");
            }
        }
        // The queue has just been made and is empty.
        drop(self.outlets.records.send(record).await);
    }

    pub(super) fn web_context(
        &self,
        mqtt: Option<Arc<MqttStatus>>,
        handshakes: Option<Arc<Handshakes>>,
        simulator: Option<Arc<dyn Simulated>>,
        access: Arc<Access>,
        space: watch::Receiver<Option<Space>>,
    ) -> WebContext {
        let metrics = Metrics {
            snapshot: self.outlets.snapshot.subscribe(),
            lines: self.lines.clone(),
            clock: Arc::clone(&self.clock),
            reports: Arc::clone(&self.reports),
            history: self.history.clone(),
            space,
            mqtt,
            handshakes,
        };
        WebContext {
            snapshot: self.outlets.snapshot.subscribe(),
            lines: self.lines.clone(),
            changes: self.outlets.changes.clone(),
            records: self.committed.clone(),
            journal: self.journal.reader(),
            history: self.history.reader(),
            accounts: Arc::clone(&self.accounts),
            access,
            evidence: Arc::clone(&self.evidence),
            clock: Arc::clone(&self.clock),
            texts: Arc::new(Texts::default()),
            metrics: Arc::new(move || metrics.text()),
            ready: self.outlets.ready.subscribe(),
            simulator,
        }
    }

    /// The last record and a clean end of both databases. The control socket goes even if they fail.
    pub(super) async fn stop(
        self,
        control_socket: Option<&std::path::Path>,
        failed: Option<&Failed>,
    ) -> Result<(), RunError> {
        let now = self.clock.now();
        let write = match failed {
            None => {
                let record = NewRecord::system(now, "system.stop", Severity::Info);
                Write { records: vec![record], rows: vec![Row::RunStopped(now)] }
            }
            Some(failed) => {
                let record = NewRecord::system(now, "task.failed", Severity::Error).at(failed.part);
                Write { records: vec![record], rows: Vec::new() }
            }
        };
        let closed = async {
            self.journal.write(write).await?;
            if let Err(why) = self.evidence.checkpoint().await {
                warn!(%why, "the last checkpoint of this run cannot be kept");
            }
            self.journal.close().await?;
            self.history.close().await
        };
        let closed = closed.await;
        if let Some(Err(error)) = control_socket.map(std::fs::remove_file) {
            warn!(%error, "the control socket cannot be removed");
        }
        closed?;
        info!("stopped");
        Ok(())
    }
}
