//! The installer's tools as an installer runs them: through a running service, and on a line that nobody owns.

use std::{collections::BTreeMap, fs, path::Path};

use hallward_profiles::Library;
use hallward_simulator::{DEMO_SITE, Options, Simulator};
use hallward_site::{Site, Transport};
use serde_json::{Value as Json, json};

use crate::gateway::{Client, Running, hallward};

/// What a command ended with and said.
struct Said {
    exit: Option<i32>,
    out: String,
    err: String,
}

impl Said {
    /// Each line of its output as JSON.
    #[track_caller]
    fn json(&self) -> Vec<Json> {
        assert_eq!(self.exit, Some(0), "{}{}", self.out, self.err);
        self.out.lines().map(|line| serde_json::from_str(line).unwrap()).collect()
    }

    #[track_caller]
    fn ended(&self, exit: i32, words: &str) {
        assert_eq!(self.exit, Some(exit), "{}{}", self.out, self.err);
        let said = format!("{}{}", self.out, self.err);
        assert!(said.contains(words) && !said.contains("panicked"), "not {words:?}: {said}");
    }
}

fn run(arguments: &[&str]) -> Said {
    let output = hallward().args(arguments).output().unwrap();
    let text = |bytes: &[u8]| String::from_utf8_lossy(bytes).into_owned();
    Said { exit: output.status.code(), out: text(&output.stdout), err: text(&output.stderr) }
}

/// The demo's hall, where an output of the contacts may be written; `service` runs a tool through it.
struct Demo {
    folder: tempfile::TempDir,
    running: Running,
}

impl Demo {
    fn start() -> Self {
        let folder = tempfile::tempdir().unwrap();
        let contacts = "line = \"io-1\"\nprofile = \"moxa-iologik-e1214\"\n";
        let site = DEMO_SITE.replace(contacts, &format!("{contacts}writes = {{ \"output.0\" = {{}} }}\n"));
        assert_ne!(site, DEMO_SITE);
        let file = folder.path().join("site.toml");
        fs::write(&file, site).unwrap();
        let running = Running::demo(folder.path(), &["--site", file.to_str().unwrap()]);
        Self { folder, running }
    }

    fn run(&self, arguments: &[&str]) -> Said {
        let data = self.folder.path().to_str().unwrap();
        run(&[arguments, &["--data", data]].concat())
    }
}

fn records(client: &Client, code: &str) -> Vec<Json> {
    client.get(&format!("/api/v1/journal?limit=1000&code={code}"))["records"].as_array().unwrap().clone()
}

fn number(json: &Json) -> f64 {
    json.as_f64().unwrap_or_else(|| panic!("no number: {json}"))
}

#[test]
fn a_line_of_the_service_is_scanned_puzzled_over_and_traced() {
    let demo = Demo::start();
    let report = demo.run(&["scan", "sensor-gateway", "--units", "1-9", "--json"]).json().remove(0);
    let units = report["units"].as_array().unwrap();
    let best = |unit: &Json| {
        let profile = unit["candidates"][0]["profile"].as_str().unwrap_or("none").to_owned();
        (number(&unit["unit"]), unit["device"].as_str().unwrap_or("none").to_owned(), profile)
    };
    let found: Vec<_> = units.iter().map(best).collect();
    let expected = (1..=8_u8).map(|n| (f64::from(n), format!("inlet-0{n}"), "xy-md02".to_owned()));
    assert_eq!(found, expected.collect::<Vec<_>>());
    assert_eq!(report["faults"], json!([]));
    let stanzas = demo.run(&["scan", "ats-1", "--units", "1", "--write"]);
    stanzas.ended(0, "profile = \"socomec-atys-p-m\"");
    assert!(!stanzas.out.contains("[[line]]") && stanzas.err.contains("The service owns line `ats-1`"));
    demo.run(&["scan", "ats-1", "--units", "9"]).ended(1, "exception 0x0B");
    demo.run(&["scan", "nowhere"]).ended(2, "the service has no line `nowhere`; it has: mains-meter");

    let lines = demo.run(&["read", "inlet-01", "settings.unit-id", "--puzzle", "--json"]).json();
    let own: Vec<_> = lines.iter().filter(|line| line["profile"] == true).collect();
    assert_eq!((own.len(), number(&own[0]["value"]), number(&own[0]["address"])), (1, 1.0, 257.0));
    let next = lines.iter().find(|line| line["shift"] == 1 && line["form"] == "u16").unwrap();
    assert_eq!((next["follows"].as_str(), number(&next["value"])), (Some("address_offset = 1"), 0.0));
    demo.run(&["read", "inlet-01", "settings.unit-id", "--puzzle"]).ended(0, "=>    +0     257");

    let frames = demo.run(&["trace", "sensor-gateway", "--count", "12", "--json"]).json();
    let said = |direction: &str, words: &str| {
        let fits = |frame: &Json| {
            frame["direction"] == direction
                && frame["meaning"].as_str().is_some_and(|said| said.contains(words))
        };
        assert!(frames.iter().any(fits), "{direction} {words}: {frames:?}");
    };
    said("sent", ": read 2 input registers from 1");
    said("received", ": 2 registers: 0");
    assert_eq!(frames.len(), 12);
}

