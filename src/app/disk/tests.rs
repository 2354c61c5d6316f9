//! The tasks around a disk that is only pretended, with a true reserve file, journal and history.

use std::sync::{
    Mutex, PoisonError,
    atomic::{AtomicUsize, Ordering},
};

use hallward_profiles::Library;
use hallward_site::Site;
use tracing_subscriber::layer::{Context, Layer, SubscriberExt};

use super::*;
use crate::{
    app::VirtualClock,
    model::{DeviceIx, Plant, PointIx, SampleGroup, SampleRow, Wall},
    store::{Batch, JournalFilter, Write},
};

const MIB: u64 = 1024 * 1024;

/// 100 MiB: the reserve is the smallest.
const TOTAL: u64 = 100 * MIB;

/// A pretended disk, in MiB that are available.
#[derive(Clone)]
struct Pretended(Arc<Mutex<Option<u64>>>);

impl Pretended {
    fn set(&self, available: Option<u64>) {
        *self.0.lock().unwrap_or_else(PoisonError::into_inner) = available;
    }

    fn measure(&self) -> Measure {
        let shared = Arc::clone(&self.0);
        Arc::new(move |_| {
            let found = *shared.lock().unwrap_or_else(PoisonError::into_inner);
            let available = found.ok_or(io::ErrorKind::NotFound)? * MIB;
            Ok(Space { used: TOTAL - available, available })
        })
    }
}

/// Counts what the log would tell.
#[derive(Clone, Default)]
struct Said(Arc<AtomicUsize>);

impl<S: tracing::Subscriber> Layer<S> for Said {
    fn on_event(&self, event: &tracing::Event<'_>, _: Context<'_, S>) {
        self.0.fetch_add(usize::from(*event.metadata().level() == tracing::Level::WARN), Ordering::Relaxed);
    }
}

impl Said {
    fn warnings(&self) -> usize {
        self.0.load(Ordering::Relaxed)
    }
}

const SITE: &str = r#"
[site]
id = "hall"
name = "Hall"
time_zone = "UTC"
[[line]]
id = "line"
tcp = "127.0.0.1:502"
[[device]]
id = "climate"
line = "line"
unit = 1
profile = "xy-md02"
"#;

/// 2026-11-23 00:00 UTC.
const MIDNIGHT: Wall = Wall(1_795_392_000_000_000);

const HOUR: Duration = Duration::from_secs(3600);

struct Stand {
    folder: tempfile::TempDir,
    pretended: Pretended,
    history: History,
    journal: Journal,
    records: mpsc::Receiver<NewRecord>,
    shutdown: CancellationToken,
    _tasks: JoinSet<()>,
}

impl Stand {
    fn begin(available: u64) -> Self {
        Self::begin_in(tempfile::tempdir().unwrap(), 1, available)
    }

    fn begin_in(folder: tempfile::TempDir, run: u8, available: u64) -> Self {
        let pretended = Pretended(Arc::new(Mutex::new(Some(available))));
        let clock: Arc<dyn Clock> = Arc::new(VirtualClock::start(MIDNIGHT));
        let watch = Watch::begin(folder.path(), pretended.measure(), clock.now());
        let site = Site::parse("site.toml", SITE, &Library::load(None).unwrap()).unwrap();
        let core = folder.path().join("core.db");
        let (journal, _) = Journal::open(&core, None, [run; 16], clock.now()).unwrap();
        let plant = Plant::new(site, true);
        let group = SampleGroup { device: DeviceIx(0), points: vec![PointIx(0)] };
        let history = History::open(&folder.path().join("history.db"), None, &plant, vec![group]).unwrap();
        let (sender, records) = mpsc::channel(4);
        let (shutdown, mut tasks) = (CancellationToken::new(), JoinSet::new());
        let needs = Needs {
            journal: journal.clone(),
            history: history.clone(),
            records: sender,
            clock,
            hold: Hold::Never,
            shutdown: shutdown.clone(),
        };
        watch.start(needs, &tokio::runtime::Handle::current(), &mut tasks);
        Self { folder, pretended, history, journal, records, shutdown, _tasks: tasks }
    }

