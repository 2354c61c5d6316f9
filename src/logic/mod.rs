//! Pure decisions: what to read when, what words mean, whether a device is alive, what the live state becomes.
//!
//! Nothing here does I/O, knows tokio or reads a clock: time comes in as an argument. Modules that remember
//! something have `handle(now, input, out)`; `plan`, `decode` and `derive` are plain functions of their input.

pub mod access;
pub mod capacity;
pub mod command;
pub mod decode;
pub mod derive;
pub mod device_decoder;
pub mod disk;
pub mod door;
pub mod doors;
pub mod evidence;
pub mod golden;
pub mod link;
pub mod live;
pub mod meaning;
pub mod patience;
pub mod plan;
pub mod puzzle;
pub mod scan;
pub mod schedule;
pub mod sign_in;
pub mod straggler;
pub mod timing;
pub mod wiring;
pub mod write;
