//! Who may sign in, who is signed in, and what each may do: the one owner of the registry.
//!
//! Who calls it: `web` for pages and API, `app` for the control socket and at the start; `access`, whose deeds change badges and
//! rules under the same lock and in the same memory. Every change is records and rows,
//! committed together; memory follows the commit. What counts and when is `logic::sign_in`'s decision.
//!
//! Terms: *caller* — whoever asks, with its rights; *secret* — what a cookie, token or link carries: 256 random bits, of
//! which only the hash is kept (a second factor's is kept whole); *console* — a local user who may open the control socket.
//!
//! Bounds: [`SESSIONS`] of a person, [`MOST`] accounts, tokens and links each, two password hashes at a time.

mod add;
mod caller;
mod change;
mod erase;
mod link;
mod manage;
mod own;
mod refusal;
mod refused;
mod rules;
mod secret;
mod sign_in;
mod sweep;
#[cfg(test)]
mod tests;
mod token;

use std::{
    collections::BTreeMap,
    sync::{Arc, PoisonError, RwLock, RwLockReadGuard},
    time::Duration,
};

use tokio::sync::{Mutex, broadcast, watch};

pub use add::NewAccount;
pub use caller::{Caller, Way};
pub(crate) use change::{Change, by, reason};
pub use link::LinkFor;
pub(crate) use manage::end_account;
pub use own::PendingTotp;
#[cfg(test)]
pub(crate) use refusal::examples as refusal_examples;
pub use refusal::{Conflict, NoSuch, NotDone, Wrong};
pub use sign_in::{Attempt, Origin, SignInRefused, SignedIn};
pub use sweep::run as sweep;
pub use token::NewToken;

use crate::{
    logic::sign_in::{Overreach, Rules, Throttle},
    model::{AccessData, Account, Clock, Now, Person, PersonId, Record},
    store::{Journal, Registry, StoreError},
};
use secret::Hasher;

/// Sessions of one person; a further one ends the oldest.
const SESSIONS: usize = 20;

/// The most accounts that have not ended, the most tokens, the most links.
const MOST: usize = 1000;

/// See the module.
pub struct Accounts {
    journal: Journal,
    committed: broadcast::Sender<Arc<Record>>,
    clock: Arc<dyn Clock>,
    /// The site's name, for authenticator apps.
    site: String,
    state: Arc<RwLock<State>>,
    /// One change at a time, from what it was decided on to its commit.
    changing: Arc<Mutex<()>>,
    hasher: Hasher,
    /// One proof of a password at a time.
    proving: Mutex<()>,
    /// Who may go where, told after each commit that changes it.
    access: watch::Sender<Arc<AccessData>>,
}

struct State {
    registry: Registry,
    overreach: Overreach,
    /// Sign-ins, by address.
    attempts: Throttle,
    /// Requests, by caller.
    requests: Throttle,
    /// Second factors that wait for their first code.
    pending: BTreeMap<PersonId, PendingTotp>,
}

impl Accounts {
    /// Reads the registry.
    ///
    /// # Errors
    /// It cannot be read; there is no randomness.
    pub async fn open(
        journal: Journal,
        committed: broadcast::Sender<Arc<Record>>,
        clock: Arc<dyn Clock>,
        site: String,
    ) -> Result<Arc<Self>, StoreError> {
        let registry = journal.reader().registry().await?;
        let access = watch::Sender::new(Arc::clone(&registry.access));
        let state = State {
            registry,
            overreach: Overreach::default(),
            attempts: Throttle::new(10, Duration::from_secs(6)),
            requests: Throttle::new(500, Duration::from_millis(20)),
            pending: BTreeMap::new(),
        };
        let hasher = Hasher::new().await?;
        let (state, changing) = (Arc::new(RwLock::new(state)), Arc::default());
        Ok(Arc::new(Self {
            journal,
            committed,
            clock,
            site,
            state,
            changing,
            hasher,
            proving: Mutex::default(),
            access,
        }))
    }

    /// The registry as it stands now.
    #[must_use]
    pub fn registry(&self) -> Registry {
        self.read().registry.clone()
    }

    /// The rules of signing in.
    #[must_use]
    pub fn rules(&self) -> Rules {
        self.read().registry.rules.clone()
    }

    /// Who may go where, from now on: a new one after each commit that changes it.
    #[must_use]
    pub fn access(&self) -> watch::Receiver<Arc<AccessData>> {
        self.access.subscribe()
    }

    /// A person and its account.
    #[must_use]
    pub fn find(&self, person: PersonId) -> Option<(Person, Account)> {
        let state = self.read();
        Some((state.registry.person(person)?.clone(), state.registry.account(person)?.clone()))
    }

    /// The time by which everything here is decided.
    #[must_use]
    pub fn now(&self) -> Now {
        self.clock.now()
    }

    fn read(&self) -> RwLockReadGuard<'_, State> {
        // A poisoned lock is taken all the same: each change leaves the state whole.
        self.state.read().unwrap_or_else(PoisonError::into_inner)
    }
}
