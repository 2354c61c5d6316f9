//! The task of one line: waits for the next turn, an order for a lock, a command or the end; polls; reports. Writes are in
//! `writing`, doors in `doors`.

use std::{collections::BTreeMap, pin::Pin, sync::Arc, time::Duration};

use tokio::{sync::mpsc, time::sleep};
use tokio_util::sync::CancellationToken;
use tracing::{debug, info, warn};

use super::{
    Ask, Command, Dial, ExchangeError, LineCounters, Reports, Told,
    connection::Connection,
    doors::Doors,
    exchange::{self, Unit},
    slot::{BlockReading, Slot},
    wire::Wire,
};
use crate::{
    logic::{
        link,
        live::Input,
        schedule::{Next, Periods, Schedule},
        timing::Timing,
    },
    model::{Clock, DeviceKey, Mono, Pace, Plant, Quality},
};

/// One line. `run` is its task.
pub struct LineTask {
    pub(super) name: String,
    pub(super) slots: Vec<Slot>,
    pub(super) schedule: Schedule,
    /// Units of no site file that have missed an answer, and until when they are left alone.
    strangers: BTreeMap<u8, Mono>,
    pub(super) connection: Connection,
    pub(super) counters: Arc<LineCounters>,
    pub(super) reports: Arc<Reports>,
    pub(super) clock: Arc<dyn Clock>,
    pub(super) doors: Doors,
}

/// The golden ratio's fraction: multiples of it spread evenly, however many there are.
const SPREAD_STEP: f64 = 0.618_033_988_749_895;

/// How long a unit that is on no site file is waited for.
const STRANGER_TIMEOUT: Duration = Duration::from_millis(300);

/// The same on a line with fast points, which nobody may hold for long.
const STRANGER_TIMEOUT_FAST: Duration = Duration::from_millis(50);

/// How long such a unit is left alone after a missing answer, which could be taken for the next one on a serial line.
const STRANGER_LATE: Duration = Duration::from_secs(1);

/// How the end of a turn counts for the device.
fn input(end: &Result<(), ExchangeError>) -> link::Input {
    let Err(error) = end else { return link::Input::Answered };
    match error {
        ExchangeError::Timeout
        | ExchangeError::Exception(_)
        | ExchangeError::Busy
        | ExchangeError::WrongDevice => link::Input::Failed(Quality::Timeout),
        ExchangeError::BadFrame(_) => link::Input::Failed(Quality::BadFrame),
        ExchangeError::Down(_) => link::Input::Down,
    }
}

impl LineTask {
    /// The line with this index of the site file.
    #[must_use]
    pub fn new(
        plant: &Plant,
        line: usize,
        dial: Dial,
        counters: Arc<LineCounters>,
        reports: Arc<Reports>,
        clock: Arc<dyn Clock>,
    ) -> Self {
        let transport = plant.site.lines.get(line).map(|line| &line.transport);
        let timing = transport.map_or_else(Timing::tcp, Timing::of);
        let rtu = transport.is_some_and(hallward_site::Transport::is_rtu);
        let devices: Vec<_> = plant.iter().filter(|(_, device, _)| device.line == line).collect();
        let shared = devices.len() > 1;
        let mut slots = Vec::with_capacity(devices.len());
        for (ix, device, info) in &devices {
            let key = plant.key(*ix).unwrap_or(DeviceKey(u32::MAX));
            slots.push(Slot::new(key, device, info, timing, shared));
        }
        let periods = devices.iter().zip(&slots).map(|((ix, device, _), slot)| Periods {
            every: device.every,
            slow_every: device.every.max(crate::model::SLOW),
            fast: slot.is_fast(),
            share: (f64::from(ix.0) * SPREAD_STEP).fract(),
        });
        let schedule = Schedule::new(clock.now().mono, periods.collect::<Vec<_>>());
        let name = plant.site.lines.get(line).map(|line| line.id.to_string()).unwrap_or_default();
        let wire = Wire::new(rtu, timing, Arc::clone(&counters), Arc::clone(&clock));
        let connection = Connection::new(dial, Arc::new(wire));
        let (strangers, doors) = (BTreeMap::new(), Doors::default());
        Self { name, slots, schedule, strangers, connection, counters, reports, clock, doors }
    }

