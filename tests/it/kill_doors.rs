//! The plug of the gateway is pulled while people badge: each unlock that the door module saw has a record that is on disk
//! (R-DOOR). The simulated hall lives on in this process; its readers speak OSDP over a pseudo terminal, its door module Modbus
//! over TCP, and the gateway is a process of its own.

use std::{collections::BTreeMap, path::Path, sync::Arc, time::Duration};

use hallward::{
    app::demo::{Demo, Settings},
    model::{Record, Wall},
};
use hallward_profiles::Library;
use hallward_simulator::{Action, Hall, Options, Side, Simulator};
use hallward_site::{Site, Transport};
use tokio_util::sync::CancellationToken;

use crate::gateway::{Running, free_port};

/// Rounds of killing: a few each time, many with `HALLWARD_LONG`.
fn rounds() -> u32 {
    if std::env::var_os("HALLWARD_LONG").is_some() { 200 } else { 3 }
}

/// A door that nobody leaves by a button: it is unlocked for a badge alone.
const SITE: &str = r#"
[site]
id = "kill"
name = "Kill"
time_zone = "UTC"
[web]
listen = "127.0.0.1:PORT"
[[room]]
id = "hall"
name = "Hall"
[[line]]
id = "io"
tcp = "MODULE"
[[line]]
id = "readers"
serial = "READERS"
mode = "osdp"
baud = 115200
[[device]]
id = "door-io"
line = "io"
profile = "moxa-iologik-e1214"
safe_state = "2s"
limits = { timeout = "100ms" }
[[door]]
id = "front"
from = "outside"
to = "hall"
reader = { line = "readers", address = 0, secure = false }
strike = "door-io/output.0"
kind = "fail-secure"
contact = "door-io/input.0"
[[simulation.person]]
id = "lan"
name = "Lan"
card = { facility = 42, card = 1234 }
pin = "2580"
"#;

fn site(text: &str) -> Site {
    let library = Library::load(None).unwrap_or_else(|wrong| panic!("{}", wrong[0]));
    Site::parse("kill", text, &library).unwrap_or_else(|wrong| panic!("{wrong}"))
}

/// Records with this code, read from the file as the kill left it.
fn durable(data: &Path, code: &str) -> usize {
    let database = rusqlite::Connection::open(data.join("core.db")).unwrap();
    let mut statement = database.prepare("SELECT bytes FROM record WHERE code = ?1").unwrap();
    let rows = statement.query_map([code], |row| row.get::<_, Vec<u8>>(0)).unwrap();
    let whole = |bytes: Result<Vec<u8>, _>| Record::from_bytes(&bytes.unwrap()).is_ok();
    rows.map(whole).filter(|whole| *whole).count()
}

/// Issues the badge as a demo does, so that the gateway finds it in its data.
async fn issue_badge(data: &Path) {
    let hall = Arc::new(
        Hall::new(site(
            &SITE.replace("PORT", "0").replace("MODULE", "10.0.0.1:502").replace("READERS", "/dev/ttyUSB0"),
        ))
        .unwrap(),
    );
    let settings = Settings::quiet(data.to_owned(), Wall(1_780_268_400_000_000));
    let demo = Demo::start(hall, settings, CancellationToken::new()).await.unwrap();
    demo.stop().await.unwrap();
}

async fn simulator(text: &str) -> Simulator {
    let options = Options {
        site: site(text),
        control: "127.0.0.1:0".parse().unwrap(),
        lines: BTreeMap::new(),
        client_certificates: false,
        gateway: None,
        speed: 1.0,
    };
    Simulator::start(options).await.unwrap()
}

/// Until the gateway speaks with the reader.
fn wait_for_the_reader(hall: &Hall) {
    let online = || hall.truth().doors.iter().any(|door| door.readers.iter().any(|reader| reader.online));
    let looks = (0..1500).take_while(|_| {
        std::thread::sleep(Duration::from_millis(20));
        !online()
    });
    assert!(looks.count() < 1500, "the reader never came online");
}

/// How often the module has released the lock.
fn released(hall: &Hall) -> usize {
    hall.events(0).iter().filter(|event| event.code == "lock.released").count()
}

#[test]
fn each_unlock_that_the_module_saw_has_a_record_on_disk() {
    let data = tempfile::tempdir().unwrap();
    let runtime = tokio::runtime::Runtime::new().unwrap();
    runtime.block_on(issue_badge(data.path()));
    let port = free_port();
    let plain = SITE
        .replace("PORT", &port.to_string())
        .replace("MODULE", "127.0.0.1:1502")
        .replace("READERS", "/dev/ttyUSB0");
    let simulator = runtime.block_on(simulator(&plain));
    let (Transport::Tcp(module), Transport::Serial(readers)) =
        (&simulator.lines()["io"], &simulator.lines()["readers"])
    else {
        panic!("{:?}", simulator.lines())
    };
    let text = SITE
        .replace("PORT", &port.to_string())
        .replace("MODULE", &module.to_string())
        .replace("READERS", &readers.path.to_string_lossy());
    let file = data.path().join("site.toml");
    std::fs::write(&file, text).unwrap();
    let hall = Arc::clone(simulator.hall());
    let badge =
        Action::Badge { door: "front".into(), side: Side::Entry, facility: 42, card: 1234, bits: None };
    let (mut unlocked, mut pause) = (0, 17_u64);
    for round in 0..rounds() {
        let mut running = Running::unasked(&file, data.path(), port);
        wait_for_the_reader(&hall);
        // The module is read within a moment of its line's start.
        std::thread::sleep(Duration::from_millis(300));
        hall.act(&badge).unwrap();
        // Some kills before the card is told, some while its record is written, some after the unlock.
        pause = pause.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1_442_695_040_888_963_407);
        std::thread::sleep(Duration::from_millis((pause >> 33) % 250));
        running.kill();
        let (seen, granted) = (released(&hall), durable(data.path(), "access.granted"));
        assert!(seen <= granted, "round {round}: {seen} unlocks, {granted} records");
        unlocked = seen;
    }
    assert!(unlocked > 0, "no round unlocked the door: nothing was tested");
}
