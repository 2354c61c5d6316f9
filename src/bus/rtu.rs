//! A stream of RTU frames on which only answers to the last request come through.
//!
//! RTU has no transaction ids and the client library takes what comes next for its answer. This wrapper throws away
//! what nobody asked for before each request, finds the answer by unit, function, length and CRC among what is received
//! ([`frames::rtu_answer`]), and holds everything else back. The silence before a request is the caller's, who must not
//! be cancelled in it. An adapter that echoes what is sent is noticed and its echo taken off.

use std::{
    collections::VecDeque,
    io,
    pin::Pin,
    sync::Arc,
    task::{Context, Poll, ready},
};

use tokio::io::{AsyncRead, AsyncWrite, ReadBuf};

use super::{
    frames::{self, RTU_LONGEST},
    tap::Direction,
    wire::{Wire, hand_out},
};

/// Received bytes that are kept while an answer is looked for among them; older ones are noise.
const KEPT: usize = 4 * RTU_LONGEST;

/// A stream without foreign frames.
#[derive(Debug)]
pub(crate) struct Rtu<S> {
    stream: S,
    wire: Arc<Wire>,
    /// The request that is being written.
    outgoing: Vec<u8>,
    /// The last request.
    request: Vec<u8>,
    /// Bytes received in which no answer was found yet.
    incoming: Vec<u8>,
    /// Bytes of answers that may be read.
    ready: VecDeque<u8>,
    /// Whether requests come back as an echo.
    echoes: bool,
    /// Whether the echo of the last request has been taken off.
    echo_taken: bool,
}

impl<S> Rtu<S> {
    pub(crate) fn new(stream: S, wire: Arc<Wire>) -> Self {
        let (outgoing, request, incoming) = (Vec::new(), Vec::new(), Vec::new());
        Self {
            stream,
            wire,
            outgoing,
            request,
            incoming,
            ready: VecDeque::new(),
            echoes: false,
            echo_taken: false,
        }
    }

    /// Moves an answer from `incoming` to `ready`, if there is one.
    fn sort(&mut self) {
        let echoed = self.incoming.starts_with(&self.request) && !self.request.is_empty();
        // Once for each request: the acknowledgement of a write looks like its echo.
        if self.echoes && echoed && !self.echo_taken {
            self.echo_taken = true;
            let echo: Vec<u8> = self.incoming.drain(..self.request.len()).collect();
            self.wire.counters.echoes.add(1);
            self.wire.note(Direction::Discarded, &echo);
        }
        match frames::rtu_answer(&self.request, &self.incoming) {
            Some((start, length)) => {
                // A read's answer never looks like its request, so that what stands before it is an echo.
                self.echoes |= echoed && start >= self.request.len();
                let noise: Vec<u8> = self.incoming.drain(..start).collect();
                self.wire.discarded(&noise);
                let frame: Vec<u8> = self.incoming.drain(..length).collect();
                self.wire.note(Direction::Received, &frame);
                self.ready.extend(frame);
                self.request.clear();
                self.wire.puzzled_by(0);
            }
            // Nothing but the echo so far: an answer to a read never looks like its request.
            None if self.incoming == self.request => {
                (self.echoes, self.echo_taken) = (true, true);
                self.wire.counters.echoes.add(1);
                self.wire.note(Direction::Discarded, &std::mem::take(&mut self.incoming));
                self.wire.puzzled_by(0);
            }
            None => {
                let excess = self.incoming.len().saturating_sub(KEPT);
                let noise: Vec<u8> = self.incoming.drain(..excess).collect();
                self.wire.discarded(&noise);
                self.wire.puzzled_by(self.incoming.len().max(excess));
            }
        }
    }
}

impl<S: AsyncRead + Unpin> Rtu<S> {
    /// Throws away what came unasked.
    fn purge(&mut self, cx: &mut Context<'_>) -> io::Result<()> {
        self.ready.clear();
        let mut space = [0; RTU_LONGEST];
        loop {
            let mut chunk = ReadBuf::new(&mut space);
            match Pin::new(&mut self.stream).poll_read(cx, &mut chunk) {
                Poll::Pending => break,
                Poll::Ready(result) => result?,
            }
            if chunk.filled().is_empty() {
                return Err(io::ErrorKind::BrokenPipe.into());
            }
            self.incoming.extend_from_slice(chunk.filled());
            if self.incoming.len() > KEPT {
                self.wire.discarded(&std::mem::take(&mut self.incoming));
            }
        }
        self.wire.discarded(&std::mem::take(&mut self.incoming));
        Ok(())
    }
}

impl<S: AsyncRead + Unpin> AsyncRead for Rtu<S> {
    fn poll_read(
        mut self: Pin<&mut Self>,
        cx: &mut Context<'_>,
        buf: &mut ReadBuf<'_>,
    ) -> Poll<io::Result<()>> {
        loop {
            if hand_out(&mut self.ready, buf) {
                return Poll::Ready(Ok(()));
            }
            let mut space = [0; RTU_LONGEST];
            let mut chunk = ReadBuf::new(&mut space);
            ready!(Pin::new(&mut self.stream).poll_read(cx, &mut chunk))?;
            if chunk.filled().is_empty() {
                return Poll::Ready(Ok(()));
            }
            self.wire.heard();
            self.incoming.extend_from_slice(chunk.filled());
            self.sort();
        }
    }
}

impl<S: AsyncRead + AsyncWrite + Unpin> AsyncWrite for Rtu<S> {
    fn poll_write(mut self: Pin<&mut Self>, cx: &mut Context<'_>, bytes: &[u8]) -> Poll<io::Result<usize>> {
        if self.outgoing.is_empty() {
            self.purge(cx)?;
            self.wire.sending();
        }
        let count = ready!(Pin::new(&mut self.stream).poll_write(cx, bytes))?;
        self.outgoing.extend_from_slice(bytes.get(..count).unwrap_or_default());
        Poll::Ready(Ok(count))
    }

    fn poll_flush(mut self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<io::Result<()>> {
        ready!(Pin::new(&mut self.stream).poll_flush(cx))?;
        if !self.outgoing.is_empty() {
            self.request = std::mem::take(&mut self.outgoing);
            self.echo_taken = false;
            self.wire.sent(&self.request);
        }
        Poll::Ready(Ok(()))
    }

    fn poll_shutdown(mut self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<io::Result<()>> {
        Pin::new(&mut self.stream).poll_shutdown(cx)
    }
}
