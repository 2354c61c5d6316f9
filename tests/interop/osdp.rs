//! Our OSDP reader line against libosdp's peripheral devices, over pseudo terminals and in real time.

use std::{
    collections::BTreeMap,
    sync::{
        Arc,
        atomic::{AtomicU8, Ordering},
    },
    time::{Duration, Instant},
};

use hallward::{
    app::SystemClock,
    hardware::osdp::{self, Open, ReaderEnd, Stream},
    model::{
        Clock, DoorIx, DoorReport, Feedback, Pairing, ReaderEvent, ReaderKey, ReaderOrder, ReaderRef, Side,
    },
};
use hallward_profiles::Library;
use hallward_simulator::{Action, Colour, Options, Side as SimulatedSide, Simulator};
use hallward_site::{Site, Transport};
use tokio::{
    io::{AsyncReadExt, AsyncWriteExt, duplex, split},
    sync::mpsc,
    time::timeout,
};
use tokio_util::sync::CancellationToken;

const SITE: &str = r#"
[site]
id = "readers"
name = "Two readers"
time_zone = "UTC"
[[room]]
id = "hall"
name = "Hall"
[[line]]
id = "io"
tcp = "10.0.0.1:502"
[[line]]
id = "readers"
serial = "/dev/ttyUSB7"
mode = "osdp"
baud = 9600
[[device]]
id = "door-io"
line = "io"
profile = "moxa-iologik-e1214"
[[door]]
id = "front"
from = "outside"
to = "hall"
reader = { line = "readers", address = 3 }
exit_reader = { line = "readers", address = 4 }
strike = "door-io/output.0"
kind = "fail-secure"
contact = "door-io/input.0"
"#;

const KEY: [u8; 16] = *b"a key of its own";

/// How long anything may take that is not measured.
const PATIENCE: Duration = Duration::from_secs(20);

fn reader(side: Side) -> ReaderRef {
    ReaderRef { door: DoorIx(0), side }
}

/// A simulated hall with two readers, and our line on them.
struct Rig {
    simulator: Simulator,
    reports: mpsc::Receiver<DoorReport>,
    orders: BTreeMap<u8, mpsc::Sender<ReaderOrder>>,
    shutdown: CancellationToken,
}

impl Drop for Rig {
    fn drop(&mut self) {
        self.shutdown.cancel();
    }
}

async fn simulator() -> Simulator {
    let library = Library::load(None).unwrap_or_else(|wrong| panic!("{}", wrong[0]));
    let site = Site::parse("site", SITE, &library).unwrap_or_else(|wrong| panic!("{wrong}"));
    let options = Options {
        site,
        control: "127.0.0.1:0".parse().unwrap(),
        lines: BTreeMap::new(),
        client_certificates: false,
        gateway: None,
        speed: 1.0,
    };
    Simulator::start(options).await.unwrap()
}

fn port(simulator: &Simulator) -> Open {
    let Transport::Serial(serial) = &simulator.lines()["readers"] else { panic!("no serial line") };
    osdp::serial(serial)
}

impl Rig {
    /// Readers with these keys, and what the controller knows of each.
    async fn start(
        keys: [Option<[u8; 16]>; 2],
        known: [Option<Pairing>; 2],
        through: impl FnOnce(Open) -> Open,
    ) -> Self {
        let simulator = simulator().await;
        for (side, key) in [SimulatedSide::Entry, SimulatedSide::Exit].into_iter().zip(keys) {
            let key = key.map(|key| format!("{:032x}", u128::from_be_bytes(key)));
            simulator.hall().act(&Action::ReaderKey { door: "front".to_owned(), side, key }).unwrap();
        }
        let open = through(port(&simulator));
        Self::on(simulator, open, known)
    }

    fn on(simulator: Simulator, open: Open, known: [Option<Pairing>; 2]) -> Self {
        let (told, reports) = mpsc::channel(64);
        let (mut ends, mut orders) = (Vec::new(), BTreeMap::new());
        let sides = [(Side::Entry, 3), (Side::Exit, 4)];
        for ((side, address), pairing) in sides.into_iter().zip(known) {
            let (order, taken) = mpsc::channel(8);
            orders.insert(address, order);
            ends.push(ReaderEnd { reader: reader(side), address, secure: true, pairing, orders: taken });
        }
        let (shutdown, clock) = (CancellationToken::new(), Arc::new(SystemClock::start()) as Arc<dyn Clock>);
        let stop = shutdown.clone();
        tokio::spawn(async move { osdp::run("readers", open, ends, told, clock, stop).await });
        Self { simulator, reports, orders, shutdown }
    }

