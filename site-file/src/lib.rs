//! A hall's site file: what is wired, where, and who may be reached, loaded into types that cannot be wrong.
//!
//! Who uses it: `hallward run|demo|check` and the simulator. The program never writes the file.
//! It opens no line and asks no device: it only reads text. Terms: *line* — a serial port or TCP endpoint over which Modbus is spoken;
//! *feed* — power flows from one node to another; *node* — a device, a source (mains) or a load at the end; *reader line* — a serial port over which OSDP is
//! spoken.

mod commander;
mod device;
mod door;
mod duration;
mod file;
pub mod import;
mod line;
mod load;
mod person;
mod site;
mod web;
mod wire;

pub use commander::{CommandOrder, Commander};
pub use door::{Door, DoorKind, Lock, OsdpReader, Place, ReaderAt, WiegandReader};
pub use file::schema;
pub use line::{Baud, Certificates, Line, ReaderLine, Serial, Transport};
pub use person::{Card, Person};
pub use site::{
    Asset, Device, Endpoint, Feed, FeedNode, Load, Log, Mqtt, Room, Simulation, Site, Source, Web,
    WebCertificate,
};
pub use wire::{IoPoint, Pin, Wire};
