use super::*;
use crate::logic::sign_in::Rule;

/// A name in a record is a defect, also in part.
const NAMES: [&str; 3] = ["Nguyễn Thị Lan", "Lan", "0912 345 678"];

#[tokio::test]
async fn r_account_every_deed_is_a_record_with_who_and_why_and_no_secret() {
    let house = House::new().await;
    let mut secrets: Vec<String> = NAMES.map(str::to_owned).into();
    let new = NewAccount {
        name: NAMES[0].to_owned(),
        born: chrono::NaiveDate::from_ymd_opt(1990, 2, 1),
        phone: Some(NAMES[2].to_owned()),
        ..new_account("lan-nt", Role::Administrator)
    };
    let (lan, link) = house.accounts.add(&console(), new).await.unwrap();
    let second = house.accounts.new_link(&console(), lan, "lost").await.unwrap();
    let signed_in = house.accounts.choose_password(&second, PASSWORD.to_owned(), here()).await.unwrap();
    let own = house.caller(&signed_in).await.unwrap();
    let Way::Session { proof, .. } = &own.way else { panic!("{own:?}") };
    secrets.extend([link, second, signed_in.secret.clone(), proof.clone()]);

    let pending = house.accounts.begin_totp(&own).unwrap();
    let code = own::code_of(&pending, house.accounts.now().wall);
    house.accounts.confirm_totp(&own, &code).await.unwrap();
    secrets.extend([pending.base32.clone(), pending.address, code]);
    house.accounts.change_password(&own, PASSWORD.to_owned(), OTHER.to_owned()).await.unwrap();
    house.accounts.remove_totp(&own, OTHER.to_owned()).await.unwrap();
    let new = NewToken { name: "suite".into(), person: None, rights: rights(&[Right::HallRead]), ends: None };
    let (token, shown) = house.accounts.make_token(&own, new).await.unwrap();
    let (display, pair) = house.accounts.make_display(&own, "corridor").await.unwrap();
    let paired = house.accounts.pair(&pair, here()).await.unwrap();
    secrets.extend([shown, pair, paired.secret]);
    house.accounts.end_token(&own, token, "gone").await.unwrap();
    house.accounts.end_token(&own, display, "gone").await.unwrap();

    let (binh, link) = house.accounts.add(&own, new_account("binh", Role::Viewer)).await.unwrap();
    secrets.push(link.clone());
    house.accounts.choose_password(&link, PASSWORD.to_owned(), here()).await.unwrap();
    house.locked("binh").await;
    secrets.push("Wrong-pass 1".to_owned());
    drop(house.try_in("secret-as-a-name", "Typed in the wrong field 1").await);
    secrets.extend(["secret-as-a-name".to_owned(), "Typed in the wrong field 1".to_owned()]);
    house.accounts.unlock(&own, binh, "asked").await.unwrap();
    house.accounts.set_role(&own, binh, Role::Operator, "new post").await.unwrap();
    house.accounts.set_ends(&own, binh, Some(START + DAY * 90), "contract").await.unwrap();
    house.accounts.set_remote(&own, binh, Some("on call".to_owned()), "shift").await.unwrap();
    house.accounts.suspend(&own, binh, "leave").await.unwrap();
    house.accounts.restore(&own, binh, "back").await.unwrap();
    house.accounts.set_rule(&own, Rule::Tries, 3, "").await.unwrap();
    house.accounts.refused(&own, Right::PointWrite, "POST /points").await;
    house.accounts.end(&own, binh, "left").await.unwrap();
    house.accounts.change_all(&own, None, "order").await.unwrap();
    house.accounts.sign_out(&own).await.unwrap();
    secrets.extend([PASSWORD.to_owned(), OTHER.to_owned()]);
    secrets.extend(house.accounts.registry().accounts.iter().filter_map(|account| account.password.clone()));

    let records = house.all_records().await;
    let codes: std::collections::BTreeSet<&str> = records.iter().map(|record| record.code.as_str()).collect();
    assert_eq!(codes.len(), 23, "{codes:?}");
    for record in &records {
        let bytes = record.to_bytes();
        for secret in &secrets {
            let found = bytes.windows(secret.len()).any(|part| part == secret.as_bytes());
            assert!(!found, "{secret:?} stands in {record:?}");
        }
        assert_ne!(record.actor, "");
    }
    assert!(!format!("{signed_in:?}").contains(&signed_in.secret), "nor in a log");
}
