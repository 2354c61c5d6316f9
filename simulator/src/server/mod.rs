//! Where lines are reached: a listener or a pseudo terminal for each, by the transport of the site file. `connection`
//! then speaks on what comes in, `wire` says when.
//!
//! Bounds: [`MOST_CONNECTIONS`] a line (more are closed at once), and [`HANDSHAKE`] for a TLS client to say who it is.

mod connection;
mod serial;
mod tls;
mod wire;

use std::{io, net::SocketAddr, sync::Arc, time::Duration};

use hallward_site::{Endpoint, Serial, Transport};
use tokio::{
    net::{TcpListener, TcpStream},
    sync::Semaphore,
    task::JoinSet,
    time::{sleep, timeout},
};
use tokio_rustls::TlsAcceptor;

use crate::{faults::FaultKind, hall::Hall};

pub(crate) use connection::run as serve_stream;
use connection::{End, swallow};
use serial::Port;
pub(crate) use tls::Tls;
pub(crate) use wire::{Answer, Wait};

/// Connections that a line takes at a time.
const MOST_CONNECTIONS: usize = 16;

/// Rest after an error, such as no more file descriptors.
const PAUSE: Duration = Duration::from_millis(100);

/// Longest time for agreeing on TLS.
const HANDSHAKE: Duration = Duration::from_secs(10);

/// A line that is open.
pub(crate) enum Opened {
    /// With or without TLS.
    Listener(TcpListener, Option<TlsAcceptor>),
    Port(Port),
}

impl Opened {
    /// A pseudo terminal in place of `serial`, and where clients find it.
    ///
    /// # Errors
    /// When the system gives none.
    pub(crate) fn serial(serial: &Serial) -> io::Result<(Self, Transport)> {
        let (port, path) = Port::open(serial.baud)?;
        // No pseudo terminal has a transceiver to switch.
        let reached = Serial { path, rs485: false, ..serial.clone() };
        Ok((Self::Port(port), Transport::Serial(reached)))
    }

    /// A listener that stands in for `transport`, and where clients find it.
    pub(crate) fn tcp(
        transport: &Transport,
        listener: TcpListener,
        address: SocketAddr,
        tls: Option<&Tls>,
    ) -> (Self, Transport) {
        let endpoint = Endpoint { host: address.ip().to_string(), port: address.port() };
        let reached = match (transport, tls) {
            (Transport::Tls(..), Some(tls)) => Transport::Tls(endpoint, tls.certificates.clone()),
            (Transport::RtuOverTcp(_, baud), _) => Transport::RtuOverTcp(endpoint, *baud),
            (Transport::Tls(..) | Transport::Tcp(_) | Transport::Serial(_), _) => Transport::Tcp(endpoint),
        };
        let acceptor = tls.filter(|_| matches!(reached, Transport::Tls(..))).map(|tls| tls.acceptor.clone());
        (Self::Listener(listener, acceptor), reached)
    }

    /// Serves the line until the task is dropped, and its connections with it.
    pub(crate) async fn serve(self, line: usize, hall: Arc<Hall>) {
        match self {
            Self::Port(mut port) => loop {
                serve_stream(&mut port, line, &hall).await;
                sleep(PAUSE).await;
            },
            Self::Listener(listener, acceptor) => accept(listener, acceptor, line, hall).await,
        }
    }
}

async fn accept(listener: TcpListener, acceptor: Option<TlsAcceptor>, line: usize, hall: Arc<Hall>) {
    let places = Arc::new(Semaphore::new(MOST_CONNECTIONS));
    let mut connections = JoinSet::new();
    loop {
        while connections.try_join_next().is_some() {}
        let stream = match listener.accept().await {
            Ok((stream, _)) => stream,
            Err(error) => {
                tracing::warn!(line, %error, "cannot accept");
                sleep(PAUSE).await;
                continue;
            }
        };
        if hall.refuses(line) {
            abort(&stream);
            continue;
        }
        let Ok(place) = Arc::clone(&places).try_acquire_owned() else {
            tracing::warn!(line, "more than {MOST_CONNECTIONS} connections: one is closed");
            continue;
        };
        let (hall, acceptor) = (Arc::clone(&hall), acceptor.clone());
        connections.spawn(async move {
            connected(stream, acceptor, line, &hall).await;
            drop(place);
        });
    }
}

async fn connected(mut stream: TcpStream, acceptor: Option<TlsAcceptor>, line: usize, hall: &Hall) {
    if let Err(error) = stream.set_nodelay(true) {
        tracing::debug!(line, %error, "no TCP_NODELAY");
    }
    let Some(acceptor) = acceptor else {
        if serve_stream(&mut stream, line, hall).await == End::Reset {
            abort(&stream);
        }
        return;
    };
    if hall.is_struck(line, FaultKind::HalfOpen) {
        // Who is gone does not shake hands either.
        return swallow(&mut stream).await;
    }
    match timeout(HANDSHAKE, acceptor.accept(stream)).await {
        Ok(Ok(mut stream)) => {
            if serve_stream(&mut stream, line, hall).await == End::Reset {
                abort(stream.get_ref().0);
            }
        }
        Ok(Err(error)) => tracing::debug!(line, %error, "no agreement on TLS"),
        Err(_) => tracing::debug!(line, "no agreement on TLS in time"),
    }
}

/// Has the connection end with a reset when it is dropped.
fn abort(stream: &TcpStream) {
    if let Err(error) = stream.set_zero_linger() {
        tracing::debug!(%error, "a connection is closed and not reset");
    }
}
