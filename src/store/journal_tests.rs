//! The journal as its callers see it. A crash is a copy of the files of an open database.

use std::{collections::BTreeSet, fs, num::NonZeroU32, path::PathBuf};

use rusqlite::Connection;
use tempfile::TempDir;

use crate::model::{Mono, PersonId, PersonalData, Record, Severity, Trust};

use super::{super::JournalFilter, *};

fn now(wall: i64) -> Now {
    Now { mono: Mono(wall.unsigned_abs()), wall: Wall(wall), trust: Trust::Synchronised }
}

fn record(wall: i64, code: &'static str, place: &str) -> NewRecord {
    NewRecord::system(now(wall), code, Severity::Info).at(place).with("wall", wall)
}

fn one(record: NewRecord) -> Write {
    Write { records: vec![record], rows: vec![] }
}

fn key(byte: u8) -> DatabaseKey {
    DatabaseKey::of([byte; 32])
}

/// A folder with a journal's path in it.
struct Place(TempDir);

impl Place {
    fn new() -> Self {
        Self(tempfile::tempdir().unwrap())
    }

    fn path(&self) -> PathBuf {
        self.0.path().join("core.db")
    }

    fn open(&self, key: Option<&DatabaseKey>) -> (Journal, Opened) {
        Journal::open(&self.path(), key, [7; 16], now(1_000)).unwrap()
    }

    /// What opening says, with `FILE` and `FOLDER` for the paths.
    fn refusal(&self, key: Option<&DatabaseKey>) -> String {
        let message = match Journal::open(&self.path(), key, [7; 16], now(1_000)) {
            Ok(_) => "it opens".to_owned(),
            Err(error) => error.to_string(),
        };
        let message = message.replace(self.path().to_str().unwrap(), "FILE");
        message.replace(self.0.path().to_str().unwrap(), "FOLDER")
    }

    /// The files as they lie on disk now, elsewhere.
    fn crash(&self) -> Self {
        let copy = Self::new();
        for file in ["core.db", "core.db-wal"] {
            fs::copy(self.0.path().join(file), copy.0.path().join(file)).unwrap();
        }
        copy
    }
}

async fn all(journal: &Journal, filter: JournalFilter) -> Vec<u64> {
    let filter = JournalFilter { limit: 1000, ..filter };
    journal.reader().page(filter).await.unwrap().iter().map(|record| record.seq).collect()
}

#[tokio::test(flavor = "multi_thread")]
async fn concurrent_writers_get_consecutive_numbers() {
    let place = Place::new();
    let (journal, opened) = place.open(None);
    assert_eq!(opened, Opened { last_seq: 0, previous: None, migrated_from: None });
    let writers = (0..20).map(|writer| {
        let journal = journal.clone();
        tokio::spawn(async move {
            let mut got = Vec::new();
            for n in 0..10 {
                let pair = [record(writer, "test.first", "hall"), record(n, "test.second", "hall")];
                let numbers = journal.write(Write { records: pair.into(), rows: vec![] }).await.unwrap();
                assert_eq!(numbers[1], numbers[0] + 1, "one write's numbers follow one another");
                got.extend(numbers);
            }
            got
        })
    });
    let mut numbers = BTreeSet::new();
    for writer in writers.collect::<Vec<_>>() {
        numbers.extend(writer.await.unwrap());
    }
    assert_eq!(numbers, (1..=400).collect());
    assert_eq!(all(&journal, JournalFilter::default()).await, (1..=400).collect::<Vec<_>>());
}

