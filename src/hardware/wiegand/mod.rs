//! Badge readers with two data wires (Wiegand) at pins of the computer, with light and buzzer if wired.
//!
//! Who calls it: `app`, a task for each reader. Pulses of 50 µs need the kernel's time stamps, of both wires in one request,
//! so that their order is known: `gpiocdev` itself, on a thread that waits for edges. `decode` makes cards of them.
//!
//! Such a reader says neither who it is nor that it lives, and whoever holds its wires can copy every card: the manual says
//! where it may be used.

mod decode;
mod signal;

use std::{path::PathBuf, time::Duration};

use embedded_hal::digital::PinState;
use gpiocdev::{Request, line::EdgeDetection};
use gpiocdev_embedded_hal::OutputPin;
use hallward_site::{Pin, WiegandReader};
use tokio::{sync::mpsc, task::spawn_blocking, time::sleep};
use tokio_util::sync::CancellationToken;
use tracing::warn;

use crate::model::{DoorReport, ReaderEvent, ReaderOrder, ReaderRef};

pub use decode::{Data, Decoder, END};
pub use signal::{Signal, Signals};

/// Pulses that the kernel keeps until they are read: several of the longest frames.
const KERNEL_EVENTS: u32 = 1024;

/// Rest before pins that cannot be had are asked for again.
const PAUSE: Duration = Duration::from_secs(5);

/// Serves one reader until `shutdown`.
pub async fn run(
    at: WiegandReader,
    reader: ReaderRef,
    mut orders: mpsc::Receiver<ReaderOrder>,
    reports: mpsc::Sender<DoorReport>,
    shutdown: CancellationToken,
) {
    let read = read_on(&at, reader, &reports, &shutdown);
    let show = async {
        let mut signals = Signals::new(signal(at.led.as_ref()), signal(at.buzzer.as_ref()));
        loop {
            tokio::select! {
                order = orders.recv() => match order {
                    Some(ReaderOrder::Show(feedback)) => signals.show(feedback),
                    Some(ReaderOrder::Pair(_)) => {
                        let why = "a reader with data wires has no key to give".to_owned();
                        drop(reports.send(DoorReport::Reader(reader, ReaderEvent::PairingFailed(why))).await);
                    }
                    None => return,
                },
                () = signals.next() => {}
            }
        }
    };
    tokio::select! {
        () = shutdown.cancelled() => {}
        () = read => {}
        () = show => {}
    }
}

/// The pin of a light or buzzer, off.
fn signal(pin: Option<&Pin>) -> Option<Signal<OutputPin>> {
    let pin = pin?;
    let off = if pin.low { PinState::High } else { PinState::Low };
    match OutputPin::new(chip(&pin.chip), pin.line, off) {
        Ok(output) => Some(Signal::new(output, pin.low)),
        Err(error) => {
            warn!(%pin, %error, "a reader's light or buzzer cannot be used");
            None
        }
    }
}

/// The device file of a chip.
pub(super) fn chip(name: &str) -> PathBuf {
    PathBuf::from("/dev").join(name)
}

/// Reads until nobody takes it; asks for the pins again when they are lost, which is told once.
async fn read_on(
    at: &WiegandReader,
    reader: ReaderRef,
    reports: &mpsc::Sender<DoorReport>,
    shutdown: &CancellationToken,
) {
    // The thread ends with whoever waits for it.
    let stop = shutdown.child_token();
    let _guard = stop.clone().drop_guard();
    let mut told = false;
    loop {
        let error = match open(at) {
            Ok(request) => {
                told = false;
                let (zero, stop, out) = (at.d0.line, stop.clone(), reports.clone());
                match spawn_blocking(move || edges(&request, zero, reader, &out, &stop)).await {
                    Ok(Ok(())) => return,
                    Ok(Err(error)) => error.to_string(),
                    Err(error) => error.to_string(),
                }
            }
            Err(error) => error.to_string(),
        };
        warn!(?reader, error, "the data wires of a reader cannot be read");
        if !told && reports.send(DoorReport::Reader(reader, ReaderEvent::Offline)).await.is_err() {
            return;
        }
        told = true;
        sleep(PAUSE).await;
    }
}

/// Both wires in one request. A pulse pulls its wire low; where that is inverted on the way, it pushes it high.
fn open(at: &WiegandReader) -> Result<Request, gpiocdev::Error> {
    let mut builder = Request::builder();
    builder.on_chip(chip(&at.d0.chip)).with_consumer("hallward").with_kernel_event_buffer_size(KERNEL_EVENTS);
    for pin in [&at.d0, &at.d1] {
        let edge = if pin.low { EdgeDetection::RisingEdge } else { EdgeDetection::FallingEdge };
        builder.with_line(pin.line).as_input().with_edge_detection(edge);
    }
    builder.request()
}

/// Waits for edges, on a thread of its own, until `stop` or nobody takes what is read.
fn edges(
    request: &Request,
    zero: u32,
    reader: ReaderRef,
    reports: &mpsc::Sender<DoorReport>,
    stop: &CancellationToken,
) -> Result<(), gpiocdev::Error> {
    let tell = |event| reports.blocking_send(DoorReport::Reader(reader, event)).is_ok();
    if !tell(ReaderEvent::Online { secure: false, identity: None }) {
        return Ok(());
    }
    let (mut decoder, mut number) = (Decoder::default(), None);
    while !stop.is_cancelled() {
        let event = if request.wait_edge_event(END)? {
            let edge = request.read_edge_event()?;
            if number.is_some_and(|last: u32| edge.seqno != last.wrapping_add(1)) {
                decoder.lost();
            }
            number = Some(edge.seqno);
            let data = if edge.offset == zero { Data::Zero } else { Data::One };
            decoder.pulse(data, edge.timestamp_ns)
        } else {
            decoder.silence()
        };
        if event.is_some_and(|event| !tell(event)) {
            return Ok(());
        }
    }
    Ok(())
}
