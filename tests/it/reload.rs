//! The site file is read again while the gateway runs: what changed is swapped in, what is wrong changes nothing.

use std::{collections::BTreeMap, fs, path::Path};

use hallward_profiles::Library;
use hallward_simulator::{Options, Simulator};
use hallward_site::{Site, Transport};
use serde_json::Value as Json;

use crate::gateway::{Client, Running, free_port};

/// A simulated hall with three sensors, each on a line of its own.
const SIMULATED: &str = "[site]\nid = \"s\"\nname = \"s\"\ntime_zone = \"UTC\"\n\
    [[line]]\nid = \"one\"\ntcp = \"h:1\"\n[[line]]\nid = \"two\"\ntcp = \"h:2\"\n[[line]]\nid = \"three\"\ntcp = \"h:3\"\n\
    [[device]]\nid = \"inlet-1\"\nline = \"one\"\nprofile = \"xy-md02\"\n\
    [[device]]\nid = \"inlet-2\"\nline = \"two\"\nprofile = \"xy-md02\"\n\
    [[device]]\nid = \"inlet-3\"\nline = \"three\"\nprofile = \"xy-md02\"\n";

/// A site file of these devices; the first also has a name.
fn site(port: u16, lines: &BTreeMap<String, String>, devices: &[&str], name: &str) -> String {
    let mut text = format!(
        "[site]\nid = \"s\"\nname = \"s\"\ntime_zone = \"UTC\"\n[web]\nlisten = \"127.0.0.1:{port}\"\n"
    );
    for device in devices {
        let line = ["one", "two", "three"][usize::from(device.as_bytes()[6] - b'1')];
        text += &format!("[[line]]\nid = \"{line}\"\ntcp = \"{}\"\n", lines[line]);
        text += &format!(
            "[[device]]\nid = \"{device}\"\nline = \"{line}\"\nprofile = \"xy-md02\"\nevery = \"100ms\"\n\
             name = \"{name} {device}\"\n"
        );
    }
    text
}

fn records(client: &Client, code: &str) -> Vec<Json> {
    client.get(&format!("/api/v1/journal?limit=1000&code={code}"))["records"].as_array().unwrap().clone()
}

fn devices(client: &Client) -> Vec<String> {
    let site = client.get("/api/v1/site");
    let names =
        site["devices"].as_array().unwrap().iter().map(|device| device["id"].as_str().unwrap().to_owned());
    names.collect()
}

/// Answers that a line has brought since it started.
fn answers(client: &Client, line: &str) -> u64 {
    let (_, metrics) = client.request("http", "GET", "/metrics");
    let wanted = format!("hallward_line_requests_total{{line=\"{line}\",result=\"answered\"}} ");
    metrics
        .lines()
        .find_map(|line| line.strip_prefix(&wanted))
        .and_then(|count| count.parse().ok())
        .unwrap_or(0)
}

fn is_good(client: &Client, device: &str) -> bool {
    devices(client).iter().any(|known| known == device) && client.point(device, "temperature").1 == "good"
}

async fn simulated() -> (Simulator, BTreeMap<String, String>) {
    let library = Library::load(None).unwrap();
    let site = Site::parse("simulated", SIMULATED, &library).unwrap_or_else(|e| panic!("{e}"));
    let control = "127.0.0.1:0".parse().unwrap();
    let lines = BTreeMap::new();
    let options = Options { site, control, lines, speed: 1.0, client_certificates: false, gateway: None };
    let simulator = Simulator::start(options).await.unwrap();
    let place =
        |id: &hallward_profiles::Id, at: &Transport| (id.to_string(), at.endpoint().unwrap().to_string());
    let lines = simulator.lines().iter().map(|(id, at)| place(id, at)).collect();
    (simulator, lines)
}

fn rounds(path: &Path, lines: &BTreeMap<String, String>) {
    let port = free_port();
    let file = path.join("site.toml");
    let write = |devices: &[&str], name: &str| fs::write(&file, site(port, lines, devices, name)).unwrap();
    write(&["inlet-1", "inlet-2"], "old");
    let running = Running::site(&file, path, port);
    running.until("both sensors are read", |client| is_good(client, "inlet-1") && is_good(client, "inlet-2"));

    fs::write(&file, "[site]\nid = 3\n").unwrap();
    running.reload();
    running.until("the broken file is refused", |client| records(client, "site.refused").len() == 1);
    assert_eq!(devices(&running), ["inlet-1", "inlet-2"]);
    assert!(is_good(&running, "inlet-1"), "it goes on as before");

    let before = answers(&running, "one");
    write(&["inlet-3", "inlet-1"], "new");
    running.reload();
    running.until("the new sensor is read", |client| is_good(client, "inlet-3"));
    assert_eq!(devices(&running), ["inlet-3", "inlet-1"]);
    let reloaded = &records(&running, "site.reloaded")[0]["body"];
    let counts = ["lines_kept", "lines_started", "lines_stopped"].map(|key| reloaded[key].as_str().unwrap());
    assert_eq!(counts, ["1", "1", "1"], "{reloaded}");
    assert_eq!(running.point("inlet-1", "temperature").1, "good", "its readings stay");
    assert!(answers(&running, "one") >= before, "its line was not started anew");
    assert_eq!(answers(&running, "two"), 0, "and the one that went is gone");
    let site = running.get("/api/v1/site");
    assert_eq!(site["devices"][1]["name"], "new inlet-1", "a new name needs no new line");
    assert!(records(&running, "device.offline").is_empty(), "nobody fell silent");
    let history = running.get("/api/v1/history?point=inlet-1/temperature");
    assert!(history["series"][0]["samples"].as_array().is_some_and(|samples| !samples.is_empty()));
}

#[test]
fn a_changed_site_file_is_swapped_in_and_a_broken_one_changes_nothing() {
    let runtime = tokio::runtime::Runtime::new().unwrap();
    let (_simulator, lines) = runtime.block_on(simulated());
    let folder = tempfile::tempdir().unwrap();
    rounds(folder.path(), &lines);
}
