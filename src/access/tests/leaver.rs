use super::*;
use crate::accounts::Origin;

fn end(person: &str) -> AccessDeed {
    let handed_over = texts(&["laptop TS-12", "", "keys of rack 3"]);
    AccessDeed::EndPerson { person: person.to_owned(), handed_over, why: "has left".to_owned() }
}

#[tokio::test]
async fn r_leaver_one_deed_ends_badges_pins_account_sessions_tokens_and_links() {
    let house = House::new().await;
    house.account("an", Role::Administrator).await;
    let lan = house.account("lan", Role::Operator).await;
    let holder = HolderFields { pin: some("2580"), ..HolderFields::default() };
    house.does(AccessDeed::AddPerson { name: None, person: some("lan"), holder, why: why() }).await;
    house.badge("lan", 7).await;
    let lost = house.badge("lan", 8).await;
    let state = some("lost");
    house.does(AccessDeed::ChangeBadge { badge: lost, state, from: None, until: None, why: why() }).await;
    let link = house.accounts.enter_link(lan).await.unwrap();
    let from = Origin { address: "127.0.0.1".parse().unwrap(), browser: "test".to_owned() };
    let session = house.accounts.enter(&link, from).await.unwrap();

    let done = house.does(end("lan")).await;
    assert_eq!(done.said.len(), 3, "{:?}", done.said);
    assert!(done.said[0].contains("b1") && done.said[2].contains("undertaking"), "{:?}", done.said);
    assert!(house.accounts.by_cookie(&session.secret, false).await.is_none());
    let registry = house.accounts.registry();
    assert!(registry.account(lan).unwrap().ended.is_some() && registry.sessions.is_empty());
    let holder = &registry.access.holders[0];
    assert!(holder.ended.is_some() && holder.pin.is_none());
    let states: Vec<&str> = registry.access.badges.iter().map(|badge| badge.state.as_str()).collect();
    assert_eq!(states, ["disabled", "lost"], "they open nothing, and stay on the list until they are back");
    assert_eq!(house.told("person.ended", "badges").await, told("uid-0", &lan.to_string(), "b1 b2"));
    assert_eq!(house.told("person.ended", "handed_over").await.2, "laptop TS-12; keys of rack 3");
    let records = house.all_records().await;
    assert_eq!(records.last().unwrap().code, "person.ended", "one change, one record");

    house.refuses(end("p2"), "has ended").await;
    let undertaking =
        |paper: &str| AccessDeed::RecordUndertaking { person: "p2".to_owned(), paper: paper.to_owned() };
    house.refuses(undertaking(" "), "`paper` is missing").await;
    house.does(undertaking("CK-17 of 1 June")).await;
    assert_eq!(house.told("person.undertaking", "paper").await.2, "CK-17 of 1 June");
    let restore = AccessDeed::RestorePerson { person: "p2".to_owned(), why: why() };
    house.refuses(restore, "has ended").await;
    let badge = CardFields { facility: Some(1), number: Some(1), ..CardFields::default() };
    let issue =
        AccessDeed::IssueBadge { person: "p2".to_owned(), card: badge, from: None, until: None, why: why() };
    house.refuses(issue, "has ended").await;
}

#[tokio::test]
async fn r_leaver_who_has_only_an_account_or_only_a_badge_ends_too() {
    let house = House::new().await;
    house.account("lan", Role::Viewer).await;
    house.person("Bình", &[]).await;
    house.does(end("lan")).await;
    house.does(end("Bình")).await;
    assert_eq!(house.told("person.ended", "account").await.2, "none");
    house.refuses(end("nobody"), "no person `nobody`").await;
}