    fn act(&self, action: &str) {
        self.simulator.hall().act(&serde_json::from_str::<Action>(action).unwrap()).unwrap();
    }

    fn badge(&self, side: Side) {
        self.act(&format!(r#"{{"do":"badge","door":"front","side":"{side}","facility":42,"card":1234}}"#));
    }

    fn tell(&self, address: u8, order: ReaderOrder) {
        self.orders[&address].try_send(order).unwrap();
    }

    /// The next event of a reader for which `fits` holds, others passed over; and how long it took.
    async fn until(
        &mut self,
        side: Side,
        what: &str,
        most: Duration,
        fits: impl Fn(&ReaderEvent) -> bool,
    ) -> (ReaderEvent, Duration) {
        let begun = Instant::now();
        let mut seen = Vec::new();
        let found = timeout(most, async {
            while let Some(report) = self.reports.recv().await {
                match report {
                    DoorReport::Reader(of, event) if of == reader(side) && fits(&event) => return event,
                    other @ (DoorReport::Reader(..) | DoorReport::Door(..)) => seen.push(other),
                }
            }
            panic!("the line has ended")
        });
        match found.await {
            Ok(event) => (event, begun.elapsed()),
            Err(_) => panic!("not within {most:?}: {what}; but {seen:?}"),
        }
    }

    async fn online(&mut self, side: Side) -> Duration {
        let online = |event: &ReaderEvent| matches!(event, ReaderEvent::Online { secure: true, .. });
        self.until(side, "online", PATIENCE, online).await.1
    }

    async fn card(&mut self, side: Side, most: Duration) -> Duration {
        self.badge(side);
        self.until(side, "a card", most, |event| matches!(event, ReaderEvent::Card(_))).await.1
    }

    /// Nothing of this kind comes for so long.
    async fn never(&mut self, what: &str, time: Duration, wrong: impl Fn(&ReaderEvent) -> bool) {
        let heard = timeout(time, async {
            while let Some(report) = self.reports.recv().await {
                let DoorReport::Reader(_, event) = report else { continue };
                assert!(!wrong(&event), "{what}: {event:?}");
            }
        });
        assert!(heard.await.is_err(), "the line has ended");
    }
}

/// What pairing a fresh reader on each address tells; the keys are in the readers afterwards.
async fn paired(through: impl FnOnce(Open) -> Open) -> (Rig, [Pairing; 2]) {
    let mut rig = Rig::start([None, None], [None, None], through).await;
    let mut pairings = Vec::new();
    for (side, address) in [(Side::Entry, 3), (Side::Exit, 4)] {
        rig.tell(address, ReaderOrder::Pair(Duration::from_secs(60)));
        let paired = |event: &ReaderEvent| matches!(event, ReaderEvent::Paired(_));
        let (event, _) = rig.until(side, "paired", PATIENCE, paired).await;
        let ReaderEvent::Paired(pairing) = event else { unreachable!() };
        pairings.push(*pairing);
        rig.online(side).await;
    }
    (rig, pairings.try_into().unwrap())
}

fn same(open: Open) -> Open {
    open
}

fn is_believed(event: &ReaderEvent) -> bool {
    matches!(event, ReaderEvent::Online { .. } | ReaderEvent::Card(_) | ReaderEvent::Keys(_))
}

#[tokio::test(flavor = "multi_thread")]
async fn a_reader_is_paired_and_speaks_by_a_secure_channel_from_then_on() {
    let (mut rig, pairings) = paired(same).await;
    assert_ne!(pairings[0].key, pairings[1].key, "each has a key of its own");
    assert_ne!(pairings[0].identity.serial, pairings[1].identity.serial);
    rig.card(Side::Entry, PATIENCE).await;
    rig.act(r#"{"do":"pin","door":"front","digits":"12#"}"#);
    let keys = |event: &ReaderEvent| matches!(event, ReaderEvent::Keys(_));
    let (event, _) = rig.until(Side::Entry, "keys", PATIENCE, keys).await;
    assert_eq!(event, ReaderEvent::Keys("12#".to_owned()));
    rig.act(r#"{"do":"reader-tamper","door":"front","on":true}"#);
    let tamper = |event: &ReaderEvent| *event == ReaderEvent::Tamper(true);
    rig.until(Side::Entry, "tamper", PATIENCE, tamper).await;
    let truth = || rig.simulator.hall().truth().doors.remove(0).readers.remove(0);
    assert!(truth().secure && truth().light == Colour::Red, "{:?}", truth());
    rig.tell(3, ReaderOrder::Show(Feedback::Granted));
    let begun = Instant::now();
    while truth().light != Colour::Green {
        assert!(begun.elapsed() < PATIENCE, "the light stays {:?}", truth().light);
        tokio::time::sleep(Duration::from_millis(10)).await;
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_reader_that_was_never_paired_is_told_and_not_believed() {
    let mut rig = Rig::start([None, None], [None, None], same).await;
    let unpaired = |event: &ReaderEvent| matches!(event, ReaderEvent::Unpaired(_));
    rig.until(Side::Entry, "unpaired", PATIENCE, unpaired).await;
    rig.badge(Side::Entry);
    rig.never("not believed", Duration::from_secs(3), is_believed).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_wrong_key_never_comes_online_and_is_told() {
    let (rig, pairings) = paired(same).await;
    drop(rig);
    let wrong = pairings.map(|pairing| Some(Pairing { key: ReaderKey::new([7; 16]), ..pairing }));
    let mut rig = Rig::start([Some(KEY), Some(KEY)], wrong, same).await;
    let told = |event: &ReaderEvent| matches!(event, ReaderEvent::Downgrade(why) if why.contains("does not know its key"));
    rig.until(Side::Entry, "downgrade", PATIENCE, told).await;
    rig.badge(Side::Entry);
    rig.never("a wrong key", Duration::from_secs(10), is_believed).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_paired_reader_in_install_mode_is_a_downgrade_and_gets_no_key() {
    let (mut rig, _) = paired(same).await;
    rig.act(r#"{"do":"reader-key","door":"front","side":"entry","key":null}"#);
    let told =
        |event: &ReaderEvent| matches!(event, ReaderEvent::Downgrade(why) if why.contains("install mode"));
    rig.until(Side::Entry, "downgrade", PATIENCE, told).await;
    rig.badge(Side::Entry);
    let wrong = |event: &ReaderEvent| is_believed(event) || matches!(event, ReaderEvent::Paired(_));
    rig.never("in install mode", Duration::from_secs(6), wrong).await;
    let reader = rig.simulator.hall().reader("front", SimulatedSide::Entry).unwrap();
    assert_eq!(reader.state().key, None, "it is not given a key");
    rig.card(Side::Exit, PATIENCE).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn another_reader_with_the_right_key_is_swapped() {
    let (rig, pairings) = paired(same).await;
    drop(rig);
    let known = pairings.map(|mut pairing| {
        pairing.identity.serial += 1000;
        Some(Pairing { key: ReaderKey::new(KEY), ..pairing })
    });
    let mut rig = Rig::start([Some(KEY), Some(KEY)], known, same).await;
    let told = |event: &ReaderEvent| matches!(event, ReaderEvent::Swapped(_));
    rig.until(Side::Entry, "swapped", PATIENCE, told).await;
    rig.badge(Side::Entry);
    rig.never("another reader", Duration::from_secs(4), is_believed).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn pairing_ends_when_nobody_takes_a_key_and_the_reader_goes_on() {
    let (mut rig, _) = paired(same).await;
    rig.tell(3, ReaderOrder::Pair(Duration::from_secs(2)));
    let failed = |event: &ReaderEvent| matches!(event, ReaderEvent::PairingFailed(_));
    rig.until(Side::Entry, "pairing fails", Duration::from_secs(6), failed).await;
    rig.card(Side::Entry, PATIENCE).await;
}

/// After so many seconds without power the reader is back within 5 s.
async fn power_cycle(seconds: u64) {
    let (mut rig, _) = paired(same).await;
    rig.act(&format!(r#"{{"do":"reader-power-cycle","door":"front","side":"entry","seconds":{seconds}}}"#));
    tokio::time::sleep(Duration::from_secs(seconds)).await;
    let returned = Instant::now();
    loop {
        rig.badge(Side::Entry);
        let card = |event: &ReaderEvent| matches!(event, ReaderEvent::Card(_));
        let one = timeout(Duration::from_millis(400), async {
            while let Some(DoorReport::Reader(_, event)) = rig.reports.recv().await {
                if card(&event) {
                    return;
                }
            }
        });
        if one.await.is_ok() {
            break;
        }
        assert!(returned.elapsed() < Duration::from_secs(5), "not back within 5 s after {seconds} s");
    }
    println!("after {seconds} s without power: back after {:?}", returned.elapsed());
}

#[tokio::test(flavor = "multi_thread")]
async fn a_reader_is_back_within_5_s_of_a_power_cycle_of_3_s() {
    power_cycle(3).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_reader_is_back_within_5_s_of_a_power_cycle_of_15_s() {
    power_cycle(15).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_reader_is_back_within_5_s_of_a_power_cycle_of_60_s() {
    power_cycle(60).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn while_one_of_two_readers_is_dead_the_other_answers_a_card_within_500_ms() {
    let (mut rig, _) = paired(same).await;
    rig.act(r#"{"do":"reader-power-cycle","door":"front","side":"entry","seconds":3600}"#);
    let mut worst = Duration::ZERO;
    // From its last breath until long after it is told to be offline.
    for _ in 0..30 {
        worst = worst.max(rig.card(Side::Exit, Duration::from_millis(500)).await);
        tokio::time::sleep(Duration::from_millis(330)).await;
    }
    println!("one reader dead: a card on the other within {worst:?}");
    rig.act(r#"{"do":"reader-power-cycle","door":"front","side":"exit","seconds":3600}"#);
    rig.until(Side::Exit, "offline", PATIENCE, |event| *event == ReaderEvent::Offline).await;
}

/// A wire between the port and the line, which adds noise between frames and loses bytes, each time its counter is up.
fn bad_wire(open: Open, every: Arc<AtomicU8>) -> Open {
    Arc::new(move || {
        let port = open()?;
        let (ours, theirs) = duplex(4096);
        let ((mut port_in, mut port_out), (mut our_in, mut our_out)) = (split(port), split(theirs));
        let counter = Arc::clone(&every);
        tokio::spawn(async move {
            let (mut some, mut frames) = ([0; 256], 0_u8);
            while let Ok(count @ 1..) = our_in.read(&mut some).await {
                frames = frames.wrapping_add(1);
                let every = counter.load(Ordering::Relaxed);
                let bytes = match every {
                    1.. if frames.is_multiple_of(every) => &some[..count - 1],
                    _ => &some[..count],
                };
                if every > 0 && frames % every == 1 {
                    drop(port_out.write_all(&[0x00, 0x53, 0x7F, 0xFF]).await);
                    tokio::time::sleep(Duration::from_millis(20)).await;
                }
                drop(port_out.write_all(bytes).await);
            }
        });
        let counter = every.clone();
        tokio::spawn(async move {
            let (mut some, mut pieces) = ([0; 256], 0_u8);
            while let Ok(count @ 1..) = port_in.read(&mut some).await {
                pieces = pieces.wrapping_add(1);
                let every = counter.load(Ordering::Relaxed);
                if every > 0 && pieces % every == 2 {
                    drop(our_out.write_all(&[0x53, 0x83, 0xFF, 0x01]).await);
                }
                let bytes =
                    if every > 0 && pieces.is_multiple_of(every) { &some[1..count] } else { &some[..count] };
                drop(our_out.write_all(bytes).await);
            }
        });
        Ok(Box::new(ours) as Box<dyn Stream>)
    })
}

#[tokio::test(flavor = "multi_thread")]
async fn noise_and_lost_bytes_between_frames_heal() {
    let every = Arc::new(AtomicU8::new(0));
    let counter = Arc::clone(&every);
    let (mut rig, _) = paired(move |open| bad_wire(open, counter)).await;
    every.store(13, Ordering::Relaxed);
    tokio::time::sleep(Duration::from_secs(15)).await;
    every.store(0, Ordering::Relaxed);
    let taken = rig.card(Side::Entry, Duration::from_secs(5)).await;
    println!("after noise: a card within {taken:?}");
    let offline = rig.reports.try_recv();
    assert!(!matches!(offline, Ok(DoorReport::Reader(_, ReaderEvent::Offline))), "noise took it offline");
    rig.card(Side::Exit, Duration::from_secs(5)).await;
}
