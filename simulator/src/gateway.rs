//! What the control API asks of a gateway that reads this hall in the same process: that it lives through time together
//! with the hall, and what it believes of a point.
//!
//! Who implements it: `hallward demo`. Without one the hall alone moves on, and points are what its devices report.

use std::{fmt, future::Future, pin::Pin, time::Duration};

use hallward_profiles::Literal;
use schemars::JsonSchema;
use serde::Serialize;

/// What the answer to an order comes as.
pub type Done<'a> = Pin<Box<dyn Future<Output = Result<(), String>> + Send + 'a>>;

/// A gateway that shares the hall's time.
pub trait Gateway: Send + Sync {
    /// Lets `span` pass for hall and gateway alike. Done when the gateway has digested all that happened in it; an
    /// error is a sentence for people.
    fn advance(&self, span: Duration) -> Done<'_>;

    /// What the gateway believes of a device's point; `None` if it knows no such point.
    fn point(&self, device: &str, point: &str) -> Option<GatewayPoint>;

    /// How many times as fast as the wall's its time passes by itself; 0 if it stands still.
    fn speed(&self) -> f64 {
        1.0
    }
}

impl fmt::Debug for dyn Gateway {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Gateway")
    }
}

/// What is believed of one point.
#[derive(Clone, Debug, PartialEq, Serialize, JsonSchema)]
pub struct GatewayPoint {
    /// Its value; null where there is none.
    pub value: Option<Literal>,
    /// `good`, `stale`, or the reason why there is no value, in the gateway's words.
    pub quality: String,
}
