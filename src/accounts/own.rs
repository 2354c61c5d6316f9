//! What people do with their own account: another password, a second factor, the end of a session of theirs.

use std::sync::PoisonError;

use super::{
    Accounts, Caller, Conflict, NoSuch, NotDone, Way, Wrong,
    change::{Change, by, living},
    sign_in,
};
use crate::{
    logic::sign_in::{Standing, Totp, Weakness, standing, weaknesses},
    model::{Account, NewRecord, Now, PersonId, Severity},
    store::Row,
};

/// The most second factors that wait for their first code.
const PENDING: usize = 100;

/// A second factor that waits for its first code.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct PendingTotp {
    secret: Vec<u8>,
    /// The secret as people type it.
    pub base32: String,
    /// The address that an app reads from a picture.
    pub address: String,
}

/// The account with another password.
pub(super) fn with_password(account: &Account, hash: String, now: Now) -> Account {
    Account { password: Some(hash), password_set: Some(now.wall), must_change: false, ..account.clone() }
}

/// The record of a person who chose a password.
pub(super) fn chosen(person: PersonId, now: Now) -> NewRecord {
    let record = NewRecord::system(now, "account.password-chosen", Severity::Info);
    NewRecord { actor: person.to_string(), ..record }.at(person.to_string())
}

fn own_person(caller: &Caller) -> Result<PersonId, NotDone> {
    match &caller.way {
        Way::Session { person, .. } => Ok(*person),
        Way::Token { .. } | Way::Console => Err(Wrong::OnlyPeople.into()),
    }
}

impl Accounts {
    /// The hash of a password that is good enough for this person, and another one than before.
    pub(super) async fn hashed(&self, person: PersonId, password: String) -> Result<String, NotDone> {
        let (mut weak, old) = {
            let state = self.read();
            let (who, account) = living(&state.registry, person)?;
            (weaknesses(&password, who, account, &state.registry.rules), account.password.clone())
        };
        if !weak.contains(&Weakness::Long)
            && old.is_some()
            && self.hasher.is_right(password.clone(), old).await?
        {
            weak.push(Weakness::Same);
        }
        if weak.is_empty() { self.hasher.make(password).await } else { Err(NotDone::Weak(weak)) }
    }

    /// Proves that the caller knows its password. Wrong ones count as wrong tries.
    async fn prove(&self, person: PersonId, password: String) -> Result<(), NotDone> {
        let hash = {
            let (state, now) = (self.read(), self.now().wall);
            let (_, account) = living(&state.registry, person)?;
            if standing(account, &state.registry.rules, now) != Standing::Active {
                return Err(Conflict::Barred.into());
            }
            account.password.clone()
        };
        if self.hasher.is_right(password, hash).await? {
            return Ok(());
        }
        self.change(|registry, now| {
            let (_, account) = living(registry, person)?;
            Ok((sign_in::wrong(registry, account, None, now), ()))
        })
        .await?;
        Err(NotDone::NotYou)
    }

    /// Chooses another password; all other sessions of the person end.
    ///
    /// # Errors
    /// The old one is wrong, or the new one not good enough.
    pub async fn change_password(&self, caller: &Caller, old: String, new: String) -> Result<(), NotDone> {
        let person = own_person(caller)?;
        if self.find(person).is_some_and(|(_, account)| account.password.is_some()) {
            self.prove(person, old).await?;
        }
        let hash = self.hashed(person, new).await?;
        self.change(|registry, now| {
            let (_, account) = living(registry, person)?;
            let others = registry.sessions.iter().filter(|session| session.person == person);
            let others =
                others.filter(|session| !matches!(caller.way, Way::Session { id, .. } if id == session.id));
            let mut rows = vec![Row::Account(Box::new(with_password(account, hash, now)))];
            rows.extend(others.map(|session| Row::SessionOver(session.id)));
            Ok((Change::one(chosen(person, now), rows), ()))
        })
        .await
    }

