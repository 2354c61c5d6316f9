//! What is not there.

use crate::model::PersonId;

/// There is no such thing.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum NoSuch {
    /// The person has no account, or it has ended.
    #[error("there is no account of {0}")]
    Account(PersonId),
    /// No person has this id.
    #[error("there is no person {0}")]
    Person(PersonId),
    /// No session has this number, or it is somebody else's.
    #[error("there is no session {0}")]
    Session(String),
    /// No token or display has this id, or it is somebody else's.
    #[error("there is no token {0}")]
    Token(String),
    /// The link does not count.
    #[error("this link has been used, or its day is over: ask for another")]
    Link,
}

impl NoSuch {
    /// Its key in the catalogues.
    #[must_use]
    pub fn key(&self) -> &'static str {
        match self {
            Self::Account(_) => "refused-no-account",
            Self::Person(_) => "refused-no-person",
            Self::Session(_) => "refused-no-session",
            Self::Token(_) => "refused-no-token",
            Self::Link => "link-used",
        }
    }

    /// What stands in the text for `x`.
    #[must_use]
    pub fn x(&self) -> Option<String> {
        match self {
            Self::Account(person) | Self::Person(person) => Some(person.to_string()),
            Self::Session(id) | Self::Token(id) => Some(id.clone()),
            Self::Link => None,
        }
    }
}
