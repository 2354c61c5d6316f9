//! Who asks: by a session's cookie, a token, or from the console.

use std::{net::IpAddr, time::Duration};

use super::{Accounts, change::Change, secret};
use crate::{
    logic::sign_in::{Rule, Standing, password_is_aged, session_end, standing},
    model::{Account, Now, PersonId, Right, Rights, Role, Session, Token, TokenId, Wall},
    store::{Registry, Row},
};

/// A session's use is written down at most as often, and four times in the time after which it ends unused.
const WRITTEN_EACH: Duration = Duration::from_secs(60);

/// Somebody who asks for something.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Caller {
    /// As records name it: `p7`, `t3`, `uid-0`.
    pub actor: String,
    /// What it may; nothing while a new password must be chosen.
    pub rights: Rights,
    /// How it is known.
    pub way: Way,
}

/// How a caller is known.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Way {
    /// It signed in with a browser.
    Session {
        /// The session.
        id: i64,
        /// Who.
        person: PersonId,
        /// Nothing but a new password may be chosen.
        must_change: bool,
        /// What its pages send back with each change.
        proof: String,
    },
    /// A program showed a token; a display showed that of its pairing.
    Token {
        /// The token.
        id: TokenId,
        /// Whose.
        person: Option<PersonId>,
    },
    /// A local user at the control socket.
    Console,
}

impl Caller {
    /// A local user, who manages, acts and reviews.
    #[must_use]
    pub fn console(actor: String) -> Self {
        let rights =
            Role::Administrator.rights().iter().chain([Right::PointWrite, Right::JournalReview]).collect();
        Self { actor, rights, way: Way::Console }
    }

    /// The person behind it, if there is one.
    #[must_use]
    pub fn person(&self) -> Option<PersonId> {
        match &self.way {
            Way::Session { person, .. } => Some(*person),
            Way::Token { person, .. } => *person,
            Way::Console => None,
        }
    }

    /// Whether it may see and end sessions and tokens of this person: who manages accounts everybody's, others their own;
    /// but a program's token none, which may be for looking alone.
    #[must_use]
    pub fn may_act_for(&self, person: Option<PersonId>) -> bool {
        let own = matches!(&self.way, Way::Session { person: own, .. } if person == Some(*own));
        own || self.rights.has(Right::AccountManage)
    }

    /// Whether nothing but a new password may be chosen.
    #[must_use]
    pub fn must_change(&self) -> bool {
        matches!(self.way, Way::Session { must_change: true, .. })
    }
}

impl Caller {
    /// The same caller with what it may now; none if its session or token is over.
    pub(super) fn again(&self, registry: &Registry, now: Now) -> Option<Self> {
        match &self.way {
            Way::Session { id, proof, .. } => {
                let session = registry.sessions.iter().find(|session| session.id == *id)?;
                by_session(registry, session, proof.clone(), now)
            }
            Way::Token { id, .. } => {
                let token = registry.tokens.iter().find(|token| token.id == *id)?;
                Some(Self { rights: rights_of(registry, token, now.wall)?, ..self.clone() })
            }
            Way::Console => Some(self.clone()),
        }
    }
}

/// Whether an account is not for use from this address.
pub(super) fn is_far(account: &Account, address: IpAddr) -> bool {
    account.remote.is_none() && !address.to_canonical().is_loopback()
}

impl Accounts {
    /// Who shows this secret in its cookie. `used`: a person asks, not a script or a timer; it keeps the session alive.
    pub async fn by_cookie(&self, shown: &str, used: bool) -> Option<Caller> {
        let hash = secret::hash(shown);
        let now = self.now();
        let (caller, session) = {
            let state = self.read();
            let registry = &state.registry;
            match registry.sessions.iter().find(|session| session.hash == hash) {
                Some(session) => {
                    (by_session(registry, session, secret::proof(shown), now)?, Some(session.clone()))
                }
                // A program's token is no cookie: a browser would show it to whatever page asks it to.
                None => (by_token(registry, &hash, now).filter(|caller| caller.person().is_none())?, None),
            }
        };
        if let Some(session) = session.filter(|_| used) {
            self.use_session(session, now).await;
        }
        Some(caller)
    }

