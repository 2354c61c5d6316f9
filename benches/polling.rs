//! What polling costs, end to end: CPU seconds per 10 000 values, and memory, of a gateway process with decoding,
//! quality, history, journal and MQTT, against devices on loopback; beside modpoll, which only polls.
//!
//! `cargo bench --bench polling [-- SECONDS]`. The devices and the broker run in this process, what is measured in one
//! of its own. Figures are in `benches/README.md`.

#![allow(
    missing_docs,
    clippy::disallowed_methods,
    clippy::expect_used,
    clippy::indexing_slicing,
    clippy::cast_precision_loss,
    reason = "a benchmark reads the clock, and may end at the first surprise"
)]

mod hall;
mod modpoll;

use std::{
    thread::sleep,
    time::{Duration, Instant},
};

use hall::{
    Devices, Load,
    process::{Gateway, Process},
};
use modpoll::Modpoll;

/// Time for the first polls, the broker and the page cache, before the measurement.
const WARM_UP: Duration = Duration::from_secs(5);

const SECOND: Duration = Duration::from_secs(1);

/// Each load, and whether modpoll takes it too.
const LOADS: [(Load, bool); 5] = [
    (Load { devices: 100, registers: 100, changing: 0, every: SECOND }, false),
    (Load { devices: 100, registers: 100, changing: 10, every: SECOND }, true),
    (Load { devices: 100, registers: 100, changing: 100, every: SECOND }, false),
    (Load { devices: 10, registers: 1000, changing: 100, every: SECOND }, true),
    (Load { devices: 10, registers: 1000, changing: 100, every: Duration::from_millis(100) }, true),
];

fn main() {
    let seconds = std::env::args().filter_map(|argument| argument.parse().ok()).next().unwrap_or(30);
    let span = Duration::from_secs(seconds);
    let modpoll = Modpoll::install();
    if let Err(why) = &modpoll {
        println!("without modpoll, which could not be installed: {why}");
    }
    println!("{seconds} s each; modpoll polls only, all units at one port\n");
    println!("{:<46} {:<8} {:>14} {:>9} {:>8}", "load", "", "CPU s / 10 000", "values/s", "RSS MiB");
    for (load, compared) in LOADS {
        let devices = Devices::start(load);
        let ours = gateway(load, &devices, span);
        let Load { devices: count, registers, changing, every } = load;
        let load_name = format!("{count} x {registers} each {every:?}, {changing} of {registers} change");
        print(&load_name, "hallward", &ours);
        if let (true, Ok(modpoll)) = (compared, &modpoll) {
            let mut running = modpoll.start(load, &devices);
            let theirs = measure(&running.process, span, || devices.served() as f64);
            if running.process.has_ended() {
                println!("{:<46} modpoll  ended by itself", "");
            } else {
                print("", "modpoll", &theirs);
                println!("{:<46} modpoll takes {:.1} times the CPU", "", theirs.cpu_s / ours.cpu_s);
            }
        }
    }
}

struct Measured {
    /// For 10 000 values.
    cpu_s: f64,
    values_per_s: f64,
    rss_mib: f64,
}

fn print(load: &str, program: &str, measured: &Measured) {
    let Measured { cpu_s, values_per_s, rss_mib } = measured;
    println!("{load:<46} {program:<8} {cpu_s:>14.4} {values_per_s:>9.0} {rss_mib:>8.1}");
}

fn gateway(load: Load, devices: &Devices, span: Duration) -> Measured {
    let gateway = Gateway::start(load, devices);
    measure(&gateway.process, span, || gateway.values())
}

fn measure(process: &Process, span: Duration, values: impl Fn() -> f64) -> Measured {
    sleep(WARM_UP);
    let (begun, cpu_before, before) = (Instant::now(), process.cpu_s(), values());
    sleep(span);
    let (elapsed, cpu, values) = (begun.elapsed(), process.cpu_s() - cpu_before, values() - before);
    Measured {
        cpu_s: cpu / values * 10_000.0,
        values_per_s: values / elapsed.as_secs_f64(),
        rss_mib: process.rss_mib(),
    }
}
