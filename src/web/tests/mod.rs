//! The handlers as their readers meet them: a small hall, real databases in a temporary folder, a clock that
//! stands still.

mod api;
mod lines;
mod pages;
mod simulated;
mod stream;
mod texts;
mod tls;

use std::{sync::Arc, time::Duration};

use axum::{
    Router,
    body::{Body, to_bytes},
    http::{Request, StatusCode, header},
    response::Response,
};
use futures_util::StreamExt;
use serde_json::{Value as Json, json};
use tempfile::TempDir;
use tokio::sync::{broadcast, mpsc, watch};
use tower::ServiceExt;

use super::{Channel, Feed, Simulated, Web, WebContext, router, testing};
use crate::{
    bus::{LineCounters, LineHandle, Lines},
    model::{Changes, Clock, Mono, Now, Plant, Snapshot, Texts, Trust, Wall},
    store::{Batch, History, Journal, Write},
};

/// The program around the handlers.
struct Hall {
    web: Arc<Web>,
    plant: Arc<Plant>,
    snapshot: watch::Sender<Arc<Snapshot>>,
    ready: watch::Sender<bool>,
    stop: watch::Sender<bool>,
    journal: Journal,
    history: History,
    /// Of the line `plant`.
    counters: Arc<LineCounters>,
    lines: watch::Sender<Arc<Lines>>,
    _folder: TempDir,
}

struct StoppedClock;

impl Clock for StoppedClock {
    fn now(&self) -> Now {
        Now { mono: Mono(0), wall: testing::NOW, trust: Trust::Synchronised }
    }
}

impl Hall {
    fn new(differences: &[(&str, &str)]) -> Self {
        Self::around(differences, None)
    }

    /// With a simulated hall that takes orders, or none.
    fn around(differences: &[(&str, &str)], simulator: Option<Arc<dyn Simulated>>) -> Self {
        let plant = testing::plant();
        let (snapshot, snapshots) = watch::channel(testing::scene(&plant, differences));
        let (ready, is_ready) = watch::channel(false);
        let (stop, stopping) = watch::channel(false);
        let folder = tempfile::tempdir().unwrap();
        let now = StoppedClock.now();
        let (journal, _) = Journal::open(&folder.path().join("core.db"), None, [1; 16], now).unwrap();
        let path = folder.path().join("history.db");
        let history = History::open(&path, None, &plant, testing::groups(&plant)).unwrap();
        let counters = Arc::<LineCounters>::default();
        let handle = LineHandle { commands: mpsc::channel(1).0, counters: Arc::clone(&counters) };
        let (lines, running) = watch::channel(Arc::new(Lines::from([("plant".parse().unwrap(), handle)])));
        let context = WebContext {
            snapshot: snapshots,
            lines: running,
            changes: broadcast::Sender::new(16),
            records: broadcast::Sender::new(16),
            journal: journal.reader(),
            history: history.reader(),
            clock: Arc::new(StoppedClock),
            texts: Arc::new(Texts::default()),
            metrics: Arc::new(|| "hallward_up 1\n# EOF\n".to_owned()),
            ready: is_ready,
            simulator,
        };
        let web = Web::new(context, Channel::Loopback, stopping);
        Self { web, plant, snapshot, ready, stop, journal, history, counters, lines, _folder: folder }
    }

    fn router(&self) -> Router {
        router(Arc::clone(&self.web))
    }

    async fn send(&self, request: axum::http::request::Builder) -> Response {
        let request: Request<Body> = request.body(Body::empty()).unwrap();
        self.router().oneshot(request).await.unwrap()
    }

    async fn get(&self, path: &str) -> Response {
        self.send(Request::get(path).header(header::HOST, "localhost:8080")).await
    }

    async fn json(&self, path: &str) -> (StatusCode, Json) {
        let response = self.get(path).await;
        let status = response.status();
        (status, serde_json::from_str(&text(response).await).unwrap())
    }

    /// Applies `differences` to the calm hall and tells everyone.
    fn change(&self, differences: &[(&str, &str)]) {
        self.snapshot.send_replace(testing::scene(&self.plant, differences));
        let points = differences.iter().filter_map(|(path, _)| self.plant.find(path)).collect();
        self.web.context.changes.send(Arc::new(Changes { revision: 2, points, links: Vec::new() })).unwrap();
    }
}

async fn text(response: Response) -> String {
    String::from_utf8(to_bytes(response.into_body(), 1 << 20).await.unwrap().to_vec()).unwrap()
}

fn header_of(response: &Response, name: header::HeaderName) -> &str {
    response.headers().get(name).map_or("", |value| value.to_str().unwrap())
}
