//! `/devices/{id}`: one device with every point, what it lacks and why, and its last records.

use std::{sync::Arc, time::Duration};

use askama::Template;
use axum::{
    Extension,
    extract::{Path, RawQuery, State},
    http::{HeaderMap, Uri},
    response::Response,
};
use hallward_profiles::{Confidence, vocabulary};
use hallward_site::{Device, Line};

use super::{
    super::{
        Web,
        hall::{Live, abnormal},
        problem::Problem,
        query::Query,
    },
    cell::Cell,
    devices::link_key,
    frame::{Frame, mark},
    page,
    records::RecordView,
    spark::{Canvas, Curve, Drawn},
};
use crate::{
    accounts::Caller,
    model::{DeviceIx, PointName, PointRef, ValueKind},
};

const RECORDS: usize = 10;

/// Most small lines on one page.
const MAX_SPARKS: usize = 8;

const HOUR: Duration = Duration::from_secs(3600);

#[derive(Template)]
#[template(path = "device.html")]
struct DevicePage<'p> {
    frame: &'p Frame<'p>,
    device: &'p Device,
    class: String,
    link: &'static str,
    /// The mark of its priority, while another device answers.
    wrong: Option<String>,
    room: String,
    line: Option<&'p Line>,
    every: String,
    confidence: String,
    points: Vec<PointView>,
    lacks: Vec<(String, &'p PointName, &'p String)>,
    records: Vec<RecordView>,
}

struct PointView {
    label: String,
    name: String,
    cell: Cell,
    has_chart: bool,
    spark: Option<Drawn>,
    spark_label: String,
}

/// The handler.
pub(in super::super) async fn device(
    State(web): State<Arc<Web>>,
    Extension(caller): Extension<Caller>,
    Path(id): Path<String>,
    uri: Uri,
    headers: HeaderMap,
    RawQuery(raw): RawQuery,
) -> Result<Response, Problem> {
    let query = Query::parse(raw.as_deref(), &["lang"])?;
    let ix = web.device(&id)?;
    let (position, snapshot) = (web.hub.position(web.now().mono), web.snapshot());
    let live = Live { plant: &snapshot.plant, snapshot: &snapshot };
    let frame = Frame::new(&web, "nav-devices", (&uri, &headers, &query, &caller), &live, position)?;
    let Some((device, _)) = live.plant.device(ix) else { return Err(Problem::missing("no such device")) };
    let site = &live.plant.site;
    let lacks = device.profile.lacks.iter().map(|(name, why)| (label(&frame, name), name, why));
    let template = DevicePage {
        class: frame.say(&format!("class-{}", device.profile.class.as_str())),
        link: link_key(&live, ix),
        wrong: live.is_wrong(ix).then(|| mark(abnormal::WRONG)),
        room: device.room.and_then(|n| site.rooms.get(n)).map(|room| room.name.clone()).unwrap_or_default(),
        line: site.lines.get(device.line),
        every: frame.words.duration(device.every),
        confidence: frame.say(confidence_key(device.profile.confidence)),
        points: points(&web, &frame, &live, ix).await,
        lacks: lacks.collect(),
        records: RecordView::newest(&web, &frame.words, Some(device.id.as_str()), RECORDS).await,
        device,
        frame: &frame,
    };
    page(&template, &frame)
}

/// Every point; the first few numbers that the class is expected to tell come with the line of their last hour.
async fn points(web: &Web, frame: &Frame<'_>, live: &Live<'_>, ix: DeviceIx) -> Vec<PointView> {
    let mut views = Vec::new();
    let mut sparks = 0;
    let mut points: Vec<_> = live.points(ix).collect();
    points.sort_by_key(|(_, info, _)| rank(&info.name));
    for (at, info, _) in points {
        let Some(cell) = frame.cell(live.snapshot, at) else { continue };
        let has_chart = matches!(info.kind, ValueKind::Number(_));
        let mut spark = None;
        if has_chart && sparks < MAX_SPARKS && vocabulary::find(&info.name).is_some() {
            sparks += 1;
            spark = curve(web, at).await;
        }
        let label = info.label(frame.words.language.is_vietnamese()).to_owned();
        let spark_label = frame.words.of("last-hour", &label);
        views.push(PointView { label, name: info.name.to_string(), cell, has_chart, spark, spark_label });
    }
    views
}

/// Where a point stands in the list: the vocabulary's names in its order, alarms, then the vendor's own.
fn rank(name: &PointName) -> usize {
    let known = vocabulary::find(name);
    let place =
        known.and_then(|known| vocabulary::NAMES.iter().position(|other| other.pattern == known.pattern));
    let alarm = usize::from(!name.as_str().starts_with("alarm."));
    place.unwrap_or(vocabulary::NAMES.len() + alarm)
}

/// The last hour of a point, over its own extent.
async fn curve(web: &Web, point: PointRef) -> Option<Drawn> {
    let to = web.now().wall;
    let curve = Curve::read(web, point, to - HOUR, to, 120).await?;
    let (least, _, greatest) = curve.extent?;
    let margin = ((greatest - least) * 0.1).max(0.5);
    let (low, high) = (least - margin, greatest + margin);
    Some(curve.draw(&Canvas { width: 240.0, height: 46.0, from: to - HOUR, to, low, high }, None))
}

fn label(frame: &Frame<'_>, name: &PointName) -> String {
    let known = vocabulary::find(name);
    known.map_or_else(|| name.to_string(), |known| known.label(name, frame.words.language.is_vietnamese()))
}

fn confidence_key(confidence: Confidence) -> &'static str {
    match confidence {
        Confidence::Low => "confidence-low",
        Confidence::Medium => "confidence-medium",
        Confidence::High => "confidence-high",
    }
}
