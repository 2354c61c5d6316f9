//! The program as a user or a test suite meets it: started, asked over HTTP, ended.

use std::{
    io::{BufRead, BufReader, Read, Write},
    net::TcpStream,
    ops::Deref,
    path::Path,
    process::{Child, Command, Stdio},
};

use serde_json::Value as Json;

/// Asks a running gateway and its simulated hall.
pub(crate) struct Client {
    /// The addresses: `http`, `simulator`.
    pub(crate) ready: Json,
    /// What it shows the gateway.
    pub(crate) token: String,
}

/// A running `hallward`, killed when dropped.
pub(crate) struct Running {
    child: Child,
    client: Client,
}

impl Deref for Running {
    type Target = Client;
    fn deref(&self) -> &Client {
        &self.client
    }
}

/// A port that nobody listens on.
pub(crate) fn free_port() -> u16 {
    std::net::TcpListener::bind("127.0.0.1:0").unwrap().local_addr().unwrap().port()
}

/// The built program.
pub(crate) fn hallward() -> Command {
    Command::new(env!("CARGO_BIN_EXE_hallward"))
}

impl Running {
    /// A demo on free ports, with its data in `data`; returns once it is ready.
    pub(crate) fn demo(data: &Path, arguments: &[&str]) -> Self {
        let free = "127.0.0.1:0";
        let mut command = hallward();
        command
            .args(["demo", "--past", "0", "--http", free, "--mqtt", free, "--simulator", free, "--data"])
            .arg(data);
        let mut child = command.args(arguments).stdout(Stdio::piped()).stderr(Stdio::null()).spawn().unwrap();
        let mut line = String::new();
        BufReader::new(child.stdout.take().unwrap()).read_line(&mut line).unwrap();
        let ready = serde_json::from_str(&line).unwrap_or_else(|error| panic!("{error}: {line:?}"));
        let client = Client { token: administrator(data), ready };
        Self { child, client }
    }

    /// A gateway of this site file, whose pages are at `port`; its data go to `data`.
    pub(crate) fn site(site: &Path, data: &Path, port: u16) -> Self {
        let mut running = Self::unasked(site, data, port);
        running.client.token = made_at_the_console(data);
        running
    }

    /// The same, for whoever asks it nothing.
    pub(crate) fn unasked(site: &Path, data: &Path, port: u16) -> Self {
        let mut command = hallward();
        command.args(["run", "--profiles", "/nowhere", "--keys", "/nowhere", "--site"]).arg(site);
        command.arg("--data").arg(data).arg("--control").arg(data.join("control.sock"));
        let mut child = command.stdout(Stdio::null()).stderr(Stdio::piped()).spawn().unwrap();
        let mut log = BufReader::new(child.stderr.take().unwrap());
        let (mut line, mut all) = (String::new(), String::new());
        while !line.contains("pages at") {
            line.clear();
            assert!(log.read_line(&mut line).unwrap() > 0, "it ended: {all}");
            all.push_str(&line);
        }
        // The log goes on; nobody may let the pipe fill.
        std::thread::spawn(move || std::io::copy(&mut log, &mut std::io::sink()));
        let ready = serde_json::json!({ "http": format!("http://127.0.0.1:{port}") });
        Self { child, client: Client { token: String::new(), ready } }
    }

    /// Tells it to read its site file again, as `systemctl reload` does.
    pub(crate) fn reload(&self) {
        let id = self.child.id().to_string();
        assert!(Command::new("kill").args(["-HUP", &id]).status().unwrap().success());
    }

    /// Ends it as a power cut would.
    pub(crate) fn kill(&mut self) {
        self.child.kill().unwrap();
        self.child.wait().unwrap();
    }
}

impl Running {
    /// Ends it as systemd would; returns its exit code.
    pub(crate) fn terminate(&mut self) -> Option<i32> {
        let id = self.child.id().to_string();
        assert!(Command::new("kill").args(["-TERM", &id]).status().unwrap().success());
        self.child.wait().unwrap().code()
    }
}

/// The token that a demo gives its administrator.
pub(crate) fn administrator(data: &Path) -> String {
    let tokens = std::fs::read_to_string(data.join("demo-tokens.json")).unwrap();
    let tokens: Json = serde_json::from_str(&tokens).unwrap();
    tokens["administrator"].as_str().unwrap().to_owned()
}

