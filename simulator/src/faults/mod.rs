//! Faults that are put on the hall's devices and lines: what becomes of requests, answers and values instead of passing
//! well.
//!
//! The physics does not know of them. `hall` asks [`Faults`] before each answer which of them strike, lets `spoilt` do
//! what they do to values, and `disturbance` what they do to bytes; `server` asks about lines. Whoever sets one does so
//! through [`crate::Hall::set_fault`], which checks it against the site; over HTTP and in scenario files a fault is a
//! [`FaultRequest`].
//!
//! Terms: *place* — what has the fault; *kind* — what it does; *to strike* — to do it to one answer, by the fault's
//! probability; *standing* — set, and not over yet, though it may only begin later. Times are the hall's.
//!
//! Each fault has a chance of its own, drawn from the site's seed and its number: what strikes on one line does not
//! depend on who is asked on another.

mod check;
mod fault;
mod kind;
mod request;
mod standing;
mod wrong;

pub use fault::{Fault, Place};
pub use kind::{FaultKind, Kind, On, Spike, Via};
pub use request::FaultRequest;
pub use standing::{FaultId, Standing};
pub(crate) use standing::{Faults, Strike, Strikes, chance};
pub use wrong::WrongFault;
