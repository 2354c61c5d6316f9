//! How much of a line the gateway gets to use: an RTU line against what its speed allows, one TCP connection against a
//! bare loop of requests, and what the gateway costs while next to nothing is asked of it.
//!
//! `cargo bench --bench lines [-- SECONDS]`. Figures are in `benches/README.md`.

#![allow(
    missing_docs,
    clippy::disallowed_methods,
    clippy::expect_used,
    clippy::indexing_slicing,
    clippy::cast_precision_loss,
    reason = "a benchmark reads the clock, and may end at the first surprise"
)]

mod hall;

use std::{
    collections::BTreeMap,
    sync::Arc,
    thread::sleep,
    time::{Duration, Instant},
};

use hall::{Devices, Load, process::Gateway};
use hallward::{
    app::SystemClock,
    bus::{Ask, Command, LineCounters, LineTask, Reports, dial},
    logic::timing::Timing,
    model::Plant,
};
use hallward_profiles::{Area, Library, Profile};
use hallward_simulator::{Options, Simulator};
use hallward_site::{Baud, Endpoint, Site, Transport};
use tokio::{
    io::{AsyncReadExt, AsyncWriteExt},
    net::TcpStream,
    runtime::Runtime,
    sync::{mpsc, oneshot},
};
use tokio_util::sync::CancellationToken;

fn main() {
    let seconds = std::env::args().filter_map(|argument| argument.parse().ok()).next().unwrap_or(20);
    serial(Duration::from_secs(seconds));
    requests(Duration::from_secs(seconds));
    idle(Duration::from_secs(seconds));
}

const BAUD: u32 = 19_200;

/// Registers of a device on the serial line.
const BLOCK: u16 = 50;

/// Ten units of one block each, polled more often than the line can carry. The simulator sends each byte at its time
/// and answers one silence after the request, which is the second one of the limit, without a time of its own.
fn serial(span: Duration) {
    let site = site(&format!("serial = \"/dev/null\"\nbaud = {BAUD}"), 10, BLOCK);
    // The devices' own threads: they are other machines.
    let elsewhere = Runtime::new().expect("threads");
    let options = Options {
        site: site.clone(),
        control: ([127, 0, 0, 1], 0).into(),
        lines: BTreeMap::new(),
        client_certificates: false,
        gateway: None,
        speed: 1.0,
    };
    let simulator = elsewhere.block_on(Simulator::start(options)).expect("the simulator starts");
    let transport = simulator.lines().values().next().expect("a line");

    let line = Line::start(site, transport);
    sleep(Duration::from_secs(2));
    let answers =
        || (line.counters.answers.get(), line.counters.answer_times.quantile(hallward::model::Mono(0), 0.5));
    let (begun, (before, _)) = (Instant::now(), answers());
    sleep(span);
    let (after, median) = answers();
    let rate = (after - before) as f64 / begun.elapsed().as_secs_f64();
    let limit = 1.0 / Timing::at(Baud::new(BAUD).expect("a speed")).read(BLOCK, Duration::ZERO).as_secs_f64();
    println!("RTU, {BAUD} baud, ten units, blocks of {BLOCK} registers, {span:?}");
    println!("  {rate:.3} exchanges/s of {limit:.3}: {:.1} %", rate / limit * 100.0);
    let median = median.unwrap_or_default();
    println!("  half of the answers within {median:.1?}; {} timeouts", line.counters.timeouts.get());
}

/// Turns in which the two ways of asking take their rounds.
const TURNS: u32 = 5;

/// Registers of a request over TCP.
const REGISTERS: u16 = 100;

/// One connection, one request at a time: through the line's task, as the installer's tools ask, and as bare as can be.
fn requests(span: Duration) {
    let load = Load { devices: 1, registers: REGISTERS, changing: 0, every: Duration::from_secs(1) };
    let devices = Devices::start(load);
    let port = devices.ports[0];
    let mut site = site(&format!("tcp = \"127.0.0.1:{port}\""), 1, REGISTERS);
    // Its own polls stay out of the way.
    site.devices[0].every = Duration::from_secs(3600);
    let line = Line::start(site, &Transport::Tcp(Endpoint { host: "127.0.0.1".to_owned(), port }));
    let mut bare_stream =
        line.runtime.block_on(TcpStream::connect(("127.0.0.1", port))).expect("a connection");
    bare_stream.set_nodelay(true).expect("TCP_NODELAY");
    let turn = span / (2 * TURNS);
    let (mut ours, mut bare) = (Vec::new(), Vec::new());
    for _ in 0..TURNS {
        let asking = line.runtime.spawn(ask(line.commands.clone(), turn));
        ours.push(line.runtime.block_on(asking).expect("answers"));
        let exchanging = line.runtime.spawn(exchange(bare_stream, turn));
        let rate;
        (bare_stream, rate) = line.runtime.block_on(exchanging).expect("answers");
        bare.push(rate);
    }
    let mean = |rates: &[f64]| rates.iter().sum::<f64>() / rates.len() as f64;
    let (ours, bare) = (mean(&ours), mean(&bare));
    println!(
        "one TCP connection, reads of {REGISTERS} registers one at a time, {TURNS} turns of {turn:?} each"
    );
    println!("  {ours:.0} requests/s of {bare:.0} in a bare loop: {:.1} %", ours / bare * 100.0);
}

