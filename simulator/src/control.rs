//! The control API: JSON over HTTP on a loopback port. Errors are `application/problem+json` (RFC 9457).
//!
//! It has no sign-in: it stands in front of a simulated hall, and only programs of this machine reach it.

use std::{collections::BTreeMap, sync::Arc, time::Duration};

use axum::{
    Json, Router,
    extract::{Path, Query, State, rejection::JsonRejection},
    http::{StatusCode, header},
    response::{IntoResponse, Response},
    routing::{get, post},
};
use hallward_profiles::Id;
use hallward_site::Transport;
use serde::Deserialize;
use serde_json::{Value, json};
use tokio::net::TcpListener;

use crate::{
    faults::FaultRequest,
    hall::Hall,
    physics::{Scenario, Truth},
};

/// What can be asked, and what it does.
const ROUTES: &[(&str, &str)] = &[
    ("GET /truth", "the physical state of the hall"),
    ("GET /devices", "devices, with the addresses where they answer"),
    ("GET /counters", "requests answered, by device"),
    ("GET /scenarios", "what can be made to happen"),
    ("POST /scenarios/{name}", "make it happen"),
    ("GET /faults", "faults of communication that are on"),
    (
        "POST /faults",
        r#"{"device":"…","kind":"silence|refuse|bad-crc|noise|truncate|wrong-unit|collision|identity"} or "delay|late" with "ms" or "exception" with "code"; {"line":"…","kind":"echo"}"#,
    ),
    ("DELETE /faults[?device=|?line=]", "end all faults, or that of a device or a line"),
    ("POST /clock/advance", r#"{"seconds":60}: lets so much more time pass at once, up to a day"#),
    ("POST /reset", "everything as at the start"),
];

/// Most time that one request lets pass, s.
const MOST_ADVANCE_S: f64 = 86_400.0;

struct Shared {
    hall: Arc<Hall>,
    lines: BTreeMap<Id, Transport>,
}

/// Serves the API until the task is dropped.
pub(crate) async fn serve(listener: TcpListener, hall: Arc<Hall>, lines: BTreeMap<Id, Transport>) {
    let routes = Router::new()
        .route("/", get(index))
        .route("/truth", get(truth))
        .route("/devices", get(list_devices))
        .route("/counters", get(counters))
        .route("/scenarios", get(scenarios))
        .route("/scenarios/{name}", post(start_scenario))
        .route("/faults", get(faults).post(set_fault).delete(clear_faults))
        .route("/clock/advance", post(advance))
        .route("/reset", post(reset))
        .fallback(unknown_route)
        .method_not_allowed_fallback(wrong_method)
        .with_state(Arc::new(Shared { hall, lines }));
    if let Err(error) = axum::serve(listener, routes).await {
        tracing::error!(%error, "the control API stopped");
    }
}

/// What is wrong with a request.
struct Problem {
    status: StatusCode,
    detail: String,
}

impl IntoResponse for Problem {
    fn into_response(self) -> Response {
        let title = self.status.canonical_reason().unwrap_or("Error");
        let body = json!({ "title": title, "status": self.status.as_u16(), "detail": self.detail });
        (self.status, [(header::CONTENT_TYPE, "application/problem+json")], body.to_string()).into_response()
    }
}

fn not_found(detail: String) -> Problem {
    Problem { status: StatusCode::NOT_FOUND, detail }
}

fn not_readable(rejection: JsonRejection) -> Problem {
    Problem { status: rejection.status(), detail: rejection.body_text() }
}

async fn index() -> Json<Value> {
    let routes = ROUTES.iter().map(|(route, what)| json!({ "route": route, "what": what }));
    Json(json!({ "name": "hallward simulator", "routes": routes.collect::<Vec<_>>() }))
}

async fn truth(State(shared): State<Arc<Shared>>) -> Json<Truth> {
    Json(shared.hall.truth())
}

async fn list_devices(State(shared): State<Arc<Shared>>) -> Json<Value> {
    let site = &shared.hall.site;
    let devices = site.devices.iter().map(|device| {
        let line = site.lines.get(device.line).map(|line| &line.id);
        let address = line.and_then(|line| shared.lines.get(line)).map(Transport::to_string);
        json!({
            "id": device.id,
            "name": device.name,
            "class": device.profile.class,
            "profile": device.profile.id,
            "line": line,
            "unit": device.unit,
            "address": address,
        })
    });
    Json(json!({ "devices": devices.collect::<Vec<_>>() }))
}

async fn counters(State(shared): State<Arc<Shared>>) -> Json<Value> {
    Json(json!({ "counters": shared.hall.counters() }))
}

async fn scenarios() -> Json<Value> {
    let all = Scenario::ALL.map(|scenario| json!({ "name": scenario.name(), "what": scenario.what() }));
    Json(json!({ "scenarios": all }))
}

async fn start_scenario(
    State(shared): State<Arc<Shared>>,
    Path(name): Path<String>,
) -> Result<Json<Value>, Problem> {
    let scenario: Scenario = name.parse().map_err(not_found)?;
    let started = shared.hall.start(scenario);
    started.map_err(|missing| Problem { status: StatusCode::CONFLICT, detail: missing.to_string() })?;
    Ok(Json(json!({ "started": scenario.name() })))
}

async fn faults(State(shared): State<Arc<Shared>>) -> Json<Value> {
    Json(json!({ "faults": shared.hall.faults() }))
}

async fn set_fault(
    State(shared): State<Arc<Shared>>,
    request: Result<Json<FaultRequest>, JsonRejection>,
) -> Result<(StatusCode, Json<Value>), Problem> {
    let Json(request) = request.map_err(not_readable)?;
    let set = request.check(&shared.hall.site).and_then(|fault| shared.hall.set_fault(fault));
    let set =
        set.map_err(|wrong| Problem { status: StatusCode::UNPROCESSABLE_ENTITY, detail: wrong.to_string() })?;
    Ok((StatusCode::CREATED, Json(json!(set))))
}

#[derive(Deserialize)]
struct Of {
    device: Option<String>,
    line: Option<String>,
}

async fn clear_faults(
    State(shared): State<Arc<Shared>>,
    Query(Of { device, line }): Query<Of>,
) -> Result<Json<Value>, Problem> {
    let site = &shared.hall.site;
    if let Some(device) = &device {
        let found = site.device(device).map(|(_, device)| &device.id);
        let found = found.ok_or_else(|| not_found(format!("there is no device `{device}`")))?;
        shared.hall.clear_faults(Some(found));
    }
    if let Some(line) = &line {
        let found = site.lines.iter().find(|one| one.id.as_str() == line);
        let found = found.ok_or_else(|| not_found(format!("there is no line `{line}`")))?;
        shared.hall.clear_line_fault(&found.id);
    }
    if device.is_none() && line.is_none() {
        shared.hall.clear_faults(None);
    }
    Ok(faults(State(shared)).await)
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Advance {
    seconds: f64,
}

async fn advance(
    State(shared): State<Arc<Shared>>,
    request: Result<Json<Advance>, JsonRejection>,
) -> Result<Json<Value>, Problem> {
    let Json(Advance { seconds }) = request.map_err(not_readable)?;
    if !(0.0..=MOST_ADVANCE_S).contains(&seconds) {
        let detail = format!("seconds must be 0 to {MOST_ADVANCE_S}, not {seconds}");
        return Err(Problem { status: StatusCode::UNPROCESSABLE_ENTITY, detail });
    }
    let hall = Arc::clone(&shared.hall);
    let moved = tokio::task::spawn_blocking(move || {
        hall.advance(Duration::from_secs_f64(seconds));
        hall.elapsed().as_secs_f64()
    });
    let failed = |error: tokio::task::JoinError| Problem {
        status: StatusCode::INTERNAL_SERVER_ERROR,
        detail: error.to_string(),
    };
    Ok(Json(json!({ "elapsed_s": moved.await.map_err(failed)? })))
}

async fn reset(State(shared): State<Arc<Shared>>) -> Json<Value> {
    shared.hall.reset();
    Json(json!({ "reset": true }))
}

async fn unknown_route() -> Problem {
    not_found("there is nothing here; GET / lists what there is".to_owned())
}

async fn wrong_method() -> Problem {
    let detail = "this address takes other methods; GET / lists them".to_owned();
    Problem { status: StatusCode::METHOD_NOT_ALLOWED, detail }
}
