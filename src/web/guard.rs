//! What stands before every handler: the host name check, the security headers, and who asks with which right.
//!
//! Each route is guarded by what it needs ([`Need`]). A caller is known by its session's cookie or by a token. What is sent
//! to change something with a cookie must come from a page of this very address, and carry the page's proof: another
//! site can let a browser send a form, but can neither read that page nor pretend to be it.
//!
//! In clear the pages are served on loopback only. A hostile page elsewhere could still reach them by pointing its own
//! name at 127.0.0.1 (DNS rebinding); hence only loopback's own names are answered. Over TLS a name that is not the
//! certificate's does not get this far, and any name is answered.

use std::{
    net::{IpAddr, Ipv4Addr, SocketAddr},
    sync::Arc,
};

use axum::{
    RequestExt,
    body::Body,
    extract::{ConnectInfo, Request, State},
    http::{HeaderMap, HeaderName, HeaderValue, Method, StatusCode, header},
    middleware::Next,
    response::{IntoResponse, Redirect, Response},
};

use super::{
    Web, cookie, form,
    problem::Problem,
    route::{For, Need},
};
use crate::accounts::{Caller, Way};

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
const PERMISSIONS_POLICY: &str = "accelerometer=(), browsing-topics=(), camera=(), display-capture=(), \
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

/// In which header programs in a page send the proof.
const PROOF: &str = "x-hallward-proof";

/// The largest body that anything takes, bytes.
pub(super) const LARGEST_BODY: usize = 64 * 1024;

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

/// What a route's guard knows.
#[derive(Clone)]
pub(super) struct Gate {
    pub(super) web: Arc<Web>,
    pub(super) need: Need,
    pub(super) reader: For,
}

/// Lets in who has what the route needs.
pub(super) async fn gate(State(gate): State<Gate>, request: Request, next: Next) -> Response {
    let request = match gate.let_in(request).await {
        Ok(request) => request,
        Err(answer) => return *answer,
    };
    let renewed = gate.renewed(&request);
    let mut answer = next.run(request).await;
    answer.headers_mut().extend(renewed.map(|cookie| (header::SET_COOKIE, cookie)));
    answer
}

type Refused = Box<Response>;

fn refused(problem: Problem) -> Refused {
    Box::new(problem.into_response())
}

impl Gate {
    async fn let_in(&self, mut request: Request) -> Result<Request, Refused> {
        let from = peer(&mut request).await;
        request.extensions_mut().insert(Peer(from));
        let caller = match self.caller(request.headers()).await {
            // What is for everybody is also for who shows a token that no longer counts.
            Err(_) if self.need == Need::Nothing => None,
            caller => caller.map_err(refused)?,
        };
        let caller = caller.filter(|caller| self.web.context.accounts.may_come_from(caller, from));
        let mut request = self.unforged(request, caller.as_ref()).await.map_err(refused)?;
        if self.need != Need::Nothing {
            let caller = caller.as_ref().ok_or_else(|| self.sign_in_first(&request))?;
            self.may_ask(caller)?;
            let asked = Asked::of(&request, self.reader);
            self.may(caller, &asked).await?;
        }
        if let Some(caller) = caller {
            request.extensions_mut().insert(caller);
        }
        Ok(request)
    }

    /// The cookie of a wall display, on each of its pages: browsers keep none for ever, and a display never ends by itself.
    fn renewed(&self, request: &Request) -> Option<HeaderValue> {
        let caller = request.extensions().get::<Caller>()?;
        let is_display = matches!(caller.way, Way::Token { person: None, .. });
        let secret =
            cookie::secret(request.headers()).filter(|_| is_display && self.reader == For::People)?;
        cookie::set(secret, true)
    }

    /// Who asks, if anybody says so.
    async fn caller(&self, headers: &HeaderMap) -> Result<Option<Caller>, Problem> {
        let accounts = &self.web.context.accounts;
        if let Some(shown) = headers.get(header::AUTHORIZATION) {
            let token = shown.to_str().ok().and_then(|text| text.strip_prefix("Bearer "));
            let caller = token.and_then(|token| accounts.by_token(token.trim()));
            return caller.map(Some).ok_or_else(|| Problem {
                status: StatusCode::UNAUTHORIZED,
                detail: "the token does not count: it is not known, or over (`Authorization: Bearer …`)"
                    .to_owned(),
            });
        }
        let Some(secret) = cookie::secret(headers) else { return Ok(None) };
        Ok(accounts.by_cookie(secret, is_used(headers)).await)
    }

