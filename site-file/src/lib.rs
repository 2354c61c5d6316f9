//! A hall's site file: what is wired, where, and who may be reached, loaded into types that cannot be wrong.
//!
//! Who uses it: `hallward run|demo|check` and the simulator. The program never writes the file.
//! It opens no line and asks no device: it only reads text. Terms: *line* — a serial port or TCP endpoint over which Modbus is spoken;
//! *feed* — power flows from one node to another; *node* — a device, a source (mains) or a load at the end.

mod device;
mod duration;
mod file;
pub mod import;
mod line;
mod load;
mod site;

pub use file::schema;
pub use line::{Baud, Certificates, Line, Serial, Transport};
pub use site::{Asset, Device, Endpoint, Feed, FeedNode, Load, Mqtt, Room, Simulation, Site, Source, Web};
