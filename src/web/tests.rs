//! The handlers as their readers meet them.

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
use tokio::sync::{broadcast, watch};
use tower::ServiceExt;

use super::{Feed, Web, WebContext, router, testing};
use crate::{
    model::{Changes, Clock, Mono, Now, Plant, Snapshot, Texts, Trust, Wall},
    store::{History, Journal},
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
        let plant = Arc::new(testing::plant());
        let (snapshot, snapshots) = watch::channel(testing::scene(&plant, differences));
        let (ready, is_ready) = watch::channel(false);
        let (stop, stopping) = watch::channel(false);
        let folder = tempfile::tempdir().unwrap();
        let now = StoppedClock.now();
        let (journal, _) = Journal::open(&folder.path().join("core.db"), None, [1; 16], now).unwrap();
        let path = folder.path().join("history.db");
        let history = History::open(&path, None, &plant, testing::groups(&plant)).unwrap();
        let context = WebContext {
            plant: Arc::clone(&plant),
            snapshot: snapshots,
            changes: broadcast::Sender::new(16),
            records: broadcast::Sender::new(16),
            journal: journal.reader(),
            history: history.reader(),
            clock: Arc::new(StoppedClock),
            texts: Arc::new(Texts::default()),
            metrics: Arc::new(|| "hallward_up 1\n# EOF\n".to_owned()),
            ready: is_ready,
            simulator: None,
        };
        let web = Web::new(context, stopping);
        Self { web, plant, snapshot, ready, stop, journal, history, _folder: folder }
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

#[tokio::test]
async fn points_have_the_form_of_the_contract() {
    let hall = Hall::new(&[("rack-2/temperature", "~timeout"), ("rack-2/humidity", "~stale 50")]);
    let (status, answer) = hall.json("/api/v1/points?device=rack-2").await;
    assert_eq!(status, StatusCode::OK);
    let expected = json!({ "points": [
        { "device": "rack-2", "class": "climate", "point": "temperature", "value": null, "unit": "°C",
          "quality": "timeout", "time": "2026-11-23T07:32:07.000Z", "age_s": 0.0 },
        { "device": "rack-2", "class": "climate", "point": "humidity", "value": 50.0, "unit": "%",
          "quality": "stale", "time": "2026-11-23T07:30:07.000Z", "age_s": 120.0 },
        { "device": "rack-2", "class": "climate", "point": "dew-point", "value": null, "unit": "°C",
          "quality": "not-yet-read", "time": null, "age_s": null },
    ]});
    assert_eq!(answer, expected);
    let (_, status) = hall.json("/api/v1/points?class=ups&point=ups.status").await;
    assert_eq!(status.pointer("/points/0/value"), Some(&json!("online")));
    assert_eq!(status.pointer("/points/0/unit"), Some(&Json::Null));
    assert_eq!(status["points"].as_array().unwrap().len(), 2);
}

#[tokio::test]
async fn the_site_says_what_is_wired_and_what_is_lacking() {
    let (_, site) = Hall::new(&[]).json("/api/v1/site").await;
    assert_eq!(
        (&site["id"], &site["simulated"], &site["time_zone"]),
        (&json!("hall"), &json!(true), &json!("Asia/Ho_Chi_Minh"))
    );
    let ups = &site["devices"][0];
    assert_eq!(
        (&ups["id"], &ups["class"], &ups["room"], &ups["line"]),
        (&json!("ups-a"), &json!("ups"), &json!("a"), &json!("plant"))
    );
    assert_eq!((&ups["every_s"], &ups["lacks"]), (&json!(1.0), &json!({ "vendor.gap": "no sensor" })));
    assert_eq!(site["feeds"][1], json!({ "from": "gen-1", "to": "ats-1", "input": 2 }));
}

#[tokio::test]
async fn errors_are_problems_everywhere() {
    let hall = Hall::new(&[]);
    let cases = [
        ("/nowhere", 404, "there is nothing at /nowhere"),
        ("/api/v1/points?device=nope", 404, "there is no device `nope`"),
        ("/api/v1/points?class=door", 400, "`class=door`: one of ups, battery,"),
        ("/api/v1/points?devices=a", 400, "unknown query parameter `devices`: one of device, class, point"),
        ("/api/v1/site?x=1", 400, "unknown query parameter `x`"),
        ("/api/v1/history", 400, "which point?"),
        ("/api/v1/history?point=ups-a/nope", 404, "there is no point `ups-a/nope`"),
        (
            "/api/v1/history?point=ups-a/battery.charge&from=2030-01-01T00:00:00Z",
            400,
            "`from` is later than `to`",
        ),
        (
            "/api/v1/history?point=ups-a/battery.charge&buckets=2001",
            400,
            "`buckets=2001`: a whole number from 1 to 2000",
        ),
        ("/api/v1/journal?limit=0", 400, "`limit=0`: a whole number from 1 to 1000"),
        ("/api/v1/journal?from=soon", 400, "`from=soon` is no time"),
        ("/api/v1/stream?x=1", 400, "unknown query parameter `x`: one of after"),
        ("/readyz", 503, "starting"),
    ];
    for (path, status, detail) in cases {
        let response = hall.get(path).await;
        assert_eq!(response.status(), status, "{path}");
        assert_eq!(header_of(&response, header::CONTENT_TYPE), "application/problem+json", "{path}");
        let problem: Json = serde_json::from_str(&text(response).await).unwrap();
        assert!(problem["detail"].as_str().unwrap().starts_with(detail), "{path}: {problem}");
        assert_eq!((&problem["status"], &problem["type"]), (&json!(status), &json!("about:blank")));
    }
    let posted = hall.send(Request::post("/api/v1/points").header(header::HOST, "localhost")).await;
    assert_eq!(posted.status(), StatusCode::METHOD_NOT_ALLOWED);
    assert!(text(posted).await.contains("POST is not possible at /api/v1/points: only GET"));
}

#[tokio::test]
async fn at_most_eight_points_of_history_at_a_time() {
    let hall = Hall::new(&[]);
    let names = hall.plant.iter().flat_map(|(_, device, info)| {
        info.points.iter().map(move |p| format!("point={}/{}", device.id, p.name))
    });
    let names: Vec<_> = names.take(9).collect();
    assert_eq!(hall.get(&format!("/api/v1/history?{}", names[..8].join("&"))).await.status(), StatusCode::OK);
    let (status, problem) = hall.json(&format!("/api/v1/history?{}", names.join("&"))).await;
    assert_eq!(
        (status, &problem["detail"]),
        (StatusCode::BAD_REQUEST, &json!("9 points: at most 8 at a time"))
    );
}

#[tokio::test]
async fn foreign_host_names_are_refused() {
    let response = Hall::new(&[]).send(Request::get("/healthz").header(header::HOST, "evil.example")).await;
    assert_eq!(response.status(), StatusCode::MISDIRECTED_REQUEST);
    assert!(text(response).await.contains("this host name is not served"));
}

#[tokio::test]
async fn every_answer_has_the_security_headers() {
    let hall = Hall::new(&[]);
    for path in ["/healthz", "/api/v1/points", "/nowhere"] {
        let response = hall.get(path).await;
        let policy = header_of(&response, header::CONTENT_SECURITY_POLICY);
        assert!(
            policy.starts_with("default-src 'none'; script-src 'self'; style-src 'self'"),
            "{path}: {policy}"
        );
        assert!(policy.contains("frame-ancestors 'none'") && !policy.contains("unsafe"));
        assert_eq!(header_of(&response, header::X_CONTENT_TYPE_OPTIONS), "nosniff");
        assert_eq!(header_of(&response, header::REFERRER_POLICY), "no-referrer");
    }
}

#[tokio::test]
async fn answers_are_compressed_but_not_the_stream() {
    let hall = Hall::new(&[]);
    let get =
        |path| Request::get(path).header(header::HOST, "localhost").header(header::ACCEPT_ENCODING, "gzip");
    let points = hall.send(get("/api/v1/points")).await;
    assert_eq!(header_of(&points, header::CONTENT_ENCODING), "gzip");
    let stream = hall.send(get("/api/v1/stream")).await;
    assert_eq!(header_of(&stream, header::CONTENT_ENCODING), "");
    assert_eq!(header_of(&stream, header::CONTENT_TYPE), "text/event-stream");
}

#[tokio::test]
async fn health_is_the_live_states_motion() {
    let hall = Hall::new(&[]);
    assert_eq!(text(hall.get("/healthz").await).await, "ok");
    let mut snapshot = Snapshot::clone(&hall.snapshot.borrow());
    snapshot.time = testing::NOW - Duration::from_secs(11);
    hall.snapshot.send_replace(Arc::new(snapshot));
    let (status, problem) = hall.json("/healthz").await;
    assert_eq!(status, StatusCode::SERVICE_UNAVAILABLE);
    assert_eq!(problem["detail"], "the live state has not moved for 11 s");
    hall.ready.send_replace(true);
    assert_eq!(text(hall.get("/readyz").await).await, "ready");
    let metrics = hall.get("/metrics").await;
    assert!(header_of(&metrics, header::CONTENT_TYPE).starts_with("application/openmetrics-text"));
}

/// Reads a stream piece by piece.
struct Events(axum::body::BodyDataStream);

impl Events {
    async fn open(hall: &Hall, path: &str, last: &str) -> Self {
        let request = Request::get(path).header(header::HOST, "localhost").header("last-event-id", last);
        let request =
            if last.is_empty() { Request::get(path).header(header::HOST, "localhost") } else { request };
        let mut events = Self(hall.send(request).await.into_body().into_data_stream());
        assert_eq!(events.next().await.as_deref(), Some("retry: 2000\n\n"));
        events
    }

    async fn next(&mut self) -> Option<String> {
        let piece = self.0.next().await?;
        Some(String::from_utf8(piece.unwrap().to_vec()).unwrap())
    }
}

#[tokio::test(start_paused = true)]
async fn a_changed_value_reaches_the_stream_in_both_languages() {
    let hall = Hall::new(&[]);
    tokio::spawn(Feed::new(Arc::clone(&hall.web)).run(hall.stop.subscribe()));
    let mut events = Events::open(&hall, "/api/v1/stream", "").await;
    hall.change(&[("rack-1/temperature", "24.5")]);
    let event = events.next().await.unwrap();
    let epoch = format!("{:x}", testing::NOW.0);
    let expected = format!(
        "id: {epoch}:1\nevent: reading\ndata: {{\"readings\":[{{\"device\":\"rack-1\",\"point\":\"temperature\",\
         \"value\":24.5,\"quality\":\"good\",\"time\":\"2026-11-23T07:32:07.000Z\",\
         \"text\":{{\"en\":\"24.5\u{a0}°C\",\"vi\":\"24,5\u{a0}°C\"}}}}],\"states\":false}}\n\n"
    );
    assert_eq!(event, expected);
}

#[tokio::test(start_paused = true)]
async fn batches_come_at_most_five_times_a_second_and_only_with_news() {
    let hall = Hall::new(&[]);
    tokio::spawn(Feed::new(Arc::clone(&hall.web)).run(hall.stop.subscribe()));
    let mut events = Events::open(&hall, "/api/v1/stream", "").await;
    let started = tokio::time::Instant::now();
    for n in 0..10 {
        hall.change(&[("rack-1/temperature", &format!("2{n}.5")), ("rack-2/temperature", "20.1")]);
        tokio::time::sleep(Duration::from_millis(100)).await;
    }
    let mut batches = Vec::new();
    while let Ok(Some(event)) = tokio::time::timeout(Duration::from_secs(1), events.next()).await {
        batches.push(event);
    }
    let joined = batches.concat();
    assert!(started.elapsed() < Duration::from_secs(3));
    assert!((4..=6).contains(&joined.matches("event: reading").count()), "{joined}");
    assert_eq!(joined.matches("rack-2").count(), 1, "told once, then the same answer is no news: {joined}");
    assert!(joined.contains("29.5"), "the last value is there: {joined}");
}

#[tokio::test(start_paused = true)]
async fn a_reader_that_was_away_gets_what_it_missed_or_a_reset() {
    let hall = Hall::new(&[]);
    let epoch = format!("{:x}", testing::NOW.0);
    for n in 1..=3 {
        hall.web.hub.publish("record", &n.to_string());
    }
    let mut replayed = Events::open(&hall, "/api/v1/stream", &format!("{epoch}:1")).await;
    let missed = replayed.next().await.unwrap();
    assert_eq!(
        missed,
        format!("id: {epoch}:2\nevent: record\ndata: 2\n\nid: {epoch}:3\nevent: record\ndata: 3\n\n")
    );
    let mut first = Events::open(&hall, &format!("/api/v1/stream?after={epoch}:2"), "").await;
    assert!(first.next().await.unwrap().contains("data: 3"));
    let mut foreign = Events::open(&hall, "/api/v1/stream", "other:2").await;
    assert_eq!(foreign.next().await.unwrap(), format!("id: {epoch}:3\nevent: reset\ndata: {{}}\n\n"));
    hall.web.hub.publish("record", "4");
    assert!(foreign.next().await.unwrap().contains("data: 4"));
}

#[tokio::test(start_paused = true)]
async fn a_silent_stream_sends_heartbeats_and_ends_when_the_program_stops() {
    let hall = Hall::new(&[]);
    let mut events = Events::open(&hall, "/api/v1/stream", "").await;
    let started = tokio::time::Instant::now();
    assert_eq!(events.next().await.as_deref(), Some(": \n\n"));
    assert_eq!(started.elapsed(), Duration::from_secs(15));
    hall.stop.send_replace(true);
    assert_eq!(events.next().await, None);
}

#[tokio::test]
async fn the_number_of_streams_is_bounded() {
    let hall = Hall::new(&[]);
    let mut open = Vec::new();
    for _ in 0..200 {
        open.push(hall.get("/api/v1/stream").await);
    }
    assert_eq!(hall.get("/api/v1/stream").await.status(), StatusCode::SERVICE_UNAVAILABLE);
    open.pop();
    assert_eq!(hall.get("/api/v1/stream").await.status(), StatusCode::OK);
}

#[tokio::test(start_paused = true)]
async fn a_record_reaches_the_stream_as_the_journal_has_it() {
    let hall = Hall::new(&[]);
    tokio::spawn(Feed::new(Arc::clone(&hall.web)).run(hall.stop.subscribe()));
    let mut events = Events::open(&hall, "/api/v1/stream", "").await;
    let record = crate::model::Record {
        seq: 17,
        run: [7; 16],
        mono: Mono(0),
        wall: Wall(testing::NOW.0),
        trust: Trust::Unsynchronised,
        severity: crate::model::Severity::Warning,
        code: "device.offline".into(),
        place: "ups-a".into(),
        actor: "system".into(),
        body: [("reason".to_owned(), "timeout".to_owned())].into(),
        commitment: None,
    };
    hall.web.context.records.send(Arc::new(record)).unwrap();
    let event = events.next().await.unwrap();
    let data = event.split_once("data: ").unwrap().1;
    let expected = json!({ "seq": 17, "time": "2026-11-23T07:32:07.000Z", "code": "device.offline", "place": "ups-a",
        "actor": "system", "severity": "warning", "trust": "unsynchronised", "body": { "reason": "timeout" } });
    assert_eq!(serde_json::from_str::<Json>(data).unwrap(), expected);
}
