//! The connection of a line: made when needed, dropped when it cannot be trusted, made again with growing pauses.

use std::{io, sync::Arc, time::Duration};

use tokio::time::timeout;
use tokio_modbus::{
    client::{Context, rtu, tcp},
    prelude::{Slave, SlaveContext},
};

use super::{Dial, ExchangeError, mbap::Mbap, rtu::Rtu, wire::Wire};
use crate::model::Mono;

/// The shortest and the longest pause between two tries to connect.
const PAUSE: (Duration, Duration) = (Duration::from_millis(500), Duration::from_secs(30));

/// The longest that a connection may take to be made, with its handshake.
const CONNECT: Duration = Duration::from_secs(3);

/// Unanswered requests in a row after which a shared connection is made anew.
const SILENT: u8 = 3;

/// The one connection of a line.
pub(crate) struct Connection {
    dial: Dial,
    pub(crate) wire: Arc<Wire>,
    context: Option<Context>,
    /// Whether the open connection has brought an answer yet.
    proven: bool,
    /// Requests in a row that nobody answered.
    silent: u8,
    pause: Duration,
    not_before: Mono,
}

impl Connection {
    pub(crate) fn new(dial: Dial, wire: Arc<Wire>) -> Self {
        let pause = Duration::ZERO;
        Self { dial, wire, context: None, proven: false, silent: 0, pause, not_before: Mono(0) }
    }

    /// The open connection, set to `unit`; opens it if need be.
    ///
    /// # Errors
    /// `Down` when it cannot be opened within [`CONNECT`], or was tried too lately.
    pub(crate) async fn open(&mut self, now: Mono, unit: u8) -> Result<&mut Context, ExchangeError> {
        if self.context.is_none() {
            if now < self.not_before {
                return Err(io::Error::new(io::ErrorKind::NotConnected, "waiting before the next try").into());
            }
            let dialled = timeout(CONNECT, (self.dial)()).await;
            let stream = dialled.unwrap_or_else(|_| Err(io::ErrorKind::TimedOut.into()));
            match stream {
                Ok(stream) => {
                    let wire = Arc::clone(&self.wire);
                    self.context = Some(match self.wire.rtu {
                        true => rtu::attach(Rtu::new(stream, wire)),
                        false => tcp::attach(Mbap::new(stream, wire)),
                    });
                    (self.proven, self.silent) = (false, 0);
                }
                Err(error) => {
                    self.pause = (self.pause * 2).clamp(PAUSE.0, PAUSE.1);
                    // The jitter keeps the lines of a hall whose switch came back from knocking all at once.
                    self.not_before = now + self.pause.mul_f64(0.5 + 0.5 * jitter(now));
                    return Err(error.into());
                }
            }
        }
        let context = self.context.as_mut().ok_or(ExchangeError::Timeout)?;
        context.set_slave(Slave(unit));
        Ok(context)
    }

    /// The connection brought an answer.
    pub(crate) fn prove(&mut self) {
        (self.proven, self.silent) = (true, 0);
        self.pause = Duration::ZERO;
    }

    /// A request went unanswered. One silent unit must not close the link of the others, but a link on which nobody
    /// answers any more may be a cut cable that only a new connection finds whole again. A serial port is not made
    /// better by opening it again, unless a request got stuck in it.
    pub(crate) fn unanswered(&mut self, shared: bool) {
        self.silent = self.silent.saturating_add(1);
        let useless = if self.wire.rtu { self.wire.is_midway() } else { !shared || self.silent >= SILENT };
        if useless {
            self.drop_it();
        }
    }

    /// Drops the connection; returns whether it had worked before, so that trying a new one at once makes sense.
    pub(crate) fn drop_it(&mut self) -> bool {
        self.context = None;
        std::mem::take(&mut self.proven)
    }
}

/// 0 to 1, from the low bits of the time.
fn jitter(now: Mono) -> f64 {
    f64::from(u16::try_from(now.0.wrapping_mul(0x9E37_79B9) >> 8 & 0xFFFF).unwrap_or(0)) / 65_535.0
}
