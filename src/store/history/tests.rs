//! History as its callers see it.

use crate::model::{Quality, Value, ValueKind};

use super::{
    compact::{DAY, HOUR},
    fixture::*,
    *,
};

#[tokio::test]
async fn what_is_offered_is_read() {
    let place = Place::new();
    let history = place.usual();
    offer(&history, vec![row(0, 1_000, &[230.4, -273.15, 0.25]), row(0, 2_000, &[-1.5, 20.0, 1.5])]);
    history.flush().await.unwrap();
    assert_eq!(numbers(&history, at(0, 0)).await, [(1_000, Ok(230.4)), (2_000, Ok(-1.5))]);
    assert_eq!(numbers(&history, at(0, 2)).await, [(1_000, Ok(0.25)), (2_000, Ok(1.5))]);
    let Series::Numbers { raw } = read(&history, at(0, 0), 1_001, 2_001).await else { panic!() };
    assert_eq!(raw, [(wall(2_000), Ok(-1.5))]);
    assert_eq!(read(&history, at(0, 0), 1_001, 2_000).await, Series::Numbers { raw: vec![] });
}

#[tokio::test]
async fn an_encrypted_history_shows_nothing_and_reads_the_same() {
    let place = Place::new();
    let key = DatabaseKey::of([5; 32]);
    let open = || History::open(&place.path(), Some(&key), &usual(), usual_groups()).unwrap();
    let history = open();
    let name = StateChange { point: at(0, 3), time: wall(5), value: Ok(Value::Text("seen openly".into())) };
    offer_states(&history, vec![name]);
    offer(&history, vec![row(0, MIDNIGHT, &[1.5, 20.0, 0.5])]);
    keep_up(&history, MIDNIGHT + 2 * HOUR).await;
    history.close().await.unwrap();
    let bytes = fs::read(place.path()).unwrap();
    assert!(!bytes.windows(11).any(|window| window == b"seen openly"));
    let error = History::open(&place.path(), None, &usual(), usual_groups()).err().unwrap();
    assert!(matches!(error, StoreError::Encrypted { .. }), "{error}");
    assert_eq!(numbers(&open(), at(0, 0)).await, [(MIDNIGHT, Ok(1.5))]);
}

#[tokio::test]
async fn buckets_gather_compacted_and_hot_rows_and_leave_gaps() {
    let place = Place::new();
    let history = place.usual();
    let put = async |minutes: std::ops::Range<i64>| {
        let row = |n: i64| row(0, MIDNIGHT + n * 60_000, &[f64::from(u8::try_from(n).unwrap()), 20.0, 1.0]);
        offer(&history, minutes.map(row).collect());
        history.flush().await.unwrap();
    };
    put(0..60).await;
    keep_up(&history, MIDNIGHT + HOUR + 60_000).await;
    let part = read(&history, at(0, 0), MIDNIGHT + 5 * 60_000, MIDNIGHT + 7 * 60_000).await;
    let Series::Numbers { raw } = part else { panic!() };
    assert_eq!(raw.iter().map(|(_, value)| *value).collect::<Vec<_>>(), [Ok(5.0), Ok(6.0)]);
    put(120..180).await;
    let (from, to) = (wall(MIDNIGHT), wall(MIDNIGHT + 3 * HOUR));
    let query = RangeQuery { point: at(0, 0), from, to, buckets: Some(6) };
    let Series::Buckets { width, buckets } = history.reader().range(query).await.unwrap() else { panic!() };
    assert_eq!(width, std::time::Duration::from_secs(1800));
    let half_hour = |n: i64, min: f64| Bucket {
        from: wall(MIDNIGHT + n * HOUR / 2),
        min,
        max: min + 29.0,
        mean: min + 14.5,
        count: 30,
    };
    assert_eq!(buckets, [half_hour(0, 0.0), half_hour(1, 30.0), half_hour(4, 120.0), half_hour(5, 150.0)]);
}

#[tokio::test]
async fn rows_a_second_apart_are_committed_without_being_asked() {
    let place = Place::new();
    let history = place.usual();
    // The writer is held until everything is in its queue, so that it never runs dry.
    let release = hold(&history).await;
    let committed = || {
        let (asked, answered) = oneshot::channel();
        let count = |writer: &mut Writer| {
            let sql = "SELECT count(*) FROM hot";
            asked.send(writer.connection.query_row(sql, [], |row| row.get::<_, i64>(0)).unwrap()).unwrap();
        };
        history.jobs.send(Job::Do(Box::new(count))).unwrap();
        answered
    };
    offer(&history, vec![row(1, 1_000, &[1.0])]);
    offer(&history, vec![row(1, 1_999, &[2.0])]);
    let before = committed();
    offer(&history, vec![row(1, 2_000, &[3.0])]);
    let after = committed();
    release.send(()).unwrap();
    assert_eq!((before.await.unwrap(), after.await.unwrap()), (0, 3));
}

