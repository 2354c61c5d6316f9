//! `GET|POST /api/v1/accounts` and `GET /api/v1/accounts/{id}`.

use axum::{
    http::StatusCode,
    response::{IntoResponse, Response},
};
use chrono::NaiveDate;
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use super::{
    super::{
        body::{At, Body},
        json,
        problem::Problem,
        route::Route,
    },
    Asked, MANAGES, person_id, time, word,
};
use crate::{
    accounts::NewAccount,
    logic::sign_in::{Rules, standing},
    model::{Account, Person, PersonId, Right, Role, Wall},
};

/// A person's account.
#[derive(Serialize, JsonSchema)]
#[schemars(rename = "Account")]
pub(super) struct AccountAnswer {
    id: String,
    /// Only for who may see persons' names.
    name: Option<String>,
    sign_in: String,
    role: &'static str,
    /// `active`, `locked`, `suspended` or `over`.
    standing: &'static str,
    made: String,
    used: String,
    ends: Option<String>,
    locked: Option<String>,
    suspended: Option<String>,
    ended: Option<String>,
    has_password: bool,
    must_change_password: bool,
    second_factor: bool,
    /// What it may be used for from other machines, if it may.
    remote: Option<String>,
}

#[derive(Serialize, JsonSchema)]
struct AccountsAnswer {
    accounts: Vec<AccountAnswer>,
}

/// A new person with an account.
#[derive(Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
struct NewAccountBody {
    name: String,
    /// The birth date, so that no password contains it.
    #[serde(default)]
    #[schemars(extend("format" = "date"))]
    born: Option<String>,
    /// The telephone number, likewise.
    #[serde(default)]
    phone: Option<String>,
    sign_in: String,
    role: String,
    /// From when on it no longer counts; an inspector's must end.
    #[serde(default)]
    #[schemars(extend("format" = "date-time"))]
    ends: Option<String>,
    /// What it may be used for from other machines.
    #[serde(default)]
    remote: Option<String>,
}

/// Something with a one-time link, which is never told again.
#[derive(Serialize, JsonSchema)]
pub(super) struct LinkAnswer {
    pub(super) id: String,
    /// Its full address; counts once, for a day.
    pub(super) link: String,
}

/// Its routes.
pub(super) fn routes() -> Vec<Route> {
    vec![
        Route::get("/api/v1/accounts", MANAGES, "All accounts.", list).gives::<AccountsAnswer>(),
        Route::post("/api/v1/accounts", MANAGES, "A person with an account.", add)
            .takes::<NewAccountBody>()
            .gives::<LinkAnswer>()
            .status(201)
            .problems(&[409]),
        Route::get("/api/v1/accounts/{id}", MANAGES, "An account.", account).gives::<AccountAnswer>(),
    ]
}

async fn list(asked: Asked) -> Result<Response, Problem> {
    let registry = asked.accounts().registry();
    let found = registry.accounts.iter().filter_map(|account| {
        Some(AccountAnswer::new(&asked, registry.person(account.person)?, account, &registry.rules))
    });
    json(&AccountsAnswer { accounts: found.collect() })
}

async fn account(asked: Asked, At(id): At) -> Result<Response, Problem> {
    told(&asked, person_id(&id)?)
}

/// The account as it stands now.
pub(super) fn told(asked: &Asked, person: PersonId) -> Result<Response, Problem> {
    let found = asked.accounts().find(person);
    let (person, account) =
        found.ok_or_else(|| Problem::missing(format!("there is no account `{person}`")))?;
    json(&AccountAnswer::new(asked, &person, &account, &asked.accounts().rules()))
}

async fn add(
    asked: Asked,
    headers: axum::http::HeaderMap,
    Body(new): Body<NewAccountBody>,
) -> Result<Response, Problem> {
    let (person, secret) =
        asked.accounts().add(&asked.caller, new.checked()?).await.map_err(Problem::not_done)?;
    let link = asked.web.address(&headers, &format!("/link/{secret}"));
    made(&LinkAnswer { id: person.to_string(), link })
}

/// Something was made.
pub(super) fn made(answer: &impl Serialize) -> Result<Response, Problem> {
    Ok((StatusCode::CREATED, json(answer)?).into_response())
}

impl NewAccountBody {
    fn checked(self) -> Result<NewAccount, Problem> {
        let wrong = |born| Problem::wrong(format!("`born`: `{born}` is no day, such as 1990-03-31"));
        let born = self.born.map(|born| born.parse::<NaiveDate>().map_err(|_| wrong(born)));
        Ok(NewAccount {
            name: self.name,
            born: born.transpose()?,
            phone: self.phone,
            sign_in: self.sign_in,
            role: word("role", &self.role, &Role::ALL, Role::as_str)?,
            ends: time("ends", self.ends.as_deref())?,
            remote: self.remote,
        })
    }
}

impl AccountAnswer {
    fn new(asked: &Asked, person: &Person, account: &Account, rules: &Rules) -> Self {
        let time = |time: Option<Wall>| time.map(Wall::rfc3339);
        Self {
            id: person.id.to_string(),
            name: asked.caller.rights.has(Right::PersonRead).then(|| person.name.clone()),
            sign_in: account.sign_in.clone(),
            role: account.role.as_str(),
            standing: standing(account, rules, asked.accounts().now().wall).as_str(),
            made: account.made.rfc3339(),
            used: account.used.rfc3339(),
            ends: time(account.ends),
            locked: time(account.locked),
            suspended: time(account.suspended),
            ended: time(account.ended),
            has_password: account.password.is_some(),
            must_change_password: account.must_change,
            second_factor: account.totp.is_some(),
            remote: account.remote.clone(),
        }
    }
}
