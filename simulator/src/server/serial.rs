//! A serial port that is none: a pseudo terminal, whose path clients open as they would `/dev/ttyUSB0`.

use std::{
    io,
    path::PathBuf,
    pin::Pin,
    task::{Context, Poll, ready},
};

use hallward_site::Baud;
use serialport::{SerialPort, TTYPort};
use tokio::io::{AsyncRead, AsyncWrite, ReadBuf};
use tokio_serial::SerialStream;

/// The devices' end of the line.
#[derive(Debug)]
pub(crate) struct Port {
    ours: SerialStream,
    /// The clients' end is kept open: without anyone on it a pseudo terminal is dead.
    theirs: TTYPort,
    baud: Baud,
}

impl Port {
    /// A new port, and the path under which clients open it.
    ///
    /// # Errors
    /// When the system gives no pseudo terminal.
    pub(crate) fn open(baud: Baud) -> io::Result<(Self, PathBuf)> {
        let (ours, mut theirs) = TTYPort::pair()?;
        theirs.set_baud_rate(baud.get())?;
        let path = theirs.name().ok_or_else(|| io::Error::other("the pseudo terminal has no name"))?;
        Ok((Self { ours: SerialStream::try_from(ours)?, theirs, baud }, path.into()))
    }

    /// Whether the client speaks as fast as the line; else the devices hear noise.
    fn is_understood(&self) -> bool {
        self.theirs.baud_rate().is_ok_and(|baud| baud == self.baud.get())
    }

    /// A client that was killed leaves the port reserved for itself, and we keep it open: letting go of a second
    /// handle ends that.
    fn share(&self) {
        drop(self.theirs.try_clone_native());
    }
}

impl AsyncRead for Port {
    fn poll_read(
        mut self: Pin<&mut Self>,
        context: &mut Context<'_>,
        buffer: &mut ReadBuf<'_>,
    ) -> Poll<io::Result<()>> {
        loop {
            let before = buffer.filled().len();
            ready!(Pin::new(&mut self.ours).poll_read(context, buffer))?;
            self.share();
            if self.is_understood() {
                return Poll::Ready(Ok(()));
            }
            buffer.set_filled(before);
        }
    }
}

impl AsyncWrite for Port {
    fn poll_write(
        mut self: Pin<&mut Self>,
        context: &mut Context<'_>,
        bytes: &[u8],
    ) -> Poll<io::Result<usize>> {
        Pin::new(&mut self.ours).poll_write(context, bytes)
    }

    /// What has been written is on its way. (Waiting until a client has read it would stop the line when none does.)
    fn poll_flush(self: Pin<&mut Self>, _: &mut Context<'_>) -> Poll<io::Result<()>> {
        Poll::Ready(Ok(()))
    }

    fn poll_shutdown(self: Pin<&mut Self>, _: &mut Context<'_>) -> Poll<io::Result<()>> {
        Poll::Ready(Ok(()))
    }
}

#[cfg(test)]
mod tests {
    use std::{future::poll_fn, io::Write};

    use tokio::io::AsyncReadExt;

    use super::*;

    #[tokio::test]
    async fn what_is_said_at_another_speed_is_not_understood() {
        let (mut port, path) = Port::open(Baud::USUAL).unwrap();
        let mut client = TTYPort::open(&serialport::new(path.to_str().unwrap(), 4800)).unwrap();
        client.write_all(b"slow").unwrap();
        port.ours.readable().await.unwrap();
        let mut heard = [0; 8];
        poll_fn(|context| {
            let mut buffer = ReadBuf::new(&mut heard);
            assert!(Pin::new(&mut port).poll_read(context, &mut buffer).is_pending());
            Poll::Ready(())
        })
        .await;
        client.set_baud_rate(9600).unwrap();
        client.write_all(b"right").unwrap();
        let count = port.read(&mut heard).await.unwrap();
        assert_eq!(&heard[..count], b"right");
    }
}
