//! The site file as written: serde's view of the TOML, and the JSON schema made from it.

use std::{collections::BTreeMap, path::PathBuf};

use schemars::JsonSchema;
use serde::Deserialize;

use crate::{Asset, Simulation, duration::Span};

/// A whole site file; only the schema is made of it, `load` reads table by table.
#[derive(Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
#[schemars(title = "Hallward site file")]
#[expect(dead_code, reason = "only the schema is made of it")]
pub(crate) struct SiteFile {
    site: Head,
    #[serde(default)]
    room: Vec<Named>,
    line: Vec<LineEntry>,
    device: Vec<DeviceEntry>,
    #[serde(default)]
    source: Vec<Named>,
    #[serde(default)]
    load: Vec<Named>,
    #[serde(default)]
    feed: Vec<FeedEntry>,
    #[serde(default)]
    web: WebEntry,
    mqtt: Option<MqttEntry>,
    #[serde(default)]
    simulation: Simulation,
}

/// The hall itself.
#[derive(Debug, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub(crate) struct Head {
    pub(crate) id: String,
    pub(crate) name: String,
    /// IANA name, such as `Asia/Ho_Chi_Minh`.
    pub(crate) time_zone: String,
}

/// A room, a source or a load.
#[derive(Debug, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub(crate) struct Named {
    pub(crate) id: String,
    pub(crate) name: String,
}

/// A line.
#[derive(Debug, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub(crate) struct LineEntry {
    pub(crate) id: String,
    /// `host:port`.
    pub(crate) tcp: String,
}

/// A device.
#[derive(Debug, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub(crate) struct DeviceEntry {
    pub(crate) id: String,
    pub(crate) name: Option<String>,
    pub(crate) line: String,
    /// Unit id; the profile's usual one when absent.
    pub(crate) unit: Option<u8>,
    pub(crate) profile: String,
    pub(crate) room: Option<String>,
    /// Poll period: `100ms` to `1h`; `1s` when absent.
    pub(crate) every: Option<Span>,
    /// The profile's options.
    #[serde(default)]
    pub(crate) options: BTreeMap<String, u16>,
    /// Point → what it means here.
    #[serde(default)]
    pub(crate) labels: BTreeMap<String, String>,
    pub(crate) asset: Option<Asset>,
}

/// A feed.
#[derive(Debug, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub(crate) struct FeedEntry {
    pub(crate) from: String,
    pub(crate) to: String,
    /// Of a transfer switch: which source this is.
    pub(crate) input: Option<u8>,
}

/// The pages.
#[derive(Debug, Default, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub(crate) struct WebEntry {
    /// Address and port; `127.0.0.1:8080` when absent.
    pub(crate) listen: Option<String>,
}

/// The broker.
#[derive(Debug, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub(crate) struct MqttEntry {
    /// `mqtt://host[:1883]` or `mqtts://host[:8883]`.
    pub(crate) broker: String,
    pub(crate) user: Option<String>,
    pub(crate) password_file: Option<PathBuf>,
    pub(crate) ca_file: Option<PathBuf>,
}

/// The JSON schema of a site file, for editors.
#[must_use]
pub fn schema() -> schemars::Schema {
    schemars::schema_for!(SiteFile)
}
