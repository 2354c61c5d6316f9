//! The wiring: opens the databases, starts one task per line and one per receiver, and ends them in order.

mod clock;
pub mod control;
mod hall;
mod metrics;
mod recorder;
mod run;
mod supervise;
mod watchdog;

pub use clock::SystemClock;
pub use run::{Options, RunError, Started, run};
