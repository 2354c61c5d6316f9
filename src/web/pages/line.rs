//! `/lines/{id}`: one line with its load, what it counted by kind, its devices and its last frames.

use std::sync::Arc;

use askama::Template;
use axum::{
    Extension,
    extract::{Path, RawQuery, State},
    http::{HeaderMap, Uri},
    response::Response,
};

use super::{
    super::{
        Web,
        hall::{
            Live,
            abnormal::{self, Abnormal},
        },
        lines::LineState,
        problem::Problem,
        query::Query,
    },
    devices::link_key,
    frame::{Frame, mark},
    load::{LoadView, millis},
    page,
};
use crate::{
    accounts::Caller,
    bus::{self, Direction, LineCounters},
    model::DeviceIx,
};

#[derive(Template)]
#[template(path = "line.html")]
struct LinePage<'p> {
    frame: &'p Frame<'p>,
    id: String,
    at: String,
    load: LoadView,
    longest: String,
    counts: Vec<Count>,
    devices: Vec<DeviceRow>,
    frames: Vec<FrameRow>,
}

/// One of the line's counters.
struct Count {
    name: String,
    count: u64,
    /// Its share of all requests, where it is the end of some.
    share: Option<String>,
}

struct DeviceRow {
    id: String,
    name: String,
    unit: u8,
    every: String,
    link: &'static str,
    mark: Option<(u8, String)>,
}

/// A frame as it went over the line.
struct FrameRow {
    time: String,
    datetime: String,
    /// The key of its direction.
    direction: &'static str,
    bytes: String,
}

/// The handler.
pub(in super::super) async fn line(
    State(web): State<Arc<Web>>,
    Extension(caller): Extension<Caller>,
    Path(id): Path<String>,
    uri: Uri,
    headers: HeaderMap,
    RawQuery(raw): RawQuery,
) -> Result<Response, Problem> {
    let query = Query::parse(raw.as_deref(), &["lang"])?;
    let (position, snapshot) = (web.hub.position(web.now().mono), web.snapshot());
    let live = Live { plant: &snapshot.plant, snapshot: &snapshot };
    let state = LineState::find(&web, live.plant, &id)?;
    let frame = Frame::new(&web, "nav-devices", (&uri, &headers, &query, &caller), &live, position)?;
    let found = abnormal::list(&live);
    let devices = state.devices.iter().filter_map(|ix| DeviceRow::new(&frame, &live, &found, *ix));
    let counters = state.counters.as_deref();
    let mut frames = counters.map(|counters| counters.tap.last()).unwrap_or_default();
    frames.reverse();
    let template = LinePage {
        id: state.line.id.to_string(),
        at: state.line.transport.to_string(),
        load: LoadView::new(&frame, &state),
        longest: millis(&frame, state.planned.longest),
        counts: counters.map(|counters| counts(&frame, counters)).unwrap_or_default(),
        devices: devices.collect(),
        frames: frames.iter().map(|sent| FrameRow::new(&frame, sent)).collect(),
        frame: &frame,
    };
    page(&template, &frame)
}

/// What the line counted: requests and how they ended, then what else happened on it.
fn counts(frame: &Frame<'_>, counters: &LineCounters) -> Vec<Count> {
    let requests = counters.requests.get();
    let ends = [
        ("line-answers", &counters.answers),
        ("line-timeouts", &counters.timeouts),
        ("line-exceptions", &counters.exceptions),
        ("line-bad-frames", &counters.bad_frames),
    ];
    let others = [
        ("line-down", &counters.down),
        ("line-late", &counters.late),
        ("line-discarded", &counters.discarded),
        ("line-echoes", &counters.echoes),
        ("line-overruns", &counters.skipped),
        ("line-writes", &counters.writes),
    ];
    let mut counts = vec![Count { name: frame.say("line-requests"), count: requests, share: None }];
    counts.extend(ends.iter().map(|(key, counter)| {
        let count = counter.get();
        Count { name: frame.say(key), count, share: share(frame, count, requests) }
    }));
    counts.extend(others.iter().map(|(key, counter)| Count {
        name: frame.say(key),
        count: counter.get(),
        share: None,
    }));
    counts
}

/// "0.3 %"; nothing without requests.
fn share(frame: &Frame<'_>, count: u64, requests: u64) -> Option<String> {
    #[expect(clippy::cast_precision_loss, reason = "exact to 2^53 requests")]
    let percent = (requests > 0).then(|| count as f64 / requests as f64 * 100.0)?;
    Some(format!("{}\u{a0}%", frame.words.number(percent.min(100.0), 1)))
}

impl DeviceRow {
    fn new(frame: &Frame<'_>, live: &Live<'_>, found: &[Abnormal], ix: DeviceIx) -> Option<Self> {
        let (device, _) = live.plant.device(ix)?;
        Some(Self {
            id: device.id.to_string(),
            name: device.name.clone(),
            unit: device.unit,
            every: frame.words.duration(device.every),
            link: link_key(live, ix),
            mark: abnormal::of_device(found, ix).map(|priority| (priority, mark(priority))),
        })
    }
}

impl FrameRow {
    fn new(frame: &Frame<'_>, sent: &bus::Frame) -> Self {
        let local = sent.time.utc().with_timezone(&frame.zone());
        let bytes: Vec<String> = sent.bytes.iter().map(|byte| format!("{byte:02X}")).collect();
        Self {
            time: local.format("%H:%M:%S%.3f").to_string(),
            datetime: sent.time.rfc3339(),
            direction: match sent.direction {
                Direction::Sent => "frame-sent",
                Direction::Received => "frame-received",
                Direction::Discarded => "frame-discarded",
            },
            bytes: bytes.join(" "),
        }
    }
}
