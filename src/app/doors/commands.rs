//! Brings commands from MQTT to the desk. What became of each is in the records of whoever carried it out, or not.

use tokio::sync::mpsc;
use tokio_util::sync::CancellationToken;
use tracing::warn;

use crate::{access::Desk, model::DoorOrder};

/// Gives one order after the other, until `shutdown`.
pub(in crate::app) async fn pass_on(
    mut orders: mpsc::Receiver<DoorOrder>,
    desk: Desk,
    shutdown: CancellationToken,
) {
    let pass = async {
        while let Some(order) = orders.recv().await {
            let actor = order.actor.clone();
            if let Err(refused) = desk.order(order).await {
                warn!(actor, %refused, "a command was not carried out");
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
