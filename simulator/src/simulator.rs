//! A running simulator: the hall, its lines, its clock and its control API, from start to shutdown.

use std::{
    collections::BTreeMap,
    net::{Ipv4Addr, SocketAddr},
    sync::{Arc, Mutex},
};

use hallward_profiles::Id;
use hallward_site::Site;
use tokio::{net::TcpListener, task::JoinSet};

use crate::{
    clock, control,
    devices::{Devices, lock},
    error::Error,
    faults::Fault,
    physics::{Hall, wrong_parameters},
    server,
};

/// How to run a simulator.
#[derive(Clone, Debug)]
pub struct Options {
    /// The hall.
    pub site: Site,
    /// Where the control API listens: loopback; port 0 takes a free one.
    pub control: SocketAddr,
    /// Where lines listen: loopback; those that are not named take a free port of 127.0.0.1.
    pub lines: BTreeMap<Id, SocketAddr>,
    /// How much faster than the wall time passes, 0 to 1000; at 0 it stands still until [`Hall::advance`].
    pub speed: f64,
}

/// A simulated hall that answers on its lines. It stops when dropped.
#[derive(Debug)]
pub struct Simulator {
    devices: Arc<Devices>,
    lines: BTreeMap<Id, SocketAddr>,
    control: SocketAddr,
    tasks: JoinSet<()>,
}

impl Simulator {
    /// Opens all listeners and starts the hall. Needs a tokio runtime with I/O and time.
    ///
    /// # Errors
    /// When an address is not to be had or not loopback, or the options make no sense.
    pub async fn start(options: Options) -> Result<Self, Error> {
        let (control, _) = listen("the control API", options.control).await?;
        Self::start_with(options, control).await
    }

    /// As [`Simulator::start`], with the control API on a listener that is open already; `options.control` is not
    /// used.
    ///
    /// # Errors
    /// When a line's address is not to be had or not loopback, or the options make no sense.
    pub async fn start_with(options: Options, control_listener: TcpListener) -> Result<Self, Error> {
        let Options { site, lines: wanted, speed, .. } = options;
        let what = || "the control API".to_owned();
        let control = control_listener.local_addr().map_err(|source| Error::Listen {
            what: what(),
            address: options.control,
            source,
        })?;
        if !(0.0..=clock::MOST_SPEED).contains(&speed) {
            return Err(Error::Speed { speed, most: clock::MOST_SPEED });
        }
        let wrong = wrong_parameters(&site);
        if !wrong.is_empty() {
            return Err(Error::Parameters { wrong });
        }
        if let Some(line) = wanted.keys().find(|id| !site.lines.iter().any(|line| line.id == **id)) {
            return Err(Error::NoSuchLine { line: line.clone() });
        }
        let mut listeners = Vec::new();
        let mut lines = BTreeMap::new();
        for line in &site.lines {
            let free = SocketAddr::from((Ipv4Addr::LOCALHOST, 0));
            let address = wanted.get(&line.id).copied().unwrap_or(free);
            let (listener, address) = listen(&format!("line `{}`", line.id), address).await?;
            listeners.push(listener);
            lines.insert(line.id.clone(), address);
        }
        let devices = Arc::new(Devices::new(site));
        let mut tasks = JoinSet::new();
        tasks.spawn(clock::run(Arc::clone(&devices.hall), speed));
        for (line, listener) in listeners.into_iter().enumerate() {
            tasks.spawn(server::serve(listener, line, Arc::clone(&devices)));
        }
        tasks.spawn(control::serve(control_listener, Arc::clone(&devices), lines.clone()));
        Ok(Self { devices, lines, control, tasks })
    }

    /// Where each line listens.
    #[must_use]
    pub fn lines(&self) -> &BTreeMap<Id, SocketAddr> {
        &self.lines
    }

    /// Where the control API listens.
    #[must_use]
    pub fn control_address(&self) -> SocketAddr {
        self.control
    }

    /// The hall itself, to look into, advance or start scenarios in; never hold the lock over an await.
    #[must_use]
    pub fn hall(&self) -> Arc<Mutex<Hall>> {
        Arc::clone(&self.devices.hall)
    }

    /// Requests answered so far, by device.
    #[must_use]
    pub fn counters(&self) -> BTreeMap<Id, u64> {
        self.devices.counters()
    }

    /// Puts a fault on a device, in place of the one it may have.
    pub fn set_fault(&self, fault: Fault) {
        lock(&self.devices.faults).set(fault);
    }

    /// Ends the fault of one device, or all.
    pub fn clear_faults(&self, device: Option<&Id>) {
        lock(&self.devices.faults).clear(device.map(Id::as_str));
    }

    /// Everything as at the start: the hall, what was written, no faults.
    pub fn reset(&self) {
        self.devices.reset();
    }

    /// Closes all listeners and connections.
    pub async fn shutdown(mut self) {
        self.tasks.shutdown().await;
    }
}

async fn listen(what: &str, address: SocketAddr) -> Result<(TcpListener, SocketAddr), Error> {
    if !address.ip().is_loopback() {
        return Err(Error::NotLoopback { address });
    }
    let failed = |source| Error::Listen { what: what.to_owned(), address, source };
    let listener = TcpListener::bind(address).await.map_err(failed)?;
    let failed = |source| Error::Listen { what: what.to_owned(), address, source };
    let bound = listener.local_addr().map_err(failed)?;
    Ok((listener, bound))
}
