//! The simulator as other programs meet it: over real loopback sockets and pseudo terminals. Time stands still unless a test moves it, and
//! no test sleeps.

#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic, clippy::indexing_slicing, reason = "tests")]

mod broker;
mod client;
mod control;
mod faults;
mod hallsim;
mod lines;
mod osdp;
mod readers;
mod same;
mod serial;
mod start;
mod tls;
