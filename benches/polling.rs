//! What polling costs, end to end: CPU seconds per 10 000 values, and memory, of a gateway process with decoding,
//! quality, history, journal and MQTT, against 100 devices of 100 registers each second on loopback.
//!
//! `cargo bench --bench polling [-- SECONDS]`. The devices and the broker run in this process, the gateway in one of
//! its own: only its CPU time counts, read from `/proc`. Figures are in `benches/README.md`.

#![allow(
    missing_docs,
    clippy::expect_used,
    clippy::indexing_slicing,
    clippy::cast_precision_loss,
    reason = "a benchmark may end at the first surprise"
)]

use std::{
    fmt::Write as _,
    fs,
    io::{Read, Write as _},
    net::{SocketAddr, TcpListener, TcpStream},
    path::Path,
    process::{Child, Command, Stdio},
    sync::{
        Arc,
        atomic::{AtomicU16, Ordering},
    },
    thread::{sleep, spawn},
    time::Duration,
};

const DEVICES: usize = 100;
const REGISTERS: u16 = 100;

/// Time for the first polls, the broker and the page cache, before the measurement.
const WARM_UP: Duration = Duration::from_secs(5);

fn main() {
    let seconds = std::env::args().filter_map(|argument| argument.parse().ok()).next().unwrap_or(30);
    println!("{DEVICES} devices x {REGISTERS} registers each second, {seconds} s each");
    println!(
        "{:<34} {:>14} {:>10} {:>9}",
        "registers that change each second", "CPU s / 10 000", "values/s", "RSS MiB"
    );
    for changing in [0, 10, 100] {
        let measured = measure(changing, seconds);
        println!(
            "{changing:<34} {:>14.4} {:>10.0} {:>9.1}",
            measured.cpu_s, measured.values_per_s, measured.rss_mib
        );
    }
}

struct Measured {
    cpu_s: f64,
    values_per_s: f64,
    rss_mib: f64,
}

fn measure(changing: u16, seconds: u64) -> Measured {
    let folder = tempfile::tempdir().expect("a folder");
    let clock = Arc::new(AtomicU16::new(0));
    let ports: Vec<_> = (0..DEVICES).map(|_| device(changing, Arc::clone(&clock))).collect();
    let ticking = Arc::clone(&clock);
    spawn(move || {
        loop {
            sleep(Duration::from_secs(1));
            ticking.fetch_add(1, Ordering::Relaxed);
        }
    });
    let broker = hallward_simulator::broker::start(SocketAddr::from(([127, 0, 0, 1], 0))).expect("a broker");
    let http = free_port();
    write_site(folder.path(), &ports, broker, http);
    let mut gateway = Gateway::start(folder.path());
    sleep(WARM_UP);
    let (cpu, values) = (gateway.cpu_s(), values(http));
    sleep(Duration::from_secs(seconds));
    let (cpu, values) = (gateway.cpu_s() - cpu, values_since(http, values));
    let rss_mib = gateway.rss_mib();
    gateway.0.kill().expect("the gateway runs");
    Measured { cpu_s: cpu / values * 10_000.0, values_per_s: values / seconds as f64, rss_mib }
}

/// A device that answers function 3: the first `changing` registers tell the time, the others their address.
fn device(changing: u16, clock: Arc<AtomicU16>) -> u16 {
    let listener = TcpListener::bind("127.0.0.1:0").expect("a port");
    let port = listener.local_addr().expect("an address").port();
    spawn(move || {
        for stream in listener.incoming().flatten() {
            let clock = Arc::clone(&clock);
            spawn(move || answer(stream, changing, &clock));
        }
    });
    port
}

fn answer(mut stream: TcpStream, changing: u16, clock: &AtomicU16) {
    let mut request = [0; 12];
    while stream.read_exact(&mut request).is_ok() {
        let word = |at: usize| u16::from_be_bytes([request[at], request[at + 1]]);
        let (start, count) = (word(8), word(10));
        let mut frame = request[..8].to_vec();
        frame[4..6].copy_from_slice(&(3 + count * 2).to_be_bytes());
        frame.push(u8::try_from(count * 2).expect("at most 125 registers"));
        for address in start..start + count {
            let value = if address < changing {
                clock.load(Ordering::Relaxed).wrapping_add(address)
            } else {
                address
            };
            frame.extend(value.to_be_bytes());
        }
        if stream.write_all(&frame).is_err() {
            return;
        }
    }
}

