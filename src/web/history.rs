//! `GET /api/v1/history`: up to eight points over a span of time. Each series comes as `samples`, or as `buckets`
//! with their least, greatest and mean value where there are more than twice as many samples as buckets are
//! wanted. A gap is a gap: where nothing was known there is no bucket, and a sample says why it has no value.

use std::{sync::Arc, time::Duration};

use axum::{
    extract::{RawQuery, State},
    response::Response,
};
use schemars::JsonSchema;
use serde::Serialize;

use super::{
    Web, json,
    problem::Problem,
    query::Query,
    route::{Route, SEES, many, one},
};
use crate::{
    model::{Plant, PointRef, Quality, Unit, Value, Wall},
    store::{Bucket, RangeQuery, Series},
};

/// Most points of one request.
pub(super) const MAX_POINTS: usize = 8;

const MAX_BUCKETS: u32 = 2000;

/// Buckets of a span that is too long for single samples, when the request does not say.
const USUAL_BUCKETS: u32 = 500;

/// The longest span of single samples.
const LONGEST_RAW: Duration = Duration::from_secs(6 * 3600);

const USUAL_SPAN: Duration = Duration::from_secs(3600);

#[derive(Serialize, JsonSchema)]
struct HistoryAnswer<'s> {
    from: String,
    to: String,
    series: Vec<SeriesAnswer<'s>>,
}

#[derive(Serialize, JsonSchema)]
struct SeriesAnswer<'s> {
    device: &'s str,
    point: &'s str,
    unit: Option<&'static str>,
    #[serde(skip_serializing_if = "Option::is_none")]
    samples: Option<Vec<SampleAnswer>>,
    #[serde(skip_serializing_if = "Option::is_none")]
    bucket_s: Option<f64>,
    #[serde(skip_serializing_if = "Option::is_none")]
    buckets: Option<Vec<BucketAnswer>>,
}

#[derive(Serialize, JsonSchema)]
struct SampleAnswer {
    time: String,
    value: Option<serde_json::Value>,
    quality: &'static str,
}

#[derive(Serialize, JsonSchema)]
struct BucketAnswer {
    time: String,
    min: f64,
    max: f64,
    mean: f64,
    count: u32,
}

/// What is asked for, checked.
#[derive(Debug)]
struct Span {
    points: Vec<PointRef>,
    from: Wall,
    to: Wall,
    buckets: Option<u32>,
}

/// Its routes.
pub(super) fn routes() -> Vec<Route> {
    let what = "Samples or buckets of up to eight points.";
    let route = Route::get("/api/v1/history", SEES, what, history).gives::<HistoryAnswer<'static>>();
    let query = const {
        &[
            many("point", "DEVICE/POINT, such as ups-a/battery.charge; one to eight of them."),
            one("from", "A time in RFC 3339; an hour before `to`, else."),
            one("to", "A time in RFC 3339; now, else."),
            one("buckets", "1 to 2000: so many buckets, where there are more samples."),
        ]
    };
    vec![route.query(query).problems(&[404, 503])]
}

/// The handler.
pub(super) async fn history(
    State(web): State<Arc<Web>>,
    RawQuery(raw): RawQuery,
) -> Result<Response, Problem> {
    let plant = web.plant();
    let span = Span::parse(&web, &plant, raw.as_deref())?;
    let mut series = Vec::new();
    for point in &span.points {
        let query = RangeQuery { point: *point, from: span.from, to: span.to, buckets: span.buckets };
        let found = web.context.history.range(query).await.map_err(Problem::store)?;
        series.extend(SeriesAnswer::new(&plant, *point, found));
    }
    web.same_plant(&plant)?;
    json(&HistoryAnswer { from: span.from.rfc3339(), to: span.to.rfc3339(), series })
}

impl Span {
    fn parse(web: &Web, plant: &Plant, raw: Option<&str>) -> Result<Self, Problem> {
        let query = Query::parse(raw, &["point", "from", "to", "buckets"])?;
        let points = points(plant, &query)?;
        if points.is_empty() {
            return Err(Problem::bad("which point? point=DEVICE/POINT, such as point=ups-a/battery.charge"));
        }
        let to = query.time("to")?.unwrap_or(web.now().wall);
        let from = query.time("from")?.unwrap_or(to - USUAL_SPAN);
        if from > to {
            return Err(Problem::bad("`from` is later than `to`"));
        }
        let long = to.since(from) > LONGEST_RAW;
        let buckets = query.number("buckets", 1..=MAX_BUCKETS)?.or(long.then_some(USUAL_BUCKETS));
        Ok(Self { points, from, to, buckets })
    }
}

/// The points of `point=…&point=…`, at most eight, each of which exists.
pub(super) fn points(plant: &Plant, query: &Query) -> Result<Vec<PointRef>, Problem> {
    let mut points = Vec::new();
    for path in query.all("point") {
        let point = plant.find(path);
        let point = point.ok_or_else(|| Problem::missing(format!("there is no point `{path}`")))?;
        if !points.contains(&point) {
            points.push(point);
        }
    }
    if points.len() > MAX_POINTS {
        return Err(Problem::bad(format!("{} points: at most {MAX_POINTS} at a time", points.len())));
    }
    Ok(points)
}

impl<'s> SeriesAnswer<'s> {
    fn new(plant: &'s Plant, at: PointRef, series: Series) -> Option<Self> {
        let (device, info) = plant.device(at.device)?;
        let point = info.point(at.point)?;
        let mut answer = Self {
            device: device.id.as_str(),
            point: point.name.as_str(),
            unit: point.unit.map(Unit::symbol),
            samples: None,
            bucket_s: None,
            buckets: None,
        };
        match series {
            Series::Numbers { raw } => {
                let numbers = raw.into_iter().map(|(time, value)| (time, value.map(Value::Number)));
                answer.samples = Some(numbers.map(SampleAnswer::new).collect());
            }
            Series::States(states) => {
                answer.samples = Some(states.into_iter().map(SampleAnswer::new).collect());
            }
            Series::Buckets { width, buckets } => {
                answer.bucket_s = Some(width.as_secs_f64());
                answer.buckets = Some(buckets.into_iter().map(BucketAnswer::new).collect());
            }
        }
        Some(answer)
    }
}

impl SampleAnswer {
    fn new((time, value): (Wall, Result<Value, Quality>)) -> Self {
        let quality = value.as_ref().err().copied().unwrap_or(Quality::Good);
        Self {
            time: time.rfc3339(),
            value: value.ok().as_ref().map(Value::to_json),
            quality: quality.as_str(),
        }
    }
}

impl BucketAnswer {
    fn new(bucket: Bucket) -> Self {
        let Bucket { from, min, max, mean, count } = bucket;
        Self { time: from.rfc3339(), min, max, mean, count }
    }
}
