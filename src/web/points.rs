//! `GET /api/v1/points`: the live value of every point, or of those of one device, class or name.

use std::sync::Arc;

use axum::{
    extract::{RawQuery, State},
    response::Response,
};
use hallward_site::Device;
use schemars::JsonSchema;
use serde::Serialize;

use super::{
    Web, json,
    problem::Problem,
    query::Query,
    route::{Route, SEES, one},
};
use crate::model::{Class, DeviceIx, PointInfo, PointName, Reading, Snapshot, Wall};

#[derive(Serialize, JsonSchema)]
struct PointsAnswer<'s> {
    points: Vec<PointAnswer<'s>>,
}

#[derive(Serialize, JsonSchema)]
struct PointAnswer<'s> {
    device: &'s str,
    class: &'static str,
    point: &'s str,
    value: Option<serde_json::Value>,
    unit: Option<&'static str>,
    quality: &'static str,
    time: Option<String>,
    age_s: Option<f64>,
}

/// What is asked for; absent means all.
struct Filter {
    device: Option<DeviceIx>,
    class: Option<Class>,
    point: Option<PointName>,
}

/// Its routes.
pub(super) fn routes() -> Vec<Route> {
    let what = "Points with their values, qualities and ages.";
    let route = Route::get("/api/v1/points", SEES, what, points).gives::<PointsAnswer<'static>>();
    let query = const {
        &[
            one("device", "Only those of this device."),
            one("class", "Only those of devices of this class."),
            one("point", "Only those of this name."),
        ]
    };
    vec![route.query(query).problems(&[404])]
}

/// The handler.
pub(super) async fn points(
    State(web): State<Arc<Web>>,
    RawQuery(raw): RawQuery,
) -> Result<Response, Problem> {
    let filter = Filter::parse(&web, raw.as_deref())?;
    let (snapshot, now) = (web.snapshot(), web.now().wall);
    json(&PointsAnswer { points: filter.select(&snapshot, now) })
}

impl Filter {
    fn parse(web: &Web, raw: Option<&str>) -> Result<Self, Problem> {
        let query = Query::parse(raw, &["device", "class", "point"])?;
        let device = query.one("device")?.map(|id| web.device(id)).transpose()?;
        let class = query.one("class")?.map(class).transpose()?;
        let name = |text: &str| text.parse().map_err(|what: String| Problem::bad(what));
        let point = query.one("point")?.map(name).transpose()?;
        Ok(Self { device, class, point })
    }

    fn select<'s>(&self, snapshot: &'s Snapshot, now: Wall) -> Vec<PointAnswer<'s>> {
        let mut points = Vec::new();
        for (ix, device, info) in snapshot.plant.iter() {
            let class = device.profile.class;
            if self.device.is_some_and(|wanted| wanted != ix)
                || self.class.is_some_and(|wanted| wanted != class)
            {
                continue;
            }
            let Some(state) = snapshot.device(ix) else { continue };
            for (point, info) in info.iter() {
                if self.point.as_ref().is_none_or(|wanted| *wanted == info.name)
                    && let Some(reading) = state.reading(point)
                {
                    points.push(PointAnswer::new(device, info, reading, now));
                }
            }
        }
        points
    }
}

fn class(text: &str) -> Result<Class, Problem> {
    let found = Class::ALL.into_iter().find(|class| class.as_str() == text);
    found.ok_or_else(|| {
        let known: Vec<_> = Class::ALL.iter().map(|class| class.as_str()).collect();
        Problem::bad(format!("`class={text}`: one of {}", known.join(", ")))
    })
}

impl<'s> PointAnswer<'s> {
    fn new(device: &'s Device, info: &'s PointInfo, reading: &Reading, now: Wall) -> Self {
        let age_s = |time| (now.since(time).as_secs_f64() * 1000.0).round() / 1000.0;
        Self {
            device: device.id.as_str(),
            class: device.profile.class.as_str(),
            point: info.name.as_str(),
            value: reading.value().map(crate::model::Value::to_json),
            unit: info.unit.map(crate::model::Unit::symbol),
            quality: reading.quality().as_str(),
            time: reading.time().map(Wall::rfc3339),
            age_s: reading.time().map(age_s),
        }
    }
}
