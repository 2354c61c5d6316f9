//! Modbus TCP as the simulator speaks it: its own framing and functions, without I/O.

pub(crate) mod frame;
pub(crate) mod function;
