//! `/trends`: up to eight points over time. With script a chart; without, the same lines drawn on the server.

use std::{sync::Arc, time::Duration};

use askama::Template;
use axum::{
    Extension,
    extract::{RawQuery, State},
    http::{HeaderMap, Uri},
    response::Response,
};

use super::{
    super::{
        Web,
        hall::Live,
        history::{MAX_POINTS, points},
        problem::Problem,
        query::Query,
        shown::{number_text, value_text},
        words::date_text,
    },
    frame::Frame,
    page,
    spark::{Canvas, Curve, Drawn},
};
use crate::{
    accounts::Caller,
    model::{PointInfo, PointRef, Quality, Unit, Value, ValueKind, Wall},
    store::{RangeQuery, Series},
};

/// Spans that are offered, h.
const SPANS: [u32; 6] = [1, 6, 24, 168, 744, 9504];

/// The longest span, h: 13 months.
const MAX_HOURS: u32 = 9504;

/// Changes of a state that are listed.
const MAX_CHANGES: usize = 50;

#[derive(Template)]
#[template(path = "trends.html")]
struct TrendsPage<'p> {
    frame: &'p Frame<'p>,
    hours: u32,
    spans: Vec<SpanView>,
    lines: Vec<LineView>,
    states: Vec<StateView>,
    choices: Vec<ChoiceView>,
    from: String,
    to: String,
    from_ms: i64,
    to_ms: i64,
}

struct SpanView {
    text: String,
    address: String,
    here: bool,
}

/// One curve.
struct LineView {
    path: String,
    name: String,
    unit: &'static str,
    decimals: usize,
    without: String,
    period_s: u64,
    drawn: Drawn,
    extent: Option<[String; 3]>,
}

/// One state with its changes, newest first.
struct StateView {
    name: String,
    without: String,
    changes: Vec<(String, String, bool)>,
}

/// A device and its points that may be added.
struct ChoiceView {
    device: String,
    points: Vec<(String, String)>,
}

/// What is on the page: its address can be made anew with a point more or less.
struct Shown<'q> {
    paths: Vec<&'q str>,
    hours: u32,
}

/// The handler.
pub(in super::super) async fn trends(
    State(web): State<Arc<Web>>,
    Extension(caller): Extension<Caller>,
    uri: Uri,
    headers: HeaderMap,
    RawQuery(raw): RawQuery,
) -> Result<Response, Problem> {
    let query = Query::parse(raw.as_deref(), &["lang", "point", "hours"])?;
    let hours = query.number("hours", 1..=MAX_HOURS)?.unwrap_or(1);
    let (position, snapshot) = (web.hub.position(web.now().mono), web.snapshot());
    let points = points(&snapshot.plant, &query)?;
    let shown = Shown { paths: query.all("point").collect(), hours };
    let live = Live { plant: &snapshot.plant, snapshot: &snapshot };
    let frame = Frame::new(&web, "nav-trends", (&uri, &headers, &query, &caller), &live, position)?;
    let to = frame.now;
    let from = to - Duration::from_secs(u64::from(hours) * 3600);
    let (mut lines, mut states) = (Vec::new(), Vec::new());
    for point in points {
        let query = RangeQuery { point, from, to, buckets: Some(600) };
        let series = web.context.history.range(query).await.map_err(Problem::store)?;
        match series {
            Series::States(changes) => states.extend(state(&frame, &shown, point, &changes)),
            Series::Numbers { .. } | Series::Buckets { .. } => {
                lines.extend(line(&frame, &shown, point, &series, (from, to)));
            }
        }
    }
    web.same_plant(&snapshot.plant)?;
    let spans = SPANS.iter().map(|span| SpanView {
        text: span_text(&frame, *span),
        address: Shown { hours: *span, paths: shown.paths.clone() }.address(),
        here: *span == hours,
    });
    let template = TrendsPage {
        frame: &frame,
        hours,
        spans: spans.collect(),
        choices: choices(&frame, &shown),
        lines,
        states,
        from: date_text(from, frame.zone()),
        to: date_text(to, frame.zone()),
        from_ms: from.0 / 1000,
        to_ms: to.0 / 1000,
    };
    page(&template, &frame)
}

