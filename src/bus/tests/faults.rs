//! Whatever a device does with the requests of a line, no reading carries a value that the register did not hold, and
//! the line recovers by itself. Scripts of faults, in paused time, over Modbus TCP and RTU: through pipes in memory, and
//! through real pty pairs and TCP sockets, where time is held still while bytes are under way.
//!
//! Each register holds the number of the last request that its unit has had, its unit and its address: an old answer is
//! known by its number, a foreign one by the rest.

use std::{
    collections::VecDeque,
    io,
    pin::Pin,
    sync::{
        Arc, Mutex,
        atomic::{AtomicI64, Ordering},
    },
    task::{Context, Poll, ready},
    time::Duration,
};

use hallward_profiles::{Library, Profile};
use hallward_site::Site;
use proptest::prelude::*;
use tokio::{
    io::{AsyncRead, AsyncReadExt, AsyncWrite, AsyncWriteExt, ReadBuf},
    net::{TcpListener, TcpStream},
    sync::mpsc,
    time::sleep,
};
use tokio_serial::SerialStream;
use tokio_util::sync::CancellationToken;

use super::{PausedClock, paused_now};
use crate::{
    bus::{Command, Dial, LineCounters, LineTask, Reports, Stream, frames::crc},
    logic::live::Input,
    model::{Clock, DeviceKey, Mono, Plant, Quality, Value, Wall},
};

const TIMEOUT: Duration = Duration::from_millis(200);
const LATE_MAX: Duration = Duration::from_millis(600);

/// The longest pause between two tries is 30 s; a slow machine may need a second one.
const RECOVERY: Duration = Duration::from_secs(150);

/// What the device does with one request.
#[derive(Clone, Debug)]
enum Fault {
    Well,
    /// In two pieces.
    InPieces(u8),
    /// So many milliseconds later than its time.
    Late(u64),
    /// And once more, before anybody asks again.
    Early,
    Short,
    Long,
    ForeignUnit,
    ForeignFunction,
    BadCrc,
    /// These bytes first.
    Noise(Vec<u8>),
    Half,
    /// Twice, in one piece.
    Twice,
    Silence,
    Exception(u8),
    /// The other end closes; on a serial line, silence.
    Close,
    /// The same, without a goodbye.
    Reset,
}

fn fault() -> impl Strategy<Value = Fault> {
    let late = u64::try_from(LATE_MAX.as_millis()).unwrap();
    prop_oneof![
        3 => Just(Fault::Well),
        1 => (1..8_u8).prop_map(Fault::InPieces),
        4 => (1..late).prop_map(Fault::Late),
        1 => Just(Fault::Early),
        1 => Just(Fault::Short),
        1 => Just(Fault::Long),
        1 => Just(Fault::ForeignUnit),
        1 => Just(Fault::ForeignFunction),
        1 => Just(Fault::BadCrc),
        1 => prop::collection::vec(any::<u8>(), 1..20).prop_map(Fault::Noise),
        1 => Just(Fault::Half),
        1 => Just(Fault::Twice),
        2 => Just(Fault::Silence),
        2 => prop_oneof![1..12_u8, Just(0x0B), any::<u8>()].prop_map(|code| Fault::Exception(code.max(1))),
        1 => Just(Fault::Close),
        1 => Just(Fault::Reset),
    ]
}

/// Over what the line runs.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Over {
    /// Modbus TCP through a pipe.
    TcpPipe,
    /// RTU through a pipe.
    RtuPipe,
    /// Modbus TCP through a socket.
    Socket,
    /// RTU through a pty pair.
    Pty,
}

impl Over {
    fn rtu(self) -> bool {
        matches!(self, Self::RtuPipe | Self::Pty)
    }
}

/// The value of a register: request number, unit, address.
fn value(number: u16, unit: u8, address: u16) -> u16 {
    number << 6 | u16::from(unit & 3) << 4 | address & 0xF
}

