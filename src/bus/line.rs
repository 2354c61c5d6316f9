//! The task of one line: waits for the next turn, a command or the end; polls; reports.

use std::{sync::Arc, time::Duration};

use hallward_profiles::{Limits, Map, Period};
use tokio::{
    sync::{mpsc, oneshot},
    time::sleep,
};
use tokio_util::sync::CancellationToken;
use tracing::{debug, info};

use super::{
    Dial, ExchangeError, LineCounters, Reports,
    connection::Connection,
    exchange::{self, Unit},
};
use crate::{
    logic::{
        decode::{Decoder, Words},
        link::{self, Link},
        live::Input,
        plan::{Block, HOLE_RETRY, plan},
        schedule::Schedule,
    },
    model::{Clock, DeviceInfo, DeviceIx, Mono, Plant, PointIx, PointSource, Quality, Value, Wall},
};

/// What others may ask of a line.
#[derive(Debug)]
pub enum Command {
    /// Read every point of a device now.
    Read {
        /// The device; it must be on this line.
        device: DeviceIx,
        /// Where the answer goes.
        answer: oneshot::Sender<Result<DeviceReading, ExchangeError>>,
    },
}

/// A point and what was read of it.
type Sample = (PointIx, Result<Value, Quality>);

/// What one block brought: its points, and the words of its requests.
#[derive(Default)]
struct BlockReading {
    samples: Vec<Sample>,
    words: Vec<Words>,
    /// When the first answer arrived; none if nothing was asked, or the device asked to come later.
    time: Option<Wall>,
}

/// All registers of a device, read at once.
pub type DeviceReading = Vec<PointWords>;

/// One point with the raw words it was decoded from.
#[derive(Clone, Debug, PartialEq)]
pub struct PointWords {
    /// The point.
    pub point: PointIx,
    /// Its words, most significant first; empty where the device refused them.
    pub words: Vec<u16>,
    /// What they mean.
    pub value: Result<Value, Quality>,
}

/// One device on the line.
struct Slot {
    ix: DeviceIx,
    map: Arc<Map>,
    info: DeviceInfo,
    limits: Limits,
    unit: Unit,
    blocks: Vec<Block>,
    planned: Vec<Block>,
    holes_until: Option<Mono>,
    decoder: Decoder,
    link: Link,
    /// The last fresh value of each point, for those whose decoding depends on another.
    latest: Vec<Option<Value>>,
}

/// One line. `run` is its task.
pub struct LineTask {
    name: String,
    slots: Vec<Slot>,
    schedule: Schedule,
    connection: Connection,
    counters: Arc<LineCounters>,
    reports: Arc<Reports>,
    clock: Arc<dyn Clock>,
}

/// How long a device that refuses everything is left alone.
const ALL_REFUSED_RETRY: Duration = Duration::from_secs(30);

/// The golden ratio's fraction: multiples of it spread evenly, however many there are.
const SPREAD_STEP: f64 = 0.618_033_988_749_895;

