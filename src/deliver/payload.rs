//! What is in the messages.

use serde_json::{Map, Value as Json, json};

use crate::model::{DeviceInfo, DeviceState, Reading, Value, Wall};

/// A device's state: every point with value, unit, quality and the time its answer arrived.
pub(super) fn state(info: &DeviceInfo, state: &DeviceState, time: Wall, simulated: bool) -> Json {
    let mut points = Map::new();
    for ((_, point), reading) in info.iter().zip(&state.readings) {
        points.insert(point.name.to_string(), self::point(reading, point.unit.map(|unit| unit.symbol())));
    }
    let mut message = json!({ "time": time.rfc3339(), "points": points });
    if let (true, Some(object)) = (simulated, message.as_object_mut()) {
        object.insert("simulated".to_owned(), Json::Bool(true));
    }
    message
}

fn point(reading: &Reading, unit: Option<&str>) -> Json {
    json!({
        "value": reading.value().map_or(Json::Null, Value::to_json),
        "unit": unit,
        "quality": reading.quality().as_str(),
        "time": reading.time().map(Wall::rfc3339),
    })
}

#[cfg(test)]
mod tests {
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
        let at = "2026-11-23T00:00:00.000Z";
        let expected = json!({ "time": at, "points": {
            "p0": { "value": 230.5, "unit": "V", "quality": "good", "time": at },
            "p1": { "value": null, "unit": "V", "quality": "timeout", "time": at },
        }});
        assert_eq!(message, expected);
    }
}
