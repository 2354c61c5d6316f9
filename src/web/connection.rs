//! A connection from another machine: it has one of a bounded number of places, and is ended when nothing has moved on
//! it for a while.
//!
//! [`super::listener`] makes them. Pages and API answer at once and the stream has its heartbeat: whoever is silent for
//! longer has gone, or holds a place that others need. It does not limit how slowly a peer may speak.

use std::{
    io,
    pin::Pin,
    task::{Context, Poll, ready},
    time::Duration,
};

use tokio::{
    io::{AsyncRead, AsyncWrite, ReadBuf},
    sync::OwnedSemaphorePermit,
    time::{Sleep, sleep},
};

/// The longest silence; four times the stream's heartbeat.
const SILENCE: Duration = Duration::from_secs(60);

/// A stream with its place.
pub struct Connection<S> {
    stream: S,
    silence: Pin<Box<Sleep>>,
    _place: OwnedSemaphorePermit,
}

impl<S> Connection<S> {
    pub(super) fn new(stream: S, place: OwnedSemaphorePermit) -> Self {
        Self { stream, silence: Box::pin(sleep(SILENCE)), _place: place }
    }

    /// Something has moved.
    fn moved(&mut self) {
        self.silence.set(sleep(SILENCE));
    }
}

impl<S: AsyncRead + Unpin> AsyncRead for Connection<S> {
    fn poll_read(
        mut self: Pin<&mut Self>,
        context: &mut Context<'_>,
        buffer: &mut ReadBuf<'_>,
    ) -> Poll<io::Result<()>> {
        if let Poll::Ready(read) = Pin::new(&mut self.stream).poll_read(context, buffer) {
            self.moved();
            return Poll::Ready(read);
        }
        ready!(self.silence.as_mut().poll(context));
        Poll::Ready(Err(io::ErrorKind::TimedOut.into()))
    }
}

impl<S: AsyncWrite + Unpin> AsyncWrite for Connection<S> {
    fn poll_write(
        mut self: Pin<&mut Self>,
        context: &mut Context<'_>,
        bytes: &[u8],
    ) -> Poll<io::Result<usize>> {
        let written = ready!(Pin::new(&mut self.stream).poll_write(context, bytes));
        self.moved();
        Poll::Ready(written)
    }

    fn poll_flush(mut self: Pin<&mut Self>, context: &mut Context<'_>) -> Poll<io::Result<()>> {
        Pin::new(&mut self.stream).poll_flush(context)
    }

    fn poll_shutdown(mut self: Pin<&mut Self>, context: &mut Context<'_>) -> Poll<io::Result<()>> {
        Pin::new(&mut self.stream).poll_shutdown(context)
    }

    fn poll_write_vectored(
        mut self: Pin<&mut Self>,
        context: &mut Context<'_>,
        buffers: &[io::IoSlice<'_>],
    ) -> Poll<io::Result<usize>> {
        let written = ready!(Pin::new(&mut self.stream).poll_write_vectored(context, buffers));
        self.moved();
        Poll::Ready(written)
    }

    fn is_write_vectored(&self) -> bool {
        self.stream.is_write_vectored()
    }
}

#[cfg(test)]
mod tests {
    use std::sync::Arc;

    use tokio::{
        io::{AsyncReadExt, AsyncWriteExt, duplex},
        sync::Semaphore,
        time::{advance, timeout},
    };

    use super::*;

    #[tokio::test(start_paused = true)]
    async fn silence_ends_a_connection_and_frees_its_place() {
        let places = Arc::new(Semaphore::new(1));
        let place = Arc::clone(&places).try_acquire_owned().unwrap();
        let (stream, _peer) = duplex(16);
        let mut connection = Connection::new(stream, place);
        let early = timeout(SILENCE - Duration::from_millis(1), connection.read_u8()).await;
        assert!(early.is_err());
        assert_eq!(connection.read_u8().await.unwrap_err().kind(), io::ErrorKind::TimedOut);
        assert_eq!(places.available_permits(), 0);
        drop(connection);
        assert_eq!(places.available_permits(), 1);
    }

    #[tokio::test(start_paused = true)]
    async fn whatever_moves_either_way_keeps_it() {
        let places = Arc::new(Semaphore::new(1));
        let (stream, mut peer) = duplex(16);
        let mut connection = Connection::new(stream, places.acquire_owned().await.unwrap());
        for _ in 0..3 {
            advance(SILENCE - Duration::from_secs(1)).await;
            peer.write_u8(7).await.unwrap();
            assert_eq!(connection.read_u8().await.unwrap(), 7);
            advance(SILENCE - Duration::from_secs(1)).await;
            connection.write_u8(8).await.unwrap();
            assert!(timeout(Duration::from_secs(2), connection.read_u8()).await.is_err());
        }
    }
}
