//! What stands between a badge and an open door: the decision alone, and the way from a card that was read to the strike's
//! output, its record on disk, while 10 000 points are polled each second.
//!
//! `cargo bench --bench doors [-- READS]`. The gateway runs in this process, devices and door module on loopback; the strike's
//! time is when its write comes to the module. Once with the journal on this disk, once in memory (`/dev/shm`), which is what
//! all but the disk costs. Figures are in `benches/README.md`.

#![allow(
    missing_docs,
    clippy::disallowed_methods,
    clippy::expect_used,
    clippy::indexing_slicing,
    clippy::panic,
    clippy::cast_possible_truncation,
    clippy::cast_precision_loss,
    clippy::cast_sign_loss,
    reason = "a benchmark reads the clock, and may end at the first surprise"
)]

#[allow(dead_code, reason = "other benchmarks use the rest")]
mod hall;

use std::{
    collections::BTreeMap,
    io::{Read, Write},
    net::{SocketAddr, TcpListener, TcpStream},
    path::Path,
    sync::{Arc, Mutex, mpsc as std_mpsc},
    thread::{sleep, spawn},
    time::{Duration, Instant},
};

use hallward::{
    access::{AccessDeed, CardFields, HolderFields},
    accounts::Caller,
    app::{self, ReaderTask, StartReader, Started, Time},
    logic::access::{Asked, Book, PinShown, Shown, Verdict, card_key, card_of, decide, pin_key},
    model::{
        AccessData, AccessRule, Badge, BadgeId, BadgeState, DoorMode, DoorReport, DoorSettings, Holder, Id,
        Mono, Now, PersonId, Proof, ReaderEvent, ReaderRef, RuleId, Trust, Wall, Who,
    },
    store::KeyFolders,
};
use hallward_profiles::Library;
use hallward_simulator::{Options, Simulator};
use hallward_site::{Site, Transport};
use tokio::sync::{mpsc, oneshot};
use tokio_util::sync::CancellationToken;

use hall::{Devices, Load};

/// Between two reads: fewer are under way than a door lets through at a time.
const PAUSE: Duration = Duration::from_millis(350);

const LOAD: Load = Load { devices: 100, registers: 100, changing: 10, every: Duration::from_secs(1) };

/// Persons with a badge each; the same card is not read again at once.
const PERSONS: u32 = 20;

fn main() {
    let reads = std::env::args().filter_map(|argument| argument.parse().ok()).next().unwrap_or(300);
    println!("decision, 10 000 badges, 500 rules:   {}", decision());
    let disk = tempfile::tempdir().expect("a folder");
    println!("read to strike, record on this disk:  {}", read_to_strike(disk.path(), reads));
    match tempfile::tempdir_in("/dev/shm") {
        Ok(memory) => {
            println!("read to strike, record in memory:     {}", read_to_strike(memory.path(), reads))
        }
        Err(error) => println!("without the run in memory: {error}"),
    }
}

/// Sorted durations as one line.
fn told(mut times: Vec<Duration>) -> String {
    times.sort();
    let at = |share: f64| times[((times.len() - 1) as f64 * share) as usize];
    format!("{} times: median {:.1?}, p99 {:.1?}, longest {:.1?}", times.len(), at(0.5), at(0.99), at(1.0))
}

fn id(text: &str) -> Id {
    text.parse().expect("an id")
}