    /// The next run in the same folder, after these records were written.
    async fn again(self, records: Vec<NewRecord>, run: u8, available: u64) -> Self {
        self.journal.write(Write { records, rows: vec![] }).await.unwrap();
        self.shutdown.cancel();
        self.journal.close().await.unwrap();
        self.history.close().await.unwrap();
        Self::begin_in(self.folder, run, available)
    }

    fn reserve(&self) -> Option<u64> {
        std::fs::metadata(self.folder.path().join("reserve")).ok().map(|file| file.len())
    }

    /// History has seen so many days, two rows each, and has had time to merge them.
    async fn live(&self, days: u32) {
        let row = |time| SampleRow { group: 0, time, values: vec![Ok(20.0)] };
        let end = MIDNIGHT + HOUR * 24 * days + 2 * HOUR;
        // Each batch is a commit and a step of upkeep.
        let whole = (0..days).map(|day| MIDNIGHT + HOUR * 24 * day);
        for time in whole.chain((0..4 * days).map(|n| end + Duration::from_secs(10) * n)) {
            let rows = vec![row(time), row(time + Duration::from_secs(2))];
            assert!(self.history.put(Batch { rows, states: vec![] }).await);
            self.history.flush().await.unwrap();
        }
    }

    async fn record(&mut self) -> NewRecord {
        tokio::time::timeout(HOUR, self.records.recv()).await.unwrap().unwrap()
    }

    async fn next(&mut self) -> &'static str {
        self.record().await.code
    }
}

#[tokio::test(start_paused = true)]
async fn the_reserve_is_made_freed_and_made_again_and_each_is_told() {
    let mut stand = Stand::begin(50);
    assert_eq!(stand.reserve(), Some(MIB), "before the journal is opened");
    stand.pretended.set(Some(0));
    assert_eq!([stand.next().await, stand.next().await], ["disk.filling", "disk.reserve-freed"]);
    assert_eq!(stand.reserve(), None);
    stand.pretended.set(Some(50));
    assert_eq!([stand.next().await, stand.next().await], ["disk.cleared", "disk.reserve-restored"]);
    assert_eq!(stand.reserve(), Some(MIB));
    stand.shutdown.cancel();
}

#[tokio::test(start_paused = true)]
async fn a_start_on_a_full_disk_frees_the_reserve_before_anything_is_opened() {
    let folder = tempfile::tempdir().unwrap();
    std::fs::write(folder.path().join("reserve"), vec![0; 4096]).unwrap();
    let pretended = Pretended(Arc::new(Mutex::new(Some(0))));
    let watch = Watch::begin(folder.path(), pretended.measure(), VirtualClock::start(Wall(1)).now());
    assert!(!folder.path().join("reserve").exists());
    assert_eq!(watch.waiting.len(), 0, "what is recorded is decided when it is known what was before");
    let mut stand = Stand::begin_in(folder, 1, 0);
    assert_eq!(stand.next().await, "disk.filling");
}

#[tokio::test(start_paused = true)]
async fn what_a_run_before_began_ends_in_this_one_and_is_not_told_again() {
    let mut stand = Stand::begin(50);
    stand.pretended.set(Some(0));
    let told = vec![stand.record().await, stand.record().await];
    let mut stand = stand.again(told, 2, 0).await;
    tokio::time::sleep(3 * BEAT).await;
    assert!(stand.records.try_recv().is_err(), "it is still so");
    let mut stand = stand.again(vec![], 3, 50).await;
    assert_eq!(stand.reserve(), Some(MIB), "before it is known");
    let told = vec![stand.record().await, stand.record().await];
    assert_eq!([told[0].code, told[1].code], ["disk.cleared", "disk.reserve-restored"]);
    let mut stand = stand.again(told, 4, 50).await;
    tokio::time::sleep(3 * BEAT).await;
    assert!(stand.records.try_recv().is_err(), "it has ended");
}

