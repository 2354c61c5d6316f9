//! The control socket: how the command line asks the running service. One request a connection: a line of JSON each
//! way, such as `{"verb":"read","device":"ups-a","point":"battery.charge"}`.

use std::{io, path::Path, sync::Arc, time::Duration};

use serde::{Deserialize, Serialize};
use tokio::{
    io::{AsyncBufReadExt, AsyncReadExt, AsyncWriteExt, BufReader},
    net::{UnixListener, UnixStream},
    sync::{Semaphore, oneshot, watch},
    time::{sleep, timeout},
};
use tokio_util::sync::CancellationToken;
use tracing::warn;

use crate::{
    bus::{Command, Lines, PointWords},
    model::{DeviceInfo, Id, PointSource, Snapshot},
};

/// Callers served at once; more wait.
const CALLERS: usize = 8;

/// The longest request or answer, bytes.
pub const LONGEST: u64 = 1024 * 1024;

/// The longest that a caller may take, and be made to wait.
pub const PATIENCE: Duration = Duration::from_secs(30);

/// What a caller asks.
#[derive(Debug, Serialize, Deserialize)]
#[serde(tag = "verb", rename_all = "kebab-case", deny_unknown_fields)]
pub enum Request {
    /// Read a device's registers now.
    Read {
        /// The device's id.
        device: String,
        /// One of its points; all when absent.
        point: Option<String>,
    },
}

/// What the caller gets.
#[derive(Debug, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Answer {
    /// Points as they were read.
    Points(Vec<ReadPoint>),
    /// Why it could not be done, in a sentence.
    Error(String),
}

/// A point as it was read.
#[derive(Debug, Serialize, Deserialize)]
pub struct ReadPoint {
    /// Its name.
    pub point: String,
    /// Its value, if it has one.
    pub value: serde_json::Value,
    /// Its unit.
    pub unit: Option<String>,
    /// `good`, or the reason that there is no value.
    pub quality: String,
    /// Its raw words, most significant first.
    pub words: Vec<u16>,
}

/// What the socket's task needs.
pub struct Control {
    /// The live state, and what is wired.
    pub snapshot: watch::Receiver<Arc<Snapshot>>,
    /// The lines that run.
    pub lines: watch::Receiver<Arc<Lines>>,
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
            if !matches!(timeout(PATIENCE, control.caller(stream)).await, Ok(Ok(()))) {
                warn!("a caller of the control socket went away or took too long");
            }
            drop(place);
        });
    }
}

impl Control {
    async fn caller(&self, stream: UnixStream) -> io::Result<()> {
        let mut stream = BufReader::new(stream);
        let mut line = String::new();
        (&mut stream).take(LONGEST).read_line(&mut line).await?;
        let answer = match serde_json::from_str(&line) {
            Ok(Request::Read { device, point }) => self.read(&device, point.as_deref()).await,
            Err(error) => Err(format!("the request is not understood: {error}")),
        };
        let answer = answer.map_or_else(Answer::Error, Answer::Points);
        let mut text = serde_json::to_vec(&answer)?;
        text.push(b'\n');
        stream.get_mut().write_all(&text).await
    }

    async fn read(&self, device: &str, point: Option<&str>) -> Result<Vec<ReadPoint>, String> {
        let plant = Arc::clone(&self.snapshot.borrow().plant);
        let ix = plant.find_device(device).ok_or_else(|| {
            let known = plant.site.devices.iter().map(|device| Id::as_str(&device.id));
            format!("there is no device `{device}`; there are: {}", known.collect::<Vec<_>>().join(", "))
        })?;
        let (site_device, info) = plant.device(ix).ok_or("the device is gone")?;
        let wanted = match point {
            None => None,
            Some(name) => Some(info.find(name).ok_or_else(|| {
                let known = info.points.iter().map(|point| point.name.as_str());
                format!("`{device}` has no point `{name}`; it has: {}", known.collect::<Vec<_>>().join(", "))
            })?),
        };
        let is_derived =
            |ix| info.point(ix).is_some_and(|point| matches!(point.source, PointSource::Derived(_)));
        if wanted.is_some_and(is_derived) {
            return Err(
                "this point is in no register, it follows from others: see the device's page".to_owned()
            );
        }
        let line = plant
            .site
            .lines
            .get(site_device.line)
            .and_then(|line| self.lines.borrow().get(&line.id).cloned());
        let line = line.ok_or("the device's line does not run")?;
        let key = plant.key(ix).ok_or("the device is gone")?;
        let (answer, answered) = oneshot::channel();
        line.commands
            .try_send(Command::Read { device: key, answer })
            .map_err(|_| "the line is busy; try again")?;
        let reading = answered.await.map_err(|_| "the line stopped before it answered")?;
        let reading = reading.map_err(|error| format!("`{device}` could not be read: {error}"))?;
        let points: Vec<_> = reading.iter().filter(|read| wanted.is_none_or(|ix| ix == read.point)).collect();
        Ok(points.into_iter().filter_map(|read| show(info, read)).collect())
    }
}

fn show(info: &DeviceInfo, read: &PointWords) -> Option<ReadPoint> {
    let info = info.point(read.point)?;
    Some(ReadPoint {
        point: info.name.to_string(),
        value: read.value.as_ref().map_or(serde_json::Value::Null, crate::model::Value::to_json),
        unit: info.unit.map(|unit| unit.symbol().to_owned()),
        quality: read.value.as_ref().err().map_or("good", |why| why.as_str()).to_owned(),
        words: read.words.clone(),
    })
}
