//! `/accounts/tokens`: every token and wall display. A display is made here; the link that pairs it is shown once.

use askama::Template;
use axum::response::Response;

use super::{
    super::{
        super::{form::Form, problem::Problem},
        account::{self, TokenView},
        asked::{Asked, onward},
        frame::Frame,
        page_with,
        told::{Mistake, Told},
    },
    HERE,
};

pub(super) const ADDRESS: &str = "/accounts/tokens";

#[derive(Template)]
#[template(path = "accounts/tokens.html")]
struct TokensPage<'p> {
    frame: &'p Frame<'p>,
    told: &'p Told,
    tokens: Vec<TokenView>,
}

/// The handler of `GET /accounts/tokens`.
pub(super) async fn tokens(asked: Asked) -> Result<Response, Problem> {
    let frame = asked.frame(HERE, ADDRESS)?;
    let told = Told::done(&frame.words, asked.done()?);
    shown(&asked, &frame, &told)
}

/// The handler of `POST /accounts/tokens/display`.
pub(super) async fn make_display(asked: Asked, form: Form) -> Result<Response, Problem> {
    let made = made(&asked, &form).await;
    let frame = asked.frame(HERE, ADDRESS)?;
    let told = match made {
        Ok(secret) => Told::secret(&frame.words, "display-shown-once", asked.link(&secret)),
        Err(mistake) => Told::wrong(&frame.words, "display", form, &mistake),
    };
    shown(&asked, &frame, &told)
}

async fn made(asked: &Asked, form: &Form) -> Result<String, Mistake> {
    let name = form.given("name").ok_or(Mistake::Text("form-name-missing"))?;
    Ok(asked.accounts().make_display(&asked.caller, name).await?.1)
}

/// The handler of `POST /accounts/tokens/token-end`.
pub(super) async fn end(asked: Asked, form: Form) -> Result<Response, Problem> {
    match account::token_ended(&asked, &form).await {
        Ok(()) => Ok(onward(ADDRESS, "token-ended")),
        Err(mistake) => {
            let frame = asked.frame(HERE, ADDRESS)?;
            shown(&asked, &frame, &Told::wrong(&frame.words, "token-end", form, &mistake))
        }
    }
}

fn shown(asked: &Asked, frame: &Frame<'_>, told: &Told) -> Result<Response, Problem> {
    let tokens = TokenView::of(frame, &asked.accounts().registry(), |_| true);
    page_with(told.status(), &TokensPage { frame, told, tokens }, frame)
}
