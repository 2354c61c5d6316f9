//! The log as it lies on disk: each way to spoil the database, and what the check says of it; the frontier over restarts.

use std::{fs, num::NonZeroU32, path::Path};

use rusqlite::Connection;
use tempfile::TempDir;

use super::*;
use crate::{
    logic::evidence::{Checkpoint, Known, PublicKey, Report, SigningKey, Verifier},
    model::{Mono, NewRecord, Now, PersonalData, Record, Severity, Trust},
    store::{Journal, Row, Write},
};

const OPENED: &str = "door.opened";
const LOG: &str = "hallward/hall/00000001";

fn now(wall: i64) -> Now {
    Now { mono: Mono(7), wall: Wall(wall), trust: Trust::Synchronised }
}

fn key() -> SigningKey {
    SigningKey::new("hallward/hall", &[7; 32]).unwrap()
}

fn person() -> PersonId {
    PersonId(NonZeroU32::new(5).unwrap())
}

fn open(folder: &Path) -> Journal {
    Journal::open(&folder.join("core.db"), None, [1; 16], now(1)).unwrap().0
}

/// Appends so many records; each seventh has personal data.
async fn append(journal: &Journal, count: u64) {
    for n in 0..count {
        let mut record = NewRecord::system(now(1_000), OPENED, Severity::Info).at("main").with("n", n);
        if n % 7 == 6 {
            record.personal = Some(PersonalData { person: person(), data: b"Nguyen Lan".to_vec() });
        }
        journal.write(Write { records: vec![record], rows: Vec::new() }).await.unwrap();
    }
}

async fn row(journal: &Journal, row: EvidenceRow) {
    journal.write(Write { records: Vec::new(), rows: vec![Row::Evidence(row)] }).await.unwrap();
}

async fn checkpoint(journal: &Journal) -> String {
    let tree = journal.frontier().await.unwrap();
    let note = Checkpoint::of(LOG, &tree).sign(&key());
    row(journal, EvidenceRow::Checkpoint { tree, wall: Wall(2_000), note: note.clone() }).await;
    note
}

/// A folder with a log of sixty records and checkpoints of 20, 40 and 60; and the last checkpoint, as it was kept elsewhere.
async fn log() -> (TempDir, String) {
    let folder = tempfile::tempdir().unwrap();
    let journal = open(folder.path());
    let mut last = String::new();
    for _ in 0..3 {
        append(&journal, 20).await;
        last = checkpoint(&journal).await;
    }
    journal.close().await.unwrap();
    (folder, last)
}

fn verify(folder: &Path, external: Option<&str>) -> Report {
    let file = LogFile::open(&folder.join("core.db"), None).unwrap();
    let public: PublicKey = key().public();
    let known = |note: &str, external| Known {
        checkpoint: Checkpoint::open(note, &public).unwrap(),
        external,
        source: if external { "elsewhere" } else { "the database" }.to_owned(),
    };
    let mut all: Vec<Known> = file.notes().unwrap().iter().map(|note| known(note, false)).collect();
    all.extend(external.map(|note| known(note, true)));
    let mut verifier = Verifier::of_log(all);
    file.show(&mut verifier).unwrap();
    verifier.finish()
}

/// Numbers of the records of which something is said.
fn told(report: &Report) -> Vec<u64> {
    report.problems.iter().map(|problem| problem.number).collect()
}

/// Writes other bytes into a record, with the leaf made good.
fn restamp(database: &Connection, number: i64, change: impl Fn(&mut Vec<u8>)) {
    let sql = "SELECT bytes FROM record WHERE seq = ?1";
    let mut bytes: Vec<u8> = database.query_row(sql, [number], |row| row.get(0)).unwrap();
    change(&mut bytes);
    let sql = "UPDATE record SET bytes = ?2, leaf = ?3 WHERE seq = ?1";
    database.execute(sql, params![number, bytes, Record::leaf_hash(&bytes)]).unwrap();
}

