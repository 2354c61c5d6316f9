//! New accounts, and the one-time links by which their persons choose a password.

use chrono::NaiveDate;

use super::{
    Accounts, Caller, Conflict, MOST, NotDone, Wrong,
    change::{Change, by, living, reason},
    link, secret,
};
use crate::{
    model::{Account, Id, Now, Person, PersonId, Purpose, Right, Role, Severity, Wall},
    store::{Registry, Row},
};

/// The longest name of a person, characters.
const NAME: usize = 100;

/// The longest telephone number, characters.
const PHONE: usize = 40;

/// The longest purpose of use from other machines, characters.
const PURPOSE: usize = 200;

/// What a new account is to be.
#[derive(Clone, Debug)]
pub struct NewAccount {
    /// The person's name.
    pub name: String,
    /// Its birth date, if it is to be kept out of passwords.
    pub born: Option<NaiveDate>,
    /// Its telephone number, likewise.
    pub phone: Option<String>,
    /// What it types at sign-in.
    pub sign_in: String,
    /// What the account is for.
    pub role: Role,
    /// From when on it no longer counts; an inspector's must end.
    pub ends: Option<Wall>,
    /// What it may be used for from other machines, if it may.
    pub remote: Option<String>,
}

impl NewAccount {
    fn check(&self, registry: &Registry, now: Now) -> Result<(), NotDone> {
        if !plain(&self.name, NAME) {
            return Err(Wrong::Name(NAME).into());
        }
        if self.sign_in.parse::<Id>().is_err() {
            return Err(Wrong::SignIn.into());
        }
        if PersonId::parse(&self.sign_in).is_some() {
            return Err(Wrong::SignInLikeId.into());
        }
        if self.phone.as_deref().is_some_and(|phone| !plain(phone, PHONE)) {
            return Err(Wrong::Phone(PHONE).into());
        }
        if self.remote.as_deref().is_some_and(|purpose| !plain(purpose, PURPOSE)) {
            return Err(Wrong::Purpose(PURPOSE).into());
        }
        if self.ends.is_some_and(|end| end <= now.wall) {
            return Err(Wrong::AccountOver.into());
        }
        if self.role.must_end() && self.ends.is_none() {
            return Err(Wrong::InspectorEnd.into());
        }
        if registry.by_sign_in(&self.sign_in).is_some() {
            return Err(Conflict::SignInTaken(self.sign_in.clone()).into());
        }
        if registry.accounts.iter().filter(|account| account.ended.is_none()).count() >= MOST {
            return Err(Conflict::Accounts(MOST).into());
        }
        Ok(())
    }
}

impl Accounts {
    /// Makes a person's account; the secret of the link by which the person chooses a password.
    ///
    /// # Errors
    /// What is wrong with it.
    pub async fn add(&self, caller: &Caller, new: NewAccount) -> Result<(PersonId, String), NotDone> {
        let shown = secret::fresh()?;
        let id = self
            .deed(caller, Some(Right::AccountManage), |registry, now, caller| {
                new.check(registry, now)?;
                let [newest, _, _] = registry.newest;
                let id = PersonId(std::num::NonZeroU32::MIN.saturating_add(newest));
                let record = by(caller, now, "account.made", Severity::Info).at(id.to_string());
                let record = record.with("role", new.role);
                let record = record.with("ends", new.ends.map_or("never".to_owned(), Wall::rfc3339));
                let record = match &new.remote {
                    Some(purpose) => record.with("remote", purpose.trim()),
                    None => record,
                };
                let person =
                    Person { id, name: new.name.trim().to_owned(), born: new.born, phone: new.phone };
                let account = made(id, new.sign_in, new.role, new.ends, new.remote, now);
                let link = link::fresh(registry, Purpose::ChoosePassword(id), now, &shown)?;
                let rows = vec![Row::Person(person), Row::Account(Box::new(account)), link];
                Ok((Change::one(record, rows), id))
            })
            .await?;
        Ok((id, shown))
    }

    /// A fresh link by which the person chooses another password; older ones no longer count.
    ///
    /// # Errors
    /// There is no such account.
    pub async fn new_link(&self, caller: &Caller, person: PersonId, why: &str) -> Result<String, NotDone> {
        let (shown, why) = (secret::fresh()?, reason(why)?);
        self.deed(caller, Some(Right::AccountManage), |registry, now, caller| {
            living(registry, person)?;
            let mut rows = link::over(registry, Some(person), None);
            rows.push(link::fresh(registry, Purpose::ChoosePassword(person), now, &shown)?);
            let record = by(caller, now, "account.link-made", Severity::Info).at(person.to_string());
            Ok((Change::one(record.with("why", why), rows), ()))
        })
        .await?;
        Ok(shown)
    }
}

fn plain(text: &str, most: usize) -> bool {
    !text.trim().is_empty() && text.chars().count() <= most && !text.chars().any(char::is_control)
}

/// What use from other machines is for, checked.
pub(super) fn purpose(text: &str) -> Result<String, NotDone> {
    let text = text.trim();
    if plain(text, PURPOSE) { Ok(text.to_owned()) } else { Err(Wrong::Purpose(PURPOSE).into()) }
}

fn made(
    person: PersonId,
    sign_in: String,
    role: Role,
    ends: Option<Wall>,
    remote: Option<String>,
    now: Now,
) -> Account {
    Account {
        person,
        sign_in,
        role,
        made: now.wall,
        ends,
        password: None,
        password_set: None,
        must_change: false,
        wrong: Vec::new(),
        locked: None,
        suspended: None,
        used: now.wall,
        totp: None,
        totp_step: 0,
        remote: remote.map(|purpose| purpose.trim().to_owned()),
        ended: None,
    }
}
