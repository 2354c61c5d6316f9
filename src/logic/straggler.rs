//! Guards a serial line against stragglers: answers that come after their request was given up.
//!
//! RTU frames carry no transaction id, so that a late answer looks like the answer to the next request of the same
//! shape. Two things keep it from being taken for one. After a miss the unit is left alone for as long as its profile
//! says that an answer may still come (`late_max`); whatever comes meanwhile is thrown away. And the first request
//! after that is a *probe*: a read of another shape than any that was missed. A device answers in order, so once the
//! probe's own answer is there, no older one can follow.
//!
//! One guard per unit; the line task asks it. Units are told apart by their id, so that others are polled meanwhile.

use std::{collections::VecDeque, time::Duration};

use hallward_profiles::Area;

use super::plan::Block;
use crate::model::Mono;

/// Missed shapes that are remembered; a unit that is dead for long is probed by these in turn.
const MOST: usize = 8;

/// What tells two answers apart: function and length.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Shape {
    /// The area read.
    pub area: Area,
    /// Registers or bits.
    pub count: u16,
}

/// A read.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Probe {
    /// First address.
    pub start: u16,
    /// What is read.
    pub shape: Shape,
}

/// The guard of one unit.
#[derive(Clone, Debug, Default)]
pub struct Straggler {
    missed: VecDeque<Shape>,
    until: Mono,
}

impl Straggler {
    /// A request got no answer that fits, so that one may still come for `late_max`. `None`: a write, whose answer has
    /// no shape of a read.
    pub fn miss(&mut self, now: Mono, shape: Option<Shape>, late_max: Duration) {
        self.until = now + late_max;
        if let Some(shape) = shape
            && !self.missed.contains(&shape)
        {
            if self.missed.len() == MOST {
                self.missed.pop_front();
            }
            self.missed.push_back(shape);
        }
    }

    /// The unit has answered a probe: nothing older can come.
    pub fn prove(&mut self) {
        self.missed.clear();
    }

    /// Until when the unit is to be left alone, if it is.
    #[must_use]
    pub fn rest(&self, now: Mono) -> Option<Mono> {
        (self.until > now).then_some(self.until)
    }

    /// The read to begin with, if an answer may be outstanding: of addresses that the device is known to have, the
    /// shortest that was not missed; else one register more than the device was ever asked for.
    #[must_use]
    pub fn probe(&self, blocks: &[Block]) -> Option<Probe> {
        self.missed.front()?;
        let segments =
            || blocks.iter().flat_map(|block| block.segments.iter().map(|segment| (block.area, segment)));
        let within = segments().flat_map(|(area, segment)| {
            // Bits come in whole bytes: only each eighth count has a length of its own.
            let step = if area.is_bits() { 8 } else { 1 };
            let most = u16::try_from(MOST + 1).unwrap_or(u16::MAX) * step;
            let counts = (1..=segment.count.min(most)).step_by(usize::from(step));
            counts.map(move |count| Probe { start: segment.start, shape: Shape { area, count } })
        });
        let fits = |probe: &Probe| !self.missed.iter().any(|missed| confusable(*missed, probe.shape));
        let shortest = within.filter(fits).min_by_key(|probe| probe.shape.count);
        shortest.or_else(|| {
            let (area, segment) = segments().next()?;
            let longest =
                self.missed.iter().filter(|missed| missed.area == area).map(|missed| missed.count).max()?;
            let step = if area.is_bits() { 8 } else { 1 };
            let shape = Shape { area, count: longest.max(segment.count).checked_add(step)? };
            Some(Probe { start: segment.start, shape })
        })
    }
}

/// Whether the answer to one could be taken for the answer to the other.
fn confusable(one: Shape, other: Shape) -> bool {
    let bytes = |shape: Shape| if shape.area.is_bits() { shape.count.div_ceil(8) } else { shape.count };
    one.area == other.area && bytes(one) == bytes(other)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::{logic::plan::Segment, model::Pace};

    const LATE: Duration = Duration::from_secs(1);

    fn blocks(segments: &[(Area, u16, u16)]) -> Vec<Block> {
        let block = |(area, start, count): &(Area, u16, u16)| Block {
            area: *area,
            pace: Pace::Normal,
            segments: vec![Segment { start: *start, count: *count, points: Vec::new() }],
            holes: Vec::new(),
        };
        segments.iter().map(block).collect()
    }

    fn probe_after(missed: &[(Area, u16)], segments: &[(Area, u16, u16)]) -> Option<(u16, Area, u16)> {
        let mut straggler = Straggler::default();
        for (area, count) in missed {
            straggler.miss(Mono(0), Some(Shape { area: *area, count: *count }), LATE);
        }
        let probe = straggler.probe(&blocks(segments))?;
        Some((probe.start, probe.shape.area, probe.shape.count))
    }

    #[test]
    fn a_probe_has_a_shape_that_was_not_missed() {
        use Area::{Coil, Holding, Input};
        assert_eq!(probe_after(&[], &[(Holding, 10, 50)]), None);
        assert_eq!(probe_after(&[(Holding, 50)], &[(Holding, 10, 50)]), Some((10, Holding, 1)));
        assert_eq!(probe_after(&[(Holding, 50), (Holding, 1)], &[(Holding, 10, 50)]), Some((10, Holding, 2)));
        assert_eq!(probe_after(&[(Holding, 1)], &[(Holding, 10, 1), (Input, 5, 1)]), Some((5, Input, 1)));
        assert_eq!(probe_after(&[(Holding, 1)], &[(Holding, 10, 1)]), Some((10, Holding, 2)));
        assert_eq!(
            probe_after(&[(Coil, 5)], &[(Coil, 0, 5)]),
            Some((0, Coil, 13)),
            "eight bits have one length"
        );
        assert_eq!(probe_after(&[(Coil, 20)], &[(Coil, 0, 20)]), Some((0, Coil, 1)));
    }

    #[test]
    fn a_unit_rests_while_its_answer_may_come_and_is_proven_by_an_answer() {
        let mut straggler = Straggler::default();
        assert_eq!(straggler.rest(Mono(0)), None);
        straggler.miss(Mono(0), Some(Shape { area: Area::Holding, count: 2 }), LATE);
        assert_eq!(straggler.rest(Mono(999_999)), Some(Mono(1_000_000)));
        assert_eq!(straggler.rest(Mono(1_000_000)), None);
        straggler.prove();
        assert_eq!(straggler.probe(&blocks(&[(Area::Holding, 0, 2)])), None);
    }
}
