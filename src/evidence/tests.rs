//! The log as evidence, as its callers see it: when it signs, what it compares, what it gives away and what it keeps.

use std::{fs, num::NonZeroU32, sync::Mutex as Lock, time::Duration};

use tempfile::TempDir;
use tokio::time::timeout;
use tokio_util::sync::CancellationToken;

use super::*;
use crate::{
    accounts::{Conflict, NewAccount, NoSuch, NotDone},
    logic::evidence::{Checkpoint, Known, Verifier, notes},
    model::{Mono, Now, PersonId, PersonalData, Role, Trust, Wall},
    store::{DatabaseKey, JournalFilter, KeyFolders, KeyName, LogFile},
};

const VISITOR: &str = "visitor.in";
const GRANTED: &str = "access.granted";
const OPENED: &str = "door.opened";
const START: Wall = Wall(1_780_290_000_000_000);

struct SetClock(Lock<Wall>);

impl Clock for SetClock {
    fn now(&self) -> Now {
        Now { mono: Mono(0), wall: *self.0.lock().unwrap(), trust: Trust::Synchronised }
    }
}

struct House {
    evidence: Arc<Evidence>,
    clock: Arc<SetClock>,
    folder: TempDir,
}

impl House {
    async fn new() -> Self {
        Self::at(tempfile::tempdir().unwrap(), None).await
    }

    async fn at(folder: TempDir, second: Option<PathBuf>) -> Self {
        let clock = Arc::new(SetClock(Lock::new(START)));
        let none: Option<&DatabaseKey> = None;
        let (journal, _) = Journal::open(&folder.path().join("core.db"), none, [1; 16], clock.now()).unwrap();
        let committed = broadcast::Sender::new(64);
        let name = "Hall".to_owned();
        let accounts = Accounts::open(journal.clone(), committed.clone(), clock.clone(), name).await.unwrap();
        let evidence = Evidence::open(Needs {
            journal,
            committed,
            clock: clock.clone(),
            accounts,
            key: KeyFolders::of(folder.path()).key(KeyName::Log).unwrap(),
            name: "hallward/hall".to_owned(),
            data: folder.path().to_owned(),
            second,
        });
        Self { evidence: evidence.await.unwrap(), clock, folder }
    }

    async fn append(&self, count: u64) {
        for n in 0..count {
            let record = NewRecord::system(self.clock.now(), OPENED, Severity::Info).at("main");
            self.evidence.write(record.with("n", n), Vec::new()).await.unwrap();
        }
    }

    async fn records(&self, code: &str) -> Vec<Record> {
        let filter = JournalFilter { code: Some(code.to_owned()), limit: 100, ..JournalFilter::default() };
        self.evidence.journal.reader().page(filter).await.unwrap()
    }

    fn newest(&self) -> Option<Checkpoint> {
        let note = self.evidence.newest().borrow().clone()?;
        Some(Checkpoint::open(&note, &self.evidence.public_key()).unwrap())
    }

    /// Ends it, and hands back its folder.
    async fn end(self) -> TempDir {
        self.evidence.journal.clone().close().await.unwrap();
        self.folder
    }
}

fn console() -> Caller {
    Caller::console("uid-0".to_owned())
}

fn copy(from: &Path) -> TempDir {
    let to = tempfile::tempdir().unwrap();
    // Readers that are still open keep what was written last beside the database.
    for file in ["core.db", "core.db-wal", "log.key"].map(|file| (from.join(file), to.path().join(file))) {
        if file.0.exists() {
            fs::copy(file.0, file.1).unwrap();
        }
    }
    to
}

