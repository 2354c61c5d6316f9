//! What people do at a door. Each is an action, written by the door's address.

use std::sync::Arc;

use axum::{
    Json,
    body::Bytes,
    extract::{
        Path, State,
        rejection::{BytesRejection, PathRejection},
    },
};
use serde_json::{Map, Value, json};

use super::{
    Shared,
    body::{described, optional},
    problem::{Answer, Problem},
    route::Route,
    scenarios::Done,
};
use crate::{Action, misread};

/// What can be done at a door: actions of these names that take a `door`.
const VERBS: [&str; 7] = ["badge", "pin", "open", "close", "rex", "force", "prop"];

pub(super) fn routes() -> Vec<Route> {
    vec![
        Route::post(
            "/doors/{door}/{verb}",
            "badge, pin, open, close, rex, force or prop: the action of that name, with the rest of its keys as body",
            act,
        )
        .takes::<Option<Value>>()
        .gives::<Done>()
        .problems(&[400, 404, 409, 413, 422]),
    ]
}

async fn act(
    State(shared): State<Arc<Shared>>,
    place: Result<Path<(String, String)>, PathRejection>,
    body: Result<Bytes, BytesRejection>,
) -> Answer<Json<Done>> {
    let Path((door, verb)) = place?;
    let mut action: Map<String, Value> = optional(body)?.unwrap_or_default();
    if !VERBS.contains(&verb.as_str()) {
        let (verb, known) = (verb.escape_debug(), VERBS.join(", "));
        return Err(Problem::not_found(format!("nobody can `{verb}` a door; one of: {known}")));
    }
    if !shared.hall.truth().doors.iter().any(|one| one.id == door) {
        return Err(Problem::not_found(format!("there is no door `{}`", door.escape_debug())));
    }
    action.extend([("do".to_owned(), json!(verb)), ("door".to_owned(), json!(door))]);
    let action: Action = misread::read(&Value::Object(action)).map_err(described)?;
    shared.hall.act(&action)?;
    Ok(Json(Done { done: action }))
}
