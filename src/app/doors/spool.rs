//! The spool file: records of grants that the journal did not take in time, so that the door need not wait for it. Each is on disk
//! before the door opens; all of them come to the journal later, at the latest when the program starts again.
//!
//! The file holds frames, one after the other: length (4 bytes, big-endian), the record's canonical bytes with number 0, and
//! their leaf hash. A frame that was cut short by a crash opened no door. It is emptied once everything in it is in the journal.

use std::{
    collections::BTreeSet,
    fs::{File, OpenOptions},
    io::{self, Read},
    os::unix::fs::OpenOptionsExt,
    path::{Path, PathBuf},
};

use tokio::{sync::mpsc, task::spawn_blocking};
use tracing::{error, warn};

use crate::{
    logic::{door::Ticket, doors::Input},
    model::{NewRecord, Now, Record},
    store::{JournalReader, StoreError, append_whole},
};

/// Codes of records that may be spooled.
const CODES: [&str; 3] = ["access.granted", "access.granted.order", "door.mode"];

/// A file that is longer was not written by this program.
const LONGEST: u64 = 64 * 1024 * 1024;

/// What is to be done.
pub(super) enum Job {
    /// Bring a record to disk.
    Keep(Ticket, NewRecord),
    /// These are in the journal.
    Recorded(Vec<Ticket>),
}

/// The file, and what in it is not in the journal yet.
pub(super) struct Spool {
    path: PathBuf,
    run: [u8; 16],
    waiting: BTreeSet<Ticket>,
}

impl Spool {
    pub(super) fn new(path: PathBuf, run: [u8; 16]) -> Self {
        Self { path, run, waiting: BTreeSet::new() }
    }

    /// Works until nobody is left who could ask.
    pub(super) async fn run(mut self, mut jobs: mpsc::Receiver<Job>, returns: mpsc::Sender<Input>) {
        while let Some(job) = jobs.recv().await {
            match job {
                Job::Keep(ticket, record) => {
                    let (path, frame) = (self.path.clone(), frame(record, self.run));
                    let kept = spawn_blocking(move || append(&path, &frame)).await;
                    let input = match kept {
                        Ok(Ok(())) => {
                            warn!("a grant was spooled, since the journal did not take it in time");
                            self.waiting.insert(ticket);
                            Input::Spooled(ticket)
                        }
                        failed => {
                            error!(path = %self.path.display(), ?failed, "a grant cannot be spooled");
                            Input::NotSpooled(ticket)
                        }
                    };
                    drop(returns.send(input).await);
                }
                Job::Recorded(tickets) => {
                    let before = self.waiting.len();
                    self.waiting.retain(|ticket| !tickets.contains(ticket));
                    if before > 0 && self.waiting.is_empty() {
                        let path = self.path.clone();
                        drop(spawn_blocking(move || empty(&path)).await);
                    }
                }
            }
        }
    }
}

/// What an earlier run has spooled and the journal has not got, for the journal.
///
/// # Errors
/// The journal cannot be read.
pub(super) async fn left(path: &Path, journal: &JournalReader) -> Result<Vec<NewRecord>, StoreError> {
    let mut left = Vec::new();
    for record in frames(path) {
        if !journal.has(record.id()).await? {
            left.extend(again(record));
        }
    }
    Ok(left)
}

/// The same record, to be written by this run: its own run stands in its body.
fn again(record: Record) -> Option<NewRecord> {
    let code = CODES.into_iter().find(|code| *code == record.code)?;
    let Record { run, mono, wall, trust, severity, place, actor, body, .. } = record;
    let now = Now { mono, wall, trust };
    let run: String = run.iter().map(|byte| format!("{byte:02x}")).collect();
    Some(NewRecord { now, code, place, actor, severity, body, personal: None }.with("spooled_by", run))
}

