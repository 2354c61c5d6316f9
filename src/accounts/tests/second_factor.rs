use super::*;

impl House {
    /// The second factor is taken into use.
    async fn second_factor(&self, caller: &Caller) -> PendingTotp {
        let pending = self.accounts.begin_totp(caller).unwrap();
        let wrong = self.accounts.confirm_totp(caller, "000000").await;
        assert!(matches!(wrong, Err(NotDone::Wrong(_))));
        let code = own::code_of(&pending, self.accounts.now().wall);
        self.accounts.confirm_totp(caller, &code).await.unwrap();
        pending
    }

    async fn with_code(&self, code: &str) -> Result<SignedIn, SignInRefused> {
        self.later(MINUTE);
        let (name, password) = ("lan".to_owned(), PASSWORD.to_owned());
        self.accounts.sign_in(Attempt { name, password, code: code.to_owned(), from: here() }).await
    }

    fn code(&self, pending: &PendingTotp) -> String {
        // Of the minute in which it is shown.
        own::code_of(pending, self.accounts.now().wall + MINUTE)
    }
}

#[tokio::test]
async fn r_password_a_second_factor_is_needed_once_it_is_in_use_and_a_code_counts_once() {
    let house = House::new().await;
    let lan = house.person("lan", Role::Viewer).await;
    let own = house.signed_in("lan").await;
    let pending = house.second_factor(&own).await;
    assert_eq!(house.told("account.second-factor-on", "").await, told("p1", "p1", ""));
    assert!(matches!(house.with_code("").await, Err(SignInRefused::CodeNeeded)));
    assert!(house.account(lan).wrong.is_empty(), "not yet a try");
    let code = house.code(&pending);
    house.with_code(&code).await.unwrap();
    house.hands.wall.fetch_sub(60_000_000, Ordering::SeqCst);
    assert!(matches!(house.with_code(&code).await, Err(SignInRefused::Wrong)), "twice");
    let code = house.code(&pending);
    house.with_code(&code).await.unwrap();
}

#[tokio::test]
async fn r_lockout_counts_wrong_codes() {
    let house = House::new().await;
    house.person("lan", Role::Viewer).await;
    let own = house.signed_in("lan").await;
    let pending = house.second_factor(&own).await;
    for _ in 0..5 {
        assert!(matches!(house.with_code("12345").await, Err(SignInRefused::Wrong)));
    }
    let code = house.code(&pending);
    assert!(matches!(house.with_code(&code).await, Err(SignInRefused::Wrong)));
}

#[tokio::test]
async fn r_session_whoever_has_a_session_alone_changes_no_second_factor() {
    let house = House::new().await;
    house.person("lan", Role::Viewer).await;
    let own = house.signed_in("lan").await;
    house.second_factor(&own).await;
    assert!(matches!(house.accounts.begin_totp(&own), Err(NotDone::Conflict(_))));
    let wrong = house.accounts.remove_totp(&own, "Wrong-pass 1".to_owned()).await;
    assert!(matches!(wrong, Err(NotDone::NotYou)));
    house.accounts.remove_totp(&own, PASSWORD.to_owned()).await.unwrap();
    assert_eq!(house.told("account.second-factor-off", "").await.0, "p1");
    house.signed_in("lan").await;
}
