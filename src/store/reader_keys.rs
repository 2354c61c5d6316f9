//! Pairings of readers: one for each place, its key sealed. Whoever hears that a reader was paired writes one, with the
//! record that tells of it; the start reads them all.

use rusqlite::{Connection, Row as Found, Transaction, params};

use super::{JournalReader, Seal, StoreError, error::Doing};
use crate::model::{Id, Pairing, ReaderAbility, ReaderIdentity, ReaderKey, Side};

/// A pairing as it is kept.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct KeptPairing {
    /// The door.
    pub door: Id,
    /// On which side of it.
    pub side: Side,
    /// Who the reader said it is.
    pub identity: ReaderIdentity,
    /// What it said it can do.
    pub abilities: Vec<ReaderAbility>,
    sealed: Vec<u8>,
}

impl KeptPairing {
    /// Seals a pairing for its place.
    ///
    /// # Errors
    /// The system gives no random numbers.
    pub fn seal(seal: &Seal, door: &Id, side: Side, pairing: &Pairing) -> Result<Self, StoreError> {
        Ok(Self {
            door: door.clone(),
            side,
            identity: pairing.identity.clone(),
            abilities: pairing.abilities.clone(),
            sealed: seal.close(&context(door, side), pairing.key.bytes())?,
        })
    }

    /// Opens it again.
    ///
    /// # Errors
    /// It was sealed under another key, or is damaged: the reader must be paired again.
    pub fn open(&self, seal: &Seal) -> Result<Pairing, StoreError> {
        let key = seal.open(&context(&self.door, self.side), &self.sealed)?;
        let key = key.as_slice().try_into().map_err(|_| StoreError::Sealed)?;
        Ok(Pairing {
            key: ReaderKey::new(key),
            identity: self.identity.clone(),
            abilities: self.abilities.clone(),
        })
    }
}

/// Where a key belongs.
fn context(door: &Id, side: Side) -> String {
    format!("reader/{door}/{side}")
}

impl JournalReader {
    /// All pairings.
    ///
    /// # Errors
    /// The database cannot be read, or holds what this program would not have written.
    pub async fn pairings(&self) -> Result<Vec<KeptPairing>, StoreError> {
        self.pool.run(|connection, path| read(connection).doing("read", path)).await
    }
}

fn read(connection: &Connection) -> Result<Vec<KeptPairing>, rusqlite::Error> {
    connection.prepare("SELECT * FROM reader_key ORDER BY door, side")?.query_map([], pairing)?.collect()
}

fn pairing(row: &Found<'_>) -> Result<KeptPairing, rusqlite::Error> {
    let (door, side): (String, String) = (row.get("door")?, row.get("side")?);
    let abilities: Vec<u8> = row.get("abilities")?;
    let wrong = |column| super::registry::wrong(column);
    Ok(KeptPairing {
        door: door.parse().map_err(|_| wrong(0))?,
        side: [Side::Entry, Side::Exit]
            .into_iter()
            .find(|one| one.as_str() == side)
            .ok_or_else(|| wrong(1))?,
        identity: ReaderIdentity {
            vendor: row.get("vendor")?,
            model: row.get("model")?,
            serial: row.get("serial")?,
            firmware: row.get("firmware")?,
        },
        abilities: abilities
            .as_chunks::<3>()
            .0
            .iter()
            .map(|[function, compliance, count]| ReaderAbility {
                function: *function,
                compliance: *compliance,
                count: *count,
            })
            .collect(),
        sealed: row.get("sealed")?,
    })
}

/// Writes a pairing in the place of the one before.
pub(super) fn put(transaction: &Transaction<'_>, kept: &KeptPairing) -> Result<(), rusqlite::Error> {
    let KeptPairing { door, side, identity, abilities, sealed } = kept;
    let abilities: Vec<u8> =
        abilities.iter().flat_map(|one| [one.function, one.compliance, one.count]).collect();
    let sql =
        "INSERT OR REPLACE INTO reader_key (door, side, sealed, vendor, model, serial, firmware, abilities)
        VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8)";
    let values = params![
        door.as_str(),
        side.as_str(),
        sealed,
        identity.vendor,
        identity.model,
        identity.serial,
        identity.firmware,
        abilities
    ];
    transaction.prepare_cached(sql)?.execute(values).map(drop)
}

/// Forgets the pairing of a place.
pub(super) fn remove(transaction: &Transaction<'_>, door: &Id, side: Side) -> Result<(), rusqlite::Error> {
    let sql = "DELETE FROM reader_key WHERE door = ?1 AND side = ?2";
    transaction.prepare_cached(sql)?.execute(params![door.as_str(), side.as_str()]).map(drop)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::{
        model::{Mono, Now, Trust, Wall},
        store::{Journal, Row, Write},
    };

    const NOW: Now = Now { mono: Mono(7), wall: Wall(1_780_290_000_000_000), trust: Trust::Synchronised };

    fn pairing(key: u8) -> Pairing {
        let identity = ReaderIdentity {
            vendor: "00068e".to_owned(),
            model: 3,
            serial: u32::MAX,
            firmware: "1.2.3".to_owned(),
        };
        let abilities = vec![ReaderAbility { function: 4, compliance: 2, count: 1 }];
        Pairing { key: ReaderKey::new([key; 16]), identity, abilities }
    }

    #[tokio::test]
    async fn a_pairing_is_kept_sealed_replaced_and_forgotten() {
        let folder = tempfile::tempdir().unwrap();
        let seal =
            Seal::new(&crate::store::KeyFolders::of(folder.path()).key(crate::store::KeyName::Seal).unwrap())
                .unwrap();
        let path = folder.path().join("core.db");
        let (journal, _) = Journal::open(&path, None, [7; 16], NOW).unwrap();
        let door: Id = "front".parse().unwrap();
        let kept = |side, key| KeptPairing::seal(&seal, &door, side, &pairing(key)).unwrap();
        let write = async |rows| journal.write(Write { records: Vec::new(), rows }).await.unwrap();
        write(vec![
            Row::ReaderKey(Box::new(kept(Side::Entry, 1))),
            Row::ReaderKey(Box::new(kept(Side::Exit, 2))),
        ])
        .await;
        write(vec![Row::ReaderKey(Box::new(kept(Side::Entry, 0xA7)))]).await;
        let all = journal.reader().pairings().await.unwrap();
        let opened: Vec<_> = all.iter().map(|one| (one.side, one.open(&seal).unwrap())).collect();
        assert_eq!(opened, [(Side::Entry, pairing(0xA7)), (Side::Exit, pairing(2))]);
        let moved = KeptPairing { side: Side::Exit, ..all[0].clone() };
        assert!(moved.open(&seal).is_err(), "a key is of its place");
        write(vec![Row::ReaderKeyOver(door.clone(), Side::Entry)]).await;
        assert_eq!(journal.reader().pairings().await.unwrap().len(), 1);
        journal.close().await.unwrap();
        let bytes = std::fs::read(&path).unwrap();
        assert!(!bytes.windows(16).any(|part| part == [0xA7; 16]), "no key stands in the file");
    }
}
