//! Samples on their way into history: numbers by row and group, states on change.

use hallward_profiles::{Encoding, Point, Ratio};

use super::{DeviceIx, PointIx, PointRef, Quality, Value, Wall};

/// How history keeps a column of numbers: as whole ticks of the register's own resolution, or as floats.
#[derive(Clone, Copy, Debug, PartialEq)]
pub enum Column {
    /// value = ticks × scale + offset.
    Ticks {
        /// The size of one tick.
        scale: Ratio,
        /// The value of tick 0.
        offset: f64,
    },
    /// 32-bit floats, as a device with floats tells them.
    Float,
}

impl Column {
    /// The column of a point in registers.
    #[must_use]
    pub fn of(point: &Point) -> Self {
        let varies = point.scale_from.is_some() || point.unit_if.is_some();
        if varies || point.encoding == Encoding::F32 {
            Self::Float
        } else {
            Self::Ticks { scale: point.scale, offset: point.offset }
        }
    }

    /// Tenths of the unit.
    #[must_use]
    pub fn tenths() -> Self {
        Self::Ticks { scale: Ratio { numerator: 1, denominator: 10 }, offset: 0.0 }
    }

    /// The decimals that its values deserve.
    #[must_use]
    pub fn decimals(self) -> usize {
        match self {
            Self::Ticks { scale, .. } if scale.as_f64() >= 1.0 => 0,
            Self::Ticks { scale, .. } if scale.as_f64() <= 0.02 => 2,
            Self::Ticks { .. } | Self::Float => 1,
        }
    }
}

/// Numbers of one device that are always read together and share their time stamps.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct SampleGroup {
    /// The device.
    pub device: DeviceIx,
    /// Its points, in the order of each row's values; never empty.
    pub points: Vec<PointIx>,
}

/// One moment of one group.
#[derive(Clone, Debug, PartialEq)]
pub struct SampleRow {
    /// Index into the list of groups that history was opened with.
    pub group: usize,
    /// When the answer arrived.
    pub time: Wall,
    /// As many as the group has points: the number, or why there is none.
    pub values: Vec<Result<f64, Quality>>,
}

/// A state (flag, word, text) that changed, or its hourly repetition.
#[derive(Clone, Debug, PartialEq)]
pub struct StateChange {
    /// The point.
    pub point: PointRef,
    /// When.
    pub time: Wall,
    /// The new state, or why there is none.
    pub value: Result<Value, Quality>,
}
