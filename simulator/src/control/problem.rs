//! What is wrong with a request: `application/problem+json` (RFC 9457).

use axum::{
    extract::rejection::{BytesRejection, PathRejection, StringRejection},
    http::{StatusCode, header},
    response::{IntoResponse, Response},
};
use schemars::JsonSchema;
use serde::Serialize;

use crate::{NotHere, scenario::CannotStart};

/// A request that cannot be done, and why.
#[derive(Debug, Serialize, JsonSchema)]
pub(super) struct Problem {
    /// The status in words.
    title: &'static str,
    /// The HTTP status.
    status: u16,
    /// What is wrong, and what would be right.
    detail: String,
}

/// What a route gives, or why it cannot.
pub(super) type Answer<T> = Result<T, Problem>;

impl Problem {
    pub(super) fn new(status: StatusCode, detail: impl ToString) -> Self {
        let title = status.canonical_reason().unwrap_or("Error");
        Self { title, status: status.as_u16(), detail: detail.to_string() }
    }

    /// A body that did not come to be read.
    fn unread(status: StatusCode, otherwise: &str) -> Self {
        let too_large = status == StatusCode::PAYLOAD_TOO_LARGE;
        Self::new(status, if too_large { "the body is too large: 2 MB is the most" } else { otherwise })
    }

    /// The request cannot be read.
    pub(super) fn bad_request(detail: impl ToString) -> Self {
        Self::new(StatusCode::BAD_REQUEST, detail)
    }

    pub(super) fn not_found(detail: impl ToString) -> Self {
        Self::new(StatusCode::NOT_FOUND, detail)
    }

    /// The request is understood, and cannot be done with these values.
    pub(super) fn unprocessable(detail: impl ToString) -> Self {
        Self::new(StatusCode::UNPROCESSABLE_ENTITY, detail)
    }

    /// The hall as it is cannot do it.
    pub(super) fn conflict(detail: impl ToString) -> Self {
        Self::new(StatusCode::CONFLICT, detail)
    }

    /// Something failed that is not the client's doing.
    pub(super) fn internal(detail: impl ToString) -> Self {
        Self::new(StatusCode::INTERNAL_SERVER_ERROR, detail)
    }
}

impl From<BytesRejection> for Problem {
    fn from(rejection: BytesRejection) -> Self {
        Self::unread(rejection.status(), "the body did not come whole")
    }
}

impl From<StringRejection> for Problem {
    fn from(rejection: StringRejection) -> Self {
        Self::unread(rejection.status(), "the body is no text in UTF-8")
    }
}

impl From<PathRejection> for Problem {
    fn from(rejection: PathRejection) -> Self {
        Self::new(rejection.status(), "the address is no text in UTF-8")
    }
}

impl From<NotHere> for Problem {
    fn from(missing: NotHere) -> Self {
        Self::conflict(missing)
    }
}

impl From<CannotStart> for Problem {
    fn from(wrong: CannotStart) -> Self {
        Self::conflict(wrong)
    }
}

impl IntoResponse for Problem {
    fn into_response(self) -> Response {
        let status = StatusCode::from_u16(self.status).unwrap_or(StatusCode::INTERNAL_SERVER_ERROR);
        let body = serde_json::to_string(&self).unwrap_or_default();
        (status, [(header::CONTENT_TYPE, "application/problem+json")], body).into_response()
    }
}

/// Where nothing is.
pub(super) async fn unknown_route() -> Problem {
    Problem::not_found("there is nothing here; GET / lists what there is")
}

/// Where something is, but not by this method.
pub(super) async fn wrong_method() -> Problem {
    Problem::new(StatusCode::METHOD_NOT_ALLOWED, "this address takes other methods; GET / lists them")
}