fn decision() -> String {
    let site = [7; 32];
    let person = |n: u32| PersonId::parse(&format!("p{n}")).expect("a person");
    let card = |n: u32| card_key(&site, &card_of(34, 42, n).expect("a card"));
    let holder = |n: u32| Holder {
        groups: [id(&format!("group-{}", n % 500))].into(),
        pin: Some(pin_key(&site, person(n), "2580")),
        ..Holder::new(person(n))
    };
    let badge = |n: u32| Badge {
        id: BadgeId::parse(&format!("b{n}")).expect("a badge"),
        person: person(n),
        key: card(n),
        shown: String::new(),
        state: BadgeState::Active,
        from: None,
        until: None,
        issued: Wall(0),
        issued_by: String::new(),
        returned: None,
    };
    let rule = |n: u32| AccessRule {
        id: RuleId::parse(&format!("r{}", n + 1)).expect("a rule"),
        revision: 1,
        name: String::new(),
        who: Who::Group(id(&format!("group-{n}"))),
        doors: [id("door")].into(),
        schedule: None,
        from: None,
        until: None,
    };
    let data = AccessData {
        badges: (1..=10_000).map(badge).collect(),
        holders: (1..=10_000).map(holder).collect(),
        rules: (0..500).map(rule).collect(),
        ..AccessData::default()
    };
    let book = Book::new(&data, chrono_tz::Tz::Asia__Ho_Chi_Minh);
    let settings = DoorSettings { proof: Proof::CardPin, ..DoorSettings::new(id("door"), true) };
    let now = Now { mono: Mono(0), wall: Wall(1_795_392_000_000_000), trust: Trust::Synchronised };
    let times = (0..100_000_u32).map(|n| {
        let key = card(1 + n.wrapping_mul(2_654_435_761) % 10_000);
        let begun = Instant::now();
        let verdict = decide(&Asked {
            book: &book,
            site_key: &site,
            door: &settings.door,
            settings: &settings,
            now,
            shown: Shown::Card(key),
            pin: PinShown::Digits("2580"),
            mode: DoorMode::Controlled,
            interlocked: false,
            armed: false,
            is_beyond: &|_| false,
            is_blocked: &|_| false,
        });
        let taken = begun.elapsed();
        assert!(matches!(verdict, Verdict::Granted(_)), "{verdict:?}");
        taken
    });
    told(times.collect())
}

const DOOR: &str = r#"
[[room]]
id = "hall"
name = "Hall"
[[line]]
id = "io"
tcp = "MODULE"
[[line]]
id = "readers"
serial = "/dev/ttyUSB0"
mode = "osdp"
baud = 9600
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
reader = { line = "readers", address = 0 }
strike = "door-io/output.0"
kind = "fail-secure"
contact = "door-io/input.0"
"#;

fn parse(text: &str, profiles: Option<&Path>) -> Site {
    let library = Library::load(profiles).unwrap_or_else(|wrong| panic!("{}", wrong[0]));
    Site::parse("bench", text, &library).unwrap_or_else(|wrong| panic!("{wrong}"))
}

/// Passes everything on, and tells when a coil is switched on.
fn proxy(module: SocketAddr, switched: std_mpsc::Sender<Instant>) -> SocketAddr {
    let listener = TcpListener::bind("127.0.0.1:0").expect("a port");
    let at = listener.local_addr().expect("an address");
    spawn(move || {
        for mut from in listener.incoming().flatten() {
            let mut to = TcpStream::connect(module).expect("the module");
            from.set_nodelay(true).and_then(|()| to.set_nodelay(true)).expect("TCP_NODELAY");
            let (mut back, mut answers) =
                (from.try_clone().expect("a stream"), to.try_clone().expect("a stream"));
            spawn(move || std::io::copy(&mut answers, &mut back));
            let switched = switched.clone();
            spawn(move || {
                let mut bytes = [0; 512];
                while let Ok(count @ 1..) = from.read(&mut bytes) {
                    // One request at a time: 7 bytes of header, function 5, address, 0xFF00.
                    if count == 12 && bytes[7] == 5 && bytes[10] == 0xFF {
                        switched.send(Instant::now()).ok();
                    }
                    if to.write_all(&bytes[..count]).is_err() {
                        return;
                    }
                }
            });
        }
    });
    at
}

type Reader = Arc<Mutex<Option<(ReaderRef, mpsc::Sender<DoorReport>)>>>;

/// A reader that reads what the benchmark shows it.
fn reader(shown: &Reader) -> StartReader {
    let shown = Arc::clone(shown);
    Arc::new(move |reader, mut orders, reports| -> ReaderTask {
        let shown = Arc::clone(&shown);
        Box::pin(async move {
            let online = ReaderEvent::Online { secure: true, identity: None };
            drop(reports.send(DoorReport::Reader(reader, online)).await);
            *shown.lock().expect("the reader") = Some((reader, reports));
            while orders.recv().await.is_some() {}
        })
    })
}

