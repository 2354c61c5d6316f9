//! Upkeep as history's callers see it: not at all. A crash is a copy of the files of an open database.

use proptest::prelude::*;

use crate::model::{Quality, Value};

use super::{
    compact::{DAY, HOUR},
    fixture::*,
    *,
};

#[tokio::test]
async fn an_hour_becomes_spans_and_a_day_becomes_one() {
    let place = Place::new();
    let history = place.usual();
    let minutes = |from: i64, to: i64| (from..to).map(|n| MIDNIGHT + n * 60_000);
    let rows = |from, to| minutes(from, to).map(|time| row(0, time, &[230.0, 20.0, 1.0])).collect();
    offer(&history, rows(0, 60));
    keep_up(&history, MIDNIGHT + HOUR + 59_999).await;
    assert_eq!(count(&history, "hot").await, 61, "the hour's last rows may still come");
    keep_up(&history, MIDNIGHT + HOUR + 60_000).await;
    assert_eq!((count(&history, "hot").await, count(&history, "span").await), (2, 1));
    assert_eq!(count(&history, "chunk").await, 4, "time stamps and three points");
    for hour in 1..24 {
        offer(&history, rows(hour * 60, hour * 60 + 60));
        history.flush().await.unwrap();
    }
    keep_up(&history, MIDNIGHT + DAY + HOUR - 1).await;
    assert_eq!(count(&history, "span WHERE group_id = 1").await, 24);
    keep_up(&history, MIDNIGHT + DAY + HOUR).await;
    assert_eq!(count(&history, "span WHERE group_id = 1").await, 1);
    assert_eq!(
        count(&history, "chunk WHERE id / 65536 IN (SELECT id FROM span WHERE group_id = 1)").await,
        4
    );
    assert_eq!(count(&history, "chunk WHERE id / 65536 NOT IN (SELECT id FROM span)").await, 0);
    let expected: Vec<_> = minutes(0, 24 * 60).map(|time| (time, Ok(230.0))).collect();
    assert_eq!(numbers(&history, at(0, 0)).await, expected);
}

#[tokio::test]
async fn rows_of_an_hour_that_is_over_are_never_hot() {
    let place = Place::new();
    let history = place.usual();
    let nth = |n: i32| (MIDNIGHT + i64::from(n) * 120_000, f64::from(n));
    let rows =
        |from, to| (from..to).map(nth).map(|(time, value)| row(0, time, &[value, 20.0, 1.0])).collect();
    let expected = |to| (1..to).map(nth).map(|(time, value)| (time, Ok(value))).collect::<Vec<_>>();
    offer(&history, vec![row(0, nth(3).0, &[-1.0, 20.0, 1.0]), row(0, nth(1).0, &[1.0, 20.0, 1.0])]);
    history.flush().await.unwrap();
    offer(&history, rows(2, 62));
    history.flush().await.unwrap();
    assert_eq!((count(&history, "hot").await, count(&history, "span").await), (2, 1), "with what was hot");
    assert_eq!(numbers(&history, at(0, 0)).await, expected(62));
    offer(&history, rows(62, 3 * 720));
    history.flush().await.unwrap();
    let spans = [count(&history, "span").await, count(&history, "span WHERE merged = 1").await];
    assert_eq!(spans, [3, 2], "one step has merged the first day; the second was whole; the third goes on");
    assert_eq!(numbers(&history, at(0, 0)).await, expected(3 * 720));
    keep_up(&history, MIDNIGHT + 3 * DAY + HOUR).await;
    assert_eq!(count(&history, "span WHERE merged = 1").await, 3);
    assert_eq!(numbers(&history, at(0, 0)).await, expected(3 * 720));
}

#[tokio::test]
async fn hours_of_a_day_that_is_long_over_become_one_span_too() {
    let place = Place::new();
    let history = place.usual();
    for hour in 0..3 {
        offer(&history, vec![row(0, MIDNIGHT + hour * HOUR, &[1.0, 2.0, 3.0])]);
        history.flush().await.unwrap();
    }
    keep_up(&history, MIDNIGHT + 3 * DAY).await;
    assert_eq!(count(&history, "span WHERE group_id = 1").await, 1);
    assert_eq!(numbers(&history, at(0, 0)).await.len(), 3);
}

