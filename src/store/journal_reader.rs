//! Reading the journal: pages of records by number, time, code and place.

use std::path::Path;

use rusqlite::{Connection, ToSql, params_from_iter};

use crate::model::{Record, RecordId, Wall};

use super::{StoreError, error::Doing, journal_writer::signed, pool::Pool};

/// The most records in a page.
const PAGE: usize = 1000;

/// Reads the journal. Cheap to clone; goes on reading when the journal is closed.
#[derive(Clone)]
pub struct JournalReader {
    pub(super) pool: Pool,
}

/// Which records, and how many.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct JournalFilter {
    /// Only records with higher numbers.
    pub after: Option<u64>,
    /// Only records with lower numbers.
    pub before: Option<u64>,
    /// Only this code; one that ends with `.` or `*` means all codes that begin with it (`door.`, `door*`).
    pub code: Option<String>,
    /// Only this place.
    pub place: Option<String>,
    /// Only from this time on.
    pub from: Option<Wall>,
    /// Only before this time.
    pub to: Option<Wall>,
    /// Only what happened to the hall and the program: nothing of what people did.
    pub without_accounts: bool,
    /// The most records; 1 to 1000, others are taken for the nearest of these.
    pub limit: usize,
    /// Highest number first, instead of lowest.
    pub newest_first: bool,
}

impl JournalFilter {
    /// Whether it takes records of this code.
    #[must_use]
    pub fn takes_code(&self, code: &str) -> bool {
        self.code.as_deref().is_none_or(|wanted| match prefix(wanted) {
            Some(prefix) => code.starts_with(prefix),
            None => code == wanted,
        })
    }
}

/// What codes must begin with, where all that begin so are meant.
fn prefix(code: &str) -> Option<&str> {
    code.strip_suffix('*').or_else(|| code.ends_with('.').then_some(code))
}

impl JournalReader {
    pub(super) fn new(pool: Pool) -> Self {
        Self { pool }
    }

    /// One page of records in order of their numbers. The next page is asked for `after` (or `before`) its last.
    ///
    /// # Errors
    /// The database cannot be read, or holds bytes that are no record.
    pub async fn page(&self, filter: JournalFilter) -> Result<Vec<Record>, StoreError> {
        self.pool.run(move |connection, path| page(connection, path, &filter)).await
    }

    /// Whether such a record is there, under whatever number.
    ///
    /// # Errors
    /// The database cannot be read.
    pub async fn has(&self, wanted: RecordId) -> Result<bool, StoreError> {
        let filter = JournalFilter {
            code: Some(wanted.code.clone()),
            place: Some(wanted.place.clone()),
            from: Some(wanted.wall),
            to: Some(Wall(wanted.wall.0.saturating_add(1))),
            limit: 1000,
            ..JournalFilter::default()
        };
        let found = self.page(filter).await?;
        Ok(found.iter().any(|record| record.id() == wanted))
    }
}

fn page(connection: &Connection, path: &Path, filter: &JournalFilter) -> Result<Vec<Record>, StoreError> {
    let (sql, parameters) = query(filter);
    let mut statement = connection.prepare_cached(&sql).doing("read", path)?;
    let mut rows = statement.query(params_from_iter(parameters)).doing("read", path)?;
    let mut records = Vec::new();
    while let Some(row) = rows.next().doing("read", path)? {
        let seq: i64 = row.get(0).doing("read", path)?;
        let bytes: Vec<u8> = row.get(1).doing("read", path)?;
        match Record::from_bytes(&bytes) {
            Ok(record) if signed(record.seq) == seq => records.push(record),
            Ok(_) => return Err(damaged(path, seq, "another record's number")),
            Err(error) => return Err(damaged(path, seq, &error.to_string())),
        }
    }
    Ok(records)
}

fn damaged(path: &Path, seq: i64, what: &str) -> StoreError {
    StoreError::Corrupt { path: path.to_owned(), what: format!("record {seq}: {what}") }
}

fn query(filter: &JournalFilter) -> (String, Vec<Box<dyn ToSql>>) {
    let (only, mut parameters) = conditions(filter);
    let order = if filter.newest_first { "DESC" } else { "ASC" };
    parameters.push(Box::new(signed(u64::try_from(filter.limit.clamp(1, PAGE)).unwrap_or(1))));
    (format!("SELECT seq, bytes FROM record WHERE true{only} ORDER BY seq {order} LIMIT ?"), parameters)
}

/// What a filter asks of a record, each beginning with `AND`, and its parameters.
pub(super) fn conditions(filter: &JournalFilter) -> (String, Vec<Box<dyn ToSql>>) {
    let mut sql = String::new();
    if filter.without_accounts {
        // What follows a point in the alphabet is a stroke.
        for begin in Record::OF_PEOPLE {
            let end = begin.replace('.', "/");
            sql.push_str(&format!(" AND NOT (code >= '{begin}' AND code < '{end}')"));
        }
        let log = Record::OF_THE_LOG.join("', '");
        sql.push_str(&format!(" AND code NOT IN ('{log}')"));
    }
    let mut parameters: Vec<Box<dyn ToSql>> = Vec::new();
    let mut only = |condition: &str, parameter: Box<dyn ToSql>| {
        sql.push_str(" AND ");
        sql.push_str(condition);
        parameters.push(parameter);
    };
    if let Some(after) = filter.after {
        only("seq > ?", Box::new(signed(after)));
    }
    if let Some(before) = filter.before {
        only("seq < ?", Box::new(signed(before)));
    }
    if let Some(code) = &filter.code {
        if let Some(prefix) = prefix(code) {
            only("code >= ?", Box::new(prefix.to_owned()));
            only("code < ?", Box::new(format!("{prefix}{}", char::MAX)));
        } else {
            only("code = ?", Box::new(code.clone()));
        }
    }
    if let Some(place) = &filter.place {
        only("place = ?", Box::new(place.clone()));
    }
    if let Some(from) = filter.from {
        only("wall_us >= ?", Box::new(from.0));
    }
    if let Some(to) = filter.to {
        only("wall_us < ?", Box::new(to.0));
    }
    (sql, parameters)
}
