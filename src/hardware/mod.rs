//! Readers and pins: what doors have besides Modbus modules. Each is a task of its own between the hardware and two
//! bounded channels: reports to the doors' task, orders from it.
//!
//! Who calls it: `app`, with channels, the clock and what the site file wires: [`osdp::run`] for each reader line,
//! [`wiegand::run`] for each reader with data wires, [`pins::run`] for each door at pins. It decides nothing about doors,
//! writes no record, and knows neither `bus` nor `store`.

pub mod osdp;
pub mod pins;
pub mod wiegand;
