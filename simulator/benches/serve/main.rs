//! What the simulated hall costs: an answer of each class of device, and a `hallsim` process that serves 200 devices of
//! 100 registers each, asked once a second over TCP.
//!
//! `cargo bench -p hallward-simulator --bench serve [-- SECONDS]`. Figures are in `benches/README.md`.

#![allow(
    missing_docs,
    clippy::disallowed_methods,
    clippy::expect_used,
    clippy::indexing_slicing,
    reason = "a benchmark reads the clock, and may end at the first surprise"
)]

mod answers;
mod process;
mod site;

fn main() {
    let seconds = std::env::args().filter_map(|argument| argument.parse().ok()).next().unwrap_or(20);
    answers::measure();
    println!();
    process::measure(seconds);
}
