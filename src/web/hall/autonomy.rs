//! The second tile: how long the hall would live without mains.

use super::{Arg, Live, Phrase, Tile};
use crate::model::Class;

/// Without a figure of its own: a battery below this, %, is said to be low (NUT's usual `battery.charge.low`).
const LOW_CHARGE: f64 = 20.0;

/// The tile: the UPS that would end first, and the fuel.
pub(super) fn tile(live: &Live<'_>) -> Tile {
    let mut first = None;
    let mut tile = Tile::new("autonomy", Phrase::new("autonomy-no-ups"));
    for (ix, device) in live.of(Class::Ups) {
        match live.span(ix, "battery.runtime") {
            Some(span) if first.is_none_or(|(least, _)| span < least) => first = Some((span, ix)),
            Some(_) => {}
            None => tile = tile.more(live.why_not(ix, "battery.runtime")),
        }
        if live.number(ix, "battery.charge").is_some_and(|charge| charge < LOW_CHARGE) {
            let low = Phrase::new("autonomy-low").with("name", Arg::Name(device.name.clone()));
            tile = tile.more(low.clone()).raise(2, low);
        }
    }
    if let Some((span, ix)) = first {
        tile.big = Phrase::new("autonomy-span").with("span", Arg::Span(span));
        tile.small = Some(Phrase::new("autonomy-ups"));
        let details = live.load(ix).zip(live.number(ix, "battery.charge"));
        let name = Arg::Name(live.name(ix).to_owned());
        let words = details.map(|(load, charge)| {
            let words = Phrase::new("autonomy-at-load").with("name", name).with("load", Arg::Number(load, 0));
            words.with("charge", Arg::Number(charge, 0))
        });
        tile.more.splice(0..0, words);
    } else if live.of(Class::Ups).next().is_some() {
        tile.big = Phrase { unknown: true, ..Phrase::new("autonomy-not-known") };
    }
    live.of(Class::Generator).fold(tile, |tile, (ix, device)| {
        let named = |key| Phrase::new(key).with("name", Arg::Name(device.name.clone()));
        tile.more(match live.number(ix, "fuel.level") {
            Some(level) => named("autonomy-fuel").with("level", Arg::Number(level, 0)),
            None => live.why_not(ix, "fuel.level"),
        })
    })
}
