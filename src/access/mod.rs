//! Who may go where, and what people order of doors.
//!
//! Who calls it: `web` for pages and API, `app` for the control socket. Badges, rules, schedules and settings are kept in
//! the registry, which `accounts` owns; every change is records and rows, committed together under its lock. What a reader's
//! card leads to is decided elsewhere, from memory (`logic::access`), by the task that owns the doors.
//!
//! Every change is an [`AccessDeed`], of texts as somebody typed them, whoever asks: [`Access::carry_out`] checks it, does it and
//! says what came of it. Orders to doors go through the [`Desk`].
//!
//! Terms: *holder* — a person as somebody who goes through doors; *group* — holders that a rule names together; *leaver* —
//! a person who ends; *visit* — what makes a holder a visitor.
//!
//! Bounds: [`MOST`] badges and holders each, [`MOST_RULES`] rules, schedules and holidays each.

mod badge;
mod coverage;
mod deed;
mod delivery;
mod desk;
mod difference;
mod door;
mod import;
mod leaver;
mod line;
mod list;
mod named;
mod past;
mod person;
mod pin;
mod review;
mod rule;
mod schedule;
mod settings;
#[cfg(test)]
mod tests;
mod visit;

use std::sync::Arc;

use chrono_tz::Tz;
use hallward_site::Site;
use tokio::sync::watch;

pub use coverage::{Part, Span};
pub use deed::{AccessDeed, CardFields, Done, HolderFields};
pub use desk::{Desk, Ordered};
pub use door::{DoorRequest, scope_text};
pub use import::LARGEST_LIST;
pub use line::{
    BadgeLine, DeliveryLine, DoorLine, HolidayLine, PersonLine, PresenceLine, ReaderLine, RuleLine,
    ScheduleLine, UnknownLine, VisitLine,
};
pub use list::{AccessList, Listed, ReviewLine};
pub use named::person_named;
pub use review::Reviewed;
pub use settings::{SETTINGS, setting_text, setting_words};

use crate::{
    accounts::Accounts,
    model::{AccessData, PersonId, Plant, Snapshot},
    store::{JournalReader, Registry, SecretKey},
};

/// The most badges, and the most persons that may hold some.
const MOST: usize = 20_000;

/// The most rules, schedules and holidays each.
const MOST_RULES: usize = 1000;

/// See the module.
pub struct Access {
    accounts: Arc<Accounts>,
    journal: JournalReader,
    /// The doors as seen, and where orders are given.
    pub desk: Desk,
    /// What is wired.
    snapshot: watch::Receiver<Arc<Snapshot>>,
    /// Cards and PINs are known by HMACs with it.
    key: SecretKey,
}

impl Access {
    /// For these accounts and doors.
    #[must_use]
    pub fn new(
        accounts: Arc<Accounts>,
        journal: JournalReader,
        desk: Desk,
        snapshot: watch::Receiver<Arc<Snapshot>>,
        key: SecretKey,
    ) -> Self {
        Self { accounts, journal, desk, snapshot, key }
    }

    /// What holds now.
    #[must_use]
    pub fn data(&self) -> Arc<AccessData> {
        self.accounts.access().borrow().clone()
    }

    fn plant(&self) -> Arc<Plant> {
        Arc::clone(&self.snapshot.borrow().plant)
    }

    fn zone(&self) -> Tz {
        self.plant().site.time_zone
    }

    fn key(&self) -> &[u8; 32] {
        self.key.bytes()
    }
}

/// Whether the site file has a door of this id.
fn has_door(site: &Site, id: &str) -> bool {
    site.doors.iter().any(|door| door.id.as_str() == id)
}

/// A person's name; its id where it has none any more.
fn name_of(registry: &Registry, person: PersonId) -> String {
    let named = registry.person(person).filter(|person| !person.name.is_empty());
    named.map_or_else(|| person.to_string(), |person| person.name.clone())
}
