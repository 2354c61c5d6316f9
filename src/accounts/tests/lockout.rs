use super::*;
use crate::model::Severity;

#[tokio::test]
async fn r_lockout_five_wrong_tries_lock_also_against_the_right_password_and_no_timer_unlocks() {
    let house = House::new().await;
    house.person("lan", Role::Viewer).await;
    for _ in 0..4 {
        assert!(matches!(house.try_in("lan", "Wrong-pass 1").await, Err(SignInRefused::Wrong)));
    }
    house.signed_in("lan").await;
    house.locked("lan").await;
    assert!(matches!(house.try_in("lan", PASSWORD).await, Err(SignInRefused::Wrong)));
    assert!(
        matches!(house.try_in("lan", "Wrong-pass 1").await, Err(SignInRefused::Wrong)),
        "not told to others"
    );
    assert_eq!(house.records("account.locked").await.len(), 1);
    let record = house.told("account.locked", "from").await;
    assert_eq!(record, told("system", "p1", "127.0.0.1 Firefox"));
    for _ in 0..28 {
        house.later(DAY);
        house.sweep().await;
    }
    assert!(matches!(house.try_in("lan", PASSWORD).await, Err(SignInRefused::Wrong)));
}

#[tokio::test]
async fn r_lockout_tries_further_apart_than_thirty_minutes_do_not_lock() {
    let house = House::new().await;
    house.person("lan", Role::Viewer).await;
    for _ in 0..7 {
        assert!(matches!(house.try_in("lan", "Wrong-pass 1").await, Err(SignInRefused::Wrong)));
        house.later(MINUTE * 8);
    }
    house.signed_in("lan").await;
}

#[tokio::test]
async fn r_lockout_is_undone_at_a_recorded_request_alone() {
    let house = House::new().await;
    let lan = house.person("lan", Role::Viewer).await;
    house.person("an", Role::Administrator).await;
    let an = house.signed_in("an").await;
    assert!(matches!(house.accounts.unlock(&an, lan, "Lan").await, Err(NotDone::Conflict(_))), "not locked");
    house.locked("lan").await;
    assert!(matches!(house.accounts.unlock(&an, lan, "  ").await, Err(NotDone::Wrong(_))), "whose request?");
    assert!(matches!(house.try_in("lan", PASSWORD).await, Err(SignInRefused::Wrong)));
    house.accounts.unlock(&an, lan, "Lan by phone at 8:10").await.unwrap();
    assert_eq!(house.told("account.unlocked", "why").await, told("p2", "p1", "Lan by phone at 8:10"));
    house.signed_in("lan").await;
}

#[tokio::test]
async fn r_lockout_stops_sessions_and_tokens_at_once_and_unlocking_brings_no_session_back() {
    let house = House::new().await;
    let lan = house.person("lan", Role::Viewer).await;
    let session = house.try_in("lan", PASSWORD).await.unwrap();
    let own = house.caller(&session).await.unwrap();
    let new =
        NewToken { name: "suite".to_owned(), person: None, rights: rights(&[Right::HallRead]), ends: None };
    let (_, token) = house.accounts.make_token(&own, new).await.unwrap();
    assert!(house.accounts.by_token(&token).is_some());
    house.locked("lan").await;
    assert!(house.caller(&session).await.is_none());
    assert!(house.accounts.by_token(&token).is_none());
    house.accounts.unlock(&console(), lan, "Lan").await.unwrap();
    assert!(house.caller(&session).await.is_none(), "whoever guessed may have it");
    assert!(house.accounts.by_token(&token).is_some());
}

#[tokio::test]
async fn r_lockout_counts_wrong_passwords_inside_a_session_too() {
    let house = House::new().await;
    house.person("lan", Role::Viewer).await;
    let session = house.try_in("lan", PASSWORD).await.unwrap();
    let caller = house.caller(&session).await.unwrap();
    for _ in 0..5 {
        let change = house.accounts.change_password(&caller, "Wrong-pass 1".to_owned(), OTHER.to_owned());
        assert!(matches!(change.await, Err(NotDone::NotYou)));
    }
    assert!(house.caller(&session).await.is_none());
    let late = house.accounts.change_password(&caller, PASSWORD.to_owned(), OTHER.to_owned()).await;
    assert!(matches!(late, Err(NotDone::Conflict(_))), "{late:?}");
    assert!(matches!(house.try_in("lan", PASSWORD).await, Err(SignInRefused::Wrong)));
}

#[tokio::test]
async fn r_lockout_unknown_and_known_names_are_answered_alike_and_recorded_without_the_name() {
    let house = House::new().await;
    house.person("lan", Role::Viewer).await;
    let (known, nobody) = (house.try_in("lan", "x").await, house.try_in("nobody-77", "x").await);
    let long = house.try_in("lan", &"x".repeat(300)).await;
    let said = [known, nobody, long].map(|refused| refused.unwrap_err().to_string());
    assert!(said.iter().all(|text| *text == said[0]), "{said:?}");
    let refused = house.records("account.refused").await;
    assert_eq!(refused.iter().map(|record| record.place.as_str()).collect::<Vec<_>>(), ["p1", "", "p1"]);
    assert!(refused.iter().all(|record| record.severity == Severity::Warning));
    assert!(!format!("{refused:?}").contains("nobody-77"), "people type passwords there");
}

#[tokio::test]
async fn r_lockout_tries_of_one_address_are_throttled() {
    let house = House::new().await;
    let attempt = || Attempt { name: "x".into(), password: "x".into(), code: String::new(), from: here() };
    for _ in 0..10 {
        assert!(matches!(house.accounts.sign_in(attempt()).await, Err(SignInRefused::Wrong)));
    }
    assert!(matches!(house.accounts.sign_in(attempt()).await, Err(SignInRefused::TooMany(_))));
    assert_eq!(house.records("account.refused").await.len(), 10);
    let other = Attempt { from: elsewhere(), ..attempt() };
    assert!(matches!(house.accounts.sign_in(other).await, Err(SignInRefused::Wrong)));
}
