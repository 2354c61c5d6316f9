//! Where power flows: from what transfer switches, UPSs, generators and meters tell, along the site's feeds.
//!
//! A node is live, dead or unknown; unknown stays unknown downstream unless a meter there tells otherwise.

use std::collections::BTreeMap;

use hallward_site::{Feed, FeedNode};

use super::Live;
use crate::model::{Class, DeviceIx};

/// Whether a node or feed carries power.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(in crate::web) enum Energy {
    /// Yes.
    Live,
    /// No.
    Dead,
    /// Nobody tells.
    Unknown,
}

/// The whole power path.
pub(in crate::web) struct Flow {
    /// Of each node that a feed names: whether its output is live.
    pub(in crate::web) nodes: BTreeMap<FeedNode, Energy>,
    /// Of each feed of the site: whether power runs over it.
    pub(in crate::web) feeds: Vec<Energy>,
}

impl Energy {
    fn of(live: Option<bool>) -> Self {
        match live {
            Some(true) => Self::Live,
            Some(false) => Self::Dead,
            None => Self::Unknown,
        }
    }

    /// Of several ways in: one live is enough.
    fn any(ways: impl Iterator<Item = Self>) -> Self {
        let ways: Vec<_> = ways.collect();
        if ways.contains(&Self::Live) {
            Self::Live
        } else if ways.is_empty() || ways.contains(&Self::Unknown) {
            Self::Unknown
        } else {
            Self::Dead
        }
    }
}

/// The device of a node, if it is one.
pub(in crate::web) fn device_of(node: FeedNode) -> Option<DeviceIx> {
    match node {
        FeedNode::Device(n) => u16::try_from(n).ok().map(DeviceIx),
        FeedNode::Source(_) | FeedNode::Load(_) => None,
    }
}

impl Flow {
    /// The flow at this moment.
    pub(in crate::web) fn new(live: &Live<'_>) -> Self {
        let mut flow = Self { nodes: BTreeMap::new(), feeds: Vec::new() };
        let feeds = &live.plant.site.feeds;
        for feed in feeds {
            flow.output(live, feed.from);
            flow.output(live, feed.to);
        }
        flow.feeds = feeds.iter().map(|feed| flow.carries(live, feed)).collect();
        flow
    }

    /// Whether the output of `node` is live; the feeds have no circles, so this ends.
    fn output(&mut self, live: &Live<'_>, node: FeedNode) -> Energy {
        if let Some(known) = self.nodes.get(&node) {
            return *known;
        }
        let energy = match (node, device_of(node)) {
            (FeedNode::Source(_), _) => Energy::of(seen_by_consumers(live, node)),
            (_, Some(device)) => self.device_output(live, node, device),
            (_, None) => self.input(live, node),
        };
        self.nodes.insert(node, energy);
        energy
    }

    fn device_output(&mut self, live: &Live<'_>, node: FeedNode, device: DeviceIx) -> Energy {
        match class(live, device) {
            Some(Class::Generator) => {
                let running = live.word(device, "engine.state").map(|state| state == "running");
                Energy::of(seen_by_consumers(live, node).or(running))
            }
            Some(Class::Ats) => match live.word(device, "position") {
                Some("open") => Energy::Dead,
                Some(position) => self.way(live, node, position),
                None => Energy::Unknown,
            },
            Some(Class::Ups) => match live.word(device, "ups.status") {
                Some("online" | "on-battery") => Energy::Live,
                Some("bypass") => self.input(live, node),
                Some("off") => Energy::Dead,
                Some(_) | None => Energy::of(live.is_energised(device, "output.voltage")),
            },
            Some(Class::Meter) => match live.is_energised(device, "voltage") {
                Some(energised) => Energy::of(Some(energised)),
                None => self.input(live, node),
            },
            _ => self.input(live, node),
        }
    }

    /// What arrives at a transfer switch on the way that it is on.
    fn way(&mut self, live: &Live<'_>, switch: FeedNode, position: &str) -> Energy {
        let number = position.parse::<u8>().ok();
        let feed = live.plant.site.feeds.iter().find(|feed| feed.to == switch && feed.input == number);
        feed.map_or(Energy::Unknown, |feed| self.output(live, feed.from))
    }

    fn input(&mut self, live: &Live<'_>, node: FeedNode) -> Energy {
        let feeds = live.plant.site.feeds.iter().filter(|feed| feed.to == node);
        let ways: Vec<_> = feeds.map(|feed| self.output(live, feed.from)).collect();
        Energy::any(ways.into_iter())
    }

    fn carries(&self, live: &Live<'_>, feed: &Feed) -> Energy {
        let from = self.nodes.get(&feed.from).copied().unwrap_or(Energy::Unknown);
        let taken = device_of(feed.to).map_or(Some(true), |device| takes(live, device, feed));
        match (from, taken) {
            (Energy::Dead, _) | (_, Some(false)) => Energy::Dead,
            (Energy::Unknown, _) | (_, None) => Energy::Unknown,
            (Energy::Live, Some(true)) => Energy::Live,
        }
    }
}

fn class(live: &Live<'_>, device: DeviceIx) -> Option<Class> {
    live.plant.device(device).map(|(device, _)| device.profile.class)
}

/// Whether the device draws from this feed.
fn takes(live: &Live<'_>, device: DeviceIx, feed: &Feed) -> Option<bool> {
    match class(live, device)? {
        Class::Ats => {
            let position = live.word(device, "position")?;
            Some(feed.input.is_none_or(|input| position == input.to_string()))
        }
        Class::Ups => {
            let status = live.word(device, "ups.status")?;
            Some(!matches!(status, "on-battery" | "off"))
        }
        _ => Some(true),
    }
}

/// Whether a source is live, by those that it feeds.
fn seen_by_consumers(live: &Live<'_>, source: FeedNode) -> Option<bool> {
    let feeds = live.plant.site.feeds.iter().filter(|feed| feed.from == source);
    feeds.into_iter().find_map(|feed| {
        let device = device_of(feed.to)?;
        match class(live, device)? {
            Class::Ats => live.flag(device, &format!("source.{}.available", feed.input?)),
            Class::Ups => match live.word(device, "ups.status") {
                Some("online" | "bypass") => Some(true),
                Some("on-battery") => Some(false),
                Some(_) | None => live.is_energised(device, "input.voltage"),
            },
            Class::Meter => live.is_energised(device, "voltage"),
            _ => None,
        }
    })
}
