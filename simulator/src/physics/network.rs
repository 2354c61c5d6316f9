//! Who feeds whom, and how much flows: voltage goes down the feeds, power comes up.
//!
//! Equations: a node's incoming supply is that of the first of its feeders that is live (of a transfer switch: of
//! the one selected); its draw is shared evenly by the feeders that are live; what it puts out is the sum of its
//! consumers' shares. Loss in cables is left out.
//!
//! What an element makes of incoming supply and draw is [`Elements`]' to say.

use std::collections::BTreeMap;

use hallward_profiles::Class;
use hallward_site::{FeedNode, Site};

use super::mains::{NOMINAL_HERTZ, NOMINAL_VOLTS};

/// Voltage at a point of the network.
#[derive(Clone, Copy, Debug, PartialEq)]
pub(super) struct Supply {
    /// Between phase and neutral, V.
    pub(super) volts: f64,
    /// Hz.
    pub(super) hertz: f64,
}

/// What someone takes for a good supply.
#[derive(Clone, Copy, Debug, PartialEq)]
pub(super) struct Window {
    /// Share of the nominal voltage.
    pub(super) voltage: (f64, f64),
    /// Share of the nominal frequency.
    pub(super) frequency: (f64, f64),
}

impl Window {
    /// Whether `supply` is good. Who has found it bad (`was_good` is false) waits until it is inside by `back`, so that
    /// a supply at the edge is not taken and left all the time.
    pub(super) fn takes(self, supply: Supply, was_good: bool, back: f64) -> bool {
        let back = if was_good { 0.0 } else { back };
        let within = |share: f64, (low, high): (f64, f64)| (low + back..=high - back).contains(&share);
        within(supply.volts / NOMINAL_VOLTS, self.voltage)
            && within(supply.hertz / NOMINAL_HERTZ, self.frequency)
    }
}

/// What flows through one node.
#[derive(Clone, Copy, Debug, Default, PartialEq)]
pub(super) struct Flow {
    /// What arrives.
    pub(super) incoming: Option<Supply>,
    /// What it passes on.
    pub(super) outgoing: Option<Supply>,
    /// Power drawn from its feeders, W.
    pub(super) in_w: f64,
    /// Power drawn by its consumers, W.
    pub(super) out_w: f64,
}

/// How the elements behave at this moment.
pub(super) trait Elements {
    /// Of a transfer switch: which input (0 or 1) is closed, or none. `None` if it takes what is live.
    fn selected(&self, node: FeedNode) -> Option<Option<usize>>;
    /// What the node passes on.
    fn output(&self, node: FeedNode, incoming: Option<Supply>) -> Option<Supply>;
    /// What it draws from its feeders, W, while its consumers draw `out_w`.
    fn input_w(&self, node: FeedNode, incoming: Option<Supply>, out_w: f64) -> f64;
}

/// All nodes, feeders before their consumers.
#[derive(Clone, Debug, Default)]
pub(super) struct Network {
    nodes: Vec<Node>,
    place: BTreeMap<FeedNode, usize>,
}

#[derive(Clone, Debug)]
struct Node {
    is: FeedNode,
    /// Places of its feeders; of a transfer switch input 1, then 2.
    feeders: Vec<usize>,
    flow: Flow,
}

impl Network {
    /// The network of a site. What needs power and has no feed hangs on the first source, which is the usual mains
    /// (`Source(0)`) even if the site names none.
    pub(super) fn new(site: &Site) -> Self {
        let sources = (0..site.sources.len().max(1)).map(FeedNode::Source);
        let devices = (0..site.devices.len()).map(FeedNode::Device);
        let loads = (0..site.loads.len()).map(FeedNode::Load);
        let mut waiting: Vec<FeedNode> = sources.chain(devices).chain(loads).collect();
        let mut network = Self { nodes: Vec::new(), place: BTreeMap::new() };
        while !waiting.is_empty() {
            let before = waiting.len();
            waiting.retain(|node| !network.add(site, *node));
            if waiting.len() == before {
                break; // a circle; the site file's checks let none through
            }
        }
        network
    }

