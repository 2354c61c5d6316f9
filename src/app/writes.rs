//! Writes to devices that people order, with their records: who asked for what and why is on disk before anything is
//! sent, and what became of it follows.
//!
//! Called by the control socket. Whether a value may be written is `logic::write`'s decision; the line writes once and
//! reads back. An order that has been recorded is carried out to its end, also if whoever gave it goes away; at the end
//! of a run those under way are waited for. An order whose record cannot be written is not carried out.
//!
//! | records | when |
//! | --- | --- |
//! | `point.write-refused` alone | the check says no |
//! | `point.write-asked`, then `point.written` | done, and read back where it can be |
//! | `point.write-asked`, then `point.write-failed` | not done, or not known to be |

use std::sync::Arc;

use tokio::sync::{Semaphore, broadcast, mpsc, oneshot, watch};
use tokio_util::sync::CancellationToken;
use tracing::error;

use crate::{
    bus::{Command, Lines, WriteError, Written},
    logic::write::{Refusal, checked},
    model::{Clock, DeviceKey, Id, NewRecord, Record, Severity, Snapshot, Value},
    store::{Journal, StoreError, Write},
};

/// Orders that are carried out at a time; more are told that it is busy.
const ORDERS: usize = 16;

/// The longest reason, characters.
pub const LONGEST_WHY: usize = 500;

/// What someone orders.
#[derive(Clone, Debug)]
pub struct Order {
    /// The device's id.
    pub device: String,
    /// The point's name.
    pub point: String,
    /// The value, as a person writes it.
    pub value: String,
    /// Its unit, to be checked.
    pub unit: Option<String>,
    /// Who orders it, for people.
    pub who: String,
    /// Who orders it, as an id.
    pub actor: String,
    /// Why.
    pub why: String,
}

/// Why nothing was written, or it is not known whether it was.
#[derive(Debug, thiserror::Error)]
pub enum NotWritten {
    /// There is no such device, or the order is no order.
    #[error("{0}")]
    NoOrder(String),
    /// It may not be written.
    #[error(transparent)]
    Refused(#[from] Refusal),
    /// The line or this service has too much to do.
    #[error("the line is busy; try again")]
    Busy,
    /// The order cannot be recorded, so that nothing was sent.
    #[error("nothing was written, because it cannot be recorded: {0}")]
    Unrecorded(StoreError),
    /// The device did not take it, or that is not known.
    #[error(transparent)]
    Failed(WriteError),
    /// The line stopped before it said what became of it.
    #[error("the line stopped: whether the device took it is not known")]
    Stopped,
}

/// Carries out orders.
pub struct Writes {
    /// The live state, and what is wired.
    pub(super) snapshot: watch::Receiver<Arc<Snapshot>>,
    /// The lines that run.
    pub(super) lines: watch::Receiver<Arc<Lines>>,
    pub(super) journal: Journal,
    pub(super) committed: broadcast::Sender<Arc<Record>>,
    /// Where a record goes that the journal does not take at once.
    pub(super) records: mpsc::Sender<NewRecord>,
    pub(super) clock: Arc<dyn Clock>,
    places: Arc<Semaphore>,
}

/// An order that was found to be allowed.
struct Allowed {
    line: Id,
    device: DeviceKey,
    point: usize,
    value: Value,
}

impl Writes {
    pub(super) fn new(
        snapshot: watch::Receiver<Arc<Snapshot>>,
        lines: watch::Receiver<Arc<Lines>>,
        journal: Journal,
        committed: broadcast::Sender<Arc<Record>>,
        records: mpsc::Sender<NewRecord>,
        clock: Arc<dyn Clock>,
    ) -> Self {
        let places = Arc::new(Semaphore::new(ORDERS));
        Self { snapshot, lines, journal, committed, records, clock, places }
    }

    /// Waits for `shutdown`, then for the orders under way; takes no more.
    pub(super) async fn run(self: Arc<Self>, shutdown: CancellationToken) {
        shutdown.cancelled().await;
        let all = u32::try_from(ORDERS).unwrap_or(u32::MAX);
        if let Ok(all) = self.places.acquire_many(all).await {
            all.forget();
        }
    }

    /// Checks, records, writes and records what became of it.
    ///
    /// # Errors
    /// Why it was not written, or that this is not known.
    pub async fn write(self: &Arc<Self>, order: Order) -> Result<Written, NotWritten> {
        let place = Arc::clone(&self.places).try_acquire_owned().map_err(|_| NotWritten::Busy)?;
        let writes = Arc::clone(self);
        let done = tokio::spawn(async move {
            let result = writes.carry_out(&order).await;
            drop(place);
            result
        });
        done.await.unwrap_or(Err(NotWritten::Stopped))
    }

