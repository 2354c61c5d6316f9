//! Every route refuses whom it must and lets in whom it must. What each takes is written down here once more, apart from
//! the list of routes, so that a wrong need there is found.

use axum::http::request::Builder;

use super::*;

/// Who asks.
const CALLERS: [(char, &str); 7] = [
    ('N', "nobody"),
    ('D', "a wall display"),
    ('V', "a viewer"),
    ('O', "an operator"),
    ('S', "a security reviewer"),
    ('A', "an administrator"),
    ('I', "an inspector"),
];

const ALL: &str = "NDVOSAI";
const SIGNED_IN: &str = "DVOSAI";
const JOURNAL: &str = "SAI";
const SIMULATE: &str = "OA";
const EXPORT: &str = "SA";
const MANAGE: &str = "A";
const PEOPLE: &str = "SAI";
const OPERATE: &str = "OA";
const REVIEW: &str = "S";

/// Addresses, and who is let in by each of their methods.
const EXPECTED: &[(&str, &str, &str)] = &[
    ("/sign-in", "GET POST", ALL),
    ("/sign-out", "POST", SIGNED_IN),
    ("/link/{secret}", "GET POST", ALL),
    ("/", "GET", SIGNED_IN),
    ("/devices", "GET", SIGNED_IN),
    ("/devices/{id}", "GET", SIGNED_IN),
    ("/lines", "GET", SIGNED_IN),
    ("/lines/{id}", "GET", SIGNED_IN),
    ("/trends", "GET", SIGNED_IN),
    ("/assets/{file}", "GET", ALL),
    ("/healthz", "GET", ALL),
    ("/readyz", "GET", SIGNED_IN),
    ("/metrics", "GET", SIGNED_IN),
    ("/simulated/{id}", "POST", SIMULATE),
    ("/account", "GET", SIGNED_IN),
    ("/account/password", "GET POST", SIGNED_IN),
    ("/account/second-factor", "GET POST", SIGNED_IN),
    ("/account/second-factor-off", "GET POST", SIGNED_IN),
    ("/account/session-end", "GET POST", SIGNED_IN),
    ("/account/token", "GET POST", SIGNED_IN),
    ("/account/token-end", "GET POST", SIGNED_IN),
    ("/accounts", "GET", MANAGE),
    ("/accounts/add", "GET POST", MANAGE),
    ("/accounts/change-all", "GET POST", MANAGE),
    ("/accounts/rules", "GET POST", MANAGE),
    ("/accounts/tokens", "GET", MANAGE),
    ("/accounts/tokens/display", "GET POST", MANAGE),
    ("/accounts/tokens/token-end", "GET POST", MANAGE),
    ("/accounts/{id}", "GET", MANAGE),
    ("/accounts/{id}/{deed}", "GET POST", MANAGE),
    ("/doors", "GET", SIGNED_IN),
    ("/doors/{id}", "GET", SIGNED_IN),
    ("/people", "GET", PEOPLE),
    ("/people/{id}", "GET", PEOPLE),
    ("/rules", "GET", PEOPLE),
    ("/visitors", "GET", PEOPLE),
    ("/deliveries", "GET", PEOPLE),
    ("/deliveries/{id}", "GET", PEOPLE),
    ("/presence", "GET", OPERATE),
    ("/review", "GET", JOURNAL),
    ("/access/order", "GET POST", OPERATE),
    ("/access/deed", "GET POST", MANAGE),
    ("/access/review", "GET POST", REVIEW),
    ("/api/openapi.json", "GET", SIGNED_IN),
    ("/api/v1/site", "GET", SIGNED_IN),
    ("/api/v1/points", "GET", SIGNED_IN),
    ("/api/v1/lines", "GET", SIGNED_IN),
    ("/api/v1/history", "GET", SIGNED_IN),
    ("/api/v1/stream", "GET", SIGNED_IN),
    ("/api/v1/journal", "GET", JOURNAL),
    ("/api/v1/journal/export", "GET", EXPORT),
    ("/api/v1/me", "GET", SIGNED_IN),
    ("/api/v1/sessions", "GET", SIGNED_IN),
    ("/api/v1/sessions/{id}/end", "POST", SIGNED_IN),
    ("/api/v1/tokens", "GET POST", SIGNED_IN),
    ("/api/v1/tokens/{id}/end", "POST", SIGNED_IN),
    ("/api/v1/displays", "POST", MANAGE),
    ("/api/v1/accounts", "GET POST", MANAGE),
    ("/api/v1/accounts/change-all", "POST", MANAGE),
    ("/api/v1/accounts/{id}", "GET", MANAGE),
    ("/api/v1/accounts/{id}/role", "POST", MANAGE),
    ("/api/v1/accounts/{id}/end-date", "POST", MANAGE),
    ("/api/v1/accounts/{id}/remote", "POST", MANAGE),
    ("/api/v1/accounts/{id}/link", "POST", MANAGE),
    ("/api/v1/accounts/{id}/unlock", "POST", MANAGE),
    ("/api/v1/accounts/{id}/suspend", "POST", MANAGE),
    ("/api/v1/accounts/{id}/restore", "POST", MANAGE),
    ("/api/v1/accounts/{id}/end", "POST", MANAGE),
    ("/api/v1/sign-in-rules", "GET", MANAGE),
    ("/api/v1/doors", "GET", SIGNED_IN),
    ("/api/v1/doors/{id}/unlock", "POST", OPERATE),
    ("/api/v1/doors/{id}/hold", "POST", OPERATE),
    ("/api/v1/doors/{id}/lock", "POST", OPERATE),
    ("/api/v1/doors/{id}/release", "POST", OPERATE),
    ("/api/v1/doors/{id}/clear-alarm", "POST", OPERATE),
    ("/api/v1/doors/{id}/fire-reset", "POST", OPERATE),
    ("/api/v1/doors/{id}/pair", "POST", OPERATE),
    ("/api/v1/doors/{id}/settings", "PUT", MANAGE),
    ("/api/v1/lockdown", "POST", OPERATE),
    ("/api/v1/presence", "GET", OPERATE),
    ("/api/v1/people", "GET", PEOPLE),
    ("/api/v1/badges", "GET", PEOPLE),
    ("/api/v1/rules", "GET", PEOPLE),
    ("/api/v1/schedules", "GET", PEOPLE),
    ("/api/v1/holidays", "GET", PEOPLE),
    ("/api/v1/visitors", "GET", PEOPLE),
    ("/api/v1/deliveries", "GET", PEOPLE),
    ("/api/v1/unknown-cards", "GET", MANAGE),
    ("/api/v1/coverage", "GET", JOURNAL),
    ("/api/v1/access", "POST", MANAGE),
    ("/api/v1/reviews", "GET", JOURNAL),
    ("/api/v1/journal/review", "POST", REVIEW),
    ("/api/v1/sign-in-rules/{rule}", "PUT", MANAGE),
];