/// Commands that wait at once, so that the line always has its next one.
const WAITING: usize = 64;

/// Requests a second through the line's task.
async fn ask(commands: mpsc::Sender<Command>, turn: Duration) -> f64 {
    let (begun, mut answered) = (Instant::now(), 0_u64);
    while begun.elapsed() < turn {
        let mut answers = Vec::with_capacity(WAITING);
        for _ in 0..WAITING {
            let (answer, receiver) = oneshot::channel();
            let ask = Ask::Read { area: Area::Holding, start: 0, count: REGISTERS };
            commands.try_send(Command::Ask { unit: 1, ask, answer }).expect("an empty queue");
            answers.push(receiver);
        }
        // The last first: so this task is woken once, and takes no time from the line.
        while let Some(answer) = answers.pop() {
            answer.await.expect("an answer").expect("words");
            answered += 1;
        }
    }
    answered as f64 / begun.elapsed().as_secs_f64()
}

/// Requests a second with nothing around them.
async fn exchange(mut stream: TcpStream, turn: Duration) -> (TcpStream, f64) {
    let begun = Instant::now();
    let mut answer = vec![0; 9 + 2 * usize::from(REGISTERS)];
    let (mut transaction, mut answered) = (0_u16, 0_u64);
    while begun.elapsed() < turn {
        for _ in 0..WAITING {
            transaction = transaction.wrapping_add(1);
            let [count_high, count_low] = REGISTERS.to_be_bytes();
            let mut request = [0, 0, 0, 0, 0, 6, 1, 3, 0, 0, count_high, count_low];
            request[..2].copy_from_slice(&transaction.to_be_bytes());
            stream.write_all(&request).await.expect("a device");
            stream.read_exact(&mut answer).await.expect("an answer");
            assert_eq!(answer[..2], request[..2], "the answer to this request");
        }
        answered += WAITING as u64;
    }
    (stream, answered as f64 / begun.elapsed().as_secs_f64())
}

/// Ten devices, each read every ten seconds, by a whole gateway.
fn idle(span: Duration) {
    let every = Duration::from_secs(10);
    let load = Load { devices: 10, registers: 100, changing: 10, every };
    let devices = Devices::start(load);
    let mut gateway = Gateway::start(load, &devices);
    sleep(every + Duration::from_secs(2));
    assert!(!gateway.process.has_ended(), "the gateway runs");
    let (begun, cpu, values, served) =
        (Instant::now(), gateway.process.cpu_s(), gateway.values(), devices.served());
    sleep(span);
    let share = (gateway.process.cpu_s() - cpu) / begun.elapsed().as_secs_f64();
    println!("idle: 10 devices of 100 registers each {every:?}, {span:?}");
    println!(
        "  {:.2} % of a core, {:.1} MiB, {:.0} values of {} registers read",
        share * 100.0,
        gateway.process.rss_mib(),
        gateway.values() - values,
        devices.served() - served
    );
}

/// A line's task at work, as in the gateway.
struct Line {
    runtime: Runtime,
    counters: Arc<LineCounters>,
    commands: mpsc::Sender<Command>,
}

impl Line {
    fn start(site: Site, transport: &Transport) -> Self {
        let runtime = Runtime::new().expect("threads");
        let plant = Plant::new(site, false);
        let (counters, reports) = (Arc::<LineCounters>::default(), Arc::<Reports>::default());
        let (commands, mut receiver) = mpsc::channel(WAITING);
        let (dial, counted) = (dial(transport), Arc::clone(&counters));
        runtime.spawn(async move {
            let clock = Arc::new(SystemClock::start());
            let mut task = LineTask::new(&plant, 0, dial, counted, reports, clock);
            task.run(&mut receiver, &CancellationToken::new()).await;
        });
        Self { runtime, counters, commands }
    }
}

/// A site of one line, whose devices are polled as often as a site file may ask.
fn site(line: &str, devices: u16, registers: u16) -> Site {
    let profile = format!(
        "[profile]\nid = \"bench\"\nname = \"bench\"\nvendor = \"bench\"\nclass = \"io\"\nconfidence = \"low\"\n\
         sources = [\"benches/lines.rs\"]\n[connection]\n[lacks]\n\"input.0\" = \"a bench\"\n\
         [[point]]\nname = \"register.{{n}}\"\narea = \"holding\"\naddress = 0\ntype = \"u16\"\n\
         text = {{ en = \"Register {{n}}\", vi = \"Thanh ghi {{n}}\" }}\n\
         each = {{ from = 0, to = {}, address_step = 1 }}\n",
        registers - 1
    );
    let profile = Profile::parse("bench.toml", &profile).expect("a profile");
    let mut text = format!(
        "[site]\nid = \"bench\"\nname = \"Bench\"\ntime_zone = \"UTC\"\n[[line]]\nid = \"l\"\n{line}\n"
    );
    for unit in 1..=devices {
        text += &format!(
            "[[device]]\nid = \"d{unit}\"\nline = \"l\"\nunit = {unit}\nprofile = \"bench\"\nevery = \"100ms\"\n"
        );
    }
    Site::parse("site.toml", &text, &Library::from_iter([profile])).expect("a site")
}