impl Shown<'_> {
    fn address(&self) -> String {
        let mut query = form_urlencoded::Serializer::new(String::new());
        query.extend_pairs(self.paths.iter().map(|path| ("point", path)));
        query.append_pair("hours", &self.hours.to_string());
        format!("/trends?{}", query.finish())
    }

    fn with(&self, path: &str) -> String {
        Shown { paths: self.paths.iter().copied().chain([path]).collect(), hours: self.hours }.address()
    }

    fn without(&self, path: &str) -> String {
        let rest = self.paths.iter().copied().filter(|other| *other != path);
        Shown { paths: rest.collect(), hours: self.hours }.address()
    }
}

fn span_text(frame: &Frame<'_>, hours: u32) -> String {
    match hours {
        0..48 => frame.words.of("duration-hours", &hours.to_string()),
        _ => frame.words.of("duration-days", &(hours / 24).to_string()),
    }
}

/// `device/point`, the names of both for people, and what is known of the point.
fn names<'f>(frame: &Frame<'f>, at: PointRef) -> Option<(String, String, &'f PointInfo)> {
    let (device, info) = frame.plant.device(at.device)?;
    let point = info.point(at.point)?;
    let label = point.label(frame.words.language.is_vietnamese());
    Some((format!("{}/{}", device.id, point.name), format!("{} · {label}", device.name), point))
}

fn line(
    frame: &Frame<'_>,
    shown: &Shown<'_>,
    at: PointRef,
    series: &Series,
    (from, to): (Wall, Wall),
) -> Option<LineView> {
    let (path, name, info) = names(frame, at)?;
    let curve = Curve::new(series, info.period);
    let (least, _, greatest) = curve.extent.unwrap_or_default();
    let margin = ((greatest - least) * 0.1).max(0.5);
    let (low, high) = (least - margin, greatest + margin);
    let canvas = Canvas { width: 1000.0, height: 120.0, from, to, low, high };
    let text = |number| number_text(&frame.words, info, number);
    Some(LineView {
        without: shown.without(&path),
        path,
        name,
        unit: info.unit.map_or("", Unit::symbol),
        decimals: match info.kind {
            ValueKind::Number(column) => column.decimals(),
            ValueKind::State => 0,
        },
        period_s: info.period.as_secs().max(1),
        drawn: curve.draw(&canvas, None),
        extent: curve.extent.map(|(min, mean, max)| [min, mean, max].map(text)),
    })
}

fn state(
    frame: &Frame<'_>,
    shown: &Shown<'_>,
    at: PointRef,
    changes: &[(Wall, Result<Value, Quality>)],
) -> Option<StateView> {
    let (path, name, info) = names(frame, at)?;
    let mut told: Vec<(String, String, bool)> = Vec::new();
    let mut last = None;
    for (time, value) in changes {
        // Unchanged states are repeated each hour.
        if last == Some(value) {
            continue;
        }
        last = Some(value);
        let text = match value {
            Ok(value) => value_text(&frame.words, info, value),
            Err(why) => frame.say(&format!("quality-{why}")),
        };
        told.push((date_text(*time, frame.zone()), text, value.is_err()));
    }
    let changes = told.into_iter().rev().take(MAX_CHANGES).collect();
    Some(StateView { name, without: shown.without(&path), changes })
}

/// Points that may be added, unless the page is full.
fn choices(frame: &Frame<'_>, shown: &Shown<'_>) -> Vec<ChoiceView> {
    if shown.paths.len() >= MAX_POINTS {
        return Vec::new();
    }
    let vietnamese = frame.words.language.is_vietnamese();
    let devices = frame.plant.iter().map(|(_, device, info)| {
        let points = info.iter().filter_map(|(_, point)| {
            let path = format!("{}/{}", device.id, point.name);
            let absent = !shown.paths.contains(&path.as_str());
            absent.then(|| (shown.with(&path), point.label(vietnamese).to_owned()))
        });
        ChoiceView { device: device.name.clone(), points: points.collect() }
    });
    devices.collect()
}
