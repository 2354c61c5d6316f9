//! The example of a test suite in Python passes against `hallsim` as it is.
//!
//! Run by name (`cargo test --workspace --test examples`): it needs Python.

#![allow(clippy::panic, reason = "a test fails by panicking")]

use std::process::Command;

#[test]
fn the_suite_in_python_passes() {
    let suite = concat!(env!("CARGO_MANIFEST_DIR"), "/examples/test_hall.py");
    let run = Command::new("python3").arg(suite).env("HALLSIM", env!("CARGO_BIN_EXE_hallsim")).output();
    let run = run.unwrap_or_else(|error| panic!("`python3` is missing: apt-get install python3 ({error})"));
    assert!(run.status.success(), "{}", String::from_utf8_lossy(&run.stderr));
}
