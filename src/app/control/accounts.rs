//! Accounts and tokens at the console: what the web does for administrators, for a local user who may open the control
//! socket. It goes through the same owner, with the same checks and records; it alone may end the last administrator.

use super::{
    AccountDeed, AccountLine, Answer, Control, Did, Made, TokenDeed, TokenLine, named, protocol::Request,
};
use crate::{
    accounts::{Accounts, Caller, NewAccount, NewToken, NotDone},
    logic::sign_in::{Rules, password_is_aged, standing},
    model::{Account, Right, Token, Wall},
    store::Registry,
};

/// The most lines of a list; the newest are told.
const LINES: usize = 1000;

/// Why a deed was not done: a sentence, or the owner's refusal.
enum No {
    Wrong(String),
    NotDone(NotDone),
}

impl From<String> for No {
    fn from(what: String) -> Self {
        Self::Wrong(what)
    }
}

impl From<NotDone> for No {
    fn from(why: NotDone) -> Self {
        Self::NotDone(why)
    }
}

impl From<No> for Answer {
    fn from(no: No) -> Self {
        match no {
            No::Wrong(what) => Self::Error(what),
            No::NotDone(NotDone::Conflict(what)) => Self::Refused(what.to_string()),
            No::NotDone(other) => Self::Error(other.to_string()),
        }
    }
}

/// Whether the caller has the right that its request takes. A refusal is recorded.
pub(super) async fn may(accounts: &Accounts, caller: &Caller, request: &Request) -> Result<(), Answer> {
    let (right, verb) = (request.right(), request.verb());
    if caller.rights.has(right) {
        return Ok(());
    }
    accounts.refused(caller, right, verb).await;
    let who = &caller.actor;
    Err(Answer::Refused(format!("`{verb}` takes the right `{right}`, which {who} has not; this is recorded")))
}

impl Control {
    /// Does a deed about an account.
    pub(super) async fn account(&self, caller: &Caller, deed: AccountDeed) -> Answer {
        self.account_deed(caller, deed).await.unwrap_or_else(Answer::from)
    }

    async fn account_deed(&self, caller: &Caller, deed: AccountDeed) -> Result<Answer, No> {
        let accounts = &self.accounts;
        let registry = accounts.registry();
        let person = |who: &str| named::person(&registry, who);
        let did = match deed {
            AccountDeed::List { ended } => {
                return Ok(Answer::Accounts(lines(&registry, accounts.now().wall, ended)));
            }
            AccountDeed::Add { .. } => return self.add(caller, deed).await,
            AccountDeed::Link { who, why } => {
                let id = person(&who)?;
                let link = self.link(&accounts.new_link(caller, id, &why).await?);
                return Ok(Answer::Made(Made { id: id.to_string(), link: Some(link), token: None }));
            }
            AccountDeed::ChangeAll { role, why } => {
                let role = role.as_deref().map(named::role).transpose()?;
                let count = accounts.change_all(caller, role, &why).await?;
                return Ok(Answer::Did(Did { id: String::new(), count }));
            }
            AccountDeed::Role { who, role, why } => {
                let id = person(&who)?;
                accounts.set_role(caller, id, named::role(&role)?, &why).await.map(|()| id)
            }
            AccountDeed::EndDate { who, ends, why } => {
                let id = person(&who)?;
                accounts.set_ends(caller, id, self.end(ends.as_deref())?, &why).await.map(|()| id)
            }
            AccountDeed::Remote { who, purpose, why } => {
                let id = person(&who)?;
                accounts.set_remote(caller, id, purpose, &why).await.map(|()| id)
            }
            AccountDeed::Unlock { who, request } => {
                let id = person(&who)?;
                accounts.unlock(caller, id, &request).await.map(|()| id)
            }
            AccountDeed::Suspend { who, why } => {
                let id = person(&who)?;
                accounts.suspend(caller, id, &why).await.map(|()| id)
            }
            AccountDeed::Restore { who, why } => {
                let id = person(&who)?;
                accounts.restore(caller, id, &why).await.map(|()| id)
            }
            AccountDeed::End { who, why } => {
                let id = person(&who)?;
                accounts.end(caller, id, &why).await.map(|()| id)
            }
        };
        Ok(Answer::Did(Did { id: did?.to_string(), count: 1 }))
    }

