//! The cookie of a session or of a paired display.
//!
//! `__Host-`: browsers take it from this very host alone, for all paths, over TLS (or loopback, which they trust alike).
//! No `Max-Age` for people: it goes with the browser, and nothing signs in by itself (R-SESSION).

use axum::http::{HeaderMap, HeaderValue, header};

pub(super) const NAME: &str = "__Host-hallward";

/// A wall display stays paired, s: browsers keep no cookie for longer than 400 days, and each page renews it.
const DISPLAY_SECONDS: u32 = 400 * 86_400;

/// What the request's cookie carries.
pub(super) fn secret(headers: &HeaderMap) -> Option<&str> {
    let cookies = headers.get_all(header::COOKIE).iter().filter_map(|cookies| cookies.to_str().ok());
    let pairs = cookies.flat_map(|cookies| cookies.split(';')).filter_map(|pair| pair.trim().split_once('='));
    pairs.filter(|(name, _)| *name == NAME).map(|(_, secret)| secret).next()
}

/// Sets it: for as long as the browser is open, or for a wall display.
pub(super) fn set(secret: &str, is_display: bool) -> Option<HeaderValue> {
    let age = if is_display { format!("; Max-Age={DISPLAY_SECONDS}") } else { String::new() };
    format!("{NAME}={secret}; Path=/; Secure; HttpOnly; SameSite=Strict{age}").parse().ok()
}

/// Takes it away.
pub(super) fn clear() -> HeaderValue {
    HeaderValue::from_static("__Host-hallward=; Path=/; Secure; HttpOnly; SameSite=Strict; Max-Age=0")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_secret_is_found_among_other_cookies() {
        let headers = |cookies: &str| HeaderMap::from_iter([(header::COOKIE, cookies.parse().unwrap())]);
        assert_eq!(secret(&headers("lang=vi; __Host-hallward=abc; x=y")), Some("abc"));
        assert_eq!(secret(&headers("hallward=abc; lang=vi")), None);
        assert_eq!(secret(&HeaderMap::new()), None);
        let set = set("abc", false).unwrap();
        assert!(!set.to_str().unwrap().contains("Max-Age"), "it goes with the browser");
        assert!(clear().to_str().unwrap().starts_with("__Host-hallward=; "));
    }
}
