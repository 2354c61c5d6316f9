//! `GET /api/v1/lines`: how busy each line is, what it has counted since it was started, and who is on it. The lines'
//! pages show the same ([`LineState`]).
//!
//! Terms: *load* — the share of a line's time that exchanges take; *planned load* — what the site file asks of it;
//! *overrun* — a poll that was left out because the one before took too long.

use std::{sync::Arc, time::Duration};

use axum::{
    extract::{RawQuery, State},
    response::Response,
};
use hallward_site::Line;
use schemars::JsonSchema;
use serde::Serialize;

use super::{
    Web, json,
    problem::Problem,
    query::Query,
    route::{Route, SEES},
};
use crate::{
    bus::LineCounters,
    logic::capacity::{self, LineLoad},
    model::{DeviceIx, Id, Mono, Plant, Snapshot},
};

/// A line of the site file, and how it does.
pub(super) struct LineState<'s> {
    /// The line.
    pub(super) line: &'s Line,
    /// What the site file asks of it.
    pub(super) planned: LineLoad,
    /// What it counts; `None` for the moment in which a changed line is being started.
    pub(super) counters: Option<Arc<LineCounters>>,
    /// Who is on it.
    pub(super) devices: Vec<DeviceIx>,
    /// When this was looked at.
    pub(super) now: Mono,
}

#[derive(Serialize, JsonSchema)]
struct LinesAnswer<'s> {
    lines: Vec<LineAnswer<'s>>,
}

#[derive(Serialize, JsonSchema)]
struct LineAnswer<'s> {
    #[schemars(with = "String")]
    id: &'s Id,
    at: String,
    planned_load_percent: f64,
    #[serde(flatten)]
    counted: Option<Counted>,
    devices: Vec<DeviceAnswer<'s>>,
}

#[derive(Serialize, JsonSchema)]
struct Counted {
    load_percent: f64,
    answer_ms: AnswerTimes,
    requests: u64,
    answers: u64,
    timeouts: u64,
    exceptions: u64,
    bad_frames: u64,
    down: u64,
    late_answers: u64,
    discarded_bytes: u64,
    echoes: u64,
    overruns: u64,
    writes: u64,
}

/// Null before the first answer.
#[derive(Serialize, JsonSchema)]
struct AnswerTimes {
    p50: Option<f64>,
    p99: Option<f64>,
}

#[derive(Serialize, JsonSchema)]
struct DeviceAnswer<'s> {
    #[schemars(with = "String")]
    id: &'s Id,
    online: Option<bool>,
}

/// Its routes.
pub(super) fn routes() -> Vec<Route> {
    let what = "Lines with their load, answer times and errors.";
    vec![Route::get("/api/v1/lines", SEES, what, lines).gives::<LinesAnswer<'static>>()]
}

/// The handler.
pub(super) async fn lines(State(web): State<Arc<Web>>, RawQuery(raw): RawQuery) -> Result<Response, Problem> {
    Query::parse(raw.as_deref(), &[])?;
    let snapshot = web.snapshot();
    let states = LineState::all(&web, &snapshot.plant);
    json(&LinesAnswer { lines: states.iter().map(|state| LineAnswer::new(state, &snapshot)).collect() })
}

impl<'s> LineState<'s> {
    /// Every line of the site file, in its order.
    pub(super) fn all(web: &Web, plant: &'s Plant) -> Vec<Self> {
        let (running, now) = (Arc::clone(&web.context.lines.borrow()), web.now().mono);
        let lines = plant.site.lines.iter().zip(capacity::loads(plant)).enumerate();
        let state = |(n, (line, planned)): (usize, (&'s Line, LineLoad))| {
            let on_it = plant.iter().filter(|(_, device, _)| device.line == n);
            Self {
                line,
                planned,
                counters: running.get(&line.id).map(|handle| Arc::clone(&handle.counters)),
                devices: on_it.map(|(ix, _, _)| ix).collect(),
                now,
            }
        };
        lines.map(state).collect()
    }

    /// The line with this id.
    pub(super) fn find(web: &Web, plant: &'s Plant, id: &str) -> Result<Self, Problem> {
        let found = Self::all(web, plant).into_iter().find(|state| state.line.id.as_str() == id);
        found.ok_or_else(|| Problem::missing(format!("there is no line `{id}`")))
    }
}

impl<'s> LineAnswer<'s> {
    fn new(state: &LineState<'s>, snapshot: &'s Snapshot) -> Self {
        let devices = state.devices.iter().filter_map(|ix| {
            let (device, _) = snapshot.plant.device(*ix)?;
            Some(DeviceAnswer { id: &device.id, online: snapshot.device(*ix)?.online })
        });
        Self {
            id: &state.line.id,
            at: state.line.transport.to_string(),
            planned_load_percent: percent(state.planned.share),
            counted: state.counters.as_deref().map(|counters| Counted::new(counters, state.now)),
            devices: devices.collect(),
        }
    }
}

impl Counted {
    fn new(counters: &LineCounters, now: Mono) -> Self {
        let ms = |quantile| counters.answer_times.quantile(now, quantile).map(millis);
        Self {
            load_percent: percent(counters.load.share(now)),
            answer_ms: AnswerTimes { p50: ms(0.5), p99: ms(0.99) },
            requests: counters.requests.get(),
            answers: counters.answers.get(),
            timeouts: counters.timeouts.get(),
            exceptions: counters.exceptions.get(),
            bad_frames: counters.bad_frames.get(),
            down: counters.down.get(),
            late_answers: counters.late.get(),
            discarded_bytes: counters.discarded.get(),
            echoes: counters.echoes.get(),
            overruns: counters.skipped.get(),
            writes: counters.writes.get(),
        }
    }
}

/// A share in %, to a tenth.
fn percent(share: f64) -> f64 {
    (share * 1000.0).round() / 10.0
}

/// A span in ms, to a hundredth.
fn millis(span: Duration) -> f64 {
    (span.as_secs_f64() * 1e5).round() / 100.0
}
