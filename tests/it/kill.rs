//! The plug is pulled: no acknowledged record is lost, and the next start says what happened.

use std::time::Duration;

use hallward::model::Wall;
use serde_json::{Value as Json, json};

use crate::gateway::{Client, Running};

/// Rounds of killing: a few each time, many with `HALLWARD_LONG`.
fn rounds() -> usize {
    if std::env::var_os("HALLWARD_LONG").is_some() { 40 } else { 3 }
}

fn records(running: &Client) -> Vec<Json> {
    running.get("/api/v1/journal?limit=1000")["records"].as_array().unwrap().clone()
}

#[test]
fn a_killed_gateway_keeps_every_record_and_all_but_the_last_second_of_samples() {
    let data = tempfile::tempdir().unwrap();
    let mut kept: Vec<Json> = Vec::new();
    let mut live = Wall(0);
    for round in 0..rounds() {
        let mut running = Running::demo(data.path(), &[]);
        running.until("the run is recorded", |running| records(running).len() > kept.len());
        let found = records(&running);
        for record in &kept {
            assert!(found.contains(record), "round {round}: lost {record}");
        }
        let start = found.iter().rev().find(|record| record["code"] == "system.start").unwrap();
        let stop = if round == 0 { Json::Null } else { json!("not clean") };
        assert_eq!(start["body"]["previous_stop"], stop, "round {round}");
        let sequence: Vec<_> = found.iter().map(|record| record["seq"].as_u64().unwrap()).collect();
        let mut expected: Vec<_> = (1..=sequence.len() as u64).collect();
        if sequence.first() > sequence.last() {
            expected.reverse();
        }
        assert_eq!(sequence, expected, "numbers without a gap");

        let (status, _) =
            running.post_json("simulator", "/faults", &json!({ "device": "gen-1", "kind": "refuse" }));
        assert!((200..300).contains(&status));
        let offline = |record: &Json| record["code"] == "device.offline";
        let before = found.iter().filter(|record| offline(record)).count();
        running.until("the generator is offline", |running| {
            records(running).iter().filter(|record| offline(record)).count() > before
        });
        let started = Wall::parse(start["time"].as_str().unwrap()).unwrap();
        running
            .until("samples are kept", |running| stored(running).last().is_some_and(|time| *time > started));
        kept = records(&running);
        live = newest_live(&running);
        running.kill();
    }
    let running = Running::demo(data.path(), &[]);
    let before_the_kill = stored(&running).into_iter().filter(|time| *time <= live).max();
    // Polled each second: of those up to a second before the kill, the newest is at most two seconds old.
    let lost = live.since(before_the_kill.expect("samples of the run before"));
    assert!(lost <= Duration::from_millis(2100), "{lost:?} of samples were lost");
}

#[test]
fn a_stop_by_signal_is_clean_and_the_next_start_says_so() {
    let data = tempfile::tempdir().unwrap();
    let mut running = Running::demo(data.path(), &[]);
    assert_eq!(running.terminate(), Some(0));
    let running = Running::demo(data.path(), &[]);
    let of_runs = |running: &Client| {
        let page = running.get("/api/v1/journal?code=system.*");
        page["records"].as_array().unwrap().clone()
    };
    running.until("both runs are recorded", |running| of_runs(running).len() == 3);
    let mut found = of_runs(&running);
    found.sort_by_key(|record| record["seq"].as_u64());
    let codes: Vec<_> = found.iter().map(|record| record["code"].as_str().unwrap()).collect();
    assert_eq!(codes, ["system.start", "system.stop", "system.start"]);
    assert_eq!(found[2]["body"]["previous_stop"], "clean");
}

/// When the kept samples of that UPS were read, in order.
fn stored(running: &Client) -> Vec<Wall> {
    let history = running.get("/api/v1/history?point=ups-b/battery.voltage");
    let samples = history["series"][0]["samples"].as_array().unwrap();
    samples.iter().filter_map(|sample| Wall::parse(sample["time"].as_str()?)).collect()
}

/// When the newest live value of a UPS was read.
fn newest_live(running: &Client) -> Wall {
    let points = running.get("/api/v1/points?device=ups-b&point=battery.voltage");
    Wall::parse(points["points"][0]["time"].as_str().unwrap()).unwrap()
}
