//! One fault: where, what, when and how often.

use std::time::Duration;

use hallward_profiles::{Id, PointName};
use serde::{Deserialize, Serialize};

use super::{FaultKind, FaultRequest};

/// What has a fault.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Place {
    /// A device.
    Device(Id),
    /// A line, or all of its devices.
    Line(Id),
    /// The device with this unit id on a line.
    Unit(Id, u8),
    /// A point in the registers of a device.
    Point(Id, PointName),
}

/// A fault and where it is, written as [`FaultRequest`].
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(try_from = "FaultRequest", into = "FaultRequest")]
pub struct Fault {
    /// Where.
    pub place: Place,
    /// What.
    pub kind: FaultKind,
    /// When it begins, from when it is set; up to [`Fault::LONGEST`].
    pub after: Duration,
    /// How long it lasts, if it ends by itself; more than 0, up to [`Fault::LONGEST`]. [`FaultKind::Reboot`] says so
    /// itself.
    pub length: Option<Duration>,
    /// How often it strikes, above 0 to 1: of answers, or with [`FaultKind::ByteLoss`] of bytes.
    pub probability: f64,
}

impl Fault {
    /// The latest beginning and the longest length: a year.
    pub const LONGEST: Duration = Duration::from_secs(366 * 86_400);

    /// A fault that begins at once, strikes always and lasts until it is cleared.
    #[must_use]
    pub fn new(place: Place, kind: FaultKind) -> Self {
        Self { place, kind, after: Duration::ZERO, length: None, probability: 1.0 }
    }

    /// Such a fault of a device.
    #[must_use]
    pub fn of_device(device: Id, kind: FaultKind) -> Self {
        Self::new(Place::Device(device), kind)
    }

    /// Such a fault of a line.
    #[must_use]
    pub fn of_line(line: Id, kind: FaultKind) -> Self {
        Self::new(Place::Line(line), kind)
    }

    /// Such a fault of a point.
    #[must_use]
    pub fn of_point(device: Id, point: PointName, kind: FaultKind) -> Self {
        Self::new(Place::Point(device, point), kind)
    }
}