#[tokio::test]
async fn r_log_a_checkpoint_is_signed_when_something_was_appended_and_goes_to_each_place() {
    let elsewhere = tempfile::tempdir().unwrap();
    let second = elsewhere.path().join("checkpoints.txt");
    let house = House::at(tempfile::tempdir().unwrap(), Some(second.clone())).await;
    house.evidence.checkpoint().await.unwrap();
    assert_eq!(house.newest(), None, "nothing stands for nothing");
    for size in [3, 6] {
        house.append(3).await;
        house.evidence.checkpoint().await.unwrap();
        house.evidence.checkpoint().await.unwrap();
        assert_eq!(house.newest().unwrap().size, size);
    }
    let (local, second) = (house.folder.path().join(CHECKPOINTS), second);
    for file in [local, second.clone()] {
        let text = fs::read_to_string(file).unwrap();
        let sizes: Vec<u64> = notes(&text)
            .map(|note| Checkpoint::open(note, &house.evidence.public_key()).unwrap().size)
            .collect();
        assert_eq!(sizes, [3, 6]);
    }
    fs::remove_file(&second).unwrap();
    fs::create_dir(&second).unwrap();
    for _ in 0..3 {
        house.append(1).await;
        house.evidence.checkpoint().await.unwrap();
    }
    assert_eq!(house.records("log.checkpoint-failed").await.len(), 1, "told once");
    let vkey = fs::read_to_string(house.folder.path().join(VKEY)).unwrap();
    assert_eq!(vkey.trim(), house.evidence.public_key().to_string());
}

/// Runs the task, and tells the size of each new checkpoint; none where it takes long.
fn running(house: &House) -> impl AsyncFnMut() -> Option<u64> {
    let records = house.evidence.committed.subscribe();
    let (kept, heard) = tokio::sync::mpsc::channel(1);
    let mut newest = house.evidence.newest();
    let (evidence, shutdown) = (Arc::clone(&house.evidence), CancellationToken::new());
    tokio::spawn(Arc::clone(&evidence).run(records, heard, shutdown));
    async move || {
        let _kept = &kept;
        timeout(Duration::from_secs(20), newest.changed()).await.ok()?.unwrap();
        let note = newest.borrow_and_update().clone().unwrap();
        Some(Checkpoint::open(&note, &evidence.public_key()).unwrap().size)
    }
}

#[tokio::test]
async fn a_checkpoint_follows_the_first_record_and_each_error() {
    let house = House::new().await;
    let mut size = running(&house);
    house.append(1).await;
    assert_eq!(size().await, Some(1), "the first record of a run");
    house.append(2).await;
    let error = NewRecord::system(house.clock.now(), "task.failed", Severity::Error);
    house.evidence.write(error, Vec::new()).await.unwrap();
    assert_eq!(size().await, Some(4), "an error");
}

#[tokio::test]
async fn a_checkpoint_follows_a_minute_in_which_something_was_appended() {
    let house = House::new().await;
    let mut size = running(&house);
    house.append(1).await;
    assert_eq!(size().await, Some(1));
    house.append(1).await;
    tokio::time::pause();
    tokio::time::advance(Duration::from_secs(59)).await;
    tokio::task::yield_now().await;
    assert_eq!(house.newest().unwrap().size, 1);
    tokio::time::advance(Duration::from_secs(2)).await;
    tokio::time::resume();
    assert_eq!(size().await, Some(2));
}

#[tokio::test]
async fn old_checkpoints_are_thinned_to_one_an_hour_in_the_database_and_the_log_stays_provable() {
    let house = House::new().await;
    let pass = |seconds| {
        let mut wall = house.clock.0.lock().unwrap();
        *wall = *wall + Duration::from_secs(seconds);
    };
    for _ in 0..90 {
        house.append(1).await;
        house.evidence.checkpoint().await.unwrap();
        pass(60);
    }
    pass(8 * 86_400);
    house.append(1).await;
    house.evidence.checkpoint().await.unwrap();
    let file = LogFile::open(&house.folder.path().join("core.db"), None).unwrap();
    let sizes: Vec<u64> = file
        .notes()
        .unwrap()
        .iter()
        .map(|note| Checkpoint::open(note, &house.evidence.public_key()).unwrap().size)
        .collect();
    assert_eq!(sizes, [60, 90, 91], "the last one of each of the two hours, and the newest");
    let known = |note: &String| Known {
        checkpoint: Checkpoint::open(note, &house.evidence.public_key()).unwrap(),
        external: false,
        source: "the database".to_owned(),
    };
    let mut verifier = Verifier::of_log(file.notes().unwrap().iter().map(known).collect());
    file.show(&mut verifier).unwrap();
    assert!(verifier.finish().is_whole());
}

