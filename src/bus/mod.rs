//! Modbus I/O: one task owns one line (a TCP endpoint with one or more units). It polls by the plan and the
//! schedule of `logic`, decodes, and reports to the owner of the live state through one bounded queue.
//!
//! The rules it keeps (numbers of the project's Modbus rules): one task and one connection per endpoint (1), every
//! answer is checked (3), a late answer is never taken for the next one (4), failure is per block (8), one pending
//! poll (9), sentinels are no values (11), a reading's time is when its answer arrived (14).
//!
//! It knows nothing of history, journal, MQTT or pages.

mod connection;
mod counters;
mod dial;
mod exchange;
mod late;
mod line;
mod queue;
#[cfg(test)]
mod tests;

pub use counters::LineCounters;
pub use dial::{Dial, Stream, dial};
pub use line::{Command, DeviceReading, LineTask, PointWords};
pub use queue::Reports;

/// Why an exchange brought no words.
#[derive(Debug, thiserror::Error)]
pub enum ExchangeError {
    /// No answer in time.
    #[error("no answer in time")]
    Timeout,
    /// An answer that does not fit the request.
    #[error("an answer that does not fit the request: {0}")]
    BadFrame(String),
    /// The device refused with this exception code.
    #[error("the device answered with exception {0}")]
    Exception(u8),
    /// The device asks to come later.
    #[error("the device is busy; try again")]
    Busy,
    /// The connection cannot be made, or broke.
    #[error("the line is down: {0}")]
    Down(#[from] std::io::Error),
}