    /// Adds a node if all of its feeders are there.
    fn add(&mut self, site: &Site, node: FeedNode) -> bool {
        let mut feeds: Vec<_> = site.feeds.iter().filter(|feed| feed.to == node).collect();
        feeds.sort_by_key(|feed| feed.input);
        let mut feeders: Vec<FeedNode> = feeds.iter().map(|feed| feed.from).collect();
        if feeders.is_empty() && needs_power(site, node) {
            feeders.push(FeedNode::Source(0));
        }
        self.append(node, &feeders)
    }

    fn append(&mut self, node: FeedNode, feeders: &[FeedNode]) -> bool {
        let places: Option<Vec<usize>> =
            feeders.iter().map(|feeder| self.place.get(feeder).copied()).collect();
        let Some(feeders) = places else { return false };
        self.place.insert(node, self.nodes.len());
        self.nodes.push(Node { is: node, feeders, flow: Flow::default() });
        true
    }

    /// Adds a node that the site does not name, fed by `feeder`.
    pub(super) fn hang(&mut self, node: FeedNode, feeder: FeedNode) {
        self.append(node, &[feeder]);
    }

    /// What flows through a node.
    pub(super) fn flow(&self, node: FeedNode) -> Flow {
        self.place
            .get(&node)
            .and_then(|place| self.nodes.get(*place))
            .map(|node| node.flow)
            .unwrap_or_default()
    }

    /// Whether input 1 and input 2 of a transfer switch are live.
    pub(super) fn inputs(&self, node: FeedNode) -> [Option<Supply>; 2] {
        let node = self.place.get(&node).and_then(|place| self.nodes.get(*place));
        let input = |n: usize| self.outgoing(*node?.feeders.get(n)?);
        [input(0), input(1)]
    }

    /// Whether anything is fed by this node.
    pub(super) fn has_consumers(&self, node: FeedNode) -> bool {
        self.place
            .get(&node)
            .is_some_and(|place| self.nodes.iter().any(|other| other.feeders.contains(place)))
    }

    /// Whether power from `from` gets to `to`.
    pub(super) fn reaches(&self, from: FeedNode, to: FeedNode) -> bool {
        let Some(to) = self.place.get(&to).and_then(|place| self.nodes.get(*place)) else { return false };
        to.is == from
            || to
                .feeders
                .iter()
                .filter_map(|place| self.nodes.get(*place))
                .any(|node| self.reaches(from, node.is))
    }

    fn outgoing(&self, place: usize) -> Option<Supply> {
        self.nodes.get(place).and_then(|node| node.flow.outgoing)
    }

    /// Works out all flows.
    pub(super) fn settle(&mut self, elements: &impl Elements) {
        for place in 0..self.nodes.len() {
            let Some(node) = self.nodes.get(place) else { continue };
            let incoming = self.closed(node, elements).find_map(|feeder| self.outgoing(feeder));
            let outgoing = elements.output(node.is, incoming);
            if let Some(node) = self.nodes.get_mut(place) {
                node.flow = Flow { incoming, outgoing, ..Flow::default() };
            }
        }
        for place in (0..self.nodes.len()).rev() {
            let Some(node) = self.nodes.get(place) else { continue };
            let in_w = elements.input_w(node.is, node.flow.incoming, node.flow.out_w);
            let live: Vec<usize> =
                self.closed(node, elements).filter(|feeder| self.outgoing(*feeder).is_some()).collect();
            let share_w = in_w / f64::from(u32::try_from(live.len().max(1)).unwrap_or(1));
            for feeder in live {
                if let Some(feeder) = self.nodes.get_mut(feeder) {
                    feeder.flow.out_w += share_w;
                }
            }
            if let Some(node) = self.nodes.get_mut(place) {
                node.flow.in_w = in_w;
            }
        }
    }

    /// Feeders that a node is connected to now.
    fn closed<'a>(&self, node: &'a Node, elements: &impl Elements) -> impl Iterator<Item = usize> + 'a {
        let selected = elements.selected(node.is);
        let connected = move |(n, _): &(usize, &usize)| selected.is_none_or(|input| input == Some(*n));
        node.feeders.iter().enumerate().filter(connected).map(|(_, feeder)| *feeder)
    }
}

fn needs_power(site: &Site, node: FeedNode) -> bool {
    match node {
        FeedNode::Source(_) => false,
        FeedNode::Load(_) => true,
        FeedNode::Device(n) => site.devices.get(n).is_some_and(|device| {
            matches!(device.profile.class, Class::Ups | Class::Ats | Class::Meter | Class::Cooling)
        }),
    }
}
