//! Telling the outside over MQTT: topics of the live state, from the snapshot and the view of doors that everyone sees, never from
//! the devices; and records of the journal as events, by a cursor that moves on when the broker has acknowledged. And hearing commands
//! to doors from there, where the site file lets somebody give any.
//!
//! Files: `publisher` runs all of it; `mqtt` the live state, `events` the records, `commands` what is heard; each has a client of its
//! own, reached by `broker`. `payload`, `door_topics` and `event` are what is in messages, `backlog` which record is next. `link` is what
//! they have in common with the rest of the program.

mod backlog;
mod broker;
mod commands;
mod door_topics;
mod event;
mod events;
mod link;
mod mqtt;
mod payload;
mod publisher;

pub use broker::MqttError;
pub use link::{CheckpointLink, JournalLink, MqttStatus};
pub use publisher::{Links, Publisher};
