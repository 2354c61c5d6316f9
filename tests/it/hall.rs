//! The whole program against the simulated hall, as a test suite would drive it: gateway and hall in this process,
//! real TCP between them, the hall's time moved by hand.

use std::{
    net::SocketAddr,
    ops::Deref,
    sync::{Arc, mpsc},
    thread::{JoinHandle, spawn},
    time::Duration,
};

use hallward::{app, store::KeyFolders};
use hallward_profiles::Library;
use hallward_simulator::{DEMO_SITE, Hall, Simulator, Values};
use hallward_site::Site;
use serde_json::{Value as Json, json};
use tokio_util::sync::CancellationToken;

use crate::gateway::{Client, administrator};

/// A simulated hall and the gateway that polls it; the hall's time stands still but for [`Demo::pass`].
pub(crate) struct Demo {
    client: Client,
    hall: Arc<Hall>,
    stop: CancellationToken,
    thread: Option<JoinHandle<()>>,
    _data: tempfile::TempDir,
}

impl Deref for Demo {
    type Target = Client;
    fn deref(&self) -> &Client {
        &self.client
    }
}

impl Demo {
    /// The demo's hall, polled ten times a second.
    fn start() -> Self {
        let library = Library::load(None).unwrap_or_else(|wrong| panic!("{}", wrong[0]));
        let quick = DEMO_SITE.replace("every = \"1s\"", "every = \"100ms\"");
        Self::of(Site::parse("demo", &quick, &library).unwrap_or_else(|e| panic!("{e}")))
    }

    /// Any hall.
    pub(crate) fn of(mut site: Site) -> Self {
        let data = tempfile::tempdir().unwrap();
        let (folder, stop) = (data.path().to_owned(), CancellationToken::new());
        let shutdown = stop.clone();
        let (started, ready) = mpsc::sync_channel(1);
        let thread = spawn(move || {
            let runtime = tokio::runtime::Runtime::new().unwrap();
            runtime.block_on(async {
                let control = SocketAddr::from(([127, 0, 0, 1], 0));
                let options = hallward_simulator::Options {
                    site: site.clone(),
                    control,
                    lines: [].into(),
                    client_certificates: false,
                    gateway: None,
                    speed: 0.0,
                };
                let simulator = Simulator::start(options).await.unwrap();
                for line in &mut site.lines {
                    line.transport = simulator.lines()[&line.id].clone();
                }
                let options = app::Options {
                    site,
                    simulated: true,
                    key: None,
                    keys: KeyFolders::of(&folder),
                    http: Some(tokio::net::TcpListener::bind("127.0.0.1:0").await.unwrap()),
                    certificate: None,
                    control_socket: Some(folder.join("control.sock")),
                    dial: app::as_wired(),
                    readers: None,
                    measure: app::as_mounted(),
                    time: app::Time::Real,
                    simulator: None,
                    read_site: None,
                    data: folder,
                };
                let addresses = |http: SocketAddr| {
                    json!({
                        "http": format!("http://{http}"),
                        "simulator": format!("http://{}", simulator.control_address()),
                    })
                };
                let ready = |gateway: app::Started| {
                    let addresses = addresses(gateway.http.unwrap());
                    started.send((addresses, Arc::clone(simulator.hall()), gateway.accounts)).unwrap()
                };
                app::run(options, shutdown, ready).await.unwrap();
            });
        });
        let (ready, hall, accounts) = ready.recv().unwrap();
        let in_time = tokio::runtime::Runtime::new().unwrap();
        in_time.block_on(hallward::app::demo::let_in(&accounts, data.path())).unwrap();
        let token = administrator(data.path());
        Self { client: Client { ready, token }, hall, stop, thread: Some(thread), _data: data }
    }

    /// Lets time pass in the hall.
    fn pass(&self, seconds: u64) {
        self.hall.advance(Duration::from_secs(seconds));
    }

    /// What physics says of a device.
    pub(crate) fn spoken(&self, device: &str) -> Values {
        self.hall.values(device).unwrap()
    }

    fn is(&self, device: &str, point: &str, value: &str) -> bool {
        self.point(device, point) == (json!(value), "good".to_owned())
    }