    /// Polls until `shutdown`.
    pub async fn run(&mut self, commands: &mut mpsc::Receiver<Command>, shutdown: &CancellationToken) {
        info!(line = self.name, devices = self.slots.len(), "line started");
        // Whether a command was the last thing done: then a turn that is due goes first.
        let mut owes_turn = false;
        loop {
            let now = self.clock.now().mono;
            let next = self.schedule.next(now);
            let wait = next.map_or(Duration::from_secs(3600), |next| next.due.since(now));
            if owes_turn && wait.is_zero() {
                owes_turn = false;
                self.take_turn(next).await;
                continue;
            }
            tokio::select! {
                biased;
                () = shutdown.cancelled() => return,
                (door, order) = self.doors.next() => self.lock(door, order).await,
                Some(command) = commands.recv() => {
                    self.command(command).await;
                    owes_turn = true;
                }
                () = sleep(wait) => self.take_turn(next).await,
            }
            if shutdown.is_cancelled() {
                return;
            }
        }
    }

    async fn take_turn(&mut self, next: Option<Next>) {
        match next {
            Some(next) if next.fast => self.poll_fast(next.device).await,
            Some(next) => self.poll(next.device).await,
            None => {}
        }
    }

    async fn command(&mut self, command: Command) {
        // Whoever asked may have gone; then nobody needs the answer.
        match command {
            Command::Read { device, answer } => {
                let Some(n) = self.find(device) else { return };
                let mut reading = Vec::new();
                let result = self.read_all(n, &mut reading).await;
                drop(answer.send(result.map(|()| reading)));
            }
            Command::Write { device, point, value, answer } => {
                let Some(n) = self.find(device) else { return };
                drop(answer.send(self.write(n, point, &value).await));
            }
            Command::Ask { unit, ask, answer } => drop(answer.send(self.ask_unit(unit, &ask).await)),
        }
    }

    fn find(&self, device: DeviceKey) -> Option<usize> {
        self.slots.iter().position(|slot| slot.key == device)
    }

    async fn read_all(
        &mut self,
        n: usize,
        reading: &mut Vec<super::PointWords>,
    ) -> Result<(), ExchangeError> {
        if !self.believe(n).await? {
            return Err(ExchangeError::WrongDevice);
        }
        for block in 0..self.slots.get(n).map_or(0, |slot| slot.blocks.len()) {
            let block = self.read_block(n, block).await?;
            reading.extend(self.slots.get(n).map(|slot| slot.with_words(block)).unwrap_or_default());
        }
        Ok(())
    }

    /// A question of the installer's tools, to a device of the site or any other unit. It never writes.
    async fn ask_unit(&mut self, id: u8, ask: &Ask) -> Result<Told, ExchangeError> {
        if matches!(ask, Ask::Write { .. }) {
            return Err(ExchangeError::BadFrame("tools do not write".to_owned()));
        }
        if let Some(n) = self.slots.iter().position(|slot| slot.unit.id == id) {
            self.settle(n).await?;
            return self.ask(n, ask).await;
        }
        let now = self.clock.now().mono;
        if self.strangers.get(&id).is_some_and(|until| *until > now) {
            return Err(ExchangeError::Busy);
        }
        let fast = self.slots.iter().any(Slot::is_fast);
        let timeout = if fast { STRANGER_TIMEOUT_FAST } else { STRANGER_TIMEOUT };
        let unit = Unit { id, timeout, shared: true };
        let result = exchange::ask(&mut self.connection, unit, ask).await;
        let missed = matches!(result, Err(ExchangeError::Timeout | ExchangeError::BadFrame(_)));
        if missed && self.connection.wire.rtu {
            self.strangers.insert(id, self.clock.now().mono + STRANGER_LATE);
        }
        result
    }

    /// One turn of a device: its blocks one after the other, until one fails; fast points of others in between.
    async fn poll(&mut self, n: usize) {
        let now = self.clock.now().mono;
        let begun = self.schedule.begin(n, now);
        self.counters.skipped.add(begun.skipped);
        let Some(slot) = self.slots.get_mut(n) else { return };
        slot.retry_holes(now);
        let due = slot.due(|pace| pace == Pace::Normal || begun.slow && pace == Pace::Slow);
        let mut outcome = Outcome::default();
        for block in due {
            self.serve_fast().await;
            if !self.read_into(n, block, &mut outcome).await {
                break;
            }
        }
        if self.conclude(n, outcome) && begun.slow {
            self.schedule.slow_done(n, self.clock.now().mono);
        }
    }

