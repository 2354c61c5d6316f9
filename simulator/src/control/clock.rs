//! Time: how much has passed, and letting it pass, by a span or until something holds.
//!
//! Without a gateway the hall alone moves on, on a thread of its own; with one, time moves through it, and the answer
//! comes when it has digested everything. Requests that move time wait for one another.

use std::{sync::Arc, time::Duration};

use axum::{Json, extract::State};
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use super::{
    Shared,
    body::Body,
    problem::{Answer, Problem},
    route::Route,
};
use crate::condition::{Condition, Sight};

/// Most time that one request lets pass, s: a day.
const MOST_S: f64 = 86_400.0;

/// How often a condition is looked at.
const LOOK: Duration = Duration::from_secs(1);

pub(super) fn routes() -> Vec<Route> {
    vec![
        Route::get("/clock", "how much time has passed, and how fast it passes by itself", clock)
            .gives::<Clock>(),
        Route::post(
            "/clock/advance",
            "lets time pass: so many seconds, up to a day, or until a condition holds, looked at each second",
            advance,
        )
        .takes::<Advance>()
        .gives::<Advanced>()
        .problems(&[400, 415, 422, 500]),
    ]
}

/// The hall's time.
#[derive(Serialize, JsonSchema)]
struct Clock {
    /// Time since the start or reset, s.
    elapsed_s: f64,
    /// How many times as fast as the wall's it passes by itself; at 0 it stands still until it is advanced.
    speed: f64,
}

async fn clock(State(shared): State<Arc<Shared>>) -> Json<Clock> {
    let speed = shared.gateway.as_ref().map_or(shared.speed, |gateway| gateway.speed());
    Json(Clock { elapsed_s: shared.hall.elapsed().as_secs_f64(), speed })
}

/// By how much: `seconds`, or `until` with `max_s`.
#[derive(Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
struct Advance {
    /// This much, s, 0 to 86 400.
    seconds: Option<f64>,
    /// Until this holds.
    until: Option<Condition>,
    /// With `until`: at most this much, s, 0 to 86 400.
    max_s: Option<f64>,
}

/// Where time has come to.
#[derive(Serialize, JsonSchema)]
struct Advanced {
    /// Time since the start or reset, s.
    elapsed_s: f64,
    /// With `until`: whether the condition holds.
    #[serde(skip_serializing_if = "Option::is_none")]
    met: Option<bool>,
}

async fn advance(State(shared): State<Arc<Shared>>, Body(request): Body<Advance>) -> Answer<Json<Advanced>> {
    let _turn = shared.moving.lock().await;
    let met = match request {
        Advance { seconds: Some(seconds), until: None, max_s: None } => {
            shared.let_pass(span("seconds", seconds)?).await?;
            None
        }
        Advance { seconds: None, until: Some(condition), max_s: Some(most) } => {
            Some(shared.let_pass_until(&condition, span("max_s", most)?).await?)
        }
        Advance { .. } => {
            let right = r#"{"seconds":60}, or {"until":…,"max_s":7200}"#;
            return Err(Problem::unprocessable(format!("say by how much: {right}")));
        }
    };
    Ok(Json(Advanced { elapsed_s: shared.hall.elapsed().as_secs_f64(), met }))
}

fn span(name: &str, seconds: f64) -> Answer<Duration> {
    if (0.0..=MOST_S).contains(&seconds) {
        Ok(Duration::from_secs_f64(seconds))
    } else {
        Err(Problem::unprocessable(format!("{name} must be 0 to {MOST_S}, not {seconds}")))
    }
}

impl Shared {
    async fn let_pass(&self, span: Duration) -> Answer<()> {
        if let Some(gateway) = &self.gateway {
            return gateway.advance(span).await.map_err(Problem::internal);
        }
        let hall = Arc::clone(&self.hall);
        tokio::task::spawn_blocking(move || hall.advance(span)).await.map_err(Problem::internal)
    }

    async fn let_pass_until(&self, condition: &Condition, most: Duration) -> Answer<bool> {
        let mut left = most;
        loop {
            let holds = condition.holds(&Sight::new(&self.hall, self.gateway.as_deref()));
            if holds.map_err(Problem::unprocessable)? {
                return Ok(true);
            }
            if left.is_zero() {
                return Ok(false);
            }
            let piece = left.min(LOOK);
            self.let_pass(piece).await?;
            left -= piece;
        }
    }
}
