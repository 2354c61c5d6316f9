//! The power one-line diagram: boxes in layers from sources to loads, and the lines between them.
//!
//! A node stands one layer before the first of those that it feeds; within a layer it stands near what it is
//! connected to. Lengths are in the drawing's own units (pixels at full size).

use hallward_site::FeedNode;

use super::{
    Live,
    power::{Energy, Flow},
};

/// The size of a box.
pub(in crate::web) const BOX_WIDTH: u32 = 140;
/// See [`BOX_WIDTH`].
pub(in crate::web) const BOX_HEIGHT: u32 = 64;
const GAP_X: u32 = 32;
const GAP_Y: u32 = 20;
const MARGIN: u32 = 4;

/// The drawing.
pub(in crate::web) struct Diagram {
    /// Its size.
    pub(in crate::web) width: u32,
    /// See `width`.
    pub(in crate::web) height: u32,
    /// Its boxes, from left to right.
    pub(in crate::web) boxes: Vec<NodeBox>,
    /// Its lines, the live ones last, so that they lie on top.
    pub(in crate::web) lines: Vec<Line>,
}

/// One node.
pub(in crate::web) struct NodeBox {
    /// The node.
    pub(in crate::web) node: FeedNode,
    /// Its upper left corner.
    pub(in crate::web) x: u32,
    /// See `x`.
    pub(in crate::web) y: u32,
    /// Whether its output is live.
    pub(in crate::web) energy: Energy,
}

/// One feed.
pub(in crate::web) struct Line {
    /// Where it begins.
    pub(in crate::web) from: FeedNode,
    /// Where it ends.
    pub(in crate::web) to: FeedNode,
    /// SVG path data.
    pub(in crate::web) path: String,
    /// Whether it carries power.
    pub(in crate::web) energy: Energy,
}

impl Diagram {
    /// Draws the site's feeds.
    pub(in crate::web) fn new(live: &Live<'_>) -> Self {
        let flow = Flow::new(live);
        let layers = layers(live, &flow);
        let tallest = layers.iter().map(Vec::len).max().unwrap_or(0);
        let height = extent(tallest, BOX_HEIGHT, GAP_Y);
        let mut boxes = Vec::new();
        for (column, layer) in layers.iter().enumerate() {
            let top = (height - extent(layer.len(), BOX_HEIGHT, GAP_Y)) / 2;
            for (row, node) in layer.iter().enumerate() {
                boxes.push(NodeBox {
                    node: *node,
                    x: MARGIN + place(column, BOX_WIDTH + GAP_X),
                    y: top + MARGIN + place(row, BOX_HEIGHT + GAP_Y),
                    energy: flow.nodes.get(node).copied().unwrap_or(Energy::Unknown),
                });
            }
        }
        let feeds = live.plant.site.feeds.iter().zip(&flow.feeds);
        let mut lines: Vec<Line> = feeds
            .filter_map(|(feed, energy)| {
                let path = path(&boxes, feed.from, feed.to)?;
                Some(Line { from: feed.from, to: feed.to, path, energy: *energy })
            })
            .collect();
        lines.sort_by_key(|line| line.energy == Energy::Live);
        Self { width: extent(layers.len(), BOX_WIDTH, GAP_X), height, boxes, lines }
    }
}

fn place(n: usize, step: u32) -> u32 {
    u32::try_from(n).unwrap_or(0).saturating_mul(step)
}

/// What `n` boxes with gaps between them take, with a margin on both sides.
fn extent(n: usize, size: u32, gap: u32) -> u32 {
    place(n, size + gap).saturating_sub(gap) + 2 * MARGIN
}

/// The nodes by layer, each layer in order from top to bottom.
fn layers(live: &Live<'_>, flow: &Flow) -> Vec<Vec<FeedNode>> {
    let nodes: Vec<FeedNode> = flow.nodes.keys().copied().collect();
    let heights: Vec<usize> = nodes.iter().map(|node| to_end(live, *node)).collect();
    let deepest = heights.iter().max().copied().unwrap_or(0);
    let mut layers = vec![Vec::new(); if nodes.is_empty() { 0 } else { deepest + 1 }];
    for (node, height) in nodes.iter().zip(heights) {
        let from_start = if is_end(live, *node) { from_start(live, *node) } else { deepest - height };
        if let Some(layer) = layers.get_mut(from_start) {
            layer.push(*node);
        }
    }
    for _ in 0..4 {
        untangle(live, &mut layers);
    }
    layers
}

