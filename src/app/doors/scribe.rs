//! Brings what doors have to write to the journal, many writes in one commit, and says what is on disk. A commit that fails is
//! tried again until it succeeds: nothing is dropped, what comes meanwhile waits.

use std::{sync::Arc, time::Duration};

use tokio::{
    sync::{broadcast, mpsc},
    time::sleep,
};
use tokio_util::sync::CancellationToken;
use tracing::error;

use super::spool;
use crate::{
    app::time::Hold,
    logic::doors::{Input, Kept, Written},
    model::{Id, Record},
    store::{DoorRow, Journal, KeptPairing, Row, Seal, Write},
};

/// Writes of one commit.
const BATCH: usize = 256;

/// The pause after a commit that failed.
const RETRY: Duration = Duration::from_millis(200);

pub(super) struct Scribe {
    pub(super) journal: Journal,
    pub(super) committed: broadcast::Sender<Arc<Record>>,
    pub(super) writes: mpsc::Receiver<Written>,
    pub(super) returns: mpsc::Sender<Input>,
    pub(super) spool: mpsc::Sender<spool::Job>,
    pub(super) hold: Hold,
    /// Seals readers' keys.
    pub(super) seal: Arc<Seal>,
    /// Ids of the doors, in the site file's order.
    pub(super) doors: Vec<Id>,
}

impl Scribe {
    /// Writes until the queue is closed, or `shutdown` comes and it is empty.
    pub(super) async fn run(mut self, shutdown: CancellationToken) {
        let mut batch = Vec::new();
        loop {
            tokio::select! {
                biased;
                count = self.writes.recv_many(&mut batch, BATCH) => if count == 0 { return },
                () = shutdown.cancelled() => return,
            }
            self.commit(std::mem::take(&mut batch), &shutdown).await;
        }
    }

    async fn commit(&self, batch: Vec<Written>, shutdown: &CancellationToken) {
        let (mut write, mut tickets) = (Write::default(), Vec::new());
        for written in batch {
            write.records.extend(written.records);
            write.rows.extend(written.kept.into_iter().filter_map(|kept| self.row(kept)));
            tickets.extend(written.tickets);
        }
        let numbers = loop {
            match self.hold.during(self.journal.write(write.clone())).await {
                Ok(numbers) => break numbers,
                Err(failed) => {
                    error!(%failed, records = write.records.len(), "what doors tell cannot be written");
                }
            }
            if shutdown.is_cancelled() {
                return;
            }
            sleep(RETRY).await;
        };
        for ticket in &tickets {
            // The doors' task takes it at once, or has ended.
            drop(self.returns.send(Input::Recorded(*ticket)).await);
        }
        if !tickets.is_empty() {
            drop(self.spool.send(spool::Job::Recorded(tickets)).await);
        }
        self.hold.during(self.journal.tell(&numbers, &self.committed)).await;
    }
}

impl Scribe {
    fn row(&self, kept: Kept) -> Option<Row> {
        Some(match kept {
            Kept::Standing(standing) => Row::Door(DoorRow::Standing(standing)),
            Kept::Presence(presence) => Row::Door(DoorRow::Presence(presence)),
            Kept::Gone(person) => Row::Door(DoorRow::Gone(person)),
            Kept::Pairing(reader, pairing) => {
                let door = self.doors.get(usize::from(reader.door.0))?;
                let sealed = KeptPairing::seal(&self.seal, door, reader.side, &pairing);
                let sealed = sealed.inspect_err(|failed| {
                    error!(%failed, %door, "a reader's key cannot be sealed: it must be paired again");
                });
                Row::ReaderKey(Box::new(sealed.ok()?))
            }
        })
    }
}
