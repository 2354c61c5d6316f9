//! One device on a line: its plan and what the device refused of it, its decoder, its health, and what keeps a wrong
//! answer from being taken for a right one.

use std::{sync::Arc, time::Duration};

use hallward_profiles::{Limits, Map};
use hallward_site::Device;

use super::{PointWords, exchange::Unit, identity::Identity};
use crate::{
    logic::{
        decode::Words,
        device_decoder::{DeviceDecoder, Samples},
        link::Link,
        patience::Patience,
        plan::{Block, HOLE_RETRY, plan_device},
        straggler::Straggler,
        timing::Timing,
    },
    model::{DeviceInfo, DeviceKey, Mono, Pace, PointIx, PointSource, Wall},
};

/// How long a device that refuses everything is left alone.
const ALL_REFUSED_RETRY: Duration = Duration::from_secs(30);

/// What one block brought: its points, and the words of its requests.
#[derive(Default)]
pub(super) struct BlockReading {
    pub(super) samples: Samples,
    pub(super) words: Vec<Words>,
    /// When the first answer arrived; none if nothing was asked, or the device asked to come later.
    pub(super) time: Option<Wall>,
}

/// One device on the line.
pub(super) struct Slot {
    pub(super) key: DeviceKey,
    pub(super) map: Arc<Map>,
    pub(super) info: DeviceInfo,
    pub(super) limits: Limits,
    pub(super) unit: Unit,
    pub(super) blocks: Vec<Block>,
    planned: Vec<Block>,
    holes_until: Option<Mono>,
    pub(super) decoder: DeviceDecoder,
    pub(super) link: Link,
    pub(super) straggler: Straggler,
    pub(super) patience: Patience,
    pub(super) identity: Option<Identity>,
    /// The device's own rest between two requests.
    pub(super) rest_until: Mono,
}

impl Slot {
    pub(super) fn new(
        key: DeviceKey,
        device: &Device,
        info: &DeviceInfo,
        timing: Timing,
        shared: bool,
    ) -> Self {
        let timeout = Duration::from_millis(u64::from(device.limits.timeout_ms));
        let blocks = plan_device(device, info, timing);
        Self {
            key,
            map: Arc::clone(&device.map),
            info: info.clone(),
            limits: device.limits.clone(),
            unit: Unit { id: device.unit, timeout, shared },
            planned: blocks.clone(),
            blocks,
            holes_until: None,
            decoder: DeviceDecoder::new(&device.map, info),
            link: Link::new(timeout),
            straggler: Straggler::default(),
            patience: Patience::default(),
            identity: Identity::new(&device.profile, info),
            rest_until: Mono(0),
        }
    }

    pub(super) fn late_max(&self) -> Duration {
        Duration::from_millis(u64::from(self.limits.late_max_ms))
    }

    /// Whether it has points that are read fast.
    pub(super) fn is_fast(&self) -> bool {
        self.planned.iter().any(|block| block.pace == Pace::Fast)
    }

    /// The blocks of a turn.
    pub(super) fn due(&self, fits: impl Fn(Pace) -> bool) -> Vec<usize> {
        let blocks = self.blocks.iter().enumerate();
        blocks.filter(|(_, block)| fits(block.pace)).map(|(n, _)| n).collect()
    }

    /// It may come back as another: what it refused, how it was set and who it is are to be seen anew.
    pub(super) fn forget(&mut self) {
        self.blocks.clone_from(&self.planned);
        self.decoder.forget();
        self.identity.iter_mut().for_each(Identity::forget);
    }

    /// Tries what was refused again, once in a while.
    pub(super) fn retry_holes(&mut self, now: Mono) {
        if self.holes_until.is_some_and(|until| now >= until) {
            self.holes_until = None;
            self.blocks.clone_from(&self.planned);
        }
    }

    /// The device refuses a segment (exception 2 or 3): it is split, or its last point becomes a hole. Returns whether
    /// there is a new hole.
    pub(super) fn refuse(&mut self, now: Mono, block: usize, segment: usize) -> bool {
        let mut new_hole = false;
        if let Some(block) = self.blocks.get_mut(block) {
            let holes = block.holes.len();
            block.refuse(segment, &self.map, &self.info);
            new_hole = block.holes.len() > holes;
        }
        if new_hole {
            self.holes_until.get_or_insert(now + HOLE_RETRY);
        }
        // A device that refuses everything may only be starting.
        if self.blocks.iter().all(|block| block.segments.is_empty()) {
            self.holes_until = Some(now + ALL_REFUSED_RETRY);
        }
        new_hole
    }

    /// Every point of the block in the plan's order.
    pub(super) fn decode(
        &mut self,
        block: usize,
        answers: &[(Vec<PointIx>, Words)],
        refused: &[PointIx],
    ) -> Samples {
        let holes = self.blocks.get(block).map(|block| block.holes.as_slice()).unwrap_or_default();
        self.decoder.decode(block, answers, holes.iter().chain(refused).copied())
    }

    /// What a block brought, each point with the words that it was decoded from.
    pub(super) fn with_words(&self, block: BlockReading) -> Vec<PointWords> {
        let points = block.samples.iter().cloned().map(|(point, value)| {
            let addresses = self.addresses(point);
            let at = |address: &u16| block.words.iter().find_map(|words| words.at(*address));
            PointWords { point, words: addresses.iter().filter_map(at).collect(), value }
        });
        points.collect()
    }

    /// Where a point lies, most significant register first.
    pub(super) fn addresses(&self, ix: PointIx) -> &[u16] {
        match self.info.point(ix).map(|point| point.source) {
            Some(PointSource::Register(n)) => self.map.points.get(n).map(|point| point.addresses.as_slice()),
            Some(PointSource::Derived(_)) | None => None,
        }
        .unwrap_or_default()
    }
}
