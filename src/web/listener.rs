//! Where the pages are served: in clear on loopback, or over TLS.
//!
//! [`TlsListener`] shakes hands with each peer in a task of its own, so that one that is slow, or speaks no TLS, keeps
//! nobody waiting. Those that do not succeed are closed and counted, not logged: anyone may cause any number of them.
//! Connections are bounded too ([`super::places`]), so that a crowd at the pages takes no file handles from the hall's own lines.
//! It does not look at certificates: whoever made it says what to serve with, and may say otherwise at any time.

use std::{
    io,
    net::SocketAddr,
    sync::{
        Arc,
        atomic::{AtomicU64, Ordering},
    },
    time::Duration,
};

use axum::serve::Listener;
use rustls::ServerConfig;
use tokio::{
    net::{TcpListener, TcpStream},
    sync::{OwnedSemaphorePermit, watch},
    task::JoinSet,
    time::timeout,
};
use tokio_rustls::{TlsAcceptor, server::TlsStream};

use super::{
    connection::Connection,
    places::{CONNECTIONS, Place, Places},
};

/// The time that a handshake may take.
const HANDSHAKE: Duration = Duration::from_secs(10);

/// Handshakes that may be under way; whoever comes then waits for one to end.
pub(super) const HANDSHAKES: usize = 128;

/// A connection over TLS.
type Secured = Connection<TlsStream<TcpStream>>;

/// Where the pages are served.
pub enum Listening {
    /// In clear; on loopback.
    Plain(TcpListener),
    /// Over TLS.
    Tls(TlsListener),
}

/// What became of handshakes.
#[derive(Debug, Default)]
pub struct Handshakes {
    /// Those that succeeded.
    pub done: AtomicU64,
    /// Those that did not: no TLS, no version or suite in common, too slow.
    pub failed: AtomicU64,
    /// How often the next peer had to wait, as too many were under way or too many connections open.
    pub full: AtomicU64,
}

/// Accepts connections over TLS.
pub struct TlsListener {
    listener: TcpListener,
    config: watch::Receiver<Arc<ServerConfig>>,
    handshakes: Arc<Handshakes>,
    under_way: JoinSet<Option<(Secured, SocketAddr)>>,
    places: Places,
}

impl TlsListener {
    /// Each connection takes the newest `config`.
    #[must_use]
    pub fn new(
        listener: TcpListener,
        config: watch::Receiver<Arc<ServerConfig>>,
        handshakes: Arc<Handshakes>,
    ) -> Self {
        let places = Places::new(CONNECTIONS);
        Self { listener, config, handshakes, under_way: JoinSet::new(), places }
    }

    /// With fewer places, which a test can take.
    #[cfg(test)]
    pub(super) fn with_places(mut self, places: usize) -> Self {
        self.places = Places::new(places);
        self
    }

    /// Begins a handshake.
    fn shake_hands(&mut self, stream: TcpStream, peer: SocketAddr, place: Place) {
        no_delay(&stream);
        let acceptor = TlsAcceptor::from(Arc::clone(&self.config.borrow()));
        let handshakes = Arc::clone(&self.handshakes);
        self.under_way.spawn(async move {
            let Ok(Ok(stream)) = timeout(HANDSHAKE, acceptor.accept(stream)).await else {
                handshakes.failed.fetch_add(1, Ordering::Relaxed);
                return None;
            };
            handshakes.done.fetch_add(1, Ordering::Relaxed);
            Some((Connection::new(stream, place), peer))
        });
    }
}

/// The next peer, once there is a place for it; always, as places are never closed.
async fn next(
    listener: &mut TcpListener,
    places: &Places,
    handshakes: &Handshakes,
) -> Option<(TcpStream, SocketAddr, OwnedSemaphorePermit)> {
    if places.are_taken() {
        handshakes.full.fetch_add(1, Ordering::Relaxed);
    }
    let place = places.one_of_all().await?;
    let (stream, peer) = Listener::accept(listener).await;
    Some((stream, peer, place))
}

/// Small answers are not to wait for others.
pub(super) fn no_delay(stream: &TcpStream) {
    if let Err(error) = stream.set_nodelay(true) {
        tracing::debug!(%error, "TCP_NODELAY");
    }
}

impl Listener for TlsListener {
    type Io = Secured;
    type Addr = SocketAddr;

    async fn accept(&mut self) -> (Self::Io, Self::Addr) {
        loop {
            let is_full = self.under_way.len() >= HANDSHAKES;
            if is_full {
                self.handshakes.full.fetch_add(1, Ordering::Relaxed);
            }
            tokio::select! {
                Some(ended) = self.under_way.join_next() => {
                    if let Ok(Some(connected)) = ended {
                        return connected;
                    }
                }
                Some((stream, peer, place)) = next(&mut self.listener, &self.places, &self.handshakes), if !is_full => {
                    // Whose address has too many is hung up on.
                    match self.places.of(peer.ip(), place) {
                        Some(place) => self.shake_hands(stream, peer, place),
                        None => drop(self.handshakes.failed.fetch_add(1, Ordering::Relaxed)),
                    }
                }
            }
        }
    }

    fn local_addr(&self) -> io::Result<Self::Addr> {
        self.listener.local_addr()
    }
}
