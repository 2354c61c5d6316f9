//! Days that a simulated hall lives before anybody watches: its physics, registers, decoders, live state and databases, only
//! not the wire. What the gateway writes is what it would have written, had it polled at these times.
//!
//! Who calls it: the demo, so that pages and reports have something to tell from the first minute, and the bench of a
//! quarter. It must end before a gateway opens the same folder.

use std::{path::Path, sync::Arc, time::Duration};

use chrono::{TimeZone, Timelike};
use hallward_simulator::{Action, Hall, Script};

use super::{DemoError, ledger::Ledger};
use crate::{
    app::{hall::blocks, run::run_id},
    logic::{
        decode::Words,
        device_decoder::DeviceDecoder,
        live::{Input, Live, Output},
        plan::{Block, Segment, plan_device},
        timing::Timing,
    },
    model::{DeviceKey, Mono, NewRecord, Now, Plant, Severity, Trust, Wall},
    store::{History, Journal, Row, Write},
};

/// The hall's longest step.
const LONGEST_STEP: Duration = Duration::from_secs(10);

/// The demo's rhythm: a chart of a week needs no more.
const RHYTHM: Rhythm =
    Rhythm { far: Duration::from_secs(300), near: Duration::from_secs(60), busy: Duration::from_secs(10) };

/// The last day is near.
const NEAR: Duration = Duration::from_secs(86_400);

/// An event is followed closely for so long.
const BUSY_FOR: Duration = Duration::from_secs(300);

/// What has happened before the demo.
const WEEK: &str = include_str!("week.toml");

/// What became of it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Lived {
    /// Times at which all devices were read.
    pub rounds: u64,
    /// Values that were read.
    pub values: u64,
}

/// A device as it is read.
struct Slot {
    key: DeviceKey,
    blocks: Vec<Block>,
    decoder: DeviceDecoder,
}

/// How often devices are read.
#[derive(Clone, Copy, Debug)]
pub struct Rhythm {
    /// More than a day before the end.
    pub far: Duration,
    /// On the last day.
    pub near: Duration,
    /// For five minutes after a true event.
    pub busy: Duration,
}

impl Rhythm {
    /// Always as often.
    #[must_use]
    pub const fn steady(every: Duration) -> Self {
        Self { far: every, near: every, busy: every }
    }
}

/// The days before this one, from midnight, and this one as far as it has come. What happens in them is the demo's
/// week; where the hall has not got what it is about, nothing does.
///
/// # Errors
/// What cannot be written.
pub async fn live_days(hall: &Hall, data: &Path, until: Wall, days: u16) -> Result<Lived, DemoError> {
    let today = Duration::from_secs(u64::from(second_of_day(hall, until)));
    follow_the_sun(hall, until - today)?;
    let week = Script::from_toml(WEEK).map_err(DemoError::Week)?;
    hall.play(&week).map_err(|error| DemoError::Week(error.to_string()))?;
    live_through(hall, data, until, today + Duration::from_secs(u64::from(days) * 86_400), RHYTHM).await
}

/// The hall's own day follows the sun of its place: it is `now`.
///
/// # Errors
/// Never for a time of day.
pub fn follow_the_sun(hall: &Hall, now: Wall) -> Result<(), DemoError> {
    let hour = f64::from(second_of_day(hall, now)) / 3600.0;
    hall.act(&Action::TimeOfDay { hour }).map_err(|error| DemoError::Week(error.to_string()))
}

fn second_of_day(hall: &Hall, now: Wall) -> u32 {
    hall.site().time_zone.from_utc_datetime(&now.utc().naive_utc()).num_seconds_from_midnight()
}

