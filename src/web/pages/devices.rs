//! `/devices`: every device by class, with its state and what its class is expected to tell.

use std::sync::Arc;

use askama::Template;
use axum::{
    Extension,
    extract::{RawQuery, State},
    http::{HeaderMap, Uri},
    response::Response,
};
use hallward_profiles::vocabulary;

use super::{
    super::{
        Web,
        hall::{LOAD, Live, abnormal},
        problem::Problem,
        query::Query,
    },
    cell::Cell,
    frame::{Frame, mark},
    page,
};
use crate::{
    accounts::Caller,
    model::{Class, DeviceIx, Wall},
};

#[derive(Template)]
#[template(path = "devices.html")]
struct DevicesPage<'p> {
    frame: &'p Frame<'p>,
    classes: Vec<ClassView>,
}

struct ClassView {
    title: String,
    devices: Vec<DeviceView>,
}

struct DeviceView {
    id: String,
    name: String,
    room: String,
    line: String,
    unit: u8,
    link: &'static str,
    mark: Option<(u8, String)>,
    age: Option<(i64, String)>,
    cells: Vec<(String, Cell)>,
}

/// The handler.
pub(in super::super) async fn devices(
    State(web): State<Arc<Web>>,
    Extension(caller): Extension<Caller>,
    uri: Uri,
    headers: HeaderMap,
    RawQuery(raw): RawQuery,
) -> Result<Response, Problem> {
    let query = Query::parse(raw.as_deref(), &["lang"])?;
    let (position, snapshot) = (web.hub.position(web.now().mono), web.snapshot());
    let live = Live { plant: &snapshot.plant, snapshot: &snapshot };
    let frame = Frame::new(&web, "nav-devices", (&uri, &headers, &query, &caller), &live, position)?;
    let found = abnormal::list(&live);
    let mut classes = Vec::new();
    for class in Class::ALL {
        let devices = live.plant.iter().filter(|(_, device, _)| device.profile.class == class);
        let devices = devices.filter_map(|(ix, _, _)| {
            let view = DeviceView::new(&frame, &live, ix)?;
            let priority = abnormal::of_device(&found, ix);
            Some(DeviceView { mark: priority.map(|priority| (priority, mark(priority))), ..view })
        });
        let devices: Vec<_> = devices.collect();
        if !devices.is_empty() {
            classes.push(ClassView { title: frame.say(&format!("class-{}", class.as_str())), devices });
        }
    }
    page(&DevicesPage { frame: &frame, classes }, &frame)
}

impl DeviceView {
    fn new(frame: &Frame<'_>, live: &Live<'_>, ix: DeviceIx) -> Option<Self> {
        let (device, _) = live.plant.device(ix)?;
        let site = &live.plant.site;
        let room = device.room.and_then(|n| site.rooms.get(n));
        let cells = device.profile.class.expected().iter().filter_map(|pattern| {
            let exact = live.points(ix).find(|(_, info, _)| info.name.as_str() == *pattern);
            let any = || live.points(ix).find(|(_, info, _)| vocabulary::satisfies(&info.name, pattern));
            let at =
                if *pattern == LOAD { live.load_point(ix) } else { exact.or_else(any).map(|found| found.0) };
            let (at, info) = (at?, live.plant.point(at?)?);
            let label = info.label(frame.words.language.is_vietnamese()).to_owned();
            Some((label, frame.cell(live.snapshot, at)?))
        });
        let newest: Option<Wall> = live.points(ix).filter_map(|(_, _, reading)| reading.time()).max();
        Some(Self {
            id: device.id.to_string(),
            name: device.name.clone(),
            room: room.map(|room| room.name.clone()).unwrap_or_default(),
            line: site.lines.get(device.line).map(|line| line.id.to_string()).unwrap_or_default(),
            unit: device.unit,
            link: link_key(live, ix),
            mark: None,
            age: newest.map(|time| (time.0 / 1000, frame.words.ago(time, frame.now))),
            cells: cells.collect(),
        })
    }
}

/// The key of whether a device answers, and whether it is the right one.
pub(super) fn link_key(live: &Live<'_>, device: DeviceIx) -> &'static str {
    match (live.is_wrong(device), live.online(device)) {
        (true, _) => "device-wrong",
        (false, Some(true)) => "device-online",
        (false, Some(false)) => "device-offline",
        (false, None) => "device-not-asked",
    }
}
