//! Reading history: one point over a time, from hot rows and spans alike.

use std::{path::Path, sync::Arc};

use rusqlite::{Connection, OptionalExtension, params};
use tokio::sync::watch;

use crate::model::{PointRef, Quality, Value, Wall};

use super::{
    super::{error::Doing, pool::Pool},
    Series, StoreError,
    catalogue::{Catalogue, Kept, Place},
    milliseconds, milliseconds_from, packed,
    series::Gathering,
    span::{self, damaged},
    wall,
};

/// Reads history. Cheap to clone; goes on reading when history is closed.
#[derive(Clone)]
pub struct HistoryReader {
    pool: Pool,
    catalogue: watch::Receiver<Arc<Catalogue>>,
}

/// Which point, and when.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct RangeQuery {
    /// The point.
    pub point: PointRef,
    /// From this time on.
    pub from: Wall,
    /// Before this time.
    pub to: Wall,
    /// For numbers: into how many buckets they go if there are more than twice as many; 1 to 2000, others are
    /// taken for the nearest of these. `None`: every sample, up to 100 000.
    pub buckets: Option<u32>,
}

impl HistoryReader {
    pub(super) fn new(pool: Pool, catalogue: watch::Receiver<Arc<Catalogue>>) -> Self {
        Self { pool, catalogue }
    }

    /// A point's values over a time.
    ///
    /// # Errors
    /// The point is none of the plant's; too many samples without buckets; the database cannot be read or is
    /// damaged.
    pub async fn range(&self, query: RangeQuery) -> Result<Series, StoreError> {
        let catalogue = Arc::clone(&self.catalogue.borrow());
        self.pool.run(move |connection, path| range(connection, path, &catalogue, &query)).await
    }
}

fn range(
    connection: &Connection,
    path: &Path,
    catalogue: &Catalogue,
    query: &RangeQuery,
) -> Result<Series, StoreError> {
    // One view of the file: compaction may move rows meanwhile.
    let view = connection.unchecked_transaction().doing("read", path)?;
    match catalogue.point(query.point) {
        Some(Kept::States(id)) => states(&view, path, *id, query),
        Some(Kept::Numbers(places)) => {
            let mut gathering = Gathering::new(query);
            for place in places {
                compacted(&view, path, *place, query, &mut gathering)?;
                hot(&view, path, catalogue, *place, query, &mut gathering)?;
            }
            Ok(gathering.finish())
        }
        None => Err(StoreError::UnknownPoint),
    }
}

fn compacted(
    view: &Connection,
    path: &Path,
    place: Place,
    query: &RangeQuery,
    gathering: &mut Gathering,
) -> Result<(), StoreError> {
    let (from, to) = (milliseconds_from(query.from), milliseconds_from(query.to));
    let sql = "SELECT id, row_count, merged FROM span WHERE group_id = ?1 AND first_ms < ?3 AND last_ms >= ?2
        ORDER BY id";
    for span in span::find(view, path, sql, [place.group, from, to])? {
        let times = span::times(view, path, span)?;
        let marks = span::values(view, path, span, place.position, place.column)?;
        for (time, mark) in times.into_iter().zip(marks) {
            if (from..to).contains(&time) {
                gathering.add(wall(time), packed::value(place.column, mark))?;
            }
        }
    }
    Ok(())
}

fn hot(
    view: &Connection,
    path: &Path,
    catalogue: &Catalogue,
    place: Place,
    query: &RangeQuery,
    gathering: &mut Gathering,
) -> Result<(), StoreError> {
    let columns = catalogue.layout(place.group).unwrap_or_default();
    let sql = "SELECT time_ms, row FROM hot WHERE time_ms >= ?1 AND time_ms < ?2 AND group_id = ?3";
    let mut statement = view.prepare_cached(sql).doing("read", path)?;
    let range = params![milliseconds_from(query.from), milliseconds_from(query.to), place.group];
    let mut rows = statement.query(range).doing("read", path)?;
    while let Some(row) = rows.next().doing("read", path)? {
        let time = row.get(0).doing("read", path)?;
        let bytes = row.get_ref(1).and_then(|bytes| Ok(bytes.as_blob()?)).doing("read", path)?;
        let marks = packed::unpack(columns, bytes);
        let mark = marks.and_then(|marks| marks.get(place.position).copied());
        let mark = mark.ok_or_else(|| damaged(path, "hot row", time))?;
        gathering.add(wall(time), packed::value(place.column, mark))?;
    }
    Ok(())
}

fn states(view: &Connection, path: &Path, point: i64, query: &RangeQuery) -> Result<Series, StoreError> {
    let sql = "SELECT max(time_ms) FROM state WHERE point = ?1 AND time_ms <= ?2";
    let in_force = view.query_row(sql, params![point, milliseconds(query.from)], |row| row.get(0));
    let in_force: Option<i64> = in_force.optional().doing("read", path)?.flatten();
    let first = in_force.unwrap_or_else(|| milliseconds_from(query.from));
    let sql =
        "SELECT time_ms, quality, form, value FROM state WHERE point = ?1 AND time_ms >= ?2 AND time_ms < ?3
        ORDER BY time_ms";
    let mut statement = view.prepare_cached(sql).doing("read", path)?;
    let range = params![point, first, milliseconds_from(query.to)];
    let mut rows = statement.query(range).doing("read", path)?;
    let mut states = Vec::new();
    while let Some(row) = rows.next().doing("read", path)? {
        let time = row.get(0).doing("read", path)?;
        let state = state(row).doing("read", path)?.ok_or_else(|| damaged(path, "state", time))?;
        states.push((wall(time), state));
    }
    Ok(Series::States(states))
}

/// The form of a state's value, as the table has it.
pub(super) mod form {
    pub(in super::super) const FLAG: u8 = 1;
    pub(in super::super) const WORD: u8 = 2;
    pub(in super::super) const TEXT: u8 = 3;
    pub(in super::super) const NUMBER: u8 = 4;
}

fn state(row: &rusqlite::Row<'_>) -> Result<Option<Result<Value, Quality>>, rusqlite::Error> {
    let Some(quality) = Quality::from_code(row.get(1)?) else { return Ok(None) };
    let form: Option<u8> = row.get(2)?;
    Ok(match form {
        None => Some(Err(quality)),
        Some(form::FLAG) => Some(Ok(Value::Flag(row.get(3)?))),
        Some(form::WORD) => Some(Ok(Value::Word(row.get(3)?))),
        Some(form::TEXT) => Some(Ok(Value::Text(row.get(3)?))),
        Some(form::NUMBER) => Some(Ok(Value::Number(row.get(3)?))),
        Some(_) => None,
    })
}
