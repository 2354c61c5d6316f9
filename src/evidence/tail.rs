//! Reading the log at the console: a record itself, as every way by which it leaves the program.

use std::sync::Arc;

use tokio::sync::broadcast;

use super::{Evidence, NotKept};
use crate::{
    accounts::Caller,
    model::{Record, Severity},
    store::JournalFilter,
};

impl Evidence {
    /// The records that a filter finds, and those that come; the record that tells of it is on disk before.
    ///
    /// # Errors
    /// It cannot be recorded or read.
    pub async fn tail(
        &self,
        caller: &Caller,
        filter: JournalFilter,
        follow: bool,
    ) -> Result<(Vec<Record>, broadcast::Receiver<Arc<Record>>), NotKept> {
        let record = self.record(caller, "log.read", Severity::Info).with("follow", follow);
        let record = match &filter.code {
            Some(code) => record.with("code", code),
            None => record,
        };
        self.write(record, Vec::new()).await?;
        let coming = self.committed.subscribe();
        Ok((self.journal.reader().page(filter).await?, coming))
    }
}
