//! A running simulator: the hall, its lines, its clock and its control API, from start to shutdown.

use std::{
    collections::BTreeMap,
    net::{Ipv4Addr, SocketAddr},
    sync::Arc,
};

use hallward_profiles::Id;
use hallward_site::{Line, Site, Transport};
use tempfile::TempDir;
use tokio::{net::TcpListener, task::JoinSet};

use crate::{
    clock,
    control::{self, Shared},
    error::Error,
    gateway::Gateway,
    hall::Hall,
    osdp,
    server::{Opened, Tls},
};

/// How to run a simulator.
#[derive(Clone, Debug)]
pub struct Options {
    /// The hall.
    pub site: Site,
    /// Where the control API listens: loopback; port 0 takes a free one.
    pub control: SocketAddr,
    /// Where lines listen: loopback; those that are not named take a free port of 127.0.0.1. Serial lines have no
    /// address.
    pub lines: BTreeMap<Id, SocketAddr>,
    /// Whether TLS lines ask clients for a certificate. The one that they accept is then part of
    /// [`Simulator::lines`].
    pub client_certificates: bool,
    /// How much faster than the wall time passes, 0 to 1000; at 0 it stands still until [`Hall::advance`].
    pub speed: f64,
    /// The gateway that lives in the hall's time, if one does: the control API moves time through it. It takes what badge
    /// readers read from the hall itself, so that their lines are not served: of two takers each would miss some.
    pub gateway: Option<Arc<dyn Gateway>>,
}

/// A simulated hall that answers on its lines. It stops when dropped.
#[derive(Debug)]
pub struct Simulator {
    hall: Arc<Hall>,
    lines: BTreeMap<Id, Transport>,
    control: SocketAddr,
    tasks: JoinSet<()>,
    /// Reader lines, for as long as the simulator lives.
    _readers: Vec<osdp::Bus>,
    /// The certificates' files, for as long as the simulator lives.
    _certificates: Option<TempDir>,
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
        let hall = Arc::new(Hall::new(options.site.clone())?);
        Self::start_around(hall, options, control_listener).await
    }

    /// As [`Simulator::start_with`], around a hall that has lived before; `options.site` is not used.
    ///
    /// # Errors
    /// When a line's address is not to be had or not loopback, or the options make no sense.
    pub async fn start_around(
        hall: Arc<Hall>,
        options: Options,
        control_listener: TcpListener,
    ) -> Result<Self, Error> {
        let Options { lines: wanted, client_certificates, speed, gateway, .. } = options;
        let site = Arc::clone(&hall.site);
        let what = || "the control API".to_owned();
        let control = control_listener.local_addr().map_err(|source| Error::Listen {
            what: what(),
            address: options.control,
            source,
        })?;
        if !(0.0..=clock::MOST_SPEED).contains(&speed) {
            return Err(Error::Speed { speed, most: clock::MOST_SPEED });
        }
        for id in wanted.keys() {
            let line = site.lines.iter().find(|line| line.id == *id);
            let line = line.ok_or_else(|| Error::NoSuchLine { line: id.clone() })?;
            if line.transport.endpoint().is_none() {
                return Err(Error::NoAddress { line: id.clone() });
            }
        }
        let secured = hall.site.lines.iter().any(|line| matches!(line.transport, Transport::Tls(..)));
        let tls = secured.then(|| Tls::new(client_certificates)).transpose();
        let tls = tls.map_err(|source| Error::Certificates { source })?;
        let mut tasks = JoinSet::new();
        let mut lines = BTreeMap::new();
        for (n, line) in hall.site.lines.iter().enumerate() {
            let (opened, reached) = open(line, wanted.get(&line.id).copied(), tls.as_ref()).await?;
            tasks.spawn(opened.serve(n, Arc::clone(&hall)));
            lines.insert(line.id.clone(), reached);
        }
        let mut readers = Vec::new();
        let reader_lines = if gateway.is_none() { hall.site.reader_lines.as_slice() } else { &[] };
        for (n, line) in reader_lines.iter().enumerate() {
            let opened = osdp::Bus::open(Arc::clone(&hall), n, line);
            let (bus, reached) =
                opened.map_err(|source| Error::PseudoTerminal { line: line.id.clone(), source })?;
            readers.push(bus);
            lines.insert(line.id.clone(), Transport::Serial(reached));
        }
        tasks.spawn(clock::run(Arc::clone(&hall), speed));
        let shared = Shared::new(Arc::clone(&hall), lines.clone(), gateway, speed);
        tasks.spawn(control::serve(control_listener, shared));
        Ok(Self { hall, lines, control, tasks, _readers: readers, _certificates: tls.map(|tls| tls.folder) })
    }

    /// Where a client reaches each line, lines of readers too. Files and pseudo terminals are there for as long as the simulator.
    #[must_use]
    pub fn lines(&self) -> &BTreeMap<Id, Transport> {
        &self.lines
    }

    /// Where the control API listens.
    #[must_use]
    pub fn control_address(&self) -> SocketAddr {
        self.control
    }

    /// The hall itself, to look into, advance, disturb or start scenarios in.
    #[must_use]
    pub fn hall(&self) -> &Arc<Hall> {
        &self.hall
    }

    /// Closes all listeners and connections.
    pub async fn shutdown(mut self) {
        self.tasks.shutdown().await;
    }
}

/// Opens a line where it is wanted, else on a free port.
async fn open(
    line: &Line,
    wanted: Option<SocketAddr>,
    tls: Option<&Tls>,
) -> Result<(Opened, Transport), Error> {
    if let Transport::Serial(serial) = &line.transport {
        return Opened::serial(serial)
            .map_err(|source| Error::PseudoTerminal { line: line.id.clone(), source });
    }
    let address = wanted.unwrap_or(SocketAddr::from((Ipv4Addr::LOCALHOST, 0)));
    let (listener, address) = listen(&format!("line `{}`", line.id), address).await?;
    Ok(Opened::tcp(&line.transport, listener, address, tls))
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
