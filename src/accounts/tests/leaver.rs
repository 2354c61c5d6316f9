use super::*;

#[tokio::test]
async fn r_leaver_one_action_ends_sessions_tokens_and_links_at_once() {
    let house = House::new().await;
    let lan = house.person("lan", Role::Operator).await;
    house.person("an", Role::Administrator).await;
    let an = house.signed_in("an").await;
    let session = house.try_in("lan", PASSWORD).await.unwrap();
    let own = house.caller(&session).await.unwrap();
    let token = |rights| NewToken { name: "suite".to_owned(), person: None, rights, ends: None };
    let (_, token) = house.accounts.make_token(&own, token(rights(&[Right::HallRead]))).await.unwrap();
    let link = house.accounts.new_link(&an, lan, "forgotten").await.unwrap();
    assert!(house.accounts.end(&an, lan, "").await.is_err(), "why?");
    assert!(house.caller(&session).await.is_some());

    house.accounts.end(&an, lan, "has left on 1 June").await.unwrap();
    assert!(house.caller(&session).await.is_none());
    assert!(house.accounts.by_token(&token).is_none());
    assert!(house.accounts.link(&link).is_none());
    assert!(matches!(house.try_in("lan", PASSWORD).await, Err(SignInRefused::Wrong)));
    let late = house.accounts.change_password(&own, PASSWORD.to_owned(), OTHER.to_owned()).await;
    assert!(matches!(late, Err(NotDone::NoSuch(_))));
    assert_eq!(house.told("account.ended", "why").await, told("p2", "p1", "has left on 1 June"));
    let registry = house.accounts.registry();
    assert!(registry.tokens.is_empty() && registry.links.is_empty());
    assert!(registry.sessions.iter().all(|session| session.person != lan));
    assert_eq!(registry.account(lan).unwrap().password, None);

    let again = house.person("lan", Role::Viewer).await;
    assert_ne!(again, lan, "the name is free again, the number is not");
    for act in [house.accounts.restore(&an, lan, "x").await, house.accounts.unlock(&an, lan, "x").await] {
        assert!(matches!(act, Err(NotDone::NoSuch(_))), "it is over for good");
    }
}

#[tokio::test]
async fn r_leaver_suspending_stops_at_once_and_links_wait() {
    let house = House::new().await;
    let lan = house.person("lan", Role::Viewer).await;
    let session = house.try_in("lan", PASSWORD).await.unwrap();
    let link = house.accounts.new_link(&console(), lan, "forgotten").await.unwrap();
    house.accounts.suspend(&console(), lan, "long leave").await.unwrap();
    assert_eq!(house.told("account.suspended", "why").await, told("uid-0", "p1", "long leave"));
    assert!(house.caller(&session).await.is_none());
    assert!(matches!(house.try_in("lan", PASSWORD).await, Err(SignInRefused::Wrong)));
    let chosen = house.accounts.choose_password(&link, OTHER.to_owned(), here()).await;
    assert!(matches!(chosen, Err(NotDone::Conflict(_))), "a link opens nothing that a password would not");
}

#[tokio::test]
async fn r_leaver_the_last_administrator_is_ended_at_the_console_alone() {
    let house = House::new().await;
    let an = house.person("an", Role::Administrator).await;
    let caller = house.signed_in("an").await;
    // Binh has an account, but has not chosen a password yet.
    house.accounts.add(&caller, new_account("binh", Role::Administrator)).await.unwrap();
    let before = house.all_records().await.len();
    for act in [
        house.accounts.end(&caller, an, "x").await,
        house.accounts.suspend(&caller, an, "x").await,
        house.accounts.set_role(&caller, an, Role::Viewer, "x").await,
    ] {
        let said = act.unwrap_err().to_string();
        assert!(said.contains("last administrator") && said.contains("console"), "{said}");
    }
    assert_eq!(house.all_records().await.len(), before);
    house.person("chi", Role::Administrator).await;
    house.accounts.set_role(&caller, an, Role::Viewer, "Chi takes over").await.unwrap();
    let chi = house.accounts.registry().by_sign_in("chi").unwrap().person;
    house.accounts.end(&console(), chi, "the console may").await.unwrap();
    assert_eq!(house.told("account.ended", "why").await.0, "uid-0");
}
