//! Which numbers in the file mean which points: by device id, point name and kind, so that a changed site file
//! finds again what was kept under another.
//!
//! Built when history is opened; afterwards nothing in it changes.

use std::{collections::HashMap, path::Path};

use hallward_profiles::Ratio;
use rusqlite::{Connection, OptionalExtension, Transaction, params};

use crate::model::{Column, Plant, PointRef, SampleGroup, ValueKind};

use super::{super::error::Doing, StoreError};

/// What is kept of the plant.
pub(super) struct Catalogue {
    /// For each of the groups that history was opened with: its id.
    groups: Vec<i64>,
    /// Every group in the file.
    layouts: HashMap<i64, Vec<Column>>,
    /// Every point of the plant.
    points: HashMap<PointRef, Kept>,
}

/// Where a point is kept.
#[derive(Debug, PartialEq)]
pub(super) enum Kept {
    /// In these places of groups.
    Numbers(Vec<Place>),
    /// In the table of states, under this id.
    States(i64),
}

/// One of a group's columns.
#[derive(Clone, Copy, Debug, PartialEq)]
pub(super) struct Place {
    pub(super) group: i64,
    /// From 0.
    pub(super) position: usize,
    pub(super) column: Column,
}

impl Catalogue {
    /// Enters what is new and reads the rest.
    pub(super) fn build(
        connection: &mut Connection,
        path: &Path,
        plant: &Plant,
        groups: &[SampleGroup],
    ) -> Result<Self, StoreError> {
        let transaction = connection.transaction().doing("write", path)?;
        let mut ids = Vec::with_capacity(groups.len());
        for (group, points) in groups.iter().enumerate() {
            let points = numbers(plant, points).ok_or(StoreError::BadGroup { group })?;
            ids.push(enter_group(&transaction, &points).doing("write", path)?);
        }
        let mut states = Vec::new();
        for (at, device, name, kind) in named(plant) {
            if kind == ValueKind::State {
                states.push((at, enter_point(&transaction, device, name, STATE).doing("write", path)?));
            }
        }
        let stored = stored_points(&transaction).doing("read", path)?;
        let layouts = stored_groups(&transaction).doing("read", path)?;
        transaction.commit().doing("write", path)?;
        let mut catalogue = Self { groups: ids, layouts: HashMap::new(), points: HashMap::new() };
        catalogue.points.extend(states.into_iter().map(|(at, id)| (at, Kept::States(id))));
        catalogue.arrange(plant, &stored, layouts);
        Ok(catalogue)
    }

    /// Finds every place of every number: the same point may lie in many groups and, after a change of its
    /// profile, in columns of different resolution.
    fn arrange(&mut self, plant: &Plant, stored: &HashMap<i64, Stored>, groups: Vec<(i64, Vec<i64>)>) {
        let mut places: HashMap<(&str, &str), Vec<Place>> = HashMap::new();
        for (group, points) in groups {
            let columns = points.iter().map(|point| stored.get(point).and_then(|point| point.column));
            let columns: Vec<Column> = columns.map(|column| column.unwrap_or(Column::Float)).collect();
            for (position, (point, column)) in points.iter().zip(&columns).enumerate() {
                if let Some(point) = stored.get(point) {
                    let found = places.entry((&point.device, &point.name)).or_default();
                    found.push(Place { group, position, column: *column });
                }
            }
            self.layouts.insert(group, columns);
        }
        for (at, device, name, kind) in named(plant) {
            if matches!(kind, ValueKind::Number(_)) {
                let found = places.get(&(device, name)).cloned().unwrap_or_default();
                self.points.insert(at, Kept::Numbers(found));
            }
        }
    }

    /// Id and columns of one of the groups that history was opened with.
    pub(super) fn group(&self, index: usize) -> Option<(i64, &[Column])> {
        let id = *self.groups.get(index)?;
        Some((id, self.layout(id)?))
    }

    /// The columns of a group in the file.
    pub(super) fn layout(&self, group: i64) -> Option<&[Column]> {
        self.layouts.get(&group).map(Vec::as_slice)
    }

    /// Where a point is kept.
    pub(super) fn point(&self, at: PointRef) -> Option<&Kept> {
        self.points.get(&at)
    }
}

const STATE: &str = "state";

/// Every point with its names.
fn named(plant: &Plant) -> impl Iterator<Item = (PointRef, &str, &str, ValueKind)> {
    plant.iter().flat_map(|(device_ix, device, info)| {
        info.iter().map(move |(point_ix, point)| {
            let at = PointRef { device: device_ix, point: point_ix };
            (at, device.id.as_str(), point.name.as_str(), point.kind)
        })
    })
}

