//! The live state: takes what the lines report, keeps every reading with its quality, works out derived points, and
//! says what changed, what goes into history and what is a record. `app::hall` is the one task that owns it.

mod device;

use std::{sync::Arc, time::Duration};

use self::device::{Device, Group, devices};
use super::device_decoder::Samples;
use crate::model::{
    Changes, DeviceIx, DeviceKey, Mono, NewRecord, Now, Plant, PointInfo, PointIx, PointRef, Quality,
    Reading, SampleGroup, SampleRow, Severity, Snapshot, StateChange, Value, ValueKind, Wall,
};

/// Without a result for this many periods a value is stale.
const STALE_AFTER_PERIODS: u32 = 3;

/// How often an unchanged state is written into history again.
const HEARTBEAT: Duration = Duration::from_secs(3600);

/// What a line reports.
#[derive(Clone, Debug, PartialEq)]
pub enum Input {
    /// The answer to one block: each of its points, in the block's order.
    Block {
        /// The device.
        device: DeviceKey,
        /// The block's place in the device's plan.
        block: usize,
        /// When the answer arrived.
        time: Wall,
        /// Value, or the reason that there is none.
        samples: Samples,
    },
    /// A poll failed: the device's values are no longer fresh.
    Stale(DeviceKey),
    /// The device is offline for this reason.
    Lost(DeviceKey, Quality),
    /// The device answers.
    Found(DeviceKey),
    /// Another device than the profile's answers, with this in its identity register: its values are not believed.
    WrongDevice(DeviceKey, String),
    /// The right device answers again.
    RightDevice(DeviceKey),
    /// A second has passed.
    Tick,
}

/// What follows.
#[derive(Clone, Debug, PartialEq)]
pub enum Output {
    /// A point has a new reading.
    Read(PointRef),
    /// A device went on- or offline.
    Linked(DeviceIx),
    /// A row for history.
    Row(SampleRow),
    /// A state for history.
    State(StateChange),
    /// A line for the journal.
    Record(Box<NewRecord>),
}

/// The owner's state.
#[derive(Debug)]
pub struct Live {
    plant: Arc<Plant>,
    devices: Vec<Device>,
    revision: u64,
    heartbeat: Option<Mono>,
}

impl Live {
    /// Nothing read yet. `blocks`: for each device, the points of each block of its plan.
    #[must_use]
    pub fn new(plant: Arc<Plant>, blocks: &[Vec<Vec<PointIx>>]) -> Self {
        let devices = devices(&plant, blocks);
        Self { plant, devices, revision: 0, heartbeat: None }
    }

    /// Goes on with the plant of a site file that was read again. What a device read before stays where it has the
    /// same points at the same place; others begin unread.
    pub fn replant(&mut self, plant: Arc<Plant>, blocks: &[Vec<Vec<PointIx>>]) {
        self.revision += 1;
        let mut devices = devices(&plant, blocks);
        for (new, (_, wired, _)) in devices.iter_mut().zip(plant.iter()) {
            let old = self.plant.find_device(wired.id.as_str());
            let Some((old, (was, _))) =
                old.and_then(|ix| Some((self.devices.get(usize::from(ix.0))?, self.plant.device(ix)?)))
            else {
                continue;
            };
            let at =
                |plant: &Plant, line: usize| plant.site.lines.get(line).map(|line| line.transport.clone());
            let same_place = was.unit == wired.unit && at(&self.plant, was.line) == at(&plant, wired.line);
            if same_place && was.map == wired.map {
                new.state = Arc::clone(&old.state);
                new.lost_at = old.lost_at;
                if old.read_at.len() == new.read_at.len() {
                    new.read_at.clone_from(&old.read_at);
                }
            }
            Arc::make_mut(&mut new.state).changed = self.revision;
        }
        (self.plant, self.devices) = (plant, devices);
    }

