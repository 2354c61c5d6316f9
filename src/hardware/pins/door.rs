//! One door at pins: samples its inputs, tells what changed and once a second what has not, and carries out orders.
//!
//! The output is asked for only after the inputs were read once. A release for a while ends here too, whoever else still
//! lives; when the pins are lost or the task ends the lock is locked.

use std::{fmt::Debug, sync::Arc, time::Duration};

use embedded_hal::digital::{InputPin, OutputPin, PinState};
use tokio::{
    sync::mpsc,
    time::{interval, sleep},
};
use tokio_util::sync::CancellationToken;
use tracing::warn;

use crate::model::{Clock, Contact, DoorInputs, DoorIx, DoorReport, DoorSense, LockOrder, Mono};

/// How often inputs are sampled.
const SAMPLE: Duration = Duration::from_millis(20);

/// Inputs that have not changed are told again after this.
const AGAIN: Duration = Duration::from_millis(900);

/// Rest before pins that failed are asked for again.
const PAUSE: Duration = Duration::from_secs(2);

/// A pin, and whether it is on while its level is low.
#[derive(Debug)]
pub struct Line<P> {
    pin: P,
    low: bool,
}

impl<P> Line<P> {
    /// Of this pin.
    pub fn new(pin: P, low: bool) -> Self {
        Self { pin, low }
    }
}

impl<P: InputPin> Line<P> {
    fn is_on(&mut self) -> Result<bool, P::Error> {
        Ok(self.pin.is_high()? != self.low)
    }
}

impl<P: OutputPin> Line<P> {
    fn put(&mut self, on: bool) -> Result<(), P::Error> {
        self.pin.set_state(if on == self.low { PinState::Low } else { PinState::High })
    }
}

/// The inputs of a door, as far as they are wired. Contact, fire, tamper and bolt are on while all is well.
#[derive(Debug)]
#[allow(missing_docs, reason = "the words say it")]
pub struct Inputs<P> {
    pub contact: Option<Line<P>>,
    pub exit: Option<Line<P>>,
    pub fire: Option<Line<P>>,
    pub tamper: Option<Line<P>>,
    pub locked: Option<Line<P>>,
}

impl<P: InputPin> Inputs<P> {
    /// Reads each wired input once.
    ///
    /// # Errors
    /// That of the first pin that cannot be read; those behind it are not.
    fn sample(&mut self) -> Result<DoorInputs, P::Error> {
        let read = |line: &mut Option<Line<P>>| line.as_mut().map(Line::is_on).transpose();
        let contact = read(&mut self.contact)?;
        Ok(DoorInputs {
            contact: contact.map(|on| if on { Contact::Closed } else { Contact::Open }),
            exit_button: read(&mut self.exit)?,
            fire: read(&mut self.fire)?.map(|on| !on),
            tamper: read(&mut self.tamper)?.map(|on| !on),
            locked: read(&mut self.locked)?,
            released: None,
        })
    }
}

/// How the pins of a door are asked for.
pub struct Ends<I, O> {
    /// Its inputs.
    pub inputs: I,
    /// The output of its lock, off; if it has one.
    pub lock: O,
}

/// The lock, and until when it is released.
struct Lock<P> {
    line: Line<P>,
    released: bool,
    until: Option<Mono>,
}

/// Serves a door until `shutdown`; pins that fail are asked for again.
pub(super) async fn run<I, O, E>(
    ix: DoorIx,
    ends: Ends<impl Fn() -> Result<Inputs<I>, E>, impl Fn() -> Result<Option<Line<O>>, E>>,
    mut orders: mpsc::Receiver<LockOrder>,
    reports: mpsc::Sender<DoorReport>,
    clock: Arc<dyn Clock>,
    shutdown: CancellationToken,
) where
    I: InputPin<Error = E>,
    O: OutputPin<Error = E>,
    E: Debug,
{
    while !shutdown.is_cancelled() {
        let mut door = Served { ix, reports: &reports, clock: &*clock, told: None, lock: None };
        let error = match door.serve(&ends, &mut orders, &shutdown).await {
            Ok(()) => return,
            Err(error) => error,
        };
        warn!(?ix, ?error, "the pins of a door cannot be used");
        if reports.send(DoorReport::Door(ix, DoorSense::Lost)).await.is_err() {
            return;
        }
        tokio::select! {
            () = shutdown.cancelled() => {}
            () = refuse(ix, &mut orders, &reports) => {}
            () = sleep(PAUSE) => {}
        }
    }
}