#[test]
fn a_write_is_recorded_before_and_after_and_read_back() {
    let demo = Demo::start();
    let write = |value: &str, more: &[&str]| {
        demo.run(&[&["write", "io-1", "output.0", value, "--why", "siren test"], more].concat())
    };
    let written = write("on", &["--json"]).json().remove(0);
    assert_eq!(written, json!({ "before": false, "after": true }));
    let read = demo.run(&["read", "io-1", "output.0", "--json"]).json().remove(0);
    assert_eq!(read["value"], true);
    write("off", &[]).ended(0, "io-1/output.0: was true, is false");

    let all = records(&demo.running, "point.*");
    let codes: Vec<_> = all.iter().map(|record| record["code"].as_str().unwrap()).collect();
    assert_eq!(codes, ["point.write-asked", "point.written", "point.write-asked", "point.written"]);
    let done = &all[1];
    assert_eq!((done["place"].as_str(), done["body"]["point"].as_str()), (Some("io-1"), Some("output.0")));
    let body = |key: &str| done["body"][key].as_str().unwrap();
    assert_eq!((body("before"), body("after"), body("why")), ("false", "true", "siren test"));
    assert!(body("who").contains("uid ") && done["actor"].as_str().unwrap().starts_with("uid-"), "{done}");
}

#[test]
fn a_write_that_may_not_be_or_fails_is_recorded_as_such() {
    let demo = Demo::start();
    demo.run(&["write", "io-1", "output.1", "on", "--why", "x"]).ended(1, "`output.1` may not be written");
    demo.run(&["write", "io-1", "output.0", "perhaps", "--why", "x"]).ended(1, "true or false");
    demo.run(&["write", "io-1", "output.0", "on", "--unit", "V", "--why", "x"]).ended(1, "not in V");
    let refused = records(&demo.running, "point.*");
    assert!(refused.len() == 3 && refused.iter().all(|r| r["code"] == "point.write-refused"), "{refused:?}");
    demo.run(&["write", "io-1", "output.0", "on", "--why", " "]).ended(2, "why?");
    demo.run(&["write", "io-9", "output.0", "on", "--why", "x"]).ended(2, "there is no device `io-9`");
    assert_eq!(records(&demo.running, "point.*").len(), 3, "no order, no record");

    let fault = json!({ "device": "io-1", "kind": "exception", "code": 4 });
    assert!(demo.running.post_json("simulator", "/faults", &fault).0 < 300);
    demo.run(&["write", "io-1", "output.0", "on", "--why", "x"]).ended(2, "nothing was written");
    let all = records(&demo.running, "point.*");
    let last: Vec<_> = all.iter().skip(3).map(|record| record["code"].as_str().unwrap()).collect();
    assert_eq!(last, ["point.write-asked", "point.write-failed"]);
    assert!(all[4]["body"]["what"].as_str().unwrap().contains("exception 4"), "{}", all[4]);
}

/// A hall of two sensors, simulated: on a pseudo terminal, or a TCP port.
async fn sensors(line: &str) -> (Simulator, Transport) {
    let site = format!("{HEAD}[[line]]\nid = \"bus\"\n{line}\n{SENSORS}");
    let library = Library::load(None).unwrap_or_else(|wrong| panic!("{}", wrong[0]));
    let site = Site::parse("simulated", &site, &library).unwrap_or_else(|e| panic!("{e}"));
    let control = "127.0.0.1:0".parse().unwrap();
    let lines = BTreeMap::new();
    let options = Options { site, control, lines, speed: 1.0, client_certificates: false, gateway: None };
    let simulator = Simulator::start(options).await.unwrap();
    let transport = simulator.lines().values().next().unwrap().clone();
    (simulator, transport)
}

const HEAD: &str = "[site]\nid = \"s\"\nname = \"s\"\ntime_zone = \"UTC\"\n";

const SENSORS: &str = "[[device]]\nid = \"inlet-1\"\nline = \"bus\"\nunit = 1\nprofile = \"xy-md02\"\n\
                       [[device]]\nid = \"inlet-2\"\nline = \"bus\"\nunit = 2\nprofile = \"xy-md02\"\n";

/// Runs a tool beside the simulator; no service runs.
async fn alone(site: &Path, arguments: &[&str]) -> Said {
    let own = ["--site", site.to_str().unwrap(), "--profiles", "/nowhere"].map(str::to_owned);
    let arguments: Vec<String> = arguments.iter().map(|text| (*text).to_owned()).chain(own).collect();
    let run = move || run(&arguments.iter().map(String::as_str).collect::<Vec<_>>());
    tokio::task::spawn_blocking(run).await.unwrap()
}