/// The token of an administrator whom the console has made.
fn made_at_the_console(data: &Path) -> String {
    let ask = |arguments: &[&str]| {
        let output = hallward().args(arguments).args(["--json", "--data"]).arg(data).output().unwrap();
        assert!(output.status.success(), "{arguments:?}: {}", String::from_utf8_lossy(&output.stderr));
        serde_json::from_slice::<Json>(&output.stdout).unwrap()
    };
    let known = ask(&["account", "list"]);
    if known["accounts"].as_array().unwrap().is_empty() {
        ask(&["account", "add", "--name", "Test", "--sign-in", "test", "--role", "administrator"]);
    }
    let made = ask(&["token", "add", "test", "--for", "test", "--rights", "hall.read,journal.read"]);
    made["token"].as_str().unwrap().to_owned()
}

impl Client {
    /// The body of `GET path` of the pages' server.
    pub(crate) fn get(&self, path: &str) -> Json {
        let (status, body) = self.request("http", "GET", path);
        assert_eq!(status, 200, "GET {path}: {body}");
        serde_json::from_str(&body).unwrap_or_else(|error| panic!("GET {path}: {error}: {body}"))
    }

    /// `POST path` to the simulated hall.
    pub(crate) fn simulator(&self, method: &str, path: &str) {
        let (status, body) = self.request("simulator", method, path);
        assert!((200..300).contains(&status), "{method} {path}: {status} {body}");
    }

    /// Status and body of a request to one of the addresses that it printed.
    pub(crate) fn request(&self, server: &str, method: &str, path: &str) -> (u16, String) {
        self.send(server, method, path, "")
    }

    /// The same for a `POST` with a JSON body.
    pub(crate) fn post_json(&self, server: &str, path: &str, body: &Json) -> (u16, String) {
        self.send(server, "POST", path, &body.to_string())
    }

    fn send(&self, server: &str, method: &str, path: &str, body: &str) -> (u16, String) {
        let mut stream = self.connect(server);
        let host = self.ready[server].as_str().unwrap().trim_start_matches("http://");
        let length = body.len();
        write!(
            stream,
            "{method} {path} HTTP/1.0\r\nHost: {host}\r\nContent-Type: application/json\r\n\
             Authorization: Bearer {token}\r\nContent-Length: {length}\r\n\r\n{body}",
            token = self.token
        )
        .unwrap();
        let mut answer = String::new();
        stream.read_to_string(&mut answer).unwrap();
        let (head, body) = answer.split_once("\r\n\r\n").unwrap_or_else(|| panic!("no HTTP: {answer:?}"));
        let status = head.split(' ').nth(1).and_then(|status| status.parse().ok());
        (status.unwrap_or_else(|| panic!("no status: {head:?}")), body.to_owned())
    }

    fn connect(&self, server: &str) -> TcpStream {
        TcpStream::connect(self.ready[server].as_str().unwrap().trim_start_matches("http://")).unwrap()
    }

    /// Reads the event stream until `holds`; the stream, not the clock, says when to look again.
    pub(crate) fn until(&self, what: &str, mut holds: impl FnMut(&Self) -> bool) {
        let mut stream = self.connect("http");
        let host = self.ready["http"].as_str().unwrap().trim_start_matches("http://");
        let token = &self.token;
        write!(
            stream,
            "GET /api/v1/stream HTTP/1.0\r\nHost: {host}\r\nAuthorization: Bearer {token}\r\n\r\n"
        )
        .unwrap();
        let mut events = BufReader::new(stream);
        let mut line = String::new();
        for _ in 0..2000 {
            if holds(self) {
                return;
            }
            loop {
                line.clear();
                assert!(events.read_line(&mut line).unwrap() > 0, "the stream ended before {what}");
                if line.starts_with("data:") {
                    break;
                }
            }
        }
        panic!("not seen: {what}");
    }

    /// Value and quality of a point.
    pub(crate) fn point(&self, device: &str, point: &str) -> (Json, String) {
        let points = self.get(&format!("/api/v1/points?device={device}"));
        let found = points["points"].as_array().unwrap().iter().find(|found| found["point"] == point);
        let found = found.unwrap_or_else(|| panic!("no {device}/{point}"));
        (found["value"].clone(), found["quality"].as_str().unwrap().to_owned())
    }
}

impl Drop for Running {
    fn drop(&mut self) {
        // It may have ended by itself.
        drop(self.child.kill());
        drop(self.child.wait());
    }
}