#[tokio::test]
async fn records_read_back_as_they_were_written() {
    for key in [None, Some(key(1))] {
        let place = Place::new();
        let (journal, _) = place.open(key.as_ref());
        let mut new = record(1_500, "door.forced", "door-1");
        new.personal =
            Some(PersonalData { person: PersonId(NonZeroU32::MIN), data: b"Nguyen Van A".to_vec() });
        assert_eq!(journal.write(one(new)).await.unwrap(), [1]);
        let page =
            journal.reader().page(JournalFilter { limit: 10, ..JournalFilter::default() }).await.unwrap();
        let [found] = page.as_slice() else { panic!("{page:?}") };
        let expected = Record {
            seq: 1,
            run: [7; 16],
            mono: Mono(1_500),
            wall: Wall(1_500),
            trust: Trust::Synchronised,
            severity: Severity::Info,
            code: "door.forced".to_owned(),
            place: "door-1".to_owned(),
            actor: "system".to_owned(),
            body: [("wall".to_owned(), "1500".to_owned())].into(),
            commitment: found.commitment,
        };
        assert_eq!(*found, expected);
        journal
            .with_writer(move |writer| {
                let sql = "SELECT bytes, leaf, salt, data FROM record JOIN personal USING (seq)";
                let (bytes, leaf, salt, data): (Vec<u8>, [u8; 32], [u8; 16], Vec<u8>) = writer
                    .connection
                    .query_row(sql, [], |row| Ok((row.get(0)?, row.get(1)?, row.get(2)?, row.get(3)?)))
                    .unwrap();
                assert_eq!(bytes, expected.to_bytes());
                assert_eq!(leaf, Record::leaf_hash(&bytes));
                assert_eq!(expected.commitment, Some(Record::commitment(&salt, &data)));
            })
            .await;
        journal.close().await.unwrap();
    }
}

#[tokio::test]
async fn filters_find_their_records() {
    let place = Place::new();
    let (journal, _) = place.open(None);
    let codes = ["door.forced", "door.held", "doors", "device.offline", "door.forced"];
    for (n, code) in (1_i64..).zip(codes) {
        journal.write(one(record(n * 10, code, if n < 3 { "a" } else { "b" }))).await.unwrap();
    }
    let filter = JournalFilter::default;
    let code = |code: &str| JournalFilter { code: Some(code.to_owned()), ..filter() };
    assert_eq!(all(&journal, JournalFilter { after: Some(3), ..filter() }).await, [4, 5]);
    assert_eq!(
        all(&journal, JournalFilter { before: Some(3), newest_first: true, ..filter() }).await,
        [2, 1]
    );
    assert_eq!(all(&journal, code("door.forced")).await, [1, 5]);
    assert_eq!(all(&journal, code("door.")).await, [1, 2, 5]);
    assert_eq!(all(&journal, code("door*")).await, [1, 2, 3, 5]);
    for (wanted, taken) in [("door.", 3), ("door*", 4), ("door.forced", 2), ("door", 0)] {
        assert_eq!(codes.iter().filter(|of| code(wanted).takes_code(of)).count(), taken, "{wanted}");
    }
    assert!(filter().takes_code("door"), "all, without one");
    let without = JournalFilter { without_accounts: true, ..filter() };
    for hidden in ["account.signed-in", "person.erased", "log.exported", "log.hold"] {
        journal.write(one(record(60, hidden, "x"))).await.unwrap();
    }
    journal.write(one(record(60, "log.rollback_suspected", "x"))).await.unwrap();
    assert_eq!(all(&journal, JournalFilter { after: Some(5), ..without }).await, [10]);
    assert_eq!(all(&journal, JournalFilter { place: Some("a".to_owned()), ..filter() }).await, [1, 2]);
    let time = JournalFilter { from: Some(Wall(20)), to: Some(Wall(40)), ..filter() };
    assert_eq!(all(&journal, time).await, [2, 3]);
    let two = JournalFilter { limit: 2, newest_first: true, ..filter() };
    assert_eq!(journal.reader().page(two).await.unwrap().len(), 2);
    assert_eq!(journal.reader().page(filter()).await.unwrap().len(), 1, "at least one");
}

