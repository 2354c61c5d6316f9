//! What the log's proof costs: run `cargo bench --bench evidence`, or `cargo bench --bench evidence -- 200000` for fewer records.
//!
//! Records are of 240 bytes, in a database in the folder of `TMPDIR`, which the system has in memory when it is checked.

#![allow(clippy::disallowed_methods, reason = "a benchmark measures time, and gives the log none of it")]
#![allow(clippy::unwrap_used, clippy::indexing_slicing, reason = "what fails here, fails the benchmark")]
#![allow(clippy::cast_precision_loss, reason = "figures for people")]

use std::time::{Duration, Instant};

use hallward::{
    logic::evidence::{Checkpoint, Frontier, Known, SigningKey, Verifier},
    model::{Mono, NewRecord, Now, Record, Severity, Trust, Wall},
    store::{EvidenceRow, Journal, LogFile, Row, Write},
};

/// Records of one commit.
const GROUP: usize = 256;

fn now(n: u64) -> Now {
    let wall = Wall(1_795_392_000_000_000) + Duration::from_millis(n);
    Now { mono: Mono(n), wall, trust: Trust::Synchronised }
}

/// A record of 240 bytes.
fn record(n: u64) -> NewRecord {
    let record = NewRecord::system(now(n), "access.granted", Severity::Info).at("main-door");
    record
        .with("credential", "0a1b2c3d4e5f60718293a4b5c6d7e8f9")
        .with("rule", "staff, working days")
        .with("details", format!("{n:055}"))
}

fn main() {
    let count = std::env::args().filter_map(|argument| argument.parse().ok()).next().unwrap_or(1_000_000_u64);
    tree(count);
    let runtime = tokio::runtime::Runtime::new().unwrap();
    let folder = tempfile::tempdir().unwrap();
    runtime.block_on(append(folder.path(), count));
    verify(folder.path(), count);
}

/// The tree alone.
fn tree(count: u64) {
    let bytes = vec![7; 240];
    let started = Instant::now();
    let mut tree = Frontier::default();
    (0..count).for_each(|_| tree.push(Record::leaf_hash(&bytes)));
    let took = started.elapsed();
    assert_ne!(tree.root(), [0; 32]);
    println!("leaf and tree alone: {:.0} records/s", count as f64 / took.as_secs_f64());
}

/// Appends in groups, with a checkpoint each 10 000 records.
async fn append(folder: &std::path::Path, count: u64) {
    let key = SigningKey::new("hallward/bench", &[7; 32]).unwrap();
    let (journal, _) = Journal::open(&folder.join("core.db"), None, [1; 16], now(0)).unwrap();
    let (mut checkpoints, mut signing) = (0, Duration::ZERO);
    let started = Instant::now();
    let mut next = 0;
    while next < count {
        let records: Vec<NewRecord> = (next..count).take(GROUP).map(record).collect();
        next += u64::try_from(records.len()).unwrap();
        journal.write(Write { records, rows: Vec::new() }).await.unwrap();
        if next / 10_000 > checkpoints || next == count {
            let signed = Instant::now();
            checkpoints = next / 10_000;
            let tree = journal.frontier().await.unwrap();
            let note = Checkpoint::of("hallward/bench/1", &tree).sign(&key);
            let row = Row::Evidence(EvidenceRow::Checkpoint { tree, wall: now(next).wall, note });
            journal.write(Write { records: Vec::new(), rows: vec![row] }).await.unwrap();
            signing += signed.elapsed();
        }
    }
    let took = started.elapsed();
    journal.close().await.unwrap();
    println!("appending by {GROUP}: {:.0} records/s", count as f64 / (took - signing).as_secs_f64());
    println!("a checkpoint: {:.2} ms", signing.as_secs_f64() * 1e3 / (checkpoints + 1) as f64);
    let started = Instant::now();
    let (journal, _) = Journal::open(&folder.join("core.db"), None, [2; 16], now(next)).unwrap();
    println!("opening the journal again: {:.1} ms", started.elapsed().as_secs_f64() * 1e3);
    journal.close().await.unwrap();
}

/// Checks the whole log against its checkpoints, as `hallward log verify` does; the best of three.
fn verify(folder: &std::path::Path, count: u64) {
    let public = SigningKey::new("hallward/bench", &[7; 32]).unwrap().public();
    let best = (0..3).map(|_| {
        let started = Instant::now();
        let file = LogFile::open(&folder.join("core.db"), None).unwrap();
        let known = |note: &String| Known {
            checkpoint: Checkpoint::open(note, &public).unwrap(),
            external: false,
            source: "the database".to_owned(),
        };
        let mut verifier = Verifier::of_log(file.notes().unwrap().iter().map(known).collect());
        file.show(&mut verifier).unwrap();
        let report = verifier.finish();
        assert!(report.is_whole() && report.records == count, "{report:?}");
        started.elapsed()
    });
    let best = best.min().unwrap();
    let size = std::fs::metadata(folder.join("core.db")).unwrap().len();
    println!(
        "verifying: {:.0} records/s; {} bytes a record in the database",
        count as f64 / best.as_secs_f64(),
        size / count
    );
}