#[tokio::test]
async fn r_log_an_old_copy_restored_is_suspected_and_the_log_goes_on_under_another_id() {
    let elsewhere = tempfile::tempdir().unwrap();
    let second = Some(elsewhere.path().join("checkpoints.txt"));
    let house = House::at(tempfile::tempdir().unwrap(), second.clone()).await;
    house.append(5).await;
    house.evidence.checkpoint().await.unwrap();
    let before = house.newest().unwrap().origin;
    let folder = house.end().await;
    let old = copy(folder.path());
    let house = House::at(folder, second.clone()).await;
    assert_eq!(house.records("log.rollback_suspected").await, [], "the same log");
    house.append(5).await;
    house.evidence.checkpoint().await.unwrap();
    drop(house.end().await);

    let house = House::at(old, second.clone()).await;
    let told = house.records("log.rollback_suspected").await;
    assert_eq!(told.len(), 1);
    assert_eq!((told[0].seq, told[0].severity, &told[0].body["log_before"]), (6, Severity::Error, &before));
    assert_eq!((told[0].body["checkpoint"].as_str(), told[0].body["records"].as_str()), ("10", "5"));
    let newest = house.newest().unwrap();
    assert_eq!((newest.size, &newest.origin), (6, &told[0].body["log"]));
    assert_ne!(newest.origin, before);
    house
        .evidence
        .compare(&Checkpoint { origin: before, size: 99, root: [0; 32] }.sign(&house.evidence.key), "x")
        .await
        .unwrap();
    let house = House::at(house.end().await, second).await;
    assert_eq!(house.records("log.rollback_suspected").await.len(), 1, "told once");
}

#[tokio::test]
async fn what_the_broker_kept_is_compared_if_our_key_signed_it() {
    let house = House::new().await;
    house.append(8).await;
    house.evidence.checkpoint().await.unwrap();
    let log = house.newest().unwrap().origin;
    let note = |size, root| Checkpoint { origin: log.clone(), size, root }.sign(&house.evidence.key);
    let tree = house.evidence.journal.reader().frontier_at(5).await.unwrap().unwrap();
    let stranger = SigningKey::new("hallward/hall", &[9; 32]).unwrap();
    let strange = Checkpoint { origin: log.clone(), size: 99, root: [0; 32] }.sign(&stranger);
    for harmless in
        [note(5, tree.root()), strange, "nonsense".to_owned(), note(99, [0; 32]).replace("99", "98")]
    {
        house.evidence.compare(&harmless, "the broker").await.unwrap();
        assert_eq!(house.records("log.rollback_suspected").await, [], "{harmless}");
    }
    house.evidence.compare(&note(5, [1; 32]), "the broker").await.unwrap();
    let told = house.records("log.rollback_suspected").await;
    assert_eq!(told[0].body["why"], "it stands for other records");
}

#[tokio::test]
async fn r_export_each_export_is_a_record_that_says_who_what_why_and_the_files_hash() {
    let house = House::new().await;
    house.append(10).await;
    let filter = JournalFilter { after: Some(2), before: Some(7), ..JournalFilter::default() };
    let wanted = |why: &str| Wanted { filter: filter.clone(), person: None, why: why.to_owned() };
    assert!(matches!(house.evidence.export(&console(), wanted(" ")).await, Err(NotKept::Why)));
    let exported = house.evidence.export(&console(), wanted("inspection")).await.unwrap();
    let extract = &exported.extract;
    assert_eq!(
        (extract.records, extract.first, extract.last, extract.is_contiguous),
        (4, Some(3), Some(6), true)
    );
    let told = house.records("log.exported").await;
    let body = |key: &str| told[0].body[key].as_str();
    assert_eq!((told[0].actor.as_str(), told[0].seq), ("uid-0", exported.record));
    assert_eq!((body("first"), body("last"), body("why"), body("after")), ("3", "6", "inspection", "2"));
    let bytes = fs::read(&exported.file).unwrap();
    use sha2::Digest;
    assert_eq!(body("sha256"), data_encoding::HEXLOWER.encode(&sha2::Sha256::digest(&bytes)));
    let path = exported.file.to_path_buf();
    drop(exported);
    assert!(!path.exists(), "nothing is left lying about");
}

