//! Telling the outside over MQTT: topics of the live state, from the snapshot and the view of doors that everyone sees, never from
//! the devices; and records of the journal as events, by a cursor that moves on when the broker has acknowledged.
//!
//! Files: `mqtt` the live state, `events` the records; each has a client of its own, reached by `broker`. `payload`, `door_topics` and
//! `event` are what is in messages, `backlog` which record is next.

mod backlog;
mod broker;
mod door_topics;
mod event;
mod events;
mod mqtt;
mod payload;

pub use broker::MqttError;
pub use events::EventSource;
pub use mqtt::{CheckpointLink, MqttStatus, Publisher};
