//! Signing a checkpoint and bringing it to every place.

use std::{
    sync::{Arc, PoisonError},
    time::Duration,
};

use tokio::task::spawn_blocking;

use super::{Evidence, NotKept, State};
use crate::{
    logic::evidence::Checkpoint,
    model::{NewRecord, Severity},
    store::{EvidenceRow, Row, StoreError, Write},
};

/// Every checkpoint stays in the database for so long; of older ones the last of each hour. Files keep them all.
const EACH_KEPT: Duration = Duration::from_secs(7 * 86_400);

impl Evidence {
    /// Signs a checkpoint if anything was appended since the one before.
    ///
    /// # Errors
    /// It cannot be kept; the next one stands for it too.
    pub async fn checkpoint(&self) -> Result<(), NotKept> {
        self.sign(&mut *self.state.lock().await).await
    }

    pub(super) async fn sign(&self, state: &mut State) -> Result<(), NotKept> {
        let tree = self.journal.frontier().await?;
        let size = tree.size();
        if size == state.size || size == 0 {
            return Ok(());
        }
        let note = Checkpoint::of(&state.log, &tree).sign(&self.key);
        let wall = self.clock.now().wall;
        let mut rows = vec![Row::Evidence(EvidenceRow::Checkpoint { tree, wall, note: note.clone() })];
        let hour = wall.0 / 3_600_000_000;
        if hour != state.thinned {
            rows.push(Row::Evidence(EvidenceRow::Thinned(wall - EACH_KEPT)));
        }
        self.journal.write(Write { records: Vec::new(), rows }).await?;
        (state.size, state.thinned) = (size, hour);
        self.newest.send_replace(Some(Arc::from(note.as_str())));
        let places = Arc::clone(&state.places);
        let put = move || places.lock().unwrap_or_else(PoisonError::into_inner).put(&note);
        let failed = spawn_blocking(put).await.map_err(|_| StoreError::Stopped)?;
        if let Some(why) = failed {
            let record = NewRecord::system(self.clock.now(), "log.checkpoint-failed", Severity::Warning);
            self.write(record.with("why", why), Vec::new()).await?;
        }
        Ok(())
    }
}
