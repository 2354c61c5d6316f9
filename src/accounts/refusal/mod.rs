//! Why a change of the registry is not made. Every sentence is a variant: in English it is its `Display`, which API, command
//! line and log show; pages say it in the reader's language by its `key` in the catalogues, with `x` where the text has one.
//!
//! `web` and `app` turn the three kinds into statuses and exit codes.

mod conflict;
#[cfg(test)]
pub(crate) mod examples;
mod no_such;
mod wrong;

pub use conflict::Conflict;
pub use no_such::NoSuch;
pub use wrong::Wrong;

use crate::{
    logic::sign_in::{Weakness, WrongRule},
    model::OrderRefused,
    store::StoreError,
};

/// Why a change was not made.
#[derive(Debug, thiserror::Error)]
pub enum NotDone {
    /// There is no such thing.
    #[error(transparent)]
    NoSuch(#[from] NoSuch),
    /// What was asked for cannot be, in a sentence that says what would be right.
    #[error(transparent)]
    Wrong(#[from] Wrong),
    /// It stands against what is there already.
    #[error(transparent)]
    Conflict(#[from] Conflict),
    /// The password is not good enough.
    #[error("the password is not good enough: {}", .0.iter().map(|weak| weak.as_str()).collect::<Vec<_>>().join(", "))]
    Weak(Vec<Weakness>),
    /// The password that was to prove who asks is wrong.
    #[error("that is not your password")]
    NotYou,
    /// An order to a door that was not carried out.
    #[error(transparent)]
    Order(#[from] OrderRefused),
    /// A rule.
    #[error(transparent)]
    Rule(#[from] WrongRule),
    /// It cannot be recorded, hence it was not done.
    #[error("nothing was changed, because it cannot be recorded: {0}")]
    Store(#[from] StoreError),
}
