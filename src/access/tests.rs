//! Deeds about who may go where, as their callers meet them: a real journal in a folder of its own, a clock that the test
//! sets, and doors whose other end is the test.

mod badges;
mod doors;
mod import;
mod leaver;
mod people;
mod rules;
mod visits;

use std::sync::atomic::{AtomicI64, Ordering};

use hallward_profiles::Library;
use tempfile::TempDir;
use tokio::sync::{broadcast, mpsc};

use super::*;
use crate::{
    accounts::{Caller, NewAccount, NotDone},
    logic::live::Live,
    model::{Clock, DoorView, DoorsView, Mono, Now, Record, Right, Role, Trust, UnknownCard, Wall},
    store::{Journal, JournalFilter, KeyFolders, KeyName},
};

/// 2026-06-01, a Monday, at five in the morning, UTC.
const START: Wall = Wall(1_780_290_000_000_000);

const SITE: &str = r#"
[site]
id = "hall"
name = "Hall"
time_zone = "Asia/Ho_Chi_Minh"
[[room]]
id = "lobby"
name = "Lobby"
[[room]]
id = "hall"
name = "Hall"
[[line]]
id = "plant"
tcp = "127.0.0.1:1502"
[[device]]
id = "sensor"
name = "Sensor"
line = "plant"
profile = "xy-md02"
unit = 1
room = "hall"
[[device]]
id = "door-io"
name = "Door module"
line = "plant"
profile = "moxa-iologik-e1214"
unit = 2
room = "hall"
[[door]]
id = "main"
name = "Main door"
from = "outside"
to = "lobby"
contact = "door-io/input.0"
[[door]]
id = "hall-door"
name = "Hall door"
from = "lobby"
to = "hall"
contact = "door-io/input.1"
strike = "door-io/output.1"
kind = "fail-safe"
"#;

/// Time that moves when the test says so.
struct Hands(AtomicI64);

impl Clock for Hands {
    fn now(&self) -> Now {
        Now { mono: Mono(0), wall: Wall(self.0.load(Ordering::SeqCst)), trust: Trust::Synchronised }
    }
}

/// A hall's access.
struct House {
    access: Access,
    accounts: Arc<Accounts>,
    journal: Journal,
    hands: Arc<Hands>,
    orders: mpsc::Receiver<Ordered>,
    view: watch::Sender<Arc<DoorsView>>,
    _folder: TempDir,
}

fn console() -> Caller {
    Caller::console("uid-0".to_owned())
}

fn why() -> String {
    "because".to_owned()
}

fn some(text: &str) -> Option<String> {
    Some(text.to_owned())
}

fn texts(texts: &[&str]) -> Vec<String> {
    texts.iter().map(|text| (*text).to_owned()).collect()
}

impl House {
    async fn new() -> Self {
        let folder = tempfile::tempdir().unwrap();
        let hands = Arc::new(Hands(AtomicI64::new(START.0)));
        let (journal, _) = Journal::open(&folder.path().join("core.db"), None, [7; 16], hands.now()).unwrap();
        let clock: Arc<dyn Clock> = Arc::<Hands>::clone(&hands);
        let committed = broadcast::Sender::new(64);
        let accounts = Accounts::open(journal.clone(), committed, clock, "Hall".to_owned()).await.unwrap();
        let site = Site::parse("site.toml", SITE, &Library::load(None).unwrap());
        let plant = Arc::new(Plant::new(site.unwrap_or_else(|wrong| panic!("{wrong}")), true));
        let snapshot = Live::new(Arc::clone(&plant), &[]).snapshot(START);
        let (view, seen) = watch::channel(Arc::new(DoorsView::default()));
        let (desk, orders) = mpsc::channel(4);
        let keys = KeyFolders { credentials: None, keys: None, data: folder.path().to_owned() };
        let access = Access::new(
            Arc::clone(&accounts),
            journal.reader(),
            Desk::new(seen, desk),
            watch::channel(Arc::new(snapshot)).1,
            keys.key(KeyName::Card).unwrap(),
        );
        Self { access, accounts, journal, hands, orders, view, _folder: folder }
    }

    fn at(&self, time: Wall) {
        self.hands.0.store(time.0, Ordering::SeqCst);
    }

    async fn does(&self, deed: AccessDeed) -> Done {
        self.access.carry_out(&console(), deed).await.unwrap_or_else(|why| panic!("{why}"))
    }

    /// Refused, and why; nothing of it was written.
    async fn refuses(&self, deed: AccessDeed, words: &str) {
        let before = self.all_records().await.len();
        let refused = self.access.carry_out(&console(), deed).await.unwrap_err().to_string();
        assert!(refused.contains(words), "not {words:?}: {refused}");
        assert_eq!(self.all_records().await.len(), before, "{refused}");
    }

    async fn person(&self, name: &str, groups: &[&str]) -> String {
        let holder = HolderFields { groups: Some(texts(groups)), ..HolderFields::default() };
        self.does(AccessDeed::AddPerson { name: some(name), person: None, holder, why: why() }).await.id
    }

    async fn badge(&self, person: &str, number: u32) -> String {
        let card = CardFields { facility: Some(42), number: Some(number), ..CardFields::default() };
        let (person, from, until) = (person.to_owned(), None, None);
        self.does(AccessDeed::IssueBadge { person, card, from, until, why: why() }).await.id
    }

    async fn account(&self, sign_in: &str, role: Role) -> PersonId {
        let new = NewAccount {
            name: format!("Ngô {sign_in}"),
            born: None,
            phone: None,
            sign_in: sign_in.to_owned(),
            role,
            ends: None,
            remote: None,
        };
        self.accounts.add(&console(), new).await.unwrap().0
    }

    async fn all_records(&self) -> Vec<Record> {
        let filter = JournalFilter { limit: 1000, ..JournalFilter::default() };
        self.journal.reader().page(filter).await.unwrap()
    }

    /// The newest record of this code: by whom, of what, and a detail.
    async fn told(&self, code: &str, detail: &str) -> (String, String, String) {
        let records = self.all_records().await;
        let record = records.into_iter().rev().find(|record| record.code == code);
        let record = record.unwrap_or_else(|| panic!("no record {code}"));
        (record.actor, record.place, record.body.get(detail).cloned().unwrap_or_default())
    }
}

fn told(actor: &str, place: &str, detail: &str) -> (String, String, String) {
    (actor.to_owned(), place.to_owned(), detail.to_owned())
}

#[tokio::test]
async fn r_overreach_a_deed_takes_its_right_also_when_it_was_lost_meanwhile() {
    let house = House::new().await;
    let deeds = [
        (AccessDeed::EndHoliday { date: "2026-01-01".to_owned() }, Right::AccessManage),
        (AccessDeed::Review { up_to: 1, findings: "none".to_owned() }, Right::JournalReview),
    ];
    house.person("Lan", &[]).await;
    for (deed, right) in deeds {
        assert_eq!(deed.right(), right);
        let rights = Right::ALL.into_iter().filter(|other| *other != right).collect();
        let caller = Caller { rights, ..console() };
        let refused = house.access.carry_out(&caller, deed).await;
        assert!(matches!(refused, Err(NotDone::Conflict(crate::accounts::Conflict::NoLonger))), "{right}");
    }
}
