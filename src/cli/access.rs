//! What the verbs of doors share: asking the service, and telling what came of it.

use std::path::PathBuf;

use super::{
    Outcome,
    account::told,
    service::{Service, unexpected},
};
use crate::{
    access::{AccessDeed, AccessList, Done, DoorRequest, Listed},
    app::control::{Answer, Request},
};

/// Which service, and how it is told.
#[derive(clap::Args)]
pub(super) struct Asking {
    /// Data folder of a demo, to ask it instead of the service.
    #[arg(long, global = true)]
    data: Option<PathBuf>,
    /// Print JSON.
    #[arg(long, global = true)]
    json: bool,
}

impl Asking {
    fn ask(&self, request: &Request) -> anyhow::Result<Result<Answer, Outcome>> {
        let answer = Service::at(self.data.as_ref()).ask(request)?;
        if let Answer::Refused(what) = &answer {
            eprintln!("hallward: {what}");
            return Ok(Err(Outcome::No));
        }
        Ok(Ok(answer))
    }

    /// Changes who may go where.
    pub(super) fn change(&self, what: AccessDeed) -> anyhow::Result<Outcome> {
        let answer = match self.ask(&Request::Access { what })? {
            Ok(answer) => answer,
            Err(no) => return Ok(no),
        };
        let Answer::Done(done) = answer else { return Err(unexpected(answer)) };
        let Done { id, said } = &done;
        if self.json {
            say!("{}", serde_json::to_string(&done)?);
        } else {
            say!("done: {id}");
            said.iter().for_each(|line| say!("{line}"));
        }
        Ok(Outcome::Done)
    }

    /// Asks for something that is told as deeds about accounts are.
    pub(super) fn plain(&self, request: &Request) -> anyhow::Result<Outcome> {
        match self.ask(request)? {
            Ok(answer) => told(answer, self.json),
            Err(no) => Ok(no),
        }
    }

    /// Orders doors.
    pub(super) fn order(&self, what: DoorRequest) -> anyhow::Result<Outcome> {
        let answer = match self.ask(&Request::Door { what })? {
            Ok(answer) => answer,
            Err(no) => return Ok(no),
        };
        let Answer::Ordered = answer else { return Err(unexpected(answer)) };
        if self.json {
            say!("{{\"ordered\":true}}")
        } else {
            say!("done")
        }
        Ok(Outcome::Done)
    }

    /// Asks, and prints an answer's lines, each by `line`.
    pub(super) fn list(
        &self,
        what: AccessList,
        lines: impl Fn(&Listed) -> Vec<String>,
    ) -> anyhow::Result<Outcome> {
        let answer = match self.ask(&Request::AccessList { what })? {
            Ok(answer) => answer,
            Err(no) => return Ok(no),
        };
        let Answer::Listed(listed) = answer else { return Err(unexpected(answer)) };
        if self.json {
            say!("{}", serde_json::to_string(&listed)?);
        } else {
            lines(&listed).iter().for_each(|line| say!("{}", line.trim_end()));
        }
        Ok(Outcome::Done)
    }
}

/// What is said only where it is so.
pub(super) fn notes<const N: usize>(notes: [Option<String>; N]) -> String {
    notes.into_iter().flatten().filter(|note| !note.is_empty()).collect::<Vec<_>>().join("; ")
}
