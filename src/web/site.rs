//! `GET /api/v1/site`: what is wired. Static for as long as the program runs.

use std::{collections::BTreeMap, sync::Arc};

use axum::{
    extract::{RawQuery, State},
    response::Response,
};
use hallward_site::{Asset, Device, Feed, Site};
use schemars::JsonSchema;
use serde::Serialize;

use super::{
    Web, json,
    problem::Problem,
    query::Query,
    route::{Route, SEES},
};
use crate::model::{Id, PointName};

#[derive(Serialize, JsonSchema)]
struct SiteAnswer<'s> {
    #[schemars(with = "String")]
    id: &'s Id,
    name: &'s str,
    time_zone: &'static str,
    simulated: bool,
    rooms: Vec<Named<'s>>,
    lines: Vec<LineAnswer<'s>>,
    devices: Vec<DeviceAnswer<'s>>,
    sources: Vec<Named<'s>>,
    loads: Vec<Named<'s>>,
    feeds: Vec<FeedAnswer<'s>>,
}

#[derive(Serialize, JsonSchema)]
struct Named<'s> {
    #[schemars(with = "String")]
    id: &'s Id,
    name: &'s str,
}

#[derive(Serialize, JsonSchema)]
struct LineAnswer<'s> {
    #[schemars(with = "String")]
    id: &'s Id,
    at: String,
}

#[derive(Serialize, JsonSchema)]
struct DeviceAnswer<'s> {
    #[schemars(with = "String")]
    id: &'s Id,
    name: &'s str,
    class: &'static str,
    #[schemars(with = "String")]
    profile: &'s Id,
    #[schemars(with = "Option<String>")]
    room: Option<&'s Id>,
    #[schemars(with = "Option<String>")]
    line: Option<&'s Id>,
    unit: u8,
    every_s: f64,
    #[schemars(with = "BTreeMap<String, String>")]
    lacks: &'s BTreeMap<PointName, String>,
    asset: Option<&'s Asset>,
}

#[derive(Serialize, JsonSchema)]
struct FeedAnswer<'s> {
    #[schemars(with = "Option<String>")]
    from: Option<&'s Id>,
    #[schemars(with = "Option<String>")]
    to: Option<&'s Id>,
    input: Option<u8>,
}

/// Its routes.
pub(super) fn routes() -> Vec<Route> {
    vec![Route::get("/api/v1/site", SEES, "What is wired.", site).gives::<SiteAnswer<'static>>()]
}

/// The handler.
pub(super) async fn site(State(web): State<Arc<Web>>, RawQuery(raw): RawQuery) -> Result<Response, Problem> {
    Query::parse(raw.as_deref(), &[])?;
    let plant = &web.plant();
    let site = &plant.site;
    json(&SiteAnswer {
        id: &site.id,
        name: &site.name,
        time_zone: site.time_zone.name(),
        simulated: plant.simulated,
        rooms: site.rooms.iter().map(|room| Named { id: &room.id, name: &room.name }).collect(),
        lines: site.lines.iter().map(|l| LineAnswer { id: &l.id, at: l.transport.to_string() }).collect(),
        devices: site.devices.iter().map(|device| DeviceAnswer::new(site, device)).collect(),
        sources: site.sources.iter().map(|source| Named { id: &source.id, name: &source.name }).collect(),
        loads: site.loads.iter().map(|load| Named { id: &load.id, name: &load.name }).collect(),
        feeds: site.feeds.iter().map(|feed| FeedAnswer::new(site, feed)).collect(),
    })
}

impl<'s> DeviceAnswer<'s> {
    fn new(site: &'s Site, device: &'s Device) -> Self {
        Self {
            id: &device.id,
            name: &device.name,
            class: device.profile.class.as_str(),
            profile: &device.profile.id,
            room: device.room.and_then(|n| site.rooms.get(n)).map(|room| &room.id),
            line: site.lines.get(device.line).map(|line| &line.id),
            unit: device.unit,
            every_s: device.every.as_secs_f64(),
            lacks: &device.profile.lacks,
            asset: device.asset.as_ref(),
        }
    }
}

impl<'s> FeedAnswer<'s> {
    fn new(site: &'s Site, feed: &Feed) -> Self {
        Self { from: site.node_id(feed.from), to: site.node_id(feed.to), input: feed.input }
    }
}
