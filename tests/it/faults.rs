//! What the gateway makes of each fault of the simulated hall: the real lines over connections in memory, in paused time.
//!
//! Two rules hold for every fault of the wire: no reading is good and wrong, and all are good again some time after it
//! has ended. Faults of values that stay within what a point may be are seen by no gateway: their table says so.

use std::{
    sync::{Arc, OnceLock},
    time::Duration,
};

use hallward::{
    bus::{Command, Dial, LineCounters, LineTask, Reports, Stream},
    logic::{
        live::{Input, Live},
        plan::plan_device,
        timing::Timing,
    },
    model::{Clock, Mono, Now, Plant, Quality, Reading, Trust, Wall},
};
use hallward_profiles::{Library, Literal, PointName};
use hallward_simulator::{Fault, Hall};
use hallward_site::Site;
use serde_json::{Value as Json, json};
use tokio::{
    sync::mpsc,
    task::JoinSet,
    time::{Instant, sleep},
};
use tokio_util::sync::CancellationToken;

/// How long a fault lasts, and the longest until all is well after it: two of the longest pauses between tries, and a
/// period of slow points.
const FAULT_S: u32 = 40;
const RECOVERY_S: u32 = 150;

/// Of a sensor: what it told is right if it is as near, °C; the hall moves while an answer is under way.
const NEAR_C: f64 = 0.3;

/// Tokio's paused clock.
struct PausedClock(Instant);

impl Clock for PausedClock {
    fn now(&self) -> Now {
        let elapsed = u64::try_from(self.0.elapsed().as_micros()).unwrap();
        Now { mono: Mono(elapsed), wall: Wall(i64::try_from(elapsed).unwrap()), trust: Trust::Unknown }
    }
}

/// Two sensors, a transfer switch, a UPS and a generator on a line of each kind.
fn site() -> Site {
    static LIBRARY: OnceLock<Library> = OnceLock::new();
    let library = LIBRARY.get_or_init(|| Library::load(None).unwrap_or_else(|wrong| panic!("{}", wrong[0])));
    let mut text = "[site]\nid = \"s\"\nname = \"s\"\ntime_zone = \"UTC\"\n\
                    [[line]]\nid = \"net\"\ntcp = \"h:502\"\n\
                    [[line]]\nid = \"bus\"\nserial = \"/dev/ttyUSB0\"\nbaud = 19200\n"
        .to_owned();
    for line in ["net", "bus"] {
        for (unit, profile) in [(1, "xy-md02"), (2, "xy-md02"), (3, "socomec-atys-p-m"), (4, "apc-smart-ups")]
        {
            text += &format!(
                "[[device]]\nid = \"{line}-{unit}\"\nline = \"{line}\"\nunit = {unit}\nprofile = \"{profile}\"\n"
            );
        }
    }
    Site::parse("site.toml", &text, library).unwrap_or_else(|wrong| panic!("{wrong}"))
}

/// A hall, the gateway's lines to it, and what they have told.
struct Rehearsal {
    hall: Arc<Hall>,
    plant: Arc<Plant>,
    live: Live,
    reports: Arc<Reports>,
    clock: Arc<dyn Clock>,
    _lines: JoinSet<()>,
}

impl Rehearsal {
    fn new() -> Self {
        let hall = Arc::new(Hall::new(site()).unwrap());
        let plant = Arc::new(Plant::new(site(), true));
        #[expect(clippy::disallowed_methods, reason = "this is the test's clock")]
        let clock: Arc<dyn Clock> = Arc::new(PausedClock(Instant::now()));
        let reports = Arc::new(Reports::default());
        let mut lines = JoinSet::new();
        for (n, line) in plant.site.lines.iter().enumerate() {
            let (dialled, id) = (Arc::clone(&hall), line.id.clone());
            let dial: Dial = Arc::new(move || {
                let stream = dialled.connect(&id).map(|stream| Box::new(stream) as Box<dyn Stream>);
                Box::pin(async move { stream })
            });
            let counters = Arc::new(LineCounters::default());
            let (reports, clock) = (Arc::clone(&reports), Arc::clone(&clock));
            let mut task = LineTask::new(&plant, n, dial, counters, reports, clock);
            lines.spawn(async move {
                let (_commands, mut receiver) = mpsc::channel::<Command>(1);
                task.run(&mut receiver, &CancellationToken::new()).await;
            });
        }
        let blocks = plant.iter().map(|(_, device, info)| {
            let timing = Timing::of(&plant.site.lines[device.line].transport);
            plan_device(device, info, timing).iter().map(|block| block.points().collect()).collect()
        });
        let live = Live::new(Arc::clone(&plant), &blocks.collect::<Vec<_>>());
        Self { hall, plant, live, reports, clock, _lines: lines }
    }

    /// Lets a second pass for hall and gateway.
    async fn second(&mut self) {
        self.hall.advance(Duration::from_secs(1));
        sleep(Duration::from_secs(1)).await;
        let now = self.clock.now();
        let inputs = self.reports.take_now().into_iter().chain([Input::Tick]);
        inputs.for_each(|input| self.live.handle(now, input, &mut Vec::new()));
    }

    async fn seconds(&mut self, count: u32) {
        for _ in 0..count {
            self.second().await;
        }
    }

    fn reading(&self, point: &str) -> Reading {
        let snapshot = self.live.snapshot(self.clock.now().wall);
        snapshot.reading(self.plant.find(point).unwrap()).unwrap().clone()
    }

