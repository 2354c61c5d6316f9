//! The log at the control socket: following it, exporting it, and deciding what of it is kept; erasing a person.

use std::{fs::File, io, io::Read};

use data_encoding::BASE64;
use serde::{Deserialize, Serialize};
use tokio::{
    io::{AsyncReadExt, BufReader},
    net::UnixStream,
    sync::broadcast::error::RecvError,
    task::spawn_blocking,
};

use super::{Answer, Control, Did, TRACES, named, say};
use crate::{
    accounts::Caller,
    evidence::{Exported, NotKept, Wanted},
    model::{PersonId, Record, RecordBody, Right, Wall},
    store::JournalFilter,
};

/// The most records that are told before those that come.
const MOST: usize = 1000;

/// So much of a file goes into one answer.
const PIECE: usize = 256 * 1024;

/// Something about the log. Times are RFC 3339, or a day; persons and doors are ids.
#[derive(Debug, Serialize, Deserialize)]
#[serde(tag = "deed", rename_all = "kebab-case", deny_unknown_fields)]
pub enum LogDeed {
    /// Tell the newest records.
    Tail {
        /// Only this code.
        code: Option<String>,
        /// How many.
        count: usize,
        /// And those that come, until the caller closes the connection.
        follow: bool,
    },
    /// Make a file for others.
    Export(ExportDeed),
    /// Stop pruning and erasing.
    Hold {
        /// Why.
        why: String,
    },
    /// Tell the holds.
    Holds,
    /// Release a hold.
    Release {
        /// The record that tells of it.
        hold: u64,
        /// Why.
        why: String,
    },
    /// Drop old records.
    Prune {
        /// Those from before this time.
        before: String,
        /// Only once an export of them lies in the data folder.
        archive: bool,
        /// Why.
        why: String,
    },
}

/// Which records are exported, and why.
#[derive(Debug, Default, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct ExportDeed {
    /// Only from this time on.
    pub from: Option<String>,
    /// Only before this time; a day counts to its end.
    pub to: Option<String>,
    /// Only higher numbers.
    pub after: Option<u64>,
    /// Only lower numbers.
    pub before: Option<u64>,
    /// Only this code.
    pub code: Option<String>,
    /// Only this place.
    pub door: Option<String>,
    /// Only records that name this person.
    pub person: Option<String>,
    /// Why they are given away.
    pub why: String,
}

/// A record, as a person reads it.
#[derive(Debug, Serialize, Deserialize)]
#[allow(missing_docs, reason = "the words say it; those of the API")]
pub struct RecordLine {
    pub seq: u64,
    pub time: String,
    pub code: String,
    pub place: String,
    pub actor: String,
    pub severity: String,
    pub trust: String,
    pub body: RecordBody,
}

/// A file that was made.
#[derive(Debug, Serialize, Deserialize)]
pub struct ExportedFile {
    /// How many records are in it.
    pub records: u64,
    /// The first one's number.
    pub first: Option<u64>,
    /// The last one's.
    pub last: Option<u64>,
    /// Whether every record between them is there.
    pub contiguous: bool,
    /// Its SHA-256, hexadecimal.
    pub sha256: String,
    /// The record that tells of it.
    pub record: u64,
}

/// A hold that is not released.
#[derive(Debug, Serialize, Deserialize)]
pub struct HoldLine {
    /// The record that tells of it.
    pub hold: u64,
    /// Since when; RFC 3339, UTC.
    pub since: String,
    /// By whom.
    pub actor: String,
    /// Why.
    pub why: String,
}

/// What was dropped.
#[derive(Debug, Serialize, Deserialize)]
pub struct PrunedLine {
    /// How many records.
    pub dropped: u64,
    /// The first one that is still there.
    pub first: u64,
    /// Where they were put before, if they were.
    pub archive: Option<String>,
}

impl LogDeed {
    /// What its caller must have.
    #[must_use]
    pub(super) fn right(&self) -> Right {
        match self {
            Self::Tail { .. } | Self::Export(_) | Self::Holds => Right::Export,
            Self::Hold { .. } | Self::Release { .. } | Self::Prune { .. } => Right::LogKeep,
        }
    }

    /// Its name, in records of refusals.
    #[must_use]
    pub(super) fn verb(&self) -> &'static str {
        match self {
            Self::Tail { .. } => "log tail",
            Self::Export(_) => "log export",
            Self::Holds => "log holds",
            Self::Hold { .. } => "log hold",
            Self::Release { .. } => "log release",
            Self::Prune { .. } => "log prune",
        }
    }
}

impl From<&Record> for RecordLine {
    fn from(record: &Record) -> Self {
        Self {
            seq: record.seq,
            time: record.wall.rfc3339(),
            code: record.code.clone(),
            place: record.place.clone(),
            actor: record.actor.clone(),
            severity: record.severity.as_str().to_owned(),
            trust: record.trust.as_str().to_owned(),
            body: record.body.clone(),
        }
    }
}

impl From<NotKept> for Answer {
    fn from(why: NotKept) -> Self {
        if why.is_refusal() { Self::Refused(why.to_string()) } else { Self::Error(why.to_string()) }
    }
}

impl Control {
    /// Does a deed that has one answer.
    pub(super) async fn log(&self, caller: &Caller, deed: LogDeed) -> Answer {
        self.log_deed(caller, deed).await.unwrap_or_else(Answer::from)
    }

