//! The fourth tile: how many cooling units the hall could lose.

use super::{Arg, Live, Phrase, Tile};
use crate::model::{Class, DeviceIx};

/// The tile. N is how many units the heat needs: by the duty that the running ones tell, else all that run.
/// What is beyond N and can run is the reserve; a unit that does not answer is not counted.
pub(super) fn tile(live: &Live<'_>) -> Tile {
    let units: Vec<_> = live.of(Class::Cooling).map(|(ix, _)| ix).collect();
    if units.is_empty() {
        return Tile::new("cooling", Phrase::new("cooling-none"));
    }
    let in_state = |state: &str| {
        units.iter().copied().filter(|ix| live.word(*ix, "unit.state") == Some(state)).collect::<Vec<_>>()
    };
    let (running, standby, failed) = (in_state("on"), in_state("standby"), in_state("fault"));
    let silent: Vec<_> = units.iter().filter(|ix| live.word(**ix, "unit.state").is_none()).collect();
    if silent.len() == units.len() {
        let tile = Tile::new("cooling", Phrase { unknown: true, ..Phrase::new("cooling-not-known") });
        return silent.iter().fold(tile, |tile, ix| tile.more(live.why_not(**ix, "unit.state")));
    }
    let needed = needed(live, &running);
    let reserve = (running.len() + standby.len()).saturating_sub(needed);
    let mut tile = match (running.len(), reserve) {
        (0, _) if silent.is_empty() => Tile::new("cooling", Phrase::new("cooling-stopped")).priority(1),
        (0, _) => Tile::new("cooling", Phrase { unknown: true, ..Phrase::new("cooling-not-known") }),
        (_, 0) => Tile::new("cooling", Phrase::new("cooling-no-reserve")).priority(3),
        (_, reserve) => {
            Tile::new("cooling", Phrase::new("cooling-reserve").with("reserve", Arg::Count(reserve)))
        }
    };
    let counts = Phrase::new("cooling-counts").with("running", Arg::Count(running.len()));
    tile = tile.more(counts.with("standby", Arg::Count(standby.len())));
    if !failed.is_empty() {
        let names = failed.iter().map(|ix| live.name(*ix).to_owned()).collect();
        tile = tile.more(Phrase::new("cooling-failed").with("names", Arg::Names(names))).priority(2);
    }
    tile = tile.more(temperatures(live, &running));
    silent.iter().fold(tile, |tile, ix| tile.more(live.why_not(**ix, "unit.state")))
}

/// Units that the heat needs; at least one.
fn needed(live: &Live<'_>, running: &[DeviceIx]) -> usize {
    let duties: Option<Vec<f64>> = running.iter().map(|ix| live.number(*ix, "cooling.duty")).collect();
    let by_duty = duties.map(|duties| {
        let percent: f64 = duties.iter().sum();
        (1..=running.len()).find(|units| percent <= 100.0 * f64::from(u32::try_from(*units).unwrap_or(1)))
    });
    by_duty.flatten().unwrap_or(running.len()).max(1)
}

/// The coldest supply and the hottest return air of the units that run.
fn temperatures(live: &Live<'_>, running: &[DeviceIx]) -> Option<Phrase> {
    let told = |point| running.iter().filter_map(move |ix| live.number(*ix, point));
    let supply = told("supply.temperature").min_by(f64::total_cmp);
    let back = told("return.temperature").max_by(f64::total_cmp);
    let number = |celsius| Arg::Number(celsius, 1);
    match (supply, back) {
        (Some(supply), Some(back)) => {
            Some(Phrase::new("cooling-air").with("supply", number(supply)).with("return", number(back)))
        }
        (Some(supply), None) => Some(Phrase::new("cooling-supply").with("supply", number(supply))),
        (None, Some(back)) => Some(Phrase::new("cooling-return").with("return", number(back))),
        (None, None) => None,
    }
}
