//! The live state as everyone but its owner sees it: an immutable snapshot and the list of what changed.

use std::sync::Arc;

use super::{DeviceIx, Plant, PointIx, PointRef, Reading, Wall};

/// All readings at one moment. Devices that did not change are shared with the snapshot before.
#[derive(Clone, Debug)]
pub struct Snapshot {
    /// Counts up with each change.
    pub revision: u64,
    /// When it was taken.
    pub time: Wall,
    /// What is wired: the plant by which devices and points are numbered here. Another one once the site file has been
    /// read again; then all numbers are others, and whoever kept some begins anew.
    pub plant: Arc<Plant>,
    /// One for each device of the plant.
    pub devices: Vec<Arc<DeviceState>>,
}

/// One device's readings.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct DeviceState {
    /// Whether it answers; `None` until its first poll has ended.
    pub online: Option<bool>,
    /// The snapshot's revision when a value, a quality or `online` last changed.
    pub changed: u64,
    /// One for each of its points.
    pub readings: Vec<Reading>,
}

/// What changed from one snapshot to the next, in value or quality.
#[derive(Clone, Debug)]
pub struct Changes {
    /// The snapshot's revision after it.
    pub revision: u64,
    /// Points whose value or quality is another, or whose time is (a fresh answer with the same value).
    pub points: Vec<PointRef>,
    /// Devices that went on- or offline.
    pub links: Vec<DeviceIx>,
}

impl Snapshot {
    /// The state of a device.
    #[must_use]
    pub fn device(&self, ix: DeviceIx) -> Option<&DeviceState> {
        self.devices.get(usize::from(ix.0)).map(AsRef::as_ref)
    }

    /// The reading of a point.
    #[must_use]
    pub fn reading(&self, at: PointRef) -> Option<&Reading> {
        self.device(at.device)?.reading(at.point)
    }
}

impl DeviceState {
    /// The reading of one of its points.
    #[must_use]
    pub fn reading(&self, ix: PointIx) -> Option<&Reading> {
        self.readings.get(usize::from(ix.0))
    }
}
