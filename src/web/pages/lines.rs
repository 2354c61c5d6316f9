//! `/lines`: every line with its load, its answer times, what went wrong on it, and how many of its devices answer.

use std::sync::Arc;

use askama::Template;
use axum::{
    Extension,
    extract::{RawQuery, State},
    http::{HeaderMap, Uri},
    response::Response,
};

use super::{
    super::{Web, hall::Live, lines::LineState, problem::Problem, query::Query},
    devices::link_key,
    frame::Frame,
    load::LoadView,
    page,
};
use crate::accounts::Caller;

#[derive(Template)]
#[template(path = "lines.html")]
struct LinesPage<'p> {
    frame: &'p Frame<'p>,
    lines: Vec<LineRow>,
}

struct LineRow {
    id: String,
    at: String,
    load: LoadView,
    /// Requests, those without a sound answer, and overruns; `None` while the line is being started.
    counts: Option<[u64; 3]>,
    devices: String,
    /// Whether a device of the line does not answer.
    incomplete: bool,
}

/// The handler.
pub(in super::super) async fn lines(
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
    let states = LineState::all(&web, live.plant);
    let lines = states.iter().map(|state| LineRow::new(&frame, &live, state)).collect();
    page(&LinesPage { frame: &frame, lines }, &frame)
}

impl LineRow {
    fn new(frame: &Frame<'_>, live: &Live<'_>, state: &LineState<'_>) -> Self {
        let all = state.devices.len();
        let answer = state.devices.iter().filter(|ix| link_key(live, **ix) == "device-online").count();
        let (answer_text, all_text) = (answer.to_string(), all.to_string());
        Self {
            id: state.line.id.to_string(),
            at: state.line.transport.to_string(),
            load: LoadView::new(frame, state),
            counts: state.counters.as_deref().map(|counters| {
                let failed = [&counters.timeouts, &counters.exceptions, &counters.bad_frames, &counters.down];
                let failed = failed.iter().map(|counter| counter.get()).sum();
                [counters.requests.get(), failed, counters.skipped.get()]
            }),
            devices: frame.words.with("line-devices", &[("answer", &answer_text), ("all", &all_text)]),
            incomplete: answer < all,
        }
    }
}
