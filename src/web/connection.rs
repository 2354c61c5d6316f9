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
    time::{Sleep, sleep},
};

use super::places::Place;

/// The longest silence; four times the stream's heartbeat.
const SILENCE: Duration = Duration::from_secs(60);

/// A stream with its place.
pub struct Connection<S> {
    stream: S,
    silence: Pin<Box<Sleep>>,
    _place: Place,
}

impl<S> Connection<S> {
    pub(super) fn new(stream: S, place: Place) -> Self {
        Self { stream, silence: Box::pin(sleep(SILENCE)), _place: place }
    }

    /// Something has moved.
    fn moved(&mut self) {
        self.silence.set(sleep(SILENCE));
    }

    /// Nothing moves: an error once that has been so for too long. A peer that asks and never reads is silent too.
    fn silent<T>(&mut self, context: &mut Context<'_>) -> Poll<io::Result<T>> {
        ready!(self.silence.as_mut().poll(context));
        Poll::Ready(Err(io::ErrorKind::TimedOut.into()))
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
        self.silent(context)
    }
}

impl<S: AsyncWrite + Unpin> AsyncWrite for Connection<S> {
    fn poll_write(
        mut self: Pin<&mut Self>,
        context: &mut Context<'_>,
        bytes: &[u8],
    ) -> Poll<io::Result<usize>> {
        if let Poll::Ready(written) = Pin::new(&mut self.stream).poll_write(context, bytes) {
            self.moved();
            return Poll::Ready(written);
        }
        self.silent(context)
    }

    fn poll_flush(mut self: Pin<&mut Self>, context: &mut Context<'_>) -> Poll<io::Result<()>> {
        if let Poll::Ready(flushed) = Pin::new(&mut self.stream).poll_flush(context) {
            return Poll::Ready(flushed);
        }
        self.silent(context)
    }

    fn poll_shutdown(mut self: Pin<&mut Self>, context: &mut Context<'_>) -> Poll<io::Result<()>> {
        Pin::new(&mut self.stream).poll_shutdown(context)
    }

    fn poll_write_vectored(
        mut self: Pin<&mut Self>,
        context: &mut Context<'_>,
        buffers: &[io::IoSlice<'_>],
    ) -> Poll<io::Result<usize>> {
        if let Poll::Ready(written) = Pin::new(&mut self.stream).poll_write_vectored(context, buffers) {
            self.moved();
            return Poll::Ready(written);
        }
        self.silent(context)
    }

    fn is_write_vectored(&self) -> bool {
        self.stream.is_write_vectored()
    }
}

#[cfg(test)]
mod tests {
    use tokio::{
        io::{AsyncReadExt, AsyncWriteExt, duplex},
        time::{advance, timeout},
    };

    use super::{super::places::Places, *};

    async fn place(places: &Places) -> Place {
        places.of("192.0.2.1".parse().unwrap(), places.one_of_all().await.unwrap()).unwrap()
    }

    #[tokio::test(start_paused = true)]
    async fn silence_ends_a_connection_and_frees_its_place() {
        let places = Places::new(1);
        let (stream, _peer) = duplex(16);
        let mut connection = Connection::new(stream, place(&places).await);
        let early = timeout(SILENCE - Duration::from_millis(1), connection.read_u8()).await;
        assert!(early.is_err());
        assert_eq!(connection.read_u8().await.unwrap_err().kind(), io::ErrorKind::TimedOut);
        assert!(places.are_taken());
        drop(connection);
        assert!(!places.are_taken());
    }

    #[tokio::test(start_paused = true)]
    async fn a_peer_that_never_reads_is_silent() {
        let places = Places::new(1);
        let (stream, _peer) = duplex(16);
        let mut connection = Connection::new(stream, place(&places).await);
        let written = timeout(SILENCE + Duration::from_secs(1), connection.write_all(&[7; 64])).await;
        assert_eq!(written.unwrap().unwrap_err().kind(), io::ErrorKind::TimedOut);
    }

    #[tokio::test(start_paused = true)]
    async fn whatever_moves_either_way_keeps_it() {
        let places = Places::new(1);
        let (stream, mut peer) = duplex(16);
        let mut connection = Connection::new(stream, place(&places).await);
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
