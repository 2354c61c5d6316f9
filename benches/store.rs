//! What the store costs: run `cargo bench --bench store`, or `cargo bench --bench store -- 400` for fewer points.
//!
//! Signals and their noise come from a fixed seed, so that sizes are the same on every run. Files lie in the
//! folder of `TMPDIR`; the journal's figures are those of its disk.

#![allow(clippy::disallowed_methods, reason = "a benchmark measures time, and gives the store none of it")]
#![allow(clippy::unwrap_used, clippy::indexing_slicing, reason = "what fails here, fails the benchmark")]
#![allow(clippy::cast_precision_loss, reason = "figures for people")]

use std::{
    fs,
    path::Path,
    time::{Duration, Instant},
};

use hallward::{
    model::{
        Column, DeviceInfo, DeviceIx, Mono, NewRecord, Now, Pace, Plant, PointInfo, PointIx, PointRef,
        PointSource, SampleGroup, SampleRow, Severity, Trust, ValueKind, Wall,
    },
    store::{Batch, History, Journal, JournalFilter, RangeQuery, Series, Write},
};

/// 2026-11-23 00:00 UTC.
const START: Wall = Wall(1_795_392_000_000_000);
const PERIOD: Duration = Duration::from_secs(10);
const HOUR: u32 = 360;
const DAY: u32 = 24 * HOUR;
/// Points of a group.
const WIDTH: u16 = 10;

fn main() {
    let points = std::env::args().filter_map(|argument| argument.parse().ok()).next().unwrap_or(2000_u16);
    let runtime = tokio::runtime::Runtime::new().unwrap();
    let folder = tempfile::tempdir().unwrap();
    runtime.block_on(async {
        samples(&folder.path().join("history.db"), points / WIDTH).await;
        chart(&folder.path().join("chart.db")).await;
        for group in [1, 16, 256] {
            records(&folder.path().join(format!("core-{group}.db")), group).await;
        }
    });
}

/// A hall of `groups` devices with ten points each: eight in tenths, two floats.
fn plant(groups: u16) -> (Plant, Vec<SampleGroup>) {
    let mut text = "[site]\nid = \"hall\"\nname = \"Hall\"\ntime_zone = \"UTC\"\n".to_owned();
    text.push_str("[[line]]\nid = \"line\"\ntcp = \"127.0.0.1:502\"\n");
    text.push_str(
        "[[device]]\nid = \"d\"\nline = \"line\"\nunit = 1\nprofile = \"xy-md02\"\nevery = \"10s\"\n",
    );
    let library = hallward_profiles::Library::load(None).unwrap();
    let mut site = hallward_site::Site::parse("site.toml", &text, &library).unwrap();
    let device = site.devices.remove(0);
    let mut devices = Vec::new();
    for n in 0..groups {
        site.devices.push(device.clone());
        site.devices[usize::from(n)].id = format!("d{n}").parse().unwrap();
        devices.push(DeviceInfo { points: (0..WIDTH).map(point).collect() });
    }
    let group = |n| SampleGroup { device: DeviceIx(n), points: (0..WIDTH).map(PointIx).collect() };
    (
        Plant { site, devices, keys: Vec::new(), next_key: 0, simulated: true },
        (0..groups).map(group).collect(),
    )
}

fn point(n: u16) -> PointInfo {
    PointInfo {
        name: format!("p{n}").parse().unwrap(),
        en: String::new(),
        vi: String::new(),
        unit: None,
        kind: ValueKind::Number(if n < 8 { Column::tenths() } else { Column::Float }),
        source: PointSource::Register(usize::from(n)),
        pace: Pace::Normal,
        period: PERIOD,
        priority: None,
    }
}

/// Noise from a fixed seed.
struct Noise(u64);

impl Noise {
    /// -size to +size, in whole tenths.
    fn tenths(&mut self, size: u32) -> f64 {
        self.0 ^= self.0 << 13;
        self.0 ^= self.0 >> 7;
        self.0 ^= self.0 << 17;
        let part = u32::try_from(self.0 >> 32).unwrap() % (2 * size + 1);
        (f64::from(part) - f64::from(size)) / 10.0
    }
}

/// The kinds of signals that a hall has: one moment of one group.
fn values(noise: &mut Noise, walk: &mut f64, n: u32) -> Vec<f64> {
    let hours = f64::from(n) / f64::from(HOUR);
    *walk += noise.tenths(1);
    let numbers = [
        230.0 + noise.tenths(12),                                  // mains voltage
        50.0,                                                      // frequency
        f64::from(n) / 10.0,                                       // energy counter
        (22.0 + (hours / 3.8).sin() * 20.0).round() / 10.0 + 20.0, // room temperature
        *walk,                                                     // load
        100.0,                                                     // battery charge
        f64::from(n / 400 % 2) * 65.0,                             // fan in steps
        45.0 + noise.tenths(3),                                    // humidity
    ];
    let floats = [400.0 + noise.tenths(30) * 1.1, 0.98 + noise.tenths(1) / 20.0];
    numbers.into_iter().chain(floats).collect()
}

