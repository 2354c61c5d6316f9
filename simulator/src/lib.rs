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
mod condition;
mod control;
mod disturbance;
mod encode;
mod error;
mod faults;
mod gateway;
mod hall;
mod modbus;
mod osdp;
mod overrides;
pub mod physics;
mod reader;
mod reported;
mod scenario;
mod server;
mod simulator;

pub use condition::Condition;
pub use control::serve_control;
pub use encode::Values;
pub use error::Error;
pub use faults::{Fault, FaultKind, Place};
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