#[tokio::test]
async fn r_log_each_way_to_spoil_the_database_is_told() {
    type Spoil = fn(&Connection);
    let renumber = |database: &Connection| {
        database.execute_batch("DELETE FROM personal; DELETE FROM record WHERE seq = 30;").unwrap();
        for number in 31..=60_i64 {
            database.execute("UPDATE record SET seq = ?1 - 1 WHERE seq = ?1", [number]).unwrap();
            restamp(database, number - 1, |bytes| bytes[1..9].copy_from_slice(&(number - 1).to_be_bytes()));
        }
    };
    let rows: &[(&str, Spoil, &[u64])] = &[
        ("nothing", |_| {}, &[]),
        (
            "one byte",
            |database| {
                let sql =
                    "UPDATE record SET bytes = CAST(replace(bytes, 'main', 'rear') AS BLOB) WHERE seq = 17";
                assert_eq!(database.execute(sql, []).unwrap(), 1);
            },
            &[17],
        ),
        ("one byte, restamped", |database| restamp(database, 17, |bytes| bytes[60] ^= 1), &[1]),
        ("one removed", |database| drop(database.execute("DELETE FROM record WHERE seq = 30", [])), &[30]),
        ("one removed, others renumbered", renumber, &[21, 60]),
        (
            "two swapped",
            |database| {
                let sql =
                    "UPDATE record SET seq = -50 WHERE seq = 50; UPDATE record SET seq = 50 WHERE seq = 51;
                           UPDATE record SET seq = 51 WHERE seq = -50;";
                database.execute_batch(&format!("DELETE FROM personal; {sql}")).unwrap();
            },
            &[50, 51, 41],
        ),
        ("the tail", |database| drop(database.execute("DELETE FROM record WHERE seq > 55", [])), &[56]),
        (
            "the tail with its checkpoints",
            |database| {
                let sql = "DELETE FROM record WHERE seq > 45; DELETE FROM checkpoint WHERE size > 45;";
                database.execute_batch(sql).unwrap();
            },
            &[46],
        ),
        (
            "personal data",
            |database| drop(database.execute("UPDATE personal SET data = x'00' WHERE seq = 7", [])),
            &[7],
        ),
    ];
    for (what, spoil, wanted) in rows {
        let (folder, external) = log().await;
        let database = Connection::open(folder.path().join("core.db")).unwrap();
        database.pragma_update(None, "foreign_keys", false).unwrap();
        spoil(&database);
        drop(database);
        let report = verify(folder.path(), Some(&external));
        assert_eq!(told(&report), *wanted, "{what}: {:?}", report.problems);
        assert_eq!(report.is_whole(), wanted.is_empty(), "{what}");
    }
}

#[tokio::test]
async fn a_tail_cut_off_with_its_checkpoints_is_told_by_one_kept_elsewhere_alone() {
    let (folder, external) = log().await;
    let copy = tempfile::tempdir().unwrap();
    let journal = open(folder.path());
    journal.close().await.unwrap();
    for file in ["core.db", "core.db-wal"] {
        if folder.path().join(file).exists() {
            fs::copy(folder.path().join(file), copy.path().join(file)).unwrap();
        }
    }
    let journal = open(folder.path());
    append(&journal, 5).await;
    let newer = checkpoint(&journal).await;
    journal.close().await.unwrap();
    let old = verify(copy.path(), None);
    assert!(old.is_whole() && old.anchored.is_none(), "nothing external tells that it is old");
    assert_eq!(verify(copy.path(), Some(&external)).anchored, Some(60));
    assert_eq!(told(&verify(copy.path(), Some(&newer))), [61], "an old copy restored");
    assert_eq!(verify(folder.path(), Some(&newer)).anchored, Some(65));
}

