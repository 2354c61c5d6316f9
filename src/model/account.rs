//! Persons, their accounts, and what stands for them towards the pages and the API: sessions, tokens, one-time links.
//!
//! Secrets are here as hashes alone, but for a second factor's, of which codes are worked out: it lies in the database as it is,
//! which a key encrypts. Names, birth dates and telephone numbers are personal data: they are in the
//! registry, never in records, topics or logs; there a person is an id.

use std::{fmt, num::NonZeroU32};

use chrono::NaiveDate;
use serde::{Deserialize, Serialize};

use super::{Rights, Role, Wall};

/// A person's number; written `p7`.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
pub struct PersonId(pub NonZeroU32);

/// A token's or display's number; written `t3`.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct TokenId(pub NonZeroU32);

/// SHA-256 of a secret that its holder shows.
pub type SecretHash = [u8; 32];

/// Somebody.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Person {
    /// Its number, never given again.
    pub id: PersonId,
    /// The name, as people say it.
    pub name: String,
    /// Born on this day, if that is known: no password may contain it.
    pub born: Option<NaiveDate>,
    /// The telephone number, if it is known: no password may contain it.
    pub phone: Option<String>,
}

/// A person's account; each person has one at most (R-ACCOUNT).
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Account {
    /// Whose.
    pub person: PersonId,
    /// What the person types at sign-in: an id, unique among accounts that have not ended.
    pub sign_in: String,
    /// What it is for.
    pub role: Role,
    /// When it was made.
    pub made: Wall,
    /// From when on it no longer counts, if that is set.
    pub ends: Option<Wall>,
    /// The password's hash (Argon2id, PHC string); none until the person has chosen one.
    pub password: Option<String>,
    /// When that was chosen.
    pub password_set: Option<Wall>,
    /// Whether it must be chosen anew before anything else.
    pub must_change: bool,
    /// Wrong tries in a row, the oldest first; as many as lock it, at most.
    pub wrong: Vec<Wall>,
    /// Locked after wrong tries, since then; no timer unlocks it (R-LOCKOUT).
    pub locked: Option<Wall>,
    /// Suspended since then (R-IDLE).
    pub suspended: Option<Wall>,
    /// Last used, or else made or restored.
    pub used: Wall,
    /// The second factor's secret, once the person has confirmed it.
    pub totp: Option<Vec<u8>>,
    /// The newest step whose code was taken: none counts twice.
    pub totp_step: u64,
    /// What it may be used for from another machine, if it may (R-REMOTE).
    pub remote: Option<String>,
    /// Ended for good since then (R-LEAVER).
    pub ended: Option<Wall>,
}

/// A browser that somebody signed in with.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Session {
    /// Its number.
    pub id: i64,
    /// Of the secret in its cookie.
    pub hash: SecretHash,
    /// Who signed in.
    pub person: PersonId,
    /// When.
    pub made: Wall,
    /// When a person last used it.
    pub used: Wall,
    /// From where, and with which browser, in short.
    pub from: String,
}

/// What programs show instead of a password; or what a paired wall display shows.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Token {
    /// Its number.
    pub id: TokenId,
    /// Of the secret; none until a display has been paired.
    pub hash: Option<SecretHash>,
    /// What it is for.
    pub name: String,
    /// Whose, and then never more than the account's rights; a display's is nobody's.
    pub person: Option<PersonId>,
    /// What it permits.
    pub rights: Rights,
    /// When it was made.
    pub made: Wall,
    /// From when on it no longer counts; a display's never ends by itself.
    pub ends: Option<Wall>,
}

/// A link that counts once.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Link {
    /// Of the secret in it.
    pub hash: SecretHash,
    /// What it is for.
    pub purpose: Purpose,
    /// From when on it no longer counts.
    pub ends: Wall,
}

/// What a one-time link is for.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Purpose {
    /// The person chooses a password and is signed in.
    ChoosePassword(PersonId),
    /// Signs in as this person without one: only in a demo.
    Enter(PersonId),
    /// Makes the browser that opens it this display.
    Pair(TokenId),
}

impl PersonId {
    /// Reads `p7`.
    #[must_use]
    pub fn parse(text: &str) -> Option<Self> {
        number('p', text).map(Self)
    }
}

impl TokenId {
    /// Reads `t3`.
    #[must_use]
    pub fn parse(text: &str) -> Option<Self> {
        number('t', text).map(Self)
    }
}

pub(super) fn number(letter: char, text: &str) -> Option<NonZeroU32> {
    let digits = text.strip_prefix(letter)?;
    let plain = digits.bytes().all(|byte| byte.is_ascii_digit()) && !digits.starts_with('0');
    digits.parse().ok().filter(|_| plain)
}

impl fmt::Display for PersonId {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "p{}", self.0)
    }
}

impl fmt::Display for TokenId {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "t{}", self.0)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn ids_are_read_as_they_are_written_and_nothing_else_is() {
        let seven = PersonId::parse("p7").unwrap();
        assert_eq!(seven.to_string(), "p7");
        assert_eq!(TokenId::parse("t12").unwrap().to_string(), "t12");
        for wrong in ["7", "p0", "p07", "p+7", "p", "t7", "p99999999999"] {
            assert_eq!(PersonId::parse(wrong), None, "{wrong}");
        }
    }
}