    /// The groups of numbers that history is to keep together; rows name them by their place in this list.
    #[must_use]
    pub fn groups(&self) -> Vec<SampleGroup> {
        let devices = self.plant.iter().map(|(ix, _, _)| ix).zip(&self.devices);
        let groups = devices.flat_map(|(ix, device)| {
            let all = device.groups.iter().flatten().chain(&device.derived_group);
            all.map(move |group| (group.ix, SampleGroup { device: ix, points: group.points.to_vec() }))
        });
        let mut groups: Vec<_> = groups.collect();
        groups.sort_by_key(|(ix, _)| *ix);
        groups.into_iter().map(|(_, group)| group).collect()
    }

    /// The state as others see it.
    #[must_use]
    pub fn snapshot(&self, time: Wall) -> Snapshot {
        let devices = self.devices.iter().map(|device| Arc::clone(&device.state)).collect();
        Snapshot { revision: self.revision, time, plant: Arc::clone(&self.plant), devices }
    }

    /// What changed, from the outputs of one or more inputs.
    #[must_use]
    pub fn changes(&self, outputs: &[Output]) -> Changes {
        let mut changes = Changes { revision: self.revision, points: Vec::new(), links: Vec::new() };
        for output in outputs {
            match output {
                Output::Read(point) => changes.points.push(*point),
                Output::Linked(device) => changes.links.push(*device),
                Output::Row(_) | Output::State(_) | Output::Record(_) => {}
            }
        }
        changes
    }

    /// Takes one report.
    pub fn handle(&mut self, now: Now, input: Input, out: &mut Vec<Output>) {
        let key = match &input {
            Input::Tick => return self.tick(now, out),
            Input::Block { device, .. } => *device,
            Input::Stale(device)
            | Input::Lost(device, _)
            | Input::Found(device)
            | Input::WrongDevice(device, _)
            | Input::RightDevice(device) => *device,
        };
        // A report of a line that has been taken away since.
        let Some(device) = self.plant.by_key(key) else { return };
        match input {
            Input::Block { block, time, samples, .. } => self.block(now, device, block, time, samples, out),
            Input::Stale(_) => {
                self.update(device, out, |_, _, reading| {
                    (reading.quality() == Quality::Good).then(|| reading.clone().into_stale())
                });
            }
            Input::Lost(_, why) => self.lost(now, device, why, out),
            Input::Found(_) => self.found(now, device, out),
            Input::WrongDevice(_, found) => self.wrong_device(now, device, &found, out),
            Input::RightDevice(_) => self.right_device(now, device, out),
            Input::Tick => {}
        }
    }

    fn block(
        &mut self,
        now: Now,
        ix: DeviceIx,
        block: usize,
        time: Wall,
        samples: Samples,
        out: &mut Vec<Output>,
    ) {
        let Some(device) = self.devices.get_mut(usize::from(ix.0)) else { return };
        let group = device.groups.get(block).cloned().flatten();
        if let Some(read_at) = device.read_at.get_mut(block) {
            *read_at = now.mono;
        }
        let told = device.told.get_mut(block).and_then(|told| told.replace(Arc::clone(&samples)));
        if told.is_some_and(|told| Arc::ptr_eq(&told, &samples)) {
            self.told_again(ix, &samples, time, out);
        } else {
            let reading = |sample: &Result<Value, Quality>| match sample {
                Ok(value) => Reading::good(value.clone(), time),
                Err(why) => Reading::missing(*why, time),
            };
            self.update_some(ix, out, samples.iter().map(|(point, sample)| (*point, reading(sample))));
        }
        out.extend(group.and_then(|group| self.row(ix, &group, time)));
        self.derive(ix, time, out);
    }

    /// Nothing has changed but the time.
    fn told_again(&mut self, ix: DeviceIx, samples: &Samples, time: Wall, out: &mut Vec<Output>) {
        self.revision += 1;
        let Some(device) = self.devices.get_mut(usize::from(ix.0)) else { return };
        let state = Arc::make_mut(&mut device.state);
        out.reserve(samples.len());
        for (point, _) in samples.iter() {
            if let Some(reading) = state.readings.get_mut(usize::from(point.0)) {
                reading.tell_again(time);
                out.push(Output::Read(PointRef { device: ix, point: *point }));
            }
        }
    }

