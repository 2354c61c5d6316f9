//! The line task against a scripted device over a pipe in memory, in paused time.

mod doors;
mod faults;
mod serial;
mod writing;

use std::{
    collections::BTreeMap,
    io,
    sync::{Arc, Mutex},
    time::Duration,
};

use hallward_profiles::{Library, Profile};
use hallward_site::Site;
use tokio::{
    io::{AsyncReadExt, AsyncWriteExt, DuplexStream},
    sync::mpsc,
    time::{sleep, timeout},
};
use tokio_util::sync::CancellationToken;

use super::{Command, Dial, LineCounters, LineTask, Reports, Stream, wire::Wire};
use crate::{
    logic::{live::Input, timing::Timing},
    model::{Clock, DeviceKey, Mono, Now, Plant, Quality, Trust, Wall},
};

/// Follows tokio's paused clock.
pub(super) struct PausedClock(pub(super) tokio::time::Instant);

impl Clock for PausedClock {
    fn now(&self) -> Now {
        let elapsed = u64::try_from(self.0.elapsed().as_micros()).unwrap();
        Now { mono: Mono(elapsed), wall: Wall(i64::try_from(elapsed).unwrap()), trust: Trust::Unknown }
    }
}

/// A request as the device sees it.
#[derive(Clone, Copy, Debug)]
struct Asked {
    unit: u8,
    address: u16,
    count: u16,
    /// How many requests this unit has had, from 1.
    turn: u32,
}

/// What the device does with it.
#[derive(Clone, Debug)]
enum Reply {
    /// Answers at once: each register holds its own address, plus 1000 for each unit.
    Well,
    /// The same, but only after this long.
    Late(Duration),
    Exception(u8),
    Silence,
    /// Answers with one register too few.
    Short,
    /// Answers as another unit.
    Foreign,
    Close,
}

type Script = Arc<dyn Fn(Asked) -> Reply + Send + Sync>;

fn value(unit: u8, address: u16) -> u16 {
    u16::from(unit) * 1000 + address
}

/// Plays the device on its end of the pipe.
async fn play(mut stream: DuplexStream, script: Script, turns: Arc<Mutex<BTreeMap<u8, u32>>>) {
    let (answers, mut queue) = mpsc::channel::<Vec<u8>>(64);
    let (mut reader, mut writer) = tokio::io::split(&mut stream);
    let write = async {
        while let Some(frame) = queue.recv().await {
            if writer.write_all(&frame).await.is_err() {
                return;
            }
        }
    };
    let read = async {
        let mut request = [0; 12];
        while reader.read_exact(&mut request).await.is_ok() {
            let word = |at: usize| u16::from_be_bytes([request[at], request[at + 1]]);
            let unit = request[6];
            let turn = {
                let mut turns = turns.lock().unwrap();
                let turn = turns.entry(unit).or_default();
                *turn += 1;
                *turn
            };
            let asked = Asked { unit, address: word(8), count: word(10), turn };
            let registers = |count: u16| (asked.address..asked.address + count).map(|a| value(unit, a));
            let good = |count: u16| {
                let mut pdu = vec![request[7], u8::try_from(count * 2).unwrap()];
                registers(count).for_each(|word| pdu.extend(word.to_be_bytes()));
                pdu
            };
            let frame = |unit: u8, pdu: Vec<u8>| {
                let length = u16::try_from(pdu.len() + 1).unwrap().to_be_bytes();
                [&request[..4], &length, &[unit], &pdu].concat()
            };
            match script(asked) {
                Reply::Well => answers.send(frame(unit, good(asked.count))).await.unwrap(),
                Reply::Late(delay) => {
                    let (answers, frame) = (answers.clone(), frame(unit, good(asked.count)));
                    tokio::spawn(async move {
                        sleep(delay).await;
                        drop(answers.send(frame).await);
                    });
                }
                Reply::Exception(code) => {
                    answers.send(frame(unit, vec![request[7] | 0x80, code])).await.unwrap();
                }
                Reply::Short => answers.send(frame(unit, good(asked.count - 1))).await.unwrap(),
                Reply::Foreign => answers.send(frame(unit + 1, good(asked.count))).await.unwrap(),
                Reply::Silence => {}
                Reply::Close => return,
            }
        }
    };
    tokio::select! {
        () = write => {}
        () = read => {}
    }
}