    async fn add(&self, caller: &Caller, deed: AccountDeed) -> Result<Answer, No> {
        let AccountDeed::Add { name, sign_in, role, born, phone, ends, remote } = deed else {
            return Err(No::Wrong("another deed".to_owned()));
        };
        let new = NewAccount {
            name,
            born: born.as_deref().map(named::born).transpose()?,
            phone,
            sign_in,
            role: named::role(&role)?,
            ends: self.end(ends.as_deref())?,
            remote,
        };
        let (id, secret) = self.accounts.add(caller, new).await?;
        Ok(Answer::Made(Made { id: id.to_string(), link: Some(self.link(&secret)), token: None }))
    }

    /// Does a deed about a token or display.
    pub(super) async fn token(&self, caller: &Caller, deed: TokenDeed) -> Answer {
        self.token_deed(caller, deed).await.unwrap_or_else(Answer::from)
    }

    async fn token_deed(&self, caller: &Caller, deed: TokenDeed) -> Result<Answer, No> {
        let accounts = &self.accounts;
        let registry = accounts.registry();
        match deed {
            TokenDeed::List => Ok(Answer::Tokens(registry.tokens.iter().map(token_line).collect())),
            TokenDeed::Add { name, who, rights, ends } => {
                let person = Some(named::person(&registry, &who)?);
                let (rights, ends) = (named::rights(&rights)?, self.end(ends.as_deref())?);
                let new = NewToken { name, person, rights, ends };
                let (id, token) = accounts.make_token(caller, new).await?;
                Ok(Answer::Made(Made { id: id.to_string(), link: None, token: Some(token) }))
            }
            TokenDeed::Display { name } => {
                let (id, secret) = accounts.make_display(caller, &name).await?;
                Ok(Answer::Made(Made { id: id.to_string(), link: Some(self.link(&secret)), token: None }))
            }
            TokenDeed::End { token, why } => {
                let id = named::token(&registry, &token)?;
                accounts.end_token(caller, id, &why).await?;
                Ok(Answer::Did(Did { id: id.to_string(), count: 1 }))
            }
        }
    }

    fn link(&self, secret: &str) -> String {
        link(self.base.as_deref(), secret)
    }

    fn end(&self, text: Option<&str>) -> Result<Option<Wall>, String> {
        let zone = self.plant().site.time_zone;
        text.map(|text| named::end(text, zone)).transpose()
    }
}

/// The address to open; its path alone where no pages are served.
fn link(base: Option<&str>, secret: &str) -> String {
    format!("{}/link/{secret}", base.unwrap_or_default())
}

fn lines(registry: &Registry, now: Wall, ended: bool) -> Vec<AccountLine> {
    let shown = |account: &&Account| ended || account.ended.is_none();
    let mut lines: Vec<AccountLine> = registry
        .accounts
        .iter()
        .rev()
        .filter(shown)
        .take(LINES)
        .map(|account| account_line(registry, account, now))
        .collect();
    lines.reverse();
    lines
}

fn account_line(registry: &Registry, account: &Account, now: Wall) -> AccountLine {
    let rules: &Rules = &registry.rules;
    let stands = if account.ended.is_some() { "ended" } else { standing(account, rules, now).as_str() };
    AccountLine {
        person: account.person.to_string(),
        name: registry.person(account.person).map(|person| person.name.clone()).unwrap_or_default(),
        sign_in: account.sign_in.clone(),
        role: account.role.to_string(),
        standing: stands.to_owned(),
        password: account.password.is_some(),
        must_change: password_is_aged(account, rules, now),
        second_factor: account.totp.is_some(),
        made: account.made.rfc3339(),
        used: account.used.rfc3339(),
        ends: account.ends.map(Wall::rfc3339),
        remote: account.remote.clone(),
        sessions: registry.sessions.iter().filter(|session| session.person == account.person).count(),
    }
}

fn token_line(token: &Token) -> TokenLine {
    TokenLine {
        token: token.id.to_string(),
        kind: if token.person.is_some() { "token" } else { "display" }.to_owned(),
        name: token.name.clone(),
        person: token.person.map(|person| person.to_string()),
        rights: token.rights.iter().map(Right::as_str).map(str::to_owned).collect(),
        made: token.made.rfc3339(),
        ends: token.ends.map(Wall::rfc3339),
        in_use: token.hash.is_some(),
    }
}

#[cfg(test)]
#[path = "accounts_tests.rs"]
mod tests;
