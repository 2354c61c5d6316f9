//! Stands in for the task that owns the doors: shows the doors of the site file, of which nothing is known, and refuses every
//! order.

use std::sync::Arc;

use tokio::sync::{mpsc, watch};
use tokio_util::sync::CancellationToken;

use crate::{
    access::{Desk, Ordered},
    model::{DoorMode, DoorView, DoorsView, OrderRefused, Plant, PortalState, ReaderView, Side, Wall},
};

/// The most orders that wait.
const ORDERS: usize = 16;

/// The doors as the site file has them.
fn view(plant: &Plant, now: Wall) -> DoorsView {
    let reader = |side| ReaderView { side, online: None, secure: false, tampered: false };
    let door = |door: &hallward_site::Door| DoorView {
        id: door.id.clone(),
        mode: DoorMode::Controlled,
        state: PortalState::Fault,
        released: false,
        contact: None,
        hardware: None,
        readers: [(Side::Entry, door.reader.is_some()), (Side::Exit, door.exit_reader.is_some())]
            .into_iter()
            .filter(|(_, there)| *there)
            .map(|(side, _)| reader(side))
            .collect(),
        alarm: None,
        tampered: false,
        changed: now,
    };
    DoorsView {
        doors: plant.site.doors.iter().map(|one| Arc::new(door(one))).collect(),
        ..DoorsView::default()
    }
}

/// The desk, and the task behind it.
pub(super) fn desk(
    plant: &Plant,
    now: Wall,
    shutdown: CancellationToken,
) -> (Desk, impl Future<Output = ()> + use<>) {
    let (orders, mut waiting) = mpsc::channel::<Ordered>(ORDERS);
    let (seen, watching) = watch::channel(Arc::new(view(plant, now)));
    let refuse = async move {
        // Kept so that whoever watches does not take the doors for gone.
        let _seen = seen;
        loop {
            tokio::select! {
                () = shutdown.cancelled() => return,
                order = waiting.recv() => match order {
                    Some(order) => drop(order.answer.send(Err(OrderRefused::NoHardware))),
                    None => return,
                },
            }
        }
    };
    (Desk::new(watching, orders), refuse)
}
