//! Tokens as people see them; `POST /account/token` and `/account/token-end`.

use axum::response::Response;

use super::{
    super::{
        super::{form::Form, problem::Problem},
        asked::{Asked, onward},
        frame::Frame,
        told::{Mistake, Told, why},
    },
    ADDRESS, HERE, shown,
};
use crate::{
    accounts::{NewToken, NoSuch, NotDone},
    model::{Right, Token, TokenId},
    store::Registry,
};

/// A token or a wall display.
pub(in super::super) struct TokenView {
    pub(in super::super) id: String,
    pub(in super::super) name: String,
    /// Whose, with the address of its account.
    pub(in super::super) holder: Option<(String, String)>,
    pub(in super::super) rights: String,
    pub(in super::super) made: String,
    /// Its last day.
    pub(in super::super) ends: Option<String>,
    /// Whether it is a display that has been paired, or a token.
    pub(in super::super) is_in_use: bool,
}

impl TokenView {
    /// Those that are wanted, the newest first.
    pub(in super::super) fn of(
        frame: &Frame<'_>,
        registry: &Registry,
        wanted: impl Fn(&Token) -> bool,
    ) -> Vec<Self> {
        let wanted = registry.tokens.iter().filter(|token| wanted(token));
        let mut views: Vec<Self> = wanted
            .map(|token| Self {
                id: token.id.to_string(),
                name: token.name.clone(),
                holder: token
                    .person
                    .and_then(|id| Some((registry.person(id)?.name.clone(), format!("/accounts/{id}")))),
                rights: token.rights.iter().map(Right::as_str).collect::<Vec<_>>().join(", "),
                made: frame.moment(token.made),
                ends: token.ends.map(|end| frame.last_day(end)),
                is_in_use: token.hash.is_some(),
            })
            .collect();
        views.reverse();
        views
    }
}

/// The handler of `POST /account/token`: the secret is shown on the page, once.
pub(super) async fn make(asked: Asked, form: Form) -> Result<Response, Problem> {
    let made = made(&asked, &form).await;
    let frame = asked.frame(HERE, ADDRESS)?;
    let told = match made {
        Ok(secret) => Told::secret(&frame.words, "token-shown-once", secret),
        Err(mistake) => Told::wrong(&frame.words, "token", form, &mistake),
    };
    shown(&asked, &frame, &told)
}

async fn made(asked: &Asked, form: &Form) -> Result<String, Mistake> {
    let name = form.given("name").ok_or(Mistake::Text("form-name-missing"))?;
    let rights: Vec<Right> = form.all("right").filter_map(Right::parse).collect();
    if rights.is_empty() {
        return Err(Mistake::Text("token-right-missing"));
    }
    let ends = asked.end_of(form.given("day"))?;
    let new = NewToken { name: name.to_owned(), person: None, rights: rights.into_iter().collect(), ends };
    Ok(asked.accounts().make_token(&asked.caller, new).await?.1)
}

/// The handler of `POST /account/token-end`.
pub(super) async fn end(asked: Asked, form: Form) -> Result<Response, Problem> {
    match ended(&asked, &form).await {
        Ok(()) => Ok(onward(ADDRESS, "token-ended")),
        Err(mistake) => {
            let frame = asked.frame(HERE, ADDRESS)?;
            shown(&asked, &frame, &Told::wrong(&frame.words, "token-end", form, &mistake))
        }
    }
}

/// Ends the token or display that the form names.
pub(in super::super) async fn ended(asked: &Asked, form: &Form) -> Result<(), Mistake> {
    let (id, why) = (form.text("id"), why(form)?);
    let token = TokenId::parse(id).ok_or_else(|| NotDone::from(NoSuch::Token(id.to_owned())))?;
    Ok(asked.accounts().end_token(&asked.caller, token, why).await?)
}
