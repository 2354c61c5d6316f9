//! What stands before every handler: the host name check and the security headers.
//!
//! In clear the pages are served on loopback only. A hostile page elsewhere could still reach them by pointing its own
//! name at 127.0.0.1 (DNS rebinding); hence only loopback's own names are answered. Over TLS a name that is not the
//! certificate's does not get this far, and any name is answered.

use axum::{
    extract::{Request, State},
    http::{HeaderMap, HeaderName, HeaderValue, StatusCode, header},
    middleware::Next,
    response::{IntoResponse, Response},
};

use super::problem::Problem;

/// How a request came in.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Channel {
    /// In clear, on loopback.
    Loopback,
    /// Over TLS.
    Tls,
}

const CONTENT_SECURITY_POLICY: &str = "default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self'; \
     connect-src 'self'; base-uri 'none'; form-action 'self'; frame-ancestors 'none'";

/// What a page might use of the machine it is shown on, none of which ours do.
const PERMISSIONS_POLICY: &str = "accelerometer=(), bluetooth=(), browsing-topics=(), camera=(), display-capture=(), \
     geolocation=(), gyroscope=(), hid=(), magnetometer=(), microphone=(), midi=(), payment=(), serial=(), usb=()";

const HEADERS: [(HeaderName, &str); 7] = [
    (header::CONTENT_SECURITY_POLICY, CONTENT_SECURITY_POLICY),
    (header::X_CONTENT_TYPE_OPTIONS, "nosniff"),
    (header::X_FRAME_OPTIONS, "DENY"),
    // Under `no-referrer` browsers would hide the origin of our own forms from us too.
    (header::REFERRER_POLICY, "same-origin"),
    (HeaderName::from_static("cross-origin-resource-policy"), "same-origin"),
    (HeaderName::from_static("cross-origin-opener-policy"), "same-origin"),
    (HeaderName::from_static("permissions-policy"), PERMISSIONS_POLICY),
];

/// A year long, a browser that has been here comes over TLS alone.
const TRANSPORT_SECURITY: (HeaderName, &str) = (header::STRICT_TRANSPORT_SECURITY, "max-age=31536000");

/// In clear, answers 421 to any host but loopback; puts the security headers on every answer.
pub(super) async fn guard(State(channel): State<Channel>, request: Request, next: Next) -> Response {
    let mut response = if channel == Channel::Tls || is_loopback(request.headers()) {
        next.run(request).await
    } else {
        let detail = "this host name is not served: use http://localhost, http://127.0.0.1 or http://[::1]";
        Problem { status: StatusCode::MISDIRECTED_REQUEST, detail: detail.to_owned() }.into_response()
    };
    let transport = (channel == Channel::Tls).then_some(TRANSPORT_SECURITY);
    for (name, value) in HEADERS.into_iter().chain(transport) {
        response.headers_mut().insert(name, HeaderValue::from_static(value));
    }
    response
}

fn is_loopback(headers: &HeaderMap) -> bool {
    let Some(host) = headers.get(header::HOST).and_then(|host| host.to_str().ok()) else { return false };
    let name = match host.rsplit_once(':') {
        Some((name, port)) if port.bytes().all(|byte| byte.is_ascii_digit()) => name,
        _ => host,
    };
    ["localhost", "127.0.0.1", "[::1]"].iter().any(|known| name.eq_ignore_ascii_case(known))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_loopback_names_are_served() {
        let served = |host: &str| {
            let mut headers = HeaderMap::new();
            headers.insert(header::HOST, host.parse().unwrap());
            is_loopback(&headers)
        };
        for good in ["localhost", "localhost:8080", "LocalHost:1", "127.0.0.1:8080", "[::1]", "[::1]:8080"] {
            assert!(served(good), "{good}");
        }
        let bad =
            ["evil.example", "localhost.evil.example", "127.0.0.1.evil.example:80", "::1", "", "127.0.0.2"];
        for bad in bad {
            assert!(!served(bad), "{bad}");
        }
        assert!(!is_loopback(&HeaderMap::new()));
    }
}
