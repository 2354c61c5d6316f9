//! Exports: records with their proof in one file, for whoever may give them away. The record that tells of it is on disk
//! before the first byte goes out (R-EXPORT).

use std::{fs::File, io, io::Read, path::Path};

use data_encoding::HEXLOWER;
use serde_json::json;
use sha2::{Digest, Sha256};
use tempfile::TempPath;
use tokio::task::spawn_blocking;

use super::{Evidence, NotKept, refused::reason};
use crate::{
    accounts::Caller,
    model::{NewRecord, PersonId, Right, Severity},
    store::{Archive, Excerpt, Extract, JournalFilter, StoreError},
};

/// What is wanted.
#[derive(Clone, Debug, Default)]
pub struct Wanted {
    /// Which records; `limit` and `newest_first` count for nothing.
    pub filter: JournalFilter,
    /// Only those that name this person.
    pub person: Option<PersonId>,
    /// Why they are given away.
    pub why: String,
}

/// What was made. The file is gone when this is dropped.
pub struct Exported {
    /// Where it is.
    pub file: TempPath,
    /// What is in it.
    pub extract: Extract,
    /// Its SHA-256, hexadecimal.
    pub sha256: String,
    /// The number of the record that tells of it.
    pub record: u64,
}

impl Evidence {
    /// Makes an export for a caller who may.
    ///
    /// # Errors
    /// No reason; another export is under way; the file cannot be made or recorded.
    pub async fn export(&self, caller: &Caller, wanted: Wanted) -> Result<Exported, NotKept> {
        let _alone = self.exporting.try_lock().map_err(|_| NotKept::Busy)?;
        let why = reason(&wanted.why)?;
        let with_personal = caller.rights.has(Right::PersonRead);
        let file = tempfile::Builder::new().prefix("export-").tempfile_in(&self.data);
        let file = file.map_err(|source| NotKept::File { path: self.data.clone(), source })?;
        let (extract, sha256) = self.fill(caller, &wanted, &why, with_personal, file.path()).await?;
        let record = self.record(caller, "log.exported", Severity::Info);
        let record = asked(record, &wanted)
            .with("records", extract.records)
            .with("contiguous", extract.is_contiguous)
            .with("personal", with_personal)
            .with("sha256", &sha256)
            .with("why", why);
        let record = match (extract.first, extract.last) {
            (Some(first), Some(last)) => record.with("first", first).with("last", last),
            _ => record,
        };
        let record = self.write(record, Vec::new()).await?;
        Ok(Exported { file: file.into_temp_path(), extract, sha256, record })
    }

    /// Writes the records up to a fresh checkpoint into a file; tells what is in it, and its hash.
    pub(super) async fn fill(
        &self,
        caller: &Caller,
        wanted: &Wanted,
        why: &str,
        with_personal: bool,
        path: &Path,
    ) -> Result<(Extract, String), NotKept> {
        let (log, size) = {
            let mut state = self.state.lock().await;
            self.sign(&mut state).await?;
            (state.log.clone(), state.size)
        };
        let about = json!({
            "form": 1,
            "log": log,
            "size": size,
            "made": self.clock.now().wall.rfc3339(),
            "by": caller.actor,
            "why": why,
            "personal": with_personal,
            "asked": asked(NewRecord::system(self.clock.now(), "", Severity::Info), wanted).body,
        });
        let archive = Archive { about, key: self.key.public().to_string() };
        let Wanted { filter, person, .. } = wanted.clone();
        let excerpt = Excerpt { filter, person, with_personal, size };
        let failed = |source| NotKept::File { path: path.to_owned(), source };
        let file = File::options().write(true).truncate(true).create(true).open(path).map_err(failed)?;
        let extract = self.journal.reader().extract(excerpt, archive, file, path.to_owned()).await?;
        let read = path.to_owned();
        let hash = spawn_blocking(move || hash(&read)).await.map_err(|_| StoreError::Stopped)?;
        Ok((extract, hash.map_err(failed)?))
    }
}

/// What was asked for, in a record's words.
fn asked(record: NewRecord, wanted: &Wanted) -> NewRecord {
    let JournalFilter { after, before, code, place, from, to, .. } = &wanted.filter;
    let asked = [
        ("after", after.map(|number| number.to_string())),
        ("before", before.map(|number| number.to_string())),
        ("code", code.clone()),
        ("place", place.clone()),
        ("person", wanted.person.map(|person| person.to_string())),
        ("from", from.map(|time| time.rfc3339())),
        ("to", to.map(|time| time.rfc3339())),
    ];
    let asked = asked.into_iter().filter_map(|(key, value)| Some((key, value?)));
    asked.fold(record, |record, (key, value)| record.with(key, value))
}

fn hash(path: &Path) -> io::Result<String> {
    let mut file = File::open(path)?;
    let (mut hash, mut bytes) = (Sha256::new(), vec![0; 64 * 1024]);
    loop {
        let count = file.read(&mut bytes)?;
        if count == 0 {
            return Ok(HEXLOWER.encode(&hash.finalize()));
        }
        hash.update(bytes.get(..count).unwrap_or_default());
    }
}
