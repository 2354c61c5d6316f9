//! Equipment that comes into the hall or leaves it (R-DELIVERY).

use std::num::NonZeroU32;

use serde::{Deserialize, Serialize};

use super::{
    Id, PersonId, Wall,
    written::{numbered, words},
};

/// A delivery's number; written `d4`.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
pub struct DeliveryId(pub NonZeroU32);

/// Equipment that came in or went out, as it was authorised and handed over.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Delivery {
    /// Its number, never given again.
    pub id: DeliveryId,
    /// Which way.
    pub direction: Direction,
    /// Whose equipment it is.
    pub owner: String,
    /// The number of the request.
    pub request: String,
    /// The number of the decision that permits it.
    pub decision: String,
    /// Who approved it.
    pub approver: String,
    /// What it is, a line each; with asset tags where there are some.
    pub items: Vec<String>,
    /// Who hands over.
    pub handed_by: String,
    /// Who takes over.
    pub taken_by: String,
    /// The door that it passed, if one is named.
    pub door: Option<Id>,
    /// The journal's record of the door event, if one is named.
    pub record: Option<u64>,
    /// When it was recorded.
    pub at: Wall,
    /// Who recorded it, as records name it.
    pub by: String,
    /// The person of the hall who was there, if one is named.
    pub witness: Option<PersonId>,
}

/// Which way equipment goes.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Direction {
    /// Into the hall.
    In,
    /// Out of it.
    Out,
}

words!(Direction { In => "in", Out => "out" });
numbered!(DeliveryId, 'd');
