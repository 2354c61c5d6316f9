//! The whole program in virtual time: gateway and hall in one process over streams in memory. No sockets, no sleeping;
//! minutes pass in seconds.

use std::{sync::Arc, time::Duration};

use hallward::{
    app::demo::{Demo, Settings, live_days},
    model::{PointRef, Quality, Reading, Record, Value, Wall},
    store::{JournalFilter, RangeQuery, Series},
};
use hallward_profiles::Library;
use hallward_simulator::{DEMO_SITE, Fault, FaultKind, Hall, Scenario};
use hallward_site::Site;
use tokio_util::sync::CancellationToken;

/// Noon in Vietnam on the first of June 2026.
const NOON: Wall = Wall(1_780_290_000_000_000);

fn demo_site() -> Site {
    let library = Library::load(None).unwrap_or_else(|wrong| panic!("{}", wrong[0]));
    Site::parse("demo", DEMO_SITE, &library).unwrap_or_else(|wrong| panic!("{wrong}"))
}

struct Story {
    demo: Demo,
    _data: tempfile::TempDir,
}

impl Story {
    async fn begin() -> Self {
        Self::of(Hall::new(demo_site()).unwrap(), tempfile::tempdir().unwrap()).await
    }

    async fn of(hall: Hall, data: tempfile::TempDir) -> Self {
        let settings = Settings::quiet(data.path().to_owned(), NOON);
        let demo = Demo::start(Arc::new(hall), settings, CancellationToken::new()).await.unwrap();
        Self { demo, _data: data }
    }

    async fn pass(&self, seconds: u64) {
        self.demo.advance(Duration::from_secs(seconds)).await.unwrap();
    }

    fn word(&self, device: &str, point: &str) -> String {
        match self.demo.reading(device, point).unwrap().value() {
            Some(Value::Word(word)) => word.to_string(),
            other => panic!("{device} {point}: {other:?}"),
        }
    }

    fn quality(&self, device: &str, point: &str) -> Quality {
        self.demo.reading(device, point).unwrap().quality()
    }

    /// Codes of records with their time since the beginning, s.
    async fn records(&self) -> Vec<(String, String, f64)> {
        let filter = JournalFilter { after: Some(0), limit: 1000, ..JournalFilter::default() };
        let records = self.demo.journal().page(filter).await.unwrap();
        let told = |record: &Record| {
            (record.code.clone(), record.place.clone(), record.wall.since(NOON).as_secs_f64())
        };
        records.iter().map(told).collect()
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 1)]
async fn a_mains_failure_is_seen_as_it_happens_and_ten_minutes_pass_at_once() {
    let story = Story::begin().await;
    story.pass(5).await;
    let snapshot = story.demo.snapshot();
    let readings = snapshot.devices.iter().flat_map(|device| &device.readings);
    let read = |reading: &&Reading| matches!(reading.quality(), Quality::Good | Quality::NotAvailable);
    let unread = readings.filter(|reading| !read(reading)).collect::<Vec<_>>();
    assert!(unread.is_empty(), "{unread:?}");
    assert_eq!(story.word("ups-a", "ups.status"), "online");

    story.demo.hall().start(Scenario::MainsFailure).unwrap();
    story.pass(2).await;
    assert_eq!(story.word("ups-a", "ups.status"), "on-battery");
    story.pass(20).await;
    assert_eq!(story.word("ups-a", "ups.status"), "online");
    assert_eq!(story.word("ats-1", "position"), "2");

    story.pass(600).await;
    assert_eq!(story.demo.now().wall.since(NOON).as_secs(), 627);
    // One block, asked for once a second, and who it is now and then.
    let polls = story.demo.hall().counters()["inlet-01"];
    assert!((620..=640).contains(&polls), "{polls} polls");
    assert_eq!(story.word("gen-1", "engine.state"), "running");
    story.demo.stop().await.unwrap();
}