/// What all connections of a device share.
struct Device {
    over: Over,
    script: Mutex<VecDeque<Fault>>,
    /// When each unit had which request: time, unit, number.
    asked: Mutex<Vec<(Wall, u8, u16)>>,
    clock: Arc<dyn Clock>,
}

impl Device {
    fn number(&self, unit: u8) -> u16 {
        let mut asked = self.asked.lock().unwrap();
        let number =
            asked.iter().rev().find(|(_, known, _)| *known == unit).map_or(0, |(_, _, number)| number + 1);
        assert!(number < 1024, "numbers would repeat");
        asked.push((self.clock.now().wall, unit, number));
        number
    }

    /// Plays on one connection until it ends.
    async fn play(self: Arc<Self>, stream: impl AsyncRead + AsyncWrite + Send + 'static) {
        let (mut reader, writer) = tokio::io::split(stream);
        let writer = Arc::new(tokio::sync::Mutex::new(writer));
        loop {
            let header = if self.over.rtu() { 0 } else { 6 };
            let mut request = vec![0; header + if header == 0 { 8 } else { 6 }];
            if reader.read_exact(&mut request).await.is_err() {
                return;
            }
            let (start, body) = request.split_at(header);
            let unit = body[0];
            let number = self.number(unit);
            let fault = self.script.lock().unwrap().pop_front().unwrap_or(Fault::Well);
            if matches!(fault, Fault::Close | Fault::Reset) && !self.over.rtu() {
                return;
            }
            let pieces = self.answer(&fault, start, body, number);
            // It answers later than it was asked, so that both have times of their own.
            let late = if let Fault::Late(ms) = fault { Some(Duration::from_millis(ms)) } else { None };
            let delay = late.map_or(Duration::from_millis(1), |late| TIMEOUT + late);
            let writer = Arc::clone(&writer);
            let send = async move {
                sleep(delay).await;
                for (n, piece) in pieces.into_iter().enumerate() {
                    sleep(Duration::from_millis(if n == 0 { 0 } else { 1 })).await;
                    if writer.lock().await.write_all(&piece).await.is_err() {
                        return;
                    }
                }
            };
            // A late one does not keep the device from taking the next request.
            if delay < TIMEOUT { send.await } else { drop(tokio::spawn(send)) }
        }
    }

    /// What goes onto the wire, piece by piece.
    fn answer(&self, fault: &Fault, start: &[u8], body: &[u8], number: u16) -> Vec<Vec<u8>> {
        let (unit, function) = (body[0], body[1]);
        let [address, count] = [2, 4].map(|at| u16::from_be_bytes([body[at], body[at + 1]]));
        let frame = |unit: u8, function: u8, data: &[u8]| {
            let pdu = [&[unit, function], data].concat();
            if self.over.rtu() {
                return [pdu.as_slice(), &crc(&pdu).to_le_bytes()].concat();
            }
            let length = u16::try_from(pdu.len()).unwrap().to_be_bytes();
            [&start[..4], &length, &pdu].concat()
        };
        let data = |count: u16| {
            let words = (address..address + count).map(|address| value(number, unit, address));
            let mut data = vec![u8::try_from(count * 2).unwrap()];
            words.for_each(|word| data.extend(word.to_be_bytes()));
            data
        };
        let good = frame(unit, function, &data(count));
        let middle = good.len() / 2;
        match fault {
            Fault::Well | Fault::Late(_) => vec![good],
            Fault::InPieces(at) => {
                let (first, rest) = good.split_at(usize::from(*at).min(middle));
                vec![first.to_vec(), rest.to_vec()]
            }
            Fault::Early => vec![good.clone(), good],
            Fault::Short => vec![frame(unit, function, &data(count - 1))],
            Fault::Long => vec![frame(unit, function, &data(count + 1))],
            Fault::ForeignUnit => vec![frame(unit ^ 3, function, &data(count))],
            Fault::ForeignFunction => vec![frame(unit, function ^ 7, &data(count))],
            Fault::BadCrc if self.over.rtu() => {
                let mut bad = good;
                bad[middle] ^= 0x10;
                vec![bad]
            }
            // TCP has no checksum of its own: a frame whose length does not agree with its count.
            Fault::BadCrc => {
                let mut bad = good;
                bad[8] ^= 2;
                vec![bad]
            }
            Fault::Noise(bytes) if self.over.rtu() => vec![[bytes.as_slice(), &good].concat()],
            Fault::Noise(bytes) => vec![bytes.clone()],
            Fault::Half => vec![good[..middle].to_vec()],
            Fault::Twice => vec![[good.clone(), good].concat()],
            Fault::Exception(code) => vec![frame(unit, function | 0x80, &[*code])],
            Fault::Silence | Fault::Close | Fault::Reset => vec![],
        }
    }
}

