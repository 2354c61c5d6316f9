//! The journal's writer thread: takes what waits, commits it as one transaction, answers each.

use std::{
    fs::File,
    path::{Path, PathBuf},
    sync::Arc,
};

use rusqlite::{Connection, OptionalExtension, Transaction, TransactionBehavior, params};
use tokio::sync::{Notify, mpsc, oneshot};

use crate::{
    logic::evidence::{Frontier, Hash},
    model::{NewRecord, Now, PersonalData, Record, Wall},
};

use super::{
    PreviousRun, Row, StoreError, Write, commanded, cursors, doors, error::Doing, evidence, registry,
};

/// The most writes that share a commit.
const GROUP: usize = 256;

type Answer = oneshot::Sender<Result<Vec<u64>, StoreError>>;

/// What the thread is asked for.
pub(super) enum Job {
    Write(Write, Answer),
    /// The tree over what is committed.
    Frontier(oneshot::Sender<Frontier>),
    /// Answered when the database is closed and its lock released.
    Close(oneshot::Sender<()>),
    #[cfg(test)]
    Do(Box<dyn FnOnce(&mut Writer) + Send>),
}

pub(super) struct Writer {
    pub(super) connection: Connection,
    path: PathBuf,
    /// Id of this run, in its records.
    run: [u8; 16],
    /// Number of this run's row.
    run_number: i64,
    last_seq: u64,
    /// The tree over all records.
    tree: Frontier,
    /// Told of each commit that failed.
    pub(super) failed: Arc<Notify>,
    /// Declared last: released when the connection is closed already.
    _lock: File,
}

impl Writer {
    /// Enters this run, and tells the newest record's number and the run before.
    pub(super) fn begin(
        connection: Connection,
        lock: File,
        path: &Path,
        run: [u8; 16],
        now: Now,
    ) -> Result<(Self, u64, Option<PreviousRun>), StoreError> {
        let last_seq = last_seq(&connection).doing("read", path)?;
        let previous = previous_run(&connection).doing("read", path)?;
        let tree = evidence::frontier(&connection, path, u64::MAX)?;
        let sql = "INSERT INTO run (id, started_us, last_alive_us) VALUES (?1, ?2, ?2)";
        connection.execute(sql, params![run, now.wall.0]).doing("write", path)?;
        let run_number = connection.last_insert_rowid();
        let path = path.to_owned();
        let failed = Arc::default();
        let writer = Self { connection, path, run, run_number, last_seq, tree, failed, _lock: lock };
        Ok((writer, last_seq, previous))
    }

    /// Works until it is told to close, or nobody is left who could tell.
    pub(super) fn run(mut self, mut queue: mpsc::Receiver<Job>) {
        while let Some(job) = queue.blocking_recv() {
            let mut next = Some(job);
            let (mut writes, mut answers) = (Vec::new(), Vec::new());
            while let Some(Job::Write(write, answer)) = next {
                writes.push(write);
                answers.push(answer);
                next = if writes.len() < GROUP { queue.try_recv().ok() } else { None };
            }
            if !writes.is_empty() {
                self.commit_and_answer(&writes, answers);
            }
            match next {
                Some(Job::Close(answer)) => {
                    drop(self);
                    // Nobody may wait for the answer any more; that is all right.
                    answer.send(()).ok();
                    return;
                }
                Some(Job::Frontier(answer)) => drop(answer.send(self.tree.clone())),
                #[cfg(test)]
                Some(Job::Do(deed)) => deed(&mut self),
                Some(Job::Write(..)) | None => {}
            }
        }
    }

    fn commit_and_answer(&mut self, writes: &[Write], answers: Vec<Answer>) {
        match self.commit(writes) {
            Ok(numbers) => {
                for (answer, numbers) in answers.into_iter().zip(numbers) {
                    answer.send(Ok(numbers)).ok();
                }
            }
            Err(error) => {
                tracing::error!(%error, writes = writes.len(), "nothing of a group of writes was committed");
                // Asked afresh: what failed in its very last step may be there all the same.
                self.last_seq = last_seq(&self.connection).unwrap_or(self.last_seq);
                if let Ok(tree) = evidence::frontier(&self.connection, &self.path, u64::MAX) {
                    self.tree = tree;
                }
                self.failed.notify_one();
                for answer in answers {
                    answer.send(Err(error.clone())).ok();
                }
            }
        }
    }

    /// Commits all or nothing. `last_seq` moves on only with a commit.
    fn commit(&mut self, writes: &[Write]) -> Result<Vec<Vec<u64>>, StoreError> {
        let salts = salts(writes).map_err(StoreError::Random)?;
        let begun = self.connection.transaction_with_behavior(TransactionBehavior::Immediate);
        let transaction = begun.doing("write", &self.path)?;
        let ids = (self.run, self.run_number);
        let (numbers, leaves) =
            insert_all(&transaction, writes, salts, ids, self.last_seq).doing("write", &self.path)?;
        transaction.commit().doing("write", &self.path)?;
        for leaf in leaves {
            self.last_seq += 1;
            self.tree.push(leaf);
        }
        Ok(numbers)
    }
}