fn free_port() -> u16 {
    TcpListener::bind("127.0.0.1:0").and_then(|listener| listener.local_addr()).expect("a port").port()
}

fn write_site(folder: &Path, ports: &[u16], broker: SocketAddr, http: u16) {
    let profile = format!(
        "[profile]\nid = \"bench\"\nname = \"bench\"\nvendor = \"bench\"\nclass = \"io\"\nconfidence = \"low\"\n\
         sources = [\"benches/polling.rs\"]\n[connection]\n[lacks]\n\"input.0\" = \"a bench\"\n\
         [[point]]\nname = \"register.{{n}}\"\narea = \"holding\"\naddress = 0\ntype = \"u16\"\nscale = 0.1\nunit = \"V\"\n\
         text = {{ en = \"Register {{n}}\", vi = \"Thanh ghi {{n}}\" }}\n\
         each = {{ from = 0, to = {}, address_step = 1 }}\n",
        REGISTERS - 1
    );
    let mut site = format!(
        "[site]\nid = \"bench\"\nname = \"Bench\"\ntime_zone = \"UTC\"\n[web]\nlisten = \"127.0.0.1:{http}\"\n\
         [mqtt]\nbroker = \"mqtt://{broker}\"\n"
    );
    for (n, port) in ports.iter().enumerate() {
        write!(
            site,
            "[[line]]\nid = \"l{n}\"\ntcp = \"127.0.0.1:{port}\"\n\
             [[device]]\nid = \"d{n}\"\nline = \"l{n}\"\nprofile = \"bench\"\n"
        )
        .expect("a string");
    }
    fs::create_dir(folder.join("profiles")).expect("a folder");
    fs::create_dir(folder.join("data")).expect("a folder");
    fs::write(folder.join("profiles/bench.toml"), profile).expect("a file");
    fs::write(folder.join("site.toml"), site).expect("a file");
}

struct Gateway(Child);

impl Gateway {
    fn start(folder: &Path) -> Self {
        let mut command = Command::new(env!("CARGO_BIN_EXE_hallward"));
        command.args(["run", "--site", "site.toml", "--data", "data", "--profiles", "profiles"]);
        command.args(["--control", "data/control.sock"]).current_dir(folder).stderr(Stdio::null());
        Self(command.spawn().expect("the gateway starts"))
    }

    /// User and system time, s.
    fn cpu_s(&self) -> f64 {
        let stat = fs::read_to_string(format!("/proc/{}/stat", self.0.id())).expect("the gateway runs");
        let fields = stat.rsplit(')').next().unwrap_or_default().split_whitespace().collect::<Vec<_>>();
        let ticks = [11, 12].map(|n| fields[n].parse::<f64>().expect("a number"));
        // Linux counts in hundredths of a second, whatever the kernel's own tick.
        ticks.iter().sum::<f64>() / 100.0
    }

    fn rss_mib(&self) -> f64 {
        let status = fs::read_to_string(format!("/proc/{}/status", self.0.id())).expect("the gateway runs");
        let line = status.lines().find_map(|line| line.strip_prefix("VmRSS:")).unwrap_or_default();
        line.trim().trim_end_matches(" kB").parse::<f64>().unwrap_or(f64::NAN) / 1024.0
    }
}

impl Drop for Gateway {
    fn drop(&mut self) {
        drop(self.0.kill());
        drop(self.0.wait());
    }
}

/// Values decoded so far, from the gateway's metrics.
fn values(http: u16) -> f64 {
    let mut stream = TcpStream::connect(("127.0.0.1", http)).expect("the pages");
    write!(stream, "GET /metrics HTTP/1.0\r\nHost: 127.0.0.1:{http}\r\n\r\n").expect("a request");
    let mut text = String::new();
    stream.read_to_string(&mut text).expect("an answer");
    let samples = text.lines().filter(|line| line.starts_with("hallward_line_values_total"));
    samples.filter_map(|line| line.rsplit(' ').next()?.parse::<f64>().ok()).sum()
}

fn values_since(http: u16, before: f64) -> f64 {
    values(http) - before
}
