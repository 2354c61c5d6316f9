//! Checks a log, or an export of it, against every checkpoint that is known: record by record, in the order of numbers.
//!
//! `cli` feeds it. What it can find: a record whose bytes are not those that its leaf was made of; a number that is missing,
//! out of order or not the record's own; personal data that is not what the record committed to; and, by a checkpoint, any
//! change that somebody made good in the database itself, and a tail that was cut off.

use super::{Checkpoint, Frontier, Hash, Subtree};
use crate::model::Record;

/// The most problems that are told one by one.
const TOLD: usize = 100;

/// The record after which a log goes on under another id.
const ROLLBACK: &str = "log.rollback_suspected";

/// A checkpoint that was found somewhere, signed by the log's key.
#[derive(Clone, Debug)]
pub struct Known {
    /// The checkpoint.
    pub checkpoint: Checkpoint,
    /// Whether it was kept outside of what is checked.
    pub external: bool,
    /// Where it was found.
    pub source: String,
}

/// Something that should not be.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Problem {
    /// The first record that it concerns.
    pub number: u64,
    /// What, in a sentence.
    pub what: String,
}

/// The log itself tells that records of it may have been lost.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Rollback {
    /// The record that tells it.
    pub number: u64,
    /// The log's id until then.
    pub before: String,
    /// How many records a known checkpoint of that id stands for, if they are more than are here.
    pub lost_to: Option<u64>,
}

/// What was found.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Report {
    /// How many records were read.
    pub records: u64,
    /// The first one's number.
    pub first: Option<u64>,
    /// The last one's.
    pub last: Option<u64>,
    /// How many records the tree stands for, with those that are left out.
    pub size: u64,
    /// The root, unless records are missing.
    pub root: Option<Hash>,
    /// Whether none is left out between the first and the last.
    pub is_contiguous: bool,
    /// Checkpoints that fit.
    pub fitting: u64,
    /// Checkpoints of which nothing can be said: their end lies in what is left out.
    pub unsaid: u64,
    /// The size of the newest external checkpoint that fits.
    pub anchored: Option<u64>,
    /// The size of the newest external checkpoint that lies behind the end of an excerpt.
    pub later: Option<u64>,
    /// Suspected rollbacks of which the log tells.
    pub rollbacks: Vec<Rollback>,
    /// What is wrong; the first hundred.
    pub problems: Vec<Problem>,
    /// How many things are wrong.
    pub problem_count: u64,
}

/// See the module.
pub struct Verifier {
    tree: Frontier,
    /// By size.
    known: Vec<Known>,
    /// The first of them that is not passed.
    next: usize,
    /// The largest size that fitted.
    fitted: u64,
    /// The last number that was passed.
    at: u64,
    /// Records are missing: no root can be found from here on.
    is_broken: bool,
    /// A checkpoint did not fit.
    is_unfit: bool,
    /// Something is left out behind the last record.
    has_gap: bool,
    /// Whether what is checked is a part, which may end before the log does.
    is_excerpt: bool,
    report: Report,
}

impl Verifier {
    /// A whole log, which should reach as far as every checkpoint.
    #[must_use]
    pub fn of_log(known: Vec<Known>) -> Self {
        Self::new(known, false)
    }

    /// An export, which may have been made before an external checkpoint.
    #[must_use]
    pub fn of_excerpt(known: Vec<Known>) -> Self {
        Self::new(known, true)
    }

    fn new(mut known: Vec<Known>, is_excerpt: bool) -> Self {
        known.sort_by_key(|known| known.checkpoint.size);
        let report = Report { is_contiguous: true, ..Report::default() };
        Self {
            tree: Frontier::default(),
            known,
            next: 0,
            fitted: 0,
            at: 0,
            is_broken: false,
            is_unfit: false,
            has_gap: false,
            is_excerpt,
            report,
        }
    }

    /// Something wrong that was found outside.
    pub fn tell(&mut self, number: u64, what: impl Into<String>) {
        self.report.problem_count += 1;
        if self.report.problems.len() < TOLD {
            self.report.problems.push(Problem { number, what: what.into() });
        }
    }

    /// Records that are left out stand as a subtree.
    pub fn left_out(&mut self, subtree: Subtree) {
        self.has_gap = self.report.last.is_some();
        let first = self.at + 1;
        self.at = self.at.saturating_add(subtree.leaves());
        if !self.is_broken && !self.tree.push_subtree(subtree) {
            self.is_broken = true;
            self.tell(first, "what is left out here cannot stand here");
        }
        self.compare();
    }

