//! What the registry promises: a row that was written is read back the same, memory goes the same way as the disk, and
//! a database from before there was one keeps its records.

use std::path::Path;

use chrono::NaiveDate;

use super::*;
use crate::{
    model::{Mono, NewRecord, Now, Record, Severity, Trust},
    store::{Journal, JournalFilter, Write},
};

const NOW: Now = Now { mono: Mono(7), wall: Wall(1_780_290_000_000_000), trust: Trust::Synchronised };

fn one(number: u32) -> NonZeroU32 {
    NonZeroU32::new(number).unwrap()
}

fn open(folder: &Path) -> (Journal, Option<u32>) {
    let (journal, opened) = Journal::open(&folder.join("core.db"), None, [7; 16], NOW).unwrap();
    (journal, opened.migrated_from)
}

fn account(person: u32, sign_in: &str, full: bool) -> Account {
    let some = |time: i64| full.then_some(Wall(time));
    Account {
        person: PersonId(one(person)),
        sign_in: sign_in.to_owned(),
        role: if full { Role::Inspector } else { Role::Viewer },
        made: Wall(1),
        ends: some(2),
        password: full.then(|| "$argon2id$".to_owned()),
        password_set: some(3),
        must_change: full,
        wrong: if full { vec![Wall(4), Wall(-5)] } else { Vec::new() },
        locked: some(6),
        suspended: some(7),
        used: Wall(8),
        totp: full.then(|| vec![9; 20]),
        totp_step: if full { 59_343_000 } else { 0 },
        remote: full.then(|| "thanh tra từ xa".to_owned()),
        ended: some(10),
    }
}

/// Every kind of row, bare and full.
fn rows() -> Vec<Row> {
    let person = |n, full: bool| Person {
        id: PersonId(one(n)),
        name: "Nguyễn Lan".to_owned(),
        born: full.then(|| NaiveDate::from_ymd_opt(1990, 2, 1).unwrap()),
        phone: full.then(|| "0912 345 678".to_owned()),
    };
    let token = |n, full: bool| Token {
        id: TokenId(one(n)),
        hash: full.then_some([n.to_le_bytes()[0]; 32]),
        name: "suite".to_owned(),
        person: full.then(|| PersonId(one(1))),
        rights: [Right::HallRead, Right::AccountManage].into_iter().collect(),
        made: Wall(11),
        ends: full.then_some(Wall(12)),
    };
    let session = |id, byte| Session {
        id,
        hash: [byte; 32],
        person: PersonId(one(1)),
        made: Wall(13),
        used: Wall(14),
        from: "::1".to_owned(),
    };
    let link = |byte, purpose| Row::Link(Link { hash: [byte; 32], purpose, ends: Wall(15) });
    let rows = [
        Row::Person(person(1, true)),
        Row::Person(person(2, false)),
        Row::Account(Box::new(account(1, "lan", true))),
        Row::Account(Box::new(account(2, "lan", false))),
        Row::Session(session(1, 1)),
        Row::Session(session(2, 2)),
        Row::Session(Session { used: Wall(99), ..session(2, 2) }),
        Row::SessionOver(1),
        Row::Token(token(1, true)),
        Row::Token(token(2, false)),
        Row::Token(token(3, true)),
        Row::TokenOver(TokenId(one(3))),
        link(1, Purpose::ChoosePassword(PersonId(one(1)))),
        link(2, Purpose::Enter(PersonId(one(2)))),
        link(3, Purpose::Pair(TokenId(one(2)))),
        link(4, Purpose::Pair(TokenId(one(2)))),
        Row::LinkOver([4; 32]),
        Row::Rule(Rule::Tries, 6, "exercise".to_owned()),
        Row::Rule(Rule::Tries, 7, "longer exercise".to_owned()),
        Row::Rule(Rule::PasswordLength, 12, String::new()),
    ];
    rows.into()
}

#[tokio::test]
async fn rows_are_read_back_as_they_were_written_and_memory_goes_the_same_way() {
    let folder = tempfile::tempdir().unwrap();
    let (journal, _) = open(folder.path());
    let mut memory = journal.reader().registry().await.unwrap();
    assert_eq!(format!("{memory:?}"), format!("{:?}", Registry::default()));
    journal.write(Write { records: Vec::new(), rows: rows() }).await.unwrap();
    rows().into_iter().for_each(|row| memory.apply(row));
    let mut disk = journal.reader().registry().await.unwrap();
    disk.reasons.sort();
    memory.reasons.sort();
    assert_eq!(format!("{disk:#?}"), format!("{memory:#?}"));
    assert_eq!(disk.accounts, [account(1, "lan", true), account(2, "lan", false)]);
    assert_eq!(disk.sessions[0].used, Wall(99));
    assert_eq!(disk.newest, [2, 2, 3], "also of what is gone");
    assert_eq!((disk.rules.get(Rule::Tries), disk.rules.get(Rule::PasswordLength)), (7, 12));
    assert_eq!(disk.by_sign_in("lan").unwrap().person, PersonId(one(2)), "the other one has ended");
}

