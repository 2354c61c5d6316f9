//! Who may know whom: the order of the gateway's modules and of the workspace's crates, as ARCHITECTURE.md has it.
//!
//! Every source file is read as text and cut into words (`words`), so that the order holds for code that is compiled
//! for other features or targets too. Each breach is told with file and line.

#![allow(clippy::unwrap_used, clippy::indexing_slicing, reason = "a test fails by panicking")]

mod manifests;
mod rules;
mod words;

use std::{
    fs,
    path::{Path, PathBuf},
};

use rules::{Source, breaches};

fn root() -> &'static Path {
    Path::new(env!("CARGO_MANIFEST_DIR"))
}

fn collect(folder: &Path, found: &mut Vec<PathBuf>) {
    for entry in fs::read_dir(folder).unwrap() {
        let path = entry.unwrap().path();
        if path.is_dir() {
            collect(&path, found);
        } else if path.extension().is_some_and(|extension| extension == "rs") {
            found.push(path);
        }
    }
}

/// Every file below `src/`, with paths such as `bus/line.rs`.
fn sources() -> Vec<Source> {
    let folder = root().join("src");
    let mut paths = Vec::new();
    collect(&folder, &mut paths);
    paths.sort();
    let read = |path: PathBuf| {
        let text = fs::read_to_string(&path).unwrap();
        Source { path: path.strip_prefix(&folder).unwrap().to_str().unwrap().to_owned(), text }
    };
    paths.into_iter().map(read).collect()
}

#[test]
fn the_modules_know_only_those_that_they_may() {
    let sources = sources();
    assert!(sources.len() > 30, "only {} files were found", sources.len());
    let breaches = breaches(&sources);
    assert!(breaches.is_empty(), "\n{}\n", breaches.join("\n"));
}

#[test]
fn the_crates_know_only_those_that_they_may() {
    let breaches: Vec<String> = ["device-profiles", "site-file", "simulator", "."]
        .into_iter()
        .flat_map(|member| {
            manifests::breaches(member, &fs::read_to_string(root().join(member).join("Cargo.toml")).unwrap())
        })
        .collect();
    assert!(breaches.is_empty(), "\n{}\n", breaches.join("\n"));
}

/// What the rules say about one file.
fn told(path: &str, text: &str) -> Vec<String> {
    breaches(&[Source { path: path.to_owned(), text: text.to_owned() }])
}

#[test]
fn each_breach_is_told_with_file_and_line() {
    let rows: &[(&str, &str, &str)] = &[
        ("logic/plan.rs", "use crate::store::Row;", "src/logic/plan.rs:1: `logic` may not know `store`"),
        ("model/time.rs", "\n\nuse crate::logic;", "src/model/time.rs:3: `model` may not know `logic`"),
        (
            "bus/line.rs",
            "use crate::{model::Id, store::Row};",
            "src/bus/line.rs:1: `bus` may not know `store`",
        ),
        (
            "bus/line.rs",
            "use crate::{\n model::{A, B},\n web,\n};",
            "src/bus/line.rs:3: `bus` may not know `web`",
        ),
        (
            "store/mod.rs",
            "fn f() { crate::hardware::g() }",
            "src/store/mod.rs:1: `store` may not know `hardware`",
        ),
        ("web/mod.rs", "use super::deliver::MqttStatus;", "src/web/mod.rs:1: `web` may not know `deliver`"),
        (
            "web/hall/power.rs",
            "use super::super::super::app;",
            "src/web/hall/power.rs:1: `web` may not know `app`",
        ),
        (
            "deliver/mqtt.rs",
            "use super::super::{cli};",
            "src/deliver/mqtt.rs:1: `deliver` may not know `cli`",
        ),
        ("app/run.rs", "pub use crate::cli::Failure;", "src/app/run.rs:1: `app` may not know `cli`"),
        ("lib.rs", "use crate::cli::Failure;", "src/lib.rs:1: `lib` may not know `cli`"),
        ("web/mod.rs", "use rusqlite::Row;", "src/web/mod.rs:1: `rusqlite` is for src/store/ alone"),
        ("bus/doors.rs", "use gpiocdev::Request;", "`gpiocdev` is for src/hardware/ alone"),
        ("hardware/osdp/line.rs", "use crate::bus::Dial;", "`hardware` may not know `bus`"),
        ("hardware/mod.rs", "use crate::store::Seal;", "`hardware` may not know `store`"),
        ("app/run.rs", "axum::serve()", "src/app/run.rs:1: `axum` is for src/web/ alone"),
        (
            "logic/plan.rs",
            "use tokio_modbus::X;",
            "src/logic/plan.rs:1: `tokio_modbus` is for src/bus/ alone",
        ),
        ("app/hall.rs", "let x: rumqttc::QoS;", "src/app/hall.rs:1: `rumqttc` is for src/deliver/ alone"),
        (
            "app/run.rs",
            "use hallward_simulator::X;",
            "`hallward_simulator` is for src/app/demo, src/cli/demo alone",
        ),
        ("logic/link.rs", "tokio::spawn(x)", "src/logic/link.rs:1: `logic` is pure: no `tokio`"),
        ("model/mod.rs", "use std::{fmt, fs::File};", "src/model/mod.rs:1: `model` is pure: no `std::fs`"),
        (
            "model/mod.rs",
            "std::net::TcpStream::connect(x)",
            "src/model/mod.rs:1: `model` is pure: no `std::net`",
        ),
        (
            "logic/live.rs",
            "let t = Instant::now();",
            "src/logic/live.rs:1: `Instant::now`: only src/app/clock.rs",
        ),
        ("app/hall.rs", "chrono::Utc::now()", "src/app/hall.rs:1: `Utc::now`: only src/app/clock.rs"),
        (
            "app/hall.rs",
            "std::time::SystemTime::now",
            "src/app/hall.rs:1: `SystemTime::now`: only src/app/clock.rs",
        ),
    ];
    for (path, text, wanted) in rows {
        let told = told(path, text);
        assert!(
            told.len() == 1 && told[0].contains(wanted),
            "{path}: {text}\n wanted {wanted}\n told   {told:?}"
        );
    }
}