fn frame(record: NewRecord, run: [u8; 16]) -> Vec<u8> {
    let NewRecord { now, code, place, actor, severity, body, .. } = record;
    let Now { mono, wall, trust } = now;
    let code = code.to_owned();
    let record =
        Record { seq: 0, run, mono, wall, trust, severity, code, place, actor, body, commitment: None };
    let bytes = record.to_bytes();
    let length = u32::try_from(bytes.len()).unwrap_or(u32::MAX).to_be_bytes();
    [length.as_slice(), bytes.as_slice(), &Record::leaf_hash(&bytes)].concat()
}

/// Tells, while there is time, that nothing can be spooled.
pub(super) fn look(path: &Path) {
    let opened = OpenOptions::new().append(true).create(true).mode(0o600).open(path);
    if let Err(failed) = opened {
        error!(path = %path.display(), %failed, "nothing can be spooled: what the journal does not take in time is denied");
    }
}

/// On disk when it returns; a frame that finds no room leaves nothing behind that would hide later ones.
fn append(path: &Path, frame: &[u8]) -> io::Result<()> {
    let new = !path.exists();
    let mut file = OpenOptions::new().append(true).create(true).mode(0o600).open(path)?;
    append_whole(&mut file, frame)?;
    if new && let Some(folder) = path.parent() {
        File::open(folder)?.sync_all()?;
    }
    Ok(())
}

/// Nothing in it is needed any more.
pub(super) fn empty(path: &Path) {
    let emptied = OpenOptions::new().write(true).truncate(true).open(path).and_then(|file| file.sync_all());
    if let Err(failed) = emptied
        && failed.kind() != io::ErrorKind::NotFound
    {
        warn!(path = %path.display(), %failed, "the spool file cannot be emptied");
    }
}

/// Every whole frame.
fn frames(path: &Path) -> Vec<Record> {
    let mut bytes = Vec::new();
    let read = File::open(path).and_then(|file| file.take(LONGEST).read_to_end(&mut bytes));
    if let Err(failed) = &read
        && failed.kind() != io::ErrorKind::NotFound
    {
        error!(path = %path.display(), %failed, "the spool file cannot be read");
    }
    let (mut rest, mut records) = (bytes.as_slice(), Vec::new());
    while let Some((record, after)) = whole(rest) {
        records.push(record);
        rest = after;
    }
    if !rest.is_empty() {
        warn!(path = %path.display(), bytes = rest.len(), "the spool file ends with a frame that was cut short");
    }
    records
}

fn whole(bytes: &[u8]) -> Option<(Record, &[u8])> {
    let (length, rest) = bytes.split_first_chunk::<4>()?;
    let (bytes, rest) = rest.split_at_checked(usize::try_from(u32::from_be_bytes(*length)).ok()?)?;
    let (leaf, rest) = rest.split_first_chunk::<32>()?;
    let record = Record::from_bytes(bytes).ok().filter(|_| Record::leaf_hash(bytes) == *leaf)?;
    Some((record, rest))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::model::{Mono, Severity, Trust, Wall};

    fn grant(n: u64) -> NewRecord {
        let now = Now { mono: Mono(n), wall: Wall(1_795_392_000_000_000), trust: Trust::Synchronised };
        NewRecord::system(now, "access.granted", Severity::Info).at("hall-door").with("badge", "b1")
    }

    #[test]
    fn what_was_spooled_is_read_again_up_to_what_was_cut_short() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("doors.spool");
        assert_eq!(frames(&path), []);
        append(&path, &frame(grant(1), [7; 16])).unwrap();
        append(&path, &frame(grant(2), [7; 16])).unwrap();
        let cut = frame(grant(3), [7; 16]);
        append(&path, &cut[..cut.len() - 1]).unwrap();
        let found: Vec<u64> = frames(&path).iter().map(|record| record.mono.0).collect();
        assert_eq!(found, [1, 2]);
        let again = again(frames(&path).remove(0)).unwrap();
        assert_eq!((again.code, again.body.get("spooled_by").map(String::len)), ("access.granted", Some(32)));
        empty(&path);
        assert_eq!(frames(&path), []);
    }
}
