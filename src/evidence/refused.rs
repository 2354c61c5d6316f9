//! Why something about the log was not done.

use std::{io, path::PathBuf};

use crate::{accounts::NotDone, store::StoreError};

/// Why it was not done.
#[derive(Debug, thiserror::Error)]
pub enum NotKept {
    /// The store.
    #[error(transparent)]
    Store(#[from] StoreError),
    /// Accounts.
    #[error(transparent)]
    Accounts(#[from] NotDone),
    /// A file.
    #[error("{}: {source}", path.display())]
    File {
        /// The file.
        path: PathBuf,
        /// Why.
        source: io::Error,
    },
    /// The key would have a name that none can have.
    #[error("`{0}` cannot be the name of a key")]
    Name(String),
    /// Nothing is pruned or erased while a hold stands.
    #[error("record {0} tells of a hold: release it first (hallward log release {0})")]
    Held(u64),
    /// No such hold.
    #[error("there is no hold {0}")]
    NoHold(u64),
    /// No reason.
    #[error("say why, in up to 500 characters: it stands in the journal")]
    Why,
    /// Records that must be kept.
    #[error("records of the last {0} days are kept: give an earlier time")]
    TooYoung(u64),
    /// Nothing to prune.
    #[error("no whole range between two checkpoints is from before that time: nothing was pruned")]
    NothingToPrune,
    /// Another one is under way.
    #[error("another export is under way: try again when it has ended")]
    Busy,
}

impl NotKept {
    /// Whether what was asked for cannot be, rather than failed.
    #[must_use]
    pub fn is_refusal(&self) -> bool {
        match self {
            Self::Held(_) | Self::NoHold(_) | Self::Why | Self::TooYoung(_) | Self::NothingToPrune => true,
            Self::Accounts(why) => !matches!(why, NotDone::Store(_)),
            Self::Store(_) | Self::File { .. } | Self::Name(_) | Self::Busy => false,
        }
    }
}

/// A reason as it goes into the journal.
pub(super) fn reason(text: &str) -> Result<String, NotKept> {
    let text = text.trim();
    let sound = !text.is_empty() && text.chars().count() <= 500;
    sound.then(|| text.to_owned()).ok_or(NotKept::Why)
}