    /// Refuses what changes something and may come from a page of somebody else.
    async fn unforged(&self, request: Request, caller: Option<&Caller>) -> Result<Request, Problem> {
        let changes = !matches!(*request.method(), Method::GET | Method::HEAD | Method::OPTIONS);
        let by_header = request.headers().contains_key(header::AUTHORIZATION);
        if !changes || by_header {
            return Ok(request);
        }
        form::own_page(request.headers())?;
        let Some(Caller { way: Way::Session { proof, .. }, .. }) = caller else { return Ok(request) };
        let shown = request.headers().get(PROOF).and_then(|shown| shown.to_str().ok());
        if shown == Some(proof) {
            return Ok(request);
        }
        let (parts, body) = request.into_parts();
        let body = form::whole(body).await?;
        let in_form = form::is_form(&parts.headers) && form::has(&body, "proof", proof);
        let detail = "this page is out of date, or not of this session: load it again";
        let missing = || Problem { status: StatusCode::FORBIDDEN, detail: detail.to_owned() };
        in_form.then(|| Request::from_parts(parts, Body::from(body))).ok_or_else(missing)
    }

    fn may_ask(&self, caller: &Caller) -> Result<(), Refused> {
        self.web.context.accounts.may_ask(caller).map_err(|wait| {
            let seconds = wait.as_secs() + 1;
            let detail = format!("too many requests: wait {seconds} s");
            let mut answer = Problem { status: StatusCode::TOO_MANY_REQUESTS, detail }.into_response();
            answer.headers_mut().insert(header::RETRY_AFTER, HeaderValue::from(seconds));
            Box::new(answer)
        })
    }

    fn sign_in_first(&self, request: &Request) -> Refused {
        if self.reader == For::People && request.method() == Method::GET {
            let wanted = request.uri().path_and_query().map_or("/", |wanted| wanted.as_str());
            let mut query = form_urlencoded::Serializer::new(String::new());
            query.append_pair("next", wanted);
            return Box::new(Redirect::to(&format!("/sign-in?{}", query.finish())).into_response());
        }
        let detail = "sign in first, or show a token (`Authorization: Bearer …`)";
        let mut answer =
            Problem { status: StatusCode::UNAUTHORIZED, detail: detail.to_owned() }.into_response();
        answer.headers_mut().insert(header::WWW_AUTHENTICATE, HeaderValue::from_static("Bearer"));
        Box::new(answer)
    }

    async fn may(&self, caller: &Caller, asked: &Asked) -> Result<(), Refused> {
        let right = match self.need {
            Need::Nothing | Need::Oneself => return Ok(()),
            Need::SignedIn => None,
            Need::Right(right) => Some(right),
        };
        if caller.must_change() {
            if asked.is_page {
                return Err(Box::new(Redirect::to("/account").into_response()));
            }
            let detail = "choose a new password first, at /account";
            return Err(refused(Problem { status: StatusCode::FORBIDDEN, detail: detail.to_owned() }));
        }
        let Some(right) = right.filter(|right| !caller.rights.has(*right)) else { return Ok(()) };
        self.web.context.accounts.refused(caller, right, &asked.what).await;
        let detail =
            format!("this takes the right `{right}`, which you have not got; the refusal is recorded");
        Err(refused(Problem { status: StatusCode::FORBIDDEN, detail }))
    }
}

/// What somebody asks for: a body is not looked at while others do something.
struct Asked {
    what: String,
    is_page: bool,
}

impl Asked {
    fn of(request: &Request, reader: For) -> Self {
        let what = format!("{} {}", request.method(), request.uri().path());
        Self { what, is_page: reader == For::People && request.method() == Method::GET }
    }
}

/// Where a request comes from, for handlers.
#[derive(Clone, Copy)]
pub(super) struct Peer(pub(super) IpAddr);

/// What is not this machine.
pub(super) const AFAR: IpAddr = IpAddr::V4(Ipv4Addr::UNSPECIFIED);

/// Where a request comes from. What came through somebody else's proxy comes from afar, and so does what does not say.
async fn peer(request: &mut Request) -> IpAddr {
    let passed_on = ["forwarded", "x-forwarded-for", "x-real-ip"];
    if passed_on.iter().any(|name| request.headers().contains_key(*name)) {
        return AFAR;
    }
    let from = request.extract_parts::<ConnectInfo<SocketAddr>>().await;
    from.map_or(AFAR, |from| from.0.ip())
}

/// Whether a person asks: pages that a script or a timer fetches keep no session alive. Browsers say so for all that
/// somebody clicked; those too old to say it are believed.
fn is_used(headers: &HeaderMap) -> bool {
    headers.contains_key("sec-fetch-user") || !headers.contains_key("sec-fetch-mode")
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

    #[test]
    fn r_session_only_what_a_person_did_keeps_a_session_alive() {
        let used = |pairs: &[(&'static str, &str)]| {
            let pairs =
                pairs.iter().map(|(name, value)| (HeaderName::from_static(name), value.parse().unwrap()));
            is_used(&pairs.collect())
        };
        assert!(used(&[("sec-fetch-mode", "navigate"), ("sec-fetch-user", "?1")]), "a click");
        assert!(used(&[]), "an old browser");
        assert!(!used(&[("sec-fetch-mode", "navigate")]), "a page that loads itself again");
        assert!(!used(&[("sec-fetch-mode", "cors")]), "a script");
    }
}