    /// As [`Demo::seconds_until`], of a value that does not last: the gateway reads the device in each second.
    fn follow_to(&self, device: &str, point: &str, value: &str) {
        let read_at = || {
            let points = self.get(&format!("/api/v1/points?device={device}"));
            let found = points["points"].as_array().unwrap().iter().find(|one| one["point"] == point);
            found.unwrap()["time"].clone()
        };
        for _ in 0..60 {
            if self.is(device, point, value) {
                return;
            }
            self.pass(1);
            // The first one may have been under way.
            for _ in 0..2 {
                let before = read_at();
                self.until("the device is read again", |_| read_at() != before);
            }
        }
        panic!("{device}/{point} does not become {value}");
    }

    /// Seconds that pass in the hall until the gateway sees the value.
    fn seconds_until(&self, device: &str, point: &str, value: &str) -> u64 {
        let mut seconds = 0;
        self.until(&format!("{device}/{point} is {value}"), |_| {
            let seen = self.is(device, point, value);
            if !seen {
                self.pass(1);
                seconds += 1;
            }
            seen
        });
        seconds
    }
}

impl Drop for Demo {
    fn drop(&mut self) {
        self.stop.cancel();
        let ended = self.thread.take().map(JoinHandle::join);
        assert!(std::thread::panicking() || ended.is_some_and(|ended| ended.is_ok()), "the gateway panicked");
    }
}

fn qualities(running: &Client) -> Vec<(String, String, Json)> {
    let points = running.get("/api/v1/points");
    let all = points["points"].as_array().unwrap().iter();
    all.map(|point| {
        let text = |key: &str| point[key].as_str().unwrap().to_owned();
        (format!("{}/{}", text("device"), text("point")), text("quality"), point["value"].clone())
    })
    .collect()
}

#[test]
fn every_point_of_the_demo_becomes_good_and_what_has_no_value_is_null() {
    let demo = Demo::start();
    demo.until("every point is good", |demo| {
        let all = qualities(demo);
        for (point, quality, value) in &all {
            assert_eq!(value.is_null(), quality != "good" && quality != "stale", "{point} {quality} {value}");
        }
        all.len() > 1000 && all.iter().all(|(_, quality, _)| quality == "good" || quality == "not-available")
    });
    assert_eq!(demo.request("http", "GET", "/readyz").0, 200);
}

#[test]
fn a_mains_failure_is_seen_as_it_happens() {
    let demo = Demo::start();
    demo.until("the UPS is online", |_| demo.is("ups-a", "ups.status", "online"));
    demo.simulator("POST", "/scenarios/mains-failure");
    assert!(demo.seconds_until("ups-a", "ups.status", "on-battery") <= 2);
    demo.follow_to("gen-1", "engine.state", "starting");
    demo.follow_to("gen-1", "engine.state", "running");
    demo.follow_to("ats-1", "position", "2");
    demo.follow_to("ups-a", "ups.status", "online");
    let charge = || demo.point("ups-a", "battery.charge").0.as_f64().unwrap();
    let low = charge();
    assert!(low < 100.0, "{low}");
    demo.pass(3600);
    demo.until("the battery has charged", |_| charge() > low);
}

#[test]
fn without_a_generator_the_battery_drains_until_the_racks_are_dark() {
    let demo = Demo::start();
    demo.simulator("POST", "/scenarios/mains-failure-generator-fails");
    demo.seconds_until("gen-1", "engine.state", "fault");
    assert!(demo.is("ups-a", "ups.status", "on-battery"));
    demo.pass(3000);
    demo.seconds_until("ups-a", "ups.status", "off");
    demo.seconds_until("ups-b", "ups.status", "off");
    demo.until("no power flows to the racks", |demo| {
        demo.point("distribution", "power").0.as_f64().is_some_and(|power| power.abs() < 1.0)
    });
}

#[test]
fn a_failed_cooler_smoke_and_a_leak_are_seen() {
    let demo = Demo::start();
    demo.simulator("POST", "/scenarios/cooling-failure");
    demo.simulator("POST", "/scenarios/smoke");
    demo.simulator("POST", "/scenarios/leak");
    demo.pass(600);
    demo.until("a cooling unit has failed", |_| {
        ["ac-1", "ac-2", "ac-3"].iter().any(|unit| demo.is(unit, "unit.state", "fault"))
    });
    let alarmed = |device: &str, point: &str| demo.point(device, point) == (json!(true), "good".to_owned());
    demo.until("fire", |_| alarmed("fire-panel", "fire.alarm"));
    demo.until("water", |_| alarmed("leak-1", "leak.alarm"));
}