    fn row(&self, ix: DeviceIx, group: &Group, time: Wall) -> Option<Output> {
        let state = &self.devices.get(usize::from(ix.0))?.state;
        let values = group.points.iter().map(|point| {
            let reading = state.reading(*point);
            let number = reading.and_then(Reading::fresh).and_then(Value::number);
            number.ok_or_else(|| reading.map_or(Quality::NotYetRead, Reading::quality))
        });
        Some(Output::Row(SampleRow { group: group.ix, time, values: values.collect() }))
    }

    /// Works out the derived points of a device again.
    fn derive(&mut self, ix: DeviceIx, time: Wall, out: &mut Vec<Output>) {
        let mut changed = false;
        for n in 0.. {
            let Some(device) = self.devices.get(usize::from(ix.0)) else { return };
            let Some((point, new)) = device.deriver.derive(n, &device.state.readings) else { break };
            if device.state.reading(point) != Some(&new) {
                changed = true;
                self.update_some(ix, out, std::iter::once((point, new)));
            }
        }
        let group = self.devices.get(usize::from(ix.0)).and_then(|device| device.derived_group.clone());
        out.extend(group.filter(|_| changed).and_then(|group| self.row(ix, &group, time)));
    }

    fn lost(&mut self, now: Now, ix: DeviceIx, why: Quality, out: &mut Vec<Output>) {
        self.update(ix, out, |_, _, _| Some(Reading::missing(why, now.wall)));
        let Some(device) = self.devices.get_mut(usize::from(ix.0)) else { return };
        device.lost_at = Some(now.mono);
        self.set_online(ix, false, out);
        let groups = self.devices.get(usize::from(ix.0)).map(|device| {
            device.groups.iter().flatten().chain(&device.derived_group).cloned().collect::<Vec<_>>()
        });
        for group in groups.unwrap_or_default() {
            out.extend(self.row(ix, &group, now.wall));
        }
        if let Some((device, _)) = self.plant.device(ix) {
            let record = NewRecord::system(now, "device.offline", Severity::Warning);
            out.push(Output::Record(Box::new(record.at(device.id.as_str()).with("reason", why))));
        }
    }

    fn found(&mut self, now: Now, ix: DeviceIx, out: &mut Vec<Output>) {
        self.set_online(ix, true, out);
        let lost_at = self.devices.get_mut(usize::from(ix.0)).and_then(|device| device.lost_at.take());
        // The first answer of a run is no news: the start is the record.
        if let (Some(lost_at), Some((device, _))) = (lost_at, self.plant.device(ix)) {
            let record = NewRecord::system(now, "device.online", Severity::Info).at(device.id.as_str());
            let record = record.with("offline_s", now.mono.since(lost_at).as_secs());
            out.push(Output::Record(Box::new(record)));
        }
    }

    fn wrong_device(&mut self, now: Now, ix: DeviceIx, found: &str, out: &mut Vec<Output>) {
        self.update(ix, out, |_, _, _| Some(Reading::missing(Quality::WrongDevice, now.wall)));
        if let Some((device, _)) = self.plant.device(ix) {
            let record = NewRecord::system(now, "device.wrong", Severity::Error).at(device.id.as_str());
            out.push(Output::Record(Box::new(record.with("found", found))));
        }
    }

    fn right_device(&mut self, now: Now, ix: DeviceIx, out: &mut Vec<Output>) {
        if let Some((device, _)) = self.plant.device(ix) {
            let record = NewRecord::system(now, "device.right", Severity::Info).at(device.id.as_str());
            out.push(Output::Record(Box::new(record)));
        }
    }

    fn set_online(&mut self, ix: DeviceIx, online: bool, out: &mut Vec<Output>) {
        self.revision += 1;
        if let Some(device) = self.devices.get_mut(usize::from(ix.0)) {
            let state = Arc::make_mut(&mut device.state);
            (state.online, state.changed) = (Some(online), self.revision);
            out.push(Output::Linked(ix));
        }
    }

