//! `GET /accounts`: every account. `POST /accounts/change-all`: all must choose new passwords, or all administrators.

use askama::Template;
use axum::response::Response;

use super::{
    super::{
        super::{form::Form, problem::Problem, words::Words},
        account::role_text,
        asked::{Asked, onward},
        frame::Frame,
        page_with,
        told::{Mistake, Told, why},
    },
    ADDRESS, HERE,
};
use crate::{
    logic::sign_in::{Standing, standing},
    model::{Account, PersonId, Role},
    store::Registry,
};

#[derive(Template)]
#[template(path = "accounts/accounts.html")]
struct AccountsPage<'p> {
    frame: &'p Frame<'p>,
    told: &'p Told,
    accounts: Vec<AccountRow>,
    roles: Vec<RoleView>,
}

struct AccountRow {
    id: String,
    name: String,
    sign_in: String,
    role: String,
    standing: StandingView,
    used: String,
    ends: Option<String>,
}

/// A role that can be chosen.
pub(super) struct RoleView {
    pub(super) id: &'static str,
    pub(super) text: String,
}

/// Whether an account counts: a class of its look, and the text.
pub(super) struct StandingView {
    pub(super) class: String,
    pub(super) text: String,
}

/// The handler of `GET /accounts`.
pub(super) async fn list(asked: Asked) -> Result<Response, Problem> {
    let frame = asked.frame(HERE, ADDRESS)?;
    let told = Told::done(&frame.words, asked.done()?);
    shown(&asked, &frame, &told)
}

/// The page, with what a form of it has led to.
pub(super) fn shown(asked: &Asked, frame: &Frame<'_>, told: &Told) -> Result<Response, Problem> {
    let registry = asked.accounts().registry();
    let mut accounts: Vec<(bool, AccountRow)> = Vec::new();
    for account in &registry.accounts {
        let standing = standing(account, &registry.rules, frame.now);
        accounts.push((standing == Standing::Over, AccountRow::new(frame, &registry, account, standing)));
    }
    // Those that are over come last.
    accounts.sort_by_key(|(over, _)| *over);
    let accounts = accounts.into_iter().map(|(_, row)| row).collect();
    let answer = AccountsPage { frame, told, accounts, roles: RoleView::all(&frame.words) };
    page_with(told.status(), &answer, frame)
}

/// The handler of `POST /accounts/change-all`.
pub(super) async fn change_all(asked: Asked, form: Form) -> Result<Response, Problem> {
    match changed(&asked, &form).await {
        Ok(()) => Ok(onward(ADDRESS, "change-all")),
        Err(mistake) => {
            let frame = asked.frame(HERE, ADDRESS)?;
            shown(&asked, &frame, &Told::wrong(&frame.words, "change-all", form, &mistake))
        }
    }
}

async fn changed(asked: &Asked, form: &Form) -> Result<(), Mistake> {
    let role = match form.text("role") {
        "all" => None,
        role => Some(Role::parse(role).ok_or(Mistake::Text("form-role-missing"))?),
    };
    asked.accounts().change_all(&asked.caller, role, why(form)?).await?;
    Ok(())
}

/// A person's name for whoever manages accounts.
pub(super) fn name_of(registry: &Registry, person: PersonId) -> String {
    registry.person(person).map_or_else(|| person.to_string(), |person| person.name.clone())
}

impl AccountRow {
    fn new(frame: &Frame<'_>, registry: &Registry, account: &Account, standing: Standing) -> Self {
        Self {
            id: account.person.to_string(),
            name: name_of(registry, account.person),
            sign_in: account.sign_in.clone(),
            role: role_text(&frame.words, account.role),
            standing: StandingView::new(&frame.words, account, standing),
            used: frame.words.ago(account.used, frame.now),
            ends: account.ends.map(|end| frame.last_day(end)),
        }
    }
}

impl RoleView {
    pub(super) fn all(words: &Words<'_>) -> Vec<Self> {
        Role::ALL.iter().map(|role| Self { id: role.as_str(), text: role_text(words, *role) }).collect()
    }
}

impl StandingView {
    pub(super) fn new(words: &Words<'_>, account: &Account, standing: Standing) -> Self {
        let waits = standing == Standing::Active && account.password.is_none();
        let word = if waits { "no-password" } else { standing.as_str() };
        let class = format!("standing-{word}");
        Self { text: words.say(&class), class }
    }
}
