//! Rows of many groups, turned into columns on their way into spans: hot ones whose hour is over, and those that come when
//! theirs is over already (time passes faster than commits), which never become hot.
//!
//! Who calls it: compaction, and the writer's commit. A span never reaches over midnight UTC.

use std::{collections::BTreeMap, path::Path};

use rusqlite::{OptionalExtension, Transaction, params};

use crate::model::SampleRow;

use super::{
    super::error::Doing,
    StoreError,
    catalogue::Catalogue,
    compact::{DAY, is_over},
    milliseconds,
    packed::{self, Mark},
    span::{self, Stay},
};

/// See the module.
pub(super) struct Gathered<'c> {
    catalogue: &'c Catalogue,
    /// No row before this is hot any more, ms.
    hot_from: i64,
    /// By group and midnight.
    rows: BTreeMap<(i64, i64), Rows>,
}

/// Rows of one group and day, turned into columns, in the order in which they were written.
#[derive(Default)]
struct Rows {
    times: Vec<i64>,
    columns: Vec<Vec<Mark>>,
}

impl<'c> Gathered<'c> {
    /// None yet.
    pub(super) fn new(catalogue: &'c Catalogue) -> Self {
        Self { catalogue, hot_from: i64::MIN, rows: BTreeMap::new() }
    }

    /// Takes the hot rows before `end` away. Rows that cannot be understood are told and left out: they are of no use,
    /// and must not hold up the others for ever.
    pub(super) fn take_hot(
        &mut self,
        transaction: &Transaction<'_>,
        path: &Path,
        end: i64,
    ) -> Result<(), StoreError> {
        let sql = "SELECT time_ms, group_id, row FROM hot WHERE time_ms < ?1 ORDER BY time_ms";
        let mut statement = transaction.prepare_cached(sql).doing("read", path)?;
        let mut found = statement.query([end]).doing("read", path)?;
        while let Some(row) = found.next().doing("read", path)? {
            let time: i64 = row.get(0).doing("read", path)?;
            let group: i64 = row.get(1).doing("read", path)?;
            let bytes = row.get_ref(2).and_then(|bytes| Ok(bytes.as_blob()?)).doing("read", path)?;
            match self.catalogue.layout(group).and_then(|columns| packed::unpack(columns, bytes)) {
                Some(marks) => self.rows(group, time).push(time, marks.into_iter()),
                None => tracing::error!(time, group, "a hot row of history is damaged and was left out"),
            }
        }
        transaction.execute("DELETE FROM hot WHERE time_ms < ?1", [end]).doing("compact", path)?;
        self.hot_from = end;
        Ok(())
    }

    /// Adds a row. False: refused.
    pub(super) fn add(&mut self, row: &SampleRow) -> bool {
        let Some((group, columns)) = self.catalogue.group(row.group) else { return false };
        if columns.len() != row.values.len() {
            return false;
        }
        let marks = columns.iter().zip(&row.values).map(|(column, value)| packed::mark(*column, *value));
        let time = milliseconds(row.time);
        self.rows(group, time).push(time, marks);
        true
    }

    fn rows(&mut self, group: i64, time: i64) -> &mut Rows {
        self.rows.entry((group, time.div_euclid(DAY).saturating_mul(DAY))).or_default()
    }

    /// Writes a span for each group and day; for good, if the day is over at `now` and has no other rows to merge.
    pub(super) fn write(
        self,
        transaction: &Transaction<'_>,
        path: &Path,
        now: i64,
    ) -> Result<(), StoreError> {
        for ((group, midnight), rows) in self.rows {
            let all_here = midnight.saturating_add(DAY) <= self.hot_from;
            let whole = all_here && is_over(midnight, now) && !to_merge(transaction, path, group, midnight)?;
            let stay = if whole { Stay::ForGood } else { Stay::UntilMerged };
            let columns = self.catalogue.layout(group).unwrap_or_default();
            let rows = rows.in_order();
            let span = span::create(transaction, path, group, &rows.times, stay)?;
            for (position, (column, marks)) in columns.iter().zip(&rows.columns).enumerate() {
                span::add(transaction, path, span, position, *column, marks)?;
            }
        }
        Ok(())
    }
}

/// Whether spans of that group and day wait to be merged.
fn to_merge(
    transaction: &Transaction<'_>,
    path: &Path,
    group: i64,
    midnight: i64,
) -> Result<bool, StoreError> {
    let sql =
        "SELECT 1 FROM span WHERE group_id = ?1 AND first_ms >= ?2 AND first_ms < ?3 AND merged = 0 LIMIT 1";
    let mut statement = transaction.prepare_cached(sql).doing("read", path)?;
    let day = params![group, midnight, midnight.saturating_add(DAY)];
    Ok(statement.query_row(day, |_| Ok(())).optional().doing("read", path)?.is_some())
}

impl Rows {
    fn push(&mut self, time: i64, marks: impl ExactSizeIterator<Item = Mark>) {
        self.times.push(time);
        self.columns.resize_with(marks.len(), Vec::new);
        for (column, mark) in self.columns.iter_mut().zip(marks) {
            column.push(mark);
        }
    }

    /// The same in order of time.
    fn in_order(self) -> Self {
        if self.times.is_sorted_by(|one, next| one < next) {
            return self;
        }
        let order = order(&self.times);
        let columns = self.columns.iter().map(|marks| arrange(&order, marks));
        Self { columns: columns.collect(), times: arrange(&order, &self.times) }
    }
}

/// Where the rows are in order of time. Of two rows with the same time, which a clock set back may have made, the
/// later written one counts.
pub(super) fn order(times: &[i64]) -> Vec<usize> {
    let mut stamped: Vec<(i64, usize)> = times.iter().copied().zip(0..).collect();
    stamped.sort_unstable_by_key(|(time, at)| (*time, std::cmp::Reverse(*at)));
    stamped.dedup_by_key(|(time, _)| *time);
    stamped.into_iter().map(|(_, at)| at).collect()
}

/// What is at those places.
pub(super) fn arrange<T: Copy>(order: &[usize], all: &[T]) -> Vec<T> {
    order.iter().filter_map(|at| all.get(*at).copied()).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn rows_are_put_in_order_and_the_later_written_counts() {
        assert_eq!(order(&[10, 20, 30, 20, 25]), [0, 3, 4, 2]);
    }
}
