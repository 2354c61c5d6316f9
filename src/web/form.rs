//! Forms of the pages, checked at the edge: of this very address, of a bounded size, with fields that are known.

use std::time::Duration;

use axum::{
    body::{Body, Bytes, to_bytes},
    extract::{FromRequest, Request},
    http::{HeaderMap, StatusCode, header},
};
use tokio::time::timeout;

use super::{guard::LARGEST_BODY, problem::Problem};

/// The longest that a body may take.
const LONGEST_BODY: Duration = Duration::from_secs(15);

/// Most fields of a form.
const MOST_FIELDS: usize = 64;

const FORM: &str = "application/x-www-form-urlencoded";

/// The fields of a form.
pub(super) struct Form(Vec<(String, String)>);

impl Form {
    /// A field's text without space around it; empty when it is absent.
    pub(super) fn text(&self, name: &str) -> &str {
        self.raw(name).trim()
    }

    /// A field's text as it was typed: passwords may begin or end with a space.
    pub(super) fn raw(&self, name: &str) -> &str {
        self.0.iter().find(|(field, _)| field == name).map_or("", |(_, text)| text.as_str())
    }

    /// A field's text, if something was typed.
    pub(super) fn given(&self, name: &str) -> Option<&str> {
        Some(self.text(name)).filter(|text| !text.is_empty())
    }

    /// Every text of a field that may be there more than once.
    pub(super) fn all<'f>(&'f self, name: &'f str) -> impl Iterator<Item = &'f str> {
        self.0.iter().filter(move |(field, _)| field == name).map(|(_, text)| text.as_str())
    }
}

impl<S: Send + Sync> FromRequest<S> for Form {
    type Rejection = Problem;

    async fn from_request(request: Request, _: &S) -> Result<Self, Problem> {
        if !is_form(request.headers()) {
            let status = StatusCode::UNSUPPORTED_MEDIA_TYPE;
            return Err(Problem { status, detail: format!("this takes a form ({FORM})") });
        }
        let body = whole(request.into_body()).await?;
        let fields: Vec<_> = form_urlencoded::parse(&body).into_owned().take(MOST_FIELDS + 1).collect();
        if fields.len() > MOST_FIELDS {
            return Err(Problem::bad(format!("more than {MOST_FIELDS} fields")));
        }
        Ok(Self(fields))
    }
}

/// A whole body, of a bounded size, within a bounded time.
pub(super) async fn whole(body: Body) -> Result<Bytes, Problem> {
    let read = timeout(LONGEST_BODY, to_bytes(body, LARGEST_BODY)).await;
    let late =
        || Problem { status: StatusCode::REQUEST_TIMEOUT, detail: "the body took too long".to_owned() };
    read.map_err(|_| late())?.map_err(|_| too_large())
}

/// Whether the body is a form.
pub(super) fn is_form(headers: &HeaderMap) -> bool {
    let kind = headers.get(header::CONTENT_TYPE).and_then(|kind| kind.to_str().ok()).unwrap_or_default();
    kind.split(';').next().is_some_and(|kind| kind.trim().eq_ignore_ascii_case(FORM))
}

/// Whether a form has this field with this text.
pub(super) fn has(body: &Bytes, name: &str, text: &str) -> bool {
    form_urlencoded::parse(body).any(|(field, value)| field == name && value == text)
}

/// The body is larger than anything that is taken.
fn too_large() -> Problem {
    let detail = format!("the body is larger than {LARGEST_BODY} bytes");
    Problem { status: StatusCode::PAYLOAD_TOO_LARGE, detail }
}

/// Refuses what does not come from a page of this very address. Browsers of today say so by `Sec-Fetch-Site`, those
/// before by `Origin`; programs show a token instead.
pub(super) fn own_page(headers: &HeaderMap) -> Result<(), Problem> {
    let text = |name: &str| headers.get(name).and_then(|value| value.to_str().ok());
    let own = match (text("sec-fetch-site"), text(header::ORIGIN.as_str()), text(header::HOST.as_str())) {
        (Some(site), _, _) => site == "same-origin",
        (None, Some(origin), Some(host)) => {
            origin.split_once("://").is_some_and(|(scheme, from)| scheme.starts_with("http") && from == host)
        }
        (None, _, _) => false,
    };
    let detail =
        "this is taken from this program's own pages; programs show a token (`Authorization: Bearer …`)";
    own.then_some(()).ok_or_else(|| Problem { status: StatusCode::FORBIDDEN, detail: detail.to_owned() })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_pages_of_this_very_address_may_change_something() {
        let may = |site: Option<&str>, origin: Option<&str>| {
            let mut headers = HeaderMap::new();
            headers.insert(header::HOST, "localhost:8080".parse().unwrap());
            for (name, value) in [("sec-fetch-site", site), ("origin", origin)] {
                if let Some(value) = value {
                    headers.insert(name, value.parse().unwrap());
                }
            }
            own_page(&headers).is_ok()
        };
        let own = Some("http://localhost:8080");
        assert!(may(Some("same-origin"), own));
        assert!(may(Some("same-origin"), None));
        assert!(may(None, own));
        // Another port of this machine is the same site, and another origin.
        for site in ["same-site", "cross-site", "none", ""] {
            assert!(!may(Some(site), own), "{site}");
        }
        for origin in ["null", "http://localhost", "http://localhost:8090", "http://evil.example"] {
            assert!(!may(None, Some(origin)), "{origin}");
        }
        assert!(!may(None, None));
    }
}