/// Orders that come while the pins are not there are not carried out later.
async fn refuse(ix: DoorIx, orders: &mut mpsc::Receiver<LockOrder>, reports: &mpsc::Sender<DoorReport>) {
    while let Some(order) = orders.recv().await {
        let why = "the pins of the door cannot be used".to_owned();
        drop(reports.send(DoorReport::Door(ix, DoorSense::Failed(order, why))).await);
    }
}

struct Served<'a, O> {
    ix: DoorIx,
    reports: &'a mpsc::Sender<DoorReport>,
    clock: &'a dyn Clock,
    told: Option<(DoorInputs, Mono)>,
    lock: Option<Lock<O>>,
}

impl<O: OutputPin<Error: Debug>> Served<'_, O> {
    /// Until `shutdown`, or a pin fails; the lock is locked behind it.
    async fn serve<I: InputPin<Error = O::Error>>(
        &mut self,
        ends: &Ends<impl Fn() -> Result<Inputs<I>, O::Error>, impl Fn() -> Result<Option<Line<O>>, O::Error>>,
        orders: &mut mpsc::Receiver<LockOrder>,
        shutdown: &CancellationToken,
    ) -> Result<(), O::Error> {
        let mut inputs = (ends.inputs)()?;
        let first = inputs.sample()?;
        self.lock = (ends.lock)()?.map(|line| Lock { line, released: false, until: None });
        self.tell(first);
        // Orders do not put off the next sample.
        let mut samples = interval(SAMPLE);
        samples.tick().await;
        let ended = loop {
            tokio::select! {
                biased;
                () = shutdown.cancelled() => break Ok(()),
                Some(order) = orders.recv() => self.carry_out(order).await,
                _ = samples.tick() => match inputs.sample() {
                    Ok(sensed) => self.tell(sensed),
                    Err(error) => break Err(error),
                },
            }
            self.end_release();
        };
        self.put(false);
        ended
    }

    /// Tells what is new, and once in a while what is not. What nobody takes now is told with the next sample.
    fn tell(&mut self, mut inputs: DoorInputs) {
        inputs.released = self.lock.as_ref().map(|lock| lock.released);
        let now = self.clock.now().mono;
        let old = |(told, at): (DoorInputs, Mono)| told == inputs && now.since(at) < AGAIN;
        if self.told.is_some_and(old) {
            return;
        }
        if self.reports.try_send(DoorReport::Door(self.ix, DoorSense::Inputs(inputs))).is_ok() {
            self.told = Some((inputs, now));
        }
    }

    async fn carry_out(&mut self, order: LockOrder) {
        let sense = match self.put(order != LockOrder::Lock) {
            Some(Ok(())) => DoorSense::Done(order),
            Some(Err(error)) => DoorSense::Failed(order, format!("the output cannot be set: {error:?}")),
            None => DoorSense::Failed(order, "this door has no lock".to_owned()),
        };
        let now = self.clock.now().mono;
        if let Some(lock) = &mut self.lock {
            lock.until = match order {
                LockOrder::ReleaseFor(time) => Some(now + time),
                LockOrder::Lock | LockOrder::Release => None,
            };
        }
        drop(self.reports.send(DoorReport::Door(self.ix, sense)).await);
    }

    fn end_release(&mut self) {
        let now = self.clock.now().mono;
        if self.lock.as_ref().and_then(|lock| lock.until).is_some_and(|until| now >= until) {
            self.put(false);
            self.lock.iter_mut().for_each(|lock| lock.until = None);
        }
    }

    /// Sets the output; nothing where there is none.
    fn put(&mut self, release: bool) -> Option<Result<(), O::Error>> {
        let lock = self.lock.as_mut()?;
        let done = lock.line.put(release);
        if done.is_ok() {
            lock.released = release;
        }
        Some(done)
    }
}

#[cfg(test)]
#[path = "door_tests.rs"]
mod tests;
