//! What is in the messages.

use serde::{Serialize, Serializer, ser::SerializeMap};

use crate::model::{DeviceInfo, DeviceState, Reading, Value, Wall};

#[derive(Serialize)]
struct StateMessage<'s> {
    time: String,
    #[serde(skip_serializing_if = "std::ops::Not::not")]
    simulated: bool,
    points: Points<'s>,
}

/// Every point under its name, in the device's order.
struct Points<'s>(&'s DeviceInfo, &'s DeviceState);

#[derive(Serialize)]
struct PointMessage<'s> {
    value: Option<ValueMessage<'s>>,
    unit: Option<&'static str>,
    quality: &'static str,
    time: Option<String>,
}

#[derive(Serialize)]
#[serde(untagged)]
enum ValueMessage<'s> {
    Number(f64),
    Flag(bool),
    Word(&'s str),
}

/// A device's state: every point with value, unit, quality and the time its answer arrived.
pub(super) fn state(info: &DeviceInfo, state: &DeviceState, time: Wall, simulated: bool) -> Vec<u8> {
    let message = StateMessage { time: time.rfc3339(), simulated, points: Points(info, state) };
    // Only maps with odd keys cannot be written, and these are texts.
    serde_json::to_vec(&message).unwrap_or_default()
}

impl Serialize for Points<'_> {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        let mut points = serializer.serialize_map(Some(self.1.readings.len()))?;
        // Points of one answer share their time: it is written once.
        let mut last = None;
        for ((_, point), reading) in self.0.iter().zip(&self.1.readings) {
            if last.as_ref().map(|(time, _)| *time) != reading.time() {
                last = reading.time().map(|time| (time, time.rfc3339()));
            }
            let time = last.as_ref().map(|(_, text)| text.clone());
            let unit = point.unit.map(|unit| unit.symbol());
            points.serialize_entry(point.name.as_str(), &PointMessage::new(reading, unit, time))?;
        }
        points.end()
    }
}

impl<'s> PointMessage<'s> {
    fn new(reading: &'s Reading, unit: Option<&'static str>, time: Option<String>) -> Self {
        let value = reading.value().map(|value| match value {
            Value::Number(number) => ValueMessage::Number(*number),
            Value::Flag(flag) => ValueMessage::Flag(*flag),
            Value::Word(word) | Value::Text(word) => ValueMessage::Word(word),
        });
        Self { value, unit, quality: reading.quality().as_str(), time }
    }
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;
    use crate::{logic::decode::tests::device, model::Quality};

    #[test]
    fn a_value_that_is_neither_good_nor_stale_is_null() {
        let point = |n: u16| format!("area = \"holding\"\naddress = {n}\ntype = \"u16\"\nunit = \"V\"");
        let (_, info) = device(&[point(0), point(1)]);
        let time = Wall(1_795_392_000_000_000);
        let readings =
            vec![Reading::good(Value::Number(230.5), time), Reading::missing(Quality::Timeout, time)];
        let message = state(&info, &DeviceState { readings, ..DeviceState::default() }, time, false);
        let message: serde_json::Value = serde_json::from_slice(&message).unwrap();
        let at = "2026-11-23T00:00:00.000Z";
        let expected = json!({ "time": at, "points": {
            "p0": { "value": 230.5, "unit": "V", "quality": "good", "time": at },
            "p1": { "value": null, "unit": "V", "quality": "timeout", "time": at },
        }});
        assert_eq!(message, expected);
    }
}
