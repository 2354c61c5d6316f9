use super::*;

fn counted(hall: &Hall) {
    let counters = &hall.counters;
    for (counter, count) in [
        (&counters.requests, 100),
        (&counters.answers, 90),
        (&counters.timeouts, 5),
        (&counters.exceptions, 2),
        (&counters.bad_frames, 3),
        (&counters.down, 4),
        (&counters.late, 6),
        (&counters.discarded, 77),
        (&counters.echoes, 8),
        (&counters.skipped, 9),
        (&counters.writes, 1),
    ] {
        counter.add(count);
    }
}

#[tokio::test]
async fn lines_tell_their_load_their_counts_and_who_is_on_them() {
    let hall = Hall::new(&[("ups-b", "~timeout")]).await;
    counted(&hall);
    let (status, mut answer) = hall.json("/api/v1/lines").await;
    assert_eq!(status, StatusCode::OK);
    let line = &mut answer["lines"][0];
    let devices = line["devices"].take();
    assert_eq!(devices.as_array().unwrap().len(), 12);
    assert_eq!(devices[0], json!({ "id": "ups-a", "online": true }));
    assert_eq!(devices[1], json!({ "id": "ups-b", "online": false }));
    let planned = line["planned_load_percent"].take();
    assert!((1.0..100.0).contains(&planned.as_f64().unwrap()), "{planned}");
    let expected = json!({
        "id": "plant", "at": "127.0.0.1:1502", "planned_load_percent": null, "load_percent": 0.0,
        "answer_ms": { "p50": null, "p99": null },
        "requests": 100, "answers": 90, "timeouts": 5, "exceptions": 2, "bad_frames": 3, "down": 4,
        "late_answers": 6, "discarded_bytes": 77, "echoes": 8, "overruns": 9, "writes": 1, "devices": null,
    });
    assert_eq!(*line, expected);
    assert_eq!(hall.get("/api/v1/lines?line=plant").await.status(), StatusCode::BAD_REQUEST);
}

#[tokio::test]
async fn a_line_that_does_not_run_has_no_counts() {
    let hall = Hall::new(&[]).await;
    hall.lines.send_replace(Arc::default());
    let (_, answer) = hall.json("/api/v1/lines").await;
    let line = answer["lines"][0].as_object().unwrap();
    assert_eq!(line.keys().collect::<Vec<_>>(), ["at", "devices", "id", "planned_load_percent"]);
}

async fn page(hall: &Hall, path: &str) -> String {
    let response = hall.get(path).await;
    assert_eq!(response.status(), StatusCode::OK, "{path}");
    text(response).await.replace('\u{a0}', " ")
}

#[tokio::test]
async fn the_list_of_lines_has_loads_failures_and_who_answers() {
    let hall = Hall::new(&[("ups-b", "~timeout"), ("rack-1", "~wrong-device")]).await;
    counted(&hall);
    let html = page(&hall, "/lines").await;
    assert!(html.contains("<a href=\"/lines/plant\">plant</a> <code>127.0.0.1:1502</code>"));
    assert!(
        html.contains("<rect class=\"now\" width=\"0.0\" height=\"8\"/>")
            && html.contains("</svg> 0.0 %</td>")
    );
    let counts = "<td class=\"n\">100</td><td class=\"n\">14</td><td class=\"n\">9</td>";
    assert!(html.contains(counts), "requests, failed ones, overruns");
    assert!(html.contains("<span class=\"device-offline\">10 of 12 answer</span>"));
    let vietnamese = page(&hall, "/lines?lang=vi").await;
    assert!(vietnamese.contains("Đường truyền") && vietnamese.contains("10 trên 12 trả lời"));
    assert!(page(&hall, "/devices").await.contains("<a href=\"/lines/plant\">plant</a> · 1</td>"));
    assert!(
        page(&hall, "/devices/ups-a").await.contains("<a href=\"/lines/plant\">plant</a> (127.0.0.1:1502)")
    );
}

#[tokio::test]
async fn the_page_of_a_line_counts_by_kind_and_lists_its_devices() {
    let hall = Hall::new(&[("ups-b", "~timeout"), ("rack-1", "~wrong-device")]).await;
    counted(&hall);
    let html = page(&hall, "/lines/plant").await;
    for (name, count, share) in [
        ("Requests", 100, ""),
        ("No answer in time", 5, "5.0 %"),
        ("Refused by the device", 2, "2.0 %"),
        ("Garbled answers", 3, "3.0 %"),
        ("Bytes thrown away", 77, ""),
        ("Overruns: polls left out", 9, ""),
        ("Writes", 1, ""),
    ] {
        let row = format!(
            "<th scope=\"row\">{name}</th><td class=\"n\">{count}</td><td class=\"n sub\">{share}</td>"
        );
        assert!(html.contains(&row), "{row}");
    }
    assert!(html.contains("<span class=\"mark p3\">■ 3</span> <span class=\"device-offline\">"));
    assert!(html.contains("<span class=\"mark p2\">◆ 2</span> <span class=\"device-wrong\">"));
    assert!(html.contains("No frame yet."));
    assert_eq!(hall.get("/lines/nope").await.status(), StatusCode::NOT_FOUND);
}

#[tokio::test]
async fn a_line_that_is_being_started_says_so() {
    let hall = Hall::new(&[]).await;
    hall.lines.send_replace(Arc::default());
    for path in ["/lines", "/lines/plant"] {
        assert!(page(&hall, path).await.contains("<span class=\"stale\">being started</span>"), "{path}");
    }
}
