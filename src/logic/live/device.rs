//! What the live state keeps of one device: its readings, and what never changes while its plant is the same.
//!
//! Who calls it: `live`, which alone changes anything here.

use std::{sync::Arc, time::Duration};

use super::{
    super::{derive::Deriver, device_decoder::Samples},
    STALE_AFTER_PERIODS, is_number,
};
use crate::model::{DeviceInfo, DeviceState, Mono, Plant, PointIx, PointSource, Reading};

/// The numbers of one block, for history.
#[derive(Clone, Debug)]
pub(super) struct Group {
    pub(super) ix: usize,
    pub(super) points: Arc<[PointIx]>,
}

#[derive(Debug)]
pub(super) struct Device {
    pub(super) state: Arc<DeviceState>,
    pub(super) deriver: Deriver,
    /// By block of the plan; `None` where a block has no numbers.
    pub(super) groups: Vec<Option<Group>>,
    pub(super) derived_group: Option<Group>,
    /// By block of the plan: when it last brought something.
    pub(super) read_at: Vec<Mono>,
    /// By block of the plan: what its points' readings say, unless they have been touched since.
    pub(super) told: Vec<Option<Samples>>,
    /// By block of the plan: how long the first of its points stays fresh.
    pub(super) fresh_for: Vec<Duration>,
    /// By point: its block, if it is in one.
    pub(super) block_of: Vec<Option<usize>>,
    pub(super) lost_at: Option<Mono>,
}

/// The devices of a plant, nothing read yet. `blocks`: for each, the points of each block of its plan.
pub(super) fn devices(plant: &Plant, blocks: &[Vec<Vec<PointIx>>]) -> Vec<Device> {
    let mut next_group = 0;
    let devices = plant.iter().zip(blocks).map(|((_, device, info), blocks)| {
        let mut group = |points: &mut dyn Iterator<Item = PointIx>| {
            let numbers = points.filter(|ix| info.point(*ix).is_some_and(is_number)).collect::<Vec<_>>();
            (!numbers.is_empty()).then(|| {
                next_group += 1;
                Group { ix: next_group - 1, points: numbers.into() }
            })
        };
        let groups = blocks.iter().map(|points| group(&mut points.iter().copied())).collect();
        let derived = info.iter().filter(|(_, point)| matches!(point.source, PointSource::Derived(_)));
        let derived_group = group(&mut derived.map(|(ix, _)| ix));
        let readings = vec![Reading::default(); info.points.len()];
        let state = Arc::new(DeviceState { readings, ..DeviceState::default() });
        let mut block_of = vec![None; info.points.len()];
        for (block, points) in blocks.iter().enumerate() {
            for ix in points {
                if let Some(of) = block_of.get_mut(usize::from(ix.0)) {
                    *of = Some(block);
                }
            }
        }
        Device {
            state,
            deriver: Deriver::new(&device.map, info),
            groups,
            derived_group,
            read_at: vec![Mono(0); blocks.len()],
            told: vec![None; blocks.len()],
            fresh_for: blocks.iter().map(|points| fresh_for(info, points)).collect(),
            block_of,
            lost_at: None,
        }
    });
    devices.collect()
}

/// How long the first of a block's points stays fresh.
fn fresh_for(info: &DeviceInfo, points: &[PointIx]) -> Duration {
    let limits = points.iter().filter_map(|ix| Some(info.point(*ix)?.period * STALE_AFTER_PERIODS));
    limits.min().unwrap_or(Duration::MAX)
}
