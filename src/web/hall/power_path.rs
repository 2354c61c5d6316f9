//! The first tile: what carries the load, and whether the hall could lose a source without noticing.

use hallward_site::FeedNode;

use super::{
    Arg, Live, Phrase, Tile,
    power::{Energy, Flow, device_of},
};
use crate::model::Class;

/// The tile.
pub(super) fn tile(live: &Live<'_>) -> Tile {
    let flow = Flow::new(live);
    let (redundancy, lost) = redundancy(live, &flow);
    let mut tile = path(live, &flow);
    if let Some(lost) = lost_sources(live, &flow) {
        tile = tile.more(lost.clone()).raise(2, lost);
    }
    tile = tile.more(redundancy);
    tile = tile.priority(lost.then_some(3));
    if let Some(percent) = survivor(live) {
        let overloaded = percent > 100.0;
        let key = if overloaded { "path-survivor-overloaded" } else { "path-survivor" };
        let phrase = Phrase::new(key).with("percent", Arg::Number(percent, 0));
        tile = tile.more(phrase.clone());
        if overloaded {
            tile = tile.raise(3, phrase);
        }
    }
    silent(live).into_iter().fold(tile, Tile::more)
}

/// What carries the load, in words.
fn path(live: &Live<'_>, flow: &Flow) -> Tile {
    let tile = |key| Tile::new("power", Phrase::new(key));
    let named = |key, names| Phrase::new(key).with("names", Arg::Names(names));
    let dead = flow.nodes.iter().filter(|(_, energy)| **energy == Energy::Dead);
    let dead = dead.filter(|(node, _)| matches!(node, FeedNode::Load(_)));
    let dead: Vec<_> = dead.map(|(node, _)| node_name(live, *node).to_owned()).collect();
    let (on_battery, bypassed) = (on(live, "on-battery"), on(live, "bypass"));
    let roots = roots(live, flow);
    if live.plant.site.feeds.is_empty() {
        tile("path-no-feeds")
    } else if !dead.is_empty() {
        let dead = named("path-dead", dead);
        tile("path-no-power").more(dead.clone()).raise(1, dead)
    } else if !on_battery.is_empty() {
        tile("path-battery").more(named("path-battery-of", on_battery)).priority(2)
    } else if !bypassed.is_empty() {
        tile("path-bypass").more(named("path-bypass-of", bypassed)).priority(2)
    } else if roots.iter().any(|root| device_of(*root).is_some()) {
        tile("path-generator").priority(2)
    } else if roots.is_empty() {
        Tile::new("power", Phrase { unknown: true, ..Phrase::new("path-not-known") })
    } else {
        tile("path-mains")
    }
}

/// "Mains lost".
fn lost_sources(live: &Live<'_>, flow: &Flow) -> Option<Phrase> {
    let dead = flow.nodes.iter().filter(|(_, energy)| **energy == Energy::Dead);
    let dead = dead.filter(|(node, _)| matches!(node, FeedNode::Source(_)));
    let names: Vec<_> = dead.map(|(node, _)| node_name(live, *node).to_owned()).collect();
    (!names.is_empty()).then(|| Phrase::new("path-lost").with("names", Arg::Names(names)))
}

fn on(live: &Live<'_>, status: &str) -> Vec<String> {
    let upses = live.of(Class::Ups).filter(|(ix, _)| live.word(*ix, "ups.status") == Some(status));
    upses.map(|(_, device)| device.name.clone()).collect()
}

/// The transfer switches and UPSs that do not tell their state.
fn silent(live: &Live<'_>) -> Vec<Phrase> {
    let mut phrases = Vec::new();
    for (class, point) in [(Class::Ats, "position"), (Class::Ups, "ups.status")] {
        let silent = live.of(class).filter(|(ix, _)| live.word(*ix, point).is_none());
        phrases.extend(silent.map(|(ix, _)| live.why_not(ix, point)));
    }
    phrases
}

/// The sources from which power runs to the loads.
fn roots(live: &Live<'_>, flow: &Flow) -> Vec<FeedNode> {
    let feeds = &live.plant.site.feeds;
    let is_end = |node: FeedNode| !feeds.iter().any(|feed| feed.from == node);
    let mut reached: Vec<FeedNode> = feeds.iter().map(|feed| feed.to).filter(|node| is_end(*node)).collect();
    let (mut roots, mut next) = (Vec::new(), 0);
    while let Some(node) = reached.get(next).copied() {
        next += 1;
        let ways = feeds
            .iter()
            .zip(&flow.feeds)
            .filter(|(feed, energy)| feed.to == node && **energy == Energy::Live);
        for (feed, _) in ways {
            if !reached.contains(&feed.from) {
                reached.push(feed.from);
            }
        }
        let is_root = !feeds.iter().any(|feed| feed.to == node);
        if is_root && flow.nodes.get(&node) == Some(&Energy::Live) {
            roots.push(node);
        }
    }
    roots
}

/// "2 of 2 sources", and whether one is lost. A generator counts while it stands ready or runs.
fn redundancy(live: &Live<'_>, flow: &Flow) -> (Option<Phrase>, bool) {
    let feeds = &live.plant.site.feeds;
    let roots = flow.nodes.keys().filter(|node| !feeds.iter().any(|feed| feed.to == **node));
    let usable: Vec<Option<bool>> = roots.map(|root| is_usable(live, flow, *root)).collect();
    if usable.is_empty() {
        return (None, false);
    }
    let count = |wanted| usable.iter().filter(|usable| **usable == wanted).count();
    let (yes, no, unknown) = (count(Some(true)), count(Some(false)), count(None));
    let key = if unknown > 0 { "path-sources-unknown" } else { "path-sources" };
    let mut phrase = Phrase::new(key).with("usable", Arg::Count(yes)).with("all", Arg::Count(usable.len()));
    if unknown > 0 {
        phrase = phrase.with("unknown", Arg::Count(unknown));
    }
    (Some(phrase), no > 0)
}

fn is_usable(live: &Live<'_>, flow: &Flow, root: FeedNode) -> Option<bool> {
    let energy = flow.nodes.get(&root).copied().unwrap_or(Energy::Unknown);
    match (device_of(root), energy) {
        (_, Energy::Live) => Some(true),
        (None, Energy::Dead) => Some(false),
        (None, Energy::Unknown) => None,
        (Some(device), _) => {
            let state = live.word(device, "engine.state")?;
            let mode = live.word(device, "control.mode")?;
            Some(state != "fault" && mode == "auto")
        }
    }
}

/// What the busier of two UPSs would carry alone, %, from measured power and load.
fn survivor(live: &Live<'_>) -> Option<f64> {
    let upses: Vec<_> = live.of(Class::Ups).map(|(ix, _)| ix).collect();
    let [a, b] = upses.as_slice() else { return None };
    let power = |ix| live.number(ix, "output.power");
    let all = power(*a)? + power(*b)?;
    let alone = |ix| {
        let load = live.load(ix).filter(|load| *load >= 5.0)?;
        Some(all / power(ix)? * load)
    };
    Some(alone(*a)?.max(alone(*b)?))
}

fn node_name<'s>(live: &Live<'s>, node: FeedNode) -> &'s str {
    let site = &live.plant.site;
    match node {
        FeedNode::Source(n) => site.sources.get(n).map_or("", |source| &source.name),
        FeedNode::Device(n) => site.devices.get(n).map_or("", |device| &device.name),
        FeedNode::Load(n) => site.loads.get(n).map_or("", |load| &load.name),
    }
}
