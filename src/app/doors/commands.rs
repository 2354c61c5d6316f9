//! Brings commands from MQTT to the desk. What became of each is recorded by whoever carried it out, or not; that it came to
//! nobody, here.

use std::sync::Arc;

use tokio::sync::mpsc;
use tokio_util::sync::CancellationToken;
use tracing::warn;

use crate::{
    access::Desk,
    model::{Clock, DoorOrder, NewRecord, OrderRefused, Severity},
};

/// Gives one order after the other, until `shutdown`.
pub(in crate::app) async fn pass_on(
    mut orders: mpsc::Receiver<DoorOrder>,
    desk: Desk,
    records: mpsc::Sender<NewRecord>,
    clock: Arc<dyn Clock>,
    shutdown: CancellationToken,
) {
    let pass = async {
        while let Some(order) = orders.recv().await {
            let actor = order.actor.clone();
            let Err(refused) = desk.order(order).await else { continue };
            warn!(actor, %refused, "a command was not carried out");
            if refused == OrderRefused::Busy {
                let record = NewRecord::system(clock.now(), "door.order-refused", Severity::Warning);
                let record = NewRecord { actor, ..record }.with("order", "command").with("what", refused);
                // The queue is closed only at the end of the run.
                drop(records.send(record).await);
            }
        }
        // Without a broker nobody gives any.
        std::future::pending::<()>().await;
    };
    tokio::select! {
        () = shutdown.cancelled() => {}
        () = pass => {}
    }
}
