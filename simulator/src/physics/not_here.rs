//! What an action comes to in a building that lacks what it is about.

/// The hall has not got what is to be acted on.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
#[error("this hall has no {missing}")]
pub struct NotHere {
    /// What it has not got.
    pub missing: &'static str,
}
