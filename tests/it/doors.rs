//! Staff walk through the simulated hall: what truly happens at its doors and what the journal says of it are the same story,
//! event by event, also when things around them fail (R-DOOR, R-LOG).

use std::{sync::Arc, time::Duration};

use hallward::{
    app::demo::{Demo, Settings},
    model::{Mono, Record, Wall},
    store::JournalFilter,
};
use hallward_profiles::Library;
use hallward_simulator::{Action, DEMO_SITE, Event, Hall};
use hallward_site::Site;
use tokio_util::sync::CancellationToken;

use crate::gateway::free_port;

/// Monday, 06:00 in Vietnam.
const MORNING: Wall = Wall(1_780_268_400_000_000);

struct House {
    demo: Demo,
    /// Since the run began, s: records are compared by the clock that never jumps.
    began: f64,
    _data: tempfile::TempDir,
}

impl House {
    async fn begin() -> Self {
        Self::with(|_| ()).await
    }

    async fn with(change: impl FnOnce(&mut Settings)) -> Self {
        let data = tempfile::tempdir().unwrap();
        let library = Library::load(None).unwrap_or_else(|wrong| panic!("{}", wrong[0]));
        let site = Site::parse("demo", DEMO_SITE, &library).unwrap_or_else(|wrong| panic!("{wrong}"));
        let hall = Arc::new(Hall::new(site).unwrap());
        let mut settings = Settings::quiet(data.path().to_owned(), MORNING);
        change(&mut settings);
        let demo = Demo::start(hall, settings, CancellationToken::new()).await.unwrap();
        let began = demo.now().mono.since(Mono(0)).as_secs_f64();
        let house = Self { demo, began, _data: data };
        // Until the doors' inputs have been read.
        house.pass(3.0).await;
        house
    }

    async fn pass(&self, seconds: f64) {
        self.demo.advance(Duration::from_secs_f64(seconds)).await.unwrap();
    }

    fn act(&self, action: Action) {
        self.demo.hall().act(&action).unwrap();
    }

    fn walk(&self, person: &str, to: &str) {
        self.act(Action::Walk { person: person.into(), to: to.into() });
    }

    async fn records(&self) -> Vec<Record> {
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
    fn compare(&self, records: &[Record]) {
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
fn check_balance(records: &[Record]) {
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

#[tokio::test]
async fn staff_walk_in_and_out_and_every_true_event_has_its_record() {
    let house = House::begin().await;
    house.walk("lan", "room-a");
    house.pass(60.0).await;
    house.walk("minh", "room-a");
    house.pass(20.0).await;
    // The electrician's badge counts from seven o'clock on.
    house.walk("tu", "plant");
    house.pass(60.0).await;
    house.walk("lan", "outside");
    house.pass(60.0).await;
    house.walk("minh", "outside");
    house.pass(60.0).await;
    let records = house.records().await;
    house.compare(&records);
    check_balance(&records);
    let denied: Vec<&str> = records
        .iter()
        .map(|record| record.code.as_str())
        .filter(|code| code.starts_with("access.denied"))
        .collect();
    assert_eq!(denied, ["access.denied.schedule"]);
    // Nobody is inside any more, and nobody else ever was.
    assert_eq!(house.demo.access().desk.view.borrow().presence, []);
    house.demo.stop().await.unwrap();
}

#[tokio::test]
async fn a_forced_door_and_one_that_is_held_open_are_told() {
    let house = House::begin().await;
    house.act(Action::Force { door: "plant-door".into() });
    house.pass(10.0).await;
    house.act(Action::Close { door: "plant-door".into() });
    house.pass(5.0).await;
    house.act(Action::Prop { door: "hall-door".into(), seconds: 60.0 });
    house.walk("lan", "room-a");
    house.pass(120.0).await;
    let records = house.records().await;
    house.compare(&records);
    let of = |code: &str| records.iter().filter(|record| record.code == code).count();
    assert_eq!(
        ["door.forced", "door.held.prewarn", "door.held", "door.held.cleared"].map(of),
        [1, 1, 1, 1],
        "{records:#?}"
    );
    house.demo.stop().await.unwrap();
}

/// A year, µs.
const YEAR: i64 = 365 * 86_400 * 1_000_000;

#[tokio::test]
async fn nothing_is_missed_while_the_broker_is_down_history_is_locked_and_the_clock_is_set_back_a_year() {
    let nobody = hallward_site::Mqtt {
        host: "127.0.0.1".to_owned(),
        port: free_port(),
        tls: false,
        user: None,
        password_file: None,
        ca_file: None,
    };
    let house = House::with(|settings| settings.mqtt = Some(nobody)).await;
    let history = rusqlite::Connection::open(house._data.path().join("history.db")).unwrap();
    history.execute_batch("BEGIN IMMEDIATE").unwrap();
    house.walk("lan", "room-a");
    house.pass(40.0).await;
    house.demo.step_clock(-YEAR);
    house.walk("minh", "room-a");
    house.pass(60.0).await;
    history.execute_batch("ROLLBACK").unwrap();
    house.walk("lan", "outside");
    house.pass(60.0).await;
    let records = house.records().await;
    house.compare(&records);
    check_balance(&records);
    let steps = records.iter().filter(|record| record.code == "clock.step").count();
    assert_eq!(steps, 1, "the step is told");
    house.demo.stop().await.unwrap();
}

/// How often people come and go: twice, or each half hour of a whole day with `HALLWARD_LONG`.
fn visits() -> (usize, f64) {
    if std::env::var_os("HALLWARD_LONG").is_some() { (48, 1500.0) } else { (2, 60.0) }
}

#[tokio::test]
async fn a_day_of_coming_and_going_is_told_whole() {
    let house = House::begin().await;
    let (visits, rest) = visits();
    for visit in 0..visits {
        // Each hour somebody is not let in, somebody leans on the exit button, and a door is held open.
        match visit % 4 {
            0 => house.walk("tu", "room-a"),
            1 => house.act(Action::Rex { door: "hall-door".into() }),
            2 => house.act(Action::Prop { door: "plant-door".into(), seconds: 45.0 }),
            _ => house.act(Action::Badge {
                door: "hall-door".into(),
                side: hallward_simulator::Side::Entry,
                facility: 42,
                card: 999,
                bits: None,
            }),
        }
        house.pass(20.0).await;
        house.walk("lan", "room-a");
        house.pass(90.0).await;
        house.walk("minh", "room-a");
        house.pass(90.0).await;
        house.walk("lan", "outside");
        house.pass(40.0).await;
        house.walk("minh", "outside");
        house.pass(60.0 + rest).await;
    }
    let records = house.records().await;
    house.compare(&records);
    check_balance(&records);
    house.demo.stop().await.unwrap();
}
