//! Compares the log with a checkpoint that was kept elsewhere. Where that stands for more records than there are, or for
//! others, an old copy was restored or somebody changed the database: the log says so, and goes on under another id, so
//! that no two checkpoints of one id ever contradict one another.

use tracing::{error, warn};

use super::{Evidence, NotKept, new_id};
use crate::{
    logic::evidence::{BadCheckpoint, BadNote, Checkpoint},
    model::{NewRecord, Severity},
    store::EvidenceRow,
};

impl Evidence {
    /// Compares with the newest checkpoint of a place.
    ///
    /// # Errors
    /// The store.
    pub(super) async fn compare(&self, note: &str, place: &'static str) -> Result<(), NotKept> {
        let checkpoint = match Checkpoint::open(note, &self.key.public()) {
            Ok(checkpoint) => checkpoint,
            Err(BadCheckpoint::Note(BadNote::OtherKey)) => {
                warn!(place, "the checkpoint there was signed with another key, and is not compared");
                return Ok(());
            }
            Err(why) => {
                warn!(place, %why, "there is no checkpoint there that can be compared");
                return Ok(());
            }
        };
        let ids = self.journal.reader().log_ids().await?;
        let is_superseded = ids.contains(&checkpoint.origin) && ids.last() != Some(&checkpoint.origin);
        if is_superseded {
            return Ok(());
        }
        let records = self.journal.frontier().await?.size();
        let why = if checkpoint.size > records {
            "it stands for more records than there are"
        } else {
            match self.journal.reader().frontier_at(checkpoint.size).await? {
                Some(tree) if tree.root() != checkpoint.root => "it stands for other records",
                // The same; or pruned, of which nothing can be said.
                Some(_) | None => return Ok(()),
            }
        };
        self.suspect(&checkpoint, records, place, why).await
    }

    /// Says that the log may have been set back, and goes on under another id.
    async fn suspect(
        &self,
        found: &Checkpoint,
        records: u64,
        place: &'static str,
        why: &'static str,
    ) -> Result<(), NotKept> {
        error!(
            place,
            found.size, records, why, "the log may have been set back: it goes on under another id"
        );
        let mut state = self.state.lock().await;
        let log = new_id(self.key.public().name())?;
        let record = NewRecord::system(self.clock.now(), "log.rollback_suspected", Severity::Error)
            .with("log_before", &found.origin)
            .with("log", &log)
            .with("checkpoint", found.size)
            .with("records", records)
            .with("place", place)
            .with("why", why);
        self.write(record, vec![EvidenceRow::LogBegun(log.clone())]).await?;
        state.log = log;
        self.sign(&mut state).await
    }
}
