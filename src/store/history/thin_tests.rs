//! Thinning as history's callers see it.

use crate::model::Value;

use super::{
    compact::{DAY, HOUR},
    fixture::*,
    *,
};

fn day(n: i64) -> i64 {
    MIDNIGHT + n * DAY
}

/// Days of one row and one state, each day whole.
async fn live(history: &History, days: i64) {
    let status = |time| StateChange { point: at(0, 3), time: wall(time), value: Ok(Value::Flag(true)) };
    for n in 0..days {
        offer(history, vec![row(0, day(n), &[1.0, 1.0, 1.0])]);
        offer_states(history, vec![status(day(n))]);
        history.flush().await.unwrap();
    }
    keep_up(history, day(days) + HOUR).await;
}

async fn days(history: &History) -> (Vec<i64>, Vec<i64>) {
    let day_of = |time: i64| (time - MIDNIGHT) / DAY;
    let numbers = numbers(history, at(0, 0)).await.into_iter().map(|(time, _)| day_of(time)).collect();
    let Series::States(states) = read(history, at(0, 3), 0, i64::MAX / 1000).await else { panic!() };
    (numbers, states.into_iter().map(|(time, _)| day_of(milliseconds(time))).collect())
}

async fn drop_all(history: &History, before: Wall) {
    while history.drop_before(before).await.unwrap() {}
}

#[tokio::test]
async fn the_oldest_day_goes_first_and_a_week_stays() {
    let place = Place::new();
    let history = place.usual();
    live(&history, 10).await;
    let newest: Vec<i64> = (0..10).collect();
    // The tenth day is the newest whole one: before it seven stay.
    for first in 0..2 {
        assert_eq!(days(&history).await, (newest[first..].to_vec(), newest[first..].to_vec()));
        let next = history.give_back().await.unwrap().next;
        assert_eq!(next, Some(wall(day(i64::try_from(first).unwrap() + 1))));
        drop_all(&history, next.unwrap()).await;
    }
    assert_eq!(history.give_back().await.unwrap().next, None);
    drop_all(&history, wall(day(10))).await;
    assert_eq!(days(&history).await, (newest[2..].to_vec(), newest[2..].to_vec()));
    assert_eq!(count(&history, "chunk WHERE id / 65536 NOT IN (SELECT id FROM span)").await, 0);
}

/// Makes about so many pages empty.
async fn empty_pages(history: &History, pages: u32) {
    let sql = format!(
        "WITH RECURSIVE n (value) AS (SELECT 1 UNION ALL SELECT value + 1 FROM n WHERE value < {})
        INSERT INTO chunk SELECT value, zeroblob(8000) FROM n; DELETE FROM chunk;",
        pages / 2
    );
    history.with_writer(move |writer| writer.connection.execute_batch(&sql).unwrap()).await;
}

fn log_bytes(place: &Place) -> u64 {
    fs::metadata(beside(&place.path(), "-wal")).unwrap().len()
}

#[tokio::test]
async fn every_empty_page_is_given_back_step_by_step_and_the_log_is_cut() {
    let place = Place::new();
    let history = place.usual();
    empty_pages(&history, 2000).await;
    let before = history.statistics().file_bytes;
    let mut steps = 0;
    while history.give_back().await.unwrap().given_back {
        steps += 1;
        assert_eq!(log_bytes(&place), 0);
    }
    let after = history.statistics().file_bytes;
    assert!(before > 8_000_000 && after < 200_000, "{before} {after}");
    assert!(steps >= 15, "{steps} steps: none of them is long");
    assert_eq!(history.give_back().await.unwrap(), Room { given_back: false, next: None });
}

#[tokio::test]
async fn batches_are_taken_between_steps() {
    let place = Place::new();
    let history = place.usual();
    empty_pages(&history, 2000).await;
    assert!(history.give_back().await.unwrap().given_back);
    offer(&history, vec![row(1, MIDNIGHT, &[1.0])]);
    history.flush().await.unwrap();
    assert_eq!(history.statistics().rows, 1);
    assert!(history.give_back().await.unwrap().given_back, "there is still more");
}

#[tokio::test]
async fn nothing_is_written_when_no_page_is_empty() {
    let place = Place::new();
    let history = place.usual();
    offer(&history, vec![row(1, MIDNIGHT, &[1.0])]);
    history.flush().await.unwrap();
    let log = log_bytes(&place);
    assert!(log > 0);
    assert_eq!(history.give_back().await.unwrap(), Room { given_back: false, next: None });
    assert!(!history.drop_before(wall(day(1))).await.unwrap());
    assert_eq!(log_bytes(&place), log, "no checkpoint");
}

#[tokio::test]
async fn states_go_by_steps_before_the_numbers_and_each_step_is_brought_into_the_file() {
    let place = Place::new();
    let history = place.usual();
    live(&history, 10).await;
    let status =
        |n: i64| StateChange { point: at(0, 3), time: wall(day(0) + n), value: Ok(Value::Flag(true)) };
    offer_states(&history, (1..2500).map(status).collect());
    history.flush().await.unwrap();
    for left in [1500, 500, 0] {
        assert!(history.drop_before(wall(day(1))).await.unwrap());
        let (numbers, states) = days(&history).await;
        assert_eq!((numbers.len(), states.iter().filter(|day| **day == 0).count()), (10, left));
        assert_eq!(log_bytes(&place), 0);
    }
    assert!(history.drop_before(wall(day(1))).await.unwrap());
    assert_eq!(days(&history).await.0.len(), 9);
    assert!(!history.drop_before(wall(day(1))).await.unwrap(), "all of it is gone");
}

#[tokio::test]
async fn what_finds_no_room_can_be_asked_for_again() {
    let place = Place::new();
    let history = place.usual();
    live(&history, 10).await;
    let holder = rusqlite::Connection::open(place.path()).unwrap();
    history.with_writer(|writer| writer.connection.busy_timeout(std::time::Duration::ZERO).unwrap()).await;
    holder.execute_batch("BEGIN IMMEDIATE").unwrap();
    let next = history.give_back().await.unwrap().next.unwrap();
    assert!(history.drop_before(next).await.is_err());
    assert_eq!(days(&history).await.0.len(), 10);
    holder.execute_batch("ROLLBACK").unwrap();
    drop_all(&history, next).await;
    assert_eq!(days(&history).await.0.len(), 9, "it does not rest for an hour as upkeep does");
}

#[tokio::test]
async fn nothing_is_written_during_a_pause_and_all_of_it_is_counted() {
    let place = Place::new();
    let history = place.usual();
    history.pause(true);
    offer(&history, vec![row(0, MIDNIGHT, &[1.0, 1.0, 1.0]), row(1, MIDNIGHT, &[1.0])]);
    assert!(matches!(history.flush().await, Err(StoreError::Paused { .. })));
    history.pause(false);
    assert_eq!((history.statistics().lost, history.statistics().rows), (2, 0));
    offer(&history, vec![row(1, MIDNIGHT + 1000, &[1.0])]);
    history.flush().await.unwrap();
    assert_eq!((history.statistics().lost, history.statistics().rows), (2, 1));
}

#[tokio::test]
async fn a_pause_is_no_failure_of_the_end() {
    let place = Place::new();
    let history = place.usual();
    let counts = Arc::clone(&history.counts);
    history.pause(true);
    offer(&history, vec![row(1, MIDNIGHT, &[1.0])]);
    history.close().await.unwrap();
    assert_eq!(counts.lock().unwrap().lost, 1);
}
