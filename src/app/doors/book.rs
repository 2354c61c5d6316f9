//! Arranges badges and rules anew whenever they change, beside the doors' task: with ten thousand badges it takes longer than
//! anybody should wait before a door.

use std::sync::Arc;

use chrono_tz::Tz;
use tokio::{sync::watch, task::spawn_blocking};
use tokio_util::sync::CancellationToken;

use crate::{logic::access::Book, model::AccessData};

/// Follows the registry until `shutdown`.
pub(super) async fn follow(
    mut access: watch::Receiver<Arc<AccessData>>,
    zone: Tz,
    book: watch::Sender<Arc<Book>>,
    shutdown: CancellationToken,
) {
    loop {
        tokio::select! {
            () = shutdown.cancelled() => return,
            changed = access.changed() => if changed.is_err() { return },
        }
        let data = Arc::clone(&access.borrow_and_update());
        if let Ok(made) = spawn_blocking(move || Book::new(&data, zone)).await {
            book.send_replace(Arc::new(made));
        }
    }
}
