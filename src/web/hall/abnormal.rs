//! What a person should look at: alarms that devices raise, states that are not the usual ones, silent devices and
//! wrong ones.

use super::{Live, Phrase, Sensor, sensors, tiles};
use crate::model::{DeviceIx, PointInfo, PointRef, Value};

/// The priority of a device that does not answer.
const SILENT: u8 = 3;

/// The priority of another device in a device's place: all that is wired to it goes unwatched, and it will not pass
/// by itself.
pub(in crate::web) const WRONG: u8 = 2;

/// The priority of a cooled room's temperature outside the band.
pub(super) const OUTSIDE: u8 = 2;

/// One thing.
#[derive(Clone, Debug, PartialEq)]
pub(in crate::web) struct Abnormal {
    /// 1 (most urgent) to 4.
    pub(in crate::web) priority: u8,
    /// What it is.
    pub(in crate::web) what: What,
}

/// What is abnormal.
#[derive(Clone, Debug, PartialEq)]
pub(in crate::web) enum What {
    /// A point's value.
    Point(PointRef),
    /// Another device answers in its place.
    Wrong(DeviceIx),
    /// A device that does not answer.
    Silent(DeviceIx),
    /// What a tile says of the hall as a whole; its name.
    Hall(&'static str, Phrase),
}

/// Everything abnormal, most urgent first; then the hall as a whole, then devices in the order of the site file.
pub(in crate::web) fn list(live: &Live<'_>) -> Vec<Abnormal> {
    let mut found = Vec::new();
    for tile in tiles(live) {
        let raised = tile.raised.into_iter();
        found.extend(raised.map(|(priority, said)| Abnormal { priority, what: What::Hall(tile.name, said) }));
    }
    for (device, _, _) in live.plant.iter() {
        if live.is_wrong(device) {
            found.push(Abnormal { priority: WRONG, what: What::Wrong(device) });
            continue;
        }
        if live.online(device) == Some(false) {
            found.push(Abnormal { priority: SILENT, what: What::Silent(device) });
            continue;
        }
        for (point, info, reading) in live.points(device) {
            // An alarm does not end because its device missed a poll: what was last told stands until it is told anew.
            if let Some(priority) = reading.value().and_then(|value| priority(info, value)) {
                found.push(Abnormal { priority, what: What::Point(point) });
            }
        }
    }
    let outside = sensors(live).into_iter().filter(Sensor::is_outside);
    found.extend(outside.map(|sensor| Abnormal { priority: OUTSIDE, what: What::Point(sensor.point) }));
    found.sort_by_key(|abnormal| abnormal.priority);
    found
}

/// The priority of the most urgent thing about a device.
pub(in crate::web) fn of_device(list: &[Abnormal], device: DeviceIx) -> Option<u8> {
    let is_about = |abnormal: &&Abnormal| match abnormal.what {
        What::Point(point) => point.device == device,
        What::Wrong(other) | What::Silent(other) => other == device,
        What::Hall(..) => false,
    };
    list.iter().filter(is_about).map(|abnormal| abnormal.priority).min()
}

/// The priority of a value, if it is abnormal: the profile's own, else by name and word.
pub(in crate::web) fn priority(info: &PointInfo, value: &Value) -> Option<u8> {
    let name = info.name.as_str();
    match value {
        Value::Flag(true) => info.priority.or(match name {
            "fire.alarm" => Some(1),
            "leak.alarm" | "isolated" => Some(2),
            _ if name.starts_with("zone.") => Some(1),
            _ if name.starts_with("alarm.") || name.ends_with(".alarm") || name.ends_with(".fault") => {
                Some(3)
            }
            _ => None,
        }),
        Value::Word(word) => match (name, word.as_ref()) {
            (_, "fault") => Some(2),
            ("ups.status", "on-battery" | "off" | "bypass") => Some(2),
            ("position", "open") => Some(2),
            ("control.mode", "manual" | "off") => Some(3),
            ("battery.status", "low") => Some(2),
            ("suppression.state", "pre-discharge" | "discharged") => Some(1),
            ("suppression.state", "isolated" | "aborted") => Some(2),
            _ => None,
        },
        Value::Flag(false) | Value::Number(_) | Value::Text(_) => None,
    }
}
