//! Journal records in their final form: canonical, versioned, length-prefixed bytes, never migrated.
//!
//! | bytes | what |
//! | --- | --- |
//! | 1 | version, 1 |
//! | 8 | number, from 1 |
//! | 16 | id of the run (boot id) |
//! | 8 | monotonic time of that run, µs |
//! | 8 | wall time, µs since the Unix epoch |
//! | 1 | clock trust |
//! | 1 | severity |
//! | 4 + n | code |
//! | 4 + n | place |
//! | 4 + n | actor |
//! | 4, then 4 + n and 4 + n each | body: count, then key and value, sorted by key |
//! | 1, 32 | 0; or 1 and SHA-256(salt, personal data) |
//!
//! Whole numbers are big-endian; texts are UTF-8. Personal data itself lies in a side table of the store, so that
//! erasing a person leaves every record as it was. The leaf hash is RFC 6962's: SHA-256(0x00, bytes).

use std::collections::BTreeMap;

use sha2::{Digest, Sha256};

use super::{Mono, Now, PersonId, Wall};

const VERSION: u8 = 1;

/// Longest text in a record, bytes.
const TEXT_MAX: usize = 64 * 1024;

/// How far the wall clock is to be believed.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Trust {
    /// Synchronised, says the time service.
    Synchronised,
    /// Not synchronised, says the time service.
    Unsynchronised,
    /// No time service says; another one may well keep the clock.
    Unknown,
}

/// How much a record matters.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Severity {
    /// Something happened as it should.
    Info,
    /// Something to look at.
    Warning,
    /// Something failed.
    Error,
}

/// Key → value. Keys are ids; values are plain text.
pub type RecordBody = BTreeMap<String, String>;

/// A record on its way to the journal, which gives it its number.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct NewRecord {
    /// When it happened.
    pub now: Now,
    /// What happened: a stable dotted code, such as `device.offline`.
    pub code: &'static str,
    /// Where: an id of a device, door, room; empty for the hall.
    pub place: String,
    /// Who: `system`, or an account, person or local user by id.
    pub actor: String,
    /// How much it matters.
    pub severity: Severity,
    /// Details.
    pub body: RecordBody,
    /// Personal data; goes to the side table, the record keeps a salted commitment to it.
    pub personal: Option<PersonalData>,
}

/// Personal data of a record, and whose they are: erasing the person erases them.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct PersonalData {
    /// Whose.
    pub person: PersonId,
    /// The data.
    pub data: Vec<u8>,
}

/// A record of the journal.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Record {
    /// Its number, from 1, without a gap.
    pub seq: u64,
    /// The run that wrote it.
    pub run: [u8; 16],
    /// Monotonic time of that run.
    pub mono: Mono,
    /// Wall time.
    pub wall: Wall,
    /// Whether `wall` is to be believed.
    pub trust: Trust,
    /// How much it matters.
    pub severity: Severity,
    /// What happened.
    pub code: String,
    /// Where.
    pub place: String,
    /// Who.
    pub actor: String,
    /// Details.
    pub body: RecordBody,
    /// SHA-256(salt, personal data).
    pub commitment: Option<[u8; 32]>,
}

/// What tells a record from every other before it has its number: two of one moment, code, place and actor are the same.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct RecordId {
    /// Monotonic time of its run.
    pub mono: Mono,
    /// Wall time.
    pub wall: Wall,
    /// What happened.
    pub code: String,
    /// Where.
    pub place: String,
    /// Who.
    pub actor: String,
}

/// Bytes that are no record.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
pub enum BadRecord {
    /// A version that this program does not know.
    #[error("record version {0} is not known to this program")]
    Version(u8),
    /// Cut short, too long, not canonical.
    #[error("the bytes are not a record")]
    Form,
}

impl NewRecord {
    /// A record of the program itself, with an empty body.
    #[must_use]
    pub fn system(now: Now, code: &'static str, severity: Severity) -> Self {
        let (place, actor) = (String::new(), "system".to_owned());
        Self { now, code, place, actor, severity, body: RecordBody::new(), personal: None }
    }

    /// With a place.
    #[must_use]
    pub fn at(mut self, place: impl Into<String>) -> Self {
        self.place = place.into();
        self
    }

    /// With one more detail.
    #[must_use]
    pub fn with(mut self, key: &str, value: impl ToString) -> Self {
        self.body.insert(key.to_owned(), value.to_string());
        self
    }
}