    async fn log_deed(&self, caller: &Caller, deed: LogDeed) -> Result<Answer, NotKept> {
        let done = |number: u64| Answer::Did(Did { id: number.to_string(), count: 1 });
        match deed {
            LogDeed::Hold { why } => self.evidence.hold(caller, &why).await.map(done),
            LogDeed::Release { hold, why } => {
                self.evidence.release(caller, hold, &why).await.map(|()| done(hold))
            }
            LogDeed::Holds => {
                let holds = self.evidence.holds().await?;
                let line = |hold: crate::store::Hold| HoldLine {
                    hold: hold.record,
                    since: hold.wall.rfc3339(),
                    actor: hold.actor,
                    why: hold.why,
                };
                Ok(Answer::Holds(holds.into_iter().map(line).collect()))
            }
            LogDeed::Prune { before, archive, why } => {
                let before = match self.day(&before) {
                    Ok(before) => before,
                    Err(what) => return Ok(Answer::Error(what)),
                };
                let kept = self.evidence.prune(caller, before, archive, &why).await?;
                let archive = kept.archive.map(|path| path.display().to_string());
                Ok(Answer::Pruned(PrunedLine { dropped: kept.dropped, first: kept.first, archive }))
            }
            LogDeed::Tail { .. } | LogDeed::Export(_) => {
                Ok(Answer::Error("this is answered elsewhere".to_owned()))
            }
        }
    }

    /// Erases a person's personal data.
    pub(super) async fn erase(&self, caller: &Caller, who: &str, why: &str) -> Answer {
        let Some(person) = PersonId::parse(who) else {
            return Answer::Error(format!("`{who}` is no person's id: one such as p7"));
        };
        match self.evidence.erase(caller, person, why).await {
            Ok(()) => Answer::Did(Did { id: person.to_string(), count: 1 }),
            Err(why) => why.into(),
        }
    }

    /// The beginning of a day by the hall's time, or a time.
    fn day(&self, text: &str) -> Result<Wall, String> {
        named::start(text, self.plant().site.time_zone)
    }

    fn wanted(&self, deed: ExportDeed) -> Result<Wanted, String> {
        let ExportDeed { from, to, after, before, code, door, person, why } = deed;
        let zone = self.plant().site.time_zone;
        let person = person.map(|text| {
            PersonId::parse(&text).ok_or_else(|| format!("`{text}` is no person's id: one such as p7"))
        });
        let filter = JournalFilter {
            after,
            before,
            code,
            place: door,
            from: from.map(|text| self.day(&text)).transpose()?,
            to: to.map(|text| named::end(&text, zone)).transpose()?,
            ..JournalFilter::default()
        };
        Ok(Wanted { filter, person: person.transpose()?, why })
    }

    /// Makes an export and sends its file in pieces.
    pub(super) async fn export(
        &self,
        mut stream: BufReader<UnixStream>,
        caller: &Caller,
        deed: ExportDeed,
    ) -> io::Result<()> {
        let wanted = match self.wanted(deed) {
            Ok(wanted) => wanted,
            Err(what) => return say(&mut stream, &Answer::Error(what)).await,
        };
        let Exported { file, extract, sha256, record } = match self.evidence.export(caller, wanted).await {
            Ok(exported) => exported,
            Err(why) => return say(&mut stream, &why.into()).await,
        };
        let mut open = File::open(&file)?;
        loop {
            let read = spawn_blocking(move || {
                let mut bytes = vec![0; PIECE];
                let count = open.read(&mut bytes)?;
                bytes.truncate(count);
                io::Result::Ok((bytes, open))
            });
            let (bytes, rest) = read.await.map_err(io::Error::other)??;
            if bytes.is_empty() {
                break;
            }
            say(&mut stream, &Answer::Piece(BASE64.encode(&bytes))).await?;
            open = rest;
        }
        let told = ExportedFile {
            records: extract.records,
            first: extract.first,
            last: extract.last,
            contiguous: extract.is_contiguous,
            sha256,
            record,
        };
        say(&mut stream, &Answer::Exported(told)).await
    }

    /// Tells the newest records, and those that come until the caller goes or the service ends.
    pub(super) async fn tail(
        &self,
        mut stream: BufReader<UnixStream>,
        caller: &Caller,
        code: Option<String>,
        count: usize,
        follow: bool,
    ) -> io::Result<()> {
        // Followers count as traces, so that they cannot keep others out.
        let Ok(_place) = self.traces.try_acquire() else {
            let what = format!("{TRACES} traces or followers run already: end one of them");
            return say(&mut stream, &Answer::Error(what)).await;
        };
        let filter = JournalFilter {
            code,
            limit: count.clamp(1, MOST),
            newest_first: true,
            ..JournalFilter::default()
        };
        let (past, mut coming) = match self.evidence.tail(caller, filter.clone(), follow).await {
            Ok(found) => found,
            Err(why) => return say(&mut stream, &why.into()).await,
        };
        for record in past.iter().rev().take(count) {
            say(&mut stream, &Answer::Record(record.into())).await?;
        }
        let last = past.first().map_or(0, |record| record.seq);
        let mut end = [0; 1];
        while follow {
            let answer = tokio::select! {
                () = self.shutdown.cancelled() => return Ok(()),
                _ = stream.read(&mut end) => return Ok(()),
                record = coming.recv() => match record {
                    Ok(record) if record.seq > last && filter.takes_code(&record.code) => {
                        Answer::Record(record.as_ref().into())
                    }
                    Ok(_) => continue,
                    Err(RecvError::Lagged(lost)) => Answer::Lost(lost),
                    Err(RecvError::Closed) => return Ok(()),
                },
            };
            say(&mut stream, &answer).await?;
        }
        Ok(())
    }
}
