use super::*;
use crate::logic::sign_in::Rule;

#[tokio::test]
async fn everything_survives_a_restart() {
    let house = House::new().await;
    let lan = house.person("lan", Role::Operator).await;
    let binh = house.person("binh", Role::Viewer).await;
    let session = house.try_in("lan", PASSWORD).await.unwrap();
    let own = house.caller(&session).await.unwrap();
    let new =
        NewToken { name: "suite".to_owned(), person: None, rights: rights(&[Right::HallRead]), ends: None };
    let (_, token) = house.accounts.make_token(&own, new).await.unwrap();
    let (_, pair) = house.accounts.make_display(&console(), "corridor").await.unwrap();
    let link = house.accounts.new_link(&console(), lan, "x").await.unwrap();
    house.accounts.set_rule(&console(), Rule::Tries, 6, "exercise").await.unwrap();
    house.locked_after("binh", 6).await;
    let before = format!("{:?}", house.accounts.registry());
    let house = house.reopened().await;
    assert_eq!(format!("{:?}", house.accounts.registry()), before);
    assert!(house.caller(&session).await.is_some());
    assert!(house.accounts.by_token(&token).is_some());
    assert!(house.accounts.link(&pair).is_some() && house.accounts.link(&link).is_some());
    assert!(matches!(house.try_in("binh", PASSWORD).await, Err(SignInRefused::Wrong)));
    assert_eq!(house.accounts.rules().get(Rule::Tries), 6);
    assert!(house.account(binh).locked.is_some());
}

#[tokio::test]
async fn numbers_are_never_given_again_also_after_a_restart() {
    let house = House::new().await;
    let lan = house.person("lan", Role::Viewer).await;
    let (first, _) = house.accounts.make_display(&console(), "corridor").await.unwrap();
    house.accounts.end_token(&console(), first, "x").await.unwrap();
    house.accounts.end(&console(), lan, "x").await.unwrap();
    let session = house.accounts.registry().newest[1];
    let house = house.reopened().await;
    let (second, _) = house.accounts.make_display(&console(), "corridor").await.unwrap();
    assert_eq!(second, TokenId(NonZeroU32::new(2).unwrap()));
    assert_eq!(house.person("binh", Role::Viewer).await, PersonId(NonZeroU32::new(2).unwrap()));
    assert_eq!(house.accounts.registry().sessions[0].id, i64::from(session) + 1);
}

#[tokio::test]
async fn memory_follows_the_commit_also_when_who_asked_has_gone() {
    let house = House::new().await;
    let lan = house.person("lan", Role::Viewer).await;
    let session = house.try_in("lan", PASSWORD).await.unwrap();
    {
        let (accounts, caller) = (Arc::clone(&house.accounts), console());
        let mut ending = Box::pin(async move { accounts.end(&caller, lan, "has left").await });
        let poll = std::future::poll_fn(|context| std::task::Poll::Ready(ending.as_mut().poll(context)));
        assert!(poll.await.is_pending());
    }
    // The next change waits for that one.
    house.accounts.make_display(&console(), "corridor").await.unwrap();
    assert_eq!(house.records("account.ended").await.len(), 1);
    assert!(house.account(lan).ended.is_some());
    assert!(house.caller(&session).await.is_none());
}

#[tokio::test]
async fn what_cannot_be_recorded_is_not_done() {
    let house = House::new().await;
    let lan = house.person("lan", Role::Viewer).await;
    let session = house.try_in("lan", PASSWORD).await.unwrap();
    house.journal.clone().close().await.unwrap();
    assert!(matches!(house.accounts.suspend(&console(), lan, "x").await, Err(NotDone::Store(_))));
    assert!(matches!(house.try_in("lan", PASSWORD).await, Err(SignInRefused::NotDone(NotDone::Store(_)))));
    assert!(house.account(lan).suspended.is_none() && house.caller(&session).await.is_some());
}

impl House {
    async fn locked_after(&self, name: &str, tries: usize) {
        for _ in 0..tries {
            assert!(matches!(self.try_in(name, "Wrong-pass 1").await, Err(SignInRefused::Wrong)));
        }
    }
}
