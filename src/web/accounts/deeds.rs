//! `POST /api/v1/accounts/{id}/…` and `/api/v1/accounts/change-all`: what administrators do to accounts. Each answers with the account as it
//! stands then.

use axum::{http::HeaderMap, response::Response};
use schemars::JsonSchema;
use serde::{Deserialize, Deserializer, Serialize};

use super::{
    super::{
        body::{At, Body},
        json,
        problem::Problem,
        route::Route,
    },
    Asked, MANAGES,
    list::{AccountAnswer, LinkAnswer, made, told},
    person_id, time, word,
};
use crate::{accounts::NotDone, model::Role};

/// A deed's reason.
#[derive(Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
struct WhyBody {
    /// Goes into the journal.
    why: String,
}

#[derive(Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
struct RoleBody {
    role: String,
    /// Goes into the journal.
    why: String,
}

#[derive(Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
#[schemars(extend("required" = ["ends", "why"]))]
struct EndDateBody {
    /// From when on it no longer counts; null takes its end away.
    #[serde(deserialize_with = "said")]
    #[schemars(extend("format" = "date-time"))]
    ends: Option<String>,
    /// Goes into the journal.
    why: String,
}

#[derive(Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
#[schemars(extend("required" = ["purpose", "why"]))]
struct RemoteBody {
    /// What it may be used for from other machines; null: it may not.
    #[serde(deserialize_with = "said")]
    purpose: Option<String>,
    /// Goes into the journal.
    why: String,
}

#[derive(Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
struct UnlockBody {
    /// The owner's request: who asked, when and how. Goes into the journal.
    request: String,
}

#[derive(Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
struct ChangeAllBody {
    /// Only accounts of this role.
    #[serde(default)]
    role: Option<String>,
    /// Goes into the journal.
    why: String,
}

#[derive(Serialize, JsonSchema)]
struct ChangeAllAnswer {
    /// How many accounts are concerned.
    concerned: usize,
}

/// Null must be said: a field that was forgotten takes nothing away.
fn said<'de, D: Deserializer<'de>>(from: D) -> Result<Option<String>, D::Error> {
    Option::deserialize(from)
}

/// Its routes.
pub(super) fn routes() -> Vec<Route> {
    let deed = |route: Route| route.gives::<AccountAnswer>().problems(&[409]);
    vec![
        Route::post("/api/v1/accounts/change-all", MANAGES, "All must choose new passwords.", change_all)
            .takes::<ChangeAllBody>()
            .gives::<ChangeAllAnswer>(),
        deed(Route::post("/api/v1/accounts/{id}/role", MANAGES, "Sets the role.", role)).takes::<RoleBody>(),
        deed(Route::post("/api/v1/accounts/{id}/end-date", MANAGES, "Sets its end.", end_date))
            .takes::<EndDateBody>(),
        deed(Route::post(
            "/api/v1/accounts/{id}/remote",
            MANAGES,
            "Sets its use from other machines.",
            remote,
        ))
        .takes::<RemoteBody>(),
        Route::post("/api/v1/accounts/{id}/link", MANAGES, "A new link to choose a password.", link)
            .takes::<WhyBody>()
            .gives::<LinkAnswer>()
            .status(201)
            .problems(&[409]),
        deed(Route::post(
            "/api/v1/accounts/{id}/unlock",
            MANAGES,
            "Unlocks it at its owner's request.",
            unlock,
        ))
        .takes::<UnlockBody>(),
        deed(Route::post("/api/v1/accounts/{id}/suspend", MANAGES, "Suspends it.", suspend))
            .takes::<WhyBody>(),
        deed(Route::post("/api/v1/accounts/{id}/restore", MANAGES, "Restores it.", restore))
            .takes::<WhyBody>(),
        deed(Route::post("/api/v1/accounts/{id}/end", MANAGES, "Ends it for good.", end)).takes::<WhyBody>(),
    ]
}

type Answer = Result<Response, Problem>;

async fn role(asked: Asked, At(id): At, Body(body): Body<RoleBody>) -> Answer {
    let (person, role) = (person_id(&id)?, word("role", &body.role, &Role::ALL, Role::as_str)?);
    let done = asked.accounts().set_role(&asked.caller, person, role, &body.why).await;
    after(&asked, &id, done)
}

async fn end_date(asked: Asked, At(id): At, Body(body): Body<EndDateBody>) -> Answer {
    let (person, ends) = (person_id(&id)?, time("ends", body.ends.as_deref())?);
    let done = asked.accounts().set_ends(&asked.caller, person, ends, &body.why).await;
    after(&asked, &id, done)
}

async fn remote(asked: Asked, At(id): At, Body(body): Body<RemoteBody>) -> Answer {
    let done = asked.accounts().set_remote(&asked.caller, person_id(&id)?, body.purpose, &body.why).await;
    after(&asked, &id, done)
}

async fn link(asked: Asked, At(id): At, headers: HeaderMap, Body(body): Body<WhyBody>) -> Answer {
    let secret = asked.accounts().new_link(&asked.caller, person_id(&id)?, &body.why).await;
    let secret = secret.map_err(Problem::not_done)?;
    made(&LinkAnswer { id, link: asked.web.address(&headers, &format!("/link/{secret}")) })
}

async fn unlock(asked: Asked, At(id): At, Body(body): Body<UnlockBody>) -> Answer {
    let done = asked.accounts().unlock(&asked.caller, person_id(&id)?, &body.request).await;
    after(&asked, &id, done)
}

async fn suspend(asked: Asked, At(id): At, Body(body): Body<WhyBody>) -> Answer {
    let done = asked.accounts().suspend(&asked.caller, person_id(&id)?, &body.why).await;
    after(&asked, &id, done)
}

async fn restore(asked: Asked, At(id): At, Body(body): Body<WhyBody>) -> Answer {
    let done = asked.accounts().restore(&asked.caller, person_id(&id)?, &body.why).await;
    after(&asked, &id, done)
}

async fn end(asked: Asked, At(id): At, Body(body): Body<WhyBody>) -> Answer {
    let done = asked.accounts().end(&asked.caller, person_id(&id)?, &body.why).await;
    after(&asked, &id, done)
}

fn after(asked: &Asked, id: &str, done: Result<(), NotDone>) -> Answer {
    done.map_err(Problem::not_done)?;
    told(asked, person_id(id)?)
}

async fn change_all(asked: Asked, Body(body): Body<ChangeAllBody>) -> Answer {
    let role = body.role.map(|role| word("role", &role, &Role::ALL, Role::as_str)).transpose()?;
    let done = asked.accounts().change_all(&asked.caller, role, &body.why).await;
    json(&ChangeAllAnswer { concerned: done.map_err(Problem::not_done)? })
}
