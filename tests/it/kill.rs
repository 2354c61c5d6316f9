//! The plug is pulled: no acknowledged record is lost, and the next start says what happened.

use serde_json::{Value as Json, json};

use crate::gateway::Running;

/// Rounds of killing: a few each time, many with `HALLWARD_LONG`.
fn rounds() -> usize {
    if std::env::var_os("HALLWARD_LONG").is_some() { 40 } else { 3 }
}

fn records(running: &Running) -> Vec<Json> {
    running.get("/api/v1/journal?limit=1000")["records"].as_array().unwrap().clone()
}

#[test]
fn a_killed_gateway_keeps_every_record_and_all_but_the_last_second_of_samples() {
    let data = tempfile::tempdir().unwrap();
    let mut kept: Vec<Json> = Vec::new();
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
        kept = records(&running);
        running.kill();
    }
    let running = Running::demo(data.path(), &[]);
    running.until("history is there again", |running| {
        let history = running.get("/api/v1/history?point=ups-b/battery.voltage");
        history["series"][0]["samples"].as_array().is_some_and(|samples| samples.len() > 3)
            || history["series"][0]["buckets"].as_array().is_some_and(|buckets| !buckets.is_empty())
    });
}
