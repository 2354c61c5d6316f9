//! The file of an export: records with all that it takes to check them without us, in one zip file.
//!
//! | member | what |
//! | --- | --- |
//! | `README.txt` | what this is, what it proves and what not |
//! | `records.jsonl` | a line for each record, `{"record":BASE64}`, with `salt` and `personal` where they are told; and between them a line for each subtree that stands for records left out, `{"left_out":LEVEL,"hash":BASE64}` |
//! | `checkpoints.txt` | signed checkpoints; the newest stands for all lines of `records.jsonl` |
//! | `key.txt` | the public key |
//! | `about.json` | who made it when and why, and what was asked for |
//! | `verify.py` | checks the file |
//!
//! Records and subtrees together lead to the root of the newest checkpoint: they are the proof of inclusion of every record
//! at once. Where no subtree stands between two records, none is missing there.

use std::{
    fs::File,
    io::{BufWriter, Write},
    path::Path,
};

use data_encoding::BASE64;
use rusqlite::{Connection, params_from_iter};
use serde_json::{Value, json};
use zip::{CompressionMethod, ZipWriter, write::SimpleFileOptions};

use super::super::{
    JournalFilter, JournalReader, StoreError, error::Doing, journal_reader::conditions,
    journal_writer::signed,
};
use crate::{
    logic::evidence::{Frontier, Subtree, subtrees},
    model::{PersonId, Record},
};

/// The most records of an export.
const MOST: u64 = 1_000_000;

/// The most checkpoints that go with them; the newest.
const CHECKPOINTS: u32 = 10_000;

const README: &str = include_str!("README.txt");
const VERIFY: &str = include_str!("../../../docs/verify.py");

/// Which records.
#[derive(Clone, Debug, Default)]
pub struct Excerpt {
    /// Which ones; `limit` and `newest_first` count for nothing.
    pub filter: JournalFilter,
    /// Only those that name this person.
    pub person: Option<PersonId>,
    /// With personal data.
    pub with_personal: bool,
    /// The size of the checkpoint that stands for it.
    pub size: u64,
}

/// What goes with the records.
#[derive(Clone, Debug)]
pub struct Archive {
    /// What `about.json` says.
    pub about: Value,
    /// The public key.
    pub key: String,
}

/// What came to be in it.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Extract {
    /// How many records.
    pub records: u64,
    /// The first one's number.
    pub first: Option<u64>,
    /// The last one's.
    pub last: Option<u64>,
    /// Whether every record between them is there.
    pub is_contiguous: bool,
}

impl JournalReader {
    /// Writes the records and their proof into a new file.
    ///
    /// # Errors
    /// The database cannot be read, the file not written; too many records.
    pub async fn extract(
        &self,
        excerpt: Excerpt,
        archive: Archive,
        file: File,
        file_path: std::path::PathBuf,
    ) -> Result<Extract, StoreError> {
        self.pool
            .run(move |connection, path| {
                let writing = Writing { connection, path, file_path: &file_path };
                writing.all(&excerpt, &archive, file)
            })
            .await
    }
}

struct Writing<'w> {
    connection: &'w Connection,
    path: &'w Path,
    file_path: &'w Path,
}

type Zip = ZipWriter<BufWriter<File>>;

