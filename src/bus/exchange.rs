//! One request and its answer, checked: function, unit, count. What does not fit is never a value.

use std::{borrow::Cow, io::ErrorKind, time::Duration};

use hallward_profiles::Area;
use tokio::time::{sleep, timeout};
use tokio_modbus::{ExceptionCode, Request, Response, client::Client as _, prelude::ReadCode};

use super::{ExchangeError, connection::Connection};
use crate::logic::write::Cells;

/// Whom to ask, and how long to wait.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Unit {
    pub(crate) id: u8,
    /// The wait for an answer, beside the time that the bytes take.
    pub(crate) timeout: Duration,
    /// Whether others share the connection, so that one's silence must not close it.
    pub(crate) shared: bool,
}

/// A request.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Ask {
    /// Registers or bits.
    Read {
        /// Which of the four address spaces.
        area: Area,
        /// First address.
        start: u16,
        /// How many.
        count: u16,
    },
    /// Coils or holding registers are to hold these words.
    Write {
        /// What.
        cells: Cells,
        /// Whether a single one, too, is written by the function for several.
        multiple: bool,
    },
    /// Function 43/14: who the device says that it is.
    Identify,
}

/// What came back.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Told {
    /// Registers, or bits as 0 and 1.
    Words(Vec<u16>),
    /// A write was acknowledged.
    Written,
    /// Vendor, product, revision and what else the device tells: object id and text.
    Identity(Vec<(u8, String)>),
}

/// Asks once. The connection is dropped where it can no longer be trusted.
///
/// # Errors
/// Why there is no answer. A read is tried once more on a new connection when the other side had closed the old one,
/// which is its right between two polls; a write never is.
pub(crate) async fn ask(connection: &mut Connection, unit: Unit, ask: &Ask) -> Result<Told, ExchangeError> {
    let mut result = once(connection, unit, ask).await;
    let may_repeat = !matches!(ask, Ask::Write { .. });
    if matches!(result, Err(ExchangeError::Down(_))) && connection.drop_it() && may_repeat {
        result = once(connection, unit, ask).await;
    }
    match &result {
        Ok(_) | Err(ExchangeError::Exception(_)) => connection.prove(),
        Err(ExchangeError::Timeout) => connection.unanswered(unit.shared),
        // RTU frames are found again by themselves; a TCP stream that brought nonsense is not.
        Err(ExchangeError::BadFrame(_)) if connection.wire.rtu => connection.unanswered(unit.shared),
        Err(
            ExchangeError::BadFrame(_)
            | ExchangeError::Busy
            | ExchangeError::WrongDevice
            | ExchangeError::Down(_),
        ) => {
            connection.drop_it();
        }
    }
    count(connection, &result);
    result
}

fn count(connection: &Connection, result: &Result<Told, ExchangeError>) {
    let counters = &connection.wire.counters;
    let counter = match result {
        Ok(_) => &counters.answers,
        Err(ExchangeError::Timeout) => &counters.timeouts,
        Err(ExchangeError::BadFrame(_)) => &counters.bad_frames,
        Err(ExchangeError::Exception(_) | ExchangeError::Busy | ExchangeError::WrongDevice) => {
            &counters.exceptions
        }
        Err(ExchangeError::Down(_)) => &counters.down,
    };
    let tried = !matches!(result, Err(ExchangeError::Down(error)) if error.kind() == ErrorKind::NotConnected);
    counter.add(u64::from(tried));
}

async fn once(connection: &mut Connection, unit: Unit, ask: &Ask) -> Result<Told, ExchangeError> {
    let wire = std::sync::Arc::clone(&connection.wire);
    let begun = wire.clock.now().mono;
    let context = connection.open(begun, unit.id).await?;
    // Not within the time limit below: a request that is given up halfway would be sent before the next one.
    sleep_exactly(wire.silence_left()).await;
    let limit = unit.timeout + wire.timing.characters(characters(ask)) + wire.timing.silence();
    wire.counters.requests.add(1);
    wire.counters.writes.add(u64::from(matches!(ask, Ask::Write { .. })));
    let sent = wire.clock.now().mono;
    let answer = timeout(limit, context.call(request(ask))).await;
    let ended = wire.clock.now().mono;
    let spent = ended.since(begun);
    wire.counters.busy_us.add(u64::try_from(spent.as_micros()).unwrap_or(u64::MAX));
    wire.counters.load.spent(ended, spent);
    let Ok(answer) = answer else {
        return Err(match wire.noise() {
            0 => ExchangeError::Timeout,
            bytes => ExchangeError::BadFrame(format!("{bytes} bytes, and no answer among them")),
        });
    };
    let answer = answer.map_err(classify)?;
    wire.counters.answer_times.took(ended, ended.since(sent));
    let answer = answer.map_err(|code| ExchangeError::Exception(exception(code)))?;
    told(ask, answer).map_err(ExchangeError::BadFrame)
}

