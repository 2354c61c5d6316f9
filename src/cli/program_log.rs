//! Where the program's own log goes: to systemd's journal under systemd, else to standard error.

use std::os::unix::fs::MetadataExt;

use tracing_subscriber::{
    Layer, filter::LevelFilter, filter::Targets, layer::SubscriberExt, util::SubscriberInitExt,
};

/// Starts logging at `level`; other crates only warn.
pub(super) fn start(level: LevelFilter) {
    // The demo's broker calls every client that goes away an error.
    let quiet = Targets::new().with_target("rumqttd", LevelFilter::OFF);
    // The simulated readers begin in install mode.
    let quiet = quiet.with_target("libosdp", LevelFilter::ERROR);
    let filter = quiet.with_default(LevelFilter::WARN).with_target("hallward", level);
    // Shells inherit the variable: it counts only if it names our own standard error.
    let stream =
        std::fs::metadata("/proc/self/fd/2").map(|stderr| format!("{}:{}", stderr.dev(), stderr.ino()));
    let under_systemd =
        std::env::var("JOURNAL_STREAM").is_ok_and(|named| stream.is_ok_and(|own| own == named));
    let journald = under_systemd.then(|| tracing_journald::layer().ok()).flatten();
    let plain = journald
        .is_none()
        .then(|| tracing_subscriber::fmt::layer().with_writer(std::io::stderr).with_target(false));
    let layers = tracing_subscriber::registry()
        .with(journald.with_filter(filter.clone()))
        .with(plain.with_filter(filter));
    // Started twice only if two verbs ran in one process, which they do not.
    drop(layers.try_init());
}