#[tokio::test]
async fn personal_data_is_exported_for_who_may_see_it_alone() {
    let house = House::new().await;
    let mut record = NewRecord::system(house.clock.now(), VISITOR, Severity::Info);
    record.personal = Some(PersonalData { person: PersonId(NonZeroU32::MIN), data: b"Nguyen Lan".to_vec() });
    house.evidence.write(record, Vec::new()).await.unwrap();
    for (rights, wanted) in [(Role::Administrator.rights(), true), (Role::Operator.rights(), false)] {
        let caller = Caller { rights, ..console() };
        let asked = Wanted { why: "x".to_owned(), ..Wanted::default() };
        let exported = house.evidence.export(&caller, asked).await.unwrap();
        let mut zip = zip::ZipArchive::new(fs::File::open(&exported.file).unwrap()).unwrap();
        let lines = std::io::read_to_string(zip.by_name("records.jsonl").unwrap()).unwrap();
        assert_eq!(lines.contains("\"personal\""), wanted);
    }
}

#[tokio::test]
async fn r_keep_whole_old_ranges_are_pruned_into_an_archive_and_a_hold_stops_it() {
    let house = House::new().await;
    for _ in 0..3 {
        house.append(10).await;
        house.evidence.checkpoint().await.unwrap();
        *house.clock.0.lock().unwrap() = house.clock.now().wall + Duration::from_secs(86_400);
    }
    let before = START + Duration::from_secs(2 * 86_400);
    let prune = |why: &'static str| {
        let evidence = Arc::clone(&house.evidence);
        async move { evidence.prune(&console(), before, true, why).await }
    };
    assert!(matches!(prune("plan").await, Err(NotKept::TooYoung(_))));
    *house.clock.0.lock().unwrap() = START + Duration::from_secs(400 * 86_400);
    let hold = house.evidence.hold(&console(), "incident").await.unwrap();
    assert_eq!(house.records("log.hold").await[0].seq, hold);
    assert!(matches!(prune("plan").await, Err(NotKept::Held(number)) if number == hold));
    let lan = PersonId(NonZeroU32::MIN);
    assert!(matches!(house.evidence.erase(&console(), lan, "x").await, Err(NotKept::Held(_))));
    assert!(matches!(house.evidence.release(&console(), 1, "x").await, Err(NotKept::NoHold(1))));
    house.evidence.release(&console(), hold, "closed").await.unwrap();
    let kept = prune("plan").await.unwrap();
    assert_eq!((kept.dropped, kept.first), (20, 21));
    assert!(kept.archive.unwrap().ends_with("archive/log-1-20.zip"));
    let told = house.records("log.pruned").await;
    assert_eq!((told[0].body["first"].as_str(), told[0].body["last"].as_str()), ("1", "20"));
    assert!(matches!(prune("plan").await, Err(NotKept::NothingToPrune)));
}

#[tokio::test]
async fn a_person_who_has_left_is_erased_and_the_log_stays_as_it_was() {
    let house = House::new().await;
    let new = NewAccount {
        name: "Nguyễn Lan".to_owned(),
        born: None,
        phone: None,
        sign_in: "lan".to_owned(),
        role: Role::Operator,
        ends: None,
        remote: None,
    };
    let (lan, _) = house.evidence.accounts.add(&console(), new).await.unwrap();
    let mut record = NewRecord::system(house.clock.now(), GRANTED, Severity::Info);
    record.personal = Some(PersonalData { person: lan, data: b"Nguyen Lan".to_vec() });
    house.evidence.write(record, Vec::new()).await.unwrap();
    let root = house.evidence.journal.frontier().await.unwrap();
    let lan_away = console();
    let erase = |person| house.evidence.erase(&lan_away, person, "asked for it");
    let nobody = PersonId(NonZeroU32::new(99).unwrap());
    let refused = erase(nobody).await;
    assert!(matches!(refused, Err(NotKept::Accounts(NotDone::NoSuch(NoSuch::Person(_))))));
    let refused = erase(lan).await;
    assert!(matches!(refused, Err(NotKept::Accounts(NotDone::Conflict(Conflict::NotEnded)))));
    house.evidence.accounts.end(&console(), lan, "has left").await.unwrap();
    erase(lan).await.unwrap();
    assert_eq!(house.evidence.accounts.registry().person(lan).unwrap().name, "");
    let told = house.records("person.erased").await;
    assert_eq!(
        (told[0].place.as_str(), told[0].body["why"].as_str()),
        (lan.to_string().as_str(), "asked for it")
    );
    let same = house.evidence.journal.reader().frontier_at(root.size()).await.unwrap();
    assert_eq!(same, Some(root));
}