/// Two devices of one line: three registers in one block, one in another.
fn plant(over: Over) -> Plant {
    let profile = format!(
        "[profile]\nid = \"four\"\nname = \"t\"\nvendor = \"t\"\nclass = \"io\"\nconfidence = \"low\"\nsources = [\"test\"]\n\
         [connection]\n[limits]\nread_over_gaps = false\ntimeout_ms = {}\nlate_max_ms = {}\n[lacks]\n\"input.0\" = \"test\"\n",
        TIMEOUT.as_millis(),
        LATE_MAX.as_millis()
    );
    let point = |address: u16| {
        format!("[[point]]\nname = \"p{address}\"\narea = \"holding\"\naddress = {address}\ntype = \"u16\"\n")
    };
    let profile = profile + &[2, 3, 4, 8].map(point).concat();
    let library =
        Library::from_iter([Profile::parse("four.toml", &profile).unwrap_or_else(|e| panic!("{e}"))]);
    let line = if over.rtu() { "serial = \"/dev/x\"" } else { "tcp = \"h:502\"" };
    let mut site =
        format!("[site]\nid = \"s\"\nname = \"s\"\ntime_zone = \"UTC\"\n[[line]]\nid = \"l\"\n{line}\n");
    for unit in 1..=2 {
        site += &format!(
            "[[device]]\nid = \"d{unit}\"\nline = \"l\"\nunit = {unit}\nprofile = \"four\"\nevery = \"250ms\"\n"
        );
    }
    Plant::new(Site::parse("site.toml", &site, &library).unwrap_or_else(|e| panic!("{e}")), false)
}

/// Bytes are through the kernel after this time, and mostly after a hundredth of it.
const KERNEL: Duration = Duration::from_millis(50);

/// Holds paused time still while bytes are under way through the kernel.
#[derive(Default)]
struct Gate {
    under_way: AtomicI64,
    held: Mutex<Option<std::sync::mpsc::SyncSender<()>>>,
}

impl Gate {
    fn moved(&self, bytes: i64) {
        let mut held = self.held.lock().unwrap();
        let now = self.under_way.fetch_add(bytes, Ordering::SeqCst) + bytes;
        if now <= 0 {
            *held = None;
        } else if bytes > 0 {
            let (hold, held_by) = std::sync::mpsc::sync_channel::<()>(0);
            // While a blocking task runs, tokio does not move paused time on. Bytes that nobody reads any more hold it no
            // longer than the kernel needs.
            drop(tokio::task::spawn_blocking(move || held_by.recv_timeout(KERNEL)));
            *held = Some(hold);
        }
    }

    /// The connection is gone, and what was under way with it.
    fn clear(&self) {
        let mut held = self.held.lock().unwrap();
        self.under_way.store(0, Ordering::SeqCst);
        *held = None;
    }
}

/// One end of a real connection, which tells the gate.
struct Gated<S> {
    stream: S,
    gate: Arc<Gate>,
}

impl<S> std::fmt::Debug for Gated<S> {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("Gated")
    }
}

impl<S> Drop for Gated<S> {
    fn drop(&mut self) {
        self.gate.clear();
    }
}