#[tokio::test]
async fn a_crash_at_any_step_of_upkeep_neither_loses_nor_doubles_a_row() {
    let place = Place::new();
    let history = place.usual();
    for quarter in 0..80 {
        let time = MIDNIGHT + 20 * HOUR + quarter * HOUR / 4;
        offer(&history, vec![row(0, time, &[1.0, 2.0, 3.0]), row(1, time, &[4.0])]);
        history.flush().await.unwrap();
    }
    for steps in 1.. {
        let path = place.path();
        let step = move |writer: &mut Writer| writer.keep_up().then(|| crash(&path));
        let Some(crashed) = history.with_writer(step).await else {
            assert!(steps > 10, "{steps}");
            break;
        };
        let again = crashed.usual();
        assert_eq!(numbers(&again, at(0, 0)).await.len(), 80, "after step {steps}");
        assert_eq!(numbers(&again, at(1, 0)).await.len(), 80, "after step {steps}");
    }
}

#[tokio::test]
async fn a_step_in_the_clock_keeps_order_and_the_later_row() {
    let place = Place::new();
    let history = place.usual();
    let put = async |time: i64, value: f64| {
        offer(&history, vec![row(0, MIDNIGHT + time, &[value, 0.0, 0.0])]);
        history.flush().await.unwrap();
    };
    put(2000, 1.0).await;
    put(3000, 2.0).await;
    keep_up(&history, MIDNIGHT + 2 * HOUR).await;
    put(1000, 3.0).await;
    put(2000, 4.0).await;
    keep_up(&history, MIDNIGHT + 2 * HOUR).await;
    keep_up(&history, MIDNIGHT + 2 * DAY).await;
    let read: Vec<_> = numbers(&history, at(0, 0)).await;
    let expected = [(1000, Ok(3.0)), (2000, Ok(4.0)), (3000, Ok(2.0))];
    assert_eq!(read, expected.map(|(time, value)| (MIDNIGHT + time, value)));
}

#[tokio::test]
async fn what_is_older_than_thirteen_months_goes_day_by_day() {
    let place = Place::new();
    let history = place.usual();
    let day = |n: i64| MIDNIGHT + n * DAY;
    let status = |time| StateChange { point: at(0, 3), time: wall(time), value: Ok(Value::Flag(true)) };
    for n in [0, 1, 2] {
        offer(&history, vec![row(0, day(n), &[1.0, 1.0, 1.0])]);
        offer_states(&history, vec![status(day(n))]);
        history.flush().await.unwrap();
    }
    let kept = i64::from(KEEP_DAYS);
    let days = async || {
        let days = numbers(&history, at(0, 0)).await.into_iter();
        days.map(|(time, _)| (time - MIDNIGHT) / DAY).collect::<Vec<_>>()
    };
    // A clock that is far ahead for two hours: no day of that time is whole, so nothing goes.
    keep_up(&history, day(10 * kept)).await;
    keep_up(&history, day(10 * kept) + 2 * HOUR).await;
    assert_eq!(days().await, [0, 1, 2]);
    offer(&history, vec![row(0, day(kept + 1), &[1.0, 1.0, 1.0])]);
    keep_up(&history, day(kept + 2) + HOUR).await;
    assert_eq!(days().await, [1, 2, kept + 1]);
    let Series::States(states) = read(&history, at(0, 3), 0, day(kept)).await else { panic!() };
    assert_eq!(states.into_iter().map(|(time, _)| milliseconds(time)).collect::<Vec<_>>(), [day(1), day(2)]);
    assert_eq!(count(&history, "chunk WHERE id / 65536 NOT IN (SELECT id FROM span)").await, 0);
}

#[tokio::test]
async fn empty_pages_are_given_back() {
    let place = Place::new();
    let history = place.usual();
    let sizes = |writer: &mut Writer| {
        let pages =
            |pragma| -> i64 { writer.connection.pragma_query_value(None, pragma, |row| row.get(0)).unwrap() };
        (pages("page_count"), pages("freelist_count"))
    };
    history
        .with_writer(|writer| {
            let sql = "WITH RECURSIVE n (value) AS
                (SELECT 1 UNION ALL SELECT value + 1 FROM n WHERE value < 2000)
                INSERT INTO chunk SELECT value, zeroblob(8000) FROM n; DELETE FROM chunk;";
            writer.connection.execute_batch(sql).unwrap();
        })
        .await;
    let (before, _) = history.with_writer(sizes).await;
    keep_up(&history, MIDNIGHT).await;
    let (after, free) = history.with_writer(sizes).await;
    assert!(before > 3000 && after < 2000 && free <= 1024 + after / 4, "{before} {after} {free}");
}

