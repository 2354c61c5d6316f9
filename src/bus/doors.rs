//! Doors whose wires end at a module on this line: what is sensed of them goes out after each poll, orders for their locks
//! come in and go before polls.
//!
//! An order is written once, never repeated, and read back. Nothing is written before a door's inputs have been read since
//! the module was last lost. What cannot be told at once, as nobody takes it, is told with the next poll, as it is then.
//!
//! It decides nothing: when a lock is released, and for how long, is the doors' task's.

use std::{
    future::poll_fn,
    sync::{Arc, Mutex, PoisonError},
    task::Poll,
    time::Duration,
};

use hallward_profiles::Point;
use hallward_site::{Door, IoPoint, Wire};
use tokio::sync::mpsc;
use tracing::debug;

use super::{Ask, ExchangeError, LineTask, WriteError, slot::Slot};
use crate::{
    logic::write,
    model::{
        Contact, DeviceKey, DoorInputs, DoorIx, DoorReport, DoorSense, LockOrder, Mono, Plant, PointIx,
        Quality, Value,
    },
};

/// Inputs that have not changed are told again after this, so that silence means that they are not known.
const AGAIN: Duration = Duration::from_millis(900);

/// Where the orders for a door's lock come from.
pub type LockOrders = (DoorIx, mpsc::Receiver<LockOrder>);

/// What a line needs to serve doors. It outlives the line's task.
#[derive(Clone, Debug)]
pub struct DoorsEnd {
    reports: mpsc::Sender<DoorReport>,
    orders: Arc<Mutex<Vec<LockOrders>>>,
}

impl DoorsEnd {
    /// Where doors tell, and where the orders for each lock come from.
    #[must_use]
    pub fn new(reports: mpsc::Sender<DoorReport>, orders: Vec<LockOrders>) -> Self {
        Self { reports, orders: Arc::new(Mutex::new(orders)) }
    }
}

/// A door at a module of this line.
#[derive(Debug)]
struct Served {
    door: DoorIx,
    device: DeviceKey,
    wires: Vec<(PointIx, Means)>,
    strike: Option<usize>,
    pulse: Option<usize>,
    /// The newest value of each wire.
    values: Vec<Option<bool>>,
    /// Whether any of them came with this very poll: what was read before is not told again as if it were new.
    fresh: bool,
    /// What was told last, and when; none while nothing is known.
    told: Option<(DoorInputs, Mono)>,
    /// Whether it is to be told that nothing is known.
    lost: bool,
}

/// What a wire means, while it is on.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Means {
    Closed,
    ExitPressed,
    NoFire,
    Untouched,
    Locked,
    Released,
}

/// The doors of a line.
#[derive(Debug, Default)]
pub(super) struct Doors {
    end: Option<DoorsEnd>,
    served: Vec<Served>,
    /// Whether an order is being carried out: others wait.
    busy: bool,
}

impl Doors {
    fn new(plant: &Plant, slots: &[Slot], end: DoorsEnd) -> Self {
        let doors = (0..).map(DoorIx).zip(&plant.site.doors);
        let served = doors.filter_map(|(ix, door)| Served::new(plant, slots, ix, door)).collect();
        Self { end: Some(end), served, busy: false }
    }

    fn orders(&self) -> Option<&DoorsEnd> {
        self.end.as_ref().filter(|_| !self.busy)
    }

    /// The next order for a lock; waits while there is none.
    pub(super) async fn next(&self) -> (DoorIx, LockOrder) {
        poll_fn(|context| {
            let Some(end) = self.orders() else { return Poll::Pending };
            let mut orders = end.orders.lock().unwrap_or_else(PoisonError::into_inner);
            for (door, orders) in orders.iter_mut() {
                if let Poll::Ready(Some(order)) = orders.poll_recv(context) {
                    return Poll::Ready((*door, order));
                }
            }
            Poll::Pending
        })
        .await
    }

    /// An order that waits already.
    fn waiting(&self) -> Option<(DoorIx, LockOrder)> {
        let mut orders = self.orders()?.orders.lock().unwrap_or_else(PoisonError::into_inner);
        orders.iter_mut().find_map(|(door, orders)| Some((*door, orders.try_recv().ok()?)))
    }

    /// A block of a device brought these values.
    pub(super) fn take(&mut self, device: DeviceKey, samples: &[(PointIx, Result<Value, Quality>)]) {
        for served in self.served.iter_mut().filter(|served| served.device == device) {
            let alone = served.wires.len() == 1;
            for ((point, means), value) in served.wires.iter().zip(&mut served.values) {
                if let Some((_, sample)) = samples.iter().find(|(of, _)| of == point) {
                    // The output is read with slower points: it does not make the inputs new.
                    served.fresh |= alone || *means != Means::Released;
                    *value = match sample {
                        Ok(Value::Flag(on)) => Some(*on),
                        Ok(Value::Number(_) | Value::Word(_) | Value::Text(_)) | Err(_) => None,
                    };
                }
            }
        }
    }