/// A header that says who asks.
type Shown = Option<(header::HeaderName, String)>;

async fn shown(hall: &Hall, who: char) -> Shown {
    let role = match who {
        'N' => return None,
        'D' => {
            let (_, link) = hall.accounts.make_display(&console(), "Wall").await.unwrap();
            let from = Origin { address: "127.0.0.1".parse().unwrap(), browser: "test".to_owned() };
            let SignedIn { secret } = hall.accounts.pair(&link, from).await.unwrap();
            return Some((header::COOKIE, format!("__Host-hallward={secret}")));
        }
        'V' => Role::Viewer,
        'O' => Role::Operator,
        'S' => Role::SecurityReviewer,
        'I' => Role::Inspector,
        _ => Role::Administrator,
    };
    Some((header::AUTHORIZATION, format!("Bearer {}", hall.token_of(role).await)))
}

fn request(method: &str, path: &str, shown: &Shown) -> Builder {
    let path = path.split(['{', '}']).enumerate().map(|(n, part)| if n % 2 == 1 { "x" } else { part });
    let request = Request::builder().method(method).uri(path.collect::<String>());
    let request = request.header(header::HOST, "localhost:8080").header("sec-fetch-site", "same-origin");
    match shown {
        Some((name, value)) => request.header(name, value),
        None => request,
    }
}

/// Whether the guard refuses, and not the handler.
fn is_refused(answer: &Response) -> bool {
    let led_away = header_of(answer, header::LOCATION);
    matches!(answer.status(), StatusCode::UNAUTHORIZED | StatusCode::FORBIDDEN)
        || led_away.starts_with("/sign-in?next=")
}

