//! What is kept: holds, pruning of old records, erasing a person. Each is a record that says who and why.

use std::{fs, path::PathBuf, time::Duration};

use super::{Evidence, Exported, NotKept, State, Wanted, refused::reason};
use crate::{
    accounts::Caller,
    model::{PersonId, Severity, Wall},
    store::{EvidenceRow, Hold, JournalFilter, Row, Write},
};

/// Records are kept for so long in any case (R-KEEP), days.
const KEPT_DAYS: u64 = 184;

/// So many records are dropped in one commit, so that nothing waits for long.
const STEP: u64 = 10_000;

/// What was pruned.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Kept {
    /// The first record that is still there.
    pub first: u64,
    /// How many were dropped.
    pub dropped: u64,
    /// Where they were put before, if they were.
    pub archive: Option<PathBuf>,
}

impl Evidence {
    /// From now on nothing is pruned and nobody erased; tells the hold's number.
    ///
    /// # Errors
    /// No reason; it cannot be recorded.
    pub async fn hold(&self, caller: &Caller, why: &str) -> Result<u64, NotKept> {
        let why = reason(why)?;
        let _alone = self.state.lock().await;
        let record = self.record(caller, "log.hold", Severity::Warning).with("why", &why);
        let (wall, actor) = (record.now.wall, record.actor.clone());
        self.write(record, vec![EvidenceRow::Held { wall, actor, why }]).await
    }

    /// The holds that are not released.
    ///
    /// # Errors
    /// The store.
    pub async fn holds(&self) -> Result<Vec<Hold>, NotKept> {
        Ok(self.journal.reader().holds().await?)
    }

    /// Releases a hold.
    ///
    /// # Errors
    /// There is none of this number; no reason; it cannot be recorded.
    pub async fn release(&self, caller: &Caller, hold: u64, why: &str) -> Result<(), NotKept> {
        let why = reason(why)?;
        let _alone = self.state.lock().await;
        let holds = self.journal.reader().holds().await?;
        holds.iter().find(|found| found.record == hold).ok_or(NotKept::NoHold(hold))?;
        let record = self.record(caller, "log.hold.released", Severity::Warning).with("hold", hold);
        self.write(record.with("why", why), vec![EvidenceRow::Released(hold)]).await?;
        Ok(())
    }

    /// Drops whole ranges between checkpoints whose records are all from before a time; with `archive`, only once an
    /// export of them lies in the data folder.
    ///
    /// # Errors
    /// A hold; too young a time; nothing to drop; no reason; it cannot be recorded.
    pub async fn prune(
        &self,
        caller: &Caller,
        before: Wall,
        archive: bool,
        why: &str,
    ) -> Result<Kept, NotKept> {
        let why = reason(why)?;
        if before > self.clock.now().wall - Duration::from_secs(KEPT_DAYS * 86_400) {
            return Err(NotKept::TooYoung(KEPT_DAYS));
        }
        let reader = self.journal.reader();
        let from = reader.pruned().await?;
        // The last of all ranges; steps lead there.
        let goal = reader.prunable(before, u64::MAX / 4).await?.ok_or(NotKept::NothingToPrune)?.size();
        let archived = if archive { Some(self.archive(caller, from, goal, &why).await?) } else { None };
        let state = self.state.lock().await;
        self.unheld(&state).await?;
        let mut record = self
            .record(caller, "log.pruned", Severity::Warning)
            .with("first", from + 1)
            .with("last", goal)
            .with("before", before.rfc3339())
            .with("why", why);
        if let Some((path, sha256)) = &archived {
            record = record.with("archive", path.display()).with("sha256", sha256);
        }
        let mut records = vec![record];
        while let Some(tree) = reader.prunable(before, STEP).await?.filter(|tree| tree.size() <= goal) {
            let rows = vec![Row::Evidence(EvidenceRow::Pruned(tree))];
            let write = Write { records: std::mem::take(&mut records), rows };
            self.journal.write_and_tell(write, &self.committed).await?;
        }
        let first = reader.pruned().await? + 1;
        Ok(Kept { first, dropped: first - 1 - from, archive: archived.map(|(path, _)| path) })
    }

    /// Puts an export of these records into the data folder; its path and hash.
    async fn archive(
        &self,
        caller: &Caller,
        after: u64,
        last: u64,
        why: &str,
    ) -> Result<(PathBuf, String), NotKept> {
        let filter = JournalFilter { after: Some(after), before: Some(last + 1), ..JournalFilter::default() };
        let wanted = Wanted { filter, person: None, why: why.to_owned() };
        let Exported { file, sha256, .. } = self.export(caller, wanted).await?;
        let folder = self.data.join("archive");
        let path = folder.join(format!("log-{}-{last}.zip", after + 1));
        let failed = |source| NotKept::File { path: path.clone(), source };
        fs::create_dir_all(&folder).map_err(failed)?;
        file.persist(&path).map_err(|error| failed(error.error))?;
        fs::File::open(&folder).and_then(|folder| folder.sync_all()).map_err(failed)?;
        Ok((path, sha256))
    }

    /// Erases a person's personal data from registry and log.
    ///
    /// # Errors
    /// A hold; what accounts refuse.
    pub async fn erase(&self, caller: &Caller, person: PersonId, why: &str) -> Result<(), NotKept> {
        let state = self.state.lock().await;
        self.unheld(&state).await?;
        Ok(self.accounts.erase(caller, person, why).await?)
    }

    /// Refuses while there is a hold; none can come while the state is locked.
    async fn unheld(&self, _: &State) -> Result<(), NotKept> {
        match self.journal.reader().holds().await?.first() {
            Some(hold) => Err(NotKept::Held(hold.record)),
            None => Ok(()),
        }
    }
}
