//! Doors whose wires end at pins of the computer itself.
//!
//! Who calls it: `app`, a task for each door. `door` is written for embedded-hal's traits, so that its wiring is tested
//! with mocks; here Linux's pins are asked for (`gpiocdev-embedded-hal`, interface v2 of the kernel).
//!
//! Polarity is settled here: a wire that is not as it is while all is well means open, tamper or fire. Bouncing contacts
//! are the doors' logic.

mod door;

use std::sync::Arc;

use embedded_hal::digital::PinState;
use gpiocdev_embedded_hal::{Error, InputPin, OutputPin};
use hallward_site::{Door, Pin, Wire};
use tokio::sync::mpsc;
use tokio_util::sync::CancellationToken;

use super::wiegand::chip;
use crate::model::{Clock, DoorIx, DoorReport, LockOrder};

pub use door::{Ends, Inputs, Line};

/// Whether any wire of a door ends at a pin.
#[must_use]
pub fn has_pins(door: &Door) -> bool {
    let lock = door.lock.as_ref().map(|lock| &lock.strike);
    let inputs = [&door.contact, &door.exit, &door.fire, &door.tamper, &door.locked];
    inputs.into_iter().flatten().chain(lock).any(|wire| wire.pin().is_some())
}

/// Serves the pins of one door until `shutdown`.
pub async fn run(
    door: Door,
    ix: DoorIx,
    orders: mpsc::Receiver<LockOrder>,
    reports: mpsc::Sender<DoorReport>,
    clock: Arc<dyn Clock>,
    shutdown: CancellationToken,
) {
    let strike = door.lock.as_ref().and_then(|lock| lock.strike.pin()).cloned();
    let ends = Ends {
        inputs: || inputs(&door),
        // The kernel sets an output when it is asked for: off, so that the lock stays locked.
        lock: || strike.as_ref().map(output).transpose(),
    };
    door::run(ix, ends, orders, reports, clock, shutdown).await;
}

fn inputs(door: &Door) -> Result<Inputs<InputPin>, Error> {
    let input = |wire: &Option<Wire>| wire.as_ref().and_then(Wire::pin).map(self::input).transpose();
    Ok(Inputs {
        contact: input(&door.contact)?,
        exit: input(&door.exit)?,
        fire: input(&door.fire)?,
        tamper: input(&door.tamper)?,
        locked: input(&door.locked)?,
    })
}

fn input(pin: &Pin) -> Result<Line<InputPin>, Error> {
    Ok(Line::new(InputPin::new(chip(&pin.chip), pin.line)?, pin.low))
}

fn output(pin: &Pin) -> Result<Line<OutputPin>, Error> {
    let off = if pin.low { PinState::High } else { PinState::Low };
    Ok(Line::new(OutputPin::new(chip(&pin.chip), pin.line, off)?, pin.low))
}