#[tokio::test(flavor = "multi_thread", worker_threads = 1)]
async fn a_silent_device_is_stale_at_once_offline_at_the_third_and_heals() {
    let story = Story::begin().await;
    story.pass(5).await;
    story.demo.hall().set_fault(Fault::of_device("ups-a".parse().unwrap(), FaultKind::Silence)).unwrap();
    story.pass(3).await;
    assert_eq!(story.quality("ups-a", "battery.charge"), Quality::Stale);
    story.pass(10).await;
    assert_eq!(story.quality("ups-a", "battery.charge"), Quality::Timeout);
    assert_eq!(story.quality("ups-b", "battery.charge"), Quality::Good);
    story.demo.hall().clear_faults(None);
    story.pass(35).await;
    assert_eq!(story.quality("ups-a", "battery.charge"), Quality::Good);
    let records = story.records().await;
    let of_ups = records.iter().filter(|(_, place, _)| place == "ups-a").collect::<Vec<_>>();
    assert_eq!(
        of_ups.iter().map(|(code, _, _)| code.as_str()).collect::<Vec<_>>(),
        ["device.offline", "device.online"]
    );
    assert!((6.0..18.0).contains(&of_ups[0].2), "{of_ups:?}");
    story.demo.stop().await.unwrap();
}

#[tokio::test(flavor = "multi_thread", worker_threads = 1)]
async fn the_same_seed_and_the_same_commands_give_the_same_readings() {
    let mut ran = Vec::new();
    for _ in 0..2 {
        let story = Story::begin().await;
        story.pass(30).await;
        story.demo.hall().start(Scenario::CoolingFailure).unwrap();
        story.pass(90).await;
        let snapshot = story.demo.snapshot();
        ran.push(format!("{:?}", snapshot.devices.iter().map(|device| &device.readings).collect::<Vec<_>>()));
        story.demo.stop().await.unwrap();
    }
    assert_eq!(ran[0], ran[1]);
}

#[tokio::test]
async fn a_week_is_lived_without_the_wire() {
    let data = tempfile::tempdir().unwrap();
    let hall = Hall::new(demo_site()).unwrap();
    let lived = live_days(&hall, data.path(), NOON, 7).await.unwrap();
    assert!((3_000..6_000).contains(&lived.rounds), "{lived:?}");
    assert_eq!(hall.elapsed(), Duration::from_secs(7 * 86_400 + 12 * 3600));
    let events = hall.events(0);
    let happened = |code: &str| events.iter().filter(|event| event.code == code).count();
    assert_eq!((happened("mains.lost"), happened("mains.back")), (1, 1), "{events:?}");
    assert_eq!(happened("cooling.tripped"), 1, "{events:?}");

    // The gateway that starts in the same folder goes on from there.
    let story = Story::of(hall, data).await;
    story.pass(5).await;
    let plant = Arc::clone(&story.demo.snapshot().plant);
    let device = plant.find_device("ups-a").unwrap();
    let point = plant.device(device).unwrap().1.find("battery.charge").unwrap();
    let week = RangeQuery {
        point: PointRef { device, point },
        from: NOON - Duration::from_secs(7 * 86_400),
        to: NOON,
        buckets: Some(7 * 24),
    };
    let series = story.demo.history().reader().range(week).await.unwrap();
    let Series::Buckets { buckets, .. } = series else { panic!("{series:?}") };
    let lowest = buckets.iter().map(|bucket| bucket.min).fold(f64::MAX, f64::min);
    assert!((50.0..99.9).contains(&lowest), "the outage is in history: {lowest} %");
    let status = PointRef { device, point: plant.device(device).unwrap().1.find("ups.status").unwrap() };
    let Series::States(states) =
        story.demo.history().reader().range(RangeQuery { point: status, ..week }).await.unwrap()
    else {
        panic!("a state")
    };
    let on_battery =
        |state: &Result<Value, Quality>| matches!(state, Ok(Value::Word(word)) if &**word == "on-battery");
    assert!(states.iter().any(|(_, state)| on_battery(state)), "13 s on battery are seen: {states:?}");
    story.demo.stop().await.unwrap();
}
