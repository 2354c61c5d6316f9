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
//! It shares no codec and no framing with the gateway, so that one bug cannot hide on both sides. It never opens
//! anything but loopback ports and pseudo terminals, and never asks a device.

pub mod broker;
mod clock;
mod control;
mod disturbance;
mod encode;
mod error;
mod faults;
mod hall;
mod modbus;
pub mod physics;
mod server;
mod simulator;
mod spoilt;

pub use encode::Values;
pub use error::Error;
pub use faults::{
    Fault, FaultId, FaultKind, FaultRequest, Kind, On, Place, Spike, Standing, Via, WrongFault,
};
pub use hall::Hall;
pub use physics::{Action, NotHere, Scenario, Truth};
pub use simulator::{Options, Simulator};

/// The demo's hall: a site file.
pub const DEMO_SITE: &str = include_str!("../halls/demo.toml");
