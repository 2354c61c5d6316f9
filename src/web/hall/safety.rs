//! The fifth tile: fire, water, and whether the devices answer at all.

use super::{Arg, Live, Phrase, Tile};
use crate::model::{Class, Quality, Value};

/// Points whose truth is an alarm, of which class, and the alarm's priority and words.
const ALARMS: [(Class, &str, u8, &str); 5] = [
    (Class::Fire, "fire.alarm", 1, "safety-fire"),
    (Class::Leak, "leak.alarm", 2, "safety-leak"),
    (Class::Fire, "isolated", 2, "safety-isolated"),
    (Class::Fire, "fire.fault", 3, "safety-fire-fault"),
    (Class::Leak, "cable.fault", 3, "safety-cable-fault"),
];

/// The tile.
pub(super) fn tile(live: &Live<'_>) -> Tile {
    let mut raised = Vec::new();
    let mut unknown = Vec::new();
    for (class, point, priority, key) in ALARMS {
        let mut names = Vec::new();
        for (ix, device) in live.of(class) {
            let Some(reading) = live.reading(ix, point) else { continue };
            // A fire does not end because the panel missed a poll.
            if reading.value().and_then(Value::flag) == Some(true) {
                names.push(device.name.clone());
            }
            if reading.quality() != Quality::Good && priority <= 2 {
                unknown.push(Phrase::not_known(&device.name, reading.quality()));
            }
        }
        if !names.is_empty() {
            raised.push((priority, Phrase::new(key), names));
        }
    }
    unknown.dedup();
    let big = match raised.first() {
        Some((_, phrase, _)) => phrase.clone(),
        None if !unknown.is_empty() => Phrase { unknown: true, ..Phrase::new("safety-not-known") },
        None if watched(live) => Phrase::new("safety-clear"),
        None => Phrase::new("safety-none"),
    };
    let mut tile = Tile::new("safety", big);
    for (n, (priority, phrase, names)) in raised.into_iter().enumerate() {
        tile = tile.more((n > 0).then_some(phrase)).priority(priority);
        tile = tile.more(Phrase::new("safety-where").with("names", Arg::Names(names)));
    }
    unknown.into_iter().fold(tile, Tile::more).more(answering(live))
}

fn watched(live: &Live<'_>) -> bool {
    live.of(Class::Fire).chain(live.of(Class::Leak)).next().is_some()
}

/// "24 of 25 devices answer".
fn answering(live: &Live<'_>) -> Phrase {
    let all = live.plant.site.devices.len();
    let answers = |ix| live.online(ix) == Some(true) && !live.is_wrong(ix);
    let answer = live.plant.iter().filter(|(ix, _, _)| answers(*ix)).count();
    let phrase =
        Phrase::new("safety-answering").with("answer", Arg::Count(answer)).with("all", Arg::Count(all));
    Phrase { unknown: answer < all, ..phrase }
}
