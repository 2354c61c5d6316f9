//! The pages in a real browser: Debian's Chromium, driven by playwright-core, against `hallward demo`.
//!
//! Run by name (`cargo test --test browser`), so that `cargo test --workspace` needs nothing but Rust. It needs
//! `chromium`, `node` and `npm`. What is looked at stands in `journeys.mjs`,
//! `sign-in.mjs` and `doors.mjs`; the pictures they take are left in
//! `target/screenshots/`, to be looked at.

#![allow(clippy::expect_used, clippy::panic, clippy::unwrap_used, reason = "a test fails by panicking")]

use std::{
    env, fs,
    io::{BufRead, BufReader},
    path::{Path, PathBuf},
    process::{Child, Command, Stdio},
    sync::{Mutex, PoisonError},
};

/// The demo, ended with the test.
struct Demo {
    child: Child,
    addresses: serde_json::Value,
    _data: tempfile::TempDir,
}

impl Demo {
    /// Starts it on free ports; it prints its addresses as one line of JSON when it is ready.
    fn start() -> Self {
        let data = tempfile::tempdir().unwrap();
        let mut demo = Command::new(env!("CARGO_BIN_EXE_hallward"));
        demo.args(["demo", "--http", "127.0.0.1:0", "--mqtt", "127.0.0.1:0", "--simulator", "127.0.0.1:0"]);
        // A week of the past takes a debug build minutes, and nothing here looks at it.
        demo.args(["--past", "0"]);
        demo.arg("--data").arg(data.path()).stdout(Stdio::piped()).stderr(Stdio::null());
        let mut child = demo.spawn().expect("the demo starts");
        let mut line = String::new();
        BufReader::new(child.stdout.take().unwrap()).read_line(&mut line).unwrap();
        let addresses = serde_json::from_str(&line).expect("one line of JSON with the demo's addresses");
        Self { child, addresses, _data: data }
    }

    fn address(&self, key: &str) -> &str {
        self.addresses.get(key).and_then(serde_json::Value::as_str).expect("an address")
    }
}

impl Drop for Demo {
    fn drop(&mut self) {
        self.child.kill().expect("the demo can be ended");
        self.child.wait().expect("the demo ends");
    }
}

/// One demo and one browser at a time: they want the machine for themselves.
static ALONE: Mutex<()> = Mutex::new(());

/// Runs the journeys of one file against a demo of its own.
fn walk(journeys: &str) {
    let _alone = ALONE.lock().unwrap_or_else(PoisonError::into_inner);
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/browser");
    install(&folder);
    let demo = Demo::start();
    let pictures = pictures();
    fs::create_dir_all(&pictures).unwrap();
    let status = Command::new("node")
        .arg("--test")
        .arg(folder.join(journeys))
        .env("HALLWARD_HTTP", demo.address("http"))
        .env("HALLWARD_SIGN_IN", demo.addresses.get("sign_in").expect("links").to_string())
        .env("HALLWARD_PROCESS", demo.child.id().to_string())
        .env("HALLWARD_SIMULATOR", demo.address("simulator"))
        .env("HALLWARD_SCREENSHOTS", &pictures)
        .status()
        .expect("node starts: install the packages nodejs and npm");
    assert!(status.success(), "see above; pictures are in {}", pictures.display());
}

#[test]
fn the_pages_stand_up_to_a_real_browser() {
    walk("journeys.mjs");
}

#[test]
fn signing_in_stands_up_to_a_real_browser() {
    walk("sign-in.mjs");
}

#[test]
fn doors_are_served_in_a_real_browser() {
    walk("doors.mjs");
}

/// Installs the locked packages when that has not been done since the lock file changed.
fn install(folder: &Path) {
    let changed = |path: &str| fs::metadata(folder.join(path)).and_then(|file| file.modified()).ok();
    let installed = changed("node_modules/.package-lock.json");
    if installed.is_some() && installed >= changed("package-lock.json") {
        return;
    }
    let npm = Command::new("npm")
        .args(["ci", "--ignore-scripts", "--no-audit", "--no-fund"])
        .current_dir(folder)
        .status();
    assert!(npm.expect("npm starts: install the package npm").success(), "npm ci failed");
}

/// `target/screenshots`, wherever the target folder is: the test program lies two folders below it.
fn pictures() -> PathBuf {
    let program = env::current_exe().unwrap();
    program.ancestors().nth(3).expect("the target folder").join("screenshots")
}
