//! What faults make of a device's registers: values that freeze, wander, jump, are missing, and devices that have begun
//! anew.
//!
//! Who calls it: `hall`, between the right registers and the answer. It works on registers, where a spoilt device has
//! its wrong values too, by the points of its map; physics and the truth know nothing of it.

pub(crate) mod clock;
mod point;

use hallward_profiles::{Map, Point, Unit};
use hallward_site::Device;

use crate::{
    encode::{self, Image, Values},
    faults::{FaultKind, Spike, Strike},
};

/// What a device counts by itself, besides energy and hours.
const COUNTERS: [&str; 3] = ["transfers", "engine.starts", "device.uptime"];

/// A device that has begun anew while the hall went on.
#[derive(Clone, Debug)]
pub(crate) struct Restart {
    /// The right registers when it did.
    pub(crate) then: Image,
    /// Those at the hall's start.
    pub(crate) first: Image,
}

impl Restart {
    /// Has the device count on from where it stood at the hall's start, but for what it tells by order.
    pub(crate) fn recount(&self, image: &mut Image, map: &Map, ordered: &Values) {
        let counts = |point: &&Point| is_counter(point) && !ordered.contains_key(&point.name);
        for point in map.points.iter().filter(counts) {
            let counted = |image| encode::number(image, map, point);
            if let (Some(then), Some(first)) = (counted(&self.then), counted(&self.first)) {
                encode::change(image, map, point, |number| first + (number - then).max(0.0));
            }
        }
    }
}

fn is_counter(point: &Point) -> bool {
    let energy = matches!(point.unit, Some(Unit::KilowattHour | Unit::KilovarHour));
    let hours = point.unit == Some(Unit::Hour) && point.name.as_str().ends_with("hours");
    point.is_read() && point.is_number() && (energy || hours || COUNTERS.contains(&point.name.as_str()))
}

/// Does to `image` what the faults that strike do.
pub(crate) fn spoil(image: &mut Image, device: &Device, strikes: &[Strike]) {
    let right = image.clone();
    for strike in strikes {
        let point = strike.point.and_then(|n| device.map.points.get(n));
        match (strike.kind, point) {
            (FaultKind::Identity, _) => {
                if let Some(identity) = &device.profile.identity {
                    encode::mistake(image, &device.map, identity);
                }
            }
            (FaultKind::ClockWrong { seconds }, _) => clock::put_wrong(image, &device.map, seconds),
            (FaultKind::Drift { per_hour }, Some(point)) => {
                let hours = strike.since.as_secs_f64() / 3600.0;
                encode::change(image, &device.map, point, |number| number + per_hour * hours);
            }
            (FaultKind::Spike(Spike::Value(value)), Some(point)) => {
                encode::change(image, &device.map, point, |_| value);
            }
            (FaultKind::Spike(Spike::Factor(factor)), Some(point)) => {
                encode::change(image, &device.map, point, |number| number * factor);
            }
            (FaultKind::StuckBit { bit, on }, Some(point)) => point::stick(image, point, bit, on),
            (FaultKind::Sentinel, Some(point)) => point::put_sentinel(image, point),
            (FaultKind::Frozen, Some(point)) => {
                let kept = strike.kept.get_or_init(|| right.clone());
                point::copy(kept, image, point);
            }
            (FaultKind::Frozen, None) => image.clone_from(strike.kept.get_or_init(|| right.clone())),
            _ => {}
        }
    }
}
