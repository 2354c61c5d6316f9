//! HTTP: the pages, the API and the live stream.
//!
//! `app` calls [`serve`] with a [`WebContext`]. Of the hall everything here reads: the live state from the
//! snapshot, history and journal through the store's readers. Accounts are changed by whom they ask (`accounts`), and, in
//! a demo, the simulated hall (`simulated`); no device is spoken to, no clock is read but the one in the context.
//!
//! `listener` is where peers come in, in clear or over TLS (each such a `connection`); `route` says what each address needs,
//! `guard` stands before every handler and lets in who has it; `sign_in` is the way in; `query`, `form` and `body` check
//! what comes in, `problem` says what was wrong with it, `refused` what accounts refuse; `openapi` describes all of it to programs; `words` and `shown`
//! turn readings into text; `stream` and `feed` are the live events; `pages` the pages.

mod access;
mod accounts;
mod assets;
mod body;
mod connection;
mod cookie;
mod export;
mod feed;
mod form;
mod guard;
mod hall;
mod health;
mod history;
mod journal;
mod lines;
mod listener;
mod openapi;
mod pages;
mod places;
mod points;
mod problem;
mod query;
mod refused;
mod route;
mod shown;
mod sign_in;
mod simulated;
mod site;
mod stream;
#[cfg(test)]
mod testing;
#[cfg(test)]
mod tests;
mod words;

use std::{future::Future, io, net::SocketAddr, sync::Arc};

use axum::{
    Router,
    extract::Request,
    http::{HeaderMap, Method, StatusCode, header},
    middleware,
    response::{IntoResponse, Response},
    serve::{Listener, ListenerExt},
};
use serde::Serialize;
use tokio::sync::{broadcast, watch};
use tower_http::compression::CompressionLayer;

use self::{
    feed::Feed,
    guard::{Channel, Gate},
    problem::Problem,
    route::Route,
    stream::Hub,
};
use crate::{
    access::Access,
    accounts::Accounts,
    bus::Lines,
    evidence::Evidence,
    model::{Changes, Clock, DeviceIx, Now, Plant, Record, Snapshot, Texts},
    store::{HistoryReader, JournalReader},
};

pub use listener::{Handshakes, Listening, TlsListener};
pub use simulated::{Order, Simulated};

/// What the pages and the API read.
#[derive(Clone)]
pub struct WebContext {
    /// The live state, and what is wired.
    pub snapshot: watch::Receiver<Arc<Snapshot>>,
    /// The lines that run.
    pub lines: watch::Receiver<Arc<Lines>>,
    /// What changes in it.
    pub changes: broadcast::Sender<Arc<Changes>>,
    /// Records just committed.
    pub records: broadcast::Sender<Arc<Record>>,
    /// The journal.
    pub journal: JournalReader,
    /// History.
    pub history: HistoryReader,
    /// Who may sign in, and who asks.
    pub accounts: Arc<Accounts>,
    /// Who may go where, and the doors.
    pub access: Arc<Access>,
    /// The log as evidence.
    pub evidence: Arc<Evidence>,
    /// The clock.
    pub clock: Arc<dyn Clock>,
    /// The texts.
    pub texts: Arc<Texts>,
    /// The metrics as Prometheus reads them.
    pub metrics: Arc<dyn Fn() -> String + Send + Sync>,
    /// Whether every device has been asked once.
    pub ready: watch::Receiver<bool>,
    /// The simulated hall, in a demo.
    pub simulator: Option<Arc<dyn Simulated>>,
}

/// What the handlers share.
struct Web {
    context: WebContext,
    hub: Hub,
    stopping: watch::Receiver<bool>,
    channel: Channel,
}

/// Serves until `shutdown` is over; open streams end then.
///
/// # Errors
/// The listener's, if it cannot go on.
pub async fn serve(
    listening: Listening,
    context: WebContext,
    shutdown: impl Future<Output = ()> + Send + 'static,
) -> io::Result<()> {
    match listening {
        Listening::Plain(listener) => {
            let listener = listener.tap_io(|stream| listener::no_delay(stream));
            serve_over(Channel::Loopback, listener, context, shutdown).await
        }
        Listening::Tls(listener) => {
            // Only what is tapped tells handlers its peer: axum has it for its own listeners.
            let listener = listener.tap_io(|_| ());
            serve_over(Channel::Tls, listener, context, shutdown).await
        }
    }
}