impl Writing<'_> {
    fn all(&self, excerpt: &Excerpt, archive: &Archive, file: File) -> Result<Extract, StoreError> {
        // One moment of the database, however long the writing takes.
        let moment = self.connection.unchecked_transaction().doing("read", self.path)?;
        let mut zip = ZipWriter::new(BufWriter::new(file));
        self.member(&mut zip, "README.txt", README)?;
        self.member(&mut zip, "verify.py", VERIFY)?;
        self.member(&mut zip, "key.txt", &format!("{}\n", archive.key))?;
        self.begin(&mut zip, "records.jsonl")?;
        let extract = self.records(&mut zip, excerpt)?;
        let from = extract.first.map_or(excerpt.size, |first| first - 1);
        self.member(&mut zip, "checkpoints.txt", &self.checkpoints(from, excerpt.size)?)?;
        self.member(&mut zip, "about.json", &format!("{:#}\n", archive.about))?;
        let file = zip.finish().map_err(std::io::Error::from).doing("write", self.file_path)?;
        let file = file.into_inner().map_err(std::io::Error::from).doing("write", self.file_path)?;
        file.sync_all().doing("write", self.file_path)?;
        moment.finish().doing("read", self.path)?;
        Ok(extract)
    }

    fn begin(&self, zip: &mut Zip, name: &str) -> Result<(), StoreError> {
        let options =
            SimpleFileOptions::default().compression_method(CompressionMethod::Deflated).large_file(true);
        zip.start_file(name, options).map_err(std::io::Error::from).doing("write", self.file_path)
    }

    fn member(&self, zip: &mut Zip, name: &str, text: &str) -> Result<(), StoreError> {
        self.begin(zip, name)?;
        zip.write_all(text.as_bytes()).doing("write", self.file_path)
    }

    fn line(&self, zip: &mut Zip, line: &Value) -> Result<(), StoreError> {
        writeln!(zip, "{line}").doing("write", self.file_path)
    }

    fn records(&self, zip: &mut Zip, excerpt: &Excerpt) -> Result<Extract, StoreError> {
        let (only, mut parameters) = conditions(&excerpt.filter);
        parameters.push(Box::new(signed(excerpt.size)));
        // Where the log goes on under another id, everyone must know.
        let sql = format!(
            "SELECT record.seq, bytes, salt, data FROM record LEFT JOIN personal USING (seq)
             WHERE ((true{only}) OR code = 'log.rollback_suspected') AND record.seq <= ? ORDER BY record.seq"
        );
        let mut statement = self.connection.prepare(&sql).doing("read", self.path)?;
        let mut rows = statement.query(params_from_iter(parameters)).doing("read", self.path)?;
        let mut extract = Extract { is_contiguous: true, ..Extract::default() };
        let mut at = 0;
        while let Some(row) = rows.next().doing("read", self.path)? {
            let number = super::number(row, 0).doing("read", self.path)?;
            let bytes: Vec<u8> = row.get(1).doing("read", self.path)?;
            if excerpt.person.is_some_and(|person| !names(&bytes, person)) {
                continue;
            }
            self.left_out(zip, at, number - 1, extract.first.is_none())?;
            extract.is_contiguous &= extract.first.is_none() || at == number - 1;
            let mut line = json!({ "record": BASE64.encode(&bytes) });
            let personal: Option<(Vec<u8>, Vec<u8>)> =
                row.get(2).and_then(|salt: Option<_>| Ok(salt.zip(row.get(3)?))).doing("read", self.path)?;
            if let (true, Some((salt, data)), Some(line)) =
                (excerpt.with_personal, personal, line.as_object_mut())
            {
                line.insert("salt".to_owned(), BASE64.encode(&salt).into());
                line.insert("personal".to_owned(), BASE64.encode(&data).into());
            }
            self.line(zip, &line)?;
            at = number;
            extract.first.get_or_insert(number);
            extract.last = Some(number);
            extract.records += 1;
            if extract.records > MOST {
                return Err(StoreError::TooManyRecords { limit: MOST });
            }
        }
        self.left_out(zip, at, excerpt.size, extract.first.is_none())?;
        Ok(extract)
    }

    /// What stands for the records behind `from` up to `to`.
    fn left_out(&self, zip: &mut Zip, from: u64, to: u64, at_start: bool) -> Result<(), StoreError> {
        let told =
            |subtree: Subtree| json!({ "left_out": subtree.level, "hash": BASE64.encode(&subtree.hash) });
        if at_start {
            // From a frontier that is kept near: the records themselves may be gone.
            let tree = super::frontier(self.connection, self.path, to)?;
            return tree.peaks().try_for_each(|peak| self.line(zip, &told(peak)));
        }
        for (start, level) in subtrees(from, to) {
            let sql = "SELECT leaf FROM record WHERE seq > ?1 AND seq <= ?2 ORDER BY seq";
            let mut statement = self.connection.prepare_cached(sql).doing("read", self.path)?;
            let end = start.saturating_add(1 << level);
            let mut rows = statement.query([signed(start), signed(end)]).doing("read", self.path)?;
            let mut tree = Frontier::default();
            while let Some(row) = rows.next().doing("read", self.path)? {
                tree.push(row.get(0).doing("read", self.path)?);
            }
            self.line(zip, &told(Subtree { level, hash: tree.root() }))?;
        }
        Ok(())
    }

    fn checkpoints(&self, from: u64, to: u64) -> Result<String, StoreError> {
        let sql = "SELECT note FROM (SELECT size, note FROM checkpoint WHERE size >= ?1 AND size <= ?2
                   ORDER BY size DESC LIMIT ?3) ORDER BY size";
        let mut statement = self.connection.prepare(sql).doing("read", self.path)?;
        let parameters = [signed(from), signed(to), i64::from(CHECKPOINTS)];
        let notes =
            statement.query_map(parameters, |row| row.get::<_, String>(0)).doing("read", self.path)?;
        Ok(notes.collect::<Result<Vec<_>, _>>().doing("read", self.path)?.join("\n"))
    }
}

/// Whether a record names a person: as its actor, its place or in its body.
fn names(bytes: &[u8], person: PersonId) -> bool {
    let person = person.to_string();
    Record::from_bytes(bytes).is_ok_and(|record| {
        record.actor == person
            || record.place == person
            || record.body.values().any(|value| *value == person)
            || record.code == "log.rollback_suspected"
    })
}