    async fn carry_out(&self, order: &Order) -> Result<Written, NotWritten> {
        let allowed = match self.check(order) {
            Err(NotWritten::Refused(refusal)) => {
                let record = NewRecord::system(self.clock.now(), "point.write-refused", Severity::Warning);
                self.record(about(record, order).with("what", &refusal)).await;
                return Err(refusal.into());
            }
            other => other?,
        };
        let commands = self.lines.borrow().get(&allowed.line).map(|line| line.commands.clone());
        // A place in the line's queue first: what is recorded as asked is also sent.
        let place = commands.ok_or(NotWritten::Busy)?.try_reserve_owned().map_err(|_| NotWritten::Busy)?;
        let asked = NewRecord::system(self.clock.now(), "point.write-asked", Severity::Info);
        self.commit(about(asked, order)).await.map_err(NotWritten::Unrecorded)?;
        let (answer, answered) = oneshot::channel();
        let Allowed { device, point, value, .. } = allowed;
        place.send(Command::Write { device, point, value, answer });
        let result = match answered.await {
            Ok(result) => result.map_err(NotWritten::Failed),
            Err(_) => Err(NotWritten::Stopped),
        };
        self.record(self.outcome(order, &result)).await;
        result
    }

    fn check(&self, order: &Order) -> Result<Allowed, NotWritten> {
        let words = order.why.trim().chars().count();
        if words == 0 || words > LONGEST_WHY {
            let what = format!("why? A reason of 1 to {LONGEST_WHY} characters goes into the journal");
            return Err(NotWritten::NoOrder(what));
        }
        let plant = Arc::clone(&self.snapshot.borrow().plant);
        let found = super::tools::find_device(&plant, &order.device).map_err(NotWritten::NoOrder)?;
        let (ix, device, _) = found;
        let (point, value) = checked(device, &order.point, &order.value, order.unit.as_deref())?;
        let line = plant.site.lines.get(device.line).map(|line| line.id.clone());
        let (Some(line), Some(key)) = (line, plant.key(ix)) else { return Err(NotWritten::Busy) };
        Ok(Allowed { line, device: key, point, value })
    }

    fn outcome(&self, order: &Order, result: &Result<Written, NotWritten>) -> NewRecord {
        let now = self.clock.now();
        let (record, before, after) = match result {
            Ok(Written { before, after }) => {
                (NewRecord::system(now, "point.written", Severity::Info), before, after)
            }
            Err(what) => {
                let record = NewRecord::system(now, "point.write-failed", Severity::Error).with("what", what);
                match what {
                    NotWritten::Failed(WriteError::NotTaken { before, after }) => (record, before, after),
                    NotWritten::NoOrder(_)
                    | NotWritten::Refused(_)
                    | NotWritten::Busy
                    | NotWritten::Unrecorded(_)
                    | NotWritten::Failed(_)
                    | NotWritten::Stopped => (record, &None, &None),
                }
            }
        };
        about(record, order).with("before", shown(before.as_ref())).with("after", shown(after.as_ref()))
    }

    /// On disk when it returns.
    async fn commit(&self, record: NewRecord) -> Result<(), StoreError> {
        let write = Write { records: vec![record], rows: Vec::new() };
        self.journal.write_and_tell(write, &self.committed).await.map(drop)
    }

    /// On disk when it returns, or else handed to the recorder, which tries until it is.
    async fn record(&self, record: NewRecord) {
        if let Err(failed) = self.commit(record.clone()).await {
            error!(%failed, code = record.code, "a record of a write waits");
            // The queue is closed only at the end of the run.
            drop(self.records.send(record).await);
        }
    }
}

fn about(mut record: NewRecord, order: &Order) -> NewRecord {
    record.actor.clone_from(&order.actor);
    let value = match &order.unit {
        Some(unit) => format!("{} {unit}", order.value),
        None => order.value.clone(),
    };
    let record = record.at(order.device.as_str()).with("point", &order.point).with("value", value);
    record.with("who", &order.who).with("why", order.why.trim())
}

/// A value in a record; a dash where it is not known.
fn shown(value: Option<&Value>) -> String {
    match value {
        None => "–".to_owned(),
        Some(Value::Number(number)) => number.to_string(),
        Some(Value::Flag(flag)) => flag.to_string(),
        Some(Value::Word(text) | Value::Text(text)) => text.to_string(),
    }
}
