//! Readers and pins: what doors have besides Modbus modules. Each is a task of its own between the hardware and two
//! bounded channels: reports to the doors' task, orders from it.
//!
//! Who calls it: `app`, with channels, the clock and what the site file wires. It decides nothing about doors, writes no
//! record, and knows neither `bus` nor `store`.

pub mod osdp;