#[test]
fn a_device_that_stops_answering_is_stale_then_timeout_while_the_others_go_on() {
    let demo = Demo::start();
    demo.until("the UPS is good", |demo| demo.point("ups-a", "battery.charge").1 == "good");
    let (status, body) =
        demo.post_json("simulator", "/faults", &json!({ "device": "ups-a", "kind": "silence" }));
    assert!((200..300).contains(&status), "{status} {body}");
    demo.until("stale, with its last value", |demo| {
        let (value, quality) = demo.point("ups-a", "battery.charge");
        quality == "stale" && !value.is_null()
    });
    demo.until("timeout, without a value", |demo| {
        demo.point("ups-a", "battery.charge") == (Json::Null, "timeout".to_owned())
    });
    assert_eq!(demo.point("ups-b", "battery.charge").1, "good");
    demo.until("the record", |demo| {
        let records = demo.get("/api/v1/journal?code=device.offline");
        let record = &records["records"][0];
        record["place"] == "ups-a" && record["body"]["reason"] == "timeout"
    });
}

#[test]
fn a_line_shows_its_load_its_answer_times_and_its_last_frames() {
    let demo = Demo::start();
    let line = |client: &Client| {
        let lines = client.get("/api/v1/lines");
        let lines = lines["lines"].as_array().unwrap().clone();
        lines.into_iter().find(|line| line["id"] == "sensor-gateway").unwrap()
    };
    demo.until("the sensors have been read", |client| line(client)["answers"].as_u64() > Some(20));
    let line = line(&demo);
    let number = |pointer: &str| line.pointer(pointer).and_then(Json::as_f64).unwrap();
    assert!(number("/requests") >= number("/answers"), "{line}");
    assert!(0.0 < number("/answer_ms/p50") && number("/answer_ms/p50") <= number("/answer_ms/p99"), "{line}");
    assert!(0.0 < number("/planned_load_percent") && number("/planned_load_percent") < 100.0, "{line}");
    assert_eq!(line["devices"].as_array().unwrap().len(), 8);
    let (_, html) = demo.request("http", "GET", "/lines/sensor-gateway");
    let frames = |direction: &str| html.matches(&format!("<tr class=\"frame-{direction}\">")).count();
    assert!(frames("sent") > 10 && frames("received") > 10, "{html}");
    let (_, metrics) = demo.request("http", "GET", "/metrics");
    for quantile in ["0.5", "0.99"] {
        let sample =
            format!("hallward_line_answer_seconds{{line=\"sensor-gateway\",quantile=\"{quantile}\"}} 0.0");
        assert!(metrics.contains(&sample), "{sample} is not in\n{metrics}");
    }
    // Protocol 0, six bytes: unit 1, a read.
    assert!(html.contains(" 00 00 00 06 01 04 ") || html.contains(" 00 00 00 06 01 03 "), "{html}");
}

#[test]
fn every_metric_stands_in_the_manual() {
    let manual = std::path::Path::new(env!("CARGO_MANIFEST_DIR")).join("docs/manual/http.md");
    let manual = std::fs::read_to_string(manual).unwrap();
    let demo = Demo::start();
    demo.until("the UPS is online", |_| demo.is("ups-a", "ups.status", "online"));
    let (_, metrics) = demo.request("http", "GET", "/metrics");
    let kinds = metrics.lines().filter_map(|line| line.strip_prefix("# TYPE ")?.split_once(' '));
    let names: Vec<_> = kinds
        .map(|(name, kind)| format!("{name}{}", if kind == "counter" { "_total" } else { "" }))
        .collect();
    assert!(names.len() > 15, "{names:?}");
    let missing: Vec<_> = names.iter().filter(|name| !manual.contains(&format!("`{name}"))).collect();
    assert!(missing.is_empty(), "docs/manual/http.md does not speak of {missing:?}");
}
