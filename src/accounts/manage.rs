//! What administrators do with accounts that are there: another role or end, unlocked, suspended, restored, ended.
//!
//! Each takes a reason, which is recorded. The last administrator who counts is neither suspended nor ended nor given
//! another role over the network: the console may.

use super::{
    Accounts, Caller, Conflict, NotDone, Way, Wrong, add,
    change::{Change, by, living, reason},
    link, token,
};
use crate::{
    logic::sign_in::{Standing, standing},
    model::{Account, NewRecord, Now, Person, PersonId, Right, Role, Severity, Wall},
    store::{Registry, Row},
};

impl Accounts {
    /// Gives an account another role.
    ///
    /// # Errors
    /// There is no such account; it is the last administrator's; an inspector's would have no end.
    pub async fn set_role(
        &self,
        caller: &Caller,
        person: PersonId,
        role: Role,
        why: &str,
    ) -> Result<(), NotDone> {
        self.alter(caller, person, why, ("account.role-set", Severity::Info), |account, record, _| {
            if role.must_end() && account.ends.is_none() {
                return Err(Wrong::InspectorEndFirst.into());
            }
            let record = record.with("before", account.role).with("after", role);
            // An administrator's password must be longer, and this one's length is not known.
            let raised = role == Role::Administrator && account.role != role && account.password.is_some();
            Ok((Account { role, must_change: account.must_change || raised, ..account }, record))
        })
        .await
    }

    /// Sets or takes away an account's end.
    ///
    /// # Errors
    /// There is no such account; an inspector's needs one.
    pub async fn set_ends(
        &self,
        caller: &Caller,
        person: PersonId,
        ends: Option<Wall>,
        why: &str,
    ) -> Result<(), NotDone> {
        self.alter(caller, person, why, ("account.end-set", Severity::Info), |account, record, now| {
            if account.role.must_end() && ends.is_none() {
                return Err(Wrong::InspectorEnd.into());
            }
            if ends.is_some_and(|end| end <= now.wall) {
                return Err(Wrong::EndOver.into());
            }
            let record = record.with("ends", ends.map_or("never".to_owned(), Wall::rfc3339));
            Ok((Account { ends, ..account }, record))
        })
        .await
    }

    /// Says what an account may be used for from other machines, or that it may not.
    ///
    /// # Errors
    /// There is no such account.
    pub async fn set_remote(
        &self,
        caller: &Caller,
        person: PersonId,
        purpose: Option<String>,
        why: &str,
    ) -> Result<(), NotDone> {
        let purpose = purpose.as_deref().map(add::purpose).transpose()?;
        self.alter(caller, person, why, ("account.remote-set", Severity::Info), |account, record, _| {
            let record = record.with("remote", purpose.as_deref().unwrap_or("no"));
            Ok((Account { remote: purpose, ..account }, record))
        })
        .await
    }

    /// Unlocks an account at its owner's request (R-LOCKOUT): `request` says who asked, when and how.
    ///
    /// # Errors
    /// There is no such account, or it is not locked.
    pub async fn unlock(&self, caller: &Caller, person: PersonId, request: &str) -> Result<(), NotDone> {
        self.alter(caller, person, request, ("account.unlocked", Severity::Info), |account, record, _| {
            if account.locked.is_none() {
                return Err(Conflict::NotLocked.into());
            }
            Ok((Account { locked: None, wrong: Vec::new(), ..account }, record))
        })
        .await
    }

    /// Suspends an account; its sessions end.
    ///
    /// # Errors
    /// There is no such account; it is the last administrator's.
    pub async fn suspend(&self, caller: &Caller, person: PersonId, why: &str) -> Result<(), NotDone> {
        self.alter(caller, person, why, ("account.suspended", Severity::Warning), |account, record, now| {
            Ok((Account { suspended: Some(now.wall), ..account }, record))
        })
        .await
    }

    /// Restores a suspended account.
    ///
    /// # Errors
    /// There is no such account, or it is not suspended.
    pub async fn restore(&self, caller: &Caller, person: PersonId, why: &str) -> Result<(), NotDone> {
        let rules = self.rules();
        self.alter(caller, person, why, ("account.restored", Severity::Info), move |account, record, now| {
            let hindrance = match standing(&account, &rules, now.wall) {
                Standing::Suspended => None,
                Standing::Active => Some(Conflict::NotSuspended),
                Standing::Locked => Some(Conflict::UnlockFirst),
                Standing::Over => Some(Conflict::EndFirst),
            };
            if let Some(conflict) = hindrance {
                return Err(conflict.into());
            }
            Ok((Account { suspended: None, used: now.wall, ..account }, record))
        })
        .await
    }

    /// Ends a person's account for good, everywhere and at once: sessions, tokens and links with it (R-LEAVER).
    ///
    /// # Errors
    /// There is no such account; it is the last administrator's.
    pub async fn end(&self, caller: &Caller, person: PersonId, why: &str) -> Result<(), NotDone> {
        self.alter(caller, person, why, ("account.ended", Severity::Info), |account, record, now| {
            Ok((over_for_good(account, now), record))
        })
        .await
    }

