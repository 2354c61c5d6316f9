//! One run of the gateway, from opened databases to a clean end.

use std::{io, net::SocketAddr, path::PathBuf, sync::Arc, time::Duration};

use hallward_site::{Site, WebCertificate};
use tokio::{
    net::TcpListener,
    sync::{Notify, broadcast, mpsc, watch},
    task::JoinSet,
    time::{MissedTickBehavior, interval, sleep, timeout},
};
use tokio_util::{sync::CancellationToken, task::AbortOnDropHandle};
use tracing::{info, warn};

use super::{
    Time,
    certificate::Certificate,
    clock::Steps,
    control::{self, Control},
    doors::{self, DoorsStart, StartReader},
    hall::{self, Outlets, Replant, Samples, blocks},
    lines::{DialLine, LineKeeper},
    metrics::Metrics,
    recorder,
    reload::{ReadSite, Reloader},
    time::Hold,
    watchdog,
    writes::Writes,
};
use crate::{
    access::{Access, Desk},
    accounts::{self, Accounts},
    bus::{Lines, Reports},
    deliver::{CheckpointLink, EventSource, MqttError, MqttStatus, Publisher},
    evidence::{self, Evidence, NotKept},
    logic::live::Live,
    model::{Changes, Clock, NewRecord, Plant, Record, Severity, Snapshot, Texts},
    store::{
        DatabaseKey, History, Journal, JournalReader, KeyFolders, KeyName, Opened, Row, Seal, SecretKey,
        StoreError, Write,
    },
    tls::{TlsError, server::Files},
    web::{self, Handshakes, Listening, Simulated, TlsListener, WebContext},
};

/// Records that may wait for the journal before it presses back.
const RECORDS: usize = 256;

/// Changes that a slow watcher may lag behind.
const CHANGES: usize = 256;

/// Checkpoints heard from the broker that may wait to be compared.
const KEPT: usize = 4;

/// The time that each part may take to end.
const END: Duration = Duration::from_secs(5);

/// How often an ending part is looked at.
const BEAT: Duration = Duration::from_millis(10);

/// What a run needs. Addresses are bound before, so that a taken one is found early.
pub struct Options {
    /// The checked site.
    pub site: Site,
    /// Whether the hall is simulated.
    pub simulated: bool,
    /// The folder of the databases.
    pub data: PathBuf,
    /// The key of the databases, if they are encrypted.
    pub key: Option<DatabaseKey>,
    /// Where the other keys are.
    pub keys: KeyFolders,
    /// Where the pages are served, if they are.
    pub http: Option<TcpListener>,
    /// What they are served with over TLS; without it they are served in clear.
    pub certificate: Option<WebCertificate>,
    /// Where the command line asks, if it may.
    pub control_socket: Option<PathBuf>,
    /// How lines are reached: as the site file says, or otherwise.
    pub dial: DialLine,
    /// How readers are reached, if not as the site file says.
    pub readers: Option<StartReader>,
    /// By which time the hall's tasks live.
    pub time: Time,
    /// The simulated hall as the pages speak to it, if they may.
    pub simulator: Option<Arc<dyn Simulated>>,
    /// Reads the site file again when SIGHUP comes; without it, SIGHUP does what it does to any program.
    pub read_site: Option<ReadSite>,
}

