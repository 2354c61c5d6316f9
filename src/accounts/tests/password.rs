use super::*;
use crate::logic::sign_in::{Rule, Weakness};

#[tokio::test]
async fn r_defaults_nobody_can_sign_in_before_the_console_has_made_an_account() {
    let house = House::new().await;
    assert!(house.accounts.registry().accounts.is_empty());
    for (name, password) in [("admin", "admin"), ("root", ""), ("", "")] {
        assert!(matches!(house.try_in(name, password).await, Err(SignInRefused::Wrong)), "{name}");
    }
}

#[tokio::test]
async fn r_password_each_weakness_is_told_when_a_password_is_set() {
    let house = House::new().await;
    let new = NewAccount {
        name: "Nguyễn Lan".to_owned(),
        born: chrono::NaiveDate::from_ymd_opt(1990, 2, 1),
        phone: Some("0912 345 678".to_owned()),
        ..new_account("lan", Role::Administrator)
    };
    let (_, link) = house.accounts.add(&console(), new).await.unwrap();
    for (password, expected) in [
        ("Ab1$xyzwvu", Weakness::Short(11)),
        ("Ab1$nguyen xyz", Weakness::Name),
        ("Ab$ xyz 01021990", Weakness::BirthDate),
        ("Ab$ xyzw 0912345", Weakness::Phone),
    ] {
        let refused = house.accounts.choose_password(&link, password.to_owned(), here()).await.unwrap_err();
        assert!(matches!(&refused, NotDone::Weak(weak) if *weak == [expected]), "{password}: {refused}");
    }
    house.accounts.choose_password(&link, PASSWORD.to_owned(), here()).await.unwrap();
    let caller = house.signed_in("lan").await;
    let same = house.accounts.change_password(&caller, PASSWORD.to_owned(), PASSWORD.to_owned()).await;
    assert!(matches!(same, Err(NotDone::Weak(weak)) if weak == [Weakness::Same]));
}

#[tokio::test]
async fn r_password_is_kept_as_argon2id_alone() {
    let house = House::new().await;
    let person = house.person("lan", Role::Viewer).await;
    let hash = house.account(person).password.unwrap();
    assert!(hash.starts_with("$argon2id$v=19$m=19456,t=2,p=1$"), "{hash}");
}

#[tokio::test]
async fn r_password_an_aged_one_lets_a_new_one_be_chosen_and_nothing_else() {
    let house = House::new().await;
    let person = house.person("lan", Role::Operator).await;
    for _ in 0..3 {
        house.later(DAY * 20 - MINUTE);
        house.signed_in("lan").await;
    }
    let still = house.signed_in("lan").await;
    assert!(!still.must_change() && still.rights.has(Right::PointWrite));
    house.later(MINUTE * 4);
    let caller = house.signed_in("lan").await;
    assert!(caller.must_change());
    assert_eq!(caller.rights, Rights::default());
    house.accounts.change_password(&caller, PASSWORD.to_owned(), OTHER.to_owned()).await.unwrap();
    let signed_in = house.try_in("lan", OTHER).await.unwrap();
    assert_eq!(house.caller(&signed_in).await.unwrap().rights, Role::Operator.rights());
    assert_eq!(
        house.told("account.password-chosen", "").await,
        told(&person.to_string(), &person.to_string(), "")
    );
}

#[tokio::test]
async fn r_password_a_right_one_that_is_no_longer_good_enough_must_be_changed() {
    let house = House::new().await;
    house.person("lan", Role::Viewer).await;
    assert!(!house.signed_in("lan").await.must_change());
    house.accounts.set_rule(&console(), Rule::PasswordLength, 20, "").await.unwrap();
    assert!(house.signed_in("lan").await.must_change());
}

#[tokio::test]
async fn r_password_who_becomes_an_administrator_chooses_another() {
    let house = House::new().await;
    let person = house.person("lan", Role::Viewer).await;
    let session = house.try_in("lan", PASSWORD).await.unwrap();
    house.accounts.set_role(&console(), person, Role::Administrator, "Binh has left").await.unwrap();
    let caller = house.caller(&session).await.unwrap();
    assert!(caller.must_change() && caller.rights == Rights::default());
    let (before, after) = (house.told("account.role-set", "before"), house.told("account.role-set", "after"));
    assert_eq!(before.await, told("uid-0", "p1", "viewer"));
    assert_eq!(after.await, told("uid-0", "p1", "administrator"));
    assert_eq!(house.told("account.role-set", "why").await.2, "Binh has left");
}

#[tokio::test]
async fn r_password_all_must_change_when_the_head_of_the_unit_orders_it() {
    let house = House::new().await;
    for (name, role) in [("an", Role::Administrator), ("binh", Role::Administrator), ("chi", Role::Viewer)] {
        house.person(name, role).await;
    }
    let an = house.signed_in("an").await;
    let [binh, chi] =
        [house.try_in("binh", PASSWORD).await.unwrap(), house.try_in("chi", PASSWORD).await.unwrap()];
    assert!(house.accounts.change_all(&an, Some(Role::Administrator), " ").await.is_err(), "why?");
    let changed = house.accounts.change_all(&an, Some(Role::Administrator), "order 12/QD").await.unwrap();
    assert_eq!(changed, 2);
    assert!(house.caller(&binh).await.is_none(), "their sessions end");
    assert!(house.caller(&chi).await.is_some_and(|chi| !chi.must_change()), "not concerned");
    assert!(house.signed_in("binh").await.must_change());
    assert_eq!(house.told("account.all-must-change", "why").await, told("p1", "", "order 12/QD"));
}

#[tokio::test]
async fn r_password_a_rule_laxer_than_the_duty_needs_a_reason() {
    let house = House::new().await;
    let set = |value, why: String| {
        let accounts = Arc::clone(&house.accounts);
        async move { accounts.set_rule(&console(), Rule::Tries, value, &why).await }
    };
    assert!(matches!(set(6, " ".to_owned()).await, Err(NotDone::Rule(_))));
    assert!(matches!(set(6, "x".repeat(501)).await, Err(NotDone::Wrong(_))), "too long");
    set(6, "exercise".to_owned()).await.unwrap();
    assert_eq!(house.accounts.rules().get(Rule::Tries), 6);
    let (record, laxer) =
        (house.told("account.rule-set", "why").await, house.told("account.rule-set", "laxer").await);
    assert_eq!((record, laxer.2.as_str()), (told("uid-0", "", "exercise"), "true"));
    set(3, String::new()).await.unwrap();
    assert_eq!(house.told("account.rule-set", "laxer").await.2, "false");
}
