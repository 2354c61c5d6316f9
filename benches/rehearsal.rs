//! What a rehearsal costs: the demo's hall and the gateway around it through a virtual day, over the real bus code and
//! streams in memory; its week before; and a quarter of a normal year at 10 s through physics, logic and store
//! without the wire.
//!
//! `cargo bench --bench rehearsal [-- day|week|quarter [DAYS]]`. What physics alone takes is in the simulator's own bench.
//! Figures are in `benches/README.md`.

#![allow(
    missing_docs,
    clippy::disallowed_methods,
    clippy::expect_used,
    clippy::indexing_slicing,
    clippy::panic,
    clippy::cast_precision_loss,
    reason = "a benchmark reads the clock, and may end at the first surprise"
)]

use std::{
    fs,
    path::Path,
    sync::Arc,
    time::{Duration, Instant},
};

use hallward::{
    app::demo::{Demo, Lived, Rhythm, Settings, live_days, live_through},
    model::Wall,
};
use hallward_profiles::Library;
use hallward_simulator::{DEMO_SITE, Hall, Scenario};
use hallward_site::Site;
use tempfile::TempDir;
use tokio::runtime::Runtime;
use tokio_util::sync::CancellationToken;

const DAY: Duration = Duration::from_secs(86_400);

/// Noon of the first of June 2026 in Vietnam.
const NOON: Wall = Wall(1_780_290_000_000_000);

fn main() {
    let wanted: Vec<String> = std::env::args().skip(1).filter(|one| !one.starts_with('-')).collect();
    let runs = |name: &str| {
        wanted.iter().all(|one| one.parse::<u32>().is_ok()) || wanted.iter().any(|one| one == name)
    };
    let runtime = Runtime::new().expect("threads");
    println!("{:<64} {:>8} {:>8} {:>14} {:>9}", "", "wall s", "CPU s", "values", "disk MiB");
    if runs("day") {
        runtime.block_on(virtual_day());
    }
    if runs("week") {
        lived("the demo's week before, to noon", |hall, data| {
            runtime.block_on(live_days(hall, data, NOON, 7)).expect("a week")
        });
    }
    if runs("quarter") {
        let days = wanted.iter().find_map(|one| one.parse().ok()).unwrap_or(90);
        lived(&format!("{days} days of a normal quarter, each 10 s, without the wire"), |hall, data| {
            hall.start(Scenario::NormalQuarter).expect("the demo's hall has it all");
            let rhythm = Rhythm::steady(Duration::from_secs(10));
            runtime.block_on(live_through(hall, data, NOON, days * DAY, rhythm)).expect("a quarter")
        });
    }
}

fn hall() -> Hall {
    let library = Library::load(None).unwrap_or_else(|wrong| panic!("{}", wrong[0]));
    Hall::new(Site::parse("demo", DEMO_SITE, &library).unwrap_or_else(|wrong| panic!("{wrong}")))
        .expect("a hall")
}

async fn virtual_day() {
    let folder = TempDir::new().expect("a folder");
    let settings = Settings::quiet(folder.path().to_owned(), NOON);
    let hall = Arc::new(hall());
    let demo = Demo::start(Arc::clone(&hall), settings, CancellationToken::new()).await.expect("a demo");
    let snapshot = demo.snapshot();
    let devices = snapshot.devices.len();
    let points: usize = snapshot.devices.iter().map(|device| device.readings.len()).sum();
    let meter = Meter::start();
    // An hour at a time, as a test suite would; an outage at noon.
    for hour in 0..24 {
        if hour == 12 {
            hall.start(Scenario::MainsFailure).expect("a grid");
        }
        if hour == 13 {
            hall.start(Scenario::MainsRestored).expect("a grid");
        }
        demo.advance(Duration::from_secs(3600)).await.expect("an hour");
    }
    let name = format!("a virtual day: {devices} devices, {points} points, each 1 s, real bus");
    meter.print(&name, (points as u64) * DAY.as_secs(), folder.path());
    demo.stop().await.expect("an orderly end");
}

fn lived(name: &str, live: impl FnOnce(&Hall, &Path) -> Lived) {
    let folder = TempDir::new().expect("a folder");
    let hall = hall();
    let meter = Meter::start();
    let told = live(&hall, folder.path());
    meter.print(name, told.values, folder.path());
}

struct Meter {
    wall: Instant,
    cpu_s: f64,
}

impl Meter {
    fn start() -> Self {
        Self { wall: Instant::now(), cpu_s: cpu_s() }
    }

    fn print(&self, name: &str, values: u64, data: &Path) {
        let bytes: u64 = fs::read_dir(data)
            .expect("the folder")
            .filter_map(|file| file.ok()?.metadata().ok())
            .map(|file| file.len())
            .sum();
        let (wall_s, cpu_s) = (self.wall.elapsed().as_secs_f64(), cpu_s() - self.cpu_s);
        println!("{name:<64} {wall_s:>8.1} {cpu_s:>8.1} {values:>14} {:>9.1}", bytes as f64 / 1048576.0);
    }
}

/// User and system time of this process, s.
fn cpu_s() -> f64 {
    let stat = fs::read_to_string("/proc/self/stat").expect("Linux");
    let fields = stat.rsplit(')').next().unwrap_or_default().split_whitespace().collect::<Vec<_>>();
    // Linux counts in hundredths of a second, whatever the kernel's own tick.
    [11, 12].map(|n| fields[n].parse::<f64>().expect("a number")).iter().sum::<f64>() / 100.0
}