/// A salt for each record with personal data.
fn salts(writes: &[Write]) -> Result<Vec<[u8; 16]>, getrandom::Error> {
    let records = writes.iter().flat_map(|write| &write.records);
    let salt = |_| {
        let mut salt = [0; 16];
        getrandom::fill(&mut salt).map(|()| salt)
    };
    records.filter(|record| record.personal.is_some()).map(salt).collect()
}

/// Tells each write's numbers, and the leaves of all.
fn insert_all(
    transaction: &Transaction<'_>,
    writes: &[Write],
    salts: Vec<[u8; 16]>,
    (run, run_number): ([u8; 16], i64),
    mut seq: u64,
) -> Result<(Vec<Vec<u64>>, Vec<Hash>), rusqlite::Error> {
    let mut salts = salts.into_iter();
    let mut leaves = Vec::new();
    let mut numbers = Vec::with_capacity(writes.len());
    for write in writes {
        let first = seq + 1;
        for record in &write.records {
            seq += 1;
            let personal = record.personal.as_ref().and_then(|personal| Some((salts.next()?, personal)));
            leaves.push(insert(transaction, record, seq, run, personal)?);
        }
        for row in &write.rows {
            apply(transaction, row, run_number, seq)?;
        }
        numbers.push((first..=seq).collect());
    }
    Ok((numbers, leaves))
}

/// SQLite's whole numbers are signed; 2^63 records are out of reach.
pub(super) fn signed(number: u64) -> i64 {
    i64::try_from(number).unwrap_or(i64::MAX)
}

fn last_seq(connection: &Connection) -> Result<u64, rusqlite::Error> {
    // Every record may have been pruned.
    let sql = "SELECT max(seq) FROM (SELECT seq FROM record UNION ALL SELECT size FROM pruned)";
    let last: Option<i64> = connection.query_row(sql, [], |row| row.get(0))?;
    Ok(last.and_then(|seq| u64::try_from(seq).ok()).unwrap_or(0))
}

fn previous_run(connection: &Connection) -> Result<Option<PreviousRun>, rusqlite::Error> {
    let sql =
        "SELECT started_us, last_alive_us, stopped_us IS NOT NULL FROM run ORDER BY number DESC LIMIT 1";
    let run = connection.query_row(sql, [], |row| {
        let (started, last_alive) = (Wall(row.get(0)?), Wall(row.get(1)?));
        Ok(PreviousRun { started, last_alive, clean: row.get(2)? })
    });
    run.optional()
}

fn insert(
    transaction: &Transaction<'_>,
    new: &NewRecord,
    seq: u64,
    run: [u8; 16],
    personal: Option<([u8; 16], &PersonalData)>,
) -> Result<Hash, rusqlite::Error> {
    let record = Record {
        seq,
        run,
        mono: new.now.mono,
        wall: new.now.wall,
        trust: new.now.trust,
        severity: new.severity,
        code: new.code.to_owned(),
        place: new.place.clone(),
        actor: new.actor.clone(),
        body: new.body.clone(),
        commitment: personal.as_ref().map(|(salt, personal)| Record::commitment(salt, &personal.data)),
    };
    let bytes = record.to_bytes();
    let sql = "INSERT INTO record (seq, bytes, leaf, code, place, wall_us) VALUES (?1, ?2, ?3, ?4, ?5, ?6)";
    let leaf = Record::leaf_hash(&bytes);
    let row = params![signed(seq), bytes, leaf, record.code, record.place, record.wall.0];
    transaction.prepare_cached(sql)?.execute(row)?;
    if let Some((salt, PersonalData { person, data })) = personal {
        let sql = "INSERT INTO personal (seq, salt, data, person) VALUES (?1, ?2, ?3, ?4)";
        transaction.prepare_cached(sql)?.execute(params![signed(seq), salt, data, person.0.get()])?;
    }
    Ok(leaf)
}

/// `seq` is the number of the newest record, of this write if it has any.
fn apply(transaction: &Transaction<'_>, row: &Row, run_number: i64, seq: u64) -> Result<(), rusqlite::Error> {
    let (sql, now) = match row {
        Row::Evidence(row) => return evidence::apply(transaction, row, seq),
        Row::RunAlive(now) => ("UPDATE run SET last_alive_us = ?2 WHERE number = ?1", now),
        Row::RunStopped(now) => ("UPDATE run SET last_alive_us = ?2, stopped_us = ?2 WHERE number = ?1", now),
        Row::Door(row) => return doors::write(transaction, row),
        Row::Cursor(receiver, seq) => return cursors::write(transaction, receiver, *seq),
        Row::Commanded(commander, newest) => return commanded::write(transaction, commander, *newest),
        Row::Person(_)
        | Row::Account(_)
        | Row::Session(_)
        | Row::SessionOver(_)
        | Row::Token(_)
        | Row::TokenOver(_)
        | Row::Link(_)
        | Row::LinkOver(_)
        | Row::ReaderKey(_)
        | Row::ReaderKeyOver(..)
        | Row::Rule(..)
        | Row::Access(_) => return registry::apply(transaction, row),
    };
    transaction.prepare_cached(sql)?.execute(params![run_number, now.wall.0])?;
    Ok(())
}
