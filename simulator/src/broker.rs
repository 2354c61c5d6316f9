//! An MQTT broker (rumqttd) in threads of its own, for the demo and tests: loopback, no sign-in, no TLS.
//!
//! It cannot be stopped while the process lives, and keeps nothing over a restart: never the broker of a real hall.

use std::{
    collections::HashMap,
    io::ErrorKind,
    net::{SocketAddr, TcpListener, TcpStream},
    thread,
    time::Duration,
};

use rumqttd::{Broker, Config, ConnectionSettings, RouterConfig, ServerSettings};

use crate::Error;

/// Largest packet, bytes.
const MOST_PACKET_BYTES: usize = 1024 * 1024;

/// Clients at a time.
const MOST_CONNECTIONS: usize = 64;

/// How often, and how far apart, it is asked whether it listens.
const ATTEMPTS: u32 = 500;
const ATTEMPT_PAUSE: Duration = Duration::from_millis(10);

/// Starts a broker on a loopback address; port 0 takes a free one. Returns where it listens, once it does.
///
/// # Errors
/// When the address is taken or not loopback, or the broker does not come up.
pub fn start(address: SocketAddr) -> Result<SocketAddr, Error> {
    if !address.ip().is_loopback() {
        return Err(Error::NotLoopback { address });
    }
    // The broker cannot say which port it took: take one first, and give it back.
    let taken = |source| Error::Listen { what: "the broker".to_owned(), address, source };
    let address = TcpListener::bind(address).and_then(|listener| listener.local_addr()).map_err(taken)?;
    let mut broker = Broker::new(config(address));
    let failed = |error: std::io::Error| Error::Broker { what: error.to_string() };
    thread::Builder::new()
        .name("mqtt-broker".to_owned())
        .spawn(move || {
            if let Err(error) = broker.start() {
                tracing::error!(%error, "the broker stopped");
            }
        })
        .map_err(failed)?;
    for _ in 0..ATTEMPTS {
        match TcpStream::connect(address) {
            Ok(_) => return Ok(address),
            Err(error) if error.kind() == ErrorKind::ConnectionRefused => thread::sleep(ATTEMPT_PAUSE),
            Err(error) => return Err(failed(error)),
        }
    }
    Err(Error::Broker { what: format!("it does not listen on {address}") })
}

fn config(listen: SocketAddr) -> Config {
    let connections = ConnectionSettings {
        connection_timeout_ms: 10_000,
        max_payload_size: MOST_PACKET_BYTES,
        max_inflight_count: 200,
        auth: None,
        external_auth: None,
        dynamic_filters: true,
    };
    let server = ServerSettings {
        name: "mqtt".to_owned(),
        listen,
        tls: None,
        next_connection_delay_ms: 1,
        connections,
    };
    Config {
        router: RouterConfig {
            max_connections: MOST_CONNECTIONS,
            max_outgoing_packet_count: 200,
            max_segment_size: 8 * MOST_PACKET_BYTES,
            max_segment_count: 4,
            ..RouterConfig::default()
        },
        v4: Some(HashMap::from([("1".to_owned(), server)])),
        ..Config::default()
    }
}