/// Lives through `span`, which ends at `until`.
///
/// # Errors
/// What cannot be written.
pub async fn live_through(
    hall: &Hall,
    data: &Path,
    until: Wall,
    span: Duration,
    rhythm: Rhythm,
) -> Result<Lived, DemoError> {
    let begin = until - span;
    let now = |lived: Duration| {
        let mono = u64::try_from(lived.as_micros()).unwrap_or(u64::MAX);
        Now { mono: Mono(mono), wall: begin + lived, trust: Trust::Unknown }
    };
    let plant = Arc::new(Plant::new(hall.site().clone(), true));
    let mut live = Live::new(Arc::clone(&plant), &blocks(&plant));
    let (journal, _) = Journal::open(&data.join("core.db"), None, run_id()?, now(Duration::ZERO))?;
    let history = History::open(&data.join("history.db"), None, &plant, live.groups())?;
    let start = NewRecord::system(now(Duration::ZERO), "system.start", Severity::Info);
    let start = start
        .with("version", env!("CARGO_PKG_VERSION"))
        .with("simulated", true)
        .with("lived_s", span.as_secs());
    journal.write(Write { records: vec![start], rows: Vec::new() }).await?;

    let (mut ledger, mut outputs) = (Ledger::new(&journal, &history), Vec::new());
    let mut slots = slots(&plant);
    let (mut lived, mut told) = (Duration::ZERO, Lived { rounds: 0, values: 0 });
    let (mut event, mut busy_until) = (0, Duration::ZERO);
    while lived < span {
        let left = span.saturating_sub(lived);
        let quiet = if left > NEAR { rhythm.far } else { rhythm.near };
        let round = if lived < busy_until { rhythm.busy } else { quiet }.min(left);
        let end = lived + round;
        while lived < end {
            let piece = rhythm.busy.min(end.saturating_sub(lived));
            hall.advance_in(piece, LONGEST_STEP);
            lived += piece;
            if let Some(newest) = hall.events(event).last() {
                event = newest.seq;
                busy_until = lived + BUSY_FOR;
                break;
            }
        }
        // Whoever waits for a signal has a turn.
        tokio::task::yield_now().await;
        for (n, slot) in slots.iter_mut().enumerate() {
            told.values += slot.read(hall, n, now(lived), &mut live, &mut outputs);
        }
        live.handle(now(lived), Input::Tick, &mut outputs);
        told.rounds += 1;
        ledger.keep(now(lived), &mut outputs).await?;
    }
    ledger.hand_over().await?;
    let stop = NewRecord::system(now(span), "system.stop", Severity::Info);
    journal.write(Write { records: vec![stop], rows: vec![Row::RunStopped(now(span))] }).await?;
    journal.close().await?;
    history.close().await?;
    Ok(told)
}

fn slots(plant: &Plant) -> Vec<Slot> {
    let devices = plant.iter().zip(&plant.keys);
    let slot = devices.map(|((_, device, info), key)| {
        let line = plant.site.lines.get(device.line);
        let timing = line.map_or_else(Timing::tcp, |line| Timing::of(&line.transport));
        let blocks = plan_device(device, info, timing);
        Slot { key: *key, blocks, decoder: DeviceDecoder::new(&device.map, info) }
    });
    slot.collect()
}

impl Slot {
    /// Reads all blocks; tells how many values there were.
    fn read(&mut self, hall: &Hall, n: usize, now: Now, live: &mut Live, out: &mut Vec<Output>) -> u64 {
        let mut values = 0;
        for (number, block) in self.blocks.iter().enumerate() {
            let (mut answers, mut refused) = (Vec::with_capacity(block.segments.len()), Vec::new());
            for Segment { start, count, points } in &block.segments {
                match hall.words(n, block.area, *start, *count) {
                    Some(values) => {
                        let words = Words { area: block.area, start: *start, values };
                        answers.push((points.as_slice(), words));
                    }
                    None => refused.extend_from_slice(points),
                }
            }
            let samples = self.decoder.decode(number, &answers, refused.into_iter());
            values += u64::try_from(samples.len()).unwrap_or(0);
            let input = Input::Block { device: self.key, block: number, time: now.wall, samples };
            live.handle(now, input, out);
        }
        values
    }
}