#[tokio::test(flavor = "multi_thread")]
async fn a_serial_line_without_a_service_is_opened_by_the_tool() {
    let serial = "serial = \"/dev/ttyUSB9\"\nbaud = 115200";
    let (simulator, transport) = sensors(serial).await;
    let Transport::Serial(port) = &transport else { panic!("{transport}") };
    let port = port.path.to_str().unwrap();
    let folder = tempfile::tempdir().unwrap();
    let file = folder.path().join("site.toml");
    fs::write(
        &file,
        format!("{HEAD}[[line]]\nid = \"bus\"\n{serial}\n{SENSORS}").replace("/dev/ttyUSB9", port),
    )
    .unwrap();

    let read = alone(&file, &["read", "inlet-2", "settings.unit-id", "--json"]).await.json();
    assert!((number(&read[0]["value"]) - 1.0).abs() < 0.1, "{read:?}");
    let lines = alone(&file, &["read", "inlet-1", "settings.unit-id", "--puzzle", "--json"]).await.json();
    assert_eq!(lines.iter().filter(|line| line["profile"] == true).count(), 1);
    let frames = alone(&file, &["trace", "bus", "--count", "4", "--json"]).await.json();
    let meanings: Vec<_> = frames.iter().map(|frame| frame["meaning"].as_str().unwrap()).collect();
    assert!(meanings.iter().any(|said| said.contains(": read 2 input registers from 1")), "{meanings:?}");

    let scan = alone(&file, &["scan", port, "--units", "1-2", "--baud", "115200", "--write"]).await;
    scan.ended(0, "baud = 115200");
    let library = Library::load(None).unwrap_or_else(|wrong| panic!("{}", wrong[0]));
    let site =
        Site::parse("scan", &format!("{HEAD}{}", scan.out), &library).unwrap_or_else(|e| panic!("{e}"));
    let found: Vec<_> = site.devices.iter().map(|device| (device.unit, device.profile.id.as_str())).collect();
    assert_eq!(found, [(1, "xy-md02"), (2, "xy-md02")]);
    simulator.shutdown().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_bare_endpoint_is_scanned() {
    let (simulator, transport) = sensors("tcp = \"h:502\"").await;
    let endpoint = transport.endpoint().unwrap().to_string();
    let nowhere = Path::new("/nowhere");
    let scan = alone(nowhere, &["scan", &endpoint, "--units", "1-3", "--json"]).await.json().remove(0);
    let units: Vec<_> = scan["units"].as_array().unwrap().iter().map(|unit| number(&unit["unit"])).collect();
    assert_eq!(units, [1.0, 2.0]);
    simulator.shutdown().await;
    alone(nowhere, &["scan", &endpoint, "--units", "1"]).await.ended(2, "cannot be reached");
}

#[test]
fn a_line_that_cannot_be_had_is_told_with_the_reason() {
    let folder = tempfile::tempdir().unwrap();
    let port = folder.path().join("port");
    let path = port.to_str().unwrap();
    run(&["scan", path]).ended(2, "there is no such port");
    let held = fs::File::create(&port).unwrap();
    let own = fs::read_to_string("/proc/self/comm").unwrap();
    run(&["scan", path]).ended(2, &format!("is held by `{}` (process {})", own.trim(), std::process::id()));
    drop(held);
    run(&["scan", "bus", "--site", "/nowhere"]).ended(2, "no service answers");
    run(&["scan", "bus", "--mode", "tls"]).ended(2, "--mode is for a port or host:port");
    run(&["scan", "h:502", "--mode", "tls"]).ended(2, "--ca-file");
    run(&["scan", "bus", "--units", "9-1"]).ended(2, "write 1-247");
    let folder = folder.path().to_str().unwrap();
    run(&["write", "a", "b", "1", "--why", "x", "--data", folder]).ended(2, "no service answers");
}

#[test]
fn a_wiring_list_becomes_stanzas_or_says_what_is_wrong() {
    let folder = tempfile::tempdir().unwrap();
    let list = folder.path().join("list.csv");
    let path = list.to_str().unwrap();
    fs::write(&list, "device,host,profile\nups-a,10.0.5.21,apc-smart-ups\n").unwrap();
    run(&["site", "import", path]).ended(0, "tcp = \"10.0.5.21:502\"");
    fs::write(&list, "device,host,profile\nups-a,10.0.5.21,apc\nb,,xy-md02\n").unwrap();
    let wrong = run(&["site", "import", path]);
    wrong.ended(1, "2 problems");
    assert!(wrong.err.contains("row 2, column profile") && wrong.out.is_empty(), "{}", wrong.err);
    run(&["site", "import", path, "--json"]).ended(1, "\"row\":3");
    run(&["site", "import", "/nowhere.csv"]).ended(2, "cannot be read");
}
