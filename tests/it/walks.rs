//! Staff walk through the simulated hall, and the two stories of its doors: what truly happened, and what the journal says of it.
//! `tests/it/doors.rs` and `tests/interop/full_disk.rs` share it.

use std::{
    path::{Path, PathBuf},
    sync::Arc,
    time::Duration,
};

use hallward::{
    app::demo::{Demo, DemoError, Settings},
    model::{Mono, Record, Wall},
    store::JournalFilter,
};
use hallward_profiles::Library;
use hallward_simulator::{Action, DEMO_SITE, Event, Hall};
use hallward_site::Site;
use tokio_util::sync::CancellationToken;

/// Monday, 06:00 in Vietnam.
const MORNING: Wall = Wall(1_780_268_400_000_000);

/// A gateway around the simulated hall, in time that is led.
pub(crate) struct House {
    pub(crate) demo: Demo,
    /// Since the run began, s: records are compared by the clock that never jumps.
    began: f64,
    data: PathBuf,
    _own: Option<tempfile::TempDir>,
}

impl House {
    pub(crate) async fn begin() -> Self {
        Self::with(|_| ()).await
    }

    /// With its data in a folder of its own.
    pub(crate) async fn with(change: impl FnOnce(&mut Settings)) -> Self {
        let own = tempfile::tempdir().unwrap();
        let house = Self::start(own.path(), change).await.unwrap();
        Self { _own: Some(own), ..house }
    }

    /// With its data in `data`.
    pub(crate) async fn start(data: &Path, change: impl FnOnce(&mut Settings)) -> Result<Self, DemoError> {
        let library = Library::load(None).unwrap_or_else(|wrong| panic!("{}", wrong[0]));
        let site = Site::parse("demo", DEMO_SITE, &library).unwrap_or_else(|wrong| panic!("{wrong}"));
        let hall = Arc::new(Hall::new(site).unwrap());
        let mut settings = Settings::quiet(data.to_owned(), MORNING);
        change(&mut settings);
        let demo = Demo::start(hall, settings, CancellationToken::new()).await?;
        let began = demo.now().mono.since(Mono(0)).as_secs_f64();
        let house = Self { demo, began, data: data.to_owned(), _own: None };
        // Until the doors' inputs have been read. History is not needed for that.
        match house.demo.advance(Duration::from_secs(3)).await {
            Ok(()) | Err(DemoError::Store(_)) => Ok(house),
            Err(failed) => Err(failed),
        }
    }

    /// The folder of its data.
    pub(crate) fn data(&self) -> &Path {
        &self.data
    }

    pub(crate) async fn pass(&self, seconds: f64) {
        self.demo.advance(Duration::from_secs_f64(seconds)).await.unwrap();
    }

    pub(crate) fn act(&self, action: Action) {
        self.demo.hall().act(&action).unwrap();
    }

    pub(crate) fn walk(&self, person: &str, to: &str) {
        self.act(Action::Walk { person: person.into(), to: to.into() });
    }

    pub(crate) async fn records(&self) -> Vec<Record> {
        let (mut all, mut after) = (Vec::new(), 0);
        loop {
            let filter = JournalFilter { after: Some(after), limit: 1000, ..JournalFilter::default() };
            let page = self.demo.journal().page(filter).await.unwrap();
            let Some(last) = page.last() else { return all };
            after = last.seq;
            all.extend(page);
        }
    }

    /// Tells both stories of each door, and that they are the same.
    #[track_caller]
    pub(crate) fn compare(&self, records: &[Record]) {
        let events = self.demo.hall().events(0);
        for door in ["hall-door", "plant-door"] {
            let truth = of_door(&events, door);
            let told = told(records, door, self.began);
            let codes =
                |story: &[(f64, String)]| story.iter().map(|(_, code)| code.clone()).collect::<Vec<_>>();
            assert_eq!(codes(&truth), codes(&told), "{door}\ntruth {truth:#?}\ntold {told:#?}");
            for ((at, code), (when, _)) in truth.iter().zip(&told) {
                assert!((when - at).abs() < 1.0, "{door}: {code} at {at} is told of {when}");
            }
            assert!(!truth.is_empty(), "nothing happened at {door}");
        }
    }
}

/// What truly happened at a door that a controller can see, in its words.
fn of_door(events: &[Event], door: &str) -> Vec<(f64, String)> {
    let word = |code: &str| match code {
        "reader.card" => Some("read"),
        "exit.pressed" => Some("exit"),
        "door.opened" => Some("opened"),
        "door.forced" => Some("forced"),
        "door.closed" => Some("closed"),
        _ => None,
    };
    let here = events.iter().filter(|event| event.place == door);
    here.filter_map(|event| Some((event.at_s, word(event.code)?.to_owned()))).collect()
}

/// What the journal says of it.
fn told(records: &[Record], door: &str, began: f64) -> Vec<(f64, String)> {
    let word = |record: &Record| match record.code.as_str() {
        "access.granted" => Some("read"),
        code if code.starts_with("access.denied.") => Some("read"),
        "access.granted.exit" => Some("exit"),
        "door.opened" => Some("opened"),
        "door.forced" => Some("forced"),
        "door.closed" => Some("closed"),
        _ => None,
    };
    let here = records.iter().filter(|record| record.place == door);
    here.filter_map(|record| {
        Some((record.mono.since(Mono(0)).as_secs_f64() - began, word(record)?.to_owned()))
    })
    .collect()
}

/// Each granted one took it or did not, once; each release of a lock has its end.
pub(crate) fn check_balance(records: &[Record]) {
    let count = |code: &str| records.iter().filter(|record| record.code == code).count();
    let granted = count("access.granted") + count("access.granted.exit");
    let story: Vec<String> = records
        .iter()
        .filter(|r| r.code.starts_with("access") || r.code.starts_with("lock") || r.code.starts_with("door"))
        .map(|r| format!("{} {} {} {:?}", r.place, r.code, r.actor, r.body))
        .collect();
    assert_eq!(granted, count("access.taken") + count("access.not_taken"), "{story:#?}");
    // At the start a lock is told to lock whose output nobody has read yet.
    let starting = |record: &&Record| record.body.get("why").is_some_and(|why| why == "start");
    let at_start = records.iter().filter(starting).count();
    assert_eq!(count("lock.released") + at_start, count("lock.relocked"));
}