#[test]
fn what_is_allowed_is_not_told() {
    let rows: &[(&str, &str)] = &[
        ("logic/plan.rs", "use crate::model::{Id, store::X};"),
        ("bus/line.rs", "use crate::{logic::plan, model::Id};\nuse super::store;\nuse tokio_modbus::X;"),
        ("web/hall/power.rs", "use super::super::deliver;"),
        ("cli/demo.rs", "use hallward_simulator::Simulator;\nuse crate::{app, web, deliver};"),
        ("app/clock.rs", "fn now() { Instant::now() }"),
        (
            "logic/plan.rs",
            "// use crate::store;\n/* tokio /* nested */ crate::web */ fn f<'a>(x: &'a str) {}",
        ),
        ("logic/plan.rs", "let s = \"crate::web\"; let r = r#\"tokio \" \"#; let c = '\"'; let d = b'\\'';"),
        ("logic/plan.rs", "#[cfg(test)]\nmod tests {\n fn f() { if x { Instant::now() } }\n}\nfn g() {}"),
        ("logic/plan.rs", "//! logic names no tokio\nfn f() {}"),
    ];
    for (path, text) in rows {
        assert_eq!(told(path, text), Vec::<String>::new(), "{path}: {text}");
    }
}

#[test]
fn a_file_of_tests_may_read_the_clock_but_not_turn_the_order() {
    let declaring = "#[cfg(test)]\nmod testing;\n#[cfg(test)]\n#[path = \"journal_tests.rs\"]\nmod tests;";
    let file = |path: &str, text: &str| Source { path: path.to_owned(), text: text.to_owned() };
    let clock = "fn f() { Instant::now(); }";
    let sources = [
        file("web/mod.rs", declaring),
        file("web/testing.rs", clock),
        file("web/journal_tests.rs", clock),
        file("web/other.rs", clock),
    ];
    assert_eq!(breaches(&sources).len(), 1);
    assert!(breaches(&sources)[0].starts_with("src/web/other.rs:1"));
    assert_eq!(told("logic/plan.rs", "#[cfg(test)]\nmod tests { use crate::store; }").len(), 1);
}

#[test]
fn a_crate_that_knows_too_much_is_told() {
    let rows: &[(&str, &str, &str)] = &[
        (
            "device-profiles",
            "[dependencies]\nhallward-site = {}",
            "device-profiles/Cargo.toml: may not know `hallward-site`",
        ),
        ("site-file", "[dev-dependencies]\nhallward = {}", "site-file/Cargo.toml: may not know `hallward`"),
        ("simulator", "[dependencies]\nhallward = {}", "simulator/Cargo.toml: may not know `hallward`"),
        (
            "simulator",
            "[dependencies]\ntokio-modbus = \"0\"",
            "simulator/Cargo.toml: may not know `tokio-modbus`",
        ),
        ("simulator", "[dependencies]\nx = { package = \"tokio-modbus\" }", "may not know `tokio-modbus`"),
        (
            ".",
            "[dependencies]\nhallward-simulator = { workspace = true }",
            "Cargo.toml: `hallward-simulator` is optional",
        ),
    ];
    for (member, text, wanted) in rows {
        let told = manifests::breaches(member, text);
        assert!(
            told.len() == 1 && told[0].contains(wanted),
            "{member}: {text}\n wanted {wanted}\n told   {told:?}"
        );
    }
    let sound = "[dependencies]\nhallward-site = {}\nhallward-profiles = {}\n[dev-dependencies]\ntokio-modbus = \"0\"";
    assert_eq!(manifests::breaches("simulator", sound), Vec::<String>::new());
}
