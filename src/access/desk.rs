//! Where orders to doors are given, and how doors are seen: the doors' task is at the other end.

use std::sync::Arc;

use tokio::sync::{mpsc, oneshot, watch};

use crate::model::{DoorOrder, DoorsView, OrderRefused};

/// An order under way.
#[derive(Debug)]
pub struct Ordered {
    /// What.
    pub order: DoorOrder,
    /// Where it is told what became of it.
    pub answer: oneshot::Sender<Result<(), OrderRefused>>,
}

/// Cheap to clone.
#[derive(Clone, Debug)]
pub struct Desk {
    /// All doors as they are now.
    pub view: watch::Receiver<Arc<DoorsView>>,
    orders: mpsc::Sender<Ordered>,
}

impl Desk {
    /// Before the doors' task, which takes `orders` at its other end.
    #[must_use]
    pub fn new(view: watch::Receiver<Arc<DoorsView>>, orders: mpsc::Sender<Ordered>) -> Self {
        Self { view, orders }
    }

    /// Gives an order; whether somebody may give it was asked before. Its record is on disk when it is done.
    ///
    /// # Errors
    /// Why it was not carried out.
    pub async fn order(&self, order: DoorOrder) -> Result<(), OrderRefused> {
        let (answer, answered) = oneshot::channel();
        self.orders.try_send(Ordered { order, answer }).map_err(|_| OrderRefused::Busy)?;
        answered.await.unwrap_or(Err(OrderRefused::Busy))
    }
}