/// A wire of a test.
pub(crate) fn wire(rtu: bool) -> Wire {
    let clock: Arc<dyn Clock> = Arc::new(PausedClock(paused_now()));
    Wire::new(rtu, Timing::tcp(), Arc::default(), clock)
}

#[expect(clippy::disallowed_methods, reason = "this is the tests' clock")]
pub(super) fn paused_now() -> tokio::time::Instant {
    tokio::time::Instant::now()
}

/// What a line reported, by device, in order.
#[derive(Debug, PartialEq)]
enum Seen {
    /// Values of the block that starts here, or the reason of its first point.
    Values(Result<Vec<f64>, Quality>),
    Stale,
    Lost(Quality),
    Found,
    Wrong,
    Right,
}

struct Ran {
    seen: BTreeMap<u32, Vec<Seen>>,
    counters: Arc<LineCounters>,
    dials: usize,
}

impl Ran {
    fn polls(&self, device: u32) -> usize {
        self.seen
            .get(&device)
            .map_or(0, |seen| seen.iter().filter(|s| matches!(s, Seen::Values(Ok(_)))).count())
    }

    /// The reports without repetitions.
    fn story(&self, device: u32) -> Vec<&Seen> {
        let mut story: Vec<_> = self.seen.get(&device).into_iter().flatten().collect();
        story.dedup();
        story
    }
}

/// `units` devices with registers 10 and 12 each, on one line, for `seconds`.
async fn run(units: u8, seconds: u64, refused_dials: usize, script: Script) -> Ran {
    run_with(units, seconds, refused_dials, |_| "", script).await
}

/// The same; `extra` is added to the site file's entry of each unit.
async fn run_with(
    units: u8,
    seconds: u64,
    refused_dials: usize,
    extra: impl Fn(u8) -> &'static str,
    script: Script,
) -> Ran {
    let profile = "[profile]\nid = \"two\"\nname = \"t\"\nvendor = \"t\"\nclass = \"io\"\nconfidence = \"low\"\n\
                   sources = [\"test\"]\n[connection]\n[limits]\ntimeout_ms = 500\n[lacks]\n\"input.0\" = \"test\"\n\
                   [[point]]\nname = \"a\"\narea = \"holding\"\naddress = 10\ntype = \"u16\"\n\
                   [[point]]\nname = \"b\"\narea = \"holding\"\naddress = 12\ntype = \"u16\"\n";
    let library = Library::from_iter([Profile::parse("two.toml", profile).unwrap_or_else(|e| panic!("{e}"))]);
    let mut site =
        "[site]\nid = \"s\"\nname = \"s\"\ntime_zone = \"UTC\"\n[[line]]\nid = \"l\"\ntcp = \"h:502\"\n"
            .to_owned();
    for unit in 1..=units {
        site.push_str(&format!(
            "[[device]]\nid = \"d{unit}\"\nline = \"l\"\nunit = {unit}\nprofile = \"two\"\n{}\n",
            extra(unit)
        ));
    }
    let site = Site::parse("site.toml", &site, &library).unwrap_or_else(|e| panic!("{e}"));
    let plant = Plant::new(site, false);
    let dials = Arc::new(Mutex::new(0));
    let turns = Arc::new(Mutex::new(BTreeMap::new()));
    let counted = Arc::clone(&dials);
    let dial: Dial = Arc::new(move || {
        let (script, turns, counted) = (Arc::clone(&script), Arc::clone(&turns), Arc::clone(&counted));
        Box::pin(async move {
            let mut dials = counted.lock().unwrap();
            *dials += 1;
            if *dials <= refused_dials {
                return Err(io::ErrorKind::ConnectionRefused.into());
            }
            let (here, there) = tokio::io::duplex(4096);
            tokio::spawn(play(there, script, turns));
            Ok(Box::new(here) as Box<dyn Stream>)
        })
    });
    let counters = Arc::new(LineCounters::default());
    let reports = Arc::new(Reports::default());
    let clock: Arc<dyn Clock> = Arc::new(PausedClock(paused_now()));
    let mut task = LineTask::new(&plant, 0, dial, Arc::clone(&counters), Arc::clone(&reports), clock);
    let (_commands, mut receiver) = mpsc::channel::<Command>(1);
    let shutdown = CancellationToken::new();
    drop(timeout(Duration::from_secs(seconds), task.run(&mut receiver, &shutdown)).await);
    let mut seen = BTreeMap::<u32, Vec<Seen>>::new();
    let mut note = |device: DeviceKey, what| seen.entry(device.0).or_default().push(what);
    if let Ok(reports) = timeout(Duration::from_millis(1), reports.take()).await {
        for report in reports {
            match report {
                Input::Block { device, samples, .. } => {
                    let numbers =
                        samples.iter().map(|(_, value)| value.clone().map(|value| value.number().unwrap()));
                    note(device, Seen::Values(numbers.collect()));
                }
                Input::Stale(device) => note(device, Seen::Stale),
                Input::Lost(device, why) => note(device, Seen::Lost(why)),
                Input::Found(device) => note(device, Seen::Found),
                Input::WrongDevice(device, _) => note(device, Seen::Wrong),
                Input::RightDevice(device) => note(device, Seen::Right),
                Input::Tick => {}
            }
        }
    }
    let dials = *dials.lock().unwrap();
    Ran { seen, counters, dials }
}