    /// Passwords must be chosen anew at the next sign-in, and sessions and tokens end: of all who have `role`, or of all (15.1).
    ///
    /// # Errors
    /// The reason is missing.
    pub async fn change_all(&self, caller: &Caller, role: Option<Role>, why: &str) -> Result<usize, NotDone> {
        let why = reason(why)?;
        self.deed(caller, Some(Right::AccountManage), |registry, now, caller| {
            let concerned =
                |account: &&Account| account.ended.is_none() && role.is_none_or(|role| role == account.role);
            let accounts: Vec<&Account> = registry.accounts.iter().filter(concerned).collect();
            let record = by(caller, now, "account.all-must-change", Severity::Warning);
            let whose = role.map_or("all", Role::as_str);
            let record = record.with("role", whose).with("accounts", accounts.len()).with("why", why);
            let row = |account: &&Account| {
                Row::Account(Box::new(Account { must_change: true, ..(*account).clone() }))
            };
            let mut rows: Vec<Row> = accounts.iter().map(row).collect();
            let theirs = |person: PersonId| accounts.iter().any(|account| account.person == person);
            let own = |id: i64| matches!(caller.way, Way::Session { id: own, .. } if own == id);
            let sessions = registry.sessions.iter().filter(|one| theirs(one.person) && !own(one.id));
            rows.extend(sessions.map(|session| Row::SessionOver(session.id)));
            rows.extend(token::of(registry, theirs));
            Ok((Change::one(record, rows), accounts.len()))
        })
        .await
    }

    /// Alters one account, with a record that says why. What no longer counts afterwards takes its sessions with it.
    async fn alter(
        &self,
        caller: &Caller,
        person: PersonId,
        why: &str,
        (code, severity): (&'static str, Severity),
        how: impl FnOnce(Account, NewRecord, Now) -> Result<(Account, NewRecord), NotDone> + Send,
    ) -> Result<(), NotDone> {
        let why = reason(why)?;
        self.deed(caller, Some(Right::AccountManage), |registry, now, caller| {
            let (who, account) = living(registry, person)?;
            let record = by(caller, now, code, severity).at(person.to_string()).with("why", why);
            let (altered, record) = how(account.clone(), record, now)?;
            let counts = standing(&altered, &registry.rules, now.wall) == Standing::Active;
            let administers = counts && altered.role == Role::Administrator;
            spare_last_administrator(registry, caller, account, administers, now)?;
            let mut rows = Vec::new();
            // Who may no longer come from another machine may be there now.
            let home = account.remote.is_some() && altered.remote.is_none();
            if !counts || home {
                let sessions = registry.sessions.iter().filter(|session| session.person == person);
                rows.extend(sessions.map(|session| Row::SessionOver(session.id)));
            }
            if altered.ended.is_some() {
                rows.extend(ended_with_it(registry, who));
            }
            rows.push(Row::Account(Box::new(altered)));
            Ok((Change::one(record, rows), ()))
        })
        .await
    }
}

/// The rows that end a person's account, if it has one that has not ended: sessions, tokens and links with it.
pub(crate) fn end_account(
    registry: &Registry,
    caller: &Caller,
    person: PersonId,
    now: Now,
) -> Result<Vec<Row>, NotDone> {
    let Ok((who, account)) = living(registry, person) else { return Ok(Vec::new()) };
    spare_last_administrator(registry, caller, account, false, now)?;
    let sessions = registry.sessions.iter().filter(|session| session.person == person);
    let mut rows: Vec<Row> = sessions.map(|session| Row::SessionOver(session.id)).collect();
    rows.extend(ended_with_it(registry, who));
    rows.push(Row::Account(Box::new(over_for_good(account.clone(), now))));
    Ok(rows)
}

fn over_for_good(account: Account, now: Now) -> Account {
    Account { ended: Some(now.wall), password: None, totp: None, ..account }
}

/// What ends with an account besides its sessions.
fn ended_with_it(registry: &Registry, who: &Person) -> Vec<Row> {
    let mut rows: Vec<Row> = token::of(registry, |of| of == who.id).collect();
    rows.extend(link::over(registry, Some(who.id), None));
    // They were asked for passwords alone.
    rows.push(Row::Person(Person { born: None, phone: None, ..who.clone() }));
    rows
}

/// Refuses what would leave nobody to administer, but at the console.
fn spare_last_administrator(
    registry: &Registry,
    caller: &Caller,
    account: &Account,
    administers: bool,
    now: Now,
) -> Result<(), NotDone> {
    if caller.way != Way::Console && !administers && is_last_administrator(registry, account, now) {
        return Err(Conflict::LastAdministrator.into());
    }
    Ok(())
}

fn administers(registry: &Registry, account: &Account, at: Wall) -> bool {
    account.role == Role::Administrator && standing(account, &registry.rules, at) == Standing::Active
}

/// Whether this is the only administrator who counts.
fn is_last_administrator(registry: &Registry, account: &Account, now: Now) -> bool {
    administers(registry, account, now.wall) && !others_administer(registry, account.person, now.wall)
}

/// Whether anybody else will count as an administrator at this time. Who has not chosen a password yet may never do it.
pub(super) fn others_administer(registry: &Registry, person: PersonId, at: Wall) -> bool {
    let others = registry.accounts.iter().filter(|other| other.person != person);
    others.into_iter().any(|other| other.password.is_some() && administers(registry, other, at))
}
