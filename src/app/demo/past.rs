//! Days that a simulated hall lives before anybody watches: its physics, registers, decoders, live state and databases, only
//! not the wire. What the gateway writes is what it would have written, had it polled at these times.
//!
//! Who calls it: the demo, so that pages and reports have something to tell from the first minute, and the bench of a
//! quarter. It must end before a gateway opens the same folder.

use std::{path::Path, sync::Arc, time::Duration};

use hallward_simulator::Hall;

use super::DemoError;
use crate::{
    app::{hall::blocks, run::run_id},
    logic::{
        decode::Words,
        device_decoder::DeviceDecoder,
        live::{Input, Live, Output},
        plan::{Block, plan_device},
        timing::Timing,
    },
    model::{DeviceKey, Mono, NewRecord, Now, Plant, Severity, Trust, Wall},
    store::{Batch, History, Journal, Row, Write},
};

/// The hall's longest step.
const LONGEST_STEP: Duration = Duration::from_secs(10);

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

/// Lives through `span`, which ends at `until`, reading every device each `every`.
///
/// # Errors
/// What cannot be written.
pub async fn live_through(
    hall: &Hall,
    data: &Path,
    until: Wall,
    span: Duration,
    every: Duration,
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
    let start = start.with("simulated", true).with("lived_s", span.as_secs());
    journal.write(Write { records: vec![start], rows: Vec::new() }).await?;

    let mut slots = slots(&plant);
    let (mut lived, mut told) = (Duration::ZERO, Lived { rounds: 0, values: 0 });
    while lived < span {
        let step = every.min(span.saturating_sub(lived));
        hall.advance_in(step, LONGEST_STEP);
        lived += step;
        let mut outputs = Vec::new();
        for (n, slot) in slots.iter_mut().enumerate() {
            told.values += slot.read(hall, n, now(lived), &mut live, &mut outputs);
        }
        live.handle(now(lived), Input::Tick, &mut outputs);
        told.rounds += 1;
        keep(outputs, &journal, &history).await?;
    }
    let stop = NewRecord::system(now(span), "system.stop", Severity::Info);
    journal.write(Write { records: vec![stop], rows: vec![Row::RunStopped(now(span))] }).await?;
    journal.close().await?;
    history.close().await?;
    Ok(told)
}

async fn keep(outputs: Vec<Output>, journal: &Journal, history: &History) -> Result<(), DemoError> {
    let (mut batch, mut records) = (Batch::default(), Vec::new());
    for output in outputs {
        match output {
            Output::Row(row) => batch.rows.push(row),
            Output::State(state) => batch.states.push(state),
            Output::Record(record) => records.push(*record),
            Output::Read(_) | Output::Linked(_) => {}
        }
    }
    if !records.is_empty() {
        journal.write(Write { records, rows: Vec::new() }).await?;
    }
    // A writer that has stopped is told when history is closed.
    let _taken = history.put(batch).await;
    Ok(())
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
            let answers = block.segments.iter().map(|segment| {
                let (area, start) = (block.area, segment.start);
                let words = Words { area, start, values: hall.words(n, area, start, segment.count) };
                (segment.points.clone(), words)
            });
            let answers: Vec<_> = answers.collect();
            let samples = self.decoder.decode(&answers, std::iter::empty());
            values += u64::try_from(samples.len()).unwrap_or(0);
            let input = Input::Block { device: self.key, block: number, time: now.wall, samples };
            live.handle(now, input, out);
        }
        values
    }
}
