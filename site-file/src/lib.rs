//! A hall's site file: what is wired, where, and who may be reached, loaded into types that cannot be wrong.
//!
//! Who uses it: `hallward run|demo|check` and the simulator. The program never writes the file.
//! It opens no line and asks no device: it only reads text. Terms: *line* — one TCP endpoint that speaks Modbus;
//! *feed* — power flows from one node to another; *node* — a device, a source (mains) or a load at the end.

mod duration;
mod file;
mod load;
mod site;

pub use file::schema;
pub use site::{
    Asset, Device, Endpoint, Feed, FeedNode, Line, Load, Mqtt, Room, Simulation, Site, Source, Web,
};