/// A group's points by name; `None` if one of them is no number, or there is none.
fn numbers<'p>(plant: &'p Plant, group: &SampleGroup) -> Option<Vec<(&'p str, &'p str, Column)>> {
    let (device, info) = plant.device(group.device)?;
    let points = group.points.iter().map(|ix| match info.point(*ix) {
        Some(point) => match point.kind {
            ValueKind::Number(column) => Some((device.id.as_str(), point.name.as_str(), column)),
            ValueKind::State => None,
        },
        None => None,
    });
    points.collect::<Option<Vec<_>>>().filter(|points| !points.is_empty())
}

fn enter_point(
    transaction: &Transaction<'_>,
    device: &str,
    name: &str,
    kind: &str,
) -> Result<i64, rusqlite::Error> {
    let sql = "SELECT id FROM point WHERE device = ?1 AND name = ?2 AND kind = ?3";
    let found = transaction.prepare_cached(sql)?.query_row([device, name, kind], |row| row.get(0));
    if let Some(id) = found.optional()? {
        return Ok(id);
    }
    let sql = "INSERT INTO point (device, name, kind) VALUES (?1, ?2, ?3)";
    transaction.prepare_cached(sql)?.execute([device, name, kind])?;
    Ok(transaction.last_insert_rowid())
}

fn enter_group(
    transaction: &Transaction<'_>,
    points: &[(&str, &str, Column)],
) -> Result<i64, rusqlite::Error> {
    let mut ids = Vec::with_capacity(points.len());
    for (device, name, column) in points {
        ids.push(enter_point(transaction, device, name, &kind_of(*column))?.to_string());
    }
    let list = ids.join(",");
    let sql = "SELECT id FROM sample_group WHERE points = ?1";
    let found = transaction.prepare_cached(sql)?.query_row([&list], |row| row.get(0));
    if let Some(id) = found.optional()? {
        return Ok(id);
    }
    transaction.execute("INSERT INTO sample_group (points) VALUES (?1)", [&list])?;
    Ok(transaction.last_insert_rowid())
}

/// A point in the file.
struct Stored {
    device: String,
    name: String,
    /// `None` for states.
    column: Option<Column>,
}

fn stored_points(transaction: &Transaction<'_>) -> Result<HashMap<i64, Stored>, rusqlite::Error> {
    let mut statement = transaction.prepare("SELECT id, device, name, kind FROM point")?;
    let rows = statement.query_map(params![], |row| {
        let kind: String = row.get(3)?;
        Ok((row.get(0)?, Stored { device: row.get(1)?, name: row.get(2)?, column: column_of(&kind) }))
    })?;
    rows.collect()
}

/// Every group with the ids of its points.
fn stored_groups(transaction: &Transaction<'_>) -> Result<Vec<(i64, Vec<i64>)>, rusqlite::Error> {
    let mut statement = transaction.prepare("SELECT id, points FROM sample_group")?;
    let rows = statement.query_map(params![], |row| {
        let points: String = row.get(1)?;
        Ok((row.get(0)?, points.split(',').map(|id| id.parse().unwrap_or(0)).collect()))
    })?;
    rows.collect()
}

/// The text in column `kind`.
fn kind_of(column: Column) -> String {
    match column {
        Column::Ticks { scale, offset } => {
            format!("ticks {}/{} {offset:?}", scale.numerator, scale.denominator)
        }
        Column::Float => "float".to_owned(),
    }
}

/// What [`kind_of`] wrote; `None` for states.
fn column_of(kind: &str) -> Option<Column> {
    if kind == "float" {
        return Some(Column::Float);
    }
    let (ratio, offset) = kind.strip_prefix("ticks ")?.split_once(' ')?;
    let (numerator, denominator) = ratio.split_once('/')?;
    let scale = Ratio { numerator: numerator.parse().ok()?, denominator: denominator.parse().ok()? };
    Some(Column::Ticks { scale, offset: offset.parse().ok()? })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn kinds_of_columns_are_read_back() {
        let scale = Ratio { numerator: 1, denominator: 512 };
        for column in [Column::Float, Column::tenths(), Column::Ticks { scale, offset: -273.15 }] {
            assert_eq!(column_of(&kind_of(column)), Some(column));
        }
        assert_eq!(kind_of(Column::tenths()), "ticks 1/10 0.0");
        assert_eq!(column_of(STATE), None);
    }
}
