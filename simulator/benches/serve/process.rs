//! A `hallsim` process under load: its share of a core and its memory, as `/proc` tells them. The client is this
//! process.

use std::{
    fs,
    io::{BufRead, BufReader, Read, Write},
    net::TcpStream,
    process::{Child, Command, Stdio},
    thread::sleep,
    time::{Duration, Instant},
};

use serde_json::Value;

use crate::site::{self, Kind};

/// Registers that are read of each device.
const REGISTERS: u16 = 100;

const EVERY: Duration = Duration::from_secs(1);

/// Polls before the measurement.
const WARM_UP: u32 = 3;

struct Hallsim(Child);

impl Hallsim {
    /// User and system time, s.
    fn cpu_s(&self) -> f64 {
        let stat = fs::read_to_string(format!("/proc/{}/stat", self.0.id())).expect("it runs");
        let fields: Vec<&str> = stat.rsplit(')').next().unwrap_or_default().split_whitespace().collect();
        // Linux counts in hundredths of a second, whatever the kernel's own tick.
        [11, 12].iter().map(|n| fields[*n].parse::<f64>().expect("a number")).sum::<f64>() / 100.0
    }

    /// Resident memory, MiB.
    fn rss_mib(&self) -> f64 {
        let status = fs::read_to_string(format!("/proc/{}/status", self.0.id())).expect("it runs");
        let line = status.lines().find_map(|line| line.strip_prefix("VmRSS:")).unwrap_or_default();
        line.trim().trim_end_matches(" kB").parse::<f64>().unwrap_or(f64::NAN) / 1024.0
    }
}

impl Drop for Hallsim {
    fn drop(&mut self) {
        drop(self.0.kill());
        drop(self.0.wait());
    }
}

pub(crate) fn measure(seconds: u32) {
    let folder = tempfile::tempdir().expect("a folder");
    let path = folder.path().join("large.toml");
    fs::write(&path, site::large()).expect("a file");
    let mut command = Command::new(env!("CARGO_BIN_EXE_hallsim"));
    command.arg("--site").arg(&path).args(["--control", "127.0.0.1:0"]).stdout(Stdio::piped());
    let started = Instant::now();
    let mut hallsim = Hallsim(command.spawn().expect("hallsim starts"));
    let mut ready = String::new();
    let told = hallsim.0.stdout.take().expect("its output");
    BufReader::new(told).read_line(&mut ready).expect("one line");
    let ready: Value = serde_json::from_str(&ready).expect("JSON");
    println!("hallsim is ready after {:.1} s", started.elapsed().as_secs_f64());
    let mut devices: Vec<(TcpStream, Kind)> = site::devices()
        .enumerate()
        .map(|(n, kind)| {
            let address = ready["lines"][format!("line-{n:03}")].as_str().expect("an address");
            let stream = TcpStream::connect(address).expect("a connection");
            stream.set_nodelay(true).expect("TCP_NODELAY");
            (stream, kind)
        })
        .collect();
    let share = |hallsim: &Hallsim, work: &mut dyn FnMut()| {
        let (begun, before) = (Instant::now(), hallsim.cpu_s());
        work();
        (hallsim.cpu_s() - before) / begun.elapsed().as_secs_f64() * 100.0
    };
    let idle = share(&hallsim, &mut || sleep(EVERY * seconds));
    poll(&mut devices, WARM_UP);
    let asked = share(&hallsim, &mut || poll(&mut devices, seconds));
    println!(
        "{} devices x {REGISTERS} registers each second, {seconds} s: {asked:.1} % of a core \
         ({idle:.1} % while nobody asks), {:.1} MiB",
        devices.len(),
        hallsim.rss_mib()
    );
}

/// Asks every device once a period, all of them before the first answer is read.
fn poll(devices: &mut [(TcpStream, Kind)], times: u32) {
    let begun = Instant::now();
    for turn in 0..times {
        for (stream, Kind { function, first, .. }) in &mut *devices {
            let [[f1, f2], [c1, c2]] = [first.to_be_bytes(), REGISTERS.to_be_bytes()];
            stream.write_all(&[0, 1, 0, 0, 0, 6, 1, *function, f1, f2, c1, c2]).expect("a request is sent");
        }
        for (stream, kind) in &mut *devices {
            let mut answer = vec![0; 9 + usize::from(REGISTERS) * 2];
            stream.read_exact(&mut answer).expect("an answer");
            assert_eq!(answer[7], kind.function, "{} refuses: {:?}", kind.profile, &answer[..9]);
        }
        sleep((begun + EVERY * (turn + 1)).saturating_duration_since(Instant::now()));
    }
}
