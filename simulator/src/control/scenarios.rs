//! Scenarios and single actions: what can be made to happen, what is happening, and making it happen.

use std::sync::Arc;

use axum::{
    Json,
    extract::{
        Path, State,
        rejection::{PathRejection, StringRejection},
    },
    http::{HeaderMap, StatusCode, header},
};
use hallward_profiles::Text;
use schemars::JsonSchema;
use serde::Serialize;

use super::{
    Shared,
    body::{self, Body},
    problem::{Answer, Problem},
    route::Route,
};
use crate::{
    Action,
    scenario::{Run, Script},
};

pub(super) fn routes() -> Vec<Route> {
    vec![
        Route::get("/scenarios", "what can be made to happen, and what is happening", list)
            .gives::<Scenarios>(),
        Route::post(
            "/scenarios",
            "keeps a scenario of one's own, in TOML or JSON, to be started by its name",
            add,
        )
        .takes::<Script>()
        .also_takes(&["application/toml"])
        .gives::<Added>()
        .status(201)
        .problems(&[400, 409, 413, 422]),
        Route::delete("/scenarios", "stops all scenarios under way; what they have done stays", stop_all)
            .gives::<Scenarios>(),
        Route::post("/scenarios/{name}", "makes it happen", start)
            .gives::<Started>()
            .problems(&[400, 404, 409, 500]),
        Route::delete("/scenarios/{name}", "stops it; what it has done stays", stop)
            .gives::<Scenarios>()
            .problems(&[400, 404]),
        Route::post("/actions", "does one thing to the hall", act)
            .takes::<Action>()
            .gives::<Done>()
            .problems(&[400, 409, 415, 422]),
    ]
}

/// What can happen and what does.
#[derive(Serialize, JsonSchema)]
struct Scenarios {
    /// All there are.
    scenarios: Vec<Known>,
    /// Those under way and those that were, the newest last.
    runs: Vec<Run>,
}

/// A scenario.
#[derive(Serialize, JsonSchema)]
struct Known {
    /// Its name.
    name: String,
    /// What happens, in English.
    what: String,
    /// What happens, in English and Vietnamese.
    text: Text,
}

/// A scenario that is kept now.
#[derive(Serialize, JsonSchema)]
struct Added {
    /// Its name.
    added: String,
}

/// A scenario that is under way now.
#[derive(Serialize, JsonSchema)]
struct Started {
    /// Its name.
    started: String,
    /// The number of the run.
    run: u64,
}

/// An action that has been done.
#[derive(Serialize, JsonSchema)]
pub(super) struct Done {
    /// The action.
    pub(super) done: Action,
}

async fn list(State(shared): State<Arc<Shared>>) -> Json<Scenarios> {
    let known = shared.hall.scripts().into_iter().map(|script| {
        let text = script.what.clone();
        Known { name: script.name.to_string(), what: text.en.clone(), text }
    });
    Json(Scenarios { scenarios: known.collect(), runs: shared.hall.runs() })
}

async fn add(
    State(shared): State<Arc<Shared>>,
    headers: HeaderMap,
    body: Result<String, StringRejection>,
) -> Answer<(StatusCode, Json<Added>)> {
    let body = body?;
    let media_type =
        headers.get(header::CONTENT_TYPE).and_then(|value| value.to_str().ok()).unwrap_or_default();
    let script = if media_type.contains("toml") {
        Script::from_toml(&body).map_err(Problem::unprocessable)?
    } else {
        body::read::<Script>(body.as_bytes())?
    };
    let added = script.name.to_string();
    shared.hall.add_scenario(script)?;
    Ok((StatusCode::CREATED, Json(Added { added })))
}

async fn start(
    State(shared): State<Arc<Shared>>,
    name: Result<Path<String>, PathRejection>,
) -> Answer<Json<Started>> {
    let Path(name) = name?;
    let script = shared.hall.script(&name).map_err(Problem::not_found)?;
    let hall = Arc::clone(&shared.hall);
    // Its rehearsal takes its time, and waits for time that passes.
    let run = tokio::task::spawn_blocking(move || hall.play(&script)).await.map_err(Problem::internal)??;
    Ok(Json(Started { started: name, run }))
}

async fn stop(
    State(shared): State<Arc<Shared>>,
    name: Result<Path<String>, PathRejection>,
) -> Answer<Json<Scenarios>> {
    let Path(name) = name?;
    shared.hall.script(&name).map_err(Problem::not_found)?;
    shared.hall.stop_scenarios(Some(&name));
    Ok(list(State(shared)).await)
}

async fn stop_all(State(shared): State<Arc<Shared>>) -> Json<Scenarios> {
    shared.hall.stop_scenarios(None);
    list(State(shared)).await
}

async fn act(State(shared): State<Arc<Shared>>, Body(action): Body<Action>) -> Answer<Json<Done>> {
    shared.hall.act(&action)?;
    Ok(Json(Done { done: action }))
}