impl Record {
    /// The canonical bytes.
    #[must_use]
    pub fn to_bytes(&self) -> Vec<u8> {
        let mut bytes = Vec::with_capacity(128);
        bytes.push(VERSION);
        bytes.extend(self.seq.to_be_bytes());
        bytes.extend(self.run);
        bytes.extend(self.mono.0.to_be_bytes());
        bytes.extend(self.wall.0.to_be_bytes());
        bytes.push(self.trust.code());
        bytes.push(self.severity.code());
        for text in [&self.code, &self.place, &self.actor] {
            put_text(&mut bytes, text);
        }
        bytes.extend(u32::try_from(self.body.len()).unwrap_or(u32::MAX).to_be_bytes());
        for (key, value) in &self.body {
            put_text(&mut bytes, key);
            put_text(&mut bytes, value);
        }
        bytes.push(u8::from(self.commitment.is_some()));
        bytes.extend(self.commitment.iter().flatten());
        bytes
    }

    /// Reads canonical bytes; anything else is refused.
    ///
    /// # Errors
    /// An unknown version, or bytes that `to_bytes` would not have written.
    pub fn from_bytes(bytes: &[u8]) -> Result<Self, BadRecord> {
        match bytes.first() {
            Some(&VERSION) => {}
            Some(version) => return Err(BadRecord::Version(*version)),
            None => return Err(BadRecord::Form),
        }
        let mut rest = Cursor(bytes.get(1..).unwrap_or_default());
        let record = rest.record().ok_or(BadRecord::Form)?;
        if rest.0.is_empty() && record.to_bytes() == bytes { Ok(record) } else { Err(BadRecord::Form) }
    }

    /// Beginnings of codes that tell what people did: who signed in, went through a door, changed what.
    pub const OF_PEOPLE: [&str; 11] = [
        "access.",
        "account.",
        "badge.",
        "delivery.",
        "holiday.",
        "people.",
        "person.",
        "presence.",
        "rule.",
        "schedule.",
        "visit.",
    ];

    /// Codes of the log itself that say who read it, gave it away, reviewed it or decided what is kept.
    pub const OF_THE_LOG: [&str; 6] =
        ["log.exported", "log.read", "log.reviewed", "log.hold", "log.hold.released", "log.pruned"];

    /// Whether it tells what people did. For who may read the journal alone.
    #[must_use]
    pub fn is_of_accounts(&self) -> bool {
        Self::OF_PEOPLE.iter().any(|begin| self.code.starts_with(begin))
            || Self::OF_THE_LOG.contains(&self.code.as_str())
    }

    /// What tells it from every other but its number.
    #[must_use]
    pub fn id(&self) -> RecordId {
        let Self { mono, wall, code, place, actor, .. } = self;
        let (code, place, actor) = (code.clone(), place.clone(), actor.clone());
        RecordId { mono: *mono, wall: *wall, code, place, actor }
    }

    /// RFC 6962's leaf hash over the canonical bytes.
    #[must_use]
    pub fn leaf_hash(bytes: &[u8]) -> [u8; 32] {
        Sha256::new().chain_update([0]).chain_update(bytes).finalize().into()
    }

    /// What a record keeps of personal data.
    #[must_use]
    pub fn commitment(salt: &[u8; 16], personal: &[u8]) -> [u8; 32] {
        Sha256::new().chain_update(salt).chain_update(personal).finalize().into()
    }
}

fn put_text(bytes: &mut Vec<u8>, text: &str) {
    let end = text.floor_char_boundary(TEXT_MAX);
    let text = text.get(..end).unwrap_or_default();
    bytes.extend(u32::try_from(text.len()).unwrap_or(u32::MAX).to_be_bytes());
    bytes.extend(text.as_bytes());
}

/// What is left of the bytes; every step is `None` when they run out.
struct Cursor<'b>(&'b [u8]);