async fn serve_over<L, F>(
    channel: Channel,
    listener: axum::serve::TapIo<L, F>,
    context: WebContext,
    shutdown: impl Future<Output = ()> + Send + 'static,
) -> io::Result<()>
where
    L: Listener<Addr = SocketAddr>,
    F: FnMut(&mut L::Io) + Send + 'static,
{
    let (stop, stopping) = watch::channel(false);
    let web = Web::new(context, channel, stopping.clone());
    let feed = tokio::spawn(Feed::new(Arc::clone(&web)).run(stopping));
    let stopped = async move {
        shutdown.await;
        stop.send_replace(true);
    };
    let service = router(web).into_make_service_with_connect_info::<SocketAddr>();
    let served = axum::serve(listener, service).with_graceful_shutdown(stopped).await;
    feed.abort();
    served
}

/// Every route of the program.
fn routes(web: &Web) -> Vec<Route> {
    let matters = [
        sign_in::routes(),
        pages::routes(),
        assets::routes(),
        health::routes(),
        site::routes(),
        points::routes(),
        lines::routes(),
        history::routes(),
        journal::routes(),
        export::routes(),
        stream::routes(),
        accounts::routes(),
        access::routes(),
        openapi::routes(),
        if web.context.simulator.is_some() { simulated::routes() } else { Vec::new() },
    ];
    matters.into_iter().flatten().collect()
}

fn router(web: Arc<Web>) -> Router {
    let guarded = |router: Router<Arc<Web>>, Route { path, need, reader, handler, .. }: Route| {
        let gate = Gate { web: Arc::clone(&web), need, reader };
        router.route(path, handler.layer(middleware::from_fn_with_state(gate, guard::gate)))
    };
    routes(&web)
        .into_iter()
        .fold(Router::new(), guarded)
        .fallback(nothing_here)
        .method_not_allowed_fallback(not_with_this_method)
        .layer(CompressionLayer::new())
        .layer(middleware::from_fn_with_state(web.channel, guard::guard))
        .with_state(Arc::clone(&web))
}

async fn nothing_here(request: Request) -> Problem {
    Problem::missing(format!("there is nothing at {}", request.uri().path()))
}

async fn not_with_this_method(method: Method, request: Request) -> Problem {
    let detail = format!("{method} is not possible at {}", request.uri().path());
    Problem { status: StatusCode::METHOD_NOT_ALLOWED, detail }
}

/// A JSON answer; live, hence never stored.
fn json(answer: &impl Serialize) -> Result<Response, Problem> {
    let body = serde_json::to_vec(answer).map_err(Problem::store)?;
    let headers = [(header::CONTENT_TYPE, "application/json"), (header::CACHE_CONTROL, "no-store")];
    Ok((headers, body).into_response())
}

impl Web {
    fn new(context: WebContext, channel: Channel, stopping: watch::Receiver<bool>) -> Arc<Self> {
        let epoch = format!("{:x}", context.clock.now().wall.0);
        Arc::new(Self { context, hub: Hub::new(epoch), stopping, channel })
    }

    fn now(&self) -> Now {
        self.context.clock.now()
    }

    /// The full address of something of this site, as whoever asks knows it.
    fn address(&self, headers: &HeaderMap, path: &str) -> String {
        let host = headers.get(header::HOST).and_then(|host| host.to_str().ok());
        let scheme = match self.channel {
            Channel::Loopback => "http",
            Channel::Tls => "https",
        };
        format!("{scheme}://{}{path}", host.unwrap_or("localhost"))
    }

    fn snapshot(&self) -> Arc<Snapshot> {
        Arc::clone(&self.context.snapshot.borrow())
    }

    fn plant(&self) -> Arc<Plant> {
        Arc::clone(&self.context.snapshot.borrow().plant)
    }

    /// Points are numbered by the plant: an answer that was begun under another one would speak of other points.
    fn same_plant(&self, plant: &Arc<Plant>) -> Result<(), Problem> {
        let same = Arc::ptr_eq(plant, &self.plant());
        same.then_some(()).ok_or_else(|| Problem {
            status: StatusCode::SERVICE_UNAVAILABLE,
            detail: "the site file has just been read again: ask again".to_owned(),
        })
    }

    fn device(&self, id: &str) -> Result<DeviceIx, Problem> {
        let found = self.plant().find_device(id);
        found.ok_or_else(|| Problem::missing(format!("there is no device `{id}`")))
    }
}
