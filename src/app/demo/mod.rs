//! A gateway around a simulated hall, in one process and one time that is led: what `hallward demo` runs, and what
//! whole-program tests drive without sockets and without sleeping.
//!
//! The gateway is the real one: lines, bus, logic, store and pages. Its lines are streams in memory to the simulated
//! devices, so nothing of the site file's addresses is ever opened. Time passes by [`Demo::advance`] alone, or by
//! [`Demo::pace`] with the wall's.

mod badges;
mod ledger;
mod one_click;
mod past;
mod people;
mod readers;
mod together;

use std::{io, net::SocketAddr, path::PathBuf, sync::Arc, time::Duration};

use hallward_simulator::Hall;
use hallward_site::{Line, Mqtt};
use tokio::{
    net::TcpListener,
    sync::oneshot,
    task::{JoinError, JoinHandle},
    time::{MissedTickBehavior, interval},
};
use tokio_util::sync::CancellationToken;

use self::one_click::OneClick;
use super::{DialLine, Options, RunError, Started, Time, TimeEnded, VirtualTime, as_mounted, run};
use crate::{
    access::Access,
    accounts::{Accounts, NotDone},
    bus::{Dial, Stream},
    model::{Now, Reading, Snapshot, Wall},
    store::{History, JournalReader, KeyFolders, StoreError},
    web::Simulated,
};

pub use past::{Lived, Rhythm, follow_the_sun, live_days, live_through};
pub use people::{NoEntry, let_in};
pub use together::Together;

/// How often the hall is moved on in its own time.
const TICK: Duration = Duration::from_millis(100);

/// How often time is paced, and the most wall time that is made good at once.
const PACE: Duration = Duration::from_millis(50);
const MOST_LAG: Duration = Duration::from_secs(1);

/// What a demo needs.
pub struct Settings {
    /// The folder of the databases.
    pub data: PathBuf,
    /// Where the pages are served, if they are.
    pub http: Option<TcpListener>,
    /// Where the command line asks, if it may.
    pub control_socket: Option<PathBuf>,
    /// The demo's broker, if there is one. No other is ever told anything.
    pub mqtt: Option<Mqtt>,
    /// The simulated hall's control, if it is served: the page then leads there, and takes one-click orders.
    pub simulator: Option<SocketAddr>,
    /// The time of day at the start.
    pub begins: Wall,
    /// How many times as fast as the wall's the time passes by [`Demo::pace`]; at 0 it stands still.
    pub speed: f64,
}

impl Settings {
    /// Nothing is served and nobody told: for whoever drives a [`Demo`] from Rust. Time stands still but for
    /// [`Demo::advance`].
    #[must_use]
    pub fn quiet(data: PathBuf, begins: Wall) -> Self {
        Self { data, http: None, control_socket: None, mqtt: None, simulator: None, begins, speed: 0.0 }
    }
}

/// A gateway that runs around a simulated hall.
pub struct Demo {
    hall: Arc<Hall>,
    together: Together,
    journal: JournalReader,
    accounts: Arc<Accounts>,
    access: Arc<Access>,
    http: Option<SocketAddr>,
    shutdown: CancellationToken,
    run: JoinHandle<Result<(), RunError>>,
}

