//! Modbus I/O: one task owns one line (a serial port, or a TCP endpoint, with one or more units). It polls by the plan
//! and the schedule of `logic`, decodes, and reports to the owner of the live state through one bounded queue.
//!
//! ```text
//! dial (TCP, TLS, serial) ─▶ mbap or rtu (only answers to the last request come through) ─▶ the Modbus client
//!      ─▶ exchange (checked: function, unit, count) ─▶ line (turns, health, identity) ─▶ Reports
//! ```
//!
//! The rules it keeps (numbers of the project's Modbus rules): one task and one connection per line (1), silence and
//! stale bytes (2), every answer is checked (3), a late answer is never taken for the next one (4, 5), no write is
//! repeated (6), health per unit of a line (7), failure is per block (8), one pending poll (9), sentinels are no values
//! (11), fast points before others (12), a reading's time is when its answer arrived (14).
//!
//! It knows nothing of history, journal, MQTT or pages.

mod command;
mod connection;
mod counters;
mod dial;
mod direct;
mod doors;
mod exchange;
pub mod frames;
mod handle;
mod identity;
mod line;
mod mbap;
mod queue;
mod reading;
mod rtu;
mod slot;
mod tap;
#[cfg(test)]
mod tests;
mod wire;
mod writing;

pub use command::{Command, DeviceReading, PointWords, WriteError, Written};
pub use counters::{AnswerTimes, Counter, LineCounters, Load};
pub use dial::{Dial, Stream, dial};
pub use direct::Direct;
pub use doors::{DoorsEnd, LockOrders};
pub use exchange::{Ask, Told};
pub use handle::{LineHandle, Lines};
pub use line::LineTask;
pub use queue::Reports;
pub use tap::{Direction, Frame, KEPT, Tap};

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
    /// Another device than the profile's answers.
    #[error("another device than the profile's answers: its identity register says so")]
    WrongDevice,
    /// The connection cannot be made, or broke.
    #[error("the line is down: {0}")]
    Down(#[from] std::io::Error),
}
