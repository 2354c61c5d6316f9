//! One connection, whatever carries it: takes requests from the stream, asks [`Hall`], sends what they reply at its
//! time.

use std::time::Duration;

use tokio::{
    io::{AsyncRead, AsyncReadExt, AsyncWrite, AsyncWriteExt},
    time::{sleep_until, timeout},
};

use super::wire::Wire;
use crate::{
    clock::now,
    faults::FaultKind,
    hall::{Hall, Reply},
};

/// How long a connection may be quiet.
const IDLE: Duration = Duration::from_secs(3600);

/// Bytes that are read at once.
const CHUNK: usize = 512;

/// How a connection ends.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum End {
    /// It is closed.
    Closed,
    /// It is to be reset: a peer without connection knows nothing of it.
    Reset,
}

/// Answers until the connection ends, is idle for too long, makes no sense or is ended by a fault.
pub(crate) async fn run(mut stream: impl AsyncRead + AsyncWrite + Unpin, line: usize, hall: &Hall) -> End {
    let Some(place) = hall.site.lines.get(line) else { return End::Closed };
    let mut wire = Wire::new(&place.transport, now());
    let mut chunk = [0_u8; CHUNK];
    let mut idle_at = now() + IDLE;
    loop {
        while wire.has_room() {
            match wire.request(now()) {
                Ok(None) => break,
                Ok(Some(request)) => match hall.reply(line, wire.framing(), &request) {
                    Reply::Close => return End::Closed,
                    Reply::Reset(bytes) => {
                        // Whether the client still hears them is its luck.
                        drop(stream.write_all(&bytes).await);
                        drop(stream.flush().await);
                        return End::Reset;
                    }
                    Reply::Gone => {
                        swallow(&mut stream).await;
                        return End::Closed;
                    }
                    Reply::Answers(answers) => answers.into_iter().for_each(|answer| wire.say(answer)),
                },
                Err(_) => {
                    tracing::debug!(line = %place.id, "bytes that are no Modbus TCP: the connection is closed");
                    return End::Closed;
                }
            }
        }
        if let Some((bytes, complete)) = wire.take_due(now()) {
            // Counted first: who has the answer also finds it counted.
            complete.into_iter().for_each(|device| hall.count(device));
            if stream.write_all(&bytes).await.is_err() || stream.flush().await.is_err() {
                return End::Closed;
            }
            continue;
        }
        tokio::select! {
            // In this order, so that what comes at the very moment of an answer always meets the same.
            biased;
            read = stream.read(&mut chunk), if wire.has_room() => match read {
                Ok(count @ 1..) => {
                    wire.hear(now(), chunk.get(..count).unwrap_or_default(), hall.is_struck(line, FaultKind::Echo));
                    idle_at = now() + IDLE;
                }
                Ok(0) | Err(_) => return End::Closed,
            },
            () = sleep_until(wire.deadline().unwrap_or(idle_at)) => {
                if now() >= idle_at {
                    return End::Closed;
                }
            }
        }
    }
}

/// Takes what comes and never answers, until the client gives up or nothing comes for too long.
pub(super) async fn swallow(stream: &mut (impl AsyncRead + Unpin)) {
    let mut chunk = [0_u8; CHUNK];
    while let Ok(Ok(1..)) = timeout(IDLE, stream.read(&mut chunk)).await {}
}
