//! What the pages outside of the sign-in share: language, texts, and where somebody asks from.

use axum::{
    extract::FromRequestParts,
    http::{HeaderMap, StatusCode, header, request::Parts},
    response::{IntoResponse, Redirect, Response},
};

use super::super::{
    Web, assets, cookie,
    guard::{AFAR, Peer},
    problem::Problem,
    query::Query,
    words::Words,
};
use crate::{
    accounts::{Origin, SignedIn},
    model::Language,
};

/// Where a request comes from.
pub(super) struct Asker(pub(super) Origin);

impl<S: Send + Sync> FromRequestParts<S> for Asker {
    type Rejection = std::convert::Infallible;

    async fn from_request_parts(parts: &mut Parts, _: &S) -> Result<Self, Self::Rejection> {
        let address = parts.extensions.get::<Peer>().map_or(AFAR, |peer| peer.0);
        let browser = parts.headers.get(header::USER_AGENT).and_then(|name| name.to_str().ok());
        Ok(Self(Origin { address, browser: browser.unwrap_or_default().to_owned() }))
    }
}

/// The frame around a page without sign-in.
pub(super) struct Shell<'w> {
    /// Texts in the reader's language.
    pub(super) words: Words<'w>,
    /// Whether the hall is simulated.
    pub(super) simulated: bool,
    /// The other language.
    pub(super) other: Language,
}

impl<'w> Shell<'w> {
    pub(super) fn new(web: &'w Web, headers: &HeaderMap, query: &Query) -> Result<Self, Problem> {
        let (language, _) = super::super::words::language(query, headers)?;
        let other = if language.is_vietnamese() { Language::English } else { Language::Vietnamese };
        let words = Words::new(&web.context.texts, language);
        Ok(Self { words, simulated: web.plant().simulated, other })
    }

    pub(super) fn say(&self, key: &str) -> String {
        self.words.say(key)
    }

    pub(super) fn code(&self) -> &'static str {
        self.words.language.code()
    }

    pub(super) fn asset(&self, name: &str) -> String {
        assets::asset(name)
    }
}

/// A page that is never kept.
pub(super) fn page(status: StatusCode, template: &impl askama::Template) -> Result<Response, Problem> {
    let html = template.render().map_err(Problem::store)?;
    let headers = [
        (header::CONTENT_TYPE, "text/html; charset=utf-8"),
        (header::CACHE_CONTROL, "no-store"),
        (header::VARY, "Accept-Language, Cookie"),
    ];
    Ok((status, headers, html).into_response())
}

/// Somebody is in: the cookie, and on to a page.
pub(super) fn on_to(signed_in: &SignedIn, is_display: bool, next: &str) -> Response {
    let mut answer = Redirect::to(next).into_response();
    if let Some(cookie) = cookie::set(&signed_in.secret, is_display) {
        answer.headers_mut().insert(header::SET_COOKIE, cookie);
    }
    answer
}

/// An address of this program alone; the hall where it is another's.
pub(super) fn own_address(wanted: &str) -> &str {
    let own =
        wanted.starts_with('/') && !wanted.starts_with("//") && !wanted.contains(['\\', '\r', '\n', '\t']);
    if own { wanted } else { "/" }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn nobody_is_sent_on_to_another_site() {
        for own in ["/", "/devices?x=1", "/trends?point=a%2Fb"] {
            assert_eq!(own_address(own), own);
        }
        for other in ["//evil.example", "https://evil.example", "/\\evil.example", "", "evil", "/a\r\nb"] {
            assert_eq!(own_address(other), "/", "{other}");
        }
    }
}