    /// Nothing is known of a device's doors any more.
    pub(super) fn lose(&mut self, device: DeviceKey) {
        for served in self.served.iter_mut().filter(|served| served.device == device) {
            served.lose();
        }
    }

    /// Tells what is new, and once a second what is not.
    pub(super) fn tell(&mut self, now: Mono) {
        let Some(end) = &self.end else { return };
        for served in &mut self.served {
            let news = served.news(now);
            served.fresh = false;
            let Some(sense) = news else { continue };
            let inputs = match &sense {
                DoorSense::Inputs(inputs) => Some((*inputs, now)),
                DoorSense::Lost | DoorSense::Done(_) | DoorSense::Failed(..) => None,
            };
            // Nobody takes it now: it is told anew with the next poll.
            if end.reports.try_send(DoorReport::Door(served.door, sense)).is_ok() {
                (served.told, served.lost) = (inputs, false);
            }
        }
    }

    fn find(&self, door: DoorIx) -> Option<&Served> {
        self.served.iter().find(|served| served.door == door)
    }
}

impl Served {
    fn new(plant: &Plant, slots: &[Slot], ix: DoorIx, door: &Door) -> Option<Self> {
        let lock = door.lock.as_ref();
        let ends = [
            (door.contact.as_ref(), Means::Closed),
            (door.exit.as_ref(), Means::ExitPressed),
            (door.fire.as_ref(), Means::NoFire),
            (door.tamper.as_ref(), Means::Untouched),
            (door.locked.as_ref(), Means::Locked),
            (lock.map(|lock| &lock.strike), Means::Released),
        ];
        let ends = ends.into_iter().filter_map(|(wire, means)| Some((wire.and_then(Wire::module)?, means)));
        let ends: Vec<(&IoPoint, Means)> = ends.collect();
        let device = ends.first()?.0.device;
        let key = plant.key(crate::model::DeviceIx(u16::try_from(device).ok()?))?;
        let slot = slots.iter().find(|slot| slot.key == key)?;
        let written = |point: &IoPoint| slot.map.points.iter().position(|one| one.name == point.point);
        let wires = ends.iter().filter_map(|(at, means)| Some((slot.info.find(at.point.as_str())?, *means)));
        let wires: Vec<_> = wires.collect();
        Some(Self {
            door: ix,
            device: key,
            values: vec![None; wires.len()],
            fresh: false,
            wires,
            strike: lock.and_then(|lock| lock.strike.module()).and_then(written),
            pulse: lock.and_then(|lock| lock.pulse.as_ref()).and_then(written),
            told: None,
            lost: false,
        })
    }

    fn lose(&mut self) {
        self.values.fill(None);
        self.fresh = false;
        self.lost |= self.told.is_some();
        self.told = None;
    }

    /// What is to be told now.
    fn news(&mut self, now: Mono) -> Option<DoorSense> {
        let Some(inputs) = self.inputs() else {
            // One of its wires cannot be read: then nothing is known of the door.
            self.lost |= self.told.is_some();
            self.told = None;
            return self.lost.then_some(DoorSense::Lost);
        };
        if !self.fresh {
            return None;
        }
        let old = |(told, at): (DoorInputs, Mono)| told == inputs && now.since(at) < AGAIN;
        (!self.told.is_some_and(old)).then_some(DoorSense::Inputs(inputs))
    }

    /// What is sensed, once every input is known. The output itself is read more rarely, and need not be.
    fn inputs(&self) -> Option<DoorInputs> {
        let mut inputs = DoorInputs::default();
        let alone = self.wires.len() == 1;
        for ((_, means), value) in self.wires.iter().zip(&self.values) {
            let on = match (value, means) {
                (Some(on), _) => *on,
                (None, Means::Released) if !alone => continue,
                (None, _) => return None,
            };
            match means {
                Means::Closed => inputs.contact = Some(if on { Contact::Closed } else { Contact::Open }),
                Means::ExitPressed => inputs.exit_button = Some(on),
                Means::NoFire => inputs.fire = Some(!on),
                Means::Untouched => inputs.tamper = Some(!on),
                Means::Locked => inputs.locked = Some(on),
                Means::Released => inputs.released = Some(on),
            }
        }
        Some(inputs)
    }
}