#[test]
fn a_disk_that_was_never_measured_is_told_once() {
    let folder = tempfile::tempdir().unwrap();
    let (pretended, now) = (Pretended(Arc::default()), VirtualClock::start(Wall(1)).now());
    let said = Said::default();
    let _said = tracing::subscriber::set_default(tracing_subscriber::registry().with(said.clone()));
    let mut watch = Watch::begin(folder.path(), pretended.measure(), now);
    watch.look(now);
    assert_eq!(said.warnings(), 1);
    pretended.set(Some(50));
    watch.look(now);
    pretended.set(None);
    watch.look(now);
    assert_eq!(said.warnings(), 2);
}

#[tokio::test(start_paused = true)]
async fn records_wait_for_a_journal_that_stands_still_and_the_reserve_does_not() {
    let mut stand = Stand::begin(50);
    // Four fill the queue; what follows waits here.
    for available in [1, 50, 1, 50, 1, 50, 0] {
        stand.pretended.set(Some(available));
        tokio::time::sleep(2 * BEAT).await;
    }
    assert_eq!(stand.reserve(), None);
    let mut codes = Vec::new();
    while codes.last() != Some(&"disk.reserve-freed") {
        codes.push(stand.next().await);
    }
    let filling = codes.iter().filter(|code| **code == "disk.filling").count();
    assert_eq!((codes.len(), filling), (8, 4), "{codes:?}");
}

#[tokio::test(start_paused = true)]
async fn history_pauses_from_when_the_reserve_was_needed_until_it_is_there_again() {
    let mut stand = Stand::begin(50);
    let paused = |stand: &Stand| stand.history.is_paused();
    assert!(!paused(&stand));
    stand.pretended.set(Some(0));
    tokio::time::sleep(2 * BEAT).await;
    assert!(paused(&stand));
    stand.pretended.set(Some(3));
    tokio::time::sleep(2 * BEAT).await;
    assert!(paused(&stand));
    stand.pretended.set(Some(4));
    tokio::time::sleep(2 * BEAT).await;
    assert!(!paused(&stand));
    assert_eq!(stand.next().await, "disk.filling");
}

#[tokio::test(start_paused = true)]
async fn history_drops_a_day_a_second_until_there_is_room_and_each_is_told() {
    let mut stand = Stand::begin(50);
    stand.live(12).await;
    stand.pretended.set(Some(4));
    assert_eq!(stand.next().await, "disk.filling");
    let day = |n: u32| (MIDNIGHT + HOUR * 24 * n).rfc3339();
    for n in 1..3 {
        let record = stand.record().await;
        assert_eq!((record.code, record.body.get("before")), ("history.thinned", Some(&day(n))));
    }
    stand.pretended.set(Some(50));
    assert_eq!(stand.next().await, "disk.cleared");
    tokio::time::sleep(10 * BEAT).await;
    assert!(stand.records.try_recv().is_err(), "there is room: nothing more goes");
}

#[tokio::test(start_paused = true)]
async fn a_disk_that_cannot_be_measured_changes_nothing() {
    let mut stand = Stand::begin(50);
    stand.pretended.set(None);
    tokio::time::sleep(3 * BEAT).await;
    assert_eq!(stand.reserve(), Some(MIB));
    assert!(stand.records.try_recv().is_err());
    let filter = JournalFilter { limit: 1, ..JournalFilter::default() };
    stand.journal.write(Write::default()).await.unwrap();
    assert_eq!(stand.journal.reader().page(filter).await.unwrap(), []);
}

#[test]
fn the_system_measures_the_file_system_of_a_folder() {
    let folder = tempfile::tempdir().unwrap();
    let space = as_mounted()(folder.path()).unwrap();
    assert!(space.total() > 0 && space.percent() <= 100, "{space:?}");
    assert!(as_mounted()(&folder.path().join("missing")).is_err());
}
