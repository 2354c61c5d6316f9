//! Bytes of a reader line: a frame out, the answer in. Noise between frames, half frames, late answers and echoes are
//! passed over; what comes back is a whole frame of the reader that was asked.

use std::{io, sync::Arc, time::Duration};

use hallward_site::Serial;
use osdp::{
    MAX_BUS_PACKET, SOM,
    packet::{ParsedPacket, Sqn},
    reply::ReplyCode,
};
use rs485::Rs485;
use std::os::fd::AsRawFd;
use tokio::{
    io::{AsyncRead, AsyncReadExt, AsyncWrite, AsyncWriteExt},
    time::{sleep, timeout},
};
use tokio_serial::SerialPortBuilderExt;

/// Longest wait for an answer (IEC 60839-11-5).
const ANSWER: Duration = Duration::from_millis(200);

/// Longest that a frame may take to be sent.
const SENDING: Duration = Duration::from_secs(1);

/// Rest before a port that failed is opened again.
const PAUSE: Duration = Duration::from_secs(1);

/// Pieces of stale bytes that are thrown away before a question; a line that never falls silent is not waited for.
const MOST_STALE: usize = 16;

/// What is heard and not understood is forgotten beyond this.
const MOST_BYTES: usize = 2 * MAX_BUS_PACKET;

/// Anything that carries bytes both ways.
pub trait Stream: AsyncRead + AsyncWrite + Send + Unpin {}
impl<S: AsyncRead + AsyncWrite + Send + Unpin> Stream for S {}

/// Opens a reader line.
pub type Open = Arc<dyn Fn() -> io::Result<Box<dyn Stream>> + Send + Sync>;

/// Opens the serial port of the site file.
#[must_use]
pub fn serial(serial: &Serial) -> Open {
    let serial = serial.clone();
    Arc::new(move || {
        let port = tokio_serial::new(serial.path.to_string_lossy(), serial.baud.get()).open_native_async()?;
        if serial.rs485 {
            let told = |error| io::Error::other(format!("the port's driver does not switch RS-485: {error}"));
            let mut mode = port.get_rs485_conf().map_err(told)?;
            mode.set_enabled(true).set_rts_on_send(true).set_rts_after_send(false);
            mode.set_on_fd(port.as_raw_fd()).map_err(told)?;
        }
        Ok(Box::new(port))
    })
}

/// The line, open or not.
pub(super) struct Wire {
    open: Open,
    stream: Option<Box<dyn Stream>>,
}

impl Wire {
    pub(super) fn new(open: Open) -> Self {
        Self { open, stream: None }
    }

    /// Asks, and gives the frame that answers: of the reader at this address, with this sequence number or (busy) 0.
    /// `None` when nobody answered in time.
    ///
    /// # Errors
    /// The port cannot be opened, or failed; it is opened anew at the next question.
    pub(super) async fn exchange(
        &mut self,
        address: u8,
        sequence: u8,
        frame: &[u8],
    ) -> io::Result<Option<Vec<u8>>> {
        let stream = match &mut self.stream {
            Some(stream) => stream,
            none => match (self.open)() {
                Ok(stream) => none.insert(stream),
                Err(error) => {
                    sleep(PAUSE).await;
                    return Err(error);
                }
            },
        };
        let done = ask(stream, address, sequence, frame).await;
        if done.is_err() {
            self.stream = None;
        }
        done
    }
}

async fn ask(
    stream: &mut Box<dyn Stream>,
    address: u8,
    sequence: u8,
    frame: &[u8],
) -> io::Result<Option<Vec<u8>>> {
    let mut some = [0; 256];
    // What lies there already answers nothing that is still asked.
    for _ in 0..MOST_STALE {
        match timeout(Duration::ZERO, stream.read(&mut some)).await {
            Ok(Ok(0)) => return Err(io::ErrorKind::UnexpectedEof.into()),
            Ok(count) => drop(count?),
            Err(_) => break,
        }
    }
    let sent = async {
        stream.write_all(frame).await?;
        stream.flush().await
    };
    timeout(SENDING, sent).await.map_err(|_| io::Error::from(io::ErrorKind::TimedOut))??;
    let mut heard = Vec::new();
    let answer = async {
        loop {
            let count = stream.read(&mut some).await?;
            if count == 0 {
                return Err(io::ErrorKind::UnexpectedEof.into());
            }
            heard.extend_from_slice(some.get(..count).unwrap_or_default());
            if let Some(frame) = find(&heard, address, sequence) {
                return Ok(frame);
            }
            heard.drain(..heard.len().saturating_sub(MOST_BYTES));
        }
    };
    match timeout(ANSWER, answer).await {
        Ok(frame) => frame.map(Some),
        Err(_) => Ok(None),
    }
}

/// The first whole frame that answers, wherever it begins: a byte of noise may look like the start of another one.
fn find(heard: &[u8], address: u8, sequence: u8) -> Option<Vec<u8>> {
    let starts = heard.iter().enumerate().filter(|(_, byte)| **byte == SOM).map(|(at, _)| at);
    starts.filter_map(|at| heard.get(at..)).find_map(|rest| {
        let (frame, length) = ParsedPacket::parse(rest).ok()?;
        let answers = frame.addr.is_reply() && frame.addr.pd_addr() == address;
        let busy = frame.code == ReplyCode::Busy.as_byte() && frame.ctrl.sqn == Sqn::ZERO;
        let in_turn = busy || frame.ctrl.sqn.value() == sequence;
        let bytes = rest.get(..length)?;
        (answers && in_turn).then(|| bytes.to_vec())
    })
}

#[cfg(test)]
mod tests {
    use osdp::packet::{Address, ControlByte, CtrlFlags, PacketBuilder};

    use super::*;

    fn frame(address: u8, sequence: u8) -> Vec<u8> {
        coded(0x40, address, sequence)
    }

    fn coded(code: u8, address: u8, sequence: u8) -> Vec<u8> {
        let control = ControlByte::new(Sqn::new(sequence).unwrap(), CtrlFlags::USE_CRC);
        PacketBuilder::plain(Address::from_raw(address), control, code, Vec::new()).encode().unwrap()
    }

    #[test]
    fn an_answer_is_found_among_noise_echoes_and_the_answers_of_others() {
        let right = frame(0x85, 2);
        let found = |parts: &[&[u8]]| find(&parts.concat(), 5, 2);
        let rows: &[(&str, &[&[u8]])] = &[
            ("alone", &[&right]),
            ("behind noise", &[&[0xFF, 0x00, 0x17], &right]),
            ("behind what looks like a long frame", &[&[0x53, 0x85, 0xFF, 0x03, 0x04], &right]),
            ("behind half of itself", &[&right[..4], &right]),
            ("behind our echo", &[&frame(0x05, 2), &right]),
            ("behind another's answer", &[&frame(0x86, 2), &right]),
            ("behind a late one", &[&frame(0x85, 1), &right]),
        ];
        for (what, parts) in rows {
            assert_eq!(found(parts).as_ref(), Some(&right), "{what}");
        }
        let busy = coded(0x79, 0x85, 0);
        assert_eq!(found(&[&busy]).as_ref(), Some(&busy), "busy has number 0");
        assert_eq!(found(&[&frame(0x85, 0)]), None, "nothing else has");
        let mut broken = right.clone();
        broken[5] ^= 1;
        for wrong in [&right[..right.len() - 1], &broken, &frame(0x05, 2), &frame(0x86, 2), &frame(0x85, 3)] {
            assert_eq!(found(&[wrong]), None, "{wrong:?}");
        }
    }
}
