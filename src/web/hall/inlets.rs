//! The third tile: the hottest and the coldest sensor of the rooms that are cooled.

use super::{Arg, Live, Phrase, Sensor, Tile, sensors};
use crate::model::Class;

/// The tile.
pub(super) fn tile(live: &Live<'_>) -> Tile {
    let sensors: Vec<_> = sensors(live).into_iter().filter(|sensor| sensor.cooled).collect();
    let outside = sensors.iter().any(Sensor::is_outside);
    let known: Vec<_> = sensors.iter().filter(|sensor| sensor.celsius.is_ok()).collect();
    let celsius = |sensor: &Sensor| Arg::Number(sensor.celsius.unwrap_or_default(), 1);
    let named =
        |key, sensor: &Sensor| Phrase::new(key).with("name", Arg::Name(live.name(sensor.device).to_owned()));
    let mut tile = match (hottest(&sensors), sensors.is_empty()) {
        (Some(hottest), _) => {
            let tile = Tile::new("inlets", Phrase::new("inlets-celsius").with("celsius", celsius(hottest)));
            tile.small(named("inlets-hottest", hottest))
        }
        (None, true) => Tile::new("inlets", Phrase::new("inlets-none")),
        (None, false) => Tile::new("inlets", Phrase { unknown: true, ..Phrase::new("inlets-not-known") }),
    };
    let coldest = known.iter().min_by(|a, b| compare(a, b));
    tile =
        tile.more(coldest.map(|coldest| named("inlets-coldest", coldest).with("celsius", celsius(coldest))));
    tile = tile.more(dew_point(live)).priority(outside.then_some(2));
    let missing = sensors.len() - known.len();
    match sensors.iter().find(|sensor| sensor.celsius.is_err()) {
        Some(only) if missing == 1 => tile.more(live.why_not(only.device, "temperature")),
        Some(_) => {
            let phrase = Phrase::new("inlets-missing").with("count", Arg::Count(missing));
            tile.more(Phrase { unknown: true, ..phrase })
        }
        None => tile,
    }
}

/// The hottest of the sensors in cooled rooms that tell.
pub(in crate::web) fn hottest(sensors: &[Sensor]) -> Option<&Sensor> {
    sensors.iter().filter(|sensor| sensor.cooled && sensor.celsius.is_ok()).max_by(|a, b| compare(a, b))
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
