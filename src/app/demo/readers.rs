//! The simulated hall's badge readers, without a wire: what they read goes to the doors' task, what they are to show to them.
//! They are always there and always secure: what happens on a wire is OSDP's, and is told in real time alone.

use std::{sync::Arc, time::Duration};

use hallward_simulator::{Colour, Feedback as Shown, Flash, Hall, Read, Side as HallSide};
use tokio::sync::mpsc;

use crate::{
    app::{ReaderTask, StartReader},
    model::{CardBits, DoorReport, Feedback, ReaderEvent, ReaderOrder, ReaderRef, Side},
};

const SECOND: Duration = Duration::from_secs(1);

/// Each reader of the hall.
pub(super) fn in_memory(hall: &Arc<Hall>) -> StartReader {
    let hall = Arc::clone(hall);
    Arc::new(move |reader, orders, reports| -> ReaderTask {
        Box::pin(serve(Arc::clone(&hall), reader, orders, reports))
    })
}

async fn serve(
    hall: Arc<Hall>,
    reader: ReaderRef,
    mut orders: mpsc::Receiver<ReaderOrder>,
    reports: mpsc::Sender<DoorReport>,
) {
    let Some(door) = hall.site().doors.get(usize::from(reader.door.0)).map(|door| door.id.to_string()) else {
        return;
    };
    let side = match reader.side {
        Side::Entry => HallSide::Entry,
        Side::Exit => HallSide::Exit,
    };
    let Some(simulated) = hall.reader(&door, side) else { return };
    simulated.connected(true, true);
    let online = ReaderEvent::Online { secure: true, identity: None };
    if reports.send(DoorReport::Reader(reader, online)).await.is_err() {
        return;
    }
    loop {
        tokio::select! {
            read = simulated.next() => {
                let event = match read {
                    Read::Card(card) => match CardBits::new(card.bits, &card.bytes) {
                        Some(card) => ReaderEvent::Card(card),
                        None => ReaderEvent::Unreadable(format!("{} bits", card.bits)),
                    },
                    Read::Keys(keys) => ReaderEvent::Keys(keys),
                };
                if reports.send(DoorReport::Reader(reader, event)).await.is_err() {
                    return;
                }
            }
            order = orders.recv() => match order {
                Some(ReaderOrder::Show(feedback)) => show(feedback).into_iter().for_each(|one| simulated.show(one)),
                Some(ReaderOrder::Pair(_)) => {
                    let told = ReaderEvent::PairingFailed("a reader in memory has no key".to_owned());
                    if reports.send(DoorReport::Reader(reader, told)).await.is_err() {
                        return;
                    }
                }
                None => return,
            },
        }
    }
}

/// As the readers on wires show it.
fn show(feedback: Feedback) -> Vec<Shown> {
    let steady = |colour| Shown::Light(Flash { on: colour, ..Flash::default() });
    let flash = |on, off| Flash { on, off, on_time: SECOND / 2, off_time: SECOND / 2 };
    match feedback {
        Feedback::Idle => vec![steady(Colour::Red), Shown::Quiet],
        Feedback::Granted => {
            vec![Shown::LightFor(Flash { on: Colour::Green, ..Flash::default() }, SECOND * 3)]
        }
        Feedback::Denied => {
            let red = Shown::LightFor(flash(Colour::Red, Colour::Off), SECOND * 2);
            vec![red, Shown::Buzz { on: SECOND / 5, off: SECOND / 5, times: 3 }]
        }
        Feedback::Pin => vec![Shown::Light(flash(Colour::Amber, Colour::Off))],
        Feedback::HeldWarning => vec![Shown::Buzz { on: SECOND / 5, off: SECOND, times: 0 }],
        Feedback::Held => {
            vec![
                Shown::Light(flash(Colour::Red, Colour::Off)),
                Shown::Buzz { on: SECOND, off: SECOND, times: 0 },
            ]
        }
        Feedback::Lockdown => vec![Shown::Light(flash(Colour::Red, Colour::Blue)), Shown::Quiet],
        Feedback::Free => vec![steady(Colour::Green), Shown::Quiet],
        Feedback::Fault => vec![Shown::Light(flash(Colour::Amber, Colour::Red)), Shown::Quiet],
    }
}
