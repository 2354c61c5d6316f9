//! How a line reads a device: after an unanswered request it makes sure that nothing older is under way, before the first
//! value that the right device answers; then block by block, splitting what the device refuses.

use std::time::Duration;

use tokio::time::sleep;
use tracing::{info, warn};

use super::{
    Ask, ExchangeError, LineTask, Told,
    exchange::{self, Unit},
    identity::Verdict,
    slot::BlockReading,
};
use crate::{
    logic::{decode::Words, live::Input, plan::Segment, straggler::Shape},
    model::{Pace, PointIx, Quality},
};

impl LineTask {
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
            Ok(words) => self
                .slots
                .get_mut(n)
                .map_or(Err(Quality::Disabled), |slot| slot.decoder.decode_one(point, &words)),
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
                if let Some(slot) = self.slots.get_mut(n) {
                    slot.straggler.prove();
                }
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
    pub(super) async fn read_block(&mut self, n: usize, block: usize) -> Result<BlockReading, ExchangeError> {
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
