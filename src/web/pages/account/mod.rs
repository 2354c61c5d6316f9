//! `/account`: one's own account. A person chooses another password there, sets up a second factor, sees and ends its
//! sessions and tokens. While a new password must be chosen there is nothing else to do.
//!
//! Wall displays and programs have no account: they are told so. What administrators do is in `accounts`, which shows
//! sessions and tokens as this does ([`SessionView`], [`TokenView`]).

mod password;
mod second_factor;
mod sessions;
mod tokens;

use askama::Template;
use axum::response::Response;

use super::{
    super::{
        problem::Problem,
        route::{Need, Route},
        words::Words,
    },
    asked::{Asked, back},
    frame::Frame,
    page, page_with,
    told::Told,
};
use crate::{
    accounts::Way,
    model::{PersonId, Right, Role},
};
pub(super) use sessions::{SessionView, ended as session_ended};
pub(super) use tokens::{TokenView, ended as token_ended};

const HERE: &str = "nav-account";
const ADDRESS: &str = "/account";

#[derive(Template)]
#[template(path = "account/account.html")]
struct AccountPage<'p> {
    frame: &'p Frame<'p>,
    told: &'p Told,
    name: String,
    sign_in: String,
    role: String,
    rights: Vec<RightView>,
    ends: Option<String>,
    remote: Option<String>,
    must_change: bool,
    /// Whether there is a password that a new one replaces.
    has_password: bool,
    second_factor: bool,
    sessions: Vec<SessionView>,
    tokens: Vec<TokenView>,
}

#[derive(Template)]
#[template(path = "account/none.html")]
struct NoAccountPage<'p> {
    frame: &'p Frame<'p>,
}

/// A right, for people.
pub(super) struct RightView {
    pub(super) id: &'static str,
    pub(super) text: String,
}

/// Its routes.
pub(super) fn routes() -> Vec<Route> {
    vec![
        Route::page(ADDRESS, Need::Oneself, account),
        Route::page("/account/password", Need::Oneself, back),
        Route::form("/account/password", Need::Oneself, password::choose),
        Route::page("/account/second-factor", Need::SignedIn, second_factor::set_up),
        Route::form("/account/second-factor", Need::SignedIn, second_factor::confirm),
        Route::page("/account/second-factor-off", Need::SignedIn, back),
        Route::form("/account/second-factor-off", Need::SignedIn, second_factor::switch_off),
        Route::page("/account/session-end", Need::SignedIn, back),
        Route::form("/account/session-end", Need::SignedIn, sessions::end),
        Route::page("/account/token", Need::SignedIn, back),
        Route::form("/account/token", Need::SignedIn, tokens::make),
        Route::page("/account/token-end", Need::SignedIn, back),
        Route::form("/account/token-end", Need::SignedIn, tokens::end),
    ]
}

/// The handler of `GET /account`.
async fn account(asked: Asked) -> Result<Response, Problem> {
    let frame = asked.frame(HERE, ADDRESS)?;
    let told = Told::done(&frame.words, asked.done()?);
    shown(&asked, &frame, &told)
}

/// The page, with what a form of it has led to.
fn shown(asked: &Asked, frame: &Frame<'_>, told: &Told) -> Result<Response, Problem> {
    let Way::Session { id, person, must_change, .. } = asked.caller.way else {
        return page(&NoAccountPage { frame }, frame);
    };
    let registry = asked.accounts().registry();
    let found = registry.person(person).zip(registry.account(person));
    let (who, account) = found.ok_or_else(|| Problem::missing("this account has ended"))?;
    let mine = |of: PersonId| of == person;
    let answer = AccountPage {
        frame,
        told,
        name: who.name.clone(),
        sign_in: account.sign_in.clone(),
        role: role_text(&frame.words, account.role),
        rights: account.role.rights().iter().map(|right| RightView::new(&frame.words, right)).collect(),
        ends: account.ends.map(|end| frame.last_day(end)),
        remote: account.remote.clone(),
        must_change,
        has_password: account.password.is_some(),
        second_factor: account.totp.is_some(),
        sessions: SessionView::of(frame, &registry, mine, Some(id)),
        tokens: TokenView::of(frame, &registry, |token| token.person == Some(person)),
    };
    page_with(told.status(), &answer, frame)
}

/// A role, for people.
pub(super) fn role_text(words: &Words<'_>, role: Role) -> String {
    words.say(&format!("role-{role}"))
}

impl RightView {
    pub(super) fn new(words: &Words<'_>, right: Right) -> Self {
        let text = words.say(&format!("right-{}", right.as_str().replace('.', "-")));
        Self { id: right.as_str(), text }
    }
}