    /// The next record: its number by where it stands, its bytes, its leaf if one is stored, its personal data if any is left.
    pub fn record(
        &mut self,
        number: u64,
        bytes: &[u8],
        leaf: Option<&[u8]>,
        personal: Option<(&[u8], &[u8])>,
    ) {
        self.report.records += 1;
        self.report.is_contiguous &= !self.has_gap;
        let expected = self.at + 1;
        if number > expected {
            self.is_broken = true;
            self.tell(expected, missing(expected, number - 1));
        } else if number < expected {
            self.is_broken = true;
            self.tell(number, format!("record {number} stands behind record {}", self.at));
        }
        self.at = self.at.max(number);
        self.report.first.get_or_insert(number);
        self.report.last = Some(self.at);
        let own = bytes.get(1..9).and_then(|number| number.try_into().ok()).map(u64::from_be_bytes);
        if own != Some(number) {
            let own = own.map_or("none".to_owned(), |own| own.to_string());
            self.tell(number, format!("record {number} carries the number {own}"));
        }
        let hash = Record::leaf_hash(bytes);
        let mut pushed = hash;
        if let Some(leaf) = leaf.filter(|leaf| *leaf != hash) {
            self.tell(
                number,
                format!("record {number} was changed: its bytes are not those that were written"),
            );
            // The stored leaf may be the true one: then the roots still fit, and tell that nothing else was changed.
            pushed = leaf.try_into().unwrap_or(hash);
        }
        if let Some((salt, data)) = personal {
            self.personal(number, bytes, salt, data);
        }
        if !self.is_broken {
            self.tree.push(pushed);
        }
        if code(bytes) == Some(ROLLBACK.as_bytes()) {
            self.rolled_back(number, bytes);
        }
        self.compare();
    }

    fn personal(&mut self, number: u64, bytes: &[u8], salt: &[u8], data: &[u8]) {
        let committed = Record::from_bytes(bytes).ok().and_then(|record| record.commitment);
        let salt: Option<&[u8; 16]> = salt.try_into().ok();
        if committed.is_none() || committed != salt.map(|salt| Record::commitment(salt, data)) {
            self.tell(number, format!("the personal data of record {number} is not what was written"));
        }
    }

    fn rolled_back(&mut self, number: u64, bytes: &[u8]) {
        let record = Record::from_bytes(bytes).ok();
        if let Some(before) = record.and_then(|record| record.body.get("log_before").cloned()) {
            self.report.rollbacks.push(Rollback { number, before, lost_to: None });
        }
    }

    /// Compares the tree with the checkpoints of its size; those before it were in what is left out.
    fn compare(&mut self) {
        while let Some(known) = self.known.get(self.next).filter(|known| known.checkpoint.size <= self.at) {
            self.next += 1;
            let Checkpoint { origin, size, root } = &known.checkpoint;
            let (size, external) = (*size, known.external);
            if let Some(rollback) =
                self.report.rollbacks.iter_mut().find(|rollback| rollback.before == *origin)
            {
                rollback.lost_to = rollback.lost_to.max(Some(size));
            } else if size < self.at || self.is_broken {
                self.report.unsaid += 1;
            } else if self.tree.root() == *root {
                self.report.fitting += 1;
                self.fitted = size;
                if external {
                    self.report.anchored = Some(size);
                }
            } else if !self.is_unfit {
                // Whatever comes behind does not fit either, and says nothing new.
                self.is_unfit = true;
                let (first, source) = (self.fitted + 1, known.source.clone());
                let what = format!(
                    "records {first} to {size} are not those that the checkpoint of {size} in {source} stands for"
                );
                self.tell(first, what);
            }
        }
    }

    /// What was found.
    #[must_use]
    pub fn finish(mut self) -> Report {
        let mut missing_to = None;
        for known in self.known.get(self.next..).unwrap_or_default() {
            let Checkpoint { origin, size, .. } = &known.checkpoint;
            if let Some(rollback) =
                self.report.rollbacks.iter_mut().find(|rollback| rollback.before == *origin)
            {
                rollback.lost_to = rollback.lost_to.max(Some(*size));
            } else if self.is_excerpt && known.external {
                self.report.later = Some(*size);
            } else {
                missing_to = Some((*size, known.source.clone()));
            }
        }
        if let Some((size, source)) = missing_to {
            let what = missing(self.at + 1, size);
            self.tell(self.at + 1, format!("{what}: the checkpoint of {size} in {source} stands for them"));
        }
        if self.is_excerpt && self.fitted < self.at && !self.is_unfit && !self.is_broken {
            let (first, last) = (self.fitted + 1, self.at);
            self.tell(first, format!("no checkpoint stands for records {first} to {last}"));
        }
        self.report.size = self.at;
        self.report.root = (!self.is_broken).then(|| self.tree.root());
        self.report
    }
}

impl Report {
    /// Whether nothing is wrong.
    #[must_use]
    pub fn is_whole(&self) -> bool {
        self.problem_count == 0
    }
}

/// The code in a record's bytes, which stands behind version, number, run, times, trust and severity.
fn code(bytes: &[u8]) -> Option<&[u8]> {
    let (length, rest) = bytes.get(43..)?.split_first_chunk::<4>()?;
    rest.get(..usize::try_from(u32::from_be_bytes(*length)).ok()?)
}

fn missing(first: u64, last: u64) -> String {
    if first == last {
        format!("record {first} is missing")
    } else {
        format!("records {first} to {last} are missing")
    }
}

#[cfg(test)]
#[path = "verify_tests.rs"]
mod tests;
