//! The API of accounts: oneself, accounts, sessions, tokens and displays, the rules of signing in. The pages of the same
//! matter are `pages::account` and `pages::accounts`; both change what they change through `crate::accounts`.

mod deeds;
mod list;
mod me;
mod rules;
mod sessions;
mod tokens;

use std::sync::Arc;

use axum::{extract::FromRequestParts, http::request::Parts};

use super::{Web, problem::Problem, query::Query, route::Need, route::Route};
use crate::{
    accounts::{Accounts, Caller},
    model::{PersonId, Right, Wall},
};

const MANAGES: Need = Need::Right(Right::AccountManage);

/// Its routes.
pub(super) fn routes() -> Vec<Route> {
    let matters = [
        me::routes(),
        list::routes(),
        deeds::routes(),
        sessions::routes(),
        tokens::routes(),
        rules::routes(),
    ];
    matters.into_iter().flatten().collect()
}

/// Who asks for what; nothing is taken in the query but `person`, where that is said.
struct Asked {
    web: Arc<Web>,
    caller: Caller,
    query: Query,
}

impl FromRequestParts<Arc<Web>> for Asked {
    type Rejection = Problem;

    async fn from_request_parts(parts: &mut Parts, web: &Arc<Web>) -> Result<Self, Problem> {
        let known: &[&str] = if takes_person(parts) { &["person"] } else { &[] };
        let query = Query::parse(parts.uri.query(), known)?;
        let caller = parts.extensions.get::<Caller>().cloned();
        // The guard has let in nobody else.
        let caller = caller.ok_or_else(|| Problem::unavailable("nobody asks"))?;
        Ok(Self { web: Arc::clone(web), caller, query })
    }
}

/// Lists of sessions and tokens can be those of one person.
fn takes_person(parts: &Parts) -> bool {
    parts.method != axum::http::Method::POST
        && ["/sessions", "/tokens"].iter().any(|list| parts.uri.path().ends_with(list))
}

impl Asked {
    fn accounts(&self) -> &Accounts {
        &self.web.context.accounts
    }

    /// Whose sessions or tokens are asked for, and may be seen: one's own, or, for who manages accounts, everybody's.
    fn wanted(&self) -> Result<impl Fn(Option<PersonId>) -> bool + use<>, Problem> {
        let asked = self.query.one("person")?.map(person_id).transpose()?;
        let caller = self.caller.clone();
        Ok(move |of: Option<PersonId>| caller.may_act_for(of) && asked.is_none_or(|asked| of == Some(asked)))
    }
}

fn person_id(text: &str) -> Result<PersonId, Problem> {
    PersonId::parse(text)
        .ok_or_else(|| Problem::missing(format!("there is no account `{text}`: one such as p7")))
}

/// A time of a body.
fn time(field: &str, text: Option<&str>) -> Result<Option<Wall>, Problem> {
    let wrong = |text| {
        Problem::wrong(format!("`{field}`: `{text}` is no time: RFC 3339, such as 2027-03-31T17:00:00Z"))
    };
    text.map(|text| Wall::parse(text).ok_or_else(|| wrong(text))).transpose()
}

/// A word of a body that must be one of some.
fn word<T: Copy>(field: &str, text: &str, known: &[T], name: fn(T) -> &'static str) -> Result<T, Problem> {
    let found = known.iter().copied().find(|one| name(*one) == text);
    found.ok_or_else(|| {
        let known: Vec<_> = known.iter().map(|one| name(*one)).collect();
        Problem::wrong(format!("`{field}`: `{text}` is not one of {}", known.join(", ")))
    })
}
