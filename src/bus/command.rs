//! What others may ask of a line, and what they get. Commands take turns with polls.

use tokio::sync::oneshot;

use super::{Ask, ExchangeError, Told};
use crate::{
    logic::write::Refusal,
    model::{DeviceKey, PointIx, Quality, Value},
};

/// What others may ask of a line.
#[derive(Debug)]
pub enum Command {
    /// Read every point of a device now.
    Read {
        /// The device; it must be on this line.
        device: DeviceKey,
        /// Where the answer goes.
        answer: oneshot::Sender<Result<DeviceReading, ExchangeError>>,
    },
    /// Write a value that was found to be allowed.
    Write {
        /// The device; it must be on this line.
        device: DeviceKey,
        /// Index into the points of its map.
        point: usize,
        /// The value.
        value: Value,
        /// Where the answer goes.
        answer: oneshot::Sender<Result<Written, WriteError>>,
    },
    /// Ask a unit, known or not, for the installer's tools. It never writes.
    Ask {
        /// The unit's id.
        unit: u8,
        /// What to ask.
        ask: Ask,
        /// Where the answer goes.
        answer: oneshot::Sender<Result<Told, ExchangeError>>,
    },
}

/// All registers of a device, read at once.
pub type DeviceReading = Vec<PointWords>;

/// One point with the raw words it was decoded from.
#[derive(Clone, Debug, PartialEq)]
pub struct PointWords {
    /// The point.
    pub point: PointIx,
    /// Its words, most significant first; empty where the device refused them.
    pub words: Vec<u16>,
    /// What they mean.
    pub value: Result<Value, Quality>,
}

/// A write that was done.
#[derive(Clone, Debug, PartialEq)]
pub struct Written {
    /// What stood there before, if it can be read.
    pub before: Option<Value>,
    /// What stands there now, read back; `None` for a command register, which the device acknowledged but nobody can
    /// read.
    pub after: Option<Value>,
}

/// A write that was not done, or of which that is not known.
#[derive(Debug, thiserror::Error)]
pub enum WriteError {
    /// The registers cannot tell the value.
    #[error(transparent)]
    Refused(#[from] Refusal),
    /// Nothing was sent: what stands there could not be read.
    #[error("nothing was written: {0}")]
    NotSent(ExchangeError),
    /// The device refused with this exception code.
    #[error("the device refused with exception {0}")]
    Exception(u8),
    /// It was sent once, and what stands there now is something else.
    #[error("it was sent, but the device holds another value")]
    NotTaken {
        /// What stood there before.
        before: Option<Value>,
        /// What stands there now.
        after: Option<Value>,
    },
    /// It was sent once, and whether it was done is not known.
    #[error("it was sent once, and whether the device took it is not known: {0}")]
    Unknown(ExchangeError),
}
