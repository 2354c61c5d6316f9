//! The site file as written: serde's view of the TOML, and the JSON schema made from it.

use std::{collections::BTreeMap, path::PathBuf};

use schemars::JsonSchema;
use serde::Deserialize;

use hallward_profiles::Parity;

use crate::{Asset, DoorKind, Simulation, commander::CommanderEntry, duration::Span};

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
    door: Vec<DoorEntry>,
    #[serde(default)]
    web: WebEntry,
    mqtt: Option<MqttEntry>,
    #[serde(default)]
    commander: Vec<CommanderEntry>,
    #[serde(default)]
    log: LogEntry,
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
    /// `host:port` of a TCP endpoint.
    pub(crate) tcp: Option<String>,
    /// A serial port, such as `/dev/ttyUSB0`.
    pub(crate) serial: Option<String>,
    /// What is spoken over it; `tcp` for an endpoint and `rtu` for a serial port when absent.
    pub(crate) mode: Option<Mode>,
    /// Of a serial line, also one behind a serial server: bits a second, 1200 to 921600; 9600 when absent.
    pub(crate) baud: Option<u32>,
    /// Of a serial port.
    pub(crate) parity: Option<Parity>,
    /// Of a serial port: 1 or 2; 1 when absent.
    pub(crate) stop_bits: Option<u8>,
    /// Of a serial port: whether the kernel is to switch an RS-485 transceiver by RTS.
    pub(crate) rs485: Option<bool>,
    /// Of a TLS line: PEM file of the certificates to trust.
    pub(crate) ca_file: Option<PathBuf>,
    /// Of a TLS line: PEM file of our own certificate.
    pub(crate) certificate_file: Option<PathBuf>,
    /// Of a TLS line: PEM file of its key.
    pub(crate) key_file: Option<PathBuf>,
}

/// What is spoken over a line.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Deserialize, JsonSchema)]
#[serde(rename_all = "kebab-case")]
pub(crate) enum Mode {
    /// Modbus TCP.
    Tcp,
    /// Modbus RTU on a serial port.
    Rtu,
    /// Modbus RTU through a serial server's raw TCP port.
    RtuOverTcp,
    /// Modbus/TCP Security.
    Tls,
    /// OSDP on a serial port: badge readers.
    Osdp,
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
    /// Points that are read each 100 ms at the latest, such as the inputs of a door.
    #[serde(default)]
    pub(crate) fast: Vec<String>,
    /// Points that may be written → the values that may be written.
    #[serde(default)]
    pub(crate) writes: BTreeMap<String, WriteEntry>,
    /// Added to every address of the profile: -1, 0 or 1, where its base was not known.
    #[serde(default)]
    pub(crate) address_offset: i8,
    #[serde(default)]
    pub(crate) limits: LimitsEntry,
    /// Of an io device: after so long without being asked it turns its outputs off by itself, as set in it.
    pub(crate) safe_state: Option<Span>,
}

/// What may be written to a point.
#[derive(Clone, Copy, Debug, Default, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields, expecting = "a table such as { min = 20, max = 26 }, or { }")]
pub(crate) struct WriteEntry {
    /// Lowest value; the profile's when absent.
    pub(crate) min: Option<f64>,
    /// Highest value; the profile's when absent.
    pub(crate) max: Option<f64>,
}

/// What this device takes, where it is not what its profile says.
#[derive(Clone, Debug, Default, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub(crate) struct LimitsEntry {
    /// Most registers in one request, 1 to 125.
    pub(crate) max_registers: Option<u16>,
    /// Whether a read may run over addresses that the profile does not name.
    pub(crate) read_over_gaps: Option<bool>,
    /// Rest that it needs between two requests.
    pub(crate) pause: Option<Span>,
    /// Longest wait for an answer.
    pub(crate) timeout: Option<Span>,
    /// The latest that an answer may still arrive after its time.
    pub(crate) late_max: Option<Span>,
    /// The usual time from a request to its answer.
    pub(crate) answer: Option<Span>,
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

/// A door.
#[derive(Debug, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub(crate) struct DoorEntry {
    pub(crate) id: String,
    /// The id when absent.
    pub(crate) name: Option<String>,
    /// The room on the side of `reader`, or `outside`.
    pub(crate) from: String,
    /// The room on the other side, or `outside`.
    pub(crate) to: String,
    /// The badge reader on the side of `from`.
    pub(crate) reader: Option<ReaderEntry>,
    /// The badge reader on the side of `to`.
    pub(crate) exit_reader: Option<ReaderEntry>,
    /// `DEVICE/output.N`, or `pin:CHIP/LINE` as all wires below: on, it releases the lock.
    pub(crate) strike: Option<String>,
    /// `DEVICE/POINT`: written, it makes the module release the lock for a while and lock it by itself.
    pub(crate) pulse: Option<String>,
    /// What the lock does without power; with `strike`.
    pub(crate) kind: Option<DoorKind>,
    /// `DEVICE/input.N`: on while the door is closed.
    pub(crate) contact: Option<String>,
    /// `DEVICE/input.N`: on while the exit button is pressed.
    pub(crate) exit: Option<String>,
    /// `DEVICE/input.N`: on while the fire panel does not want the door released; several doors may share it.
    pub(crate) fire: Option<String>,
    /// `DEVICE/input.N`: on while nobody is at the hardware.
    pub(crate) tamper: Option<String>,
    /// `DEVICE/input.N`: on while the bolt holds the leaf.
    pub(crate) locked: Option<String>,
}

/// Where a badge reader is.
#[derive(Debug, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields, expecting = "a table such as { line = \"readers\", address = 0 }")]
pub(crate) struct ReaderEntry {
    /// A line of mode `osdp`.
    pub(crate) line: Option<String>,
    /// Its address there, 0 to 126.
    pub(crate) address: Option<u8>,
    /// False where it is believed without having been paired; true when absent.
    pub(crate) secure: Option<bool>,
    /// Of a Wiegand reader: `pin:CHIP/LINE` of the wire whose pulses are zeros.
    pub(crate) d0: Option<String>,
    /// That of the wire whose pulses are ones.
    pub(crate) d1: Option<String>,
    /// That of its light; on is green.
    pub(crate) led: Option<String>,
    /// That of its buzzer.
    pub(crate) buzzer: Option<String>,
}

/// The pages.
#[derive(Debug, Default, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub(crate) struct WebEntry {
    /// Address and port; `127.0.0.1:8080` when absent. Only with `certificate` and `key` other than loopback.
    pub(crate) listen: Option<String>,
    /// PEM file of the certificate, and of those between it and its authority; with it the pages are served over TLS.
    pub(crate) certificate: Option<PathBuf>,
    /// PEM file of its private key.
    pub(crate) key: Option<PathBuf>,
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

/// The log that proves itself.
#[derive(Debug, Default, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub(crate) struct LogEntry {
    /// A file on another disk that gets every signed checkpoint too.
    pub(crate) checkpoints: Option<PathBuf>,
    /// A folder, best on another disk, for grants that the journal does not take in time; that of the data when absent.
    pub(crate) spool: Option<PathBuf>,
}

/// The JSON schema of a site file, for editors.
#[must_use]
pub fn schema() -> schemars::Schema {
    schemars::schema_for!(SiteFile)
}