    fn quality(&self, point: &str) -> Quality {
        self.reading(point).quality()
    }

    /// Whether a sensor's temperature is what it is in the hall, if it is told at all.
    fn is_right(&self, device: &str) -> bool {
        let Some(told) =
            self.reading(&format!("{device}/temperature")).fresh().map(|value| value.number().unwrap())
        else {
            return true;
        };
        let temperature: PointName = "temperature".parse().unwrap();
        let Literal::Number(right) = self.hall.values(device).unwrap()[&temperature] else {
            panic!("a number")
        };
        (told - right).abs() < NEAR_C
    }

    fn set(&self, fault: &Json) {
        let fault: Fault = serde_json::from_value(fault.clone()).unwrap();
        self.hall.set_fault(fault).unwrap();
    }

    /// Until everything is good again; the seconds that it took.
    async fn recovered(&mut self) -> Option<u32> {
        let points = ["net-1/temperature", "net-2/temperature", "net-3/position", "bus-1/temperature"];
        let points = [&points[..], &["bus-2/temperature", "bus-3/position", "net-4/input.voltage"]].concat();
        for passed in 0..RECOVERY_S {
            if points.iter().all(|point| self.quality(point) == Quality::Good) {
                return Some(passed);
            }
            self.second().await;
        }
        None
    }
}

/// A fault of `line`'s first sensor, what its values and its neighbour's are at the end of it.
async fn check(line: &str, fault: Json, expected: Quality, neighbour: Quality) -> Option<String> {
    let mut rehearsal = Rehearsal::new();
    rehearsal.recovered().await.expect("all is well at first");
    let mut whole = fault.clone();
    if line == "net" || line == "bus" {
        whole["device"] = json!(format!("{line}-1"));
    } else {
        whole["line"] = json!(&line[1..]);
    }
    let line = line.trim_start_matches('*');
    rehearsal.set(&whole);
    let mut wrong = Vec::new();
    for second in 0..FAULT_S {
        rehearsal.second().await;
        for device in ["net-1", "net-2", "bus-1", "bus-2"] {
            if !rehearsal.is_right(device) {
                wrong.push(format!("{device} is good and wrong after {second} s"));
            }
        }
    }
    let qualities = [1, 2].map(|unit| rehearsal.quality(&format!("{line}-{unit}/temperature")));
    if qualities != [expected, neighbour] {
        wrong.push(format!("{} and its neighbour {}", qualities[0], qualities[1]));
    }
    rehearsal.hall.clear_faults(None);
    if rehearsal.recovered().await.is_none() {
        wrong.push("no recovery".to_owned());
    }
    (!wrong.is_empty()).then(|| format!("{line} {fault}: {}", wrong.join("; ")))
}

/// With an asterisk: the fault is the line's.
#[tokio::test(start_paused = true)]
async fn no_fault_of_the_wire_makes_a_wrong_value_good_and_all_recover() {
    use Quality::{BadFrame, Exception, Good, Timeout};
    let kind = |kind: &str| json!({ "kind": kind });
    let delay = |ms: u64| json!({ "kind": "delay", "ms": ms });
    let late = |ms: u64| json!({ "kind": "late", "ms": ms });
    let exception = |code: u8| json!({ "kind": "exception", "code": code });
    let loss = json!({ "kind": "byte-loss", "probability": 0.2 });
    let cases = [
        ("net", kind("silence"), Timeout, Good),
        ("bus", kind("silence"), Timeout, Good),
        ("*net", kind("silence"), Timeout, Timeout),
        ("net", kind("refuse"), Timeout, Good),
        ("*net", kind("refuse"), Timeout, Timeout),
        ("bus", kind("refuse"), Timeout, Good),
        ("net", kind("reset"), Timeout, Good),
        ("*net", kind("half-open"), Timeout, Timeout),
        ("net", json!({ "kind": "reboot", "seconds": 60 }), Timeout, Good),
        ("net", exception(2), Exception, Good),
        ("net", exception(4), Exception, Good),
        ("net", exception(0x0B), Timeout, Good),
        ("net", delay(300), Good, Good),
        ("net", delay(3000), Timeout, Good),
        ("net", late(3000), Timeout, Good),
        ("bus", late(1500), Timeout, Good),
        ("bus", kind("bad-crc"), Timeout, Good),
        ("bus", kind("noise"), Good, Good),
        ("net", kind("noise"), Timeout, Good),
        ("bus", kind("garbage"), Timeout, Good),
        ("net", kind("garbage"), Timeout, Good),
        ("bus", kind("truncate"), Timeout, Good),
        ("net", kind("truncate"), Timeout, Good),
        ("bus", kind("twice"), Good, Good),
        ("net", kind("twice"), Good, Good),
        ("bus", kind("wrong-unit"), BadFrame, Good),
        ("net", kind("wrong-unit"), BadFrame, Good),
        ("net", kind("wrong-transaction"), Timeout, Good),
        ("bus", kind("wrong-function"), BadFrame, Good),
        ("net", kind("wrong-function"), BadFrame, Good),
        ("bus", kind("collision"), Timeout, Good),
        ("bus", loss, Timeout, Good),
        ("*bus", kind("echo"), Good, Good),
    ];
    let mut wrong = Vec::new();
    for (line, fault, expected, neighbour) in cases {
        wrong.extend(check(line, fault, expected, neighbour).await);
    }
    assert!(wrong.is_empty(), "{}", wrong.join("\n"));
}