    /// Who shows this token.
    #[must_use]
    pub fn by_token(&self, shown: &str) -> Option<Caller> {
        by_token(&self.read().registry, &secret::hash(shown), self.now())
    }

    /// Whether a caller that was let in before still counts: its session or token has not ended.
    #[must_use]
    pub fn still_counts(&self, caller: &Caller) -> bool {
        caller.again(&self.read().registry, self.now()).is_some()
    }

    /// Whether a caller has this right now: it may have been ended, or given another role, since it was let in.
    #[must_use]
    pub fn has(&self, caller: &Caller, right: Right) -> bool {
        caller.again(&self.read().registry, self.now()).is_some_and(|caller| caller.rights.has(right))
    }

    /// Whether a caller may come from this address (R-REMOTE): from another machine only for what its account says. A wall
    /// display hangs where it hangs.
    #[must_use]
    pub fn may_come_from(&self, caller: &Caller, address: IpAddr) -> bool {
        let state = self.read();
        let account = caller.person().and_then(|person| state.registry.account(person));
        account.is_none_or(|account| !is_far(account, address))
    }

    /// How long this caller must wait before its next request, if it asks too often.
    ///
    /// # Errors
    /// How long.
    pub fn may_ask(&self, caller: &Caller) -> Result<(), Duration> {
        let now = self.now().mono;
        let mut state = self.state.write().unwrap_or_else(std::sync::PoisonError::into_inner);
        state.requests.take(now, &caller.actor)
    }

    async fn use_session(&self, session: Session, now: Now) {
        let idle = self.rules().span(Rule::SessionIdle);
        if now.wall.since(session.used) < WRITTEN_EACH.min(idle / 4) {
            return;
        }
        let used = self.change(move |registry, now| {
            let mut rows = Vec::new();
            // It may have ended meanwhile.
            if let Some(found) = registry.sessions.iter().find(|one| one.id == session.id) {
                rows.push(Row::Session(Session { used: now.wall, ..found.clone() }));
                let account = registry.account(found.person).cloned();
                rows.extend(
                    account.map(|account| Row::Account(Box::new(Account { used: now.wall, ..account }))),
                );
            }
            Ok((Change { records: Vec::new(), rows }, ()))
        });
        if let Err(error) = used.await {
            tracing::warn!(%error, "the use of a session cannot be written");
        }
    }
}

/// The account of a session, if both count.
fn stands<'r>(registry: &'r Registry, session: &Session, now: Now) -> Option<&'r Account> {
    if session_end(session, &registry.rules, now.wall).is_some() {
        return None;
    }
    let account = registry.account(session.person)?;
    (standing(account, &registry.rules, now.wall) == Standing::Active).then_some(account)
}

fn by_session(registry: &Registry, session: &Session, proof: String, now: Now) -> Option<Caller> {
    let account = stands(registry, session, now)?;
    let must_change = account.password.is_some() && password_is_aged(account, &registry.rules, now.wall);
    Some(Caller {
        actor: session.person.to_string(),
        // So that a guard that forgets to ask lets nobody through.
        rights: if must_change { Rights::default() } else { account.role.rights() },
        way: Way::Session { id: session.id, person: session.person, must_change, proof },
    })
}

fn by_token(registry: &Registry, hash: &[u8; 32], now: Now) -> Option<Caller> {
    let token = registry.tokens.iter().find(|token| token.hash.as_ref() == Some(hash))?;
    let rights = rights_of(registry, token, now.wall)?;
    let way = Way::Token { id: token.id, person: token.person };
    Some(Caller { actor: token.id.to_string(), rights, way })
}

/// What a token permits: never more than its person's account does now.
fn rights_of(registry: &Registry, token: &Token, now: Wall) -> Option<Rights> {
    if token.ends.is_some_and(|end| end <= now) {
        return None;
    }
    let Some(person) = token.person else { return Some(token.rights) };
    let account = registry.account(person)?;
    let counts = standing(account, &registry.rules, now) == Standing::Active;
    counts.then(|| token.rights.and(account.role.rights()))
}
