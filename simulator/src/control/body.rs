//! Bodies that need not be there.

use axum::{Json, body::Bytes, extract::rejection::BytesRejection};
use serde::de::DeserializeOwned;

use super::problem::Answer;

/// A body in JSON; `None` where there is none.
pub(super) fn optional<T: DeserializeOwned>(body: Result<Bytes, BytesRejection>) -> Answer<Option<T>> {
    let body = body?;
    if body.iter().all(u8::is_ascii_whitespace) {
        return Ok(None);
    }
    let Json(body) = Json::from_bytes(&body)?;
    Ok(Some(body))
}
