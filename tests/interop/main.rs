//! The gateway and the simulated hall against programs that others wrote: Debian's `mbpoll`, Mosquitto, OpenSSL, systemd
//! and the drivers of NUT, `pymodbus` and `schemathesis`.
//!
//! Run by name (`cargo test --test interop`), so that `cargo test --workspace` needs nothing but Rust. The full disk takes root. A program that
//! is missing is installed where the tests run as root; elsewhere the test fails and says which package to install.

#![allow(
    clippy::disallowed_methods,
    clippy::expect_used,
    clippy::indexing_slicing,
    clippy::panic,
    clippy::unwrap_used,
    reason = "a test fails by panicking, and others' programs live by the wall's time"
)]

mod broker;
mod certificates;
mod commands;
mod evidence;
mod full_disk;
mod gateway;
mod http;
mod mains_failure;
mod mbpoll;
mod mbpoll_rtu;
mod meter;
mod mosquitto;
mod nut;
mod osdp;
mod programs;
mod pymodbus;
mod schemathesis;
mod service;
mod simulated;
mod tls;
mod wait;
#[path = "../it/walks.rs"]
#[allow(dead_code, reason = "tests/it uses the rest")]
mod walks;
