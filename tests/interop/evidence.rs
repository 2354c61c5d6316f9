//! Exports of the log, as `docs/verify.py` checks them with Python and `cryptography`: it agrees with `hallward log verify`
//! about each way to spoil one.

use std::{
    collections::BTreeMap,
    fs::{self, File},
    io::{Read, Write},
    num::NonZeroU32,
    path::{Path, PathBuf},
    process::Command,
    sync::{Arc, Mutex},
    time::Duration,
};

use data_encoding::BASE64;
use hallward::{
    accounts::{Accounts, Caller, NewAccount},
    evidence::{Evidence, Needs, Wanted},
    logic::evidence::{Checkpoint, SigningKey},
    model::{Clock, Mono, NewRecord, Now, PersonId, PersonalData, Role, Severity, Trust, Wall},
    store::{Journal, JournalFilter, KeyFolders, KeyName, Write as Writes},
};
use serde_json::Value as Json;
use tempfile::TempDir;
use tokio::{runtime::Runtime, sync::broadcast};

use crate::{gateway::hallward, programs::python};

struct SetClock(Mutex<Wall>);

impl Clock for SetClock {
    fn now(&self) -> Now {
        Now { mono: Mono(0), wall: *self.0.lock().unwrap(), trust: Trust::Synchronised }
    }
}

/// A log, with a second path of checkpoints.
struct Log {
    runtime: Runtime,
    journal: Journal,
    accounts: Arc<Accounts>,
    evidence: Arc<Evidence>,
    clock: Arc<SetClock>,
    folder: TempDir,
    second: PathBuf,
}

fn console() -> Caller {
    Caller::console("uid-0".to_owned())
}

impl Log {
    fn open(folder: TempDir, second: PathBuf) -> Self {
        let runtime = Runtime::new().unwrap();
        let clock = Arc::new(SetClock(Mutex::new(Wall(1_780_290_000_000_000))));
        let (journal, _) = Journal::open(&folder.path().join("core.db"), None, [1; 16], clock.now()).unwrap();
        let committed = broadcast::Sender::new(64);
        let (accounts, evidence) = runtime.block_on(async {
            let accounts =
                Accounts::open(journal.clone(), committed.clone(), clock.clone(), "Hall".to_owned());
            let accounts = accounts.await.unwrap();
            let evidence = Evidence::open(Needs {
                journal: journal.clone(),
                committed,
                clock: clock.clone(),
                accounts: Arc::clone(&accounts),
                key: KeyFolders::of(folder.path()).key(KeyName::Log).unwrap(),
                name: "hallward/hall".to_owned(),
                data: folder.path().to_owned(),
                second: Some(second.clone()),
            });
            (accounts, evidence.await.unwrap())
        });
        Self { runtime, journal, accounts, evidence, clock, folder, second }
    }

    /// Sixty records and checkpoints of 20, 40 and 60, a day apart; each seventh record has personal data.
    fn new() -> Self {
        let folder = tempfile::tempdir().unwrap();
        let second = folder.path().join("elsewhere.txt");
        let log = Self::open(folder, second);
        (0..3).for_each(|_| log.append(20));
        log
    }

    fn append(&self, count: u32) {
        for n in 0..count {
            let place = if n % 3 == 0 { "main" } else { "rear" };
            let mut record = NewRecord::system(self.clock.now(), "door.opened", Severity::Info).at(place);
            if n % 7 == 6 {
                record.personal =
                    Some(PersonalData { person: PersonId(NonZeroU32::MIN), data: b"Nguyen Lan".to_vec() });
            }
            let write = Writes { records: vec![record], rows: Vec::new() };
            self.runtime.block_on(self.journal.write(write)).unwrap();
        }
        self.runtime.block_on(self.evidence.checkpoint()).unwrap();
        self.pass(1);
    }

    fn pass(&self, days: u64) {
        let mut wall = self.clock.0.lock().unwrap();
        *wall = *wall + Duration::from_secs(days * 86_400);
    }

    fn export(&self, filter: JournalFilter) -> Export {
        let wanted = Wanted { filter, person: None, why: "interop".to_owned() };
        let exported = self.runtime.block_on(self.evidence.export(&console(), wanted)).unwrap();
        Export::read(&exported.file)
    }

    fn end(self) -> TempDir {
        self.runtime.block_on(self.journal.close()).unwrap();
        self.folder
    }
}

/// An export's members.
#[derive(Clone)]
struct Export(BTreeMap<String, String>);

impl Export {
    fn read(path: &Path) -> Self {
        let mut zip = zip::ZipArchive::new(File::open(path).unwrap()).unwrap();
        let names: Vec<String> = zip.file_names().map(|name| name.unwrap().into_owned()).collect();
        let member = |name: String| {
            let mut text = String::new();
            zip.by_name(&name).unwrap().read_to_string(&mut text).unwrap();
            (name, text)
        };
        Self(names.into_iter().map(member).collect())
    }