impl LineTask {
    /// Serves the doors whose wires end at modules of this line.
    #[must_use]
    pub fn with_doors(mut self, plant: &Plant, end: DoorsEnd) -> Self {
        self.doors = Doors::new(plant, &self.slots, end);
        self
    }

    /// Carries out the orders that wait.
    pub(super) async fn serve_locks(&mut self) {
        while let Some((door, order)) = self.doors.waiting() {
            self.lock(door, order).await;
        }
    }

    /// Carries out an order, and tells what became of it.
    pub(super) async fn lock(&mut self, door: DoorIx, order: LockOrder) {
        self.doors.busy = true;
        let sense = match self.carry_out(door, order).await {
            Ok(()) => DoorSense::Done(order),
            Err(why) => DoorSense::Failed(order, why),
        };
        self.doors.busy = false;
        debug!(line = self.name, ?door, ?sense, "lock");
        if let Some(end) = &self.doors.end {
            // Whoever asked may have gone; then nobody needs the answer.
            drop(end.reports.send(DoorReport::Door(door, sense)).await);
        }
    }

    async fn carry_out(&mut self, door: DoorIx, order: LockOrder) -> Result<(), String> {
        let served = self.doors.find(door).ok_or("no module of this line has this door")?;
        if served.told.is_none() {
            return Err("its inputs have not been read since the module came back".to_owned());
        }
        let strike = served.strike.ok_or("this door has no lock")?;
        let (pulse, device) = (served.pulse, served.device);
        let n = self.slots.iter().position(|slot| slot.key == device).ok_or("no such module")?;
        match (order, pulse) {
            (LockOrder::ReleaseFor(_), Some(pulse)) => self.switch(n, pulse, true).await,
            (LockOrder::ReleaseFor(_) | LockOrder::Release, _) => self.switch(n, strike, true).await,
            (LockOrder::Lock, None) => self.switch(n, strike, false).await,
            (LockOrder::Lock, Some(pulse)) => {
                // A module that pulses an output may refuse to switch it; what counts is that it is off.
                let ended = self.switch(n, pulse, false).await;
                let locked = self.switch(n, strike, false).await;
                match locked {
                    Err(WriteError::Exception(_)) if ended.is_ok() => self.is_off(n, strike).await,
                    locked => locked,
                }
            }
        }
        .map_err(|error| error.to_string())
    }

    /// Writes an output once, and reads it back.
    async fn switch(&mut self, n: usize, point: usize, on: bool) -> Result<(), WriteError> {
        let value = Value::Flag(on);
        let Some((definition, multiple)) = self.output(n, point) else {
            return self.write(n, point, &value).await.map(drop);
        };
        if !self.believe(n).await.map_err(WriteError::NotSent)? {
            return Err(WriteError::NotSent(ExchangeError::WrongDevice));
        }
        let slot = self.slots.get(n).ok_or(WriteError::NotSent(ExchangeError::Busy))?;
        let cells = write::encode(&definition, &slot.info, &value, None, |_| None)?;
        let ask = Ask::Write { cells: cells.clone(), multiple };
        let sent = self.ask(n, &ask).await;
        if let Err(ExchangeError::Exception(code @ 1..=4)) = sent {
            return Err(WriteError::Exception(code));
        }
        let words = match self.look(n, &definition).await {
            Ok(words) => words,
            Err(error) => return Err(WriteError::Unknown(sent.err().unwrap_or(error))),
        };
        if cells.words.first().is_some_and(|word| words.at(cells.start) == Some(*word)) {
            Ok(())
        } else {
            Err(WriteError::NotTaken { before: None, after: Some(Value::Flag(!on)) })
        }
    }

    async fn is_off(&mut self, n: usize, point: usize) -> Result<(), WriteError> {
        let Some((definition, _)) = self.output(n, point) else { return Ok(()) };
        let off = u16::from(definition.inverted);
        let words = self.look(n, &definition).await.map_err(WriteError::Unknown)?;
        let address = definition.addresses.first().copied().unwrap_or_default();
        if words.at(address) == Some(off) {
            Ok(())
        } else {
            Err(WriteError::NotTaken { before: None, after: Some(Value::Flag(true)) })
        }
    }

    /// An output that is a bit by itself and can be read: what stands there need not be known to switch it.
    fn output(&self, n: usize, point: usize) -> Option<(Point, bool)> {
        let slot = self.slots.get(n)?;
        let definition =
            slot.map.points.get(point).filter(|point| point.area.is_bits() && point.is_read())?;
        Some((definition.clone(), slot.limits.write_multiple))
    }
}
