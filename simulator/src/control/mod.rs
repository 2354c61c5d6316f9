//! The control API: JSON over HTTP on a loopback port, and a page for people. Errors are `application/problem+json`
//! (RFC 9457); `GET /openapi.json` describes it.
//!
//! Who serves it: the simulator. Each file has the routes of one matter, with
//! their descriptions (`route.rs`). It has no sign-in: it stands in front of a simulated hall, and only programs of
//! this machine reach it.

mod body;
mod clock;
mod doors;
mod events;
mod faults;
mod hall;
mod openapi;
mod overrides;
mod page;
mod problem;
mod route;
mod scenarios;
#[cfg(test)]
mod tests;

use std::{collections::BTreeMap, sync::Arc};

use axum::Router;
use hallward_profiles::Id;
use hallward_site::Transport;
use tokio::net::TcpListener;

use crate::{gateway::Gateway, hall::Hall};
use problem::{unknown_route, wrong_method};
use route::Route;

/// What all routes share.
pub(crate) struct Shared {
    hall: Arc<Hall>,
    lines: BTreeMap<Id, Transport>,
    gateway: Option<Arc<dyn Gateway>>,
    /// How fast the hall's own clock runs; a gateway tells for itself.
    speed: f64,
    /// Held by whoever moves time.
    moving: tokio::sync::Mutex<()>,
}

impl Shared {
    pub(crate) fn new(
        hall: Arc<Hall>,
        lines: BTreeMap<Id, Transport>,
        gateway: Option<Arc<dyn Gateway>>,
        speed: f64,
    ) -> Self {
        Self { hall, lines, gateway, speed, moving: tokio::sync::Mutex::default() }
    }
}

/// Serves the API until the task is dropped.
pub(crate) async fn serve(listener: TcpListener, shared: Shared) {
    if let Err(error) = axum::serve(listener, router(Arc::new(shared))).await {
        tracing::error!(%error, "the control API stopped");
    }
}

fn router(shared: Arc<Shared>) -> Router {
    let each = routes().into_iter();
    let router = each.fold(Router::new(), |router, route| router.route(route.path, route.handler));
    router.fallback(unknown_route).method_not_allowed_fallback(wrong_method).with_state(shared)
}

fn routes() -> Vec<Route> {
    let matters = [
        page::routes(),
        hall::routes(),
        clock::routes(),
        scenarios::routes(),
        doors::routes(),
        events::routes(),
        faults::routes(),
        overrides::routes(),
    ];
    matters.into_iter().flatten().collect()
}
