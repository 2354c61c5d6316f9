//! The control socket: how the command line asks the running service. One request a connection: a line of JSON each
//! way, such as `{"verb":"read","device":"ups-a","point":"battery.charge"}`; a trace answers with a line for each frame.
//!
//! Bounds: [`CALLERS`] at a time, of them [`TRACES`] traces; [`LONGEST`] bytes and [`PATIENCE`] for all but traces.

mod access;
mod accounts;
mod deed;
mod log;
mod named;
mod peer;
mod protocol;

use std::{io, path::Path, sync::Arc, time::Duration};

use tokio::{
    io::{AsyncBufReadExt, AsyncReadExt, AsyncWriteExt, BufReader},
    net::{UnixListener, UnixStream},
    sync::{Semaphore, broadcast::error::RecvError, oneshot, watch},
    time::{sleep, timeout},
};
use tokio_util::sync::CancellationToken;
use tracing::warn;

use super::{
    tools,
    writes::{NotWritten, Order, Writes},
};
use crate::{
    access::Access,
    accounts::{Accounts, Caller},
    bus::{Command, LineHandle, Lines, Written},
    evidence::Evidence,
    logic::scan::Question,
    model::{Plant, Snapshot, Value},
};
pub use deed::{AccountDeed, AccountLine, Did, Made, TokenDeed, TokenLine};
pub use log::{ExportDeed, ExportedFile, HoldLine, LogDeed, PrunedLine, RecordLine};
use peer::Peer;
pub use protocol::{Answer, LineAnswer, PuzzleLine, ReadPoint, Request, TracedFrame, WrittenPoint};

/// Callers served at once; more wait.
const CALLERS: usize = 8;

/// Traces at once; more are refused, so that they cannot keep others out.
const TRACES: usize = 4;

/// The longest request or answer, bytes.
pub const LONGEST: u64 = 1024 * 1024;

/// The longest that a caller may take, and be made to wait.
pub const PATIENCE: Duration = Duration::from_secs(30);

/// How long a unit that is on no site file is waited for.
pub const STRANGER_WAIT: Duration = Duration::from_millis(300);

/// What the socket's task needs.
pub struct Control {
    /// The live state, and what is wired.
    snapshot: watch::Receiver<Arc<Snapshot>>,
    /// The lines that run.
    lines: watch::Receiver<Arc<Lines>>,
    /// Carries out orders to write.
    writes: Arc<Writes>,
    /// Knows who may what.
    accounts: Arc<Accounts>,
    /// Who may go where.
    access: Arc<Access>,
    /// The log as evidence.
    evidence: Arc<Evidence>,
    /// Where the pages are, for one-time links.
    base: Option<String>,
    traces: Semaphore,
    shutdown: CancellationToken,
}

/// Opens the socket at `path`, taking over one that nobody listens on any more.
///
/// # Errors
/// When the folder cannot be written, or another process listens there.
pub fn listen(path: &Path) -> io::Result<UnixListener> {
    match UnixListener::bind(path) {
        Err(error) if error.kind() == io::ErrorKind::AddrInUse => {
            if std::os::unix::net::UnixStream::connect(path).is_ok() {
                return Err(error);
            }
            std::fs::remove_file(path)?;
            UnixListener::bind(path)
        }
        other => other,
    }
}

/// Serves callers until `shutdown`.
pub async fn serve(listener: UnixListener, control: Arc<Control>, shutdown: CancellationToken) {
    let places = Arc::new(Semaphore::new(CALLERS));
    loop {
        let accepted = tokio::select! {
            () = shutdown.cancelled() => return,
            accepted = listener.accept() => accepted,
        };
        let Ok((stream, _)) = accepted else {
            // No file handle is left, perhaps; there may be one later.
            sleep(Duration::from_millis(100)).await;
            continue;
        };
        let Ok(place) = Arc::clone(&places).acquire_owned().await else { return };
        let control = Arc::clone(&control);
        tokio::spawn(async move {
            if control.caller(stream).await.is_err() {
                warn!("a caller of the control socket went away or took too long");
            }
            drop(place);
        });
    }
}

/// A line that runs, with the plant that it is in.
struct Running {
    plant: Arc<Plant>,
    line: usize,
    handle: LineHandle,
}

