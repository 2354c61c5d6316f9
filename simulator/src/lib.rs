//! The simulated hall: physics behind real register maps, served over Modbus.
//!
//! Who uses it: the binary `hallsim`, `hallward demo`, and every test that needs a hall. It takes a site file like any
//! other and stands in for all that the file names.
//!
//! ```text
//!  physics (pure) ── class values ──▶ encode (profile's map) ── registers ──▶ server (Modbus, a port for each line)
//!     ▲                                                                          ▲
//!     └──── time, scenarios ──── simulator ◀── control API (HTTP, JSON) ── faults ┘
//! ```
//!
//! A test builds a hall, lets time pass and asks what is true; nothing listens, nothing waits:
//!
//! ```
//! # fn main() -> Result<(), Box<dyn std::error::Error>> {
//! use std::time::Duration;
//!
//! use hallward_profiles::Library;
//! use hallward_simulator::{DEMO_SITE, Hall, Scenario};
//! use hallward_site::Site;
//!
//! let library = Library::load(None).map_err(|_| "profiles")?;
//! let site = Site::parse("demo.toml", DEMO_SITE, &library)?;
//! let hall = Hall::new(site)?;
//! hall.start(Scenario::MainsFailure)?;
//! hall.advance(Duration::from_secs(30));
//!
//! assert_eq!(hall.truth().transfer_switches[0].position, "2");
//! assert!(hall.events(0).iter().any(|event| event.code == "ups.on-battery"));
//! // Wait on counters, never sleep: how many requests a device has answered.
//! assert_eq!(hall.counters()["ups-a"], 0);
//! # Ok(())
//! # }
//! ```
//!
//! It shares no codec and no framing with the gateway, so that one bug cannot hide on both sides. It never opens
//! anything but loopback ports and pseudo terminals, and never asks a device.

pub mod broker;
mod clock;
mod condition;
mod control;
mod disturbance;
mod encode;
mod error;
mod faults;
mod gateway;
mod hall;
mod known;
mod misread;
mod modbus;
mod osdp;
mod overrides;
pub mod physics;
mod reader;
mod reported;
mod scenario;
mod server;
mod simulator;
mod spoilt;

pub use condition::Condition;
pub use encode::Values;
pub use error::Error;
pub use faults::{
    Fault, FaultId, FaultKind, FaultRequest, Kind, On, Place, Spike, Standing, Via, WrongFault,
};
pub use gateway::{Done, Gateway, GatewayPoint};
pub use hall::Hall;
pub use overrides::{Override, WrongOverride};
pub use physics::{
    Action, CardBits, Colour, ControlMode, Event, Feedback, Flash, NotHere, Read, Side, Truth,
};
pub use reader::{DoorReader, ReaderState};
pub use scenario::{CannotStart, Run, RunState, Scenario, Script};
pub use simulator::{Options, Simulator};

/// The demo's hall: a site file.
pub const DEMO_SITE: &str = include_str!("../halls/demo.toml");
