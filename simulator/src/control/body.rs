//! What comes with a request: a body in JSON, or a query. What cannot be read of it is told in our own words.

use axum::{
    body::Bytes,
    extract::{FromRequest, FromRequestParts, Query, Request, rejection::BytesRejection},
    http::{HeaderMap, StatusCode, header, request::Parts},
};
use serde::de::DeserializeOwned;
use serde_json::{Value, error::Category};

use super::problem::{Answer, Problem};
use crate::misread;

/// Where what is right is described.
const DESCRIBED: &str = "GET /openapi.json describes what this address takes";

/// A body in JSON.
pub(super) struct Body<T>(pub(super) T);

impl<S: Send + Sync, T: DeserializeOwned> FromRequest<S> for Body<T> {
    type Rejection = Problem;

    async fn from_request(request: Request, state: &S) -> Answer<Self> {
        if !is_json(request.headers()) {
            let said = "say that the body is JSON: Content-Type: application/json";
            return Err(Problem::new(StatusCode::UNSUPPORTED_MEDIA_TYPE, said));
        }
        let body = Bytes::from_request(request, state).await?;
        read(&body).map(Self)
    }
}

fn is_json(headers: &HeaderMap) -> bool {
    let media_type = headers.get(header::CONTENT_TYPE).and_then(|value| value.to_str().ok());
    let essence = media_type.and_then(|text| text.split(';').next()).unwrap_or_default().trim();
    essence == "application/json" || essence.starts_with("application/") && essence.ends_with("+json")
}

/// A body in JSON; `None` where there is none.
pub(super) fn optional<T: DeserializeOwned>(body: Result<Bytes, BytesRejection>) -> Answer<Option<T>> {
    let body = body?;
    if body.iter().all(u8::is_ascii_whitespace) {
        return Ok(None);
    }
    read(&body).map(Some)
}

/// What is written in JSON.
pub(super) fn read<T: DeserializeOwned>(body: &[u8]) -> Answer<T> {
    let value: Value = serde_json::from_slice(body).map_err(|wrong| {
        let (line, column, said) = (wrong.line(), wrong.column(), wrong.to_string());
        let said = match wrong.classify() {
            Category::Eof => "it ends too early",
            Category::Syntax | Category::Data | Category::Io => {
                said.split(" at line ").next().unwrap_or(&said)
            }
        };
        Problem::bad_request(format!("the body is no JSON: {said} (line {line}, column {column})"))
    })?;
    misread::read(&value).map_err(described)
}

/// The problem of a body that is JSON and does not fit.
pub(super) fn described(said: String) -> Problem {
    if said.contains("GET /openapi.json") {
        return Problem::unprocessable(said);
    }
    Problem::unprocessable(format!("{said}; {DESCRIBED}"))
}

/// The keys of a query.
pub(super) struct Keys<T>(pub(super) T);

impl<S: Send + Sync, T: DeserializeOwned> FromRequestParts<S> for Keys<T> {
    type Rejection = Problem;

    async fn from_request_parts(parts: &mut Parts, state: &S) -> Answer<Self> {
        let query = Query::<T>::from_request_parts(parts, state).await;
        query.map(|Query(keys)| Self(keys)).map_err(|wrong| {
            let text = wrong.body_text();
            let said = text.split_once(": ").map_or(text.as_str(), |(_, said)| said);
            let named = said.split_once(": ").filter(|(key, _)| !key.contains([' ', '`']));
            let (key, said) = named.map_or((None, said), |(key, said)| (Some(key), said));
            Problem::bad_request(format!("the query is not right: {}", misread::sentence(key, said)))
        })
    }
}