impl<S: AsyncRead + Unpin> AsyncRead for Gated<S> {
    fn poll_read(
        mut self: Pin<&mut Self>,
        cx: &mut Context<'_>,
        buf: &mut ReadBuf<'_>,
    ) -> Poll<io::Result<()>> {
        let before = buf.filled().len();
        ready!(Pin::new(&mut self.stream).poll_read(cx, buf))?;
        self.gate.moved(-i64::try_from(buf.filled().len() - before).unwrap());
        Poll::Ready(Ok(()))
    }
}

impl<S: AsyncWrite + Unpin> AsyncWrite for Gated<S> {
    fn poll_write(mut self: Pin<&mut Self>, cx: &mut Context<'_>, bytes: &[u8]) -> Poll<io::Result<usize>> {
        // Told before it happens: the other end may be quicker than this one's next line.
        self.gate.moved(i64::try_from(bytes.len()).unwrap());
        let written = Pin::new(&mut self.stream).poll_write(cx, bytes);
        let lost = bytes.len() - if let Poll::Ready(Ok(count)) = written { count } else { 0 };
        self.gate.moved(-i64::try_from(lost).unwrap());
        written
    }

    fn poll_flush(mut self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<io::Result<()>> {
        Pin::new(&mut self.stream).poll_flush(cx)
    }

    fn poll_shutdown(mut self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<io::Result<()>> {
        Pin::new(&mut self.stream).poll_shutdown(cx)
    }
}

/// A new connection to the device.
async fn connect(device: Arc<Device>) -> io::Result<Box<dyn Stream>> {
    let gate = Arc::new(Gate::default());
    let gated = Arc::clone(&gate);
    match device.over {
        Over::TcpPipe | Over::RtuPipe => {
            let (here, there) = tokio::io::duplex(4096);
            tokio::spawn(device.play(there));
            Ok(Box::new(here))
        }
        Over::Socket => {
            // The kernel makes the connection meanwhile: time stands still.
            gate.moved(1);
            let listener = TcpListener::bind("127.0.0.1:0").await?;
            let address = listener.local_addr()?;
            let (here, there) = tokio::join!(TcpStream::connect(address), listener.accept());
            let (here, (there, _)) = (here?, there?);
            here.set_nodelay(true)?;
            there.set_nodelay(true)?;
            gate.moved(-1);
            tokio::spawn(device.play(Gated { stream: there, gate: gated }));
            Ok(Box::new(Gated { stream: here, gate }))
        }
        Over::Pty => {
            let (here, there) = SerialStream::pair()?;
            tokio::spawn(device.play(Gated { stream: there, gate: gated }));
            Ok(Box::new(Gated { stream: here, gate }))
        }
    }
}

/// What a device's newest report says.
fn newest(reports: &[Input], device: DeviceKey) -> Option<&Input> {
    reports.iter().rev().find(|report| match report {
        Input::Block { device: of, .. } | Input::Stale(of) | Input::Lost(of, _) | Input::Found(of) => {
            *of == device
        }
        Input::WrongDevice(..) | Input::RightDevice(_) | Input::Tick => false,
    })
}

/// Whether a device's newest report is of values, and came after the script had been played (told by a tick). A point that
/// was refused until it stood alone is left out for an hour, which is as it should be.
fn is_read_again(reports: &[Input], device: DeviceKey) -> bool {
    let after =
        reports.iter().rposition(|report| *report == Input::Tick).map_or(&[][..], |at| &reports[at..]);
    let refused = |sample: &Result<Value, Quality>| *sample == Err(Quality::Exception);
    let good = |samples: &[(_, Result<Value, Quality>)]| samples.iter().all(|(_, s)| s.is_ok() || refused(s));
    matches!(newest(after, device), Some(Input::Block { samples, .. }) if good(samples))
}

/// Runs a script to its end and long enough after it for the longest pause between two tries.
async fn run(over: Over, script: Vec<Fault>) {
    let plant = plant(over);
    let clock: Arc<dyn Clock> = Arc::new(PausedClock(paused_now()));
    let device = Arc::new(Device {
        over,
        script: Mutex::new(script.into()),
        asked: Mutex::default(),
        clock: Arc::clone(&clock),
    });
    let (shared, reports) = (Arc::clone(&device), Arc::new(Reports::default()));
    let dial: Dial = Arc::new(move || Box::pin(connect(Arc::clone(&shared))));
    let counters = Arc::<LineCounters>::default();
    let mut task = LineTask::new(&plant, 0, dial, counters, Arc::clone(&reports), Arc::clone(&clock));
    let (_commands, mut receiver) = mpsc::channel::<Command>(1);
    let shutdown = CancellationToken::new();
    let mut seen: Vec<Input> = Vec::new();
    let mut played_at: Option<Mono> = None;
    let watch = async {
        loop {
            sleep(Duration::from_millis(250)).await;
            seen.extend(reports.take_now());
            let now = clock.now().mono;
            if played_at.is_none() && device.script.lock().unwrap().is_empty() {
                played_at = Some(now);
                seen.push(Input::Tick);
            }
            let since = played_at.map_or(Duration::ZERO, |played| now.since(played));
            if played_at.is_some() && plant.keys.iter().all(|key| is_read_again(&seen, *key)) {
                return;
            }
            assert!(
                since < RECOVERY,
                "a device does not recover: {:?}",
                plant.keys.iter().map(|key| newest(&seen, *key)).collect::<Vec<_>>()
            );
            assert!(now < Mono(3_600_000_000), "the script is played within an hour");
        }
    };
    tokio::select! {
        () = task.run(&mut receiver, &shutdown) => panic!("a line does not end by itself"),
        () = watch => {}
    }
    check(&device, &seen);
}

/// No reading is old, and none is another register's.
fn check(device: &Device, seen: &[Input]) {
    let asked = device.asked.lock().unwrap();
    for report in seen {
        let Input::Block { device: key, time, samples, .. } = report else { continue };
        let unit = u8::try_from(key.0 + 1).unwrap();
        let of_unit = asked.iter().filter(|(at, of, _)| *of == unit && at < time);
        let newest = of_unit.map(|(_, _, number)| *number).max().unwrap_or(0);
        for (point, sample) in samples.iter() {
            let Ok(Value::Number(number)) = sample else { continue };
            let address = [2_u16, 3, 4, 8][usize::from(point.0)];
            #[expect(
                clippy::cast_possible_truncation,
                clippy::cast_sign_loss,
                reason = "it came as a register"
            )]
            let word = *number as u16;
            assert_eq!(value(word >> 6, unit, address), word, "a value of another register: {report:?}");
            assert!(
                word >> 6 >= newest,
                "request {newest} was answered by an answer to {}: {report:?}",
                word >> 6
            );
        }
    }
}

fn play(over: Over, script: Vec<Fault>) {
    let runtime =
        tokio::runtime::Builder::new_current_thread().enable_all().start_paused(true).build().unwrap();
    runtime.block_on(run(over, script));
}

proptest! {
    #[test]
    fn no_wrong_value_over_modbus_tcp(script in prop::collection::vec(fault(), 1..30)) {
        play(Over::TcpPipe, script);
    }

    #[test]
    fn no_wrong_value_over_rtu(script in prop::collection::vec(fault(), 1..30)) {
        play(Over::RtuPipe, script);
    }
}

proptest! {
    // The kernel is slower than a pipe in memory.
    #![proptest_config(ProptestConfig::with_cases(ProptestConfig::default().cases.div_ceil(16)))]

    #[test]
    fn no_wrong_value_over_a_socket(script in prop::collection::vec(fault(), 1..30)) {
        play(Over::Socket, script);
    }

    #[test]
    fn no_wrong_value_over_a_pty(script in prop::collection::vec(fault(), 1..30)) {
        play(Over::Pty, script);
    }
}
