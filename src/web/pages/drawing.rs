//! The power diagram's boxes and lines with their texts.

use hallward_site::FeedNode;

use super::{
    super::hall::{
        LOAD, Live,
        abnormal::{self, Abnormal},
        diagram::{BOX_WIDTH, Diagram, NodeBox},
        power::{Energy, device_of},
    },
    cell::Cell,
    devices::link_key,
    frame::Frame,
};
use crate::model::{Class, DeviceIx, PointRef};

/// Letters that fit into a box.
const NAME_LETTERS: usize = 17;

/// The diagram, ready to be written.
pub(super) struct Drawing {
    /// Its size.
    pub(super) width: u32,
    /// See `width`.
    pub(super) height: u32,
    /// Boxes.
    pub(super) boxes: Vec<BoxView>,
    /// Lines.
    pub(super) lines: Vec<LineView>,
}

/// A box.
pub(super) struct BoxView {
    /// Its corner.
    pub(super) x: u32,
    /// See `x`.
    pub(super) y: u32,
    /// Its device's page.
    pub(super) address: Option<String>,
    /// Its full name.
    pub(super) name: String,
    /// As much of the name as fits.
    pub(super) title: String,
    /// Live, dead or unknown, for nodes that no device stands for; what is amiss with a device that does not answer, or
    /// is the wrong one.
    pub(super) state: Option<String>,
    /// The device's values, line by line.
    pub(super) rows: Vec<Vec<Cell>>,
    /// Whether something in it is not known, so that it is hatched.
    pub(super) hatched: bool,
    /// Its priority, if it is abnormal.
    pub(super) priority: Option<u8>,
}

/// A line.
pub(super) struct LineView {
    /// SVG path data.
    pub(super) path: String,
    /// `live`, `dead` or `unknown`.
    pub(super) look: &'static str,
    /// The same in words, for readers who do not see.
    pub(super) text: String,
}

/// What a box shows of its device, line by line.
fn shown_points(class: Class) -> &'static [&'static [&'static str]] {
    match class {
        Class::Ups => &[&["ups.status", LOAD], &["battery.charge", "battery.runtime"]],
        Class::Generator => &[&["engine.state"], &["fuel.level", "output.power"]],
        Class::Ats => &[&["position"], &["control.mode"]],
        Class::Meter => &[&["power"], &["voltage", "voltage.l1", "voltage.l1-n"]],
        Class::Cooling => &[&["unit.state"], &["supply.temperature"]],
        Class::Battery => &[&["battery.voltage"], &["battery.charge"]],
        Class::Climate | Class::Fire | Class::Leak | Class::Io => &[],
    }
}

impl Drawing {
    /// The drawing of the site's feeds.
    pub(super) fn new(frame: &Frame<'_>, live: &Live<'_>, abnormal: &[Abnormal]) -> Self {
        let diagram = Diagram::new(live);
        let boxes = diagram.boxes.iter().map(|drawn| BoxView::new(frame, live, abnormal, drawn)).collect();
        let lines = diagram.lines.iter().map(|line| LineView {
            path: line.path.clone(),
            look: look(line.energy),
            text: format!(
                "{} → {}: {}",
                name(live, line.from),
                name(live, line.to),
                frame.say(&format!("line-{}", look(line.energy)))
            ),
        });
        Self { width: diagram.width, height: diagram.height, boxes, lines: lines.collect() }
    }

    /// The width of a box.
    pub(super) fn box_width(&self) -> u32 {
        BOX_WIDTH
    }
}

impl BoxView {
    fn new(frame: &Frame<'_>, live: &Live<'_>, abnormal: &[Abnormal], drawn: &NodeBox) -> Self {
        let full = name(live, drawn.node).to_owned();
        let mut view = Self {
            x: drawn.x,
            y: drawn.y,
            address: None,
            title: shortened(&full),
            name: full,
            state: None,
            rows: Vec::new(),
            hatched: false,
            priority: None,
        };
        match (drawn.node, device_of(drawn.node)) {
            (_, Some(device)) => view.fill(frame, live, abnormal, device),
            (FeedNode::Source(_), None) => view.say(frame, "source", drawn.energy, 2),
            (_, None) => view.say(frame, "load", drawn.energy, 1),
        }
        view
    }

    /// A node that no device stands for.
    fn say(&mut self, frame: &Frame<'_>, kind: &str, energy: Energy, priority: u8) {
        self.state = Some(frame.say(&format!("{kind}-{}", look(energy))));
        self.hatched = energy == Energy::Unknown;
        self.priority = (energy == Energy::Dead).then_some(priority);
    }

    fn fill(&mut self, frame: &Frame<'_>, live: &Live<'_>, abnormal: &[Abnormal], device: DeviceIx) {
        let Some((known, _)) = live.plant.device(device) else { return };
        self.address = Some(format!("/devices/{}", known.id));
        self.priority = abnormal::of_device(abnormal, device);
        let link = link_key(live, device);
        if matches!(link, "device-offline" | "device-wrong") {
            self.state = Some(frame.say(link));
            self.hatched = true;
            return;
        }
        for names in shown_points(known.profile.class) {
            let row = names.iter().filter_map(|name| {
                let exact = || live.points(device).find(|(_, info, _)| info.name.as_str() == *name);
                let point =
                    if *name == LOAD { live.load_point(device) } else { exact().map(|found| found.0) };
                cell(frame, live, point?)
            });
            let row: Vec<_> = row.collect();
            self.hatched |= row.iter().any(|cell| cell.look != "good");
            if !row.is_empty() {
                self.rows.push(row);
            }
        }
    }
}

fn cell(frame: &Frame<'_>, live: &Live<'_>, point: PointRef) -> Option<Cell> {
    frame.cell(live.snapshot, point)
}

fn look(energy: Energy) -> &'static str {
    match energy {
        Energy::Live => "live",
        Energy::Dead => "dead",
        Energy::Unknown => "unknown",
    }
}

fn name<'s>(live: &Live<'s>, node: FeedNode) -> &'s str {
    let site = &live.plant.site;
    match node {
        FeedNode::Source(n) => site.sources.get(n).map_or("", |source| &source.name),
        FeedNode::Device(n) => site.devices.get(n).map_or("", |device| &device.name),
        FeedNode::Load(n) => site.loads.get(n).map_or("", |load| &load.name),
    }
}

fn shortened(name: &str) -> String {
    if name.chars().count() <= NAME_LETTERS {
        return name.to_owned();
    }
    name.chars().take(NAME_LETTERS - 1).chain(['…']).collect()
}
