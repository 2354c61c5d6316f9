//! The pages over TLS, as its peers meet them: those who speak it, those who do not, and those who say nothing.

use std::{net::SocketAddr, sync::atomic::Ordering};

use rcgen::{CertificateParams, KeyPair};
use rustls::{
    ClientConfig, RootCertStore, ServerConfig,
    crypto::ring,
    pki_types::{PrivateKeyDer, ServerName},
};
use tokio::{
    io::{AsyncReadExt, AsyncWriteExt},
    net::{TcpListener, TcpStream},
};
use tokio_rustls::{TlsConnector, client::TlsStream};

use super::*;
use crate::web::{Handshakes, Listening, TlsListener, listener::HANDSHAKES, serve};

/// A certificate of its own for `hall.example`: what serves with it, and what trusts it alone.
fn certificate() -> (Arc<ServerConfig>, Arc<ClientConfig>) {
    let key = KeyPair::generate().unwrap();
    let made = CertificateParams::new(["hall.example".to_owned()]).unwrap().self_signed(&key).unwrap();
    let provider = Arc::new(ring::default_provider());
    let private = PrivateKeyDer::try_from(key.serialize_der()).unwrap();
    let server = ServerConfig::builder_with_provider(Arc::clone(&provider))
        .with_safe_default_protocol_versions()
        .unwrap()
        .with_no_client_auth()
        .with_single_cert(vec![made.der().clone()], private)
        .unwrap();
    let mut trusted = RootCertStore::empty();
    trusted.add(made.der().clone()).unwrap();
    let client = ClientConfig::builder_with_provider(provider).with_safe_default_protocol_versions().unwrap();
    (Arc::new(server), Arc::new(client.with_root_certificates(trusted).with_no_client_auth()))
}

/// A served hall.
struct Served {
    at: SocketAddr,
    config: watch::Sender<Arc<ServerConfig>>,
    handshakes: Arc<Handshakes>,
    _hall: Hall,
    task: tokio::task::JoinHandle<std::io::Result<()>>,
}

impl Served {
    async fn with(config: Arc<ServerConfig>) -> Self {
        Self::for_at_most(HANDSHAKES + 1, config).await
    }

    async fn for_at_most(places: usize, config: Arc<ServerConfig>) -> Self {
        let hall = Hall::new(&[]).await;
        let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
        let at = listener.local_addr().unwrap();
        let (config, newest) = watch::channel(config);
        let handshakes = Arc::<Handshakes>::default();
        let listener = TlsListener::new(listener, newest, Arc::clone(&handshakes)).with_places(places);
        let context = hall.web.context.clone();
        let task = tokio::spawn(serve(Listening::Tls(listener), context, std::future::pending()));
        Self { at, config, handshakes, _hall: hall, task }
    }

    async fn connect(&self, client: &Arc<ClientConfig>) -> std::io::Result<TlsStream<TcpStream>> {
        let stream = TcpStream::connect(self.at).await.unwrap();
        let name = ServerName::try_from("hall.example").unwrap();
        TlsConnector::from(Arc::clone(client)).connect(name, stream).await
    }
}

impl Drop for Served {
    fn drop(&mut self) {
        self.task.abort();
    }
}

async fn get(mut stream: impl AsyncReadExt + AsyncWriteExt + Unpin, host: &str) -> String {
    let request = format!("GET /healthz HTTP/1.1\r\nHost: {host}\r\nConnection: close\r\n\r\n");
    stream.write_all(request.as_bytes()).await.unwrap();
    let mut answer = Vec::new();
    // Whoever is closed may be so by a reset.
    drop(stream.read_to_end(&mut answer).await);
    String::from_utf8_lossy(&answer).into_owned()
}

#[tokio::test]
async fn over_tls_any_host_is_answered_and_told_to_come_so_again() {
    let (server, client) = certificate();
    let served = Served::with(server).await;
    let answer = get(served.connect(&client).await.unwrap(), "hall.example:8443").await;
    assert!(answer.starts_with("HTTP/1.1 200 OK\r\n"), "{answer}");
    assert!(answer.contains("strict-transport-security: max-age=31536000\r\n"), "{answer}");
    assert_eq!(served.handshakes.done.load(Ordering::Relaxed), 1);
    assert_eq!(served.handshakes.failed.load(Ordering::Relaxed), 0);
}

#[tokio::test]
async fn a_peer_that_speaks_no_tls_is_closed_unanswered() {
    let (server, client) = certificate();
    let served = Served::with(server).await;
    let answer = get(TcpStream::connect(served.at).await.unwrap(), "localhost").await;
    assert!(!answer.contains("HTTP"), "{answer}");
    assert_eq!(served.handshakes.failed.load(Ordering::Relaxed), 1);
    // Nobody else is worse off for it.
    assert!(get(served.connect(&client).await.unwrap(), "localhost").await.starts_with("HTTP/1.1 200"));
}

#[tokio::test]
async fn a_new_certificate_counts_from_the_next_connection_on() {
    let ((first, knows_first), (second, knows_second)) = (certificate(), certificate());
    let served = Served::with(first).await;
    let before = served.connect(&knows_first).await.unwrap();
    assert!(served.connect(&knows_second).await.is_err());
    served.config.send_replace(second);
    assert!(served.connect(&knows_first).await.is_err());
    let after = served.connect(&knows_second).await.unwrap();
    for stream in [before, after] {
        assert!(get(stream, "hall.example").await.starts_with("HTTP/1.1 200"));
    }
}

#[tokio::test]
async fn when_too_many_shake_hands_the_next_waits_for_one_to_end() {
    let (server, client) = certificate();
    let served = Served::with(server).await;
    let mut silent = Vec::new();
    for _ in 0..HANDSHAKES {
        silent.push(TcpStream::connect(served.at).await.unwrap());
    }
    let next = served.connect(&client);
    tokio::pin!(next);
    while served.handshakes.full.load(Ordering::Relaxed) == 0 {
        tokio::select! {
            biased;
            connected = &mut next => panic!("it did not wait: {connected:?}"),
            () = tokio::task::yield_now() => {}
        }
    }
    drop(silent.pop());
    assert!(get(next.await.unwrap(), "localhost").await.starts_with("HTTP/1.1 200"));
}

#[tokio::test]
async fn when_too_many_are_connected_the_next_waits_for_one_to_go() {
    let (server, client) = certificate();
    let served = Served::for_at_most(3, server).await;
    let mut idle = Vec::new();
    for _ in 0..3 {
        idle.push(served.connect(&client).await.unwrap());
    }
    let next = served.connect(&client);
    tokio::pin!(next);
    while served.handshakes.full.load(Ordering::Relaxed) == 0 {
        tokio::select! {
            biased;
            connected = &mut next => panic!("it did not wait: {connected:?}"),
            () = tokio::task::yield_now() => {}
        }
    }
    drop(idle.pop());
    assert!(get(next.await.unwrap(), "localhost").await.starts_with("HTTP/1.1 200"));
}

#[tokio::test(start_paused = true)]
async fn a_peer_that_says_nothing_is_closed_after_a_while() {
    let (server, _) = certificate();
    let served = Served::with(server).await;
    let mut silent = TcpStream::connect(served.at).await.unwrap();
    let closed = tokio::time::timeout(Duration::from_secs(11), silent.read(&mut [0])).await;
    assert_eq!(closed.expect("it is closed by then").unwrap(), 0);
    assert_eq!(served.handshakes.failed.load(Ordering::Relaxed), 1);
}
