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
    let hall = Hall::new(&[("ups-b", "~timeout")]);
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
    let hall = Hall::new(&[]);
    hall.lines.send_replace(Arc::default());
    let (_, answer) = hall.json("/api/v1/lines").await;
    let line = answer["lines"][0].as_object().unwrap();
    assert_eq!(line.keys().collect::<Vec<_>>(), ["at", "devices", "id", "planned_load_percent"]);
}
