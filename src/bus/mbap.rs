//! A stream of Modbus TCP frames on which late answers do not come through.
//!
//! A Modbus TCP answer that comes after its request was given up would be taken for the answer to the next one, or
//! break the client for ever. This wrapper around the stream lets only whole frames through that carry the
//! transaction id of the request sent last; others are thrown away and counted. A frame whose length does not agree
//! with its byte count is an error: nothing that follows on the stream could be trusted.

use std::{
    collections::VecDeque,
    io,
    pin::Pin,
    sync::Arc,
    task::{Context, Poll, ready},
};

use tokio::io::{AsyncRead, AsyncWrite, ReadBuf};

use super::{
    frames::{MBAP_LONGEST, MBAP_PREFIX, mbap_counts_agree, mbap_length},
    tap::Direction,
    wire::{Wire, hand_out},
};

/// A stream without late answers.
#[derive(Debug)]
pub(crate) struct Mbap<S> {
    stream: S,
    wire: Arc<Wire>,
    /// The transaction id of the last request.
    expected: Option<[u8; 2]>,
    /// The start of the request that is being written.
    outgoing: Vec<u8>,
    /// Bytes received that are not yet a whole frame.
    incoming: Vec<u8>,
    /// Bytes of frames that may be read.
    ready: VecDeque<u8>,
}

impl<S> Mbap<S> {
    pub(crate) fn new(stream: S, wire: Arc<Wire>) -> Self {
        Self {
            stream,
            wire,
            expected: None,
            outgoing: Vec::new(),
            incoming: Vec::new(),
            ready: VecDeque::new(),
        }
    }

    /// Follows the requests that are written, to know the transaction id of the last one.
    fn wrote(&mut self, bytes: &[u8]) {
        self.outgoing.extend_from_slice(bytes);
        while let Some(length) = mbap_length(&self.outgoing).filter(|length| *length <= self.outgoing.len()) {
            self.expected = self.outgoing.first_chunk().copied();
            let request: Vec<u8> = self.outgoing.drain(..length).collect();
            self.wire.sent(&request);
        }
    }

    /// Moves whole frames from `incoming` to `ready`, or away.
    fn sort(&mut self) -> io::Result<()> {
        while let Some(length) = mbap_length(&self.incoming) {
            if !(MBAP_PREFIX + 2..=MBAP_LONGEST).contains(&length) {
                return Err(io::Error::new(io::ErrorKind::InvalidData, format!("a frame of {length} bytes")));
            }
            if self.incoming.len() < length {
                return Ok(());
            }
            let frame: Vec<u8> = self.incoming.drain(..length).collect();
            if frame.first_chunk() != self.expected.as_ref() {
                self.wire.counters.late.add(1);
                self.wire.discarded(&frame);
                continue;
            }
            if !mbap_counts_agree(&frame) {
                return Err(io::Error::new(io::ErrorKind::InvalidData, "length and byte count do not agree"));
            }
            self.wire.note(Direction::Received, &frame);
            self.ready.extend(frame);
        }
        Ok(())
    }
}

impl<S: AsyncRead + Unpin> AsyncRead for Mbap<S> {
    fn poll_read(
        mut self: Pin<&mut Self>,
        cx: &mut Context<'_>,
        buf: &mut ReadBuf<'_>,
    ) -> Poll<io::Result<()>> {
        loop {
            if hand_out(&mut self.ready, buf) {
                return Poll::Ready(Ok(()));
            }
            let mut space = [0; MBAP_LONGEST];
            let mut chunk = ReadBuf::new(&mut space);
            ready!(Pin::new(&mut self.stream).poll_read(cx, &mut chunk))?;
            if chunk.filled().is_empty() {
                return Poll::Ready(Ok(()));
            }
            self.incoming.extend_from_slice(chunk.filled());
            self.sort()?;
        }
    }
}

impl<S: AsyncWrite + Unpin> AsyncWrite for Mbap<S> {
    fn poll_write(mut self: Pin<&mut Self>, cx: &mut Context<'_>, bytes: &[u8]) -> Poll<io::Result<usize>> {
        let count = ready!(Pin::new(&mut self.stream).poll_write(cx, bytes))?;
        self.wrote(bytes.get(..count).unwrap_or_default());
        Poll::Ready(Ok(count))
    }

    fn poll_flush(mut self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<io::Result<()>> {
        Pin::new(&mut self.stream).poll_flush(cx)
    }

    fn poll_shutdown(mut self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<io::Result<()>> {
        Pin::new(&mut self.stream).poll_shutdown(cx)
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;
    use tokio::io::{AsyncReadExt, AsyncWriteExt};

    use super::*;

    fn frame(transaction: u8, pdu: &[u8]) -> Vec<u8> {
        let mut frame = vec![0, transaction, 0, 0, 0, u8::try_from(pdu.len() + 1).unwrap(), 1];
        frame.extend(pdu);
        frame
    }

    /// What is read after request 7 was sent and `received` came back.
    async fn read(received: &[u8]) -> (io::Result<Vec<u8>>, u64) {
        let (here, mut there) = tokio::io::duplex(4096);
        let wire = Arc::new(super::super::tests::wire(false));
        let mut stream = Mbap::new(here, Arc::clone(&wire));
        stream.write_all(&frame(7, &[3, 0, 0, 0, 1])).await.unwrap();
        there.write_all(received).await.unwrap();
        drop(there);
        let mut bytes = Vec::new();
        let result = stream.read_to_end(&mut bytes).await;
        (result.map(|_| bytes), wire.counters.late.get())
    }

    #[tokio::test]
    async fn only_the_answer_to_the_last_request_comes_through() {
        let (late, fitting) = (frame(6, &[3, 2, 0, 9]), frame(7, &[3, 2, 0, 1]));
        let (bytes, dropped) = read(&[late.clone(), fitting.clone(), late].concat()).await;
        assert_eq!((bytes.unwrap(), dropped), (fitting, 2));
    }

    #[tokio::test]
    async fn half_a_frame_is_held_back() {
        let whole = frame(7, &[3, 2, 0, 1]);
        let (bytes, _) = read(&whole[..whole.len() - 1]).await;
        assert_eq!(bytes.unwrap(), Vec::<u8>::new());
    }

    #[tokio::test]
    async fn a_frame_whose_length_and_byte_count_differ_is_an_error() {
        assert!(read(&frame(7, &[3, 4, 0, 1])).await.0.is_err());
        assert!(read(&frame(7, &[3, 0, 0, 1])).await.0.is_err());
        assert!(read(&[0, 7, 0, 0, 255, 255, 1, 3]).await.0.is_err());
    }

    proptest! {
        #[test]
        fn no_bytes_panic(bytes in proptest::collection::vec(any::<u8>(), 0..600)) {
            let runtime = tokio::runtime::Builder::new_current_thread().build().unwrap();
            drop(runtime.block_on(read(&bytes)));
        }
    }
}
