use super::*;

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

/// Feeds the stream of a hall that someone has just looked at.
fn feed(hall: &Hall) {
    hall.web.hub.ask(hall.web.now().mono);
    tokio::spawn(Feed::new(Arc::clone(&hall.web)).run(hall.stop.subscribe()));
}

#[tokio::test(start_paused = true)]
async fn nothing_is_formatted_for_nobody_and_who_comes_gets_what_is_new() {
    let hall = Hall::new(&[]).await;
    tokio::spawn(Feed::new(Arc::clone(&hall.web)).run(hall.stop.subscribe()));
    hall.change(&[("rack-1/temperature", "24.5")]);
    tokio::time::sleep(Duration::from_secs(2)).await;
    let before = hall.web.hub.position(hall.web.now().mono);
    assert!(before.ends_with(":0"), "{before}");
    let mut events = Events::open(&hall, "/api/v1/stream", &before).await;
    let event = events.next().await.unwrap();
    assert!(event.contains("\"point\":\"temperature\",\"value\":24.5"), "{event}");
}

#[tokio::test(start_paused = true)]
async fn a_changed_value_reaches_the_stream_in_both_languages() {
    let hall = Hall::new(&[]).await;
    feed(&hall);
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
    let hall = Hall::new(&[]).await;
    feed(&hall);
    let mut events = Events::open(&hall, "/api/v1/stream", "").await;
    for n in 0..10 {
        hall.change(&[("rack-1/temperature", &format!("2{n}.5")), ("rack-2/temperature", "20.1")]);
        tokio::time::sleep(Duration::from_millis(100)).await;
    }
    let mut batches = Vec::new();
    while let Ok(Some(event)) = tokio::time::timeout(Duration::from_secs(1), events.next()).await {
        batches.push(event);
    }
    let joined = batches.concat();
    assert!((4..=6).contains(&joined.matches("event: reading").count()), "{joined}");
    assert_eq!(joined.matches("rack-2").count(), 1, "told once, then the same answer is no news: {joined}");
    assert!(joined.contains("29.5"), "the last value is there: {joined}");
}

#[tokio::test(start_paused = true)]
async fn a_reader_that_was_away_gets_what_it_missed_or_a_reset() {
    let hall = Hall::new(&[]).await;
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
    let hall = Hall::new(&[]).await;
    let mut events = Events::open(&hall, "/api/v1/stream", "").await;
    let within = |seconds| Duration::from_secs(seconds);
    assert!(tokio::time::timeout(within(14), events.next()).await.is_err());
    let heartbeat = tokio::time::timeout(within(2), events.next()).await.unwrap();
    assert_eq!(heartbeat.as_deref(), Some(": \n\n"));
    hall.stop.send_replace(true);
    assert_eq!(events.next().await, None);
}

#[tokio::test]
async fn the_number_of_streams_is_bounded() {
    let hall = Hall::new(&[]).await;
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
    let hall = Hall::new(&[]).await;
    feed(&hall);
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

#[tokio::test(start_paused = true)]
async fn a_quiet_hall_gives_signs_of_life_only_while_it_moves() {
    let hall = Hall::new(&[]).await;
    feed(&hall);
    let mut events = Events::open(&hall, "/api/v1/stream", "").await;
    let sign = tokio::time::timeout(Duration::from_secs(6), events.next()).await.unwrap().unwrap();
    assert!(sign.ends_with("event: reading\ndata: {\"readings\":[],\"states\":false}\n\n"), "{sign}");
    let mut still = Snapshot::clone(&hall.snapshot.borrow());
    still.time = testing::NOW - Duration::from_secs(11);
    hall.snapshot.send_replace(Arc::new(still));
    let next = tokio::time::timeout(Duration::from_secs(14), events.next()).await;
    assert!(next.is_err(), "a hall that stands still gives no sign of life: {next:?}");
}

#[tokio::test(start_paused = true)]
async fn r_leaver_whoever_is_ended_is_out_of_the_stream_within_a_second() {
    let hall = Hall::new(&[]).await;
    let (cookie, _) = hall.cookie_of(Role::Viewer).await;
    let request =
        Request::get("/api/v1/stream").header(header::HOST, "localhost").header(header::COOKIE, cookie);
    let mut events = Events(hall.send(request).await.into_body().into_data_stream());
    assert_eq!(events.next().await.as_deref(), Some("retry: 2000\n\n"));
    let viewer = hall.accounts.registry().by_sign_in("viewer-1").unwrap().person;
    hall.accounts.end(&console(), viewer, "has left").await.unwrap();
    let ended = tokio::time::timeout(Duration::from_secs(1), events.next()).await;
    assert_eq!(ended, Ok(None));
}