async fn sleep_exactly(time: Duration) {
    if !time.is_zero() {
        sleep(time).await;
    }
}

fn request(ask: &Ask) -> Request<'_> {
    match ask {
        Ask::Read { area: Area::Coil, start, count } => Request::ReadCoils(*start, *count),
        Ask::Read { area: Area::Discrete, start, count } => Request::ReadDiscreteInputs(*start, *count),
        Ask::Read { area: Area::Holding, start, count } => Request::ReadHoldingRegisters(*start, *count),
        Ask::Read { area: Area::Input, start, count } => Request::ReadInputRegisters(*start, *count),
        Ask::Write { cells: Cells { area, start, words }, multiple } => {
            match (area.is_bits(), words.as_slice()) {
                (true, [bit]) if !multiple => Request::WriteSingleCoil(*start, *bit != 0),
                (true, bits) => {
                    Request::WriteMultipleCoils(*start, bits.iter().map(|bit| *bit != 0).collect())
                }
                (false, [word]) if !multiple => Request::WriteSingleRegister(*start, *word),
                (false, words) => Request::WriteMultipleRegisters(*start, Cow::Borrowed(words)),
            }
        }
        Ask::Identify => Request::ReadDeviceIdentification(ReadCode::Basic, 0),
    }
}

/// Characters of an RTU request and its longest answer.
fn characters(ask: &Ask) -> u64 {
    let bytes = |area: Area, count: u16| {
        if area.is_bits() { u64::from(count).div_ceil(8) } else { u64::from(count) * 2 }
    };
    match ask {
        Ask::Read { area, count, .. } => 13 + bytes(*area, *count),
        Ask::Write { cells, .. } => {
            17 + bytes(cells.area, u16::try_from(cells.words.len()).unwrap_or(u16::MAX).min(1968))
        }
        Ask::Identify => 7 + 256,
    }
}

fn exception(code: ExceptionCode) -> u8 {
    code.into()
}

fn classify(error: tokio_modbus::Error) -> ExchangeError {
    match error {
        tokio_modbus::Error::Protocol(error) => ExchangeError::BadFrame(error.to_string()),
        tokio_modbus::Error::Transport(error) if error.kind() == ErrorKind::InvalidData => {
            ExchangeError::BadFrame(error.to_string())
        }
        tokio_modbus::Error::Transport(error) => ExchangeError::Down(error),
    }
}

/// What an answer tells, if it is one to `ask`.
fn told(ask: &Ask, answer: Response) -> Result<Told, String> {
    match (ask, answer) {
        (Ask::Read { area: Area::Holding, count, .. }, Response::ReadHoldingRegisters(words))
        | (Ask::Read { area: Area::Input, count, .. }, Response::ReadInputRegisters(words)) => {
            if words.len() == usize::from(*count) {
                Ok(Told::Words(words))
            } else {
                Err(format!("{} registers for {count}", words.len()))
            }
        }
        (Ask::Read { area: Area::Coil, count, .. }, Response::ReadCoils(bits))
        | (Ask::Read { area: Area::Discrete, count, .. }, Response::ReadDiscreteInputs(bits)) => {
            let wanted = usize::from(*count);
            // Bits come in whole bytes; the library hands out all of them.
            if bits.len() == wanted || bits.len() == wanted.div_ceil(8) * 8 {
                Ok(Told::Words(bits.into_iter().take(wanted).map(u16::from).collect()))
            } else {
                Err(format!("{} bits for {count}", bits.len()))
            }
        }
        (Ask::Write { cells, .. }, answer) => acknowledged(cells, &answer).map(|()| Told::Written),
        (Ask::Identify, Response::ReadDeviceIdentification(identity)) => {
            let text = |bytes: &[u8]| String::from_utf8_lossy(bytes).trim().to_owned();
            let objects = identity.device_id_objects.iter().map(|object| (object.id, text(&object.value)));
            Ok(Told::Identity(objects.collect()))
        }
        (ask, other) => Err(format!("{other:?} is no answer to {ask:?}")),
    }
}

/// A write's answer repeats where, and what or how much.
fn acknowledged(cells: &Cells, answer: &Response) -> Result<(), String> {
    let first = cells.words.first().copied().unwrap_or_default();
    let count = cells.words.len();
    let fits = match (cells.area.is_bits(), answer) {
        (true, Response::WriteSingleCoil(at, bit)) => *at == cells.start && *bit == (first != 0),
        (false, Response::WriteSingleRegister(at, word)) => *at == cells.start && *word == first,
        (true, Response::WriteMultipleCoils(at, told))
        | (false, Response::WriteMultipleRegisters(at, told)) => {
            *at == cells.start && usize::from(*told) == count
        }
        (_, _) => false,
    };
    if fits { Ok(()) } else { Err(format!("{answer:?} is no answer to the write of {cells:?}")) }
}