    /// A fresh secret for the caller's second factor; it counts once a code of it has been shown.
    ///
    /// # Errors
    /// Nobody has signed in, or too many wait.
    pub fn begin_totp(&self, caller: &Caller) -> Result<PendingTotp, NotDone> {
        let person = own_person(caller)?;
        let mut bytes = vec![0; 20];
        getrandom::fill(&mut bytes).map_err(crate::store::StoreError::Random)?;
        let mut state = self.state.write().unwrap_or_else(PoisonError::into_inner);
        let account = living(&state.registry, person)?.1;
        if account.totp.is_some() {
            return Err(Conflict::HasFactor.into());
        }
        let sign_in = account.sign_in.clone();
        if let Some(pending) = state.pending.get(&person) {
            return Ok(pending.clone());
        }
        if state.pending.len() >= PENDING {
            state.pending.clear();
        }
        let totp = Totp::new(&bytes).ok_or(Wrong::NoFactor)?;
        let (base32, address) = (totp.base32(), totp.address(&self.site, &sign_in));
        let pending = PendingTotp { secret: bytes, base32, address };
        state.pending.insert(person, pending.clone());
        Ok(pending)
    }

    /// Takes the second factor into use.
    ///
    /// # Errors
    /// The code is wrong.
    pub async fn confirm_totp(&self, caller: &Caller, code: &str) -> Result<(), NotDone> {
        let person = own_person(caller)?;
        let pending = self.read().pending.get(&person).cloned();
        let pending = pending.ok_or(Wrong::NoFactor)?;
        let step = Totp::new(&pending.secret).and_then(|totp| totp.step(code, self.now().wall, 0));
        let step = step.ok_or(Wrong::Code)?;
        self.change(|registry, now| {
            let (_, account) = living(registry, person)?;
            let account = Account { totp: Some(pending.secret), totp_step: step, ..account.clone() };
            let record = by(caller, now, "account.second-factor-on", Severity::Info).at(person.to_string());
            Ok((Change::one(record, vec![Row::Account(Box::new(account))]), ()))
        })
        .await?;
        self.state.write().unwrap_or_else(PoisonError::into_inner).pending.remove(&person);
        Ok(())
    }

    /// Takes the second factor out of use.
    ///
    /// # Errors
    /// The password is wrong.
    pub async fn remove_totp(&self, caller: &Caller, password: String) -> Result<(), NotDone> {
        let person = own_person(caller)?;
        self.prove(person, password).await?;
        self.change(|registry, now| {
            let (_, account) = living(registry, person)?;
            let account = Account { totp: None, ..account.clone() };
            let record =
                by(caller, now, "account.second-factor-off", Severity::Warning).at(person.to_string());
            Ok((Change::one(record, vec![Row::Account(Box::new(account))]), ()))
        })
        .await
    }

    /// Ends a session: one's own, or anybody's for who manages accounts.
    ///
    /// # Errors
    /// There is no such session of theirs.
    pub async fn end_session(&self, caller: &Caller, id: i64) -> Result<(), NotDone> {
        let manages = caller.rights.has(crate::model::Right::AccountManage);
        self.change(|registry, now| {
            let found = registry.sessions.iter().find(|session| session.id == id);
            let found = found.filter(|session| manages || Some(session.person) == caller.person());
            let session = found.ok_or_else(|| NoSuch::Session(id.to_string()))?;
            let record = by(caller, now, "account.session-ended", Severity::Info);
            let record = record.at(session.person.to_string()).with("session", id);
            Ok((Change::one(record, vec![Row::SessionOver(id)]), ()))
        })
        .await
    }
}

/// The code of a factor that waits.
#[cfg(test)]
pub(super) fn code_of(pending: &PendingTotp, now: crate::model::Wall) -> String {
    Totp::new(&pending.secret).unwrap().code(now)
}
