//! `GET /accounts/{id}`: one account, with its sessions and tokens, what can be done to it, and what the journal says of it.

use askama::Template;
use axum::{extract::Path, response::Response};

use super::{
    super::{
        super::problem::Problem,
        account::{SessionView, TokenView, role_text},
        asked::Asked,
        frame::Frame,
        page_with,
        records::RecordView,
        told::Told,
    },
    HERE,
    list::{RoleView, StandingView},
};
use crate::{
    accounts::Way,
    logic::sign_in::{Standing, standing},
    model::{Account, Person, PersonId},
    store::Registry,
};

/// So many records are shown.
const RECORDS: usize = 30;

#[derive(Template)]
#[template(path = "accounts/account.html")]
struct AccountPage<'p> {
    frame: &'p Frame<'p>,
    told: &'p Told,
    id: String,
    /// The page's own address.
    base: String,
    name: String,
    about: About,
    standing: StandingView,
    /// What can be done now.
    may: May,
    /// Its role's name in the API.
    role_id: &'static str,
    roles: Vec<RoleView>,
    /// The last day, as a field holds it.
    day: String,
    remote: String,
    sessions: Vec<SessionView>,
    tokens: Vec<TokenView>,
    records: Vec<RecordView>,
}

/// What it says of the account at the top.
struct About {
    sign_in: String,
    role: String,
    made: String,
    used: String,
    ends: Option<String>,
    second_factor: bool,
}

/// Which deeds the account's standing leaves.
struct May {
    unlock: bool,
    suspend: bool,
    restore: bool,
    /// Anything at all: it has not ended for good.
    anything: bool,
}

/// The handler.
pub(super) async fn account(asked: Asked, Path(id): Path<String>) -> Result<Response, Problem> {
    let frame = asked.frame(HERE, &address(&id))?;
    let told = Told::done(&frame.words, asked.done()?);
    shown(&asked, &frame, &id, &told).await
}

/// The address of an account's page.
pub(super) fn address(id: &str) -> String {
    format!("/accounts/{id}")
}

/// The person that an address names.
pub(super) fn person(asked: &Asked, id: &str) -> Result<(Person, Account), Problem> {
    let found = PersonId::parse(id).and_then(|person| asked.accounts().find(person));
    found.ok_or_else(|| Problem::missing(format!("there is no account `{id}`")))
}

/// The page, with what a form of it has led to.
pub(super) async fn shown(
    asked: &Asked,
    frame: &Frame<'_>,
    id: &str,
    told: &Told,
) -> Result<Response, Problem> {
    let (person, account) = person(asked, id)?;
    let records = RecordView::about(asked.web(), &frame.words, id, RECORDS).await;
    let registry = asked.accounts().registry();
    let stands = standing(&account, &registry.rules, frame.now);
    let answer = AccountPage {
        frame,
        told,
        id: id.to_owned(),
        base: address(id),
        name: person.name,
        about: About::new(frame, &account),
        standing: StandingView::new(&frame.words, &account, stands),
        may: May::new(&account, stands),
        role_id: account.role.as_str(),
        roles: RoleView::all(&frame.words),
        day: account.ends.map(|end| frame.last_day(end)).unwrap_or_default(),
        sessions: sessions(asked, frame, &registry, person.id),
        tokens: TokenView::of(frame, &registry, |token| token.person == Some(person.id)),
        remote: account.remote.unwrap_or_default(),
        records,
    };
    page_with(told.status(), &answer, frame)
}

fn sessions(asked: &Asked, frame: &Frame<'_>, registry: &Registry, person: PersonId) -> Vec<SessionView> {
    let this = match asked.caller.way {
        Way::Session { id, .. } => Some(id),
        Way::Token { .. } | Way::Console => None,
    };
    SessionView::of(frame, registry, |of| of == person, this)
}

impl About {
    fn new(frame: &Frame<'_>, account: &Account) -> Self {
        Self {
            sign_in: account.sign_in.clone(),
            role: role_text(&frame.words, account.role),
            made: frame.moment(account.made),
            used: frame.words.ago(account.used, frame.now),
            ends: account.ends.map(|end| frame.last_day(end)),
            second_factor: account.totp.is_some(),
        }
    }
}

impl May {
    fn new(account: &Account, stands: Standing) -> Self {
        let anything = account.ended.is_none();
        Self {
            unlock: anything && account.locked.is_some(),
            suspend: anything && account.suspended.is_none(),
            restore: stands == Standing::Suspended,
            anything,
        }
    }

    /// Whether the page has the form of this name, which tells what is wrong with it; meanwhile somebody else may have done it.
    fn shows(&self, form: &str) -> bool {
        match form {
            "unlock" => self.unlock,
            "suspend" => self.suspend,
            "restore" => self.restore,
            "session-end" | "token-end" => true,
            _ => self.anything,
        }
    }
}
