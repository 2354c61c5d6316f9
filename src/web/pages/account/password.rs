//! `POST /account/password`: another password; all other sessions of the person end with it.

use axum::response::Response;

use super::{
    super::{
        super::{form::Form, problem::Problem},
        asked::{Asked, onward},
        told::{Mistake, Told},
    },
    ADDRESS, HERE, shown,
};

/// The handler.
pub(super) async fn choose(asked: Asked, form: Form) -> Result<Response, Problem> {
    match changed(&asked, &form).await {
        Ok(()) => Ok(onward(ADDRESS, "password")),
        Err(mistake) => {
            let frame = asked.frame(HERE, ADDRESS)?;
            shown(&asked, &frame, &Told::wrong(&frame.words, "password", form, &mistake))
        }
    }
}

async fn changed(asked: &Asked, form: &Form) -> Result<(), Mistake> {
    let [old, new, again] = ["old", "new", "again"].map(|field| form.raw(field).to_owned());
    if new != again {
        return Err(Mistake::Text("password-not-twice"));
    }
    Ok(asked.accounts().change_password(&asked.caller, old, new).await?)
}
