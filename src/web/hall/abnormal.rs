//! What a person should look at: alarms that devices raise, states that are not the usual ones, silent devices.

use super::Live;
use crate::model::{DeviceIx, PointInfo, PointRef, Value};

/// The priority of a device that does not answer.
const SILENT: u8 = 3;

/// One thing.
#[derive(Clone, Debug, PartialEq)]
pub(in crate::web) struct Abnormal {
    /// 1 (most urgent) to 4.
    pub(in crate::web) priority: u8,
    /// Whose.
    pub(in crate::web) device: DeviceIx,
    /// The point that tells; `None`: the device does not answer.
    pub(in crate::web) point: Option<PointRef>,
}

/// Everything abnormal, most urgent first, then in the order of the site file.
pub(in crate::web) fn list(live: &Live<'_>) -> Vec<Abnormal> {
    let mut found = Vec::new();
    for (device, _, _) in live.plant.iter() {
        if live.online(device) == Some(false) {
            found.push(Abnormal { priority: SILENT, device, point: None });
            continue;
        }
        for (point, info, reading) in live.points(device) {
            if let Some(priority) = reading.fresh().and_then(|value| priority(info, value)) {
                found.push(Abnormal { priority, device, point: Some(point) });
            }
        }
    }
    found.sort_by_key(|abnormal| abnormal.priority);
    found
}

/// The priority of the most urgent thing about a device.
pub(in crate::web) fn of_device(list: &[Abnormal], device: DeviceIx) -> Option<u8> {
    list.iter().filter(|abnormal| abnormal.device == device).map(|abnormal| abnormal.priority).min()
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
