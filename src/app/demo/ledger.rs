//! What a past leaves: its records go into the journal at once, its samples into history some hours at a time, each of them
//! whole. History then puts them where they stay, instead of where the newest rows wait.
//!
//! Who calls it: `past`. What it holds back is bounded, and no more is handed over before history has what it was given.

use crate::{
    logic::live::Output,
    model::{NewRecord, Now, SampleRow},
    store::{Batch, History, Journal, StoreError, Write},
};

/// Values that wait for the end of their hour.
const ENOUGH: usize = 500_000;

/// An hour's rows are all there so long after its end, as history sees it; us.
const GRACE_US: i64 = 61_000_000;

const HOUR_US: i64 = 3_600_000_000;

/// See the module.
pub(super) struct Ledger<'d> {
    journal: &'d Journal,
    history: &'d History,
    waiting: Batch,
    values: usize,
    /// The hour that goes on.
    hour: i64,
}

impl<'d> Ledger<'d> {
    pub(super) fn new(journal: &'d Journal, history: &'d History) -> Self {
        Self { journal, history, waiting: Batch::default(), values: 0, hour: i64::MIN }
    }

    /// Keeps what a round has brought.
    ///
    /// # Errors
    /// What cannot be written.
    pub(super) async fn keep(&mut self, now: Now, outputs: &mut Vec<Output>) -> Result<(), StoreError> {
        let mut records: Vec<NewRecord> = Vec::new();
        for output in outputs.drain(..) {
            match output {
                Output::Row(row) => self.row(row),
                Output::State(state) => self.waiting.states.push(state),
                Output::Record(record) => records.push(*record),
                Output::Read(_) | Output::Linked(_) => {}
            }
        }
        if !records.is_empty() {
            self.journal.write(Write { records, rows: Vec::new() }).await?;
        }
        let hour = now.wall.0.saturating_sub(GRACE_US).div_euclid(HOUR_US);
        if hour != self.hour && self.values >= ENOUGH {
            self.hand_over().await?;
        }
        self.hour = hour;
        Ok(())
    }

    /// Hands over what waits.
    ///
    /// # Errors
    /// What history was given before cannot be written.
    pub(super) async fn hand_over(&mut self) -> Result<(), StoreError> {
        self.history.flush().await?;
        self.values = 0;
        // A writer that has stopped is told when history is closed.
        let _taken = self.history.put(std::mem::take(&mut self.waiting)).await;
        Ok(())
    }

    fn row(&mut self, row: SampleRow) {
        self.values += row.values.len();
        self.waiting.rows.push(row);
    }
}