#[tokio::test]
async fn damage_is_told_and_holds_up_nobody() {
    let place = Place::new();
    let history = place.usual();
    let hour = |n: i64| MIDNIGHT + n * HOUR;
    for n in 0..3 {
        offer(&history, vec![row(0, hour(n), &[1.0, 1.0, 1.0])]);
        history.flush().await.unwrap();
    }
    let damage = |sql: &'static str| {
        history.with_writer(move |writer| assert_eq!(writer.connection.execute(sql, []).unwrap(), 1))
    };
    damage("UPDATE hot SET row = x'07' WHERE time_ms = 1795392000000").await;
    let query = RangeQuery { point: at(0, 0), from: Wall(0), to: Wall(i64::MAX), buckets: Some(10) };
    let message = async || {
        let error = history.reader().range(query).await.unwrap_err().to_string();
        error.split(" is damaged ").nth(1).unwrap_or(&error).to_owned()
    };
    assert_eq!(message().await, "(hot row 1795392000000): restore it from a backup");
    keep_up(&history, hour(4)).await;
    assert_eq!(numbers(&history, at(0, 0)).await.len(), 2);
    damage("UPDATE chunk SET data = x'0001020304' WHERE id = (SELECT min(id) + 1 FROM chunk)").await;
    assert_eq!(message().await, "(chunk 65537): restore it from a backup");
    keep_up(&history, hour(30)).await;
    assert_eq!(count(&history, "span WHERE merged = 0").await, 0, "upkeep went on");
    assert_eq!(numbers(&history, at(1, 0)).await.len(), 2);
}

/// Rows of the usual groups within two days, some values missing, some rows twice.
fn random_rows() -> impl Strategy<Value = Vec<(i64, Vec<Result<f64, Quality>>)>> {
    let missing = || proptest::sample::select(&Quality::ALL[1..]).prop_map(Err);
    let ticks = (-4000..4000_i32).prop_map(|n| Ok(f64::from(n) / 10.0));
    let kelvin = (0..200_000_i32).prop_map(|n| Ok(RATIO.times(f64::from(n)) - 273.15));
    let float = any::<f32>().prop_filter("finite", |f| f.is_finite()).prop_map(|f| Ok(f64::from(f)));
    let values = (
        prop_oneof![5 => ticks, 1 => missing()],
        prop_oneof![5 => kelvin, 1 => missing()],
        prop_oneof![5 => float, 1 => missing()],
    );
    let row =
        (0..2 * DAY / 600_000, values).prop_map(|(n, (a, b, c))| (MIDNIGHT + n * 600_000, vec![a, b, c]));
    proptest::collection::vec(row, 1..200)
}

proptest! {
    // Each case makes and compacts a database: an eighth of the usual number.
    #![proptest_config(ProptestConfig::with_cases(ProptestConfig::default().cases / 8))]
    #[test]
    fn rows_read_the_same_before_and_after_compaction(rows in random_rows()) {
        let runtime = tokio::runtime::Builder::new_current_thread().build().unwrap();
        runtime.block_on(async {
            let place = Place::new();
            let history = place.usual();
            for (time, values) in &rows {
                let row = SampleRow { group: 0, time: wall(*time), values: values.clone() };
                offer(&history, vec![row]);
            }
            history.flush().await.unwrap();
            let newest: std::collections::BTreeMap<_, _> = rows.into_iter().collect();
            let queries = [0, 1, 2].map(|point| (point, at(0, u16::try_from(point).unwrap())));
            for now in [0, DAY + HOUR / 2, 3 * DAY] {
                keep_up(&history, MIDNIGHT + now).await;
                for (point, query) in queries {
                    let expected: Vec<_> = newest.iter().map(|(time, row)| (*time, row[point])).collect();
                    prop_assert_eq!(numbers(&history, query).await, expected, "{} at {}", point, now);
                }
            }
            Ok(())
        })?;
    }
}
