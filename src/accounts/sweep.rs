//! What time brings about: sessions that were not used end, accounts are suspended, links and tokens run out, and the
//! last administrator is warned. Decisions elsewhere do not wait for it; it makes them records.

use std::{sync::Arc, time::Duration};

use tokio::time::{MissedTickBehavior, interval};
use tokio_util::sync::CancellationToken;

use super::{Accounts, NotDone, change::Change, link, manage::others_administer};
use crate::{
    logic::sign_in::{Standing, idle_warning, session_end, set_back, standing},
    model::{Account, NewRecord, Now, Role, Severity, Wall},
    store::{Registry, Row},
};

/// How often it is looked.
const EVERY: Duration = Duration::from_secs(5);

/// The last administrator is warned again after this time.
const WARN_AGAIN: Duration = Duration::from_secs(86_400);

/// Looks until `shutdown`.
pub async fn run(accounts: Arc<Accounts>, shutdown: CancellationToken) {
    let mut ticks = interval(EVERY);
    ticks.set_missed_tick_behavior(MissedTickBehavior::Skip);
    let mut warned = None;
    loop {
        tokio::select! {
            () = shutdown.cancelled() => return,
            _ = ticks.tick() => {}
        }
        if let Err(error) = accounts.look(&mut warned).await {
            tracing::error!(%error, "what time brought to accounts cannot be recorded; it is tried again");
        }
    }
}

impl Accounts {
    /// Records what has ended by now. `warned`: when the last administrator was warned.
    pub(super) async fn look(&self, warned: &mut Option<Wall>) -> Result<(), NotDone> {
        let since = *warned;
        let now = self
            .change(|registry, now| {
                let mut change = Change::default();
                sessions(registry, now, &mut change);
                accounts(registry, now, &mut change);
                run_out(registry, now, &mut change);
                let due = since.is_none_or(|then| now.wall.since(then) >= WARN_AGAIN);
                let warns = due && warnings(registry, now, &mut change);
                Ok((change, warns.then_some(now.wall)))
            })
            .await?;
        *warned = now.or(since);
        Ok(())
    }
}

/// Warns administrators after whose suspension none would be left.
fn warnings(registry: &Registry, now: Now, change: &mut Change) -> bool {
    let before = change.records.len();
    let administrators = registry.accounts.iter().filter(|account| account.role == Role::Administrator);
    for account in administrators {
        let Some(warning) = idle_warning(account, &registry.rules, now.wall) else { continue };
        if !others_administer(registry, account.person, warning.at) {
            let record = NewRecord::system(now, "account.idle-warning", Severity::Warning);
            let record = record.at(account.person.to_string());
            change.records.push(record.with("suspended_at", warning.at.rfc3339()));
        }
    }
    change.records.len() > before
}

fn sessions(registry: &Registry, now: Now, change: &mut Change) {
    for session in &registry.sessions {
        let Some(why) = session_end(session, &registry.rules, now.wall) else { continue };
        let record = NewRecord::system(now, "account.session-ended", Severity::Info);
        let record = record.at(session.person.to_string()).with("session", session.id);
        change.records.push(record.with("why", why.as_str()));
        change.rows.push(Row::SessionOver(session.id));
    }
}

fn accounts(registry: &Registry, now: Now, change: &mut Change) {
    for account in registry.accounts.iter().filter(|account| account.ended.is_none()) {
        let after_step = set_back(account, now.wall);
        change.rows.extend(after_step.clone().map(|account| Row::Account(Box::new(account))));
        let account = after_step.as_ref().unwrap_or(account);
        let stands = standing(account, &registry.rules, now.wall);
        let why = match stands {
            Standing::Suspended if account.suspended.is_none() => "idle",
            Standing::Over if account.suspended.is_none() => "expired",
            Standing::Active | Standing::Locked | Standing::Suspended | Standing::Over => continue,
        };
        let record = NewRecord::system(now, "account.suspended", Severity::Warning);
        change.records.push(record.at(account.person.to_string()).with("why", why));
        let suspended = Account { suspended: Some(now.wall), ..account.clone() };
        change.rows.push(Row::Account(Box::new(suspended)));
        let theirs = registry.sessions.iter().filter(|session| session.person == account.person);
        change.rows.extend(theirs.map(|session| Row::SessionOver(session.id)));
    }
}

fn run_out(registry: &Registry, now: Now, change: &mut Change) {
    for token in registry.tokens.iter().filter(|token| token.ends.is_some_and(|end| end <= now.wall)) {
        let place = token.person.map_or_else(|| token.id.to_string(), |person| person.to_string());
        let record = NewRecord::system(now, "account.token-ended", Severity::Info).at(place);
        change.records.push(record.with("token", token.id).with("why", "expired"));
        change.rows.push(Row::TokenOver(token.id));
    }
    let links = registry.links.iter().filter(|link| !link::counts(link, now.wall));
    change.rows.extend(links.map(|link| Row::LinkOver(link.hash)));
}