    fn write(&self, path: &Path) {
        let mut zip = zip::ZipWriter::new(File::create(path).unwrap());
        for (name, text) in &self.0 {
            zip.start_file(name, zip::write::SimpleFileOptions::default()).unwrap();
            zip.write_all(text.as_bytes()).unwrap();
        }
        zip.finish().unwrap();
    }

    /// Changes its lines of records.
    fn lines(mut self, change: impl Fn(&mut Vec<Json>)) -> Self {
        let text = self.0.get_mut("records.jsonl").unwrap();
        let mut lines = text.lines().map(|line| serde_json::from_str(line).unwrap()).collect();
        change(&mut lines);
        *text = lines.iter().map(|line| format!("{line}\n")).collect();
        self
    }

    /// Changes the bytes of the record in one line.
    fn record(self, line: usize, change: impl Fn(&mut Vec<u8>)) -> Self {
        self.lines(|lines| change_record(&mut lines[line], &change))
    }

    /// Keeps only checkpoints up to this size.
    fn checkpoints_to(mut self, size: u64) -> Self {
        let text = self.0.get_mut("checkpoints.txt").unwrap();
        let kept = |note: &&str| note.lines().nth(1).unwrap().parse::<u64>().unwrap() <= size;
        *text = hallward::logic::evidence::notes(text).filter(kept).collect::<Vec<_>>().join("\n");
        self
    }
}

fn change_record(line: &mut Json, change: impl Fn(&mut Vec<u8>)) {
    let mut bytes = BASE64.decode(line["record"].as_str().unwrap().as_bytes()).unwrap();
    change(&mut bytes);
    line["record"] = BASE64.encode(&bytes).into();
}

fn renumber(lines: &mut [Json]) {
    for (number, line) in (1_u64..).zip(lines) {
        change_record(line, |bytes| bytes[1..9].copy_from_slice(&number.to_be_bytes()));
    }
}

/// Both programs say the same, and end so; each of `words` is in what each says.
#[track_caller]
fn check(what: &str, export: &Export, more: &[&str], exit: i32, words: &[&str]) {
    let folder = tempfile::tempdir().unwrap();
    let file = folder.path().join("export.zip");
    export.write(&file);
    // The script that is in the export is the one that the documents have.
    let script = folder.path().join("verify.py");
    fs::write(&script, &export.0["verify.py"]).unwrap();
    let theirs = Command::new(python()).arg(&script).arg(&file).args(more).output().unwrap();
    let ours = hallward().args(["log", "verify", "--export"]).arg(&file).args(more).output().unwrap();
    for (who, output) in [("verify.py", theirs), ("log verify", ours)] {
        let said =
            format!("{}{}", String::from_utf8_lossy(&output.stdout), String::from_utf8_lossy(&output.stderr));
        assert_eq!(output.status.code(), Some(exit), "{what}, {who}: {said}");
        for word in words {
            assert!(said.contains(word), "{what}, {who}: not {word:?}: {said}");
        }
    }
}

#[test]
fn r_log_verify_py_agrees_about_each_way_to_spoil_an_export() {
    let log = Log::new();
    let all = log.export(JournalFilter::default());
    assert_eq!(all.0["verify.py"], include_str!("../../docs/verify.py"));
    let second = log.second.to_str().unwrap();
    let elsewhere = ["--checkpoint", second, "--strict"];
    check(
        "whole",
        &all,
        &elsewhere,
        0,
        &["whole: 60 records, 1 to 60 (every record between)", "anchored to 60"],
    );
    check("nothing external", &all, &[], 0, &["NOT anchored"]);
    check("nothing external, strict", &all, &["--strict"], 1, &["whole", "NOT anchored"]);

    let spoilt: Vec<(&str, Export)> = vec![
        ("one byte", all.clone().record(16, |bytes| bytes[60] ^= 1)),
        (
            "one byte, and no checkpoint of its own",
            all.clone().record(16, |bytes| bytes[60] ^= 1).checkpoints_to(0),
        ),
        ("no checkpoint of its own", all.clone().checkpoints_to(40)),
        ("one removed", all.clone().lines(|lines| drop(lines.remove(29)))),
        (
            "one removed, others renumbered",
            all.clone().lines(|lines| {
                lines.remove(29);
                renumber(lines);
            }),
        ),
        ("two swapped", all.clone().lines(|lines| lines.swap(49, 50))),
        (
            "two swapped and renumbered",
            all.clone().record(49, |bytes| bytes[60] ^= 1).lines(|lines| {
                lines.swap(49, 50);
                renumber(lines);
            }),
        ),
        ("the tail", all.clone().lines(|lines| lines.truncate(55))),
        ("one twice", all.clone().lines(|lines| lines.insert(5, lines[3].clone()))),
        (
            "personal data",
            all.clone().lines(|lines| {
                let line = lines.iter_mut().find(|line| line.get("personal").is_some()).unwrap();
                line["personal"] = BASE64.encode(b"Nguyen Van A").into();
            }),
        ),
        (
            "left out what cannot be",
            all.clone().lines(|lines| {
                lines[9] = serde_json::json!({ "left_out": 0, "hash": BASE64.encode(&[0; 32]) })
            }),
        ),
    ];
    for (what, export) in &spoilt {
        check(what, export, &[], 1, &["TAMPERED"]);
    }
    let cut = all.clone().lines(|lines| lines.truncate(40)).checkpoints_to(40);
    let third = log.folder.path().join("last.txt");
    let notes = fs::read_to_string(&log.second).unwrap();
    fs::write(&third, hallward::logic::evidence::notes(&notes).last().unwrap()).unwrap();
    let last = ["--checkpoint", third.to_str().unwrap()];
    check("the tail with its checkpoints", &cut, &last, 0, &["whole: 40", "NOT anchored", "60"]);
    check("the same, strict", &cut, &[&last[..], &["--strict"]].concat(), 1, &["NOT anchored"]);

    let other = SigningKey::new("hallward/hall", &[9; 32]).unwrap().public().to_string();
    check("another key", &all, &["--key", &other], 1, &["no checkpoint stands for records 1 to 60"]);
    check("half a key", &all, &["--key", &other[..other.len() - 8]], 2, &[]);
    let mut forged = all.clone();
    let text = forged.0.get_mut("checkpoints.txt").unwrap();
    *text = text.replacen("\n20\n", "\n19\n", 1);
    check("a checkpoint with another size", &forged, &[], 1, &["bears a wrong signature"]);
    let key = KeyFolders::of(log.folder.path()).key(KeyName::Log).unwrap();
    let key = SigningKey::new("hallward/hall", key.bytes()).unwrap();
    let false_one = Checkpoint { origin: "hallward/hall/x".to_owned(), size: 30, root: [1; 32] }.sign(&key);
    fs::write(&third, false_one).unwrap();
    check("a checkpoint of another history", &all, &last, 1, &["records 21 to 30 are not"]);
    let mut nothing = all;
    nothing.0.remove("records.jsonl");
    check("no records", &nothing, &[], 2, &[]);
}