fn read_to_strike(data: &Path, reads: u32) -> String {
    let runtime = tokio::runtime::Runtime::new().expect("threads");
    let devices = Devices::start(LOAD);
    let broker = hallward_simulator::broker::start(SocketAddr::from(([127, 0, 0, 1], 0))).expect("a broker");
    hall::site::write(data, LOAD, &devices, broker, 1);
    let simulated = "[site]\nid = \"bench\"\nname = \"Bench\"\ntime_zone = \"UTC\"\n".to_owned();
    let options = Options {
        site: parse(&(simulated + &DOOR.replace("MODULE", "10.0.0.1:502")), None),
        control: "127.0.0.1:0".parse().expect("an address"),
        lines: BTreeMap::new(),
        client_certificates: false,
        gateway: None,
        speed: 1.0,
    };
    let simulator = runtime.block_on(Simulator::start(options)).expect("a simulator");
    let Transport::Tcp(module) = &simulator.lines()["io"] else { panic!("no module") };
    let (switched, seen) = std_mpsc::channel();
    let at = proxy(module.to_string().parse().expect("an address"), switched);
    let polled = std::fs::read_to_string(data.join("site.toml")).expect("the site file");
    let site = parse(&(polled + &DOOR.replace("MODULE", &at.to_string())), Some(&data.join("profiles")));
    let shown = Reader::default();
    let options = app::Options {
        site,
        simulated: true,
        data: data.join("data"),
        key: None,
        keys: KeyFolders::of(&data.join("data")),
        http: None,
        certificate: None,
        control_socket: None,
        dial: app::as_wired(),
        readers: Some(reader(&shown)),
        measure: app::as_mounted(),
        time: Time::Real,
        simulator: None,
        read_site: None,
    };
    let (ready, started) = oneshot::channel();
    let stop = CancellationToken::new();
    let running = runtime.spawn(app::run(options, stop.clone(), move |started| drop(ready.send(started))));
    let started = runtime.block_on(started).expect("the gateway");
    runtime.block_on(issue(&started));
    sleep(Duration::from_secs(5));
    let (reader, reports) = shown.lock().expect("the reader").clone().expect("a reader");
    let times = (0..reads).map(|n| {
        let card = card_of(26, 42, 1 + n % PERSONS).expect("a card");
        let begun = Instant::now();
        reports.blocking_send(DoorReport::Reader(reader, ReaderEvent::Card(card))).expect("the doors' task");
        let strike = seen.recv_timeout(Duration::from_secs(5)).expect("the strike").duration_since(begun);
        sleep(PAUSE);
        strike
    });
    let told = told(times.collect());
    stop.cancel();
    drop(runtime.block_on(running));
    told
}

/// A badge for each person, and a rule for all.
async fn issue(started: &Started) {
    let bench = Caller::console("bench".to_owned());
    let done = |deed| started.access.carry_out(&bench, deed);
    let why = || "bench".to_owned();
    let (name, who) = ("Staff".to_owned(), "staff".to_owned());
    let (doors, schedule) = (Vec::new(), None);
    done(AccessDeed::AddRule { name, who, doors, schedule, from: None, until: None, why: why() })
        .await
        .expect("a rule");
    for n in 1..=PERSONS {
        let holder = HolderFields { groups: Some(vec!["staff".to_owned()]), ..HolderFields::default() };
        let add =
            AccessDeed::AddPerson { name: Some(format!("Person {n}")), person: None, holder, why: why() };
        let person = done(add).await.expect("a person").id;
        let card =
            CardFields { facility: Some(42), number: Some(n), bits: Some(26), ..CardFields::default() };
        done(AccessDeed::IssueBadge { person, card, from: None, until: None, why: why() })
            .await
            .expect("a badge");
    }
}
