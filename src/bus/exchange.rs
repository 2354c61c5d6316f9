//! One request and its answer, checked: function, unit, count. What does not fit is never a value.

use std::{io::ErrorKind, sync::Arc, time::Duration};

use hallward_profiles::Area;
use tokio::time::timeout;
use tokio_modbus::{ExceptionCode, Request, Response, client::Client as _};

use super::{ExchangeError, connection::Connection, counters::LineCounters};
use crate::{
    logic::{decode::Words, plan::Segment},
    model::Clock,
};

/// Whom to ask, and how long to wait.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Unit {
    pub(crate) id: u8,
    pub(crate) timeout: Duration,
    /// Whether others share the connection, so that one's silence must not close it.
    pub(crate) shared: bool,
}

/// Reads one segment of `area`.
///
/// # Errors
/// Why there are no words. The connection is dropped where it can no longer be trusted.
pub(crate) async fn read(
    connection: &mut Connection,
    unit: Unit,
    area: Area,
    segment: &Segment,
    clock: &Arc<dyn Clock>,
    counters: &LineCounters,
) -> Result<Words, ExchangeError> {
    let mut result = once(connection, unit, area, segment, clock, counters).await;
    if matches!(result, Err(ExchangeError::Down(_))) && connection.drop_it() {
        // The other side closed between two polls, which is its right: once more on a new connection.
        result = once(connection, unit, area, segment, clock, counters).await;
    }
    match &result {
        Ok(_) | Err(ExchangeError::Exception(_)) => connection.prove(),
        Err(ExchangeError::Timeout) => connection.unanswered(unit.shared),
        Err(ExchangeError::BadFrame(_) | ExchangeError::Busy | ExchangeError::Down(_)) => {
            connection.drop_it();
        }
    }
    let counter = match &result {
        Ok(_) => &counters.answers,
        Err(ExchangeError::Timeout) => &counters.timeouts,
        Err(ExchangeError::BadFrame(_)) => &counters.bad_frames,
        Err(ExchangeError::Exception(_) | ExchangeError::Busy) => &counters.exceptions,
        Err(ExchangeError::Down(_)) => &counters.down,
    };
    let tried =
        !matches!(&result, Err(ExchangeError::Down(error)) if error.kind() == ErrorKind::NotConnected);
    counter.add(u64::from(tried));
    result
}

async fn once(
    connection: &mut Connection,
    unit: Unit,
    area: Area,
    segment: &Segment,
    clock: &Arc<dyn Clock>,
    counters: &LineCounters,
) -> Result<Words, ExchangeError> {
    let context = connection.open(clock.now().mono, unit.id, unit.timeout).await?;
    let (start, count) = (segment.start, segment.count);
    let request = match area {
        Area::Coil => Request::ReadCoils(start, count),
        Area::Discrete => Request::ReadDiscreteInputs(start, count),
        Area::Holding => Request::ReadHoldingRegisters(start, count),
        Area::Input => Request::ReadInputRegisters(start, count),
    };
    counters.requests.add(1);
    let sent = clock.now().mono;
    let answer = timeout(unit.timeout, context.call(request)).await.map_err(|_| ExchangeError::Timeout);
    counters.waited_us.add(u64::try_from(clock.now().mono.since(sent).as_micros()).unwrap_or(u64::MAX));
    let answer = answer?.map_err(classify)?.map_err(|code| ExchangeError::Exception(exception(code)))?;
    let values = words(area, count, answer).map_err(ExchangeError::BadFrame)?;
    Ok(Words { area, start, values })
}

fn exception(code: ExceptionCode) -> u8 {
    code.into()
}

fn classify(error: tokio_modbus::Error) -> ExchangeError {
    match error {
        tokio_modbus::Error::Protocol(error) => ExchangeError::BadFrame(error.to_string()),
        tokio_modbus::Error::Transport(error) if error.kind() == std::io::ErrorKind::InvalidData => {
            ExchangeError::BadFrame(error.to_string())
        }
        tokio_modbus::Error::Transport(error) => ExchangeError::Down(error),
    }
}

/// The words of an answer, if it is one to a read of `count` in `area`.
fn words(area: Area, count: u16, answer: Response) -> Result<Vec<u16>, String> {
    let count = usize::from(count);
    match (area, answer) {
        (Area::Holding, Response::ReadHoldingRegisters(words))
        | (Area::Input, Response::ReadInputRegisters(words)) => {
            if words.len() == count {
                Ok(words)
            } else {
                Err(format!("{} registers for {count}", words.len()))
            }
        }
        (Area::Coil, Response::ReadCoils(bits)) | (Area::Discrete, Response::ReadDiscreteInputs(bits)) => {
            // Bits come in whole bytes; the library hands out all of them.
            if bits.len() == count || bits.len() == count.div_ceil(8) * 8 {
                Ok(bits.into_iter().take(count).map(u16::from).collect())
            } else {
                Err(format!("{} bits for {count}", bits.len()))
            }
        }
        (_, other) => Err(format!("{other:?} is no answer to a read of {area:?}")),
    }
}
