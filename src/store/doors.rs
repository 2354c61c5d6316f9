//! What doors remember over a restart, in `core.db`: written with the records that tell of it, read once at the start.

use rusqlite::{Connection, Transaction, params, types::Type};
use serde::{Serialize, de::DeserializeOwned};

use super::{JournalReader, StoreError, error::Doing};
use crate::model::{DoorStanding, PersonId, Presence};

/// A change of it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum DoorRow {
    /// How a door stands.
    Standing(DoorStanding),
    /// Where somebody is.
    Presence(Presence),
    /// Somebody is outside, or forgotten.
    Gone(PersonId),
}

/// All of it, as it was left.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct LeftDoors {
    /// How doors stood.
    pub standings: Vec<DoorStanding>,
    /// Where people were.
    pub presences: Vec<Presence>,
}

impl JournalReader {
    /// How doors were left.
    ///
    /// # Errors
    /// The database cannot be read, or holds what this program would not have written.
    pub async fn left_doors(&self) -> Result<LeftDoors, StoreError> {
        self.pool.run(|connection, path| read(connection).doing("read", path)).await
    }
}

fn read(connection: &Connection) -> Result<LeftDoors, rusqlite::Error> {
    let standings = all(connection, "SELECT content FROM door_standing ORDER BY door")?;
    Ok(LeftDoors { standings, presences: all(connection, "SELECT content FROM presence ORDER BY person")? })
}

fn all<T: DeserializeOwned>(connection: &Connection, sql: &str) -> Result<Vec<T>, rusqlite::Error> {
    let wrong =
        |error: serde_json::Error| rusqlite::Error::FromSqlConversionFailure(0, Type::Text, Box::new(error));
    let mut statement = connection.prepare(sql)?;
    let rows = statement.query_map([], |row| row.get::<_, String>(0))?;
    rows.map(|text| serde_json::from_str(&text?).map_err(wrong)).collect()
}

/// Changes one row.
pub(super) fn write(transaction: &Transaction<'_>, row: &DoorRow) -> Result<(), rusqlite::Error> {
    match row {
        DoorRow::Standing(standing) => {
            let sql = "INSERT OR REPLACE INTO door_standing (door, content) VALUES (?1, ?2)";
            transaction.prepare_cached(sql)?.execute(params![standing.door.as_str(), json(standing)?])?;
        }
        DoorRow::Presence(presence) => {
            let sql = "INSERT OR REPLACE INTO presence (person, content) VALUES (?1, ?2)";
            transaction.prepare_cached(sql)?.execute(params![presence.person.0.get(), json(presence)?])?;
        }
        DoorRow::Gone(person) => {
            let sql = "DELETE FROM presence WHERE person = ?1";
            transaction.prepare_cached(sql)?.execute([person.0.get()])?;
        }
    }
    Ok(())
}

fn json(value: &impl Serialize) -> Result<String, rusqlite::Error> {
    serde_json::to_string(value).map_err(|error| rusqlite::Error::ToSqlConversionFailure(Box::new(error)))
}
