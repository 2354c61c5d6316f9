//! `POST /accounts/add`: another person with an account. The one-time link by which the person chooses a password is
//! shown on the page, once.

use axum::response::Response;
use chrono::NaiveDate;

use super::{
    super::{
        super::{form::Form, problem::Problem},
        asked::Asked,
        told::{Mistake, Told},
    },
    ADDRESS, HERE,
    list::shown,
};
use crate::{
    accounts::NewAccount,
    model::{Id, Role},
};

/// The handler.
pub(super) async fn add(asked: Asked, form: Form) -> Result<Response, Problem> {
    let added = added(&asked, &form).await;
    let frame = asked.frame(HERE, ADDRESS)?;
    let told = match added {
        Ok(secret) => Told::secret(&frame.words, "link-shown-once", asked.link(&secret)),
        Err(mistake) => Told::wrong(&frame.words, "add", form, &mistake),
    };
    shown(&asked, &frame, &told)
}

async fn added(asked: &Asked, form: &Form) -> Result<String, Mistake> {
    let name = form.given("name").ok_or(Mistake::Text("form-name-missing"))?;
    let sign_in = form.text("sign-in").to_lowercase();
    if sign_in.parse::<Id>().is_err() {
        return Err(Mistake::Text("form-sign-in-wrong"));
    }
    if asked.accounts().registry().by_sign_in(&sign_in).is_some() {
        return Err(Mistake::Text("form-sign-in-taken"));
    }
    let role = Role::parse(form.text("role")).ok_or(Mistake::Text("form-role-missing"))?;
    let ends = asked.end_of(form.given("day"))?;
    if role.must_end() && ends.is_none() {
        return Err(Mistake::Text("form-inspector-end"));
    }
    let born = form.given("born").map(|born| born.parse::<NaiveDate>());
    let new = NewAccount {
        name: name.to_owned(),
        born: born.transpose().map_err(|_| Mistake::Text("form-born-wrong"))?,
        phone: form.given("phone").map(str::to_owned),
        sign_in,
        role,
        ends,
        remote: form.given("remote").map(str::to_owned),
    };
    Ok(asked.accounts().add(&asked.caller, new).await?.1)
}
