//! The handlers as their readers meet them: a small hall, real databases in a temporary folder, a clock that
//! stands still.

mod access;
mod access_forms;
mod access_pages;
mod account;
mod accounts;
mod api;
mod api_accounts;
mod export;
mod lines;
mod pages;
mod refusals;
mod rights;
mod sign_in;
mod simulated;
mod stream;
mod texts;
mod tls;

use std::{net::SocketAddr, sync::Arc, time::Duration};

use axum::{
    Router,
    body::{Body, to_bytes},
    extract::connect_info::MockConnectInfo,
    http::{Request, StatusCode, header},
    response::Response,
};
use futures_util::StreamExt;
use serde_json::{Value as Json, json};
use tempfile::TempDir;
use tokio::sync::{Mutex, broadcast, mpsc, watch};
use tower::ServiceExt;

use super::{Channel, Feed, Simulated, Web, WebContext, router, testing};
use crate::{
    access::{Access, Desk, Ordered},
    accounts::{Accounts, Caller, NewAccount, NewToken, Origin, SignedIn, Way},
    bus::{LineCounters, LineHandle, Lines},
    evidence::{self, Evidence},
    model::{Changes, Clock, DoorsView, Mono, Now, PersonId, Plant, Role, Snapshot, Texts, Trust, Wall},
    store::{Batch, History, Journal, KeyFolders, KeyName, Write},
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
    accounts: Arc<Accounts>,
    /// Doors as they are seen, and the orders that they get.
    view: watch::Sender<Arc<DoorsView>>,
    orders: Mutex<mpsc::Receiver<Ordered>>,
    /// The token that requests show, if they show one.
    token: Option<String>,
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
    /// Whose requests show an administrator's token.
    async fn new(differences: &[(&str, &str)]) -> Self {
        Self::around(differences, None).await
    }

    /// With a simulated hall that takes orders, or none.
    async fn around(differences: &[(&str, &str)], simulator: Option<Arc<dyn Simulated>>) -> Self {
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
        let records = broadcast::Sender::new(16);
        let accounts =
            Accounts::open(journal.clone(), records.clone(), Arc::new(StoppedClock), "Hall".to_owned());
        let accounts = accounts.await.unwrap();
        let evidence = Evidence::open(evidence::Needs {
            journal: journal.clone(),
            committed: records.clone(),
            clock: Arc::new(StoppedClock),
            accounts: Arc::clone(&accounts),
            key: KeyFolders::of(folder.path()).key(KeyName::Log).unwrap(),
            name: "hallward/hall".to_owned(),
            data: folder.path().to_owned(),
            second: None,
        });
        let evidence = evidence.await.unwrap();
        let (view, seen) = watch::channel(Arc::new(DoorsView::default()));
        let (desk, orders) = mpsc::channel(4);
        let keys = KeyFolders::of(folder.path());
        let access = Access::new(
            Arc::clone(&accounts),
            journal.reader(),
            Desk::new(seen, desk),
            snapshots.clone(),
            keys.key(KeyName::Card).unwrap(),
        );
        let context = WebContext {
            snapshot: snapshots,
            lines: running,
            changes: broadcast::Sender::new(16),
            records,
            journal: journal.reader(),
            history: history.reader(),
            accounts: Arc::clone(&accounts),
            evidence,
            access: Arc::new(access),
            clock: Arc::new(StoppedClock),
            texts: Arc::new(Texts::default()),
            metrics: Arc::new(|| "hallward_up 1\n# EOF\n".to_owned()),
            ready: is_ready,
            simulator,
        };
        let web = Web::new(context, Channel::Loopback, stopping);
        let mut hall = Self {
            web,
            plant,
            snapshot,
            ready,
            stop,
            journal,
            history,
            accounts,
            view,
            orders: Mutex::new(orders),
            token: None,
            counters,
            lines,
            _folder: folder,
        };
        hall.token = Some(hall.token_of(Role::Administrator).await);
        hall
    }

    /// A new person with this role.
    async fn person(&self, role: Role) -> PersonId {
        let new = NewAccount {
            name: format!("Test {role}"),
            born: None,
            phone: None,
            sign_in: format!("{role}-{}", self.accounts.registry().accounts.len()),
            role,
            ends: Some(testing::NOW + Duration::from_secs(86_400)),
            remote: None,
        };
        self.accounts.add(&console(), new).await.unwrap().0
    }

    /// A token with all rights of a role.
    async fn token_of(&self, role: Role) -> String {
        let person = Some(self.person(role).await);
        let new = NewToken { name: "test".to_owned(), person, rights: role.rights(), ends: None };
        self.accounts.make_token(&console(), new).await.unwrap().1
    }

    /// The cookie of somebody of this role who has just signed in, and the proof of its pages.
    async fn cookie_of(&self, role: Role) -> (String, String) {
        let person = self.person(role).await;
        let link = self.accounts.enter_link(person).await.unwrap();
        let from = Origin { address: "127.0.0.1".parse().unwrap(), browser: "test".to_owned() };
        let SignedIn { secret } = self.accounts.enter(&link, from).await.unwrap();
        let caller = self.accounts.by_cookie(&secret, false).await.unwrap();
        let Way::Session { proof, .. } = caller.way else { panic!("a session") };
        (format!("__Host-hallward={secret}"), proof)
    }

    /// As this machine's own browsers meet it.
    fn router(&self) -> Router {
        let here: SocketAddr = "127.0.0.1:50000".parse().unwrap();
        router(Arc::clone(&self.web)).layer(MockConnectInfo(here))
    }

    async fn send(&self, request: axum::http::request::Builder) -> Response {
        self.send_body(request, Body::empty()).await
    }

    /// With the hall's token, unless the request says itself who asks.
    async fn send_body(&self, request: axum::http::request::Builder, body: Body) -> Response {
        let mut request: Request<Body> = request.body(body).unwrap();
        let headers = request.headers();
        let cookie = headers.get(header::COOKIE).and_then(|cookie| cookie.to_str().ok()).unwrap_or_default();
        let says = headers.contains_key(header::AUTHORIZATION) || cookie.contains("__Host-hallward");
        if let Some(token) = self.token.as_ref().filter(|_| !says) {
            let shown = format!("Bearer {token}").parse().unwrap();
            request.headers_mut().insert(header::AUTHORIZATION, shown);
        }
        self.router().oneshot(request).await.unwrap()
    }

    async fn get(&self, path: &str) -> Response {
        self.send(Request::get(path).header(header::HOST, "localhost:8080")).await
    }

    /// A form of this very address, with a cookie.
    async fn post(&self, path: &str, cookie: &str, fields: &[(&str, &str)]) -> Response {
        let body = form_urlencoded::Serializer::new(String::new()).extend_pairs(fields).finish();
        let request = Request::post(path)
            .header(header::HOST, "localhost:8080")
            .header("sec-fetch-site", "same-origin")
            .header(header::CONTENT_TYPE, "application/x-www-form-urlencoded")
            .header(header::COOKIE, cookie);
        self.send_body(request, Body::from(body)).await
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

fn console() -> Caller {
    Caller::console("uid-0".to_owned())
}

async fn text(response: Response) -> String {
    String::from_utf8(to_bytes(response.into_body(), 1 << 20).await.unwrap().to_vec()).unwrap()
}

fn header_of(response: &Response, name: header::HeaderName) -> &str {
    response.headers().get(name).map_or("", |value| value.to_str().unwrap())
}
