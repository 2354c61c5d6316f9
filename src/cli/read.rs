//! `hallward read DEVICE [POINT]`: reads a device's registers now, through the running service.

use std::{
    io::{BufRead, BufReader, Read, Write},
    os::unix::net::UnixStream,
    path::{Path, PathBuf},
    time::Duration,
};

use anyhow::{Context, bail};

use super::Outcome;
use crate::app::control::{Answer, LONGEST, PATIENCE, ReadPoint, Request};

/// Where the service listens.
const SOCKET: &str = "/run/hallward/control.sock";

/// Read a device's registers now.
#[derive(clap::Args)]
#[command(after_help = "Example:\n  hallward read ups-a battery.charge")]
pub(super) struct Arguments {
    /// The device's id.
    device: String,
    /// One of its points; all when absent.
    point: Option<String>,
    /// Data folder of a demo, to ask it instead of the service.
    #[arg(long)]
    data: Option<PathBuf>,
    /// Print JSON.
    #[arg(long)]
    json: bool,
}

pub(super) fn run(arguments: &Arguments) -> anyhow::Result<Outcome> {
    let socket = arguments.data.as_ref().map_or_else(|| SOCKET.into(), |data| data.join("control.sock"));
    let request = Request::Read { device: arguments.device.clone(), point: arguments.point.clone() };
    let points = match ask(&socket, &request)? {
        Answer::Points(points) => points,
        Answer::Error(what) => bail!(what),
    };
    for point in &points {
        if arguments.json {
            say!("{}", serde_json::to_string(point)?);
        } else {
            say!("{}", line(point));
        }
    }
    Ok(Outcome::Done)
}

fn line(point: &ReadPoint) -> String {
    let words = point.words.iter().map(|word| format!("{word:04X}")).collect::<Vec<_>>().join(" ");
    let value = match (&point.value, point.value.as_str()) {
        (serde_json::Value::Null, _) => point.quality.clone(),
        (_, Some(word)) => word.to_owned(),
        (other, None) => other.to_string(),
    };
    let unit = point.unit.as_deref().unwrap_or_default();
    format!("{:<34} {value:>12} {unit:<5} [{words}]", point.point)
}

/// One request and its answer.
fn ask(socket: &Path, request: &Request) -> anyhow::Result<Answer> {
    let mut stream = UnixStream::connect(socket).with_context(|| {
        format!("no service answers at {}: is it running? (a demo: give its --data folder)", socket.display())
    })?;
    stream.set_read_timeout(Some(PATIENCE + Duration::from_secs(5)))?;
    let mut text = serde_json::to_vec(request)?;
    text.push(b'\n');
    stream.write_all(&text)?;
    let mut answer = String::new();
    BufReader::new(stream.take(LONGEST))
        .read_line(&mut answer)
        .context("the service did not answer in time")?;
    if answer.is_empty() {
        bail!("the service closed the connection without an answer: its line is busy, or it is stopping");
    }
    serde_json::from_str(&answer).context("the service's answer is not understood: is it another version?")
}