/// A plant's signals, step by step.
struct Signals {
    noise: Noise,
    walks: Vec<f64>,
    next: u32,
}

impl Signals {
    fn new(groups: usize) -> Self {
        Self { noise: Noise(0x9E37_79B9_7F4A_7C15), walks: vec![60.0; groups], next: 0 }
    }

    /// Feeds `steps` periods, as fast as they are taken.
    async fn feed(&mut self, history: &History, steps: u32) {
        for _ in 0..steps {
            let n = self.next;
            let due = START + PERIOD * n;
            let row = |(group, walk): (usize, &mut f64)| {
                // Answers come some milliseconds after they are due.
                let time = due
                    + Duration::from_micros(u64::try_from(group * 900).unwrap())
                    + Duration::from_secs_f64((self.noise.tenths(20) + 2.0) / 1000.0);
                let values = values(&mut self.noise, walk, n).into_iter().map(Ok).collect();
                SampleRow { group, time, values }
            };
            let rows = self.walks.iter_mut().enumerate().map(row).collect();
            assert!(history.offer(Batch { rows, states: vec![] }));
            if n.is_multiple_of(500) {
                history.flush().await.unwrap();
            }
            self.next += 1;
        }
        history.flush().await.unwrap();
    }
}

async fn samples(path: &Path, groups: u16) {
    let (plant, list) = plant(groups);
    let open = || History::open(path, None, &plant, list.clone()).unwrap();
    let size = || fs::metadata(path).unwrap().len() as f64;
    let mut signals = Signals::new(list.len());
    let samples = |steps: u32| f64::from(steps) * f64::from(groups) * f64::from(WIDTH);

    let history = open();
    let begin = Instant::now();
    signals.feed(&history, HOUR).await;
    let rows_s = f64::from(HOUR) * f64::from(groups) / begin.elapsed().as_secs_f64();
    history.close().await.unwrap();
    println!("hot rows of {WIDTH} values in      {rows_s:>10.0} rows/s, {:.0} samples/s", rows_s * 10.0);
    println!("hot                           {:>10.2} bytes/sample", size() / samples(HOUR));

    let history = open();
    signals.feed(&history, DAY + HOUR).await;
    history.close().await.unwrap();
    let first_day = size();
    let history = open();
    let begin = Instant::now();
    signals.feed(&history, 3 * DAY).await;
    history.close().await.unwrap();
    let rows_s = f64::from(3 * DAY) * f64::from(groups) / begin.elapsed().as_secs_f64();
    println!("the same with all upkeep      {rows_s:>10.0} rows/s");
    let day = (size() - first_day) / samples(3 * DAY);
    println!("compacted, growth by 3 days   {day:>10.2} bytes/sample");
    println!("upkeep steps that failed      {:>10}", open().statistics().upkeep_failures);
}

async fn chart(path: &Path) {
    let (plant, list) = plant(1);
    let history = History::open(path, None, &plant, list).unwrap();
    Signals::new(1).feed(&history, 30 * DAY + 2 * HOUR).await;
    for (what, point) in [("voltage", 0), ("float", 8)] {
        let point = PointRef { device: DeviceIx(0), point: PointIx(point) };
        let query = RangeQuery { point, from: START, to: START + PERIOD * (30 * DAY), buckets: Some(1000) };
        let mut times = Vec::new();
        for _ in 0..21 {
            let begin = Instant::now();
            let series = history.reader().range(query).await.unwrap();
            times.push(begin.elapsed());
            assert!(matches!(series, Series::Buckets { buckets, .. } if buckets.len() == 1000));
        }
        times.sort();
        println!("30 days of one point, {what:<8}{:>10.2} ms (median of 21)", times[10].as_secs_f64() * 1e3);
    }
    history.close().await.unwrap();
}

/// Keeps `group` writers busy.
async fn records(path: &Path, group: u32) {
    let now = Now { mono: Mono(0), wall: START, trust: Trust::Synchronised };
    let (journal, _) = Journal::open(path, None, [0; 16], now).unwrap();
    let each = 2000 / group + 20;
    let begin = Instant::now();
    let writer = |n: u32| {
        let journal = journal.clone();
        tokio::spawn(async move {
            for m in 0..each {
                let record = NewRecord::system(now, "door.granted", Severity::Info).at("door-1");
                let record = record.with("person", n).with("badge", m).with("text", "x".repeat(80));
                journal.write(Write { records: vec![record], rows: vec![] }).await.unwrap();
            }
        })
    };
    for writer in (0..group).map(writer).collect::<Vec<_>>() {
        writer.await.unwrap();
    }
    let rate = f64::from(group * each) / begin.elapsed().as_secs_f64();
    println!("journal, {group:>3} writers at a time {rate:>9.0} records/s");
    let begin = Instant::now();
    let filter = JournalFilter { limit: 1000, newest_first: true, ..JournalFilter::default() };
    let page = journal.reader().page(filter).await.unwrap();
    let ms = begin.elapsed().as_secs_f64() * 1e3;
    println!("    a page of {:>4} records     {ms:>10.2} ms", page.len());
    journal.close().await.unwrap();
}