fn is_end(live: &Live<'_>, node: FeedNode) -> bool {
    !live.plant.site.feeds.iter().any(|feed| feed.from == node)
}

/// Feeds on the longest way from `node` to an end; the feeds have no circles.
fn to_end(live: &Live<'_>, node: FeedNode) -> usize {
    let feeds = live.plant.site.feeds.iter().filter(|feed| feed.from == node);
    feeds.map(|feed| 1 + to_end(live, feed.to)).max().unwrap_or(0)
}

/// The layer after the last of those that feed this end.
fn from_start(live: &Live<'_>, node: FeedNode) -> usize {
    let feeds = live.plant.site.feeds.iter().filter(|feed| feed.to == node);
    feeds.map(|feed| 1 + from_start(live, feed.from)).max().unwrap_or(0)
}

/// Orders each layer by where the nodes' neighbours stand, relative to their layers.
fn untangle(live: &Live<'_>, layers: &mut [Vec<FeedNode>]) {
    for n in 0..layers.len() {
        let height = |node: FeedNode| {
            layers.iter().find_map(|layer| {
                let row = layer.iter().position(|other| *other == node)?;
                Some((as_f64(row) + 0.5) / as_f64(layer.len()))
            })
        };
        let mut keyed: Vec<(f64, FeedNode)> = Vec::new();
        for node in layers.get(n).into_iter().flatten() {
            let neighbours = live.plant.site.feeds.iter().filter_map(|feed| match (feed.from, feed.to) {
                (from, to) if to == *node => height(from),
                (from, to) if from == *node => height(to),
                _ => None,
            });
            let heights: Vec<f64> = neighbours.collect();
            keyed.push((heights.iter().sum::<f64>() / as_f64(heights.len().max(1)), *node));
        }
        keyed.sort_by(|a, b| a.0.total_cmp(&b.0));
        if let Some(layer) = layers.get_mut(n) {
            *layer = keyed.into_iter().map(|(_, node)| node).collect();
        }
    }
}

fn as_f64(n: usize) -> f64 {
    f64::from(u32::try_from(n).unwrap_or(u32::MAX))
}

/// Right out of one box, up or down half way, right into the other.
fn path(boxes: &[NodeBox], from: FeedNode, to: FeedNode) -> Option<String> {
    let find = |node| boxes.iter().find(|drawn| drawn.node == node);
    let (from, to) = (find(from)?, find(to)?);
    let (start, turn) = (from.x + BOX_WIDTH, to.x.saturating_sub(GAP_X / 2));
    let (y1, y2) = (from.y + BOX_HEIGHT / 2, to.y + BOX_HEIGHT / 2);
    Some(format!("M{start} {y1}H{turn}V{y2}H{}", to.x))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::web::testing;

    #[test]
    fn the_diagram_runs_from_sources_to_loads() {
        let plant = testing::plant();
        let snapshot = testing::scene(&plant, &[]);
        let diagram = Diagram::new(&Live { plant: &plant, snapshot: &snapshot });
        let drawn: Vec<_> = diagram
            .boxes
            .iter()
            .map(|drawn| (plant.site.node_id(drawn.node).unwrap().as_str(), drawn.x, drawn.y))
            .collect();
        let expected = [
            ("mains", 4, 4),
            ("gen-1", 4, 88),
            ("ats-1", 176, 46),
            ("ups-a", 348, 4),
            ("ups-b", 348, 88),
            ("pdu-1", 520, 46),
            ("it", 692, 46),
        ];
        assert_eq!(drawn, expected);
        assert_eq!((diagram.width, diagram.height), (836, 156));
        let dead: Vec<_> = diagram.lines.iter().filter(|line| line.energy != Energy::Live).collect();
        assert_eq!(dead.len(), 1, "only the generator's line is dead");
        assert_eq!(dead.first().map(|line| line.path.as_str()), Some("M144 120H160V78H176"));
    }

    #[test]
    fn a_site_without_feeds_draws_nothing() {
        let plant = testing::plant_of(
            "[site]\nid = \"a\"\nname = \"A\"\ntime_zone = \"UTC\"\n[[room]]\nid = \"a\"\nname = \"A\"\n\
             [[line]]\nid = \"plant\"\ntcp = \"127.0.0.1:1\"\n",
        );
        let snapshot = testing::scene(&plant, &[]);
        let diagram = Diagram::new(&Live { plant: &plant, snapshot: &snapshot });
        assert!(diagram.boxes.is_empty() && diagram.lines.is_empty());
    }
}
