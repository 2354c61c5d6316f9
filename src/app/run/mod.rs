//! One run of the gateway, from opened databases to a clean end.

mod options;
mod parts;
mod shared;

use std::{net::SocketAddr, sync::Arc};

use hallward_site::WebCertificate;
use tokio::{
    net::TcpListener,
    sync::{broadcast, mpsc, watch},
    task::JoinSet,
};
use tokio_util::{sync::CancellationToken, task::AbortOnDropHandle};

pub use options::{Options, RunError, Started};

use super::{
    certificate::Certificate,
    control::{self, Control},
    disk, doors,
    hall::{self, Outlets, Samples, blocks},
    lines::LineKeeper,
    recorder, steps, watchdog,
};
use crate::{
    accounts::{self, Accounts},
    bus::Reports,
    evidence::{self, Evidence},
    logic::live::Live,
    model::{Changes, Plant},
    store::{History, Journal, KeyName, Seal, StoreError},
    tls::{TlsError, server::Files},
    web::{self, Handshakes, Listening, TlsListener},
};
use parts::{Failed, Parts};
use shared::Shared;

/// Records that may wait for the journal before it presses back.
const RECORDS: usize = 256;

/// Changes that a slow watcher may lag behind.
const CHANGES: usize = 256;

/// Checkpoints heard from the broker that may wait to be compared.
const KEPT: usize = 4;

/// Orders from MQTT that may wait for the doors.
const COMMANDS: usize = 16;

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
    let (clock, stepped) = time.clock();
    // Where the hall's tasks live; all others live on the runtime that called.
    let hall = time.runtime();
    let certificate = options.certificate.map(open_certificate).transpose()?;
    let plant = Arc::new(Plant::new(options.site, options.simulated));
    let live = Live::new(Arc::clone(&plant), &blocks(&plant));
    let run_id = run_id()?;
    // The journal may need the room that the reserve holds.
    let disk = disk::Watch::begin(&options.data, options.measure, clock.now());
    let space = disk.space();
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
    let (command, commands) = mpsc::channel(COMMANDS);
    let mqtt = shared.publisher(kept, command)?;
    let first_records = shared.committed.subscribe();
    shared.record_start(&opened).await;
    let mut tasks = JoinSet::new();
    let stop_recorder = CancellationToken::new();
    let recorder = hall.spawn(recorder::run(
        shared.journal.clone(),
        queue,
        shared.committed.clone(),
        Arc::clone(&shared.clock),
        time.hold(),
        stop_recorder.clone(),
    ));
    let stop_owner = CancellationToken::new();
    let (replant, replants) = mpsc::channel(1);
    let owner = hall.spawn(hall::run(
        live,
        Arc::clone(&shared.reports),
        shared.outlets.clone(),
        Samples { history: shared.history.clone(), hold: time.hold() },
        Arc::clone(&shared.clock),
        replants,
        stop_owner.clone(),
    ));
    let stepping = steps::follow(
        stepped,
        Arc::clone(&shared.clock),
        shared.outlets.records.clone(),
        shared.shutdown.clone(),
    );
    tasks.spawn_on(stepping, &hall);
    disk.start(shared.disk(time.hold()), &hall, &mut tasks);
    let card_key = options.keys.key(KeyName::Card)?;
    let seal = Seal::new(&options.keys.key(KeyName::Seal)?)?;
    let spool = shared.plant.site.log.spool.clone().unwrap_or(options.data);
    let starting = shared.doors((&card_key, seal), spool, run_id, time.hold(), options.readers);
    let doors = time.doors().map_err(RunError::Thread)?;
    let doors::Running { desk, ends } = starting.start(&doors.handle, &mut tasks).await?;
    keeper.serve_doors(ends, doors.handle.clone());
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
    let (records, clock) = (shared.outlets.records.clone(), Arc::clone(&shared.clock));
    tasks.spawn(doors::pass_on(commands, desk.clone(), records, clock, shared.shutdown.clone()));
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
    let context =
        shared.web_context(mqtt_status, handshakes.clone(), options.simulator, Arc::clone(&access), space);
    let listening = options
        .http
        .map(|listener| listening(listener, certificate.as_ref(), handshakes.unwrap_or_default()));
    if let Some(certificate) = certificate {
        let (records, clock) = (shared.outlets.records.clone(), Arc::clone(&shared.clock));
        tasks.spawn(certificate.run(called, records, clock, shared.shutdown.clone()));
    }
    let stopped = shared.shutdown.clone().cancelled_owned();
    let pages = tokio::spawn(async move {
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
    let mut parts = Parts { tasks, owner, stop_owner, recorder, stop_recorder, pages, watchdog };
    let failed = parts.failed(&shared.shutdown).await;
    shared.shutdown.cancel();
    let _passing = AbortOnDropHandle::new(tokio::spawn(async move { time.pass().await }));
    watchdog::stopping();
    parts.end().await;
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

/// The name of the log's key; a simulated hall's says so.
fn log_name(plant: &Plant) -> String {
    let simulated = if plant.simulated { "/simulated" } else { "" };
    format!("hallward/{}{simulated}", plant.site.id)
}

pub(super) fn run_id() -> Result<[u8; 16], StoreError> {
    let mut id = [0; 16];
    getrandom::fill(&mut id).map_err(StoreError::Random)?;
    Ok(id)
}
