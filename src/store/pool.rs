//! Read-only connections, shared by everyone who queries one database.
//!
//! A query runs on tokio's blocking threads, at most [`MOST`] at a time; the others wait. Reading never holds up
//! the writer: in WAL mode each reader sees the last commit before it began.

use std::{
    path::{Path, PathBuf},
    sync::{Arc, Mutex, PoisonError},
};

use rusqlite::Connection;
use tokio::sync::Semaphore;

use super::{DatabaseKey, StoreError, connection::open_readable};

/// How many queries run at a time, and how many connections are kept.
const MOST: usize = 4;

/// Connections to one database. Clones share them.
#[derive(Clone)]
pub(super) struct Pool {
    shared: Arc<Shared>,
}

struct Shared {
    path: PathBuf,
    key: Option<DatabaseKey>,
    idle: Mutex<Vec<Connection>>,
    permits: Arc<Semaphore>,
}

impl Pool {
    pub(super) fn new(path: &Path, key: Option<&DatabaseKey>) -> Self {
        let (idle, permits) = (Mutex::default(), Arc::new(Semaphore::new(MOST)));
        Self { shared: Arc::new(Shared { path: path.to_owned(), key: key.cloned(), idle, permits }) }
    }

    /// Runs a query. Its connection is kept for the next one, unless it failed.
    pub(super) async fn run<T: Send + 'static>(
        &self,
        query: impl FnOnce(&Connection, &Path) -> Result<T, StoreError> + Send + 'static,
    ) -> Result<T, StoreError> {
        let permits = Arc::clone(&self.shared.permits);
        let permit = permits.acquire_owned().await.map_err(|_| StoreError::Stopped)?;
        let shared = Arc::clone(&self.shared);
        let done = tokio::task::spawn_blocking(move || {
            // Held to the end of the query, even when nobody waits for its answer any more.
            let _permit = permit;
            let connection = shared.take()?;
            let result = query(&connection, &shared.path)?;
            shared.idle.lock().unwrap_or_else(PoisonError::into_inner).push(connection);
            Ok(result)
        });
        done.await.map_err(|_| StoreError::Stopped)?
    }
}

impl Shared {
    fn take(&self) -> Result<Connection, StoreError> {
        let idle = self.idle.lock().unwrap_or_else(PoisonError::into_inner).pop();
        idle.map_or_else(|| open_readable(&self.path, self.key.as_ref()), Ok)
    }
}