#[tokio::test]
async fn the_log_is_whole_after_pruning_and_after_a_person_was_erased() {
    let (folder, external) = log().await;
    let journal = open(folder.path());
    let whole = journal.frontier().await.unwrap();
    row(&journal, EvidenceRow::Erased(person())).await;
    let reader = journal.reader();
    let tree = reader.prunable(Wall(1_500), 25).await.unwrap().unwrap();
    assert_eq!(tree.size(), 20, "as far as one step goes");
    assert_eq!(reader.prunable(Wall(1_500), 1000).await.unwrap().unwrap().size(), 60);
    assert_eq!(reader.prunable(Wall(1_500), 1).await.unwrap().unwrap().size(), 20, "a whole range at least");
    assert_eq!(reader.prunable(Wall(1_000), 1000).await.unwrap(), None, "none is so old");
    row(&journal, EvidenceRow::Pruned(tree)).await;
    assert_eq!(journal.frontier().await.unwrap(), whole);
    assert_eq!((reader.pruned().await.unwrap(), reader.checkpointed().await.unwrap()), (20, 60));
    append(&journal, 3).await;
    let size = journal.frontier().await.unwrap();
    journal.close().await.unwrap();
    let report = verify(folder.path(), Some(&external));
    assert!(report.is_whole() && report.is_contiguous, "{:?}", report.problems);
    assert_eq!((report.first, report.records, report.size, report.anchored), (Some(21), 43, 63, Some(60)));
    let journal = open(folder.path());
    assert_eq!(journal.frontier().await.unwrap(), size);
    let reader = journal.reader();
    for (size, known) in [(10, false), (20, true), (33, true), (63, true), (64, false)] {
        assert_eq!(reader.frontier_at(size).await.unwrap().is_some(), known, "{size}");
    }
    // All of it may be gone, and numbers go on.
    let last = checkpoint(&journal).await;
    row(&journal, EvidenceRow::Pruned(journal.frontier().await.unwrap())).await;
    journal.close().await.unwrap();
    let journal = open(folder.path());
    append(&journal, 1).await;
    assert_eq!(journal.frontier().await.unwrap().size(), 64);
    journal.close().await.unwrap();
    assert_eq!(verify(folder.path(), Some(&last)).anchored, Some(63));
}

#[tokio::test]
async fn a_hold_has_the_number_of_its_record() {
    let folder = tempfile::tempdir().unwrap();
    let journal = open(folder.path());
    append(&journal, 3).await;
    let held = EvidenceRow::Held { wall: Wall(5), actor: "p1".to_owned(), why: "incident".to_owned() };
    let record = NewRecord::system(now(5), "log.hold", Severity::Warning);
    journal.write(Write { records: vec![record], rows: vec![Row::Evidence(held)] }).await.unwrap();
    let hold = Hold { record: 4, wall: Wall(5), actor: "p1".to_owned(), why: "incident".to_owned() };
    assert_eq!(journal.reader().holds().await.unwrap(), [hold]);
    row(&journal, EvidenceRow::Released(4)).await;
    assert_eq!(journal.reader().holds().await.unwrap(), []);
}

#[tokio::test]
async fn the_check_reads_beside_a_running_service_and_refuses_what_it_cannot_read() {
    let (folder, external) = log().await;
    let journal = open(folder.path());
    append(&journal, 2).await;
    assert_eq!(verify(folder.path(), Some(&external)).records, 62);
    journal.close().await.unwrap();
    let refusal = |folder: &Path| {
        let error = LogFile::open(&folder.join("core.db"), None).err().unwrap().to_string();
        error.replace(folder.to_str().unwrap(), "FOLDER")
    };
    let database = Connection::open(folder.path().join("core.db")).unwrap();
    database.pragma_update(None, "user_version", 2).unwrap();
    drop(database);
    let older = "FOLDER/core.db has version 2, this program reads 8: start this program's service once";
    assert_eq!(refusal(folder.path()), older);
    let nothing = tempfile::tempdir().unwrap();
    assert_eq!(
        refusal(nothing.path()),
        "there is no journal at FOLDER/core.db: give the data folder with --data"
    );
}