fn script(play: impl Fn(Asked) -> Reply + Send + Sync + 'static) -> Script {
    Arc::new(play)
}

fn good(unit: u8) -> Seen {
    Seen::Values(Ok(vec![f64::from(value(unit, 10)), f64::from(value(unit, 12))]))
}

#[tokio::test(start_paused = true)]
async fn a_device_is_polled_each_second_in_one_request() {
    let ran = run(1, 60, 0, script(|_| Reply::Well)).await;
    assert_eq!(ran.story(0), [&Seen::Found, &good(1)]);
    assert!((59..=61).contains(&ran.polls(0)), "{}", ran.polls(0));
    // The last one may still have been under way.
    let requests = usize::try_from(ran.counters.requests.get()).unwrap();
    assert!(requests - ran.polls(0) <= 1 && ran.dials == 1, "{requests} requests, {} connections", ran.dials);
}

#[tokio::test(start_paused = true)]
async fn a_silent_device_is_stale_then_timeout_and_heals_by_itself() {
    let ran = run(
        1,
        60,
        0,
        script(|asked| if (3..8).contains(&asked.turn) { Reply::Silence } else { Reply::Well }),
    )
    .await;
    let lost = Seen::Lost(Quality::Timeout);
    let story = [&Seen::Found, &good(1), &Seen::Stale, &lost, &Seen::Found, &good(1)];
    assert_eq!(ran.story(0), story);
}

#[tokio::test(start_paused = true)]
async fn one_silent_unit_of_ten_does_not_slow_the_others_and_is_tried_again() {
    let ran =
        run(10, 120, 0, script(|asked| if asked.unit == 4 { Reply::Silence } else { Reply::Well })).await;
    for device in (0..10).filter(|device| *device != 3) {
        assert!(ran.polls(device) >= 114, "device {device}: {} polls in 120 s", ran.polls(device));
    }
    assert_eq!(ran.story(3), [&Seen::Stale, &Seen::Lost(Quality::Timeout)]);
    let tries = ran.counters.timeouts.get();
    assert!((6..=12).contains(&tries), "{tries} tries: three, then every 5 to 30 s");
    assert_eq!(ran.dials, 1, "the others keep their connection");
}

#[tokio::test(start_paused = true)]
async fn fast_points_are_read_each_tenth_of_a_second_beside_slow_bulk_reads() {
    let slow = Duration::from_millis(40);
    let asked = Arc::new(Mutex::new(Vec::new()));
    let noted = Arc::clone(&asked);
    let begun = paused_now();
    let script = script(move |asked| {
        if asked.unit == 1 && asked.address == 12 {
            noted.lock().unwrap().push(begun.elapsed());
            return Reply::Well;
        }
        Reply::Late(slow)
    });
    // Units 2 to 6 are asked each tenth of a second and take forty milliseconds each: twice what the line has.
    let extra = |unit| if unit == 1 { "fast = [\"b\"]" } else { "every = \"100ms\"" };
    let ran = run_with(6, 20, 0, extra, script).await;
    let asked = asked.lock().unwrap();
    let longest = asked.windows(2).map(|pair| pair[1] - pair[0]).max().unwrap();
    assert!(longest <= Duration::from_millis(100), "the door was not looked at for {longest:?}");
    assert!(asked.len() > 200, "{} looks in 20 s", asked.len());
    for device in 1..6 {
        assert!(ran.polls(device) > 50, "unit {} is read too: {}", device + 1, ran.polls(device));
    }
}