    /// One turn of a device's fast points, which nothing interrupts.
    async fn poll_fast(&mut self, n: usize) {
        let skipped = self.schedule.begin_fast(n, self.clock.now().mono);
        self.counters.skipped.add(skipped);
        let due = self.slots.get(n).map(|slot| slot.due(|pace| pace == Pace::Fast)).unwrap_or_default();
        let mut outcome = Outcome::default();
        for block in due {
            if !self.read_into(n, block, &mut outcome).await {
                break;
            }
        }
        self.conclude(n, outcome);
    }

    /// The fast points that are due, each device's once.
    pub(super) fn serve_fast(&mut self) -> Pin<Box<dyn Future<Output = ()> + Send + '_>> {
        // In a box: a turn reads blocks, and between the requests of a block others' fast points have theirs.
        Box::pin(async move {
            self.serve_locks().await;
            for _ in 0..self.slots.len() {
                let Some(n) = self.schedule.fast_due(self.clock.now().mono) else { return };
                self.poll_fast(n).await;
            }
        })
    }

    /// Reads one block; `false` when the turn is over.
    async fn read_into(&mut self, n: usize, block: usize, outcome: &mut Outcome) -> bool {
        let result = match self.believe(n).await {
            Ok(true) => self.read_block(n, block).await,
            Ok(false) => {
                (outcome.end, outcome.partial) = (Some(Ok(())), true);
                return false;
            }
            Err(error) => Err(error),
        };
        let Some(slot) = self.slots.get(n) else { return false };
        match result {
            Ok(BlockReading { samples, time: Some(time), .. }) => {
                outcome.end = Some(Ok(()));
                outcome.reports.push(Input::Block { device: slot.key, block, time, samples });
                true
            }
            // All of it is refused: there is nothing to ask.
            Ok(BlockReading { time: None, .. }) => true,
            Err(ExchangeError::Busy) => {
                outcome.partial = true;
                false
            }
            Err(error) => {
                debug!(line = self.name, unit = slot.unit.id, %error, "poll failed");
                (outcome.end, outcome.partial) = (Some(Err(error)), true);
                false
            }
        }
    }

    /// What a turn means for the device's health, its readings and its next turn; returns whether all was read.
    fn conclude(&mut self, n: usize, outcome: Outcome) -> bool {
        if let Some(end) = &outcome.end {
            self.link(n, end);
        }
        let Some(slot) = self.slots.get(n) else { return false };
        let now = self.clock.now().mono;
        let wrong = slot.identity.as_ref().and_then(super::identity::Identity::wrong_until);
        // A device that is offline, or another than expected, has no values, also if it answered a part of what it was
        // asked before that was seen.
        if slot.link.is_online() != Some(false) && wrong.is_none() {
            for report in outcome.reports {
                if let Input::Block { device, samples, .. } = &report {
                    self.doors.take(*device, samples);
                }
                self.reports.push(report);
            }
        } else {
            self.doors.lose(slot.key);
        }
        self.doors.tell(now);
        let until = [slot.link.deadline(), slot.straggler.rest(now), wrong].into_iter().flatten().max();
        if let Some(until) = until {
            self.schedule.postpone(n, until);
        }
        !outcome.partial && until.is_none()
    }

    fn link(&mut self, n: usize, end: &Result<(), ExchangeError>) {
        let now = self.clock.now().mono;
        let Some(slot) = self.slots.get_mut(n) else { return };
        let mut out = Vec::new();
        slot.link.handle(now, input(end), &mut out);
        for output in out {
            self.reports.push(match output {
                link::Output::Stale => Input::Stale(slot.key),
                link::Output::Lost(why) => {
                    let error = end.as_ref().err().map(tracing::field::display);
                    warn!(line = self.name, unit = slot.unit.id, error, "device offline");
                    slot.forget();
                    self.doors.lose(slot.key);
                    Input::Lost(slot.key, why)
                }
                link::Output::Found => {
                    self.schedule.slow_now(n);
                    Input::Found(slot.key)
                }
            });
        }
    }
}

/// What the blocks of a turn brought.
#[derive(Default)]
struct Outcome {
    /// How it ended for the device's health; none if the device asked to come later.
    end: Option<Result<(), ExchangeError>>,
    reports: Vec<Input>,
    /// Whether something was left out.
    partial: bool,
}