#[test]
fn verify_py_agrees_about_selections_erased_persons_pruned_logs_and_old_copies() {
    let log = Log::new();
    let second = log.second.to_str().unwrap().to_owned();
    let elsewhere = ["--checkpoint", second.as_str(), "--strict"];
    let filter = JournalFilter { place: Some("main".to_owned()), ..JournalFilter::default() };
    check("one door", &log.export(filter), &elsewhere, 0, &["whole: 21 records", "A SELECTION"]);
    let filter = JournalFilter { after: Some(30), before: Some(41), ..JournalFilter::default() };
    check(
        "a range",
        &log.export(filter),
        &elsewhere,
        0,
        &["whole: 10 records, 31 to 40 (every record between)"],
    );
    let filter = JournalFilter { place: Some("nowhere".to_owned()), ..JournalFilter::default() };
    check("nothing found", &log.export(filter), &elsewhere, 0, &["whole: 0 records"]);

    let copy = tempfile::tempdir().unwrap();
    let folder = log.end();
    // Readers that are still open keep what was written last beside the database.
    for file in ["core.db", "core.db-wal", "log.key"] {
        let (from, to) = (folder.path().join(file), copy.path().join(file));
        if from.exists() {
            fs::copy(from, to).unwrap();
        }
    }
    let log = Log::open(folder, PathBuf::from(&second));
    let new = NewAccount {
        name: "Nguyễn Lan".to_owned(),
        born: None,
        phone: None,
        sign_in: "lan".to_owned(),
        role: Role::Operator,
        ends: None,
        remote: None,
    };
    let (lan, _) = log.runtime.block_on(log.accounts.add(&console(), new)).unwrap();
    log.runtime.block_on(log.accounts.end(&console(), lan, "has left")).unwrap();
    log.runtime.block_on(log.evidence.erase(&console(), lan, "asked for it")).unwrap();
    let all = log.export(JournalFilter::default());
    assert!(!all.0["records.jsonl"].contains("personal"));
    check("a person erased", &all, &elsewhere, 0, &["every record between"]);
    log.pass(400);
    let before = Wall(1_780_290_000_000_000) + Duration::from_secs(90_000);
    let kept = log.runtime.block_on(log.evidence.prune(&console(), before, true, "plan")).unwrap();
    assert!(kept.dropped >= 20, "{kept:?}");
    let all = log.export(JournalFilter::default());
    let first = format!("{} to", kept.first);
    check("pruned", &all, &elsewhere, 0, &["every record between", &first]);
    check("the archive", &Export::read(&kept.archive.unwrap()), &elsewhere, 0, &["1 to"]);
    let folder = log.end();

    let log = Log::open(copy, PathBuf::from(&second));
    let all = log.export(JournalFilter::default());
    let kept_there = ["--checkpoint", second.as_str()];
    check("an old copy restored", &all, &kept_there, 0, &["ROLLBACK suspected"]);
    check("the same, strict", &all, &elsewhere, 1, &["ROLLBACK suspected"]);
    drop(folder);
}