#[tokio::test]
async fn rows_that_do_not_fit_are_refused_and_counted() {
    let place = Place::new();
    let history = place.usual();
    offer(&history, vec![row(0, 1_000, &[1.0]), row(7, 1_000, &[1.0]), row(1, 1_000, &[1.0])]);
    let state = |point| StateChange { point, time: wall(5), value: Ok(Value::Flag(true)) };
    offer_states(&history, vec![state(at(0, 0)), state(at(9, 9)), state(at(0, 3))]);
    history.flush().await.unwrap();
    let statistics = history.statistics();
    assert_eq!((statistics.rows, statistics.states, statistics.refused), (1, 1, 4));
    assert!(statistics.file_bytes > 4096);
    let query = RangeQuery { point: at(9, 9), from: Wall(0), to: Wall(1), buckets: None };
    let error = history.reader().range(query).await.unwrap_err();
    assert!(matches!(error, StoreError::UnknownPoint));
    let place = Place::new();
    let error = History::open(&place.path(), None, &usual(), [group(0, &[0, 3])].into()).err().unwrap();
    assert_eq!(error.to_string(), "history group 0 names a point that is no number of its device");
}

#[tokio::test]
async fn a_full_queue_drops_what_is_offered_and_a_full_disk_what_waits_and_both_are_counted() {
    let place = Place::new();
    let history = place.usual();
    let release = hold(&history).await;
    let taken = (0..QUEUE + 5).filter(|_| history.offer(Batch::default())).count();
    assert_eq!((taken, history.statistics().batches_dropped), (QUEUE, 5));
    release.send(()).unwrap();
    history.with_writer(|writer| writer.connection.pragma_update(None, "max_page_count", 1).unwrap()).await;
    let many = |time| (0..500_i64).map(|n| row(0, time + n, &[1.0, 1.0, 1.0])).collect();
    offer(&history, many(0));
    assert!(matches!(history.flush().await, Err(StoreError::Full { .. })));
    history
        .with_writer(|writer| writer.connection.pragma_update(None, "max_page_count", 9000).unwrap())
        .await;
    offer(&history, many(1_000));
    history.flush().await.unwrap();
    assert_eq!((history.statistics().rows, history.statistics().lost), (500, 500));
}

#[tokio::test]
async fn a_changed_site_finds_its_points_by_name() {
    let place = Place::new();
    let history = place.usual();
    offer(&history, vec![row(0, MIDNIGHT, &[1.5, 20.0, 0.5]), row(1, MIDNIGHT, &[7.0])]);
    let on = StateChange { point: at(0, 3), time: wall(MIDNIGHT), value: Ok(Value::Word("online".into())) };
    offer_states(&history, vec![on]);
    keep_up(&history, MIDNIGHT + 3 * HOUR).await;
    history.close().await.unwrap();

    // Another order, another group, another resolution of `a`.
    let changed = plant(&[
        ("new", &[("a", tenths())]),
        ("ups-1", &[("status", ValueKind::State), ("c", FLOAT), ("a", KELVIN)]),
    ]);
    let history = place.open(&changed, vec![group(1, &[2, 1]), group(0, &[0])]);
    let expected = [(MIDNIGHT, Ok(0.5))];
    assert_eq!(numbers(&history, at(1, 1)).await, expected);
    assert_eq!(numbers(&history, at(0, 0)).await, []);
    offer(&history, vec![row(0, MIDNIGHT + DAY, &[-273.15, 0.75])]);
    history.flush().await.unwrap();
    assert_eq!(numbers(&history, at(1, 2)).await, [(MIDNIGHT, Ok(1.5)), (MIDNIGHT + DAY, Ok(-273.15))]);
    let Series::States(states) = read(&history, at(1, 0), 0, MIDNIGHT + 1).await else { panic!() };
    assert_eq!(states, [(wall(MIDNIGHT), Ok(Value::Word("online".into())))]);
    history.close().await.unwrap();

    // The first one again: equal groups are not entered twice.
    let history = place.usual();
    assert_eq!(count(&history, "sample_group").await, 4);
    assert_eq!(numbers(&history, at(0, 0)).await.len(), 2);
}

#[tokio::test]
async fn states_begin_with_the_one_in_force() {
    let place = Place::new();
    let history = place.usual();
    let values = [
        Ok(Value::Flag(true)),
        Ok(Value::Word("on-battery".into())),
        Err(Quality::Timeout),
        Ok(Value::Text("APC".into())),
        Ok(Value::Number(0.5)),
    ];
    let states = |point| {
        let values = values.iter().cloned().zip(1_i64..);
        values.map(move |(value, n)| StateChange { point, time: wall(n * 10), value }).collect()
    };
    offer_states(&history, states(at(0, 3)));
    offer_states(&history, states(at(0, 4)));
    history.flush().await.unwrap();
    let seen = async |from, to| -> Vec<_> {
        let Series::States(states) = read(&history, at(0, 3), from, to).await else { panic!() };
        states.into_iter().map(|(time, value)| (milliseconds(time), value)).collect()
    };
    let expected: Vec<_> = (1_i64..).map(|n| n * 10).zip(values.clone()).collect();
    assert_eq!(seen(0, 100).await, expected);
    assert_eq!(seen(25, 50).await, expected[1..4]);
    assert_eq!(seen(20, 30).await, expected[1..2]);
    assert_eq!(seen(90, 99).await, expected[4..]);
    assert_eq!(seen(0, 10).await, []);
}
