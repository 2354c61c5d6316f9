//! How a verb reaches the running service: over its control socket.

use std::{
    io::{BufRead, BufReader, ErrorKind, Read, Write},
    os::unix::net::UnixStream,
    path::PathBuf,
    time::Duration,
};

use anyhow::{Context, anyhow, bail};

use crate::app::control::{Answer, LONGEST, PATIENCE, Request};

/// Where the service listens.
const SOCKET: &str = "/run/hallward/control.sock";

/// The service that is asked.
pub(super) struct Service {
    socket: PathBuf,
    /// Whether the user named it.
    named: bool,
}

/// Answers of one connection.
pub(super) struct Answers(BufReader<UnixStream>);

impl Service {
    /// The service of the machine, or that of a demo with this data folder.
    pub(super) fn at(data: Option<&PathBuf>) -> Self {
        let socket = data.map_or_else(|| SOCKET.into(), |data| data.join("control.sock"));
        Self { socket, named: data.is_some() }
    }

    /// One request and its answer; `None` where no service runs and none was named.
    pub(super) fn ask_if_running(&self, request: &Request) -> anyhow::Result<Option<Answer>> {
        let Some(mut answers) = self.begin(request)? else { return Ok(None) };
        let answer = answers.next(Some(PATIENCE + Duration::from_secs(5)))?;
        answer
            .map(Some)
            .ok_or_else(|| anyhow!("the service closed the connection without an answer: is it stopping?"))
    }

    /// One request and its answer.
    pub(super) fn ask(&self, request: &Request) -> anyhow::Result<Answer> {
        self.ask_if_running(request)?.ok_or_else(|| anyhow!(self.nobody()))
    }

    /// A request that has many answers; `None` where no service runs and none was named.
    pub(super) fn begin(&self, request: &Request) -> anyhow::Result<Option<Answers>> {
        let mut stream = match UnixStream::connect(&self.socket) {
            Ok(stream) => stream,
            Err(error) if error.kind() == ErrorKind::PermissionDenied => {
                bail!("{}: only root and the user `hallward` may ask the service", self.socket.display())
            }
            Err(_) if self.named => bail!(self.nobody()),
            Err(_) => return Ok(None),
        };
        let mut text = serde_json::to_vec(request)?;
        text.push(b'\n');
        stream.write_all(&text)?;
        Ok(Some(Answers(BufReader::new(stream))))
    }

    /// What to say when nobody answers.
    pub(super) fn nobody(&self) -> String {
        let socket = self.socket.display();
        format!("no service answers at {socket}: is it running? (a demo: give its --data folder)")
    }
}

impl Answers {
    /// The next answer; `None` at the end, or when none came within `limit`.
    pub(super) fn next(&mut self, limit: Option<Duration>) -> anyhow::Result<Option<Answer>> {
        self.0.get_ref().set_read_timeout(limit)?;
        let mut line = String::new();
        match (&mut self.0).take(LONGEST).read_line(&mut line) {
            Ok(0) => return Ok(None),
            Err(error) if matches!(error.kind(), ErrorKind::WouldBlock | ErrorKind::TimedOut) => {
                return Ok(None);
            }
            other => other.context("the service cannot be heard")?,
        };
        let answer = serde_json::from_str(&line);
        Ok(Some(answer.context("the service's answer is not understood: is it another version?")?))
    }
}

/// An answer that is an error, or one to another question.
pub(super) fn unexpected(answer: Answer) -> anyhow::Error {
    match answer {
        Answer::Error(what) | Answer::NoLine(what) | Answer::Refused(what) => anyhow!(what),
        Answer::Points(_)
        | Answer::Puzzle(_)
        | Answer::Written(_)
        | Answer::Line(_)
        | Answer::Accounts(_)
        | Answer::Tokens(_)
        | Answer::Record(_)
        | Answer::Piece(_)
        | Answer::Exported(_)
        | Answer::Holds(_)
        | Answer::Pruned(_)
        | Answer::Made(_)
        | Answer::Did(_)
        | Answer::Listed(_)
        | Answer::Done(_)
        | Answer::Ordered
        | Answer::Heard { .. }
        | Answer::Frame(_)
        | Answer::Lost(_) => anyhow!("the service answers another question: is it another version?"),
    }
}
