//! The third tile: the hottest and the coldest inlet.

use super::{Arg, Live, Phrase, Sensor, Tile, sensors};
use crate::model::Class;

/// The tile.
pub(super) fn tile(live: &Live<'_>) -> Tile {
    let sensors = sensors(live);
    let outside = sensors.iter().any(Sensor::is_outside);
    let place = |key, sensor: &Sensor| {
        let phrase = Phrase::new(key).with("name", Arg::Name(live.name(sensor.device).to_owned()));
        phrase.with("celsius", Arg::Number(sensor.celsius.unwrap_or_default(), 1))
    };
    let known = || sensors.iter().filter(|sensor| sensor.celsius.is_ok());
    let mut tile = match (hottest(&sensors), sensors.is_empty()) {
        (Some(hottest), _) => Tile::new("inlets", place("inlets-hottest", hottest)),
        (None, true) => Tile::new("inlets", Phrase::new("inlets-none")),
        (None, false) => Tile::new("inlets", Phrase { unknown: true, ..Phrase::new("inlets-not-known") }),
    };
    let coldest = known().min_by(|a, b| compare(a, b));
    tile = tile.more(coldest.map(|coldest| place("inlets-coldest", coldest)));
    tile = tile.more(dew_point(live)).priority(outside.then_some(2));
    let missing = sensors.len() - known().count();
    match sensors.iter().find(|sensor| sensor.celsius.is_err()) {
        Some(only) if missing == 1 => tile.more(live.why_not(only.device, "temperature")),
        Some(_) => tile.more(Phrase {
            unknown: true,
            ..Phrase::new("inlets-missing").with("count", Arg::Count(missing))
        }),
        None => tile,
    }
}

/// The hottest of the sensors that tell.
pub(in crate::web) fn hottest(sensors: &[Sensor]) -> Option<&Sensor> {
    sensors.iter().filter(|sensor| sensor.celsius.is_ok()).max_by(|a, b| compare(a, b))
}

fn compare(a: &Sensor, b: &Sensor) -> std::cmp::Ordering {
    a.celsius.unwrap_or_default().total_cmp(&b.celsius.unwrap_or_default())
}

/// The highest dew point that any sensor tells.
fn dew_point(live: &Live<'_>) -> Option<Phrase> {
    let told = live.of(Class::Climate).filter_map(|(ix, _)| live.number(ix, "dew-point"));
    let highest = told.max_by(f64::total_cmp)?;
    Some(Phrase::new("inlets-dew-point").with("celsius", Arg::Number(highest, 1)))
}
