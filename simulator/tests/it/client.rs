//! What the tests speak with: a simulator at rest, Modbus TCP and HTTP, written out by hand.

use std::{collections::BTreeMap, net::SocketAddr, time::Duration};

use hallward_profiles::Library;
use hallward_simulator::{DEMO_SITE, Options, Simulator};
use hallward_site::Site;
use serde_json::Value;
use tokio::{
    io::{AsyncRead, AsyncReadExt, AsyncWrite, AsyncWriteExt},
    net::TcpStream,
    time::timeout,
};

/// So long a wait means that a test has failed; none that passes waits at all.
pub(crate) const PATIENCE: Duration = Duration::from_secs(30);

pub(crate) fn loopback() -> SocketAddr {
    "127.0.0.1:0".parse().unwrap()
}

/// A hall of which `text` says what is in it.
pub(crate) fn site(text: &str) -> Site {
    let head = "[site]\nid = \"test\"\nname = \"Test\"\ntime_zone = \"Asia/Ho_Chi_Minh\"\n";
    let text = if text.contains("[site]") { text.to_owned() } else { format!("{head}{text}") };
    Site::parse("test.toml", &text, &Library::load(None).unwrap()).unwrap_or_else(|wrong| panic!("{wrong}"))
}

/// A device of a site file.
pub(crate) fn device(id: &str, line: &str, unit: u8, profile: &str) -> String {
    format!(
        "[[device]]\nid = \"{id}\"\nname = \"{id}\"\nline = \"{line}\"\nunit = {unit}\n\
         profile = \"{profile}\"\nevery = \"1s\"\n"
    )
}

pub(crate) fn options(site: Site) -> Options {
    let lines = BTreeMap::new();
    Options { site, control: loopback(), lines, client_certificates: false, speed: 0.0, gateway: None }
}

pub(crate) fn demo_options() -> Options {
    options(site(DEMO_SITE))
}

/// The demo's hall, in which time stands still.
pub(crate) async fn demo() -> Simulator {
    Simulator::start(demo_options()).await.unwrap()
}

/// A Modbus TCP connection.
pub(crate) struct Modbus<S = TcpStream> {
    stream: S,
    transaction: u16,
}

impl Modbus {
    pub(crate) async fn to(simulator: &Simulator, line: &str) -> Self {
        Self::over(TcpStream::connect(simulator.lines()[line].to_string()).await.unwrap())
    }
}

impl<S: AsyncRead + AsyncWrite + Unpin> Modbus<S> {
    pub(crate) fn over(stream: S) -> Self {
        Self { stream, transaction: 0 }
    }

    /// Sends a request without waiting for its answer; returns its transaction id.
    pub(crate) async fn send(&mut self, unit: u8, pdu: &[u8]) -> u16 {
        self.transaction += 1;
        let length = u16::try_from(pdu.len() + 1).unwrap();
        let head = [self.transaction.to_be_bytes(), [0, 0], length.to_be_bytes()].concat();
        self.raw(&[&head[..], &[unit], pdu].concat()).await;
        self.transaction
    }

    pub(crate) async fn raw(&mut self, bytes: &[u8]) {
        self.stream.write_all(bytes).await.unwrap();
        self.stream.flush().await.unwrap();
    }

    /// The next answer: transaction id, unit and PDU; `None` when the connection was closed.
    pub(crate) async fn receive(&mut self) -> Option<(u16, u8, Vec<u8>)> {
        timeout(PATIENCE, self.next()).await.expect("an answer or the end of the connection")
    }

    async fn next(&mut self) -> Option<(u16, u8, Vec<u8>)> {
        let mut head = [0_u8; 7];
        self.stream.read_exact(&mut head).await.ok()?;
        let mut pdu = vec![0; usize::from(u16::from_be_bytes([head[4], head[5]])) - 1];
        self.stream.read_exact(&mut pdu).await.ok()?;
        Some((u16::from_be_bytes([head[0], head[1]]), head[6], pdu))
    }

    /// Sends a request and returns its answer's PDU.
    pub(crate) async fn ask(&mut self, unit: u8, pdu: &[u8]) -> Vec<u8> {
        let transaction = self.send(unit, pdu).await;
        let (answered, by, pdu) = self.receive().await.expect("an answer");
        assert_eq!((answered, by), (transaction, unit));
        pdu
    }
}

/// An answer of the control API.
pub(crate) struct Answer {
    pub(crate) status: u16,
    pub(crate) content_type: String,
    pub(crate) json: Value,
}

/// Asks the control API.
pub(crate) async fn http(simulator: &Simulator, method: &str, path: &str, body: &str) -> Answer {
    let mut stream = TcpStream::connect(simulator.control_address()).await.unwrap();
    let request = format!(
        "{method} {path} HTTP/1.1\r\nhost: localhost\r\nconnection: close\r\ncontent-type: application/json\r\n\
         content-length: {}\r\n\r\n{body}",
        body.len()
    );
    stream.write_all(request.as_bytes()).await.unwrap();
    let mut answer = String::new();
    stream.read_to_string(&mut answer).await.unwrap();
    let (head, body) = answer.split_once("\r\n\r\n").unwrap();
    let content_type = head.lines().find_map(|line| line.strip_prefix("content-type: ")).unwrap_or_default();
    Answer {
        status: head.split(' ').nth(1).unwrap().parse().unwrap(),
        content_type: content_type.to_owned(),
        json: serde_json::from_str(body).unwrap_or_else(|_| panic!("no JSON: {body}")),
    }
}
