//! The hall itself: what is true, what its devices report, where they answer and how often they have; a fresh start.

use std::{collections::BTreeMap, sync::Arc};

use axum::{
    Json,
    body::Bytes,
    extract::{State, rejection::BytesRejection},
};
use hallward_profiles::{Class, Id, Literal};
use hallward_site::Transport;
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use super::{
    Shared,
    body::{Keys, optional},
    problem::{Answer, Problem},
    route::Route,
};
use crate::{gateway::GatewayPoint, physics::Truth};

pub(super) fn routes() -> Vec<Route> {
    vec![
        Route::get("/truth", "the physical state of the hall, not what devices report", truth)
            .gives::<Truth>(),
        Route::get("/devices", "devices, with the addresses where they answer", devices).gives::<Devices>(),
        Route::get(
            "/points",
            "what devices would report by physics and overrides (faults show on the wire alone), and what a gateway \
             believes if one lives in the same time",
            points,
        )
        .query(&[("device", "only the device's")])
        .gives::<Points>()
        .problems(&[400, 404]),
        Route::get("/counters", "requests answered, by device: wait on these, never sleep", counters)
            .gives::<Counters>(),
        Route::post("/reset", "a fresh hall; with a seed, another one", reset)
            .takes::<Option<Fresh>>()
            .gives::<Reset>()
            .problems(&[400, 413, 422, 500]),
    ]
}

async fn truth(State(shared): State<Arc<Shared>>) -> Json<Truth> {
    Json(shared.hall.truth())
}

/// The devices.
#[derive(Serialize, JsonSchema)]
struct Devices {
    /// In the order of the site file.
    devices: Vec<Device>,
}

/// A device, and where it answers.
#[derive(Serialize, JsonSchema)]
struct Device {
    /// Its id.
    id: String,
    /// Its name for people.
    name: String,
    /// What it is.
    class: Class,
    /// Its profile's id.
    profile: String,
    /// The id of the room that it stands in.
    room: Option<String>,
    /// Its line's id.
    line: Option<String>,
    /// Its unit id on the line.
    unit: u8,
    /// Where the line answers; null where no one serves it on a port.
    address: Option<String>,
}

async fn devices(State(shared): State<Arc<Shared>>) -> Json<Devices> {
    let site = &shared.hall.site;
    let devices = site.devices.iter().map(|device| {
        let line = site.lines.get(device.line).map(|line| &line.id);
        Device {
            id: device.id.to_string(),
            name: device.name.clone(),
            class: device.profile.class,
            profile: device.profile.id.to_string(),
            room: device.room.and_then(|room| site.rooms.get(room)).map(|room| room.id.to_string()),
            line: line.map(Id::to_string),
            unit: device.unit,
            address: line.and_then(|line| shared.lines.get(line)).map(Transport::to_string),
        }
    });
    Json(Devices { devices: devices.collect() })
}

/// What is known of points.
#[derive(Serialize, JsonSchema)]
struct Points {
    /// By device, in the order of the site file, and name.
    points: Vec<Point>,
}

/// A point, as its device would report it and a gateway believes it.
#[derive(Serialize, JsonSchema)]
struct Point {
    /// The device's id.
    device: String,
    /// The point's name.
    point: String,
    /// What the device would report by physics and overrides. Faults do not touch it: what they do to values, and
    /// whether anybody hears them, shows on the wire.
    reported: Literal,
    /// Whether that is a tester's override.
    overridden: bool,
    /// What the gateway believes; null where there is no gateway, or it knows no such point.
    believed: Option<GatewayPoint>,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Of {
    device: Option<String>,
}

async fn points(State(shared): State<Arc<Shared>>, Keys(Of { device }): Keys<Of>) -> Answer<Json<Points>> {
    let site = &shared.hall.site;
    if let Some(device) = device.as_ref().filter(|device| site.device(device).is_none()) {
        return Err(Problem::not_found(format!("there is no device `{}`", device.escape_debug())));
    }
    let each = site.devices.iter().enumerate();
    let meant = each.filter(|(_, one)| device.as_ref().is_none_or(|device| one.id.as_str() == device));
    let points = meant.flat_map(|(n, one)| shared.points_of(n, one.id.as_str())).collect();
    Ok(Json(Points { points }))
}

impl Shared {
    fn points_of(&self, n: usize, device: &str) -> impl Iterator<Item = Point> {
        let overridden = self.hall.overrides_of(n);
        let reported = self.hall.reported(device).unwrap_or_default();
        reported.into_iter().map(move |(name, reported)| Point {
            device: device.to_owned(),
            point: name.to_string(),
            reported,
            overridden: overridden.contains_key(&name),
            believed: self.gateway.as_ref().and_then(|gateway| gateway.point(device, name.as_str())),
        })
    }
}

/// Requests answered.
#[derive(Serialize, JsonSchema)]
struct Counters {
    /// By device.
    #[schemars(with = "BTreeMap<String, u64>")]
    counters: BTreeMap<Id, u64>,
}

async fn counters(State(shared): State<Arc<Shared>>) -> Json<Counters> {
    Json(Counters { counters: shared.hall.counters() })
}

/// Which hall to begin anew.
#[derive(Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
struct Fresh {
    /// The seed of everything random; the site file's without one.
    seed: Option<u64>,
}

/// The hall is fresh.
#[derive(Serialize, JsonSchema)]
struct Reset {
    /// Always true.
    reset: bool,
    /// The seed of everything random.
    seed: u64,
}

async fn reset(
    State(shared): State<Arc<Shared>>,
    body: Result<Bytes, BytesRejection>,
) -> Answer<Json<Reset>> {
    let _turn = shared.moving.lock().await;
    let wanted = optional(body)?.and_then(|Fresh { seed }| seed);
    let seed = wanted.unwrap_or(shared.hall.site.simulation.seed);
    let hall = Arc::clone(&shared.hall);
    tokio::task::spawn_blocking(move || hall.reset_to_seed(seed)).await.map_err(Problem::internal)?;
    Ok(Json(Reset { reset: true, seed }))
}
