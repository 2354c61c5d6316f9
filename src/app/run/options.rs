//! What a run needs, what it tells once it has started, and why it could not.

use std::{io, net::SocketAddr, path::PathBuf, sync::Arc};

use hallward_site::{Site, WebCertificate};
use tokio::{net::TcpListener, sync::watch};

use crate::{
    access::Access,
    accounts::Accounts,
    app::{Measure, StartReader, Time, lines::DialLine, reload::ReadSite},
    deliver::MqttError,
    evidence::NotKept,
    model::Snapshot,
    store::{DatabaseKey, History, JournalReader, KeyFolders, StoreError},
    tls::TlsError,
    web::Simulated,
};

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
    /// How the data folder's file system is measured.
    pub measure: Measure,
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
    /// The thread of the doors.
    #[error("the system gives no thread for the doors: {0}")]
    Thread(io::Error),
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
