use super::*;

#[tokio::test]
async fn r_idle_thirty_days_suspend_with_a_record_and_restoring_needs_a_reason() {
    let house = House::new().await;
    let lan = house.person("lan", Role::Viewer).await;
    house.later(DAY * 30 - MINUTE);
    house.sweep().await;
    assert!(house.records("account.suspended").await.is_empty());
    house.later(MINUTE);
    assert!(matches!(house.try_in("lan", PASSWORD).await, Err(SignInRefused::Wrong)), "before the sweep");
    house.sweep().await;
    house.sweep().await;
    assert_eq!(house.records("account.suspended").await.len(), 1, "told once");
    assert_eq!(house.told("account.suspended", "why").await, told("system", "p1", "idle"));
    assert!(house.accounts.restore(&console(), lan, "").await.is_err(), "why?");
    house.accounts.restore(&console(), lan, "back from leave").await.unwrap();
    assert_eq!(house.told("account.restored", "why").await, told("uid-0", "p1", "back from leave"));
    house.signed_in("lan").await;
}

#[tokio::test]
async fn r_idle_use_keeps_an_account_and_a_restored_one_counts_from_then() {
    let house = House::new().await;
    house.person("lan", Role::Viewer).await;
    for _ in 0..3 {
        house.later(DAY * 20);
        house.sweep().await;
        house.signed_in("lan").await;
    }
    assert!(house.records("account.suspended").await.is_empty());
}

#[tokio::test]
async fn r_idle_the_last_administrator_is_warned_a_week_before_once_a_day() {
    let house = House::new().await;
    house.person("an", Role::Administrator).await;
    let mut warned = None;
    for quarter in 0..4 * 32 {
        house.accounts.look(&mut warned).await.unwrap();
        let records = house.records("account.idle-warning").await.len();
        if quarter < 23 * 4 {
            assert_eq!(records, 0, "quarter {quarter}");
        }
        house.later(MINUTE * 360);
    }
    assert_eq!(house.records("account.idle-warning").await.len(), 7);
    let record = house.told("account.idle-warning", "suspended_at").await;
    assert_eq!(record, told("system", "p1", &(START + DAY * 30).rfc3339()));
}

#[tokio::test]
async fn r_idle_administrators_who_will_be_suspended_together_are_both_warned_and_one_who_stays_spares_it() {
    let house = House::new().await;
    house.person("an", Role::Administrator).await;
    house.person("binh", Role::Administrator).await;
    house.later(DAY * 24);
    house.sweep().await;
    assert_eq!(house.records("account.idle-warning").await.len(), 2);
    house.signed_in("binh").await;
    house.sweep().await;
    assert_eq!(house.records("account.idle-warning").await.len(), 2, "Binh will be there");
}

#[tokio::test]
async fn r_idle_an_inspectors_account_must_end_and_is_suspended_when_it_has() {
    let house = House::new().await;
    let endless = NewAccount { ends: None, ..new_account("kiem", Role::Inspector) };
    assert!(matches!(house.accounts.add(&console(), endless).await, Err(NotDone::Wrong(_))));
    let kiem = house.person("kiem", Role::Inspector).await;
    let session = house.try_in("kiem", PASSWORD).await.unwrap();
    assert!(matches!(house.accounts.set_ends(&console(), kiem, None, "x").await, Err(NotDone::Wrong(_))));
    house.later(DAY * 10);
    assert!(house.caller(&session).await.is_none());
    assert!(matches!(house.try_in("kiem", PASSWORD).await, Err(SignInRefused::Wrong)));
    house.sweep().await;
    assert_eq!(house.told("account.suspended", "why").await, told("system", "p1", "expired"));
    let over = house.accounts.restore(&console(), kiem, "comes again").await.unwrap_err().to_string();
    assert!(over.contains("set another first"), "{over}");
    house.accounts.set_ends(&console(), kiem, Some(START + DAY * 20), "second visit").await.unwrap();
    house.accounts.restore(&console(), kiem, "comes again").await.unwrap();
    house.signed_in("kiem").await;
}
