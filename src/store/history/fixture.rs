//! What history's tests share: a plant, rows, and a database in a folder of its own.

use hallward_profiles::{Library, PointName};
use hallward_site::Site;
use tempfile::TempDir;

use crate::model::{
    Column, DeviceInfo, DeviceIx, Pace, PointInfo, PointIx, PointRef, PointSource, Quality, ValueKind,
};

use super::*;

/// 2026-11-23 00:00 UTC, ms.
pub(super) const MIDNIGHT: i64 = 1_795_392_000_000;

pub(super) const RATIO: hallward_profiles::Ratio =
    hallward_profiles::Ratio { numerator: 1, denominator: 512 };
pub(super) const KELVIN: ValueKind = ValueKind::Number(Column::Ticks { scale: RATIO, offset: -273.15 });
pub(super) const FLOAT: ValueKind = ValueKind::Number(Column::Float);

pub(super) fn tenths() -> ValueKind {
    ValueKind::Number(Column::tenths())
}

/// A plant of devices with these points.
pub(super) fn plant(devices: &[(&str, &[(&str, ValueKind)])]) -> Plant {
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
        pace: Pace::Normal,
        period: std::time::Duration::from_secs(1),
        priority: None,
    }
}

/// The usual one: a device with a number of each kind and two states, another one with one number.
pub(super) fn usual() -> Plant {
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

pub(super) fn group(device: u16, points: &[u16]) -> SampleGroup {
    SampleGroup { device: DeviceIx(device), points: points.iter().copied().map(PointIx).collect() }
}

pub(super) fn usual_groups() -> Vec<SampleGroup> {
    vec![group(0, &[0, 1, 2]), group(1, &[0])]
}

pub(super) fn at(device: u16, point: u16) -> PointRef {
    PointRef { device: DeviceIx(device), point: PointIx(point) }
}

pub(super) fn row(group: usize, time_ms: i64, values: &[f64]) -> SampleRow {
    SampleRow { group, time: wall(time_ms), values: values.iter().copied().map(Ok).collect() }
}

pub(super) struct Place(pub(super) TempDir);

impl Place {
    pub(super) fn new() -> Self {
        Self(tempfile::tempdir().unwrap())
    }

    pub(super) fn path(&self) -> PathBuf {
        self.0.path().join("history.db")
    }

    pub(super) fn open(&self, plant: &Plant, groups: Vec<SampleGroup>) -> History {
        History::open(&self.path(), None, plant, groups).unwrap()
    }

    pub(super) fn usual(&self) -> History {
        self.open(&usual(), usual_groups())
    }
}

/// A copy of the files as they lie on disk now.
pub(super) fn crash(path: &Path) -> Place {
    let copy = Place::new();
    for (from, to) in [(path.to_owned(), copy.path()), (beside(path, "-wal"), beside(&copy.path(), "-wal"))] {
        fs::copy(from, to).unwrap();
    }
    copy
}

pub(super) fn offer(history: &History, rows: Vec<SampleRow>) {
    assert!(history.offer(Batch { rows, states: vec![] }));
}

pub(super) fn offer_states(history: &History, states: Vec<StateChange>) {
    assert!(history.offer(Batch { rows: vec![], states }));
}

pub(super) async fn read(history: &History, point: PointRef, from_ms: i64, to_ms: i64) -> Series {
    let query = RangeQuery { point, from: wall(from_ms), to: wall(to_ms), buckets: None };
    history.reader().range(query).await.unwrap()
}

pub(super) async fn numbers(history: &History, point: PointRef) -> Vec<(i64, Result<f64, Quality>)> {
    let Series::Numbers { raw } = read(history, point, 0, i64::MAX / 1000).await else { panic!() };
    raw.into_iter().map(|(time, value)| (milliseconds(time), value)).collect()
}

/// Lets the writer do all its upkeep as at this time, by a row of the second device.
pub(super) async fn keep_up(history: &History, now_ms: i64) {
    offer(history, vec![row(1, now_ms, &[0.0])]);
    let ends = history.with_writer(|writer| (0..5000).any(|_| !writer.keep_up())).await;
    assert!(ends, "upkeep goes round in circles");
}

pub(super) async fn count(history: &History, table: &'static str) -> i64 {
    let sql = format!("SELECT count(*) FROM {table}");
    history.with_writer(move |writer| writer.connection.query_row(&sql, [], |row| row.get(0)).unwrap()).await
}

/// Keeps the writer busy until released.
pub(super) async fn hold(history: &History) -> SyncSender<()> {
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
