//! What is not there.

use crate::model::PersonId;

/// There is no such thing.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum NoSuch {
    /// The person has no account, or it has ended.
    #[error("there is no account of {0}")]
    Account(PersonId),
    /// No session has this number, or it is somebody else's.
    #[error("there is no session {0}")]
    Session(String),
    /// No token or display has this id, or it is somebody else's.
    #[error("there is no token {0}")]
    Token(String),
    /// The link does not count.
    #[error("this link has been used, or its day is over: ask for another")]
    Link,
    /// No person is called so.
    #[error("there is no person `{0}`: an id such as p7, a sign-in name, or a name that only one person has")]
    Person(String),
    /// The person does not go through doors.
    #[error("`{0}` holds no badges and is in no group: add the person to the doors first")]
    Holder(String),
    /// No badge has this number.
    #[error("there is no badge `{0}`: one such as b12")]
    Badge(String),
    /// No rule of access has this number.
    #[error("there is no rule `{0}`: one such as r3")]
    AccessRule(String),
    /// No schedule has this id.
    #[error("there is no schedule `{0}`")]
    Schedule(String),
    /// The day is no holiday.
    #[error("there is no holiday on {0}")]
    Holiday(String),
    /// The site file has no such door.
    #[error("there is no door `{0}` in the site file")]
    Door(String),
    /// The site file has no such room.
    #[error("there is no room `{0}` in the site file")]
    Room(String),
    /// No card that nobody holds was swiped there.
    #[error("no unknown card {0} waits: swipe it at a reader, then count from the newest, 1")]
    Swiped(String),
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
            Self::Holder(_) => "refused-no-holder",
            Self::Badge(_) => "refused-no-badge",
            Self::AccessRule(_) => "refused-no-rule",
            Self::Schedule(_) => "refused-no-schedule",
            Self::Holiday(_) => "refused-no-holiday",
            Self::Door(_) => "refused-no-door",
            Self::Room(_) => "refused-no-room",
            Self::Swiped(_) => "refused-no-swiped",
        }
    }

    /// What stands in the text for `x`.
    #[must_use]
    pub fn x(&self) -> Option<String> {
        match self {
            Self::Person(x)
            | Self::Holder(x)
            | Self::Badge(x)
            | Self::AccessRule(x)
            | Self::Schedule(x)
            | Self::Holiday(x)
            | Self::Door(x)
            | Self::Room(x)
            | Self::Swiped(x) => Some(x.clone()),
            Self::Account(person) => Some(person.to_string()),
            Self::Session(id) | Self::Token(id) => Some(id.clone()),
            Self::Link => None,
        }
    }
}
