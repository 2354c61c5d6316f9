//! `POST /accounts/{id}/{deed}`: what can be done to one account, each with its reason.

use axum::{extract::Path, response::Response};

use super::{
    super::{
        super::{form::Form, problem::Problem},
        account,
        asked::{Asked, onward},
        told::{Mistake, Told, why},
    },
    HERE,
    account::{address, person, shown},
};
use crate::model::{PersonId, Role};

/// Each deed's name in the address, which is that of its form too.
const DEEDS: [&str; 10] =
    ["role", "end-date", "remote", "link", "unlock", "suspend", "restore", "end", "session-end", "token-end"];

/// The handler.
pub(super) async fn deed(
    asked: Asked,
    Path((id, deed)): Path<(String, String)>,
    form: Form,
) -> Result<Response, Problem> {
    let (who, _) = person(&asked, &id)?;
    let deed = DEEDS.into_iter().find(|known| *known == deed);
    let deed = deed.ok_or_else(|| Problem::missing(format!("one of {}", DEEDS.join(", "))))?;
    let done = done(&asked, who.id, deed, &form).await;
    let frame = asked.frame(HERE, &address(&id))?;
    let told = match done {
        Ok(None) => return Ok(onward(&address(&id), deed)),
        Ok(Some(secret)) => Told::secret(&frame.words, "link-shown-once", asked.link(&secret)),
        Err(mistake) => Told::wrong(&frame.words, deed, form, &mistake),
    };
    shown(&asked, &frame, &id, &told).await
}

/// Does it; the secret of a link, if it makes one.
async fn done(asked: &Asked, who: PersonId, deed: &str, form: &Form) -> Result<Option<String>, Mistake> {
    let (accounts, caller) = (asked.accounts(), &asked.caller);
    match deed {
        "role" => {
            let role = Role::parse(form.text("role")).ok_or(Mistake::Text("form-role-missing"))?;
            accounts.set_role(caller, who, role, why(form)?).await?;
        }
        "end-date" => {
            let ends = asked.end_of(form.given("day"))?;
            accounts.set_ends(caller, who, ends, why(form)?).await?;
        }
        "remote" => {
            let purpose = form.given("remote").map(str::to_owned);
            accounts.set_remote(caller, who, purpose, why(form)?).await?;
        }
        "link" => return Ok(Some(accounts.new_link(caller, who, why(form)?).await?)),
        "unlock" => accounts.unlock(caller, who, why(form)?).await?,
        "suspend" => accounts.suspend(caller, who, why(form)?).await?,
        "restore" => accounts.restore(caller, who, why(form)?).await?,
        "end" => accounts.end(caller, who, why(form)?).await?,
        "session-end" => account::session_ended(asked, form).await?,
        _ => account::token_ended(asked, form).await?,
    }
    Ok(None)
}
