use super::*;

#[tokio::test]
async fn r_session_ends_when_unused_with_a_record() {
    let house = House::new().await;
    house.person("lan", Role::Viewer).await;
    let session = house.try_in("lan", PASSWORD).await.unwrap();
    house.later(MINUTE * 14);
    assert!(house.accounts.by_cookie(&session.secret, true).await.is_some(), "a person asks");
    house.later(MINUTE * 14);
    assert!(house.accounts.by_cookie(&session.secret, false).await.is_some(), "a timer asks");
    house.later(MINUTE);
    assert!(house.caller(&session).await.is_none());
    house.sweep().await;
    assert_eq!(house.told("account.session-ended", "why").await, told("system", "p1", "idle"));
}

#[tokio::test]
async fn r_session_ends_after_its_length_however_busy() {
    let house = House::new().await;
    house.person("lan", Role::Viewer).await;
    let session = house.try_in("lan", PASSWORD).await.unwrap();
    for _ in 0..71 {
        house.later(MINUTE * 10);
        assert!(house.accounts.by_cookie(&session.secret, true).await.is_some());
    }
    house.later(MINUTE * 10);
    assert!(house.accounts.by_cookie(&session.secret, true).await.is_none());
    house.sweep().await;
    assert!(house.records("account.session-ended").await.iter().any(|record| record.body["why"] == "length"));
}

#[tokio::test]
async fn r_session_signing_out_ends_it_and_so_does_whoever_manages() {
    let house = House::new().await;
    house.person("lan", Role::Viewer).await;
    house.person("an", Role::Administrator).await;
    let session = house.try_in("lan", PASSWORD).await.unwrap();
    let lan = house.caller(&session).await.unwrap();
    house.accounts.sign_out(&lan).await.unwrap();
    assert!(house.caller(&session).await.is_none());
    assert_eq!(house.told("account.signed-out", "").await.0, "p1");

    let (an, session) = (house.signed_in("an").await, house.try_in("lan", PASSWORD).await.unwrap());
    let lan = house.caller(&session).await.unwrap();
    let id = |caller: &Caller| match caller.way {
        Way::Session { id, .. } => id,
        Way::Token { .. } | Way::Console => panic!("{caller:?}"),
    };
    assert!(matches!(house.accounts.end_session(&lan, id(&an)).await, Err(NotDone::NoSuch(_))), "not Lan's");
    house.accounts.end_session(&an, id(&lan)).await.unwrap();
    assert!(house.caller(&session).await.is_none());
    assert_eq!(house.told("account.session-ended", "").await, told("p2", "p1", ""));
}

#[tokio::test]
async fn r_session_a_new_password_ends_the_others() {
    let house = House::new().await;
    let lan = house.person("lan", Role::Viewer).await;
    let [mine, other] =
        [house.try_in("lan", PASSWORD).await.unwrap(), house.try_in("lan", PASSWORD).await.unwrap()];
    let caller = house.caller(&mine).await.unwrap();
    house.accounts.change_password(&caller, PASSWORD.to_owned(), OTHER.to_owned()).await.unwrap();
    assert!(house.caller(&mine).await.is_some() && house.caller(&other).await.is_none());
    let link = house.accounts.new_link(&console(), lan, "forgotten").await.unwrap();
    let fresh = house.accounts.choose_password(&link, PASSWORD.to_owned(), here()).await.unwrap();
    assert!(house.caller(&mine).await.is_none() && house.caller(&fresh).await.is_some());
}

#[tokio::test]
async fn r_session_a_person_has_twenty_at_most() {
    let house = House::new().await;
    house.person("lan", Role::Viewer).await;
    let mut sessions = Vec::new();
    for _ in 0..SESSIONS {
        sessions.push(house.try_in("lan", PASSWORD).await.unwrap());
    }
    assert_eq!(house.accounts.registry().sessions.len(), SESSIONS);
    assert!(house.caller(&sessions[0]).await.is_some(), "the oldest was that of the link");
    house.try_in("lan", PASSWORD).await.unwrap();
    assert!(house.caller(&sessions[0]).await.is_none() && house.caller(&sessions[1]).await.is_some());
    assert_eq!(house.told("account.session-ended", "why").await, told("system", "p1", "too-many"));
}

#[tokio::test]
async fn r_session_is_worth_nothing_once_a_clock_that_was_wrong_has_been_set_back() {
    let house = House::new().await;
    let lan = house.person("lan", Role::Viewer).await;
    house.step(START + DAY * 25);
    let session = house.try_in("lan", PASSWORD).await.unwrap();
    house.step(START + DAY);
    assert!(house.caller(&session).await.is_none(), "or it would live for weeks");
    house.sweep().await;
    assert_eq!(house.told("account.session-ended", "why").await.2, "clock");
    assert_eq!(house.account(lan).used, START + DAY, "idle time counts from now");
    let link = house.accounts.new_link(&console(), lan, "x").await.unwrap();
    house.step(START - DAY);
    assert!(house.accounts.link(&link).is_none(), "a link of two days");
}

#[tokio::test]
async fn r_remote_other_machines_are_for_who_has_a_purpose_there() {
    let house = House::new().await;
    let lan = house.person("lan", Role::Viewer).await;
    assert!(matches!(house.try_from(elsewhere(), "lan", PASSWORD).await, Err(SignInRefused::Wrong)));
    let set = |purpose: Option<&str>| {
        let (accounts, purpose) = (Arc::clone(&house.accounts), purpose.map(str::to_owned));
        async move { accounts.set_remote(&console(), lan, purpose, "new shift").await }
    };
    for wrong in ["  ", "a\u{7}b", &"x".repeat(201)] {
        assert!(matches!(set(Some(wrong)).await, Err(NotDone::Wrong(_))), "{wrong:?}");
    }
    set(Some(" on call ")).await.unwrap();
    assert_eq!(house.told("account.remote-set", "remote").await, told("uid-0", "p1", "on call"));
    let session = house.try_from(elsewhere(), "lan", PASSWORD).await.unwrap();
    set(None).await.unwrap();
    assert!(house.caller(&session).await.is_none(), "who is there is out");
    assert_eq!(house.told("account.remote-set", "remote").await.2, "no");
}