impl Control {
    /// Serves what these tell.
    pub(super) fn new(
        snapshot: watch::Receiver<Arc<Snapshot>>,
        lines: watch::Receiver<Arc<Lines>>,
        writes: Arc<Writes>,
        (accounts, access): (Arc<Accounts>, Arc<Access>),
        evidence: Arc<Evidence>,
        base: Option<String>,
        shutdown: CancellationToken,
    ) -> Self {
        let traces = Semaphore::new(TRACES);
        Self { snapshot, lines, writes, accounts, access, evidence, base, traces, shutdown }
    }

    async fn caller(&self, stream: UnixStream) -> io::Result<()> {
        let peer = Peer::of(&stream);
        let mut stream = BufReader::new(stream);
        let mut line = String::new();
        timeout(PATIENCE, (&mut stream).take(LONGEST).read_line(&mut line)).await??;
        let (request, peer) = match self.admitted(&line, peer).await {
            Ok((Request::Trace { line }, _)) => return self.trace(stream, &line).await,
            Ok((Request::Log { what: LogDeed::Tail { code, count, follow } }, peer)) => {
                let caller = Caller::console(peer.actor());
                return self.tail(stream, &caller, code, count, follow).await;
            }
            Ok((Request::Log { what: LogDeed::Export(wanted) }, peer)) => {
                return self.export(stream, &Caller::console(peer.actor()), wanted).await;
            }
            Ok(admitted) => admitted,
            Err(answer) => return say(&mut stream, &answer).await,
        };
        let answer = timeout(PATIENCE, self.answer(request, peer)).await;
        let late = |_| {
            Answer::Error("it took too long: the line is busy, or its device very slow. A write may still be done: the journal says".to_owned())
        };
        say(&mut stream, &answer.unwrap_or_else(late)).await
    }

    /// The request, from somebody who may ask it.
    async fn admitted(&self, line: &str, peer: Option<Peer>) -> Result<(Request, Peer), Answer> {
        let request: Request = serde_json::from_str(line)
            .map_err(|error| Answer::Error(format!("the request is not understood: {error}")))?;
        let nobody = || Answer::Error("the system does not say who you are: nothing is done".to_owned());
        let peer = peer.ok_or_else(nobody)?;
        accounts::may(&self.accounts, &Caller::console(peer.actor()), &request).await?;
        Ok((request, peer))
    }

    async fn answer(&self, request: Request, peer: Peer) -> Answer {
        let caller = Caller::console(peer.actor());
        let result = match request {
            Request::Read { device, point } => self.read(&device, point.as_deref()).await.map(Answer::Points),
            Request::Puzzle { device, point } => self.puzzle(&device, &point).await.map(Answer::Puzzle),
            Request::Line { line } => {
                return self.running(&line).map_or_else(|no| no, |found| found.describe());
            }
            Request::Ask { line, unit, question } => return self.ask(&line, unit, question).await,
            Request::Account { what } => return self.account(&caller, what).await,
            Request::Log { what } => return self.log(&caller, what).await,
            Request::ErasePerson { who, why } => return self.erase(&caller, &who, &why).await,
            Request::Token { what } => return self.token(&caller, what).await,
            Request::Access { what } => return self.change_access(&caller, what).await,
            Request::AccessList { what } => return self.list_access(what).await,
            Request::Door { what } => return self.order_door(&caller, what).await,
            Request::Write { device, point, value, unit, why } => {
                let (who, actor) = (peer.who(), caller.actor);
                return self.write(Order { device, point, value, unit, who, actor, why }).await;
            }
            Request::Trace { .. } => Err("a trace is answered elsewhere".to_owned()),
        };
        result.unwrap_or_else(Answer::Error)
    }

    fn plant(&self) -> Arc<Plant> {
        Arc::clone(&self.snapshot.borrow().plant)
    }

    fn line_of(&self, plant: &Plant, line: usize) -> Result<LineHandle, String> {
        let line = plant.site.lines.get(line);
        let handle = line.and_then(|line| self.lines.borrow().get(&line.id).cloned());
        handle.ok_or_else(|| "the device's line does not run".to_owned())
    }

    /// The line of this name; the answer if there is none.
    fn running(&self, named: &str) -> Result<Running, Answer> {
        let plant = self.plant();
        let Some((line, _)) = tools::find_line(&plant.site, named) else {
            let known: Vec<_> = plant.site.lines.iter().map(|line| line.id.as_str()).collect();
            let what = format!("the service has no line `{named}`; it has: {}", known.join(", "));
            return Err(Answer::NoLine(what));
        };
        let handle = self.line_of(&plant, line).map_err(Answer::Error)?;
        Ok(Running { plant, line, handle })
    }

