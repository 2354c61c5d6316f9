//! Who may ask what at the control socket. What the deeds do is told in `accounts::tests`, and by whole programs in
//! `tests/it/console.rs`.

use std::sync::Arc;

use tokio::sync::broadcast;

use super::*;
use crate::{
    access::{AccessDeed, AccessList, DoorRequest},
    accounts::Way,
    app::control::{ExportDeed, LogDeed},
    model::{Clock, Mono, Now, Rights, Role, Trust},
    store::{Journal, JournalFilter},
};

struct StoppedClock;

impl Clock for StoppedClock {
    fn now(&self) -> Now {
        Now { mono: Mono(0), wall: Wall(1_780_290_000_000_000), trust: Trust::Synchronised }
    }
}

fn requests() -> Vec<(Request, Right)> {
    let text = || "x".to_owned();
    let write = Request::Write { device: text(), point: text(), value: text(), unit: None, why: text() };
    vec![
        (Request::Read { device: text(), point: None }, Right::HallRead),
        (Request::Puzzle { device: text(), point: text() }, Right::HallRead),
        (Request::Line { line: text() }, Right::HallRead),
        (Request::Trace { line: text() }, Right::HallRead),
        (write, Right::PointWrite),
        (Request::Account { what: AccountDeed::List { ended: false } }, Right::AccountManage),
        (Request::Token { what: TokenDeed::List }, Right::AccountManage),
        (Request::Access { what: AccessDeed::EndHoliday { date: text() } }, Right::AccessManage),
        (Request::Access { what: AccessDeed::Review { up_to: 1, findings: text() } }, Right::JournalReview),
        (Request::AccessList { what: AccessList::People { at: None } }, Right::PersonRead),
        (Request::AccessList { what: AccessList::Presence }, Right::DoorOperate),
        (Request::Door { what: DoorRequest::Unlock { door: text(), why: text() } }, Right::DoorOperate),
        (Request::Log { what: LogDeed::Tail { code: None, count: 1, follow: false } }, Right::Export),
        (Request::Log { what: LogDeed::Export(ExportDeed::default()) }, Right::Export),
        (Request::Log { what: LogDeed::Hold { why: text() } }, Right::LogKeep),
        (Request::ErasePerson { who: text(), why: text() }, Right::LogKeep),
    ]
}

#[tokio::test]
async fn r_overreach_every_verb_takes_a_right_and_its_refusal_is_recorded() {
    let folder = tempfile::tempdir().unwrap();
    let clock = Arc::new(StoppedClock);
    let (journal, _) = Journal::open(&folder.path().join("core.db"), None, [1; 16], clock.now()).unwrap();
    let accounts =
        Accounts::open(journal.clone(), broadcast::Sender::new(16), clock, "Hall".to_owned()).await.unwrap();
    for (request, right) in requests() {
        let others: Rights = Right::ALL.into_iter().filter(|other| *other != right).collect();
        let actor = format!("uid-{}", request.verb());
        let caller = Caller { actor: actor.clone(), rights: others, way: Way::Console };
        let refused = may(&accounts, &caller, &request).await;
        assert!(matches!(refused, Err(Answer::Refused(what)) if what.contains(right.as_str())), "{actor}");
        let filter = JournalFilter { limit: 1, newest_first: true, ..JournalFilter::default() };
        let record = journal.reader().page(filter).await.unwrap().remove(0);
        assert_eq!((record.code.as_str(), record.actor), ("account.act-refused", actor));
        assert_eq!(
            (record.body["right"].as_str(), record.body["what"].as_str()),
            (right.as_str(), request.verb())
        );
        assert!(may(&accounts, &Caller::console("uid-0".to_owned()), &request).await.is_ok());
    }
    let operator = Role::Operator.rights();
    assert!(!operator.has(Right::AccountManage));
}

#[test]
fn a_link_leads_to_where_the_pages_are() {
    assert_eq!(link(Some("http://127.0.0.1:8081"), "abc"), "http://127.0.0.1:8081/link/abc");
    assert_eq!(link(None, "abc"), "/link/abc");
}

#[test]
fn secrets_are_in_no_debug_text() {
    let made =
        Made { id: "p1".to_owned(), link: Some("/link/abc".to_owned()), token: Some("def".to_owned()) };
    assert_eq!(format!("{made:?}"), "Made { id: \"p1\", .. }");
}
