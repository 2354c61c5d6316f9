//! Sessions as people see them, and `POST /account/session-end`.

use axum::response::Response;

use super::{
    super::{
        super::{form::Form, problem::Problem},
        asked::{Asked, onward},
        frame::Frame,
        told::Told,
    },
    ADDRESS, HERE, shown,
};
use crate::{
    accounts::{NoSuch, NotDone},
    model::PersonId,
    store::Registry,
};

/// A session.
pub(in super::super) struct SessionView {
    pub(in super::super) id: i64,
    pub(in super::super) from: String,
    pub(in super::super) since: String,
    pub(in super::super) used: String,
    /// Whether it is the one that asks.
    pub(in super::super) is_this: bool,
}

impl SessionView {
    /// Those of whom `wanted` says so, the newest first; `this` is the one that asks.
    pub(in super::super) fn of(
        frame: &Frame<'_>,
        registry: &Registry,
        wanted: impl Fn(PersonId) -> bool,
        this: Option<i64>,
    ) -> Vec<Self> {
        let wanted = registry.sessions.iter().filter(|session| wanted(session.person));
        let mut views: Vec<Self> = wanted
            .map(|session| Self {
                id: session.id,
                from: session.from.clone(),
                since: frame.moment(session.made),
                used: frame.words.ago(session.used, frame.now),
                is_this: Some(session.id) == this,
            })
            .collect();
        views.reverse();
        views
    }
}

/// The handler of `POST /account/session-end`.
pub(super) async fn end(asked: Asked, form: Form) -> Result<Response, Problem> {
    match ended(&asked, &form).await {
        Ok(()) => Ok(onward(ADDRESS, "session-ended")),
        Err(error) => {
            let frame = asked.frame(HERE, ADDRESS)?;
            shown(&asked, &frame, &Told::wrong(&frame.words, "session-end", form, &error.into()))
        }
    }
}

/// Ends the session that the form names.
pub(in super::super) async fn ended(asked: &Asked, form: &Form) -> Result<(), NotDone> {
    let id = form.text("id");
    let number = id.parse().map_err(|_| NoSuch::Session(id.to_owned()))?;
    asked.accounts().end_session(&asked.caller, number).await
}
