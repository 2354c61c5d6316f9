//! `/sign-in` and `/sign-out`.

use std::sync::Arc;

use askama::Template;
use axum::{
    Extension,
    extract::{RawQuery, State},
    http::{HeaderMap, StatusCode, header},
    response::{IntoResponse, Redirect, Response},
};

use super::{
    super::{Web, cookie, form::Form, problem::Problem, query::Query, refused},
    shell::{Asker, Shell, on_to, own_address, page},
};
use crate::accounts::{Attempt, Caller, SignInRefused};

#[derive(Template)]
#[template(path = "sign-in.html")]
struct SignInPage<'p> {
    shell: &'p Shell<'p>,
    next: &'p str,
    name: &'p str,
    refused: Option<String>,
}

/// The handler of `GET /sign-in`.
pub(super) async fn ask(
    State(web): State<Arc<Web>>,
    headers: HeaderMap,
    RawQuery(raw): RawQuery,
) -> Result<Response, Problem> {
    let query = Query::parse(raw.as_deref(), &["lang", "next"])?;
    let shell = Shell::new(&web, &headers, &query)?;
    let next = own_address(query.one("next")?.unwrap_or("/"));
    page(StatusCode::OK, &SignInPage { shell: &shell, next, name: "", refused: None })
}

/// The handler of `POST /sign-in`.
pub(super) async fn enter(
    State(web): State<Arc<Web>>,
    headers: HeaderMap,
    RawQuery(raw): RawQuery,
    Asker(from): Asker,
    form: Form,
) -> Result<Response, Problem> {
    let query = Query::parse(raw.as_deref(), &["lang"])?;
    let shell = Shell::new(&web, &headers, &query)?;
    let (name, next) = (form.text("name"), own_address(form.text("next")));
    let attempt = Attempt {
        name: name.to_lowercase(),
        password: form.raw("password").to_owned(),
        code: form.text("code").to_owned(),
        from,
    };
    let refusal = match web.context.accounts.sign_in(attempt).await {
        Ok(signed_in) => return Ok(on_to(&signed_in, false, next)),
        Err(refusal) => refusal,
    };
    let status = match &refusal {
        SignInRefused::TooMany(_) => StatusCode::TOO_MANY_REQUESTS,
        SignInRefused::NotDone(_) => StatusCode::SERVICE_UNAVAILABLE,
        SignInRefused::Wrong | SignInRefused::CodeNeeded => StatusCode::FORBIDDEN,
    };
    let text = match &refusal {
        SignInRefused::TooMany(wait) => shell.words.of("sign-in-too-many", &(wait.as_secs() + 1).to_string()),
        SignInRefused::NotDone(error) => refused::told(&shell.words, error).join(" "),
        SignInRefused::Wrong => shell.say("sign-in-wrong"),
        SignInRefused::CodeNeeded => shell.say("sign-in-code-needed"),
    };
    page(status, &SignInPage { shell: &shell, next, name, refused: Some(text) })
}

/// The handler of `POST /sign-out`.
pub(super) async fn leave(
    State(web): State<Arc<Web>>,
    headers: HeaderMap,
    Extension(caller): Extension<Caller>,
) -> Result<Response, Problem> {
    if let Err(error) = web.context.accounts.sign_out(&caller).await {
        let shell = Shell::new(&web, &headers, &Query::parse(None, &[])?)?;
        let refused = Some(refused::told(&shell.words, &error).join(" "));
        let page_of = SignInPage { shell: &shell, next: "/", name: "", refused };
        return page(StatusCode::SERVICE_UNAVAILABLE, &page_of);
    }
    let mut answer = Redirect::to("/sign-in").into_response();
    answer.headers_mut().insert(header::SET_COOKIE, cookie::clear());
    Ok(answer)
}
