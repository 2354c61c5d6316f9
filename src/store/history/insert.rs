//! What a commit puts where: states into their table; rows of an hour that goes on among the hot ones; rows whose hour is
//! over already (time passes faster than commits) into spans at once, together with what of that time is hot.
//!
//! Who calls it: the writer. One call is one transaction.

use std::path::Path;

use rusqlite::{Connection, Transaction, TransactionBehavior, params};

use crate::model::{SampleRow, StateChange, Value};

use super::{
    super::error::Doing,
    Batch, StoreError,
    catalogue::{Catalogue, Kept},
    chunk::ROWS_MAX,
    compact::{beyond_a_step, over},
    gathered::Gathered,
    milliseconds,
    packed::{self, Mark},
    reader::form,
};

/// How many were taken; others were refused.
pub(super) struct Taken {
    pub(super) rows: u64,
    pub(super) states: u64,
}

/// Commits a batch at the time `now`, ms.
pub(super) fn insert(
    connection: &mut Connection,
    path: &Path,
    catalogue: &Catalogue,
    batch: &Batch,
    now: i64,
) -> Result<Taken, StoreError> {
    let transaction =
        connection.transaction_with_behavior(TransactionBehavior::Immediate).doing("write", path)?;
    let mut taken = Taken { rows: 0, states: 0 };
    let end = over(now);
    let is_past = |row: &SampleRow| milliseconds(row.time) < end;
    // More than a step of hot rows is upkeep's to compact, before what is written after them.
    let direct = batch.rows.iter().any(is_past) && beyond_a_step(&transaction, path, end)?.is_none();
    let (past, present): (Vec<_>, Vec<_>) = batch.rows.iter().partition(|row| direct && is_past(row));
    for rows in past.chunks(ROWS_MAX / 2) {
        let mut gathered = Gathered::new(catalogue);
        gathered.take_hot(&transaction, path, end)?;
        taken.rows += packed::count(rows.iter().filter(|row| gathered.add(row)).count());
        gathered.write(&transaction, path, now)?;
    }
    for row in present {
        taken.rows += u64::from(insert_row(&transaction, catalogue, row).doing("write", path)?);
    }
    for state in &batch.states {
        taken.states += u64::from(insert_state(&transaction, catalogue, state).doing("write", path)?);
    }
    transaction.commit().doing("write", path)?;
    Ok(taken)
}

/// Makes a row hot. False: refused.
fn insert_row(
    transaction: &Transaction<'_>,
    catalogue: &Catalogue,
    row: &SampleRow,
) -> Result<bool, rusqlite::Error> {
    let Some((group, columns)) = catalogue.group(row.group) else { return Ok(false) };
    if columns.len() != row.values.len() {
        return Ok(false);
    }
    let marks: Vec<Mark> = columns.iter().zip(&row.values).map(|(c, v)| packed::mark(*c, *v)).collect();
    let bytes = packed::pack(columns, &marks);
    let sql = "INSERT OR REPLACE INTO hot (time_ms, group_id, row) VALUES (?1, ?2, ?3)";
    transaction.prepare_cached(sql)?.execute(params![milliseconds(row.time), group, bytes])?;
    Ok(true)
}

/// False: refused.
fn insert_state(
    transaction: &Transaction<'_>,
    catalogue: &Catalogue,
    change: &StateChange,
) -> Result<bool, rusqlite::Error> {
    let Some(Kept::States(point)) = catalogue.point(change.point) else { return Ok(false) };
    let sql =
        "INSERT OR REPLACE INTO state (point, time_ms, quality, form, value) VALUES (?1, ?2, ?3, ?4, ?5)";
    let mut statement = transaction.prepare_cached(sql)?;
    let time = milliseconds(change.time);
    match &change.value {
        Ok(Value::Flag(flag)) => statement.execute(params![point, time, 0, form::FLAG, flag])?,
        Ok(Value::Word(word)) => statement.execute(params![point, time, 0, form::WORD, word])?,
        Ok(Value::Text(text)) => statement.execute(params![point, time, 0, form::TEXT, text])?,
        Ok(Value::Number(number)) => statement.execute(params![point, time, 0, form::NUMBER, number])?,
        Err(quality) => {
            let none: Option<u8> = None;
            statement.execute(params![point, time, quality.code(), none, none])?
        }
    };
    Ok(true)
}