/// Why a run could not start or go on.
#[derive(Debug, thiserror::Error)]
pub enum RunError {
    /// A database.
    #[error(transparent)]
    Store(#[from] StoreError),
    /// The log as evidence.
    #[error(transparent)]
    Evidence(#[from] NotKept),
    /// The broker's settings.
    #[error(transparent)]
    Mqtt(#[from] MqttError),
    /// The pages' certificate.
    #[error("the pages' certificate cannot be used: {0}")]
    Certificate(#[from] TlsError),
    /// The control socket.
    #[error("{}: the control socket cannot be opened: {source}", path.display())]
    Control {
        /// Its path.
        path: PathBuf,
        /// Why.
        source: io::Error,
    },
    /// A part ended although nobody asked it to.
    #[error("{0} ended: see the log above; the run ends with it, to be started again")]
    Ended(&'static str),
    /// The pages.
    #[error("the pages cannot be served: {0}")]
    Web(io::Error),
}

/// What has started.
pub struct Started {
    /// Where the pages are.
    pub http: Option<SocketAddr>,
    /// The live state.
    pub snapshot: watch::Receiver<Arc<Snapshot>>,
    /// Records.
    pub journal: JournalReader,
    /// Samples.
    pub history: History,
    /// Who may sign in.
    pub accounts: Arc<Accounts>,
    /// Who may go where, and the doors.
    pub access: Arc<Access>,
}

/// Everything that more than one part needs.
struct Shared {
    plant: Arc<Plant>,
    clock: Arc<dyn Clock>,
    reports: Arc<Reports>,
    outlets: Outlets,
    journal: Journal,
    history: History,
    accounts: Arc<Accounts>,
    evidence: Arc<Evidence>,
    committed: broadcast::Sender<Arc<Record>>,
    lines: watch::Receiver<Arc<Lines>>,
    shutdown: CancellationToken,
}

/// Runs the gateway until `shutdown`; calls `ready` once everything has started.
///
/// # Errors
/// What cannot be opened, in one sentence for people.
pub async fn run(
    options: Options,
    shutdown: CancellationToken,
    ready: impl FnOnce(Started),
) -> Result<(), RunError> {
    let time = options.time.clone();
    let (clock, steps) = time.clock();
    // Where the hall's tasks live; all others live on the runtime that called.
    let hall = time.runtime();
    let certificate = options.certificate.map(open_certificate).transpose()?;
    let plant = Arc::new(Plant::new(options.site, options.simulated));
    let live = Live::new(Arc::clone(&plant), &blocks(&plant));
    let run_id = run_id()?;
    let (journal, opened) =
        Journal::open(&options.data.join("core.db"), options.key.as_ref(), run_id, clock.now())?;
    let history =
        History::open(&options.data.join("history.db"), options.key.as_ref(), &plant, live.groups())?;
    let listener = options.control_socket.as_deref().map(|path| {
        control::listen(path).map_err(|source| RunError::Control { path: path.to_owned(), source })
    });
    let listener = listener.transpose()?;
    let (records, queue) = mpsc::channel(RECORDS);
    let outlets = Outlets {
        snapshot: watch::Sender::new(Arc::new(live.snapshot(clock.now().wall))),
        changes: broadcast::Sender::<Arc<Changes>>::new(CHANGES),
        records,
        ready: watch::Sender::new(false),
    };
    let committed = broadcast::Sender::new(CHANGES);
    let reports = Arc::new(Reports::default());
    let mut keeper = LineKeeper::new(
        Arc::clone(&reports),
        outlets.records.clone(),
        Arc::clone(&clock),
        shutdown.clone(),
        options.dial,
    );
    let lines = keeper.table.subscribe();
    let accounts =
        Accounts::open(journal.clone(), committed.clone(), Arc::clone(&clock), plant.site.name.clone())
            .await?;
    let evidence = Evidence::open(evidence::Needs {
        journal: journal.clone(),
        committed: committed.clone(),
        clock: Arc::clone(&clock),
        accounts: Arc::clone(&accounts),
        key: options.keys.key(KeyName::Log)?,
        name: log_name(&plant),
        data: options.data.clone(),
        second: plant.site.log.checkpoints.clone(),
    });
    let evidence = evidence.await?;
    let shared = Shared {
        plant,
        clock,
        reports,
        outlets,
        journal,
        history,
        accounts,
        evidence,
        committed,
        lines,
        shutdown,
    };

    let (kept, heard) = mpsc::channel(KEPT);
    let mqtt = shared.publisher(kept)?;
    let first_records = shared.committed.subscribe();
    shared.record_start(&opened).await;
    let mut tasks = JoinSet::new();
    let stop_recorder = CancellationToken::new();
    let mut recorder = hall.spawn(recorder::run(
        shared.journal.clone(),
        queue,
        shared.committed.clone(),
        Arc::clone(&shared.clock),
        time.hold(),
        stop_recorder.clone(),
    ));
    let stop_owner = CancellationToken::new();
    let (replant, replants) = mpsc::channel(1);
    let mut owner = hall.spawn(hall::run(
        live,
        Arc::clone(&shared.reports),
        shared.outlets.clone(),
        Samples { history: shared.history.clone(), hold: time.hold() },
        Arc::clone(&shared.clock),
        replants,
        stop_owner.clone(),
    ));
    let stepping = follow_clock(
        steps,
        Arc::clone(&shared.clock),
        shared.outlets.records.clone(),
        shared.shutdown.clone(),
    );
    tasks.spawn_on(stepping, &hall);
    let card_key = options.keys.key(KeyName::Card)?;
    let seal = Seal::new(&options.keys.key(KeyName::Seal)?)?;
    let spool = shared.plant.site.log.spool.clone().unwrap_or(options.data);
    let starting = shared.doors((&card_key, seal), spool, run_id, time.hold(), options.readers);
    let doors::Running { desk, ends } = starting.start(&hall, &mut tasks).await?;
    keeper.serve_doors(ends);
    let reloader = {
        // Lines are tasks of the hall.
        let _hall = hall.enter();
        shared.reloader(options.read_site, keeper, replant)
    };
    let called = Arc::clone(&reloader.called);
    tasks.spawn_on(reloader.run(shared.shutdown.clone()), &hall);
    tasks.spawn(Arc::clone(&shared.evidence).run(first_records, heard, shared.shutdown.clone()));
    tasks.spawn(accounts::sweep(Arc::clone(&shared.accounts), shared.shutdown.clone()));
    let doors_view = desk.view.clone();
    let access = shared.access(desk, card_key);
    let writes = shared.writes();
    let http = options.http.as_ref().map(TcpListener::local_addr).transpose().map_err(RunError::Web)?;
    tasks.spawn(Arc::clone(&writes).run(shared.shutdown.clone()));
    if let Some(listener) = listener {
        let snapshot = shared.outlets.snapshot.subscribe();
        let lines = shared.lines.clone();
        let accounts = (Arc::clone(&shared.accounts), Arc::clone(&access));
        let base = http.and_then(|at| base(at, certificate.is_some()));
        let evidence = Arc::clone(&shared.evidence);
        let control =
            Control::new(snapshot, lines, writes, accounts, evidence, base, shared.shutdown.clone());
        tasks.spawn(control::serve(listener, Arc::new(control), shared.shutdown.clone()));
    }
    let watchdog = tokio::spawn(watchdog::run(
        shared.outlets.snapshot.subscribe(),
        shared.journal.clone(),
        Arc::clone(&shared.clock),
        shared.shutdown.clone(),
    ));
    let mqtt_status = mqtt.as_ref().map(|(_, status)| Arc::clone(status));
    if let Some((publisher, _)) = mqtt {
        let (doors, shutdown) = (doors_view, shared.shutdown.clone());
        tasks.spawn(async move { publisher.run(doors, shutdown).await });
    }
    let handshakes = certificate.is_some().then(Arc::<Handshakes>::default);
    let context = shared.web_context(mqtt_status, handshakes.clone(), options.simulator, Arc::clone(&access));
    let listening = options
        .http
        .map(|listener| listening(listener, certificate.as_ref(), handshakes.unwrap_or_default()));
    if let Some(certificate) = certificate {
        let (records, clock) = (shared.outlets.records.clone(), Arc::clone(&shared.clock));
        tasks.spawn(certificate.run(called, records, clock, shared.shutdown.clone()));
    }
    let stopped = shared.shutdown.clone().cancelled_owned();
    let mut pages = tokio::spawn(async move {
        match listening {
            Some(listening) => web::serve(listening, context, stopped).await,
            None => {
                stopped.await;
                Ok(())
            }
        }
    });

    watchdog::ready();
    ready(shared.started(http, access));
    let failed = tokio::select! {
        biased;
        () = shared.shutdown.cancelled() => None,
        // Better to end and be started again than to go on blind, dumb or without memory.
        ended = &mut owner => Some(Failed::new("the live state", ended)),
        ended = &mut recorder => Some(Failed::new("the recorder", ended)),
        ended = &mut pages => Some(Failed::new("the pages", ended.map(drop))),
        Some(ended) = tasks.join_next() => Some(Failed::new("a task", ended)),
    };
    shared.shutdown.cancel();
    let _passing = AbortOnDropHandle::new(tokio::spawn(async move { time.pass().await }));
    watchdog::stopping();
    end("pages", async {
        while !pages.is_finished() {
            sleep(BEAT).await
        }
    })
    .await;
    end("tasks", async { while tasks.join_next().await.is_some() {} }).await;
    tasks.abort_all();
    watchdog.abort();
    stop_owner.cancel();
    end("owner", async {
        while !owner.is_finished() {
            sleep(BEAT).await
        }
    })
    .await;
    stop_recorder.cancel();
    end("recorder", async {
        while !recorder.is_finished() {
            sleep(BEAT).await
        }
    })
    .await;
    let stopped = shared.stop(options.control_socket.as_deref(), failed.as_ref()).await;
    match failed {
        Some(Failed { error: Some(panic), .. }) if panic.is_panic() => {
            std::panic::resume_unwind(panic.into_panic())
        }
        Some(failed) => Err(RunError::Ended(failed.part)),
        None => stopped,
    }
}

fn open_certificate(files: WebCertificate) -> Result<Certificate, TlsError> {
    let WebCertificate { certificate, key } = files;
    Certificate::open(Files { certificate, key })
}

/// The pages' listener: over TLS if there is a certificate.
fn listening(
    listener: TcpListener,
    certificate: Option<&Certificate>,
    handshakes: Arc<Handshakes>,
) -> Listening {
    match certificate {
        None => Listening::Plain(listener),
        Some(own) => Listening::Tls(TlsListener::new(listener, own.config(), handshakes)),
    }
}

/// The address of the pages as this machine's own browser takes it; an address of all networks is no browser's.
fn base(at: SocketAddr, tls: bool) -> Option<String> {
    let scheme = if tls { "https" } else { "http" };
    (!at.ip().is_unspecified()).then(|| format!("{scheme}://{at}"))
}

/// A part that ended although nobody asked it to.
struct Failed {
    part: &'static str,
    error: Option<tokio::task::JoinError>,
}

impl Failed {
    fn new(part: &'static str, ended: Result<(), tokio::task::JoinError>) -> Self {
        Self { part, error: ended.err() }
    }
}

/// Waits for a part to end, but not for ever.
async fn end(part: &str, ended: impl Future<Output = ()>) {
    if timeout(END, ended).await.is_err() {
        warn!(part, "did not end in time");
    }
}

/// The name of that key; a simulated hall's says so.
fn log_name(plant: &Plant) -> String {
    let simulated = if plant.simulated { "/simulated" } else { "" };
    format!("hallward/{}{simulated}", plant.site.id)
}

pub(super) fn run_id() -> Result<[u8; 16], StoreError> {
    let mut id = [0; 16];
    getrandom::fill(&mut id).map_err(StoreError::Random)?;
    Ok(id)
}

/// Follows the wall clock; a step is a record.
async fn follow_clock(
    steps: Arc<dyn Steps>,
    clock: Arc<dyn Clock>,
    records: mpsc::Sender<NewRecord>,
    shutdown: CancellationToken,
) {
    let mut second = interval(Duration::from_secs(1));
    second.set_missed_tick_behavior(MissedTickBehavior::Skip);
    loop {
        tokio::select! {
            () = shutdown.cancelled() => return,
            _ = second.tick() => {}
        }
        if let Some(step_us) = steps.follow() {
            let record = NewRecord::system(clock.now(), "clock.step", Severity::Warning);
            // The queue is closed only at the end of the run.
            drop(records.send(record.with("step_ms", step_us / 1000)).await);
        }
    }
}

impl Shared {
    fn started(&self, http: Option<SocketAddr>, access: Arc<Access>) -> Started {
        let (snapshot, journal) = (self.outlets.snapshot.subscribe(), self.journal.reader());
        let (history, accounts) = (self.history.clone(), Arc::clone(&self.accounts));
        Started { http, snapshot, journal, history, accounts, access }
    }

    /// Starts every line, and follows the site file from then on.
    fn reloader(
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
    fn access(&self, desk: Desk, key: SecretKey) -> Arc<Access> {
        let (accounts, snapshot) = (Arc::clone(&self.accounts), self.outlets.snapshot.subscribe());
        Arc::new(Access::new(accounts, self.journal.reader(), desk, snapshot, key))
    }

    /// The doors, to be started.
    fn doors(
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

    /// Carries out orders to write.
    fn writes(&self) -> Arc<Writes> {
        let (snapshot, lines) = (self.outlets.snapshot.subscribe(), self.lines.clone());
        let (journal, committed) = (self.journal.clone(), self.committed.clone());
        let (records, clock) = (self.outlets.records.clone(), Arc::clone(&self.clock));
        Arc::new(Writes::new(snapshot, lines, journal, committed, records, clock))
    }

    fn publisher(
        &self,
        kept: mpsc::Sender<String>,
    ) -> Result<Option<(Publisher, Arc<MqttStatus>)>, MqttError> {
        let Some(settings) = &self.plant.site.mqtt else { return Ok(None) };
        let status = Arc::new(MqttStatus::default());
        let snapshot = self.outlets.snapshot.subscribe();
        let link = CheckpointLink { newest: self.evidence.newest(), kept };
        let clock = Arc::clone(&self.clock);
        let source = EventSource { journal: self.journal.clone(), committed: self.committed.clone() };
        let publisher = Publisher::new(settings, snapshot, Arc::clone(&status), clock, link, source)?;
        Ok(Some((publisher, status)))
    }

    /// Says that the run has started, and what became of the one before.
    async fn record_start(&self, opened: &Opened) {
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

    fn web_context(
        &self,
        mqtt: Option<Arc<MqttStatus>>,
        handshakes: Option<Arc<Handshakes>>,
        simulator: Option<Arc<dyn Simulated>>,
        access: Arc<Access>,
    ) -> WebContext {
        let metrics = Metrics {
            snapshot: self.outlets.snapshot.subscribe(),
            lines: self.lines.clone(),
            clock: Arc::clone(&self.clock),
            reports: Arc::clone(&self.reports),
            history: self.history.clone(),
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

    /// The last record and a clean end of both databases.
    async fn stop(
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
        self.journal.write(write).await?;
        if let Err(why) = self.evidence.checkpoint().await {
            warn!(%why, "the last checkpoint of this run cannot be kept");
        }
        self.journal.close().await?;
        self.history.close().await?;
        if let Some(Err(error)) = control_socket.map(std::fs::remove_file) {
            warn!(%error, "the control socket cannot be removed");
        }
        info!("stopped");
        Ok(())
    }
}