    /// No result for three periods is stale; unchanged states are repeated each hour.
    fn tick(&mut self, now: Now, out: &mut Vec<Output>) {
        for n in 0..u16::try_from(self.devices.len()).unwrap_or(u16::MAX) {
            let before = out.len();
            let Some(device) = self.devices.get(usize::from(n)) else { continue };
            // By the monotonic clock: the wall clock may be set back.
            let mut ages = device.read_at.iter().zip(&device.fresh_for);
            if ages.all(|(read_at, fresh_for)| now.mono.since(*read_at) <= *fresh_for) {
                continue;
            }
            let read_at = |block: usize| device.read_at.get(block).copied();
            let read_at: Vec<_> = device.block_of.iter().map(|block| block.and_then(read_at)).collect();
            self.update(DeviceIx(n), out, |ix, point, reading| {
                let limit = point.period * STALE_AFTER_PERIODS;
                let read_at = read_at.get(usize::from(ix.0)).copied().flatten();
                let old = read_at.is_some_and(|read_at| now.mono.since(read_at) > limit);
                let ages = old && reading.quality() == Quality::Good;
                ages.then(|| reading.clone().into_stale())
            });
            if out.len() > before {
                self.derive(DeviceIx(n), now.wall, out);
            }
        }
        let due = self.heartbeat.is_none_or(|last| now.mono.since(last) >= HEARTBEAT);
        if due {
            self.heartbeat = Some(now.mono);
            for (n, device) in (0_u16..).zip(&self.devices) {
                for (point, reading) in (0_u16..).map(PointIx).zip(&device.state.readings) {
                    let at = PointRef { device: DeviceIx(n), point };
                    let state =
                        self.plant.point(at).filter(|point| !is_number(point)).and_then(|_| kept(reading));
                    let state = state.filter(|_| reading.quality() != Quality::Stale);
                    out.extend(
                        state.map(|value| Output::State(StateChange { point: at, time: now.wall, value })),
                    );
                }
            }
        }
    }

    /// Changes those readings of a device for which `change` has another one.
    fn update(
        &mut self,
        ix: DeviceIx,
        out: &mut Vec<Output>,
        change: impl Fn(PointIx, &PointInfo, &Reading) -> Option<Reading>,
    ) {
        let Some((_, info)) = self.plant.device(ix) else { return };
        let Some(device) = self.devices.get(usize::from(ix.0)) else { return };
        let all = info.iter().zip(&device.state.readings);
        let changed = all.filter_map(|((point, info), old)| Some((point, change(point, info, old)?)));
        let changed: Vec<_> = changed.collect();
        if changed.is_empty() {
            return;
        }
        if let Some(device) = self.devices.get_mut(usize::from(ix.0)) {
            device.told.fill(None);
        }
        self.update_some(ix, out, changed.into_iter());
    }

    fn update_some(
        &mut self,
        ix: DeviceIx,
        out: &mut Vec<Output>,
        readings: impl Iterator<Item = (PointIx, Reading)>,
    ) {
        self.revision += 1;
        let (revision, plant) = (self.revision, Arc::clone(&self.plant));
        let Some(device) = self.devices.get_mut(usize::from(ix.0)) else { return };
        let state = Arc::make_mut(&mut device.state);
        out.reserve(readings.size_hint().0);
        for (point, new) in readings {
            let Some(old) = state.readings.get_mut(usize::from(point.0)) else { continue };
            let at = PointRef { device: ix, point };
            if new.differs(old) {
                state.changed = revision;
                let value = kept(&new).filter(|value| kept(old).as_ref() != Some(value));
                if let Some(value) = value.filter(|_| plant.point(at).is_some_and(|point| !is_number(point)))
                {
                    let time = new.time().unwrap_or_default();
                    out.push(Output::State(StateChange { point: at, time, value }));
                }
            }
            *old = new;
            out.push(Output::Read(at));
        }
    }
}

fn is_number(point: &PointInfo) -> bool {
    matches!(point.kind, ValueKind::Number(_))
}

/// What history keeps of a reading: its value, stale or not, or the reason; nothing before the first poll.
fn kept(reading: &Reading) -> Option<Result<Value, Quality>> {
    match reading.value() {
        Some(value) => Some(Ok(value.clone())),
        None if reading.quality() == Quality::NotYetRead => None,
        None => Some(Err(reading.quality())),
    }
}

#[cfg(test)]
mod tests;
