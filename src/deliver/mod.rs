//! Telling the outside: MQTT topics of the live state. Reads the snapshot that everyone sees, never the devices.

mod mqtt;
mod payload;

pub use mqtt::{CheckpointLink, MqttError, MqttStatus, Publisher};