#[tokio::test(start_paused = true)]
async fn a_late_answer_is_never_taken_for_the_next_one() {
    let late = Duration::from_millis(700);
    let ran = run(
        2,
        60,
        0,
        script(
            move |asked| if asked.unit == 1 && asked.turn % 3 == 0 { Reply::Late(late) } else { Reply::Well },
        ),
    )
    .await;
    for (device, unit) in [(0, 1), (1, 2)] {
        for seen in &ran.seen[&device] {
            assert!(!matches!(seen, Seen::Values(_)) || *seen == good(unit), "device {device}: {seen:?}");
        }
    }
    assert!(ran.counters.late.get() >= 15, "late answers came and were dropped: {}", ran.counters.late.get());
    assert!(ran.polls(1) >= 57, "the neighbour keeps its rate: {}", ran.polls(1));
}

#[tokio::test(start_paused = true)]
async fn short_and_foreign_answers_are_never_values() {
    for wrong in [Reply::Short, Reply::Foreign] {
        let reply = wrong.clone();
        let ran =
            run(1, 10, 0, script(move |asked| if asked.turn <= 3 { reply.clone() } else { Reply::Well }))
                .await;
        let first = ran.story(0)[..2].iter().map(|seen| format!("{seen:?}")).collect::<Vec<_>>();
        assert_eq!(first, ["Stale", "Lost(BadFrame)"], "{wrong:?}");
    }
}

#[tokio::test(start_paused = true)]
async fn a_refused_register_does_not_take_the_others_with_it() {
    let refuses = |asked: Asked| (asked.address..asked.address + asked.count).contains(&12);
    let ran =
        run(1, 10, 0, script(move |asked| if refuses(asked) { Reply::Exception(2) } else { Reply::Well }))
            .await;
    let half = [Seen::Values(Err(Quality::Exception))];
    assert_eq!(ran.story(0)[1], &half[0], "the second point has a reason, the first a value");
    assert_eq!(ran.counters.exceptions.get(), 2, "the hole is remembered");
    assert!(!ran.seen[&0].contains(&Seen::Stale));
}

#[tokio::test(start_paused = true)]
async fn a_device_that_refuses_everything_is_asked_again_soon_and_not_called_read_meanwhile() {
    let ran =
        run(1, 60, 0, script(|asked| if asked.turn <= 3 { Reply::Exception(2) } else { Reply::Well })).await;
    let refused = Seen::Values(Err(Quality::Exception));
    assert_eq!(ran.story(0), [&Seen::Found, &refused, &good(1)]);
    assert_eq!(ran.seen[&0].iter().filter(|seen| **seen == refused).count(), 1, "no answer, no reading");
    assert!((28..=31).contains(&ran.polls(0)), "{} polls after half a minute of rest", ran.polls(0));
}

#[tokio::test(start_paused = true)]
async fn a_gateway_whose_device_is_gone_counts_as_no_answer() {
    let ran = run(1, 10, 0, script(|_| Reply::Exception(0x0B))).await;
    assert_eq!(ran.story(0), [&Seen::Stale, &Seen::Lost(Quality::Timeout)]);
}

#[tokio::test(start_paused = true)]
async fn a_close_between_polls_is_nothing_to_speak_of() {
    let ran =
        run(1, 20, 0, script(|asked| if asked.turn % 2 == 0 { Reply::Close } else { Reply::Well })).await;
    assert_eq!(ran.story(0), [&Seen::Found, &good(1)]);
    assert!(ran.dials >= 10);
}

#[tokio::test(start_paused = true)]
async fn a_line_that_is_down_is_lost_at_once_and_heals_by_itself() {
    let ran = run(1, 90, 2, script(|_| Reply::Well)).await;
    let story = [&Seen::Lost(Quality::Timeout), &Seen::Found, &good(1)];
    assert_eq!(ran.story(0), story);
}
