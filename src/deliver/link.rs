//! What the publisher has in common with the rest of the program: the journal, checkpoints, and counts.

use std::sync::{
    Arc,
    atomic::{AtomicBool, AtomicU64},
};

use tokio::sync::{broadcast, mpsc, watch};

use crate::{model::Record, store::Journal};

/// What `/metrics` tells of the broker.
#[derive(Debug, Default)]
pub struct MqttStatus {
    /// Whether the broker is connected.
    pub connected: AtomicBool,
    /// Messages handed to the client.
    pub published: AtomicU64,
    /// Messages that the broker has acknowledged.
    pub acknowledged: AtomicU64,
    /// Times the connection broke or could not be made.
    pub failures: AtomicU64,
    /// Whether the broker is connected for events.
    pub events_connected: AtomicBool,
    /// The number of the last record that it has acknowledged.
    pub event_cursor: AtomicU64,
    /// How many records are after that, whether they go out or not.
    pub event_backlog: AtomicU64,
    /// Whether the broker lets commands be heard.
    pub commands_connected: AtomicBool,
    /// Commands that were accepted.
    pub commands_accepted: AtomicU64,
    /// Commands that were refused, also those of which no record was written.
    pub commands_refused: AtomicU64,
}

/// The log's checkpoints, on their way to the broker and back.
pub struct CheckpointLink {
    /// The newest one.
    pub newest: watch::Receiver<Option<Arc<str>>>,
    /// Takes what the broker has kept.
    pub kept: mpsc::Sender<String>,
}

/// The journal, and who is told of new records.
#[derive(Clone)]
pub struct JournalLink {
    /// The journal.
    pub journal: Journal,
    /// Who misses some finds them in the journal.
    pub committed: broadcast::Sender<Arc<Record>>,
}
