//! Errors as `application/problem+json` (RFC 9457): one status and one sentence that says what to do.

use axum::{
    http::{StatusCode, header},
    response::{IntoResponse, Response},
};
use schemars::JsonSchema;
use serde::Serialize;

use crate::{accounts::NotDone, model::OrderRefused};

/// What went wrong with a request.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Problem {
    /// The HTTP status.
    pub(super) status: StatusCode,
    /// One sentence for people.
    pub(super) detail: String,
}

/// A problem as the API carries it (RFC 9457).
#[derive(Serialize, JsonSchema)]
#[schemars(rename = "Problem")]
pub(super) struct ProblemAnswer {
    #[serde(rename = "type")]
    kind: &'static str,
    /// The status in words.
    title: &'static str,
    /// The HTTP status.
    status: u16,
    /// What is wrong, and what would be right.
    detail: String,
}

impl Problem {
    /// The request itself is wrong.
    pub(super) fn bad(detail: impl Into<String>) -> Self {
        Self { status: StatusCode::BAD_REQUEST, detail: detail.into() }
    }

    /// It is understood, and cannot be done with these values.
    pub(super) fn wrong(detail: impl Into<String>) -> Self {
        Self { status: StatusCode::UNPROCESSABLE_ENTITY, detail: detail.into() }
    }

    /// What it asks for does not exist.
    pub(super) fn missing(detail: impl Into<String>) -> Self {
        Self { status: StatusCode::NOT_FOUND, detail: detail.into() }
    }

    /// The program cannot answer now.
    pub(super) fn unavailable(detail: impl Into<String>) -> Self {
        Self { status: StatusCode::SERVICE_UNAVAILABLE, detail: detail.into() }
    }

    /// The registry refuses.
    pub(super) fn not_done(error: NotDone) -> Self {
        let status = match &error {
            NotDone::NoSuch(_) => StatusCode::NOT_FOUND,
            NotDone::Conflict(_) => StatusCode::CONFLICT,
            NotDone::Store(_) => StatusCode::SERVICE_UNAVAILABLE,
            NotDone::Order(OrderRefused::NotThere) => StatusCode::NOT_FOUND,
            NotDone::Order(OrderRefused::Busy | OrderRefused::Unrecorded) => StatusCode::SERVICE_UNAVAILABLE,
            NotDone::Order(_) => StatusCode::CONFLICT,
            NotDone::Wrong(_) | NotDone::Weak(_) | NotDone::NotYou | NotDone::Rule(_) => {
                StatusCode::UNPROCESSABLE_ENTITY
            }
        };
        Self { status, detail: error.to_string() }
    }

    /// The store failed; its message says how.
    pub(super) fn store(error: impl std::fmt::Display) -> Self {
        Self { status: StatusCode::INTERNAL_SERVER_ERROR, detail: error.to_string() }
    }
}

impl IntoResponse for Problem {
    fn into_response(self) -> Response {
        let body = ProblemAnswer {
            kind: "about:blank",
            title: self.status.canonical_reason().unwrap_or("Error"),
            status: self.status.as_u16(),
            detail: self.detail,
        };
        let body = serde_json::to_string(&body).unwrap_or_default();
        let headers =
            [(header::CONTENT_TYPE, "application/problem+json"), (header::CACHE_CONTROL, "no-store")];
        (self.status, headers, body).into_response()
    }
}
