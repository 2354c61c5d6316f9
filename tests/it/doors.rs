//! Staff walk through the simulated hall: what truly happens at its doors and what the journal says of it are the same story,
//! event by event, also when things around them fail (R-DOOR, R-LOG).

use hallward_simulator::Action;

use crate::{
    gateway::free_port,
    walks::{House, check_balance},
};

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
    let history = rusqlite::Connection::open(house.data().join("history.db")).unwrap();
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