#[tokio::test]
async fn two_living_accounts_never_share_a_sign_in_name() {
    let folder = tempfile::tempdir().unwrap();
    let (journal, _) = open(folder.path());
    journal.write(Write { records: Vec::new(), rows: rows() }).await.unwrap();
    let code = "test.one";
    let record = NewRecord::system(NOW, code, Severity::Info);
    let living = Row::Account(Box::new(Account { ended: None, ..account(1, "lan", true) }));
    assert!(journal.write(Write { records: vec![record], rows: vec![living] }).await.is_err());
    let page = journal.reader().page(JournalFilter { limit: 10, ..JournalFilter::default() }).await.unwrap();
    assert_eq!(page, [], "records and rows go together");
    assert!(journal.reader().registry().await.unwrap().accounts[0].ended.is_some());
}

#[tokio::test]
async fn what_this_program_would_not_have_written_is_told_or_permits_nothing() {
    let folder = tempfile::tempdir().unwrap();
    let (journal, _) = open(folder.path());
    journal.write(Write { records: Vec::new(), rows: rows() }).await.unwrap();
    let database = Connection::open(folder.path().join("core.db")).unwrap();
    let change = |sql: &str| database.execute_batch(sql).unwrap();
    change(
        "UPDATE token SET rights = 'hall.read moon.read'; INSERT INTO sign_in_rule VALUES ('moon', 1, 'x')",
    );
    let registry = journal.reader().registry().await.unwrap();
    assert_eq!(registry.tokens[0].rights, [Right::HallRead].into_iter().collect());
    for damage in [
        "UPDATE account SET role = 'king' WHERE person = 1",
        "UPDATE account SET role = 'viewer', wrong = '1,x' WHERE person = 1",
        "UPDATE account SET wrong = ''; UPDATE link SET purpose = 'x'",
        "UPDATE link SET purpose = 'pair', subject = 0",
        "UPDATE link SET subject = 1; UPDATE person SET born = 'spring'",
    ] {
        change(damage);
        assert!(journal.reader().registry().await.is_err(), "{damage}");
    }
    change("UPDATE person SET born = NULL");
    assert!(journal.reader().registry().await.is_ok());
}

#[tokio::test]
async fn a_database_of_version_1_gets_a_registry_and_keeps_its_records() {
    let folder = tempfile::tempdir().unwrap();
    let record = Record {
        seq: 1,
        run: [1; 16],
        mono: Mono(5),
        wall: Wall(1_700_000_000_000_000),
        trust: Trust::Unknown,
        severity: Severity::Info,
        code: "system.start".to_owned(),
        place: String::new(),
        actor: "system".to_owned(),
        body: [("version".to_owned(), "0.0.9".to_owned())].into(),
        commitment: None,
    };
    let bytes = record.to_bytes();
    {
        let old = Connection::open(folder.path().join("core.db")).unwrap();
        old.execute_batch(include_str!("migrations/core/0001.sql")).unwrap();
        old.pragma_update(None, "user_version", 1).unwrap();
        let sql = "INSERT INTO record VALUES (1, ?1, ?2, 'system.start', '', ?3)";
        old.execute(sql, params![bytes, Record::leaf_hash(&bytes), record.wall.0]).unwrap();
    }
    let (journal, migrated_from) = open(folder.path());
    assert_eq!(migrated_from, Some(1));
    let page = journal.reader().page(JournalFilter { limit: 10, ..JournalFilter::default() }).await.unwrap();
    assert_eq!(page, [record]);
    let stored = Connection::open(folder.path().join("core.db")).unwrap();
    let same: Vec<u8> = stored.query_row("SELECT bytes FROM record", [], |row| row.get(0)).unwrap();
    assert_eq!(same, bytes, "to the byte");
    let rows = journal.write(Write { records: Vec::new(), rows: rows() }).await;
    assert!(rows.is_ok());
    journal.close().await.unwrap();
    assert_eq!(open(folder.path()).1, None);
    let newest = crate::store::migrations::CORE.migrations.len();
    assert!(folder.path().join(format!("core.db.before-v{newest}")).exists());
}
