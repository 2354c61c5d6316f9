//! The hall that benchmarks poll: devices on loopback in the benchmark's own process, and the program that polls them
//! in one of its own, so that only its CPU time and memory count.
//!
//! Used by `polling` and `lines`; it measures nothing by itself.

mod devices;
pub(crate) mod process;
pub(crate) mod site;

pub(crate) use devices::{Devices, Load};
