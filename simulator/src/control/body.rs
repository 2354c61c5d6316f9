//! Bodies that need not be there.

use axum::{Json, body::Bytes};
use serde::de::DeserializeOwned;

use super::problem::Answer;

/// A body in JSON; `None` where there is none.
pub(super) fn optional<T: DeserializeOwned>(body: &Bytes) -> Answer<Option<T>> {
    if body.iter().all(u8::is_ascii_whitespace) {
        return Ok(None);
    }
    let Json(body) = Json::from_bytes(body)?;
    Ok(Some(body))
}
