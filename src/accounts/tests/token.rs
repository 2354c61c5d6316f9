use super::*;

fn token(person: Option<PersonId>, of: &[Right]) -> NewToken {
    NewToken { name: "test suite".to_owned(), person, rights: rights(of), ends: None }
}

#[tokio::test]
async fn r_overreach_a_token_never_permits_more_than_its_account_does() {
    let house = House::new().await;
    let lan = house.person("lan", Role::Operator).await;
    let own = house.signed_in("lan").await;
    let beyond = house.accounts.make_token(&own, token(None, &[Right::JournalRead])).await.unwrap_err();
    assert!(
        beyond.to_string().contains("`journal.read` is beyond what the role operator permits"),
        "{beyond}"
    );
    assert!(house.accounts.make_token(&own, token(None, &[])).await.is_err(), "no right at all");
    let (id, shown) =
        house.accounts.make_token(&own, token(None, &[Right::HallRead, Right::PointWrite])).await.unwrap();
    assert_eq!(house.told("account.token-made", "rights").await, told("p1", "p1", "hall.read point.write"));
    let caller = house.accounts.by_token(&shown).unwrap();
    assert_eq!((caller.actor.as_str(), caller.rights), ("t1", rights(&[Right::HallRead, Right::PointWrite])));
    house.accounts.set_role(&console(), lan, Role::Viewer, "leaves the shift").await.unwrap();
    assert_eq!(
        house.accounts.by_token(&shown).unwrap().rights,
        rights(&[Right::HallRead]),
        "follows the role"
    );
    house.accounts.suspend(&console(), lan, "x").await.unwrap();
    assert!(house.accounts.by_token(&shown).is_none());
    house.accounts.restore(&console(), lan, "x").await.unwrap();
    house.accounts.end_token(&console(), id, "the suite is gone").await.unwrap();
    assert!(house.accounts.by_token(&shown).is_none());
    assert_eq!(house.told("account.token-ended", "why").await, told("uid-0", "p1", "the suite is gone"));
}

#[tokio::test]
async fn r_overreach_a_token_makes_none_unless_it_manages_and_then_none_that_permits_more() {
    let house = House::new().await;
    house.person("an", Role::Administrator).await;
    let an = house.signed_in("an").await;
    let ask = async |rights: &[Right], wanted: &[Right]| {
        let (_, shown) = house.accounts.make_token(&an, token(None, rights)).await.unwrap();
        let caller = house.accounts.by_token(&shown).unwrap();
        house.accounts.make_token(&caller, token(None, wanted)).await
    };
    let none = ask(&[Right::HallRead], &[Right::HallRead]).await.unwrap_err();
    assert!(none.to_string().contains("a token makes no token"), "{none}");
    let more = ask(&[Right::AccountManage], &[Right::HallRead]).await.unwrap_err();
    assert!(more.to_string().contains("beyond what the token that asks permits"), "{more}");
    ask(&[Right::AccountManage, Right::HallRead], &[Right::HallRead]).await.unwrap();
}

#[tokio::test]
async fn r_overreach_tokens_for_others_are_an_administrators_to_make_and_end() {
    let house = House::new().await;
    let (lan, binh) = (house.person("lan", Role::Viewer).await, house.person("binh", Role::Viewer).await);
    let own = house.signed_in("lan").await;
    let other = house.accounts.make_token(&own, token(Some(binh), &[Right::HallRead])).await;
    assert!(matches!(other, Err(NotDone::Wrong(_))));
    assert!(house.accounts.make_token(&console(), token(None, &[Right::HallRead])).await.is_err(), "whose?");
    let (id, _) = house.accounts.make_token(&console(), token(Some(binh), &[Right::HallRead])).await.unwrap();
    assert!(matches!(house.accounts.end_token(&own, id, "x").await, Err(NotDone::NoSuch(_))));
    let (display, _) = house.accounts.make_display(&console(), "corridor").await.unwrap();
    assert!(matches!(house.accounts.end_token(&own, display, "x").await, Err(NotDone::NoSuch(_))));
    house.accounts.end_token(&console(), display, "taken down").await.unwrap();
    assert_ne!(lan, binh);
}

#[tokio::test]
async fn r_session_a_wall_display_is_paired_once_looks_and_cannot_act() {
    let house = House::new().await;
    let (id, link) = house.accounts.make_display(&console(), "corridor").await.unwrap();
    assert_eq!(house.told("account.display-made", "").await, told("uid-0", "t1", ""));
    let cookie = house.accounts.pair(&link, elsewhere()).await.unwrap();
    assert_eq!(house.told("account.display-paired", "from").await, told("system", "t1", "192.0.2.7 Chrome"));
    assert!(house.accounts.pair(&link, here()).await.is_err(), "once");
    house.later(DAY * 400);
    house.sweep().await;
    let caller = house.caller(&cookie).await.unwrap();
    assert_eq!((caller.actor.as_str(), caller.rights), ("t1", rights(&[Right::HallRead])));
    house.accounts.end_token(&console(), id, "taken down").await.unwrap();
    assert!(house.caller(&cookie).await.is_none());
}

#[tokio::test]
async fn r_session_a_programs_token_is_no_cookie() {
    let house = House::new().await;
    house.person("lan", Role::Operator).await;
    let own = house.signed_in("lan").await;
    let (_, shown) = house.accounts.make_token(&own, token(None, &[Right::PointWrite])).await.unwrap();
    assert!(house.accounts.by_cookie(&shown, true).await.is_none(), "any page could act with it");
}

#[tokio::test]
async fn r_idle_a_token_runs_out_with_a_record() {
    let house = House::new().await;
    house.person("lan", Role::Viewer).await;
    let own = house.signed_in("lan").await;
    let over = NewToken { ends: Some(START), ..token(None, &[Right::HallRead]) };
    assert!(house.accounts.make_token(&own, over).await.is_err());
    let short = NewToken { ends: Some(START + DAY), ..token(None, &[Right::HallRead]) };
    let (_, shown) = house.accounts.make_token(&own, short).await.unwrap();
    house.later(DAY);
    assert!(house.accounts.by_token(&shown).is_none(), "before the sweep");
    house.sweep().await;
    assert_eq!(house.told("account.token-ended", "why").await, told("system", "p1", "expired"));
}
