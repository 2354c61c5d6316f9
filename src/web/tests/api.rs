use super::*;

#[tokio::test]
async fn points_have_the_form_of_the_contract() {
    let hall = Hall::new(&[("rack-2/temperature", "~timeout"), ("rack-2/humidity", "~stale 50")]).await;
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
    let (_, site) = Hall::new(&[]).await.json("/api/v1/site").await;
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
    let hall = Hall::new(&[]).await;
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
    assert!(text(posted).await.contains("POST is not possible at /api/v1/points"));
}

#[tokio::test]
async fn at_most_eight_points_of_history_at_a_time() {
    let hall = Hall::new(&[]).await;
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
    let response =
        Hall::new(&[]).await.send(Request::get("/healthz").header(header::HOST, "evil.example")).await;
    assert_eq!(response.status(), StatusCode::MISDIRECTED_REQUEST);
    assert!(text(response).await.contains("this host name is not served"));
}

#[tokio::test]
async fn every_answer_has_the_security_headers() {
    let hall = Hall::new(&[]).await;
    for path in ["/healthz", "/api/v1/points", "/nowhere"] {
        let response = hall.get(path).await;
        let policy = header_of(&response, header::CONTENT_SECURITY_POLICY);
        assert!(
            policy.starts_with("default-src 'none'; script-src 'self'; style-src 'self'"),
            "{path}: {policy}"
        );
        assert!(policy.contains("frame-ancestors 'none'") && !policy.contains("unsafe"));
        assert_eq!(header_of(&response, header::X_CONTENT_TYPE_OPTIONS), "nosniff");
        assert_eq!(header_of(&response, header::REFERRER_POLICY), "same-origin");
        let named = |name: &'static str| header_of(&response, header::HeaderName::from_static(name));
        assert_eq!(named("cross-origin-opener-policy"), "same-origin");
        assert!(named("permissions-policy").contains("camera=()"));
        assert_eq!(named("strict-transport-security"), "", "in clear there is nothing to be strict about");
    }
}

#[tokio::test]
async fn answers_are_compressed_but_not_the_stream() {
    let hall = Hall::new(&[]).await;
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
    let hall = Hall::new(&[]).await;
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

#[tokio::test]
async fn history_tells_samples_with_their_gaps_or_buckets() {
    let hall = Hall::new(&[]).await;
    let at = |ago: u64| testing::NOW - Duration::from_secs(ago);
    let mut rows = vec![
        testing::sample(&hall.plant, "rack-1", at(30), Ok(20.5)),
        testing::sample(&hall.plant, "rack-1", at(29), Err(crate::model::Quality::Timeout)),
    ];
    rows.extend(
        (1..=20)
            .map(|n| testing::sample(&hall.plant, "rack-2", at(n), Ok(f64::from(u32::try_from(n).unwrap())))),
    );
    assert!(hall.history.offer(Batch { rows, states: Vec::new() }));
    hall.history.flush().await.unwrap();
    let (status, answer) = hall.json("/api/v1/history?point=rack-1/temperature").await;
    assert_eq!(status, StatusCode::OK);
    let expected = json!({
        "from": "2026-11-23T06:32:07.000Z", "to": "2026-11-23T07:32:07.000Z",
        "series": [{ "device": "rack-1", "point": "temperature", "unit": "°C", "samples": [
            { "time": "2026-11-23T07:31:37.000Z", "value": 20.5, "quality": "good" },
            { "time": "2026-11-23T07:31:38.000Z", "value": null, "quality": "timeout" },
        ]}],
    });
    assert_eq!(answer, expected);
    let span = "from=2026-11-23T07:31:47Z&to=2026-11-23T07:32:07Z&buckets=2";
    let (_, answer) = hall.json(&format!("/api/v1/history?point=rack-2/temperature&{span}")).await;
    let series = &answer["series"][0];
    assert_eq!(series["bucket_s"], 10.0);
    let first =
        json!({ "time": "2026-11-23T07:31:47.000Z", "min": 11.0, "max": 20.0, "mean": 15.5, "count": 10 });
    assert_eq!(series["buckets"][0], first);
}

#[tokio::test]
async fn the_journal_tells_its_newest_records_or_those_after_a_number() {
    let hall = Hall::new(&[]).await;
    let record = |code, place: &str| {
        let new = crate::model::NewRecord::system(StoppedClock.now(), code, crate::model::Severity::Warning);
        new.at(place).with("reason", "timeout")
    };
    let records = vec![
        record("device.offline", "ups-a"),
        record("device.online", "ups-a"),
        record("device.offline", "ups-b"),
    ];
    hall.journal.write(Write { records, rows: Vec::new() }).await.unwrap();
    let seqs = |answer: &Json| {
        answer["records"]
            .as_array()
            .unwrap()
            .iter()
            .map(|record| record["seq"].as_u64().unwrap())
            .collect::<Vec<_>>()
    };
    let (_, newest) = hall.json("/api/v1/journal?limit=2").await;
    // Two records tell of the account and the token that ask.
    assert_eq!(seqs(&newest), [4, 5]);
    assert_eq!(
        newest["records"][1],
        json!({ "seq": 5, "time": "2026-11-23T07:32:07.000Z", "code": "device.offline",
        "place": "ups-b", "actor": "system", "severity": "warning", "trust": "synchronised",
        "body": { "reason": "timeout" } })
    );
    let (_, after) = hall.json("/api/v1/journal?after=2&limit=2").await;
    assert_eq!(seqs(&after), [3, 4]);
    let (_, offline) = hall.json("/api/v1/journal?code=device.offline&device=ups-a").await;
    assert_eq!(seqs(&offline), [3]);
    let (_, past) = hall.json("/api/v1/journal?to=2026-11-22T00:00:00Z").await;
    assert_eq!(seqs(&past), [] as [u64; 0]);
}
