//! The API of doors and of who may go through them. The pages of the same matter are `pages::access`; both change what they
//! change through `crate::access`.

mod doors;
mod lists;

use std::sync::Arc;

use axum::{extract::FromRequestParts, http::request::Parts, response::Response};
use schemars::JsonSchema;
use serde::Deserialize;

use super::{
    Web,
    body::Body,
    json,
    problem::Problem,
    query::Query,
    route::{Need, Route},
};
use crate::{
    access::{AccessDeed, AccessList, Done},
    accounts::Caller,
    model::Right,
};

const OPERATES: Need = Need::Right(Right::DoorOperate);
const MANAGES: Need = Need::Right(Right::AccessManage);

/// Its routes.
pub(super) fn routes() -> Vec<Route> {
    let deeds = vec![
        Route::post(
            "/api/v1/access",
            MANAGES,
            "Changes who may go where: each kind of deed takes its own fields.",
            deed,
        )
        .takes::<AccessDeed>()
        .gives::<Done>()
        .problems(&[404, 409]),
        Route::post(
            "/api/v1/journal/review",
            Need::Right(Right::JournalReview),
            "The journal was reviewed up to a record.",
            review,
        )
        .takes::<ReviewBody>()
        .gives::<Done>(),
    ];
    [doors::routes(), lists::routes(), deeds].into_iter().flatten().collect()
}

/// A review of the journal.
#[derive(Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
struct ReviewBody {
    up_to: u64,
    /// Goes into the journal.
    findings: String,
}

/// Who asks for what; nothing is taken in the query.
struct Asked {
    web: Arc<Web>,
    caller: Caller,
}

impl FromRequestParts<Arc<Web>> for Asked {
    type Rejection = Problem;

    async fn from_request_parts(parts: &mut Parts, web: &Arc<Web>) -> Result<Self, Problem> {
        Query::parse(parts.uri.query(), &[])?;
        let caller = parts.extensions.get::<Caller>().cloned();
        // The guard has let in nobody else.
        let caller = caller.ok_or_else(|| Problem::unavailable("nobody asks"))?;
        Ok(Self { web: Arc::clone(web), caller })
    }
}

impl Asked {
    async fn carry_out(&self, deed: AccessDeed) -> Result<Response, Problem> {
        let done = self.web.context.access.carry_out(&self.caller, deed).await;
        json(&done.map_err(Problem::not_done)?)
    }
}

/// Answers a question.
async fn told(web: &Web, list: AccessList) -> Result<Response, Problem> {
    json(&web.context.access.list(list).await.map_err(Problem::not_done)?)
}

async fn deed(asked: Asked, Body(deed): Body<AccessDeed>) -> Result<Response, Problem> {
    asked.carry_out(deed).await
}

async fn review(asked: Asked, Body(body): Body<ReviewBody>) -> Result<Response, Problem> {
    asked.carry_out(AccessDeed::Review { up_to: body.up_to, findings: body.findings }).await
}