#[tokio::test]
async fn a_crash_loses_nothing_acknowledged_and_is_told_at_the_next_start() {
    let place = Place::new();
    let (journal, _) = place.open(Some(&key(1)));
    for n in 1..=50 {
        journal.write(one(record(n, "test.one", "hall"))).await.unwrap();
    }
    let alive = Write { records: vec![], rows: vec![Row::RunAlive(now(7_000))] };
    assert_eq!(journal.write(alive).await.unwrap(), [0_u64; 0]);
    let crashed = place.crash();
    let (again, opened) = crashed.open(Some(&key(1)));
    let previous = PreviousRun { started: Wall(1_000), last_alive: Wall(7_000), clean: false };
    assert_eq!(opened, Opened { last_seq: 50, previous: Some(previous), migrated_from: None });
    assert_eq!(all(&again, JournalFilter::default()).await, (1..=50).collect::<Vec<_>>());
    let stopped =
        Write { records: vec![record(9_000, "test.stop", "")], rows: vec![Row::RunStopped(now(9_000))] };
    assert_eq!(again.write(stopped).await.unwrap(), [51]);
    again.close().await.unwrap();
    let (_, opened) = crashed.open(Some(&key(1)));
    assert_eq!(opened.previous.map(|run| (run.last_alive, run.clean)), Some((Wall(9_000), true)));
}

#[tokio::test]
async fn a_full_disk_is_told_to_every_writer_and_the_next_write_goes_on_without_a_gap() {
    let place = Place::new();
    let (journal, _) = place.open(None);
    journal.write(one(record(1, "test.one", "hall"))).await.unwrap();
    journal.with_writer(|writer| writer.connection.pragma_update(None, "max_page_count", 1).unwrap()).await;
    let failed = journal.failed();
    let large = || one(record(2, "test.large", &"x".repeat(60_000)));
    let (first, second) = tokio::join!(journal.write(large()), journal.write(large()));
    for result in [first, second] {
        let message = result.unwrap_err().to_string().replace(place.path().to_str().unwrap(), "FILE");
        assert_eq!(message, "no space left for FILE: free some, nothing more can be recorded");
    }
    // Whoever looks after the disk is told.
    tokio::time::timeout(std::time::Duration::from_secs(30), failed.notified()).await.unwrap();
    journal
        .with_writer(|writer| writer.connection.pragma_update(None, "max_page_count", 10_000).unwrap())
        .await;
    assert_eq!(journal.write(large()).await.unwrap(), [2]);
    let frontier = journal.frontier().await.unwrap();
    assert_eq!((frontier.size(), all(&journal, JournalFilter::default()).await), (2, vec![1, 2]));
    journal.close().await.unwrap();
    let (journal, opened) = place.open(None);
    assert_eq!((opened.last_seq, journal.frontier().await.unwrap()), (2, frontier));
}

#[tokio::test]
async fn a_writer_that_ended_by_a_defect_is_no_secret() {
    let place = Place::new();
    let (journal, _) = place.open(None);
    journal.with_writer(|_| panic!("a defect, made by this test")).await;
    let result = journal.write(one(record(1, "test.one", "hall"))).await;
    assert!(matches!(result, Err(StoreError::Stopped)), "{result:?}");
}

#[tokio::test]
async fn each_file_that_cannot_be_opened_has_its_own_message() {
    let place = Place::new();
    let (journal, _) = place.open(Some(&key(1)));
    assert_eq!(
        place.refusal(Some(&key(1))),
        "FILE is in use by another process: one gateway per data folder; stop the other one first"
    );
    journal.close().await.unwrap();
    assert_eq!(
        place.refusal(None),
        "FILE is encrypted and no key was given: put its key in /etc/hallward/keys/database.key"
    );
    assert_eq!(
        place.refusal(Some(&key(2))),
        "the key given does not open FILE: give the key that it was created with; if it is that, restore a backup"
    );
    assert_eq!(place.refusal(Some(&key(1))), "it opens");

    let place = Place::new();
    place.open(None).0.close().await.unwrap();
    assert_eq!(
        place.refusal(Some(&key(1))),
        "FILE is not encrypted, but a key was given: encrypt it first, or start without a key"
    );
    Connection::open(place.path()).unwrap().pragma_update(None, "user_version", 9).unwrap();
    assert_eq!(
        place.refusal(None),
        format!(
            "FILE has version 9, this program knows up to {}: start the newer program again",
            migrations::CORE.migrations.len()
        )
    );
}

