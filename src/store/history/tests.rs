//! History as its callers see it. A crash is a copy of the files of an open database.

use hallward_profiles::{Library, PointName};
use hallward_site::Site;
use proptest::prelude::*;
use tempfile::TempDir;

use crate::model::{
    Column, DeviceInfo, DeviceIx, PointInfo, PointIx, PointRef, PointSource, Quality, Value, ValueKind,
};

use super::{
    compact::{DAY, HOUR},
    *,
};

/// 2026-11-23 00:00 UTC, ms.
const MIDNIGHT: i64 = 1_795_392_000_000;

const RATIO: hallward_profiles::Ratio = hallward_profiles::Ratio { numerator: 1, denominator: 512 };
const KELVIN: ValueKind = ValueKind::Number(Column::Ticks { scale: RATIO, offset: -273.15 });
const FLOAT: ValueKind = ValueKind::Number(Column::Float);

fn tenths() -> ValueKind {
    ValueKind::Number(Column::tenths())
}

/// A plant of devices with these points.
fn plant(devices: &[(&str, &[(&str, ValueKind)])]) -> Plant {
    let mut text = "[site]\nid = \"hall\"\nname = \"Hall\"\ntime_zone = \"Asia/Ho_Chi_Minh\"\n".to_owned();
    text.push_str("[[line]]\nid = \"line\"\ntcp = \"127.0.0.1:502\"\n");
    for (n, (id, _)) in devices.iter().enumerate() {
        text.push_str(&format!("[[device]]\nid = \"{id}\"\nline = \"line\"\nunit = {}\n", n + 1));
        text.push_str("profile = \"xy-md02\"\nevery = \"1s\"\n");
    }
    let site = Site::parse("site.toml", &text, &Library::load(None).unwrap()).unwrap();
    let mut plant = Plant::new(site, true);
    for (info, (_, points)) in plant.devices.iter_mut().zip(devices) {
        *info = DeviceInfo { points: points.iter().map(|(name, kind)| point(name, *kind)).collect() };
    }
    plant
}

fn point(name: &str, kind: ValueKind) -> PointInfo {
    PointInfo {
        name: name.parse::<PointName>().unwrap(),
        en: String::new(),
        vi: String::new(),
        unit: None,
        kind,
        source: PointSource::Register(0),
        period: std::time::Duration::from_secs(1),
        priority: None,
    }
}

/// The usual one: a device with a number of each kind and two states, another one with one number.
fn usual() -> Plant {
    plant(&[
        (
            "ups-1",
            &[
                ("a", tenths()),
                ("b", KELVIN),
                ("c", FLOAT),
                ("status", ValueKind::State),
                ("alarm.x", ValueKind::State),
            ],
        ),
        ("crac-1", &[("a", tenths())]),
    ])
}

fn group(device: u16, points: &[u16]) -> SampleGroup {
    SampleGroup { device: DeviceIx(device), points: points.iter().copied().map(PointIx).collect() }
}

fn usual_groups() -> Vec<SampleGroup> {
    vec![group(0, &[0, 1, 2]), group(1, &[0])]
}

fn at(device: u16, point: u16) -> PointRef {
    PointRef { device: DeviceIx(device), point: PointIx(point) }
}

fn row(group: usize, time_ms: i64, values: &[f64]) -> SampleRow {
    SampleRow { group, time: wall(time_ms), values: values.iter().copied().map(Ok).collect() }
}

struct Place(TempDir);

impl Place {
    fn new() -> Self {
        Self(tempfile::tempdir().unwrap())
    }

    fn path(&self) -> PathBuf {
        self.0.path().join("history.db")
    }

    fn open(&self, plant: &Plant, groups: Vec<SampleGroup>) -> History {
        History::open(&self.path(), None, plant, groups).unwrap()
    }

    fn usual(&self) -> History {
        self.open(&usual(), usual_groups())
    }
}

/// A copy of the files as they lie on disk now.
fn crash(path: &Path) -> Place {
    let copy = Place::new();
    for (from, to) in [(path.to_owned(), copy.path()), (beside(path, "-wal"), beside(&copy.path(), "-wal"))] {
        fs::copy(from, to).unwrap();
    }
    copy
}

fn offer(history: &History, rows: Vec<SampleRow>) {
    assert!(history.offer(Batch { rows, states: vec![] }));
}

fn offer_states(history: &History, states: Vec<StateChange>) {
    assert!(history.offer(Batch { rows: vec![], states }));
}

async fn read(history: &History, point: PointRef, from_ms: i64, to_ms: i64) -> Series {
    let query = RangeQuery { point, from: wall(from_ms), to: wall(to_ms), buckets: None };
    history.reader().range(query).await.unwrap()
}

async fn numbers(history: &History, point: PointRef) -> Vec<(i64, Result<f64, Quality>)> {
    let Series::Numbers { raw } = read(history, point, 0, i64::MAX / 1000).await else { panic!() };
    raw.into_iter().map(|(time, value)| (milliseconds(time), value)).collect()
}

/// Lets the writer do all its upkeep as at this time, by a row of the second device.
async fn keep_up(history: &History, now_ms: i64) {
    offer(history, vec![row(1, now_ms, &[0.0])]);
    history.with_writer(|writer| while writer.keep_up() {}).await;
}

async fn count(history: &History, table: &'static str) -> i64 {
    let sql = format!("SELECT count(*) FROM {table}");
    history.with_writer(move |writer| writer.connection.query_row(&sql, [], |row| row.get(0)).unwrap()).await
}

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

/// Keeps the writer busy until released.
async fn hold(history: &History) -> SyncSender<()> {
    let (release, wait) = sync_channel(0);
    let (busy, begun) = oneshot::channel();
    let hold = move |_: &mut Writer| {
        busy.send(()).unwrap();
        wait.recv().unwrap();
    };
    history.jobs.send(Job::Do(Box::new(hold))).unwrap();
    begun.await.unwrap();
    release
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
    // A clock far ahead: no day of that time is whole, so nothing goes.
    keep_up(&history, day(10 * kept)).await;
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
