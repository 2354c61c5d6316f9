//! What the gateway makes of each fault of the simulated hall: the real lines over connections in memory, in paused time.
//!
//! Two rules hold for every fault of the wire: no reading is good and wrong, and all are good again some time after it
//! has ended. Of wrong values a gateway sees those that cannot be: a sentinel, a number out of its span, another identity.
//! What stays within what the point may be (a drift, a spike, a stuck bit, a frozen value, a wrong clock) is good for
//! it, and only another instrument could tell.

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
use hallward_simulator::{Fault, Hall, Scenario};
use hallward_site::Site;
use serde_json::{Value as Json, json};
use tokio::{
    sync::mpsc,
    task::JoinSet,
    time::{Instant, sleep},
};
use tokio_util::sync::CancellationToken;

/// How long a fault lasts, and the longest until all is well after it: two of the longest pauses between tries (30 s),
/// and a period of slow points (60 s).
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

/// Two sensors, a transfer switch, a UPS and a generator on a line: `net`, of Modbus TCP, or `bus`, a serial one.
fn site(line: &str) -> Site {
    static LIBRARY: OnceLock<Library> = OnceLock::new();
    let library = LIBRARY.get_or_init(|| Library::load(None).unwrap_or_else(|wrong| panic!("{}", wrong[0])));
    let transport = if line == "net" { "tcp = \"h:502\"" } else { "serial = \"/dev/ttyUSB0\"\nbaud = 19200" };
    let mut text = format!(
        "[site]\nid = \"s\"\nname = \"s\"\ntime_zone = \"UTC\"\n[[line]]\nid = \"{line}\"\n{transport}\n"
    );
    let profiles = ["xy-md02", "xy-md02", "socomec-atys-p-m", "apc-smart-ups", "smartgen-hgm4000n"];
    for (unit, profile) in (1..).zip(profiles) {
        let unit: u8 = unit;
        text += &format!(
            "[[device]]\nid = \"{line}-{unit}\"\nline = \"{line}\"\nunit = {unit}\nprofile = \"{profile}\"\n"
        );
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
    /// All is well.
    async fn begin(line: &str) -> Self {
        let mut new = Self::new(line);
        assert!(new.recovered().await.is_some(), "all is well at first");
        new
    }

    fn new(line: &str) -> Self {
        let hall = Arc::new(Hall::new(site(line)).unwrap());
        let plant = Arc::new(Plant::new(site(line), true));
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

    /// Until all devices are read again; the seconds that it took.
    async fn recovered(&mut self) -> Option<u32> {
        let line = self.plant.site.lines[0].id.clone();
        let points = ["1/temperature", "2/temperature", "3/position", "4/battery.charge", "5/clock.hour"];
        for passed in 0..RECOVERY_S {
            if points.iter().all(|point| self.quality(&format!("{line}-{point}")) == Quality::Good) {
                return Some(passed);
            }
            self.second().await;
        }
        None
    }
}

/// Puts a fault on a line's first sensor, or the line; what is not as `expected` of it and its neighbour at its end.
async fn check(on: On, fault: Json, expected: Quality, neighbour: Quality) -> Option<String> {
    let (line, place) = match on {
        On::Device(line) => (line, json!({ "device": format!("{line}-1") })),
        On::Line(line) => (line, json!({ "line": line })),
    };
    let mut rehearsal = Rehearsal::begin(line).await;
    let mut whole = fault.clone();
    whole.as_object_mut().unwrap().extend(place.as_object().unwrap().clone());
    rehearsal.set(&whole);
    let mut wrong = Vec::new();
    for second in 0..FAULT_S {
        rehearsal.second().await;
        for device in [1, 2].map(|unit| format!("{line}-{unit}")) {
            if !rehearsal.is_right(&device) {
                wrong.push(format!("{device} is good and wrong after {second} s"));
            }
        }
    }
    let qualities = [1, 2].map(|unit| rehearsal.quality(&format!("{line}-{unit}/temperature")));
    if qualities != [expected, neighbour] {
        wrong.push(format!("{} and its neighbour {}", qualities[0], qualities[1]));
    }
    rehearsal.hall.clear_faults(None);
    // What a device says it has not got is not asked for again within the hour.
    let stays = fault == exception(2);
    if rehearsal.recovered().await.is_none() != stays {
        wrong.push(if stays { "it recovers" } else { "it does not recover" }.to_owned());
    }
    (!wrong.is_empty()).then(|| format!("{whole}: {}", wrong.join("; ")))
}

/// What has a fault.
enum On {
    /// The first sensor of the line.
    Device(&'static str),
    /// The line.
    Line(&'static str),
}

fn kind(kind: &str) -> Json {
    json!({ "kind": kind })
}

fn exception(code: u8) -> Json {
    json!({ "kind": "exception", "code": code })
}

async fn check_all(cases: Vec<(On, Json, Quality, Quality)>) {
    let mut wrong = Vec::new();
    for (on, fault, expected, neighbour) in cases {
        wrong.extend(check(on, fault, expected, neighbour).await);
    }
    assert!(wrong.is_empty(), "{}", wrong.join("\n"));
}

#[tokio::test(start_paused = true)]
async fn a_device_that_does_not_answer_is_a_timeout_and_heals_by_itself() {
    use On::{Device, Line};
    use Quality::{Exception, Good, Timeout};
    let delay = |ms: u64| json!({ "kind": "delay", "ms": ms });
    let late = |ms: u64| json!({ "kind": "late", "ms": ms });
    let reboot = json!({ "kind": "reboot", "seconds": 60 });
    check_all(vec![
        (Device("net"), kind("silence"), Timeout, Good),
        (Device("bus"), kind("silence"), Timeout, Good),
        (Line("net"), kind("silence"), Timeout, Timeout),
        (Device("net"), kind("refuse"), Timeout, Good),
        (Device("bus"), kind("refuse"), Timeout, Good),
        (Line("net"), kind("refuse"), Timeout, Timeout),
        (Device("net"), kind("reset"), Timeout, Good),
        (Line("net"), kind("half-open"), Timeout, Timeout),
        (Device("net"), reboot, Timeout, Good),
        (Device("net"), exception(2), Exception, Good),
        (Device("net"), exception(4), Exception, Good),
        (Device("net"), exception(0x0B), Timeout, Good),
        (Device("net"), delay(300), Good, Good),
        (Device("net"), delay(3000), Timeout, Good),
        (Device("net"), late(3000), Timeout, Good),
        (Device("bus"), late(1500), Timeout, Good),
    ])
    .await;
}

#[tokio::test(start_paused = true)]
async fn a_garbled_answer_is_a_bad_frame_or_none_and_never_a_value() {
    use On::{Device, Line};
    use Quality::{BadFrame, Good, Timeout};
    let loss = json!({ "kind": "byte-loss", "probability": 0.2 });
    check_all(vec![
        (Device("bus"), kind("bad-crc"), BadFrame, Good),
        (Device("bus"), kind("noise"), Good, Good),
        (Device("net"), kind("noise"), BadFrame, Good),
        (Device("bus"), kind("garbage"), BadFrame, Good),
        (Device("net"), kind("garbage"), BadFrame, Good),
        (Device("bus"), kind("truncate"), BadFrame, Good),
        (Device("net"), kind("truncate"), Timeout, Good),
        (Device("bus"), kind("twice"), Good, Good),
        (Device("net"), kind("twice"), Good, Good),
        (Device("bus"), kind("wrong-unit"), BadFrame, Good),
        (Device("net"), kind("wrong-unit"), BadFrame, Good),
        (Device("net"), kind("wrong-transaction"), Timeout, Good),
        (Device("bus"), kind("wrong-function"), BadFrame, Good),
        (Device("net"), kind("wrong-function"), BadFrame, Good),
        (Device("bus"), kind("collision"), BadFrame, Good),
        (Device("bus"), loss, BadFrame, Good),
        (Line("bus"), kind("echo"), Good, Good),
    ])
    .await;
}

/// A mains failure of seventy seconds, so that values move, with a fault or without.
async fn after_a_mains_failure(fault: Option<&Json>) -> Rehearsal {
    let mut rehearsal = Rehearsal::begin("net").await;
    fault.into_iter().for_each(|fault| rehearsal.set(fault));
    rehearsal.hall.start(Scenario::MainsFailure).unwrap();
    for _ in 0..70 {
        rehearsal.second().await;
    }
    rehearsal
}

#[tokio::test(start_paused = true)]
async fn a_wrong_value_is_seen_where_it_cannot_be_and_only_there() {
    let of =
        |device: &str, point: &str, kind: &str| json!({ "device": device, "point": point, "kind": kind });
    let with = |mut fault: Json, key: &str, value: Json| {
        fault[key] = value;
        fault
    };
    let (spike, stuck) = (of("net-1", "temperature", "spike"), of("net-1", "temperature", "stuck-bit"));
    let drift = of("net-1", "temperature", "drift");
    let clock = json!({ "device": "net-5", "kind": "clock-wrong", "seconds": 7200 });
    let identity = json!({ "device": "net-3", "kind": "identity" });
    // What no gateway can see is good.
    let cases = [
        (with(spike.clone(), "value", json!(500)), "net-1/temperature", Quality::OutOfRange),
        (with(stuck.clone(), "bit", json!(15)), "net-1/temperature", Quality::OutOfRange),
        (of("net-4", "input.voltage", "sentinel"), "net-4/input.voltage", Quality::NotAvailable),
        (identity, "net-3/position", Quality::WrongDevice),
        (with(spike, "factor", json!(2)), "net-1/temperature", Quality::Good),
        (with(stuck, "bit", json!(9)), "net-1/temperature", Quality::Good),
        (with(drift, "per_hour", json!(600)), "net-1/temperature", Quality::Good),
        (of("net-4", "battery.charge", "frozen"), "net-4/battery.charge", Quality::Good),
        (clock, "net-5/clock.hour", Quality::Good),
    ];
    let right = after_a_mains_failure(None).await;
    for (fault, point, expected) in cases {
        let mut rehearsal = after_a_mains_failure(Some(&fault)).await;
        let told = rehearsal.reading(point);
        assert_eq!(told.quality(), expected, "{fault}");
        assert_ne!(told.value(), right.reading(point).value(), "{fault}: the value is another");
        rehearsal.hall.clear_faults(None);
        assert!(rehearsal.recovered().await.is_some(), "{fault}: it is read again");
    }
}