#[test]
fn other_files_and_folders_are_refused() {
    let place = Place::new();
    fs::write(place.path(), "a shopping list, too short for a page").unwrap();
    assert_eq!(place.refusal(None), "FILE is not a database: move it away, or restore it from a backup");

    let place = Place::new();
    Connection::open(place.path()).unwrap().execute_batch("CREATE TABLE other (n INTEGER)").unwrap();
    assert_eq!(place.refusal(None), "FILE is a database, but not hallward's core database: move it away");

    let missing = Place::new();
    let folder = missing.0.path().join("none");
    let error = Journal::open(&folder.join("core.db"), None, [7; 16], now(1)).err().unwrap().to_string();
    assert_eq!(
        error.replace(folder.to_str().unwrap(), "FOLDER"),
        "the folder FOLDER does not exist: create it, or give another with --data"
    );
}

#[tokio::test]
async fn the_promises_of_the_file_are_kept() {
    let place = Place::new();
    let (journal, _) = place.open(Some(&key(1)));
    journal
        .with_writer(|writer| {
            let read = |pragma| -> i64 {
                writer.connection.pragma_query_value(None, pragma, |row| row.get(0)).unwrap()
            };
            assert_eq!(read("synchronous"), 2, "FULL");
            assert_eq!(read("auto_vacuum"), 2, "INCREMENTAL");
            let level: String =
                writer.connection.pragma_query_value(None, "cipher_log_level", |row| row.get(0)).unwrap();
            assert_eq!(level, "NONE", "nothing goes to standard error");
        })
        .await;
    let text = "seen in the open";
    journal.write(one(record(1, "test.one", text))).await.unwrap();
    let bytes = fs::read(place.0.path().join("core.db-wal")).unwrap();
    assert!(!bytes.windows(text.len()).any(|window| window == text.as_bytes()));
    use std::os::unix::fs::PermissionsExt;
    assert_eq!(fs::metadata(place.path()).unwrap().permissions().mode() & 0o777, 0o600);
}

#[tokio::test]
async fn a_cursor_is_where_it_was_left() {
    let place = Place::new();
    let (journal, _) = place.open(None);
    let moved = |seq| Write { records: vec![], rows: vec![Row::Cursor("one", seq)] };
    journal.write(moved(7)).await.unwrap();
    journal.write(moved(9)).await.unwrap();
    journal.close().await.unwrap();
    let reader = place.open(None).0.reader();
    assert_eq!(reader.cursor("one").await.unwrap(), 9);
    assert_eq!(reader.cursor("another").await.unwrap(), 0);
}

#[tokio::test]
async fn the_newest_command_of_each_commander_is_kept_and_never_goes_back() {
    let place = Place::new();
    let (journal, _) = place.open(None);
    let id = |text: &str| text.parse::<Id>().unwrap();
    for (commander, at) in [("guard", 7), ("guard", 9), ("porter", 3), ("guard", 8)] {
        let row = Row::Commanded(id(commander), Wall(at));
        journal.write(Write { records: vec![], rows: vec![row] }).await.unwrap();
    }
    journal.close().await.unwrap();
    let kept = place.open(None).0.reader().commanded().await.unwrap();
    assert_eq!(kept, [(id("guard"), Wall(9)), (id("porter"), Wall(3))].into());
}

#[tokio::test]
async fn a_damaged_record_is_told_by_number() {
    let place = Place::new();
    let (journal, _) = place.open(None);
    journal.write(one(record(1, "test.one", "hall"))).await.unwrap();
    journal
        .with_writer(|writer| {
            writer.connection.execute("UPDATE record SET bytes = x'01'", []).unwrap();
        })
        .await;
    journal.write(Write::default()).await.unwrap();
    let error = journal.reader().page(JournalFilter::default()).await.unwrap_err().to_string();
    assert_eq!(
        error.replace(place.path().to_str().unwrap(), "FILE"),
        "FILE is damaged (record 1: the bytes are not a record): restore it from a backup"
    );
}
