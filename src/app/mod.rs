//! The wiring: opens the databases, starts one task per line and one per receiver, and ends them in order.

mod certificate;
mod clock;
pub mod control;
#[cfg(feature = "demo")]
pub mod demo;
mod disk;
mod doors;
mod hall;
mod lines;
mod metrics;
mod recorder;
mod reload;
mod run;
mod steps;
mod supervise;
mod time;
pub mod tools;
#[cfg(feature = "demo")]
mod virtual_time;
mod watchdog;
pub mod writes;

pub use clock::{SystemClock, VirtualClock};
pub use disk::{Measure, as_mounted};
pub use doors::{ReaderTask, StartReader};
pub use lines::{DialLine, as_wired};
pub use reload::ReadSite;
pub use run::{Options, RunError, Started, run};
pub use time::Time;
#[cfg(feature = "demo")]
pub use virtual_time::{TimeEnded, VirtualTime};
