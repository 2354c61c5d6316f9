//! The task of one line: waits for the next turn, a command or the end; polls; reports. Writes are in `writing`.

use std::{collections::BTreeMap, pin::Pin, sync::Arc, time::Duration};

use tokio::{sync::mpsc, time::sleep};
use tokio_util::sync::CancellationToken;
use tracing::{debug, info, warn};

use super::{
    Ask, Command, Dial, ExchangeError, LineCounters, Reports, Told,
    connection::Connection,
    exchange::{self, Unit},
    identity::Verdict,
    slot::{BlockReading, Slot},
    wire::Wire,
};
use crate::{
    logic::{
        decode::Words,
        link,
        live::Input,
        plan::Segment,
        schedule::{Next, Periods, Schedule},
        straggler::Shape,
        timing::Timing,
    },
    model::{Clock, DeviceKey, Mono, Pace, Plant, PointIx, Quality},
};

/// One line. `run` is its task.
pub struct LineTask {
    pub(super) name: String,
    pub(super) slots: Vec<Slot>,
    schedule: Schedule,
    /// Units of no site file that have missed an answer, and until when they are left alone.
    strangers: BTreeMap<u8, Mono>,
    pub(super) connection: Connection,
    counters: Arc<LineCounters>,
    reports: Arc<Reports>,
    pub(super) clock: Arc<dyn Clock>,
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
        Self { name, slots, schedule, strangers: BTreeMap::new(), connection, counters, reports, clock }
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
            outcome.reports.into_iter().for_each(|report| self.reports.push(report));
        }
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
                    Input::Lost(slot.key, why)
                }
                link::Output::Found => {
                    self.schedule.slow_now(n);
                    Input::Found(slot.key)
                }
            });
        }
    }

    /// Makes sure that no answer to an older request can be taken for the next one, and that the right device answers;
    /// `false` where a wrong one does.
    pub(super) async fn believe(&mut self, n: usize) -> Result<bool, ExchangeError> {
        self.settle(n).await?;
        let now = self.clock.now().mono;
        let Some(slot) = self.slots.get(n) else { return Ok(false) };
        let Some(identity) = slot.identity.as_ref() else { return Ok(true) };
        if !identity.is_due(now) {
            return Ok(identity.wrong_until().is_none());
        }
        let point = identity.point;
        let told = match self.read_point(n, point).await {
            Ok(words) => {
                self.slots.get_mut(n).map_or(Err(Quality::Disabled), |slot| slot.decode_one(point, &words))
            }
            Err(ExchangeError::Exception(1..=3)) => Err(Quality::Exception),
            Err(ExchangeError::Exception(5 | 6)) => return Err(ExchangeError::Busy),
            Err(ExchangeError::Exception(0x0A | 0x0B)) => return Err(ExchangeError::Timeout),
            Err(error) => return Err(error),
        };
        let Some(slot) = self.slots.get_mut(n) else { return Ok(false) };
        let verdict = slot.identity.as_mut().map_or(Verdict::Right, |identity| identity.judge(now, told));
        let key = slot.key;
        match verdict {
            Verdict::Right => return Ok(true),
            Verdict::RightAgain => {
                self.schedule.slow_now(n);
                self.reports.push(Input::RightDevice(key));
            }
            Verdict::Wrong => return Ok(false),
            Verdict::WrongNow(found) => {
                let (line, unit) = (&self.name, slot.unit.id);
                warn!(line, unit, found, "another device than the profile's answers");
                self.reports.push(Input::WrongDevice(key, found));
                return Ok(false);
            }
        }
        Ok(true)
    }

    /// The words of one point, read by themselves.
    pub(super) async fn read_point(&mut self, n: usize, point: PointIx) -> Result<Words, ExchangeError> {
        let addresses = self.slots.get(n).map(|slot| slot.addresses(point).to_vec()).unwrap_or_default();
        let area = self.slots.get(n).and_then(|slot| {
            slot.blocks.iter().find(|block| block.points().any(|ix| ix == point)).map(|block| block.area)
        });
        let ends = addresses.iter().min().zip(addresses.iter().max());
        let (Some(area), Some((low, high))) = (area, ends) else {
            return Err(ExchangeError::BadFrame("the point has no registers".to_owned()));
        };
        self.read(n, area, *low, (high - low).saturating_add(1)).await
    }

    pub(super) async fn read(
        &mut self,
        n: usize,
        area: hallward_profiles::Area,
        start: u16,
        count: u16,
    ) -> Result<Words, ExchangeError> {
        match self.ask(n, &Ask::Read { area, start, count }).await? {
            Told::Words(values) => Ok(Words { area, start, values }),
            Told::Written | Told::Identity(_) => Err(ExchangeError::BadFrame("no words".to_owned())),
        }
    }

    /// After an unanswered request on a serial line: rests, then proves that nothing older is under way.
    pub(super) async fn settle(&mut self, n: usize) -> Result<(), ExchangeError> {
        let now = self.clock.now().mono;
        let Some(slot) = self.slots.get(n).filter(|_| self.connection.wire.rtu) else { return Ok(()) };
        if slot.straggler.rest(now).is_some() {
            return Err(ExchangeError::Busy);
        }
        let Some(probe) = slot.straggler.probe(&slot.blocks) else { return Ok(()) };
        let Shape { area, count } = probe.shape;
        match self.ask(n, &Ask::Read { area, start: probe.start, count }).await {
            Ok(_) | Err(ExchangeError::Exception(_)) => {
                self.slots.iter_mut().skip(n).take(1).for_each(|slot| slot.straggler.prove());
                Ok(())
            }
            Err(error) => Err(error),
        }
    }

    /// One exchange with a device, after the rest that it needs.
    pub(super) async fn ask(&mut self, n: usize, ask: &Ask) -> Result<Told, ExchangeError> {
        let Some(slot) = self.slots.get(n) else { return Err(ExchangeError::Busy) };
        let neighbours = self.slots.iter().enumerate().filter(|(other, _)| *other != n);
        let others = neighbours.filter_map(|(_, slot)| slot.patience.longest()).max();
        let patience = slot.patience.wait(slot.unit.timeout, others);
        let unit = Unit { timeout: patience, ..slot.unit };
        let rest = slot.rest_until.since(self.clock.now().mono);
        if !rest.is_zero() {
            sleep(rest).await;
        }
        let begun = self.clock.now().mono;
        let result = exchange::ask(&mut self.connection, unit, ask).await;
        let now = self.clock.now().mono;
        let rtu = self.connection.wire.rtu;
        let Some(slot) = self.slots.get_mut(n) else { return result };
        match &result {
            Ok(_) => slot.patience.answered(now.since(begun)),
            Err(ExchangeError::Timeout) => slot.patience.missed(),
            Err(_) => {}
        }
        slot.rest_until = now + Duration::from_millis(u64::from(slot.limits.pause_ms));
        if rtu && matches!(result, Err(ExchangeError::Timeout | ExchangeError::BadFrame(_))) {
            let shape = match ask {
                Ask::Read { area, count, .. } => Some(Shape { area: *area, count: *count }),
                Ask::Write { .. } | Ask::Identify => None,
            };
            // Who was given less than the whole time may still answer within it.
            let late_max = slot.late_max() + slot.unit.timeout.saturating_sub(patience);
            slot.straggler.miss(now, shape, late_max);
        }
        result
    }

    /// Reads a block, splitting it where the device refuses a part. Nothing when the device asks to come later.
    async fn read_block(&mut self, n: usize, block: usize) -> Result<BlockReading, ExchangeError> {
        let mut answers = Vec::new();
        let mut refused = Vec::new();
        let (mut segment, mut time) = (0, None);
        loop {
            let pace = self.slots.get(n).and_then(|slot| slot.blocks.get(block)).map(|block| block.pace);
            if time.is_some() && pace != Some(Pace::Fast) {
                self.serve_fast().await;
            }
            let Some(slot) = self.slots.get(n) else { return Ok(BlockReading::default()) };
            let Some(plan) = slot.blocks.get(block) else { return Ok(BlockReading::default()) };
            let Some(Segment { start, count, points }) = plan.segments.get(segment).cloned() else { break };
            let answer = self.read(n, plan.area, start, count).await;
            let arrived = self.clock.now().wall;
            match answer {
                Ok(words) => {
                    time = time.or(Some(arrived));
                    answers.push((points, words));
                }
                Err(ExchangeError::Exception(2 | 3)) => {
                    time = time.or(Some(arrived));
                    self.refuse(n, block, segment);
                    continue;
                }
                // "Acknowledge" and "busy": the device has the request and asks to come later.
                Err(ExchangeError::Exception(5 | 6)) => return Err(ExchangeError::Busy),
                // A gateway whose device does not answer.
                Err(ExchangeError::Exception(0x0A | 0x0B)) => return Err(ExchangeError::Timeout),
                Err(ExchangeError::Exception(_)) => {
                    time = time.or(Some(arrived));
                    refused.extend(points);
                }
                Err(error) => return Err(error),
            }
            segment += 1;
        }
        let Some(slot) = self.slots.get_mut(n) else { return Ok(BlockReading::default()) };
        let samples = slot.decode(block, &answers, &refused);
        self.counters.values.add(u64::try_from(samples.len()).unwrap_or(0));
        Ok(BlockReading { samples, words: answers.into_iter().map(|(_, words)| words).collect(), time })
    }

    fn refuse(&mut self, n: usize, block: usize, segment: usize) {
        let now = self.clock.now().mono;
        let Some(slot) = self.slots.get_mut(n) else { return };
        if slot.refuse(now, block, segment) {
            let holes = slot.blocks.get(block).map(|block| block.holes.as_slice()).unwrap_or_default();
            info!(line = self.name, unit = slot.unit.id, points = ?holes, "the device refuses points");
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
