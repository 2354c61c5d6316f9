//! Programs that are measured, each in a process of its own: CPU time and memory as `/proc` tells them.

use std::{
    cell::OnceCell,
    fs,
    io::{Read, Write},
    net::{SocketAddr, TcpListener, TcpStream},
    process::{Child, Command, Stdio},
};

use tempfile::TempDir;

use super::{Devices, Load, site};

/// A program that runs until this is dropped.
pub(crate) struct Process(Child);

impl Process {
    pub(crate) fn start(command: &mut Command) -> Self {
        Self(command.stdin(Stdio::null()).spawn().expect("the program starts"))
    }

    /// Whether it has come to an end by itself.
    pub(crate) fn has_ended(&mut self) -> bool {
        self.0.try_wait().expect("a child").is_some()
    }

    /// User and system time, s.
    pub(crate) fn cpu_s(&self) -> f64 {
        let stat = fs::read_to_string(format!("/proc/{}/stat", self.0.id())).expect("the program runs");
        let fields = stat.rsplit(')').next().unwrap_or_default().split_whitespace().collect::<Vec<_>>();
        let ticks = [11, 12].map(|n| fields[n].parse::<f64>().expect("a number"));
        // Linux counts in hundredths of a second, whatever the kernel's own tick.
        ticks.iter().sum::<f64>() / 100.0
    }

    /// Resident memory, MiB.
    pub(crate) fn rss_mib(&self) -> f64 {
        let status = fs::read_to_string(format!("/proc/{}/status", self.0.id())).expect("the program runs");
        let line = status.lines().find_map(|line| line.strip_prefix("VmRSS:")).unwrap_or_default();
        line.trim().trim_end_matches(" kB").parse::<f64>().unwrap_or(f64::NAN) / 1024.0
    }
}

impl Drop for Process {
    fn drop(&mut self) {
        drop(self.0.kill());
        drop(self.0.wait());
    }
}

/// A gateway with history, journal, MQTT to a broker in this process, pages and metrics.
pub(crate) struct Gateway {
    pub(crate) process: Process,
    http: u16,
    /// What its metrics are asked with, once it is there to make one.
    token: OnceCell<String>,
    /// Its files, which go with it.
    folder: TempDir,
}

impl Gateway {
    pub(crate) fn start(load: Load, devices: &Devices) -> Self {
        let folder = tempfile::tempdir().expect("a folder");
        let any = SocketAddr::from(([127, 0, 0, 1], 0));
        let broker = hallward_simulator::broker::start(any).expect("a broker");
        let http = TcpListener::bind(any).and_then(|listener| listener.local_addr()).expect("a port").port();
        site::write(folder.path(), load, devices, broker, http);
        let mut command = Command::new(env!("CARGO_BIN_EXE_hallward"));
        command.args(["run", "--site", "site.toml", "--data", "data", "--profiles", "profiles"]);
        command.args(["--control", "data/control.sock"]).current_dir(folder.path()).stderr(Stdio::null());
        Self { process: Process::start(&mut command), http, token: OnceCell::new(), folder }
    }

    /// Values decoded so far, from its metrics.
    pub(crate) fn values(&self) -> f64 {
        let (http, token) = (self.http, self.token.get_or_init(|| self.make_token()));
        let mut stream = TcpStream::connect(("127.0.0.1", http)).expect("the pages");
        write!(
            stream,
            "GET /metrics HTTP/1.0\r\nHost: 127.0.0.1:{http}\r\nAuthorization: Bearer {token}\r\n\r\n"
        )
        .expect("a request");
        let mut text = String::new();
        stream.read_to_string(&mut text).expect("an answer");
        let samples = text.lines().filter(|line| line.starts_with("hallward_line_values_total"));
        samples.filter_map(|line| line.rsplit(' ').next()?.parse::<f64>().ok()).sum()
    }

    /// A token of somebody whom the console makes.
    fn make_token(&self) -> String {
        let ask = |arguments: &[&str]| {
            let mut command = Command::new(env!("CARGO_BIN_EXE_hallward"));
            let output = command.args(arguments).arg("--data").arg(self.folder.path().join("data")).output();
            let output = output.expect("the program runs");
            assert!(output.status.success(), "{}", String::from_utf8_lossy(&output.stderr));
            String::from_utf8(output.stdout).expect("text").trim().to_owned()
        };
        ask(&["account", "add", "--name", "Bench", "--sign-in", "bench", "--role", "viewer"]);
        ask(&["token", "add", "bench", "--for", "bench", "--rights", "hall.read"])
    }
}
