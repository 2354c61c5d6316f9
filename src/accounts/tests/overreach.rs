use super::*;
use crate::{
    model::{Link, Purpose, Severity, Token},
    store::{Row, Write},
};

#[tokio::test]
async fn r_overreach_each_refused_act_is_a_record_and_many_are_one_worth_an_alarm() {
    let house = House::new().await;
    house.person("lan", Role::Viewer).await;
    let lan = house.signed_in("lan").await;
    for minute in 0..7 {
        house.accounts.refused(&lan, Right::AccountManage, "GET /accounts").await;
        house.accounts.refused(&lan, Right::AccountManage, "GET /accounts").await;
        if minute == 0 {
            assert_eq!(house.records("account.act-refused").await.len(), 1, "not twice a minute");
        }
        house.later(MINUTE);
    }
    assert_eq!(house.records("account.act-refused").await.len(), 7);
    let refused = house.told("account.act-refused", "right").await;
    assert_eq!(refused, told("p1", "", "account.manage"));
    assert_eq!(house.told("account.act-refused", "what").await.2, "GET /accounts");
    let overreach = house.records("account.overreach").await;
    assert_eq!(overreach.len(), 1);
    assert_eq!((overreach[0].severity, overreach[0].actor.as_str()), (Severity::Error, "p1"));
}

#[tokio::test]
async fn r_overreach_requests_of_one_caller_are_throttled() {
    let house = House::new().await;
    let caller = console();
    let asked = (0..600).filter(|_| house.accounts.may_ask(&caller).is_ok()).count();
    assert_eq!(asked, 500);
    assert!(house.accounts.may_ask(&Caller::console("uid-7".to_owned())).is_ok(), "somebody else");
}

#[tokio::test]
async fn r_account_names_are_checked_and_counted() {
    let house = House::new().await;
    let by = console();
    let add = |new| house.accounts.add(&by, new);
    for (new, word) in [
        (NewAccount { name: " ".to_owned(), ..new_account("lan", Role::Viewer) }, "name"),
        (new_account("Lan!", Role::Viewer), "sign-in name"),
        (new_account("p7", Role::Viewer), "looks like a person's id"),
        (NewAccount { phone: Some(String::new()), ..new_account("lan", Role::Viewer) }, "telephone"),
        (NewAccount { remote: Some(" ".to_owned()), ..new_account("lan", Role::Viewer) }, "machines"),
        (NewAccount { ends: Some(START), ..new_account("lan", Role::Viewer) }, "over already"),
    ] {
        let said = add(new).await.unwrap_err().to_string();
        assert!(said.contains(word), "{said}");
    }
    add(new_account("lan", Role::Viewer)).await.unwrap();
    assert!(matches!(add(new_account("lan", Role::Viewer)).await, Err(NotDone::Conflict(_))), "taken");
}

#[tokio::test]
async fn accounts_links_and_tokens_are_bounded() {
    let house = House::new().await;
    let person = house.person("lan", Role::Viewer).await;
    let (of, who) = house.accounts.find(person).map(|(of, account)| (account, of)).unwrap();
    let mut rows = Vec::new();
    for n in 2..=u32::try_from(MOST).unwrap() {
        let id = PersonId(NonZeroU32::new(n).unwrap());
        rows.push(Row::Person(Person { id, ..who.clone() }));
        rows.push(Row::Account(Box::new(Account { person: id, sign_in: format!("n{n}"), ..of.clone() })));
    }
    house.journal.write(Write { records: Vec::new(), rows }).await.unwrap();
    let house = house.reopened().await;
    let full = house.accounts.add(&console(), new_account("one-more", Role::Viewer)).await.unwrap_err();
    assert!(full.to_string().contains("1000 accounts already"), "{full}");

    let mut rows = Vec::new();
    for n in 1..=u32::try_from(MOST).unwrap() {
        let id = TokenId(NonZeroU32::new(n).unwrap());
        let (name, rights) = ("wall".to_owned(), rights(&[Right::HallRead]));
        rows.push(Row::Token(Token { id, hash: None, name, person: None, rights, made: START, ends: None }));
        let mut hash = [0; 32];
        hash[..4].copy_from_slice(&n.to_le_bytes());
        rows.push(Row::Link(Link { hash, purpose: Purpose::Pair(id), ends: START + DAY }));
    }
    house.journal.write(Write { records: Vec::new(), rows }).await.unwrap();
    let house = house.reopened().await;
    let full = house.accounts.new_link(&console(), person, "x").await.unwrap_err();
    assert!(full.to_string().contains("1000 unused links"), "{full}");
    let full = house.accounts.make_display(&console(), "one more").await.unwrap_err();
    assert!(full.to_string().contains("1000 tokens already"), "{full}");
}
