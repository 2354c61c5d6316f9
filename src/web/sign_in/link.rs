//! `/link/{secret}`: what a one-time link opens.

use std::sync::Arc;

use askama::Template;
use axum::{
    extract::{Path, RawQuery, State},
    http::{HeaderMap, StatusCode},
    response::Response,
};

use super::{
    super::{Web, form::Form, problem::Problem, query::Query, refused},
    shell::{Asker, Shell, on_to, page},
};
use crate::accounts::{LinkFor, NotDone};

#[derive(Template)]
#[template(path = "link.html")]
struct LinkPage<'p> {
    shell: &'p Shell<'p>,
    /// Whose password is to be chosen; none where the link does not count.
    sign_in: Option<String>,
    /// The display that this browser becomes.
    display: Option<String>,
    wrong: Vec<String>,
}

/// The handler of `GET /link/{secret}`.
pub(super) async fn open(
    State(web): State<Arc<Web>>,
    Path(secret): Path<String>,
    headers: HeaderMap,
    RawQuery(raw): RawQuery,
    Asker(from): Asker,
) -> Result<Response, Problem> {
    let query = Query::parse(raw.as_deref(), &["lang"])?;
    let shell = Shell::new(&web, &headers, &query)?;
    let page_of = |status, sign_in, display| {
        page(status, &LinkPage { shell: &shell, sign_in, display, wrong: Vec::new() })
    };
    match web.context.accounts.link(&secret) {
        None => page_of(StatusCode::NOT_FOUND, None, None),
        Some(LinkFor::ChoosePassword(name)) => page_of(StatusCode::OK, Some(name), None),
        Some(LinkFor::Pair(name)) => page_of(StatusCode::OK, None, Some(name)),
        Some(LinkFor::Enter) => match web.context.accounts.enter(&secret, from).await {
            Ok(signed_in) => Ok(on_to(&signed_in, false, "/")),
            Err(_) => page_of(StatusCode::NOT_FOUND, None, None),
        },
    }
}

/// The handler of `POST /link/{secret}`: a password is chosen, or this browser becomes a display.
pub(super) async fn choose(
    State(web): State<Arc<Web>>,
    Path(secret): Path<String>,
    headers: HeaderMap,
    RawQuery(raw): RawQuery,
    Asker(from): Asker,
    form: Form,
) -> Result<Response, Problem> {
    let query = Query::parse(raw.as_deref(), &["lang"])?;
    let shell = Shell::new(&web, &headers, &query)?;
    let accounts = &web.context.accounts;
    let (sign_in, display, done) = match accounts.link(&secret) {
        Some(LinkFor::ChoosePassword(name)) => {
            let (password, again) = (form.raw("password"), form.raw("again"));
            if password != again {
                let wrong = vec![shell.say("password-not-twice")];
                let page_of = LinkPage { shell: &shell, sign_in: Some(name), display: None, wrong };
                return page(StatusCode::UNPROCESSABLE_ENTITY, &page_of);
            }
            (Some(name), None, accounts.choose_password(&secret, password.to_owned(), from).await)
        }
        Some(LinkFor::Pair(name)) => (None, Some(name), accounts.pair(&secret, from).await),
        Some(LinkFor::Enter) | None => {
            let page_of = LinkPage { shell: &shell, sign_in: None, display: None, wrong: Vec::new() };
            return page(StatusCode::NOT_FOUND, &page_of);
        }
    };
    let error = match done {
        Ok(signed_in) => return Ok(on_to(&signed_in, display.is_some(), "/")),
        Err(error) => error,
    };
    let status = match error {
        NotDone::Store(_) => StatusCode::SERVICE_UNAVAILABLE,
        NotDone::NoSuch(_)
        | NotDone::Order(_)
        | NotDone::Wrong(_)
        | NotDone::Conflict(_)
        | NotDone::Weak(_)
        | NotDone::NotYou
        | NotDone::Rule(_) => StatusCode::UNPROCESSABLE_ENTITY,
    };
    let wrong = refused::told(&shell.words, &error);
    page(status, &LinkPage { shell: &shell, sign_in, display, wrong })
}