    async fn read(&self, device: &str, point: Option<&str>) -> Result<Vec<ReadPoint>, String> {
        let plant = self.plant();
        let (ix, site_device, info) = tools::find_device(&plant, device)?;
        let wanted = point.map(|name| tools::find_point(site_device, info, name)).transpose()?;
        let line = self.line_of(&plant, site_device.line)?;
        let key = plant.key(ix).ok_or("the device is gone")?;
        let (answer, answered) = oneshot::channel();
        line.commands
            .try_send(Command::Read { device: key, answer })
            .map_err(|_| "the line is busy; try again")?;
        let reading = answered.await.map_err(|_| "the line stopped before it answered")?;
        let reading = reading.map_err(|error| format!("`{device}` could not be read: {error}"))?;
        Ok(tools::shown(info, &reading, wanted))
    }

    async fn puzzle(&self, device: &str, point: &str) -> Result<Vec<PuzzleLine>, String> {
        let plant = self.plant();
        let (_, site_device, info) = tools::find_device(&plant, device)?;
        let ix = tools::find_point(site_device, info, point)?;
        let mut line = self.line_of(&plant, site_device.line)?;
        tools::puzzle(&mut line, site_device, info, ix).await
    }

    async fn ask(&self, line: &str, unit: u8, question: Question) -> Answer {
        let mut found = match self.running(line) {
            Ok(found) => found,
            Err(answer) => return answer,
        };
        let counters = Arc::clone(&found.handle.counters);
        let asked = tools::ask_heard(&mut found.handle, &counters, unit, STRANGER_WAIT, question);
        let (heard, echoed) = asked.await;
        Answer::Heard { heard, echoed }
    }

    async fn write(&self, order: Order) -> Answer {
        match self.writes.write(order).await {
            Ok(Written { before, after }) => {
                let json = |value: Option<Value>| value.as_ref().map(Value::to_json);
                Answer::Written(WrittenPoint { before: json(before), after: json(after) })
            }
            Err(NotWritten::Refused(refusal)) => Answer::Refused(refusal.to_string()),
            Err(other) => Answer::Error(other.to_string()),
        }
    }

    /// Tells frames until the caller goes, the line stops or the service ends.
    async fn trace(&self, mut stream: BufReader<UnixStream>, named: &str) -> io::Result<()> {
        let Ok(_place) = self.traces.try_acquire() else {
            let what = format!("{TRACES} traces run already: end one of them");
            return say(&mut stream, &Answer::Error(what)).await;
        };
        let mut frames = match self.running(named) {
            Ok(found) => {
                say(&mut stream, &found.describe()).await?;
                found.handle.counters.tap.watch()
            }
            Err(answer) => return say(&mut stream, &answer).await,
        };
        let mut end = [0; 1];
        loop {
            let answer = tokio::select! {
                () = self.shutdown.cancelled() => return Ok(()),
                _ = stream.read(&mut end) => return Ok(()),
                frame = frames.recv() => match frame {
                    Ok(frame) => Answer::Frame(tools::traced(&frame)),
                    Err(RecvError::Lagged(lost)) => Answer::Lost(lost),
                    Err(RecvError::Closed) => return Ok(()),
                },
            };
            say(&mut stream, &answer).await?;
        }
    }
}

impl Running {
    fn describe(&self) -> Answer {
        let Some(line) = self.plant.site.lines.get(self.line) else {
            return Answer::Error("the line is gone".to_owned());
        };
        let devices = self.plant.site.devices.iter().filter(|device| device.line == self.line);
        Answer::Line(LineAnswer {
            id: line.id.to_string(),
            transport: line.transport.to_string(),
            baud: line.transport.baud().map(hallward_site::Baud::get),
            units: devices.map(|device| (device.unit, device.id.to_string())).collect(),
        })
    }
}

async fn say(stream: &mut BufReader<UnixStream>, answer: &Answer) -> io::Result<()> {
    let mut text = serde_json::to_vec(answer)?;
    text.push(b'\n');
    timeout(PATIENCE, stream.get_mut().write_all(&text)).await?
}
