//! Points that report what a tester says.

use std::sync::Arc;

use axum::{
    Json,
    extract::{Path, State, rejection::PathRejection},
};
use hallward_profiles::Literal;
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use super::{
    Shared,
    body::Body,
    problem::{Answer, Problem},
    route::Route,
};
use crate::overrides::{Override, WrongOverride};

pub(super) fn routes() -> Vec<Route> {
    vec![
        Route::get("/overrides", "the points that report what a tester says", list).gives::<Overrides>(),
        Route::put("/overrides/{device}/{point}", "lets a point report this, whatever physics says", set)
            .takes::<Wanted>()
            .gives::<Override>()
            .problems(&[400, 404, 415, 422]),
        Route::delete(
            "/overrides/{device}/{point}",
            "lets a point report what physics says; gives the overrides left",
            clear,
        )
        .gives::<Overrides>()
        .problems(&[400, 404, 422]),
        Route::delete("/overrides", "ends all overrides", clear_all).gives::<Overrides>(),
    ]
}

/// The overrides that hold.
#[derive(Serialize, JsonSchema)]
struct Overrides {
    /// By device and point.
    overrides: Vec<Override>,
}

/// What a point is to report.
#[derive(Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
struct Wanted {
    /// A number in the point's unit, a flag or a word.
    value: Literal,
}

async fn list(State(shared): State<Arc<Shared>>) -> Json<Overrides> {
    Json(Overrides { overrides: shared.hall.overrides() })
}

async fn set(
    State(shared): State<Arc<Shared>>,
    place: Result<Path<(String, String)>, PathRejection>,
    Body(Wanted { value }): Body<Wanted>,
) -> Answer<Json<Override>> {
    let Path((device, point)) = place?;
    Ok(Json(shared.hall.set_override(&device, &point, value)?))
}

async fn clear(
    State(shared): State<Arc<Shared>>,
    place: Result<Path<(String, String)>, PathRejection>,
) -> Answer<Json<Overrides>> {
    let Path((device, point)) = place?;
    shared.hall.clear_override(&device, &point)?;
    Ok(list(State(shared)).await)
}

async fn clear_all(State(shared): State<Arc<Shared>>) -> Json<Overrides> {
    shared.hall.clear_overrides();
    list(State(shared)).await
}

impl From<WrongOverride> for Problem {
    fn from(wrong: WrongOverride) -> Self {
        match wrong {
            WrongOverride::NoDevice { .. } => Self::not_found(wrong),
            WrongOverride::NoPoint { .. } | WrongOverride::Value { .. } => Self::unprocessable(wrong),
        }
    }
}
