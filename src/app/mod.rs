//! The wiring: opens the databases, starts one task per line and one per receiver, and ends them in order.

mod clock;
pub mod control;
mod hall;
mod lines;
mod metrics;
mod recorder;
mod reload;
mod run;
mod supervise;
pub mod tools;
mod watchdog;
pub mod writes;

pub use clock::SystemClock;
pub use reload::ReadSite;
pub use run::{Options, RunError, Started, run};