/// Why a demo could not start or go on.
#[derive(Debug, thiserror::Error)]
pub enum DemoError {
    /// The gateway.
    #[error(transparent)]
    Run(#[from] RunError),
    /// History.
    #[error(transparent)]
    Store(#[from] StoreError),
    /// The time.
    #[error(transparent)]
    Time(#[from] TimeEnded),
    /// The week before.
    #[error("the week before cannot be lived: {0}")]
    Week(String),
    /// The badges of the hall's people.
    #[error("the badges of the hall's people cannot be issued: {0}")]
    Badges(#[from] NotDone),
    /// The thread of the hall's time.
    #[error("the hall's thread cannot be started: {0}")]
    Thread(#[from] io::Error),
    /// The gateway's task.
    #[error("the gateway's task ended: {0}")]
    Task(#[from] JoinError),
}

impl Demo {
    /// Starts the gateway around `hall`; time stands still.
    ///
    /// # Errors
    /// What the gateway cannot open.
    pub async fn start(
        hall: Arc<Hall>,
        settings: Settings,
        shutdown: CancellationToken,
    ) -> Result<Self, DemoError> {
        let time = Arc::new(VirtualTime::start(settings.begins)?);
        let mut site = hall.site().clone();
        site.mqtt = settings.mqtt;
        // A twin of a real hall keeps its hands off that hall's disks.
        site.log = hallward_site::Log::default();
        let one_click = |control| Arc::new(OneClick::new(Arc::clone(&hall), control)) as Arc<dyn Simulated>;
        let simulator = settings.simulator.map(one_click);
        let options = Options {
            site,
            simulated: true,
            // A demo's keys are its own.
            keys: KeyFolders::of(&settings.data),
            data: settings.data,
            key: None,
            http: settings.http,
            // A demo stays on loopback.
            certificate: None,
            control_socket: settings.control_socket,
            dial: dial(&hall),
            readers: Some(readers::in_memory(&hall)),
            measure: as_mounted(),
            time: Time::Virtual(Arc::clone(&time)),
            simulator,
            read_site: None,
        };
        time.spawn(live(Arc::clone(&hall)));
        let (ready, started) = oneshot::channel();
        let stop = shutdown.clone();
        let run = tokio::spawn(async move {
            // Whoever started it may have gone.
            run(options, stop, move |started| drop(ready.send(started))).await
        });
        match started.await {
            Ok(Started { http, snapshot, journal, history, accounts, access }) => {
                badges::issue(&access, hall.site()).await?;
                let together = Together { time, history, snapshot, speed: settings.speed };
                Ok(Self { hall, together, journal, accounts, access, http, shutdown, run })
            }
            Err(_) => Err(run.await?.err().map_or(RunError::Ended("the gateway"), |error| error).into()),
        }
    }

    /// Lets time pass for hall and gateway, and waits until the gateway has digested all of it: what was polled is in the
    /// live state, records and samples are in their databases.
    ///
    /// # Errors
    /// The gateway has ended, or history cannot be written.
    pub async fn advance(&self, span: Duration) -> Result<(), DemoError> {
        self.together.advance(span).await
    }

    /// Lets time pass at the settings' speed, as far as the machine can. Ends with the gateway.
    pub async fn pace(&self) {
        let Together { time, speed, .. } = &self.together;
        let mut ticks = interval(PACE);
        ticks.set_missed_tick_behavior(MissedTickBehavior::Skip);
        let mut last = ticks.tick().await;
        while *speed > 0.0 && !self.shutdown.is_cancelled() {
            let tick = ticks.tick().await;
            let lag = tick.duration_since(last).min(MOST_LAG);
            last = tick;
            if time.advance(lag.mul_f64(*speed)).await.is_err() {
                return;
            }
        }
        self.shutdown.cancelled().await;
    }

    /// Sets the wall clock of hall and gateway forward or, with a negative step, back, µs. Timers know nothing of it.
    pub fn step_clock(&self, step_us: i64) {
        self.together.time.step(step_us);
    }

    /// The simulated hall.
    #[must_use]
    pub fn hall(&self) -> &Arc<Hall> {
        &self.hall
    }

    /// Where the pages are, if they are served.
    #[must_use]
    pub fn http(&self) -> Option<SocketAddr> {
        self.http
    }

    /// The time of hall and gateway.
    #[must_use]
    pub fn now(&self) -> Now {
        self.together.time.clock().now()
    }

    /// What the gateway knows now.
    #[must_use]
    pub fn snapshot(&self) -> Arc<Snapshot> {
        Arc::clone(&self.together.snapshot.borrow())
    }

    /// The reading of a point, if there is such a point.
    #[must_use]
    pub fn reading(&self, device: &str, point: &str) -> Option<Reading> {
        self.together.reading(device, point)
    }

    /// The gateway's records.
    #[must_use]
    pub fn journal(&self) -> &JournalReader {
        &self.journal
    }

    /// Who may sign in.
    #[must_use]
    pub fn accounts(&self) -> &Arc<Accounts> {
        &self.accounts
    }

    /// Who may go where, and the doors as they are seen.
    #[must_use]
    pub fn access(&self) -> &Arc<Access> {
        &self.access
    }

    /// The gateway's samples.
    #[must_use]
    pub fn history(&self) -> &History {
        &self.together.history
    }

    /// The gateway's side of it, for the simulated hall's control.
    #[must_use]
    pub fn together(&self) -> Together {
        self.together.clone()
    }

    /// Waits for the gateway's end, which somebody else's `shutdown` brings.
    ///
    /// # Errors
    /// Why it ended, if nobody asked it to.
    pub async fn ended(self) -> Result<(), DemoError> {
        Ok(self.run.await??)
    }

    /// Ends the gateway.
    ///
    /// # Errors
    /// What went wrong at the end.
    pub async fn stop(self) -> Result<(), DemoError> {
        self.shutdown.cancel();
        self.ended().await
    }
}

/// Every line leads to the simulated devices.
fn dial(hall: &Arc<Hall>) -> DialLine {
    let hall = Arc::clone(hall);
    Arc::new(move |line: &Line| -> Dial {
        let (hall, line) = (Arc::clone(&hall), line.id.clone());
        Arc::new(move || {
            let stream = hall.connect(&line);
            Box::pin(async move { stream.map(|stream| Box::new(stream) as Box<dyn Stream>) })
        })
    })
}

/// Moves the hall by its own time.
async fn live(hall: Arc<Hall>) {
    let mut ticks = interval(TICK);
    ticks.tick().await;
    loop {
        ticks.tick().await;
        hall.advance(TICK);
    }
}
