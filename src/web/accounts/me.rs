//! `GET /api/v1/me`: who asks, and what it may.

use axum::response::Response;
use schemars::JsonSchema;
use serde::Serialize;

use super::{
    super::{
        json,
        problem::Problem,
        route::{Need, Route},
    },
    Asked,
};
use crate::{
    accounts::Way,
    model::{Right, Role},
};

/// Who asks.
#[derive(Serialize, JsonSchema)]
struct MeAnswer {
    /// As records name it.
    actor: String,
    /// How it is known: `session`, `token` or `display`.
    kind: &'static str,
    /// The person behind it.
    person: Option<String>,
    name: Option<String>,
    role: Option<&'static str>,
    rights: Vec<&'static str>,
    /// A new password must be chosen before anything else.
    must_change_password: bool,
}

/// Its routes.
pub(super) fn routes() -> Vec<Route> {
    vec![Route::get("/api/v1/me", Need::Oneself, "Who asks, and what it may.", me).gives::<MeAnswer>()]
}

async fn me(asked: Asked) -> Result<Response, Problem> {
    let caller = &asked.caller;
    let found = caller.person().and_then(|person| asked.accounts().find(person));
    json(&MeAnswer {
        actor: caller.actor.clone(),
        kind: match caller.way {
            Way::Session { .. } | Way::Console => "session",
            Way::Token { person: Some(_), .. } => "token",
            Way::Token { person: None, .. } => "display",
        },
        person: caller.person().map(|person| person.to_string()),
        role: found.as_ref().map(|(_, account)| Role::as_str(account.role)),
        name: found.map(|(person, _)| person.name),
        rights: caller.rights.iter().map(Right::as_str).collect(),
        must_change_password: caller.must_change(),
    })
}
