use super::*;
use crate::model::{CardKey, Side};

fn issue(card: CardFields) -> AccessDeed {
    AccessDeed::IssueBadge { person: "p1".to_owned(), card, from: None, until: None, why: why() }
}

fn numbered(facility: u32, number: u32, bits: u8) -> CardFields {
    CardFields { facility: Some(facility), number: Some(number), bits: Some(bits), ..CardFields::default() }
}

#[tokio::test]
async fn a_badge_is_issued_changed_lost_and_given_back() {
    let house = House::new().await;
    house.person("Lan", &[]).await;
    let badge = house.badge("p1", 1245).await;
    assert_eq!(badge, "b1");
    let line = house.access.badges(None).await.unwrap().remove(0);
    assert_eq!(
        (line.shown.as_str(), line.state.as_str(), line.name.as_str()),
        ("FC 42 / CN …45", "active", "Lan")
    );
    house.refuses(issue(numbered(42, 1245, 26)), "is badge b1 already").await;
    let change = |state: &str| AccessDeed::ChangeBadge {
        badge: "b1".to_owned(),
        state: some(state),
        from: None,
        until: None,
        why: why(),
    };
    house.does(change("lost")).await;
    assert_eq!(house.told("badge.changed", "after").await, told("uid-0", "b1", "state=lost"));
    house.refuses(change("returned"), "none of the words").await;
    house.does(AccessDeed::ReturnBadge { badge: "b1".to_owned(), why: why() }).await;
    house.refuses(change("active"), "given back").await;
    // The card may be issued again, under another number.
    assert_eq!(house.does(issue(numbered(42, 1245, 26))).await.id, "b2");
}

#[tokio::test]
async fn cards_are_named_by_numbers_bits_or_a_swipe_and_by_nothing_else() {
    let house = House::new().await;
    house.person("Lan", &[]).await;
    for wrong in [
        CardFields::default(),
        numbered(256, 1, 26),
        numbered(1, 1, 27),
        CardFields { facility: Some(1), ..CardFields::default() },
        CardFields { swiped: Some(1), facility: Some(1), ..CardFields::default() },
        CardFields { bits: Some(32), hex: some("010203"), ..CardFields::default() },
        CardFields { bits: Some(26), hex: some("15026900"), ..CardFields::default() },
    ] {
        house.refuses(issue(wrong), "which card?").await;
    }
    house.does(issue(CardFields { bits: Some(32), hex: some("010203AB"), ..CardFields::default() })).await;
    house.does(issue(numbered(1000, 65_535, 34))).await;
    let swiped = |place| CardFields { swiped: Some(place), ..CardFields::default() };
    house.refuses(issue(swiped(1)), "no unknown card 1").await;
    let card = |byte, shown: &str| UnknownCard {
        door: "main".parse().unwrap(),
        side: Side::Entry,
        at: START,
        key: CardKey([byte; 32]),
        shown: shown.to_owned(),
    };
    let unknown_cards = vec![card(1, "older"), card(2, "newest")];
    house.view.send_replace(Arc::new(DoorsView { unknown_cards, ..DoorsView::default() }));
    house.does(issue(swiped(1))).await;
    house.refuses(issue(swiped(0)), "no unknown card 0").await;
    let badges = house.access.data().badges.clone();
    assert_eq!(
        badges.last().map(|badge| (badge.key, badge.shown.as_str())),
        Some((CardKey([2; 32]), "newest"))
    );
    assert_eq!(house.access.unknown_cards()[1].shown, "older");
}

#[tokio::test]
async fn each_commit_is_told_to_the_doors_and_nothing_else_is() {
    let house = House::new().await;
    let mut told = house.accounts.access();
    house.account("lan", Role::Viewer).await;
    assert!(!told.has_changed().unwrap(), "an account is no matter of doors");
    house.person("Lan", &[]).await;
    assert!(told.has_changed().unwrap());
    assert_eq!(told.borrow_and_update().holders.len(), 1);
}
