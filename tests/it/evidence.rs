//! The log that proves itself, as whoever checks it meets it: the command line beside a demo that runs, and after it.

use std::{
    fs,
    io::{BufRead, BufReader},
    path::Path,
    process::Stdio,
};

use serde_json::Value as Json;

use crate::gateway::{Running, hallward};

/// Exit and what is said.
fn run(line: &[&str]) -> (Option<i32>, String) {
    let output = hallward().args(line).output().unwrap();
    let out = String::from_utf8(output.stdout).unwrap();
    (output.status.code(), format!("{out}{}", String::from_utf8_lossy(&output.stderr)))
}

#[track_caller]
fn ended(exit: i32, words: &str, line: &[&str]) -> String {
    let (code, said) = run(line);
    assert_eq!(code, Some(exit), "{line:?}: {said}");
    assert!(said.contains(words), "{line:?}: not {words:?}: {said}");
    said
}

fn text(path: &Path) -> &str {
    path.to_str().unwrap()
}

#[test]
fn r_export_the_log_is_checked_followed_exported_and_held_at_the_console() {
    let folder = tempfile::tempdir().unwrap();
    let running = Running::demo(folder.path(), &[]);
    let data = ["--data", text(folder.path())];
    let with = |line: &[&'static str]| -> Vec<String> {
        line.iter().chain(&data).map(|word| (*word).to_owned()).collect()
    };
    let ask = |exit: i32, words: &str, line: &[&'static str]| {
        let line = with(line);
        ended(exit, words, &line.iter().map(String::as_str).collect::<Vec<_>>())
    };
    ask(0, "NOT anchored", &["log", "verify"]);
    ask(1, "NOT anchored", &["log", "verify", "--strict"]);
    ask(0, "system.start", &["log", "tail", "-n", "1000", "--code", "system.*"]);
    let hold = ask(0, "done: ", &["log", "hold", "--why", "incident"]);
    ask(0, "incident", &["log", "holds"]);
    ask(1, "give an earlier time", &["log", "prune", "--before", "2999-01-01", "--why", "x"]);
    let number = hold.trim().strip_prefix("done: ").unwrap().to_owned();
    ended(0, "done", &["log", "release", &number, "--why", "closed", data[0], data[1]]);

    let follow = ["log", "tail", "--follow", "--json", "--code", "log.hold*", data[0], data[1]];
    let mut follower = hallward().args(follow).stdout(Stdio::piped()).spawn().unwrap();
    let mut lines = BufReader::new(follower.stdout.take().unwrap()).lines();
    let mut seq = || serde_json::from_str::<Json>(&lines.next().unwrap().unwrap()).unwrap()["seq"].clone();
    assert_eq!(seq(), number.parse::<u64>().unwrap(), "what was there");
    seq();
    let hold = ask(0, "done: ", &["log", "hold", "--why", "another"]);
    let number: u64 = hold.trim().strip_prefix("done: ").unwrap().parse().unwrap();
    assert_eq!(seq(), number, "what comes");
    follower.kill().unwrap();
    follower.wait().unwrap();

    let file = folder.path().join("all.zip");
    let export = ["log", "export", "--out", text(&file), "--why", "inspection", "--json", data[0], data[1]];
    let told: Json = serde_json::from_str(ended(0, "", &export).trim()).unwrap();
    assert_eq!((&told["contiguous"], &told["first"]), (&true.into(), &1.into()));
    ended(2, "is there already", &export);
    let checkpoints = folder.path().join("checkpoints.txt");
    let verify = ["log", "verify", "--strict", "--export", text(&file)];
    ended(1, "NOT anchored", &verify);
    ended(0, "anchored to", &[&verify[..], &["--checkpoint", text(&checkpoints)]].concat());
    ask(0, "log.exported", &["log", "tail"]);
    drop(running);

    let elsewhere = folder.path().join("elsewhere.txt");
    fs::copy(&checkpoints, &elsewhere).unwrap();
    let said = ended(0, "", &["log", "verify", "--json", "--checkpoint", text(&elsewhere), data[0], data[1]]);
    let report: Json = serde_json::from_str(said.lines().next().unwrap()).unwrap();
    assert_eq!(report["result"], "whole", "{said}");
    assert!(report["anchored"].as_u64() >= told["last"].as_u64(), "{said}");
    let key = report["key"].as_str().unwrap();
    assert!(key.starts_with("hallward/") && key.contains("/simulated+"), "a demo says so: {key}");
    ended(2, "is no public key", &["log", "verify", "--key", "nonsense", data[0], data[1]]);
    ended(2, "there is no journal", &["log", "verify", "--key", key, "--data", "/nonexistent"]);
}
