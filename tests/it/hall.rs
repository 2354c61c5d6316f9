//! The whole program against the simulated hall, as a test suite would drive it.

use serde_json::{Value as Json, json};

use crate::gateway::Running;

fn demo() -> (Running, tempfile::TempDir) {
    let data = tempfile::tempdir().unwrap();
    (Running::demo(data.path(), &[]), data)
}

fn qualities(running: &Running) -> Vec<(String, String, Json)> {
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
    let (running, _data) = demo();
    running.until("every point is good", |running| {
        let all = qualities(running);
        for (point, quality, value) in &all {
            assert_eq!(value.is_null(), quality != "good" && quality != "stale", "{point} {quality} {value}");
        }
        all.len() > 1000 && all.iter().all(|(_, quality, _)| quality == "good" || quality == "not-available")
    });
    assert_eq!(running.request("http", "GET", "/readyz").0, 200);
}

#[test]
fn a_mains_failure_is_seen_as_it_happens() {
    let (running, _data) = demo();
    let is = |device: &'static str, point: &'static str, value: &'static str| {
        move |running: &Running| running.point(device, point) == (json!(value), "good".to_owned())
    };
    running.until("the UPS is online", is("ups-a", "ups.status", "online"));
    running.simulator("POST", "/scenarios/mains-failure");
    running.until("the UPS is on battery", is("ups-a", "ups.status", "on-battery"));
    running.until("the generator starts", is("gen-1", "engine.state", "starting"));
    running.until("the generator runs", is("gen-1", "engine.state", "running"));
    running.until("the load is on the generator", is("ats-1", "position", "2"));
    running.until("the UPS is online again", is("ups-a", "ups.status", "online"));
    let charge = |running: &Running| running.point("ups-a", "battery.charge").0.as_f64().unwrap();
    let low = charge(&running);
    assert!(low < 100.0, "{low}");
    running.until("the battery charges", |running| charge(running) > low);
}

#[test]
fn a_device_that_stops_answering_is_stale_then_timeout_while_the_others_go_on() {
    let (running, _data) = demo();
    running.until("the UPS is good", |running| running.point("ups-a", "battery.charge").1 == "good");
    let (status, body) =
        running.post_json("simulator", "/faults", &json!({ "device": "ups-a", "kind": "silence" }));
    assert!((200..300).contains(&status), "{status} {body}");
    running.until("stale, with its last value", |running| {
        let (value, quality) = running.point("ups-a", "battery.charge");
        quality == "stale" && !value.is_null()
    });
    running.until("timeout, without a value", |running| {
        running.point("ups-a", "battery.charge") == (Json::Null, "timeout".to_owned())
    });
    assert_eq!(running.point("ups-b", "battery.charge").1, "good");
    let records = running.get("/api/v1/journal?code=device.offline");
    let record = &records["records"][0];
    assert_eq!((&record["place"], &record["body"]["reason"]), (&json!("ups-a"), &json!("timeout")));
}
