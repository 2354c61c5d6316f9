//! The rules of R-PASSWORD, R-LOCKOUT, R-IDLE, R-SESSION, R-LEAVER and R-OVERREACH, as callers meet them: a real journal
//! in a folder of its own, and a clock that the test sets.

mod idle;
mod journey;
mod leaver;
mod links;
mod lockout;
mod overreach;
mod password;
mod restart;
mod second_factor;
mod session;
mod token;

use std::{
    net::{IpAddr, Ipv4Addr},
    num::NonZeroU32,
    sync::atomic::{AtomicI64, AtomicU64, Ordering},
};

use tempfile::TempDir;

use super::*;
use crate::{
    model::{Mono, Right, Rights, Role, TokenId, Trust, Wall},
    store::JournalFilter,
};

const MINUTE: Duration = Duration::from_secs(60);
const DAY: Duration = Duration::from_secs(86_400);

/// 2026-06-01, a Monday, at five in the morning, UTC.
const START: Wall = Wall(1_780_290_000_000_000);

/// Good enough for everybody.
const PASSWORD: &str = "Ph0ng-m4y so 1";
const OTHER: &str = "Kh0a-cua so 22";

/// Time that moves when the test says so.
struct Hands {
    wall: AtomicI64,
    mono: AtomicU64,
}

impl Clock for Hands {
    fn now(&self) -> Now {
        let (wall, mono) = (self.wall.load(Ordering::SeqCst), self.mono.load(Ordering::SeqCst));
        Now { mono: Mono(mono), wall: Wall(wall), trust: Trust::Synchronised }
    }
}

/// A hall's accounts.
struct House {
    folder: TempDir,
    hands: Arc<Hands>,
    journal: Journal,
    accounts: Arc<Accounts>,
}

fn console() -> Caller {
    Caller::console("uid-0".to_owned())
}

fn here() -> Origin {
    Origin { address: IpAddr::V4(Ipv4Addr::LOCALHOST), browser: "Firefox".to_owned() }
}

fn elsewhere() -> Origin {
    Origin { address: IpAddr::V4(Ipv4Addr::new(192, 0, 2, 7)), browser: "Chrome".to_owned() }
}

fn new_account(sign_in: &str, role: Role) -> NewAccount {
    NewAccount {
        name: format!("Ngô {sign_in}"),
        born: None,
        phone: None,
        sign_in: sign_in.to_owned(),
        role,
        ends: role.must_end().then_some(START + DAY * 10),
        remote: None,
    }
}

async fn open(folder: &TempDir, hands: &Arc<Hands>) -> (Journal, Arc<Accounts>) {
    let now = hands.now();
    let (journal, _) = Journal::open(&folder.path().join("core.db"), None, [7; 16], now).unwrap();
    let clock: Arc<dyn Clock> = Arc::<Hands>::clone(hands);
    let committed = broadcast::Sender::new(64);
    let accounts = Accounts::open(journal.clone(), committed, clock, "Test hall".to_owned()).await.unwrap();
    (journal, accounts)
}

impl House {
    async fn new() -> Self {
        let folder = tempfile::tempdir().unwrap();
        let hands = Arc::new(Hands { wall: AtomicI64::new(START.0), mono: AtomicU64::new(0) });
        let (journal, accounts) = open(&folder, &hands).await;
        Self { folder, hands, journal, accounts }
    }

    /// As after a restart of the program.
    async fn reopened(self) -> Self {
        let Self { folder, hands, journal, accounts } = self;
        drop(accounts);
        journal.close().await.unwrap();
        let (journal, accounts) = open(&folder, &hands).await;
        Self { folder, hands, journal, accounts }
    }

    fn later(&self, by: Duration) {
        let by = u64::try_from(by.as_micros()).unwrap();
        self.hands.mono.fetch_add(by, Ordering::SeqCst);
        self.hands.wall.fetch_add(i64::try_from(by).unwrap(), Ordering::SeqCst);
    }

    /// Somebody sets the clock.
    fn step(&self, to: Wall) {
        self.hands.wall.store(to.0, Ordering::SeqCst);
    }

    /// Makes an account whose person has chosen [`PASSWORD`].
    async fn person(&self, sign_in: &str, role: Role) -> PersonId {
        let (person, link) = self.accounts.add(&console(), new_account(sign_in, role)).await.unwrap();
        self.accounts.choose_password(&link, PASSWORD.to_owned(), here()).await.unwrap();
        person
    }

    async fn try_from(&self, from: Origin, name: &str, password: &str) -> Result<SignedIn, SignInRefused> {
        // Tries from one address are throttled; that is not what is asked here.
        self.hands.mono.fetch_add(60_000_000, Ordering::SeqCst);
        let (name, password, code) = (name.to_owned(), password.to_owned(), String::new());
        self.accounts.sign_in(Attempt { name, password, code, from }).await
    }

    async fn try_in(&self, name: &str, password: &str) -> Result<SignedIn, SignInRefused> {
        self.try_from(here(), name, password).await
    }

    /// The caller of a fresh session.
    async fn signed_in(&self, name: &str) -> Caller {
        let signed_in = self.try_in(name, PASSWORD).await.unwrap();
        self.caller(&signed_in).await.unwrap()
    }

    async fn caller(&self, signed_in: &SignedIn) -> Option<Caller> {
        self.accounts.by_cookie(&signed_in.secret, false).await
    }

    /// Five wrong tries.
    async fn locked(&self, name: &str) {
        for _ in 0..5 {
            assert!(matches!(self.try_in(name, "Wrong-pass 1").await, Err(SignInRefused::Wrong)));
        }
    }

    async fn sweep(&self) {
        self.accounts.look(&mut None).await.unwrap();
    }

    fn account(&self, person: PersonId) -> Account {
        self.accounts.find(person).unwrap().1
    }

    async fn all_records(&self) -> Vec<Record> {
        let filter = JournalFilter { limit: 1000, ..JournalFilter::default() };
        self.journal.reader().page(filter).await.unwrap()
    }

    async fn records(&self, code: &str) -> Vec<Record> {
        let all = self.all_records().await;
        all.into_iter().filter(|record| record.code == code).collect()
    }

    /// The newest record of this code: by whom, of whom, and a detail.
    async fn told(&self, code: &str, detail: &str) -> (String, String, String) {
        let record = self.records(code).await.pop().unwrap_or_else(|| panic!("no record {code}"));
        let detail = record.body.get(detail).cloned().unwrap_or_default();
        (record.actor, record.place, detail)
    }
}

fn told(actor: &str, place: &str, detail: &str) -> (String, String, String) {
    (actor.to_owned(), place.to_owned(), detail.to_owned())
}

fn rights(rights: &[Right]) -> Rights {
    rights.iter().copied().collect()
}
