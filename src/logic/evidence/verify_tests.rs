//! Each way to spoil a log, and what is said of it.

use super::*;
use crate::model::{Mono, RecordBody, Severity, Trust, Wall};

const LOG: &str = "hallward/hall/00000001";

/// A record as it lies in the store.
#[derive(Clone)]
struct Row {
    number: u64,
    bytes: Vec<u8>,
    leaf: Hash,
    personal: Option<([u8; 16], Vec<u8>)>,
}

fn row(number: u64, code: &str, body: RecordBody) -> Row {
    let personal = (number == 7).then(|| ([7; 16], b"Nguyen Lan".to_vec()));
    let record = Record {
        seq: number,
        run: [1; 16],
        mono: Mono(number),
        wall: Wall(1_780_000_000_000_000),
        trust: Trust::Synchronised,
        severity: Severity::Info,
        code: code.to_owned(),
        place: "main".to_owned(),
        actor: "system".to_owned(),
        body,
        commitment: personal.as_ref().map(|(salt, data)| Record::commitment(salt, data)),
    };
    let bytes = record.to_bytes();
    Row { number, leaf: Record::leaf_hash(&bytes), bytes, personal }
}

/// A log of sixty records, and its checkpoints of 20, 40 and 60, the last one kept elsewhere.
fn log() -> (Vec<Row>, Vec<Known>) {
    let rows: Vec<Row> = (1..=60).map(|n| row(n, "door.opened", RecordBody::new())).collect();
    let known =
        [20, 40, 60].map(|size| known(&rows, size, if size == 60 { "elsewhere" } else { "the database" }));
    (rows, known.into())
}

fn known(rows: &[Row], size: usize, source: &str) -> Known {
    let mut tree = Frontier::default();
    rows[..size].iter().for_each(|row| tree.push(row.leaf));
    Known {
        checkpoint: Checkpoint::of(LOG, &tree),
        external: source == "elsewhere",
        source: source.to_owned(),
    }
}

fn restamp(row: &mut Row) {
    row.leaf = Record::leaf_hash(&row.bytes);
}

fn renumber(rows: &mut [Row]) {
    for (number, row) in (1..).zip(rows) {
        row.number = number;
        row.bytes[1..9].copy_from_slice(&number.to_be_bytes());
        restamp(row);
    }
}

fn verify(rows: &[Row], verifier: Verifier) -> Report {
    let mut verifier = verifier;
    for row in rows {
        let personal = row.personal.as_ref().map(|(salt, data)| (salt.as_slice(), data.as_slice()));
        verifier.record(row.number, &row.bytes, Some(&row.leaf), personal);
    }
    verifier.finish()
}

/// Spoils the log, and compares what is wrong: the record's number and the beginning of the sentence.
fn check(spoil: impl Fn(&mut Vec<Row>, &mut Vec<Known>), wanted: &[(u64, &str)]) {
    let (mut rows, mut known) = log();
    spoil(&mut rows, &mut known);
    let report = verify(&rows, Verifier::of_log(known));
    let told: Vec<(u64, &str)> =
        report.problems.iter().map(|problem| (problem.number, problem.what.as_str())).collect();
    let fits = told.len() == wanted.len()
        && told
            .iter()
            .zip(wanted)
            .all(|((number, what), (n, begins))| number == n && what.starts_with(begins));
    assert!(fits, "\n wanted {wanted:?}\n told   {told:?}");
}

#[test]
fn r_log_a_whole_log_is_whole_and_anchored() {
    let (rows, known) = log();
    let report = verify(&rows, Verifier::of_log(known));
    assert!(report.is_whole() && report.is_contiguous, "{:?}", report.problems);
    assert_eq!((report.records, report.first, report.last, report.size), (60, Some(1), Some(60), 60));
    assert_eq!((report.fitting, report.anchored), (3, Some(60)));
}

