//! `GET /api/v1/doors`, and what is ordered and set there: `POST /api/v1/doors/{id}/…`, `PUT /api/v1/doors/{id}/settings`,
//! `POST /api/v1/lockdown`. An order is answered when it is carried out, with its record on disk.

use std::{collections::BTreeMap, sync::Arc};

use axum::{
    extract::{RawQuery, State},
    http::StatusCode,
    response::{IntoResponse, Response},
};
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use super::{
    super::{
        Web,
        body::{At, Body},
        problem::Problem,
        query::Query,
        route::{Route, SEES},
    },
    Asked, MANAGES, OPERATES, told,
};
use crate::access::{AccessDeed, AccessList, Done, DoorLine, DoorRequest};

#[derive(Serialize, JsonSchema)]
struct DoorsAnswer {
    #[allow(dead_code, reason = "only its schema is asked for")]
    doors: Vec<DoorLine>,
}

/// An order's reason.
#[derive(Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
struct DoorWhyBody {
    /// Goes into the journal.
    why: String,
}

#[derive(Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
struct HoldBody {
    /// Until then: a day by the hall's time, or RFC 3339. Absent: until it is released.
    #[serde(default)]
    until: Option<String>,
    /// Goes into the journal.
    why: String,
}

#[derive(Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
struct PairBody {
    /// `entry` or `exit`.
    side: String,
    /// Goes into the journal.
    why: String,
}

#[derive(Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
struct LockdownBody {
    /// A door's id, a room's id, or `site`.
    scope: String,
    /// Ends the lockdown.
    #[serde(default)]
    end: bool,
    /// Goes into the journal.
    why: String,
}

#[derive(Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
struct SettingsBody {
    /// Names and texts of those that are to be otherwise, such as `"unlock": "7s"`.
    settings: BTreeMap<String, String>,
    /// Goes into the journal.
    why: String,
}

/// Its routes.
pub(super) fn routes() -> Vec<Route> {
    let order = |route: Route| route.status(204).problems(&[409]);
    vec![
        Route::get("/api/v1/doors", SEES, "Every door as it is now.", doors).gives::<DoorsAnswer>(),
        order(Route::post("/api/v1/doors/{id}/unlock", OPERATES, "Unlocks once, as for a badge.", unlock))
            .takes::<DoorWhyBody>(),
        order(Route::post("/api/v1/doors/{id}/hold", OPERATES, "Holds it unlocked.", hold))
            .takes::<HoldBody>(),
        order(Route::post("/api/v1/doors/{id}/lock", OPERATES, "Holds it locked.", lock)).takes::<HoldBody>(),
        order(Route::post("/api/v1/doors/{id}/release", OPERATES, "Ends what an operator holds.", release))
            .takes::<DoorWhyBody>(),
        order(Route::post("/api/v1/doors/{id}/clear-alarm", OPERATES, "Clears its alarm.", clear_alarm))
            .takes::<DoorWhyBody>(),
        order(Route::post(
            "/api/v1/doors/{id}/fire-reset",
            OPERATES,
            "Ends a fire release whose input has cleared.",
            fire_reset,
        ))
        .takes::<DoorWhyBody>(),
        order(Route::post("/api/v1/doors/{id}/pair", OPERATES, "Pairs a reader, within a minute.", pair))
            .takes::<PairBody>(),
        order(Route::post("/api/v1/lockdown", OPERATES, "Locks down, or ends that.", lockdown))
            .takes::<LockdownBody>()
            .problems(&[404, 409]),
        Route::put("/api/v1/doors/{id}/settings", MANAGES, "Sets how it behaves.", settings)
            .takes::<SettingsBody>()
            .gives::<Done>(),
    ]
}

type Answer = Result<Response, Problem>;

async fn doors(State(web): State<Arc<Web>>, RawQuery(raw): RawQuery) -> Answer {
    Query::parse(raw.as_deref(), &[])?;
    told(&web, AccessList::Doors).await
}

async fn unlock(asked: Asked, At(door): At, Body(DoorWhyBody { why }): Body<DoorWhyBody>) -> Answer {
    asked.order(DoorRequest::Unlock { door, why }).await
}

async fn hold(asked: Asked, At(door): At, Body(HoldBody { until, why }): Body<HoldBody>) -> Answer {
    asked.order(DoorRequest::Hold { door, until, why }).await
}

async fn lock(asked: Asked, At(door): At, Body(HoldBody { until, why }): Body<HoldBody>) -> Answer {
    asked.order(DoorRequest::Lock { door, until, why }).await
}

async fn release(asked: Asked, At(door): At, Body(DoorWhyBody { why }): Body<DoorWhyBody>) -> Answer {
    asked.order(DoorRequest::Release { door, why }).await
}

async fn clear_alarm(asked: Asked, At(door): At, Body(DoorWhyBody { why }): Body<DoorWhyBody>) -> Answer {
    asked.order(DoorRequest::ClearAlarm { door, why }).await
}

async fn fire_reset(asked: Asked, At(scope): At, Body(DoorWhyBody { why }): Body<DoorWhyBody>) -> Answer {
    asked.order(DoorRequest::FireReset { scope, why }).await
}

async fn pair(asked: Asked, At(door): At, Body(PairBody { side, why }): Body<PairBody>) -> Answer {
    asked.order(DoorRequest::Pair { door, side, why }).await
}

async fn lockdown(asked: Asked, Body(LockdownBody { scope, end, why }): Body<LockdownBody>) -> Answer {
    asked.order(DoorRequest::Lockdown { scope, end, why }).await
}

async fn settings(asked: Asked, At(door): At, Body(body): Body<SettingsBody>) -> Answer {
    asked.carry_out(AccessDeed::SetDoor { door, settings: body.settings, why: body.why }).await
}

impl Asked {
    async fn order(&self, request: DoorRequest) -> Answer {
        let done = self.web.context.access.order(&self.caller, request).await;
        done.map_err(Problem::not_done)?;
        Ok(StatusCode::NO_CONTENT.into_response())
    }
}