/// How a failed exchange counts for the device.
fn failure(error: &ExchangeError) -> link::Input {
    match error {
        ExchangeError::Timeout | ExchangeError::Exception(_) | ExchangeError::Busy => {
            link::Input::Failed(Quality::Timeout)
        }
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
        let devices: Vec<_> = plant.iter().filter(|(_, device, _)| device.line == line).collect();
        let shared = devices.len() > 1;
        let turns = devices.iter().map(|(ix, device, _)| {
            let share = (f64::from(ix.0) * SPREAD_STEP).fract();
            (device.every, device.every.max(Duration::from_secs(60)), share)
        });
        let schedule = Schedule::new(clock.now().mono, turns.collect::<Vec<_>>());
        let slots = devices.iter().map(|(ix, device, info)| {
            let limits = device.profile.limits.clone();
            let timeout = Duration::from_millis(u64::from(limits.timeout_ms));
            let blocks = plan(&device.map, info, &limits);
            Slot {
                ix: *ix,
                map: Arc::clone(&device.map),
                info: (*info).clone(),
                unit: Unit { id: device.unit, timeout, shared },
                planned: blocks.clone(),
                blocks,
                holes_until: None,
                decoder: Decoder::new(&device.map, info),
                link: Link::new(timeout),
                latest: vec![None; info.points.len()],
                limits,
            }
        });
        let name = plant.site.lines.get(line).map(|line| line.id.to_string()).unwrap_or_default();
        let slots = slots.collect();
        let connection = Connection::new(dial, Arc::clone(&counters));
        Self { name, slots, schedule, connection, counters, reports, clock }
    }

    /// Polls until `shutdown`.
    pub async fn run(&mut self, commands: &mut mpsc::Receiver<Command>, shutdown: &CancellationToken) {
        info!(line = self.name, devices = self.slots.len(), "line started");
        loop {
            let now = self.clock.now().mono;
            let (slot, due) = self.schedule.next(now).unwrap_or((0, Mono(u64::MAX)));
            let wait = due.since(now);
            tokio::select! {
                biased;
                () = shutdown.cancelled() => return,
                Some(command) = commands.recv() => self.command(command).await,
                () = sleep(wait) => self.poll(slot).await,
            }
        }
    }

    async fn command(&mut self, command: Command) {
        let Command::Read { device, answer } = command;
        let Some(n) = self.slots.iter().position(|slot| slot.ix == device) else { return };
        let mut reading = Vec::new();
        let mut failed = None;
        for block in 0..self.slots.get(n).map_or(0, |slot| slot.blocks.len()) {
            match self.read_block(n, block).await {
                Ok(block) if block.time.is_none() => {
                    failed = Some(ExchangeError::Busy);
                    break;
                }
                Ok(block) => reading.extend(self.with_words(n, block)),
                Err(error) => {
                    failed = Some(error);
                    break;
                }
            }
        }
        // Whoever asked may have gone; then nobody needs the answer.
        drop(answer.send(failed.map_or(Ok(reading), Err)));
    }

    /// One turn of a device: its blocks one after the other, until one fails.
    async fn poll(&mut self, n: usize) {
        let now = self.clock.now().mono;
        let begun = self.schedule.begin(n, now);
        self.counters.skipped.add(begun.skipped);
        let Some(slot) = self.slots.get_mut(n) else { return };
        if slot.holes_until.is_some_and(|until| now >= until) {
            slot.holes_until = None;
            slot.blocks.clone_from(&slot.planned);
        }
        let ix = slot.ix;
        let due: Vec<usize> = slot
            .blocks
            .iter()
            .enumerate()
            .filter(|(_, block)| begun.slow || block.period == Period::Normal)
            .map(|(n, _)| n)
            .collect();
        let (mut end, mut reports, mut whole) = (None, Vec::new(), true);
        for block in due {
            match self.read_block(n, block).await {
                Ok(BlockReading { samples, time: Some(time), .. }) => {
                    end = Some(link::Input::Answered);
                    reports.push(Input::Block { device: ix, block, time, samples });
                }
                Ok(BlockReading { time: None, .. }) => whole = false,
                Err(error) => {
                    debug!(line = self.name, device = ix.0, %error, "poll failed");
                    (end, whole) = (Some(failure(&error)), false);
                    break;
                }
            }
        }
        if let Some(end) = end {
            self.link(n, end);
        }
        let Some(slot) = self.slots.get(n) else { return };
        // A device that is offline has no values, also if it answered a part of what it was asked.
        if slot.link.is_online() != Some(false) {
            reports.into_iter().for_each(|report| self.reports.push(report));
        }
        let now = self.clock.now().mono;
        match slot.link.deadline() {
            Some(until) => self.schedule.postpone(n, until),
            None if begun.slow && whole => self.schedule.slow_done(n, now),
            None => {}
        }
    }

    fn link(&mut self, n: usize, input: link::Input) {
        let now = self.clock.now().mono;
        let Some(slot) = self.slots.get_mut(n) else { return };
        let mut out = Vec::new();
        slot.link.handle(now, input, &mut out);
        for output in out {
            self.reports.push(match output {
                link::Output::Stale => Input::Stale(slot.ix),
                link::Output::Lost(why) => {
                    // It may come back as another: what it refused and how it was set is to be seen anew.
                    slot.blocks.clone_from(&slot.planned);
                    slot.latest.fill(None);
                    Input::Lost(slot.ix, why)
                }
                link::Output::Found => {
                    self.schedule.slow_now(n);
                    Input::Found(slot.ix)
                }
            });
        }
    }

    /// Reads a block, splitting it where the device refuses a part. Nothing when the device asks to come later.
    async fn read_block(&mut self, n: usize, block: usize) -> Result<BlockReading, ExchangeError> {
        let mut answers = Vec::new();
        let mut refused = Vec::new();
        let (mut segment, mut time) = (0, None);
        loop {
            let Some(slot) = self.slots.get(n) else { return Ok(BlockReading::default()) };
            let Some(plan) = slot.blocks.get(block) else { return Ok(BlockReading::default()) };
            let Some(request) = plan.segments.get(segment).cloned() else { break };
            let (unit, area, pause) = (slot.unit, plan.area, slot.limits.pause_ms);
            let answer =
                exchange::read(&mut self.connection, unit, area, &request, &self.clock, &self.counters).await;
            let arrived = self.clock.now().wall;
            if pause > 0 {
                sleep(Duration::from_millis(u64::from(pause))).await;
            }
            match answer {
                Ok(words) => {
                    time = time.or(Some(arrived));
                    answers.push((request.points, words));
                }
                Err(ExchangeError::Exception(2 | 3)) => {
                    time = time.or(Some(arrived));
                    self.refuse(n, block, segment);
                    continue;
                }
                // "Acknowledge" and "busy": the device has the request and asks to come later.
                Err(ExchangeError::Exception(5 | 6)) => return Ok(BlockReading::default()),
                // A gateway whose device does not answer.
                Err(ExchangeError::Exception(0x0A | 0x0B)) => return Err(ExchangeError::Timeout),
                Err(ExchangeError::Exception(_)) => {
                    time = time.or(Some(arrived));
                    refused.extend(request.points);
                }
                Err(error) => return Err(error),
            }
            segment += 1;
        }
        let samples = self.decode(n, block, &answers, &refused);
        Ok(BlockReading { samples, words: answers.into_iter().map(|(_, words)| words).collect(), time })
    }

    fn refuse(&mut self, n: usize, block: usize, segment: usize) {
        let now = self.clock.now().mono;
        let Some(slot) = self.slots.get_mut(n) else { return };
        let (map, info) = (Arc::clone(&slot.map), &slot.info);
        if let Some(block) = slot.blocks.get_mut(block) {
            let holes = block.holes.len();
            block.refuse(segment, &map, info);
            if block.holes.len() > holes {
                info!(line = self.name, device = slot.ix.0, points = ?block.holes, "the device refuses points");
                slot.holes_until.get_or_insert(now + HOLE_RETRY);
            }
        }
        // A device that refuses everything may only be starting.
        if slot.blocks.iter().all(|block| block.segments.is_empty()) {
            slot.holes_until = Some(now + ALL_REFUSED_RETRY);
        }
    }

    /// Every point of the block in the plan's order; those that others depend on are decoded first.
    fn decode(
        &mut self,
        n: usize,
        block: usize,
        answers: &[(Vec<PointIx>, Words)],
        refused: &[PointIx],
    ) -> Vec<Sample> {
        let Some(slot) = self.slots.get_mut(n) else { return Vec::new() };
        let mut samples = Vec::with_capacity(answers.iter().map(|(points, _)| points.len()).sum());
        for depending in [false, true] {
            for (points, words) in answers {
                for ix in points.iter().filter(|ix| slot.decoder.depends(**ix) == depending) {
                    let latest = |other: PointIx| slot.latest.get(usize::from(other.0))?.as_ref();
                    let value = slot.decoder.decode(*ix, words, latest);
                    if let Some(latest) = slot.latest.get_mut(usize::from(ix.0)) {
                        *latest = value.as_ref().ok().cloned();
                    }
                    samples.push((*ix, value));
                }
            }
        }
        let holes = slot.blocks.get(block).map(|block| block.holes.as_slice()).unwrap_or_default();
        for ix in holes.iter().chain(refused) {
            if let Some(latest) = slot.latest.get_mut(usize::from(ix.0)) {
                *latest = None;
            }
            samples.push((*ix, Err(Quality::Exception)));
        }
        self.counters.values.add(u64::try_from(samples.len()).unwrap_or(0));
        samples.sort_by_key(|(ix, _)| *ix);
        samples
    }

    /// What a block brought, each point with the words that it was decoded from.
    fn with_words(&self, n: usize, block: BlockReading) -> Vec<PointWords> {
        let Some(slot) = self.slots.get(n) else { return Vec::new() };
        let points = block.samples.into_iter().map(|(point, value)| {
            let source = slot.info.point(point).map(|point| point.source);
            let addresses = match source {
                Some(PointSource::Register(n)) => {
                    slot.map.points.get(n).map(|point| point.addresses.as_slice())
                }
                Some(PointSource::Derived(_)) | None => None,
            };
            let at = |address: &u16| block.words.iter().find_map(|words| words.at(*address));
            PointWords { point, words: addresses.unwrap_or_default().iter().filter_map(at).collect(), value }
        });
        points.collect()
    }
}