#[test]
fn r_log_each_way_to_spoil_a_log_is_told() {
    check(|rows, _| rows[16].bytes[60] ^= 1, &[(17, "record 17 was changed")]);
    let restamped = |rows: &mut Vec<Row>, _: &mut Vec<Known>| {
        rows[16].bytes[60] ^= 1;
        restamp(&mut rows[16]);
    };
    check(restamped, &[(1, "records 1 to 20 are not those that the checkpoint of 20 in the database")]);
    check(|rows, _| drop(rows.remove(29)), &[(30, "record 30 is missing")]);
    check(|rows, _| drop(rows.drain(29..32)), &[(30, "records 30 to 32 are missing")]);
    let renumbered = |rows: &mut Vec<Row>, _: &mut Vec<Known>| {
        rows.remove(29);
        renumber(rows);
    };
    check(
        renumbered,
        &[(21, "records 21 to 40 are not"), (60, "record 60 is missing: the checkpoint of 60 in elsewhere")],
    );
    let swapped = |rows: &mut Vec<Row>, _: &mut Vec<Known>| {
        rows.swap(49, 50);
        (rows[49].number, rows[50].number) = (50, 51);
    };
    check(
        swapped,
        &[
            (50, "record 50 carries the number 51"),
            (51, "record 51 carries the number 50"),
            (41, "records 41 to 60"),
        ],
    );
    let swapped_and_renumbered = |rows: &mut Vec<Row>, _: &mut Vec<Known>| {
        rows[49].bytes[60] ^= 1;
        rows.swap(49, 50);
        renumber(rows);
    };
    check(swapped_and_renumbered, &[(41, "records 41 to 60 are not")]);
    check(
        |rows, _| rows.truncate(55),
        &[(56, "records 56 to 60 are missing: the checkpoint of 60 in elsewhere")],
    );
    let cut_with_checkpoints = |rows: &mut Vec<Row>, known: &mut Vec<Known>| {
        rows.truncate(55);
        known.truncate(2);
    };
    check(cut_with_checkpoints, &[]);
    check(|rows, _| rows[6].personal.as_mut().unwrap().1[0] ^= 1, &[(7, "the personal data of record 7")]);
    check(|rows, _| rows[7].personal = rows[6].personal.clone(), &[(8, "the personal data of record 8")]);
    check(|rows, _| rows[6].personal = None, &[]);
    check(|rows, _| rows.insert(5, rows[3].clone()), &[(4, "record 4 stands behind record 5")]);
}

#[test]
fn what_is_pruned_or_left_out_stands_as_subtrees() {
    let (rows, known) = log();
    let mut verifier = Verifier::of_log(known.clone());
    let mut pruned = Frontier::default();
    rows[..20].iter().for_each(|row| pruned.push(row.leaf));
    pruned.peaks().for_each(|peak| verifier.left_out(peak));
    let report = verify(&rows[20..], verifier);
    assert!(report.is_whole() && report.is_contiguous);
    assert_eq!((report.first, report.records, report.fitting, report.anchored), (Some(21), 40, 3, Some(60)));

    let mut verifier = Verifier::of_excerpt(known);
    rows[..29].iter().for_each(|row| verifier.record(row.number, &row.bytes, None, None));
    verifier.left_out(Subtree { level: 0, hash: rows[29].leaf });
    verifier.left_out(Subtree { level: 0, hash: rows[30].leaf });
    let report = verify(&rows[31..40], verifier);
    assert!(!report.is_contiguous && report.is_whole(), "{report:?}");
    assert_eq!((report.fitting, report.anchored, report.later), (2, None, Some(60)));

    let mut verifier = Verifier::of_excerpt(Vec::new());
    verifier.record(1, &rows[0].bytes, None, None);
    verifier.left_out(Subtree { level: 3, hash: [0; 32] });
    assert_eq!(verifier.finish().problems[0].number, 2);

    let mut verifier = Verifier::of_excerpt(Vec::new());
    verifier.record(1, &rows[0].bytes, None, None);
    assert_eq!(verifier.finish().problems[0].what, "no checkpoint stands for records 1 to 1");
}

#[test]
fn an_old_copy_is_told_until_the_log_itself_tells_of_it() {
    let (mut rows, known) = log();
    rows.truncate(45);
    let body: RecordBody =
        [("log_before".to_owned(), LOG.to_owned()), ("log".to_owned(), "new".to_owned())].into();
    rows.push(row(46, "log.rollback_suspected", body));
    rows.extend((47..=70).map(|n| row(n, "door.opened", RecordBody::new())));
    let report = verify(&rows, Verifier::of_log(known.clone()));
    assert!(report.is_whole(), "{:?}", report.problems);
    let rollback = Rollback { number: 46, before: LOG.to_owned(), lost_to: Some(60) };
    assert_eq!((report.rollbacks, report.fitting, report.anchored), (vec![rollback], 2, None));
    rows.remove(45);
    renumber(&mut rows);
    assert_eq!(verify(&rows, Verifier::of_log(known)).problems[0].number, 41);
}

#[test]
fn problems_are_counted_and_the_first_hundred_told() {
    let mut verifier = Verifier::of_log(Vec::new());
    (0..150).for_each(|n| verifier.tell(n, "x"));
    let report = verifier.finish();
    assert_eq!((report.problems.len(), report.problem_count, report.is_whole()), (100, 150, false));
}