impl Cursor<'_> {
    fn array<const N: usize>(&mut self) -> Option<[u8; N]> {
        let (head, rest) = self.0.split_first_chunk::<N>()?;
        self.0 = rest;
        Some(*head)
    }

    fn byte(&mut self) -> Option<u8> {
        self.array::<1>().map(|[byte]| byte)
    }

    fn text(&mut self) -> Option<String> {
        let length = usize::try_from(u32::from_be_bytes(self.array()?)).ok()?;
        let (head, rest) = self.0.split_at_checked(length)?;
        self.0 = rest;
        String::from_utf8(head.to_vec()).ok()
    }

    fn record(&mut self) -> Option<Record> {
        Some(Record {
            seq: u64::from_be_bytes(self.array()?),
            run: self.array()?,
            mono: Mono(u64::from_be_bytes(self.array()?)),
            wall: Wall(i64::from_be_bytes(self.array()?)),
            trust: Trust::from_code(self.byte()?)?,
            severity: Severity::from_code(self.byte()?)?,
            code: self.text()?,
            place: self.text()?,
            actor: self.text()?,
            body: self.body()?,
            commitment: match self.byte()? {
                0 => None,
                _ => Some(self.array()?),
            },
        })
    }

    fn body(&mut self) -> Option<RecordBody> {
        let count = u32::from_be_bytes(self.array()?);
        let mut body = RecordBody::new();
        for _ in 0..count {
            body.insert(self.text()?, self.text()?);
        }
        Some(body)
    }
}

impl Trust {
    fn code(self) -> u8 {
        match self {
            Self::Synchronised => 0,
            Self::Unsynchronised => 1,
            Self::Unknown => 2,
        }
    }

    fn from_code(code: u8) -> Option<Self> {
        [Self::Synchronised, Self::Unsynchronised, Self::Unknown].get(usize::from(code)).copied()
    }

    /// The word that the API carries.
    #[must_use]
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Synchronised => "synchronised",
            Self::Unsynchronised => "unsynchronised",
            Self::Unknown => "unknown",
        }
    }
}

impl Severity {
    fn code(self) -> u8 {
        match self {
            Self::Info => 0,
            Self::Warning => 1,
            Self::Error => 2,
        }
    }

    fn from_code(code: u8) -> Option<Self> {
        [Self::Info, Self::Warning, Self::Error].get(usize::from(code)).copied()
    }

    /// The word that the API carries.
    #[must_use]
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Info => "info",
            Self::Warning => "warning",
            Self::Error => "error",
        }
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    fn example() -> Record {
        Record {
            seq: 17,
            run: [7; 16],
            mono: Mono(1_500_000),
            wall: Wall(1_795_392_000_000_000),
            trust: Trust::Synchronised,
            severity: Severity::Warning,
            code: "device.offline".into(),
            place: "ups-a".into(),
            actor: "system".into(),
            body: [("reason".to_owned(), "timeout".to_owned())].into(),
            commitment: None,
        }
    }

    /// The form is for ever: these bytes were written by the first version.
    #[test]
    fn the_bytes_of_version_1_never_change() {
        let mut expected = vec![1, 0, 0, 0, 0, 0, 0, 0, 17];
        expected.extend([7; 16]);
        expected.extend([0, 0, 0, 0, 0, 0x16, 0xE3, 0x60]);
        expected.extend(1_795_392_000_000_000_i64.to_be_bytes());
        expected.extend([0, 1]);
        expected.extend(b"\0\0\0\x0Edevice.offline\0\0\0\x05ups-a\0\0\0\x06system");
        expected.extend(b"\0\0\0\x01\0\0\0\x06reason\0\0\0\x07timeout\0");
        assert_eq!(example().to_bytes(), expected);
    }

    #[test]
    fn a_record_with_a_trailing_byte_or_another_version_is_refused() {
        let mut bytes = example().to_bytes();
        bytes.push(0);
        assert_eq!(Record::from_bytes(&bytes), Err(BadRecord::Form));
        bytes.pop();
        bytes[0] = 2;
        assert_eq!(Record::from_bytes(&bytes), Err(BadRecord::Version(2)));
    }

    proptest! {
        #[test]
        fn records_survive_the_round_trip(
            seq: u64, wall: i64, code in ".*", body in proptest::collection::btree_map(".*", ".*", 0..5),
            commitment: Option<[u8; 32]>,
        ) {
            let record = Record { seq, wall: Wall(wall), code, body, commitment, ..example() };
            prop_assert_eq!(Record::from_bytes(&record.to_bytes()), Ok(record));
        }

        #[test]
        fn no_bytes_panic(bytes: Vec<u8>, version in 1..2_u8) {
            let bytes: Vec<u8> = std::iter::once(version).chain(bytes).collect();
            if let Ok(record) = Record::from_bytes(&bytes) {
                prop_assert_eq!(record.to_bytes(), bytes);
            }
        }
    }
}
