//! Register maps of real devices, as data.
//!
//! A *profile* (a TOML file) says which registers a device has and what they mean, in the one vocabulary of
//! point names that dashboards, alarms and tests speak ([`vocabulary`]). This crate holds the files, the types
//! they load into and the checks that make a loaded [`Profile`] impossible to be wrong in form.
//!
//! Who uses it: `hallward-site` (a site file names profiles), the gateway (decodes by [`Map`]), the simulator
//! (encodes by the same [`Map`], with code of its own).
//!
//! It does not read or write registers: no codec lives here, so that gateway and simulator share none.
//!
//! Terms: *point* — one value of a device; *derived point* — a value worked out from others by rules;
//! *sentinel* — a raw value that means "not available"; *words* — names for raw codes; *map* — a profile's
//! points with ranges written out for one device.

mod builtin;
pub mod document;
mod file;
mod id;
mod load;
mod map;
mod point;
mod problem;
mod profile;
mod rules;
mod units;
mod values;
pub mod vocabulary;

pub use builtin::{BUILT_IN, Library};
pub use file::schema;
pub use id::{Id, PointName};
pub use map::{Condition, Derivation, Derived, Map, Point, Rule, Test};
pub use problem::{Problem, Problems, line_of};
pub use profile::{
    Access, Area, Confidence, Connection, Encoding, Frame, Golden, IdentificationObject, Identity, Limits,
    Literal, OneOf, Parity, Period, Profile, Ratio, Sentinel, Text, UnitIf, WordOrder,
};
pub use units::Unit;
pub use vocabulary::Class;
