//! What people do with their own account: another password, a second factor, the end of a session of theirs.

use std::{sync::PoisonError, time::Duration};

use super::{
    Accounts, Caller, Conflict, NoSuch, NotDone, Way, Wrong,
    change::{Change, by, living},
    sign_in,
};
use crate::{
    logic::sign_in::{Standing, Totp, Weakness, standing, weaknesses},
    model::{Account, Mono, NewRecord, Now, PersonId, Severity},
    store::{Registry, Row},
};

/// The most second factors that wait for their first code.
const PENDING: usize = 100;

/// How long one waits.
const PENDING_FOR: Duration = Duration::from_secs(600);

/// A second factor that waits for its first code.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct PendingTotp {
    secret: Vec<u8>,
    /// The session in which it was begun, alone: nobody else must know the secret.
    session: Option<i64>,
    begun: Mono,
    /// The secret as people type it.
    pub base32: String,
    /// The address that an app reads from a picture.
    pub address: String,
}

impl PendingTotp {
    fn counts(&self, caller: &Caller, now: Mono) -> bool {
        self.session == own_session(caller) && now.since(self.begun) < PENDING_FOR
    }
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

/// The account, if its password is still the one that was proved.
fn still_proved<'r>(
    registry: &'r Registry,
    person: PersonId,
    proved: Option<&str>,
) -> Result<&'r Account, NotDone> {
    let (_, account) = living(registry, person)?;
    if account.password.as_deref() == proved { Ok(account) } else { Err(NotDone::NotYou) }
}

/// The caller's session.
fn own_session(caller: &Caller) -> Option<i64> {
    match &caller.way {
        Way::Session { id, .. } => Some(*id),
        Way::Token { .. } | Way::Console => None,
    }
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

    /// Proves that the caller knows its password: its hash, which must still be the account's when something is done with
    /// the proof. Wrong ones count as wrong tries, one after the other, so that many at once are no way around the lock.
    async fn prove(&self, person: PersonId, password: String) -> Result<String, NotDone> {
        let _alone = self.proving.lock().await;
        let hash = {
            let (state, now) = (self.read(), self.now().wall);
            let (_, account) = living(&state.registry, person)?;
            if standing(account, &state.registry.rules, now) != Standing::Active {
                return Err(Conflict::Barred.into());
            }
            account.password.clone()
        };
        if self.hasher.is_right(password, hash.clone()).await? {
            return hash.ok_or(NotDone::NotYou);
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
        let has_one = self.find(person).is_some_and(|(_, account)| account.password.is_some());
        let proved = if has_one { Some(self.prove(person, old).await?) } else { None };
        let hash = self.hashed(person, new).await?;
        self.deed(caller, None, |registry, now, caller| {
            let account = still_proved(registry, person, proved.as_deref())?;
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
        let now = self.now().mono;
        if let Some(pending) = state.pending.get(&person).filter(|pending| pending.counts(caller, now)) {
            return Ok(pending.clone());
        }
        if state.pending.len() >= PENDING {
            state.pending.clear();
        }
        let totp = Totp::new(&bytes).ok_or(Wrong::NoFactor)?;
        let (base32, address) = (totp.base32(), totp.address(&self.site, &sign_in));
        let session = own_session(caller);
        let pending = PendingTotp { secret: bytes, session, begun: now, base32, address };
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
        let pending = pending.filter(|pending| pending.counts(caller, self.now().mono));
        let pending = pending.ok_or(Wrong::NoFactor)?;
        let step = Totp::new(&pending.secret).and_then(|totp| totp.step(code, self.now().wall, 0));
        let step = step.ok_or(Wrong::Code)?;
        self.deed(caller, None, |registry, now, caller| {
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
        let proved = self.prove(person, password).await?;
        self.deed(caller, None, |registry, now, caller| {
            let account = still_proved(registry, person, Some(&proved))?;
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
        self.deed(caller, None, |registry, now, caller| {
            let found = registry.sessions.iter().find(|session| session.id == id);
            let found = found.filter(|session| caller.may_act_for(Some(session.person)));
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
