//! Badge readers that speak OSDP (IEC 60839-11-5) on a pseudo terminal, a bus of several addresses for each reader line.
//!
//! Who calls it: `simulator`, for every reader line of the site. What goes over the wire is made by `libosdp`'s
//! peripheral device, which we did not write; what is read and shown is the hall's (`reader`). It reads a clock of its
//! own, so that OSDP is spoken in real time alone, on a plain thread.
//!
//! What a reader offers: cards as raw Wiegand bits, keys, one light, one buzzer, secure channel (AES-128), local status
//! with tamper. Without a key it is in install mode and takes the default one; a key that a controller sets survives
//! a power cycle.

mod peripheral;

use std::{
    io::{self, ErrorKind, Read as _, Write as _},
    sync::{
        Arc,
        atomic::{AtomicBool, Ordering},
    },
    thread::{Builder, JoinHandle},
    time::Duration,
};

use hallward_site::{ReaderAt, ReaderLine, Serial};
use serialport::{SerialPort, TTYPort};

use crate::{hall::Hall, physics::Side};
use peripheral::Peripheral;

/// How long the bus waits for bytes; libosdp wants to be called every 50 ms at least.
const WAIT: Duration = Duration::from_millis(5);

/// Rest after an error of the pseudo terminal.
const PAUSE: Duration = Duration::from_millis(100);

/// A reader line that is served until this is dropped.
#[derive(Debug)]
pub(crate) struct Bus {
    stop: Arc<AtomicBool>,
    thread: Option<JoinHandle<()>>,
}

impl Bus {
    /// Serves a reader line, by its index, and tells where a controller finds it.
    ///
    /// # Errors
    /// When the system gives no pseudo terminal or no thread.
    pub(crate) fn open(hall: Arc<Hall>, n: usize, line: &ReaderLine) -> io::Result<(Self, Serial)> {
        let (mut ours, mut theirs) = TTYPort::pair()?;
        ours.set_timeout(WAIT)?;
        theirs.set_baud_rate(line.serial.baud.get())?;
        let path = theirs.name().ok_or_else(|| io::Error::other("the pseudo terminal has no name"))?;
        // No pseudo terminal has a transceiver to switch.
        let reached = Serial { path: path.into(), rs485: false, ..line.serial.clone() };
        let stop = Arc::new(AtomicBool::new(false));
        let stopped = Arc::clone(&stop);
        let baud = line.serial.baud.get();
        let thread = Builder::new().name(format!("osdp {}", line.id)).spawn(move || {
            let mut readers = readers(&hall, n, baud);
            while !stopped.load(Ordering::Relaxed) {
                if let Err(error) = turn(&mut ours, &theirs, baud, &mut readers, &hall) {
                    tracing::warn!(%error, "the reader line cannot be served");
                    std::thread::sleep(PAUSE);
                }
            }
        })?;
        Ok((Self { stop, thread: Some(thread) }, reached))
    }
}

impl Drop for Bus {
    fn drop(&mut self) {
        self.stop.store(true, Ordering::Relaxed);
        if self.thread.take().is_some_and(|thread| thread.join().is_err()) {
            tracing::error!("the thread of a reader line has panicked");
        }
    }
}

/// All readers on line `n`.
fn readers(hall: &Hall, n: usize, baud: u32) -> Vec<Peripheral> {
    let mut found = Vec::new();
    for (door, plan) in hall.site().doors.iter().enumerate() {
        for (side, at) in [(Side::Entry, &plan.reader), (Side::Exit, &plan.exit_reader)] {
            let here = at.as_ref().and_then(ReaderAt::osdp).filter(|at| at.line == n);
            found.extend(here.map(|at| Peripheral::new(door, side, at.address, baud)));
        }
    }
    found
}

/// Hears what has come, lets every reader answer, and says it. `theirs`, the controller's end, is kept open: without
/// anyone on it a pseudo terminal is dead.
fn turn(
    ours: &mut TTYPort,
    theirs: &TTYPort,
    baud: u32,
    readers: &mut [Peripheral],
    hall: &Hall,
) -> io::Result<()> {
    let mut heard = [0; 256];
    let count = match ours.read(&mut heard) {
        Ok(count) => count,
        Err(error) if matches!(error.kind(), ErrorKind::TimedOut | ErrorKind::Interrupted) => 0,
        Err(error) => return Err(error),
    };
    // A controller that was killed leaves the terminal reserved for itself: letting go of a second handle ends that.
    drop(theirs.try_clone_native());
    // Who speaks at another speed is not understood.
    let understood = theirs.baud_rate().is_ok_and(|theirs| theirs == baud);
    let heard = heard.get(..count).filter(|_| understood).unwrap_or_default();
    for reader in readers {
        let said = reader.turn(hall, heard);
        if understood && !said.is_empty() {
            ours.write_all(&said)?;
        }
    }
    Ok(())
}
