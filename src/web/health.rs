//! `/healthz`, `/readyz` and `/metrics`, for systemd, scripts and Prometheus.

use std::{sync::Arc, time::Duration};

use axum::{
    extract::State,
    http::header,
    response::{IntoResponse, Response},
};

use super::{
    Web,
    problem::Problem,
    route::{Need, Route, SEES},
};

/// The owner of the live state publishes at least once a second; silent for so long, it no longer moves.
const STILL: Duration = Duration::from_secs(10);

/// Its routes.
pub(super) fn routes() -> Vec<Route> {
    vec![
        Route::get("/healthz", Need::Nothing, "Whether the program lives.", healthz)
            .media_types(&["text/plain"])
            .problems(&[503]),
        Route::get("/readyz", SEES, "Whether every device has been asked once.", readyz)
            .media_types(&["text/plain"])
            .problems(&[503]),
        Route::get("/metrics", SEES, "Metrics for Prometheus; only of values that are good.", metrics)
            .media_types(&["application/openmetrics-text", "text/plain"]),
    ]
}

/// 200 while the owner of the live state still moves.
pub(super) async fn healthz(State(web): State<Arc<Web>>) -> Result<&'static str, Problem> {
    if is_moving(&web) {
        return Ok("ok");
    }
    let age = web.now().wall.since(web.snapshot().time);
    Err(Problem::unavailable(format!("the live state has not moved for {} s", age.as_secs())))
}

/// Whether the owner of the live state still moves.
pub(super) fn is_moving(web: &Web) -> bool {
    web.now().wall.since(web.snapshot().time) <= STILL
}

/// 200 once every device has been asked.
pub(super) async fn readyz(State(web): State<Arc<Web>>) -> Result<&'static str, Problem> {
    if *web.context.ready.borrow() {
        return Ok("ready");
    }
    Err(Problem::unavailable("starting: not every device has been asked yet"))
}

/// The metrics, as the app counts them.
pub(super) async fn metrics(State(web): State<Arc<Web>>) -> Response {
    let text = (web.context.metrics)();
    // OpenMetrics ends with this line; Prometheus' older text form does not know it.
    let kind = if text.ends_with("# EOF\n") {
        "application/openmetrics-text; version=1.0.0; charset=utf-8"
    } else {
        "text/plain; version=0.0.4; charset=utf-8"
    };
    ([(header::CONTENT_TYPE, kind)], text).into_response()
}
