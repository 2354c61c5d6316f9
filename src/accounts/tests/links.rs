use super::*;

#[tokio::test]
async fn r_password_a_link_counts_once_and_for_a_day() {
    let house = House::new().await;
    let (_, link) = house.accounts.add(&console(), new_account("lan", Role::Viewer)).await.unwrap();
    assert_eq!(house.accounts.link(&link), Some(LinkFor::ChoosePassword("lan".to_owned())));
    house.later(DAY - MINUTE);
    let signed_in = house.accounts.choose_password(&link, PASSWORD.to_owned(), here()).await.unwrap();
    assert!(house.caller(&signed_in).await.is_some(), "and is signed in");
    let twice = house.accounts.choose_password(&link, OTHER.to_owned(), here()).await;
    assert!(matches!(twice, Err(NotDone::NoSuch(_))));

    let (lan, _) = house.accounts.add(&console(), new_account("binh", Role::Viewer)).await.unwrap();
    let link = house.accounts.new_link(&console(), lan, "lost it").await.unwrap();
    house.later(DAY);
    assert_eq!(house.accounts.link(&link), None);
    let late = house.accounts.choose_password(&link, PASSWORD.to_owned(), here()).await;
    assert!(matches!(late, Err(NotDone::NoSuch(_))));
    house.sweep().await;
    assert!(house.accounts.registry().links.is_empty());
}

#[tokio::test]
async fn r_password_a_newer_link_ends_the_older_one() {
    let house = House::new().await;
    let (lan, first) = house.accounts.add(&console(), new_account("lan", Role::Viewer)).await.unwrap();
    assert!(house.accounts.new_link(&console(), lan, " ").await.is_err(), "why?");
    let second = house.accounts.new_link(&console(), lan, "the first was lost").await.unwrap();
    assert!(house.accounts.link(&first).is_none() && house.accounts.link(&second).is_some());
    assert_eq!(house.told("account.link-made", "why").await, told("uid-0", "p1", "the first was lost"));
}

#[tokio::test]
async fn r_lockout_and_r_remote_hold_for_links_too() {
    let house = House::new().await;
    let lan = house.person("lan", Role::Viewer).await;
    let by = console();
    let new_link = || house.accounts.new_link(&by, lan, "x");
    let choose = |link: String, from| {
        let accounts = Arc::clone(&house.accounts);
        async move { accounts.choose_password(&link, OTHER.to_owned(), from).await }
    };
    let far = choose(new_link().await.unwrap(), elsewhere()).await.unwrap_err().to_string();
    assert!(far.contains("another machine"), "{far}");
    house.locked("lan").await;
    let locked = choose(new_link().await.unwrap(), here()).await.unwrap_err().to_string();
    assert!(locked.contains("locked"), "{locked}");
    let enter = house.accounts.enter_link(lan).await.unwrap();
    assert!(house.accounts.enter(&enter, here()).await.is_err());
    house.accounts.unlock(&console(), lan, "Lan").await.unwrap();
    assert!(house.accounts.enter(&enter, elsewhere()).await.is_err());
    let signed_in = house.accounts.enter(&enter, here()).await.unwrap();
    assert!(house.caller(&signed_in).await.is_some());
    assert!(house.accounts.enter(&enter, here()).await.is_err(), "once");
}

#[tokio::test]
async fn a_link_is_for_one_purpose_alone() {
    let house = House::new().await;
    let lan = house.person("lan", Role::Viewer).await;
    let choose = house.accounts.new_link(&console(), lan, "x").await.unwrap();
    let enter = house.accounts.enter_link(lan).await.unwrap();
    let (_, pair) = house.accounts.make_display(&console(), "corridor").await.unwrap();
    assert_eq!(house.accounts.link(&enter), Some(LinkFor::Enter));
    assert_eq!(house.accounts.link(&pair), Some(LinkFor::Pair("corridor".to_owned())));
    for wrong in [&choose, &pair, "nonsense"] {
        assert!(matches!(house.accounts.enter(wrong, here()).await, Err(NotDone::NoSuch(_))), "enter");
    }
    for wrong in [&choose, &enter, "nonsense"] {
        assert!(matches!(house.accounts.pair(wrong, here()).await, Err(NotDone::NoSuch(_))), "pair");
    }
    for wrong in [&pair, &enter, "nonsense"] {
        let chosen = house.accounts.choose_password(wrong, OTHER.to_owned(), here()).await;
        assert!(matches!(chosen, Err(NotDone::NoSuch(_))), "choose");
    }
}
