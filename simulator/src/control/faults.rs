//! Faults of communication and of values: which there are, and setting and ending them.

use std::sync::Arc;

use axum::{
    Json,
    extract::{Query, State, rejection::JsonRejection},
    http::StatusCode,
};
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use super::{
    Shared,
    problem::{Answer, Problem},
    route::Route,
};
use crate::{
    faults::{self, Fault, FaultRequest},
    hall::lock,
};

pub(super) fn routes() -> Vec<Route> {
    const OF: &[(&str, &str)] = &[("device", "only the device's"), ("line", "only the line's")];
    vec![
        Route::get("/faults", "the faults that are on", list).gives::<Faults>(),
        Route::get("/faults/kinds", "the kinds of faults, with the keys that each takes", kinds)
            .gives::<Kinds>(),
        Route::post("/faults", "puts a fault on a device or a line", set)
            .takes::<FaultRequest>()
            .gives::<FaultRequest>()
            .status(201)
            .problems(&[400, 415, 422]),
        Route::delete("/faults", "ends all faults, or those of a device or a line; gives those left", clear)
            .query(OF)
            .gives::<Faults>()
            .problems(&[404]),
    ]
}

/// The faults that are on.
#[derive(Serialize, JsonSchema)]
struct Faults {
    /// Each as it was set.
    #[schemars(with = "Vec<FaultRequest>")]
    faults: Vec<Fault>,
}

/// The kinds of faults.
#[derive(Serialize, JsonSchema)]
struct Kinds {
    /// Each with its keys.
    kinds: Vec<Kind>,
}

/// A kind of fault.
#[derive(Serialize, JsonSchema)]
struct Kind {
    /// Its name.
    kind: &'static str,
    /// The keys that it takes besides `kind`.
    takes: Vec<&'static str>,
}

async fn kinds() -> Json<Kinds> {
    let kinds = faults::KINDS.map(|(kind, takes)| Kind { kind, takes: takes.to_vec() });
    Json(Kinds { kinds: kinds.into() })
}

async fn list(State(shared): State<Arc<Shared>>) -> Json<Faults> {
    Json(Faults { faults: lock(&shared.hall.faults).list() })
}

async fn set(
    State(shared): State<Arc<Shared>>,
    request: Result<Json<FaultRequest>, JsonRejection>,
) -> Answer<(StatusCode, Json<Fault>)> {
    let Json(request) = request?;
    let fault = request.check(&shared.hall.site).map_err(Problem::unprocessable)?;
    shared.hall.set_fault(fault.clone());
    Ok((StatusCode::CREATED, Json(fault)))
}

#[derive(Deserialize)]
struct Of {
    device: Option<String>,
    line: Option<String>,
}

async fn clear(
    State(shared): State<Arc<Shared>>,
    Query(Of { device, line }): Query<Of>,
) -> Answer<Json<Faults>> {
    let site = &shared.hall.site;
    if let Some(device) = &device {
        let found = site.device(device).map(|(_, device)| &device.id);
        let found = found.ok_or_else(|| Problem::not_found(format!("there is no device `{device}`")))?;
        shared.hall.clear_faults(Some(found));
    }
    if let Some(line) = &line {
        let found = site.lines.iter().find(|one| one.id.as_str() == line);
        let found = found.ok_or_else(|| Problem::not_found(format!("there is no line `{line}`")))?;
        shared.hall.clear_line_fault(&found.id);
    }
    if device.is_none() && line.is_none() {
        shared.hall.clear_faults(None);
    }
    Ok(list(State(shared)).await)
}