async fn hall() -> Hall {
    let mut hall = Hall::around(&[], Some(Arc::new(simulated::Given::default()))).await;
    hall.token = None;
    hall.ready.send_replace(true);
    hall
}

#[tokio::test]
async fn r_account_every_route_refuses_and_lets_in_whom_it_must() {
    let hall = hall().await;
    let routes = crate::web::routes(&hall.web);
    let mut expected: Vec<(&str, &str, &str)> = Vec::new();
    for (path, methods, who) in EXPECTED {
        expected.extend(methods.split(' ').map(|method| (*path, method, *who)));
    }
    for (caller, name) in CALLERS {
        let shown = shown(&hall, caller).await;
        for route in &routes {
            let known =
                expected.iter().find(|(path, method, _)| (*path, *method) == (route.path, route.method));
            let (_, _, who) =
                known.unwrap_or_else(|| panic!("{} {} is not in the table", route.method, route.path));
            let answer = hall.send(request(route.method, route.path, &shown)).await;
            let refused = is_refused(&answer);
            let (status, at) = (answer.status(), format!("{name}: {} {}", route.method, route.path));
            assert_eq!(refused, !who.contains(caller), "{at}: {status}");
            assert!(!status.is_server_error(), "{at}: {status}");
        }
    }
    let has =
        |path: &str, method: &str| routes.iter().any(|route| (route.path, route.method) == (path, method));
    let gone: Vec<_> = expected.iter().filter(|(path, method, _)| !has(path, method)).collect();
    assert!(gone.is_empty(), "in the table alone: {gone:?}");
}

#[tokio::test]
async fn other_methods_are_refused_with_those_that_are_possible() {
    let hall = hall().await;
    let shown = shown(&hall, 'A').await;
    for (path, methods, _) in EXPECTED {
        let answer = hall.send(request("DELETE", path, &shown)).await;
        assert_eq!(answer.status(), StatusCode::METHOD_NOT_ALLOWED, "{path}");
        let mut allowed: Vec<&str> = header_of(&answer, header::ALLOW).split(',').collect();
        allowed.retain(|method| *method != "HEAD");
        allowed.sort_unstable();
        assert_eq!(allowed.join(" "), *methods, "{path}");
    }
}

#[tokio::test]
async fn r_password_while_a_new_one_must_be_chosen_there_is_nothing_else() {
    let hall = hall().await;
    let (cookie, proof) = account::overdue(&hall).await;
    for route in crate::web::routes(&hall.web) {
        let free = ["/account", "/account/password", "/sign-out", "/api/openapi.json", "/api/v1/me"];
        let anyone = EXPECTED.iter().any(|(path, _, who)| *path == route.path && *who == ALL);
        if free.contains(&route.path) || anyone {
            continue;
        }
        let shown = Some((header::COOKIE, cookie.clone()));
        let answer =
            hall.send(request(route.method, route.path, &shown).header("x-hallward-proof", &proof)).await;
        let led =
            header_of(&answer, header::LOCATION) == "/account" && answer.status() == StatusCode::SEE_OTHER;
        assert!(led || answer.status() == StatusCode::FORBIDDEN, "{} {}", route.method, route.path);
    }
}

#[tokio::test]
async fn every_form_needs_the_proof_of_its_own_session() {
    let hall = hall().await;
    let (cookie, _) = hall.cookie_of(Role::Administrator).await;
    let (_, foreign) = hall.cookie_of(Role::Administrator).await;
    for (path, methods, who) in EXPECTED {
        if !methods.contains('P') || *who == ALL {
            continue;
        }
        let method = methods.split(' ').next_back().unwrap();
        let shown = Some((header::COOKIE, cookie.clone()));
        let with = |proof: &str, site: &str| {
            let request = request(method, path, &shown).header("x-hallward-proof", proof);
            let mut request = request.body(Body::empty()).unwrap();
            request.headers_mut().insert("sec-fetch-site", site.parse().unwrap());
            hall.router().oneshot(request)
        };
        for (proof, site) in [("", "same-origin"), (&foreign, "same-origin"), (&foreign, "cross-site")] {
            let answer = with(proof, site).await.unwrap();
            assert_eq!(answer.status(), StatusCode::FORBIDDEN, "{path} {proof} {site}");
        }
    }
}
