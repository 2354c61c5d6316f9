//! What accounts refuse is said in the reader's language, every sentence of it.

use super::*;
use crate::{
    accounts::{NotDone, refusal_examples},
    logic::sign_in::{Rule, Weakness, WrongRule},
    model::{DoorMode, Language, OrderRefused},
    store::StoreError,
    web::{refused, words::Words},
};

/// What is not a sentence of its own kind.
fn others() -> Vec<NotDone> {
    let rules = Rule::ALL.into_iter().flat_map(|rule| {
        let (low, high) = (*rule.range().start(), *rule.range().end());
        [
            WrongRule::OutOfRange { rule, low, high, value: 0 },
            WrongRule::NoReason { rule, value: high, duty: rule.duty() },
        ]
    });
    let weak = vec![Weakness::Short(8), Weakness::Long, Weakness::Same];
    let one_each = [NotDone::Weak(weak), NotDone::NotYou, NotDone::Store(StoreError::Stopped)];
    let orders = [
        OrderRefused::NotThere,
        OrderRefused::Old,
        OrderRefused::Mode(DoorMode::Lockdown),
        OrderRefused::NoHardware,
        OrderRefused::Interlock,
        OrderRefused::Fire,
        OrderRefused::Unrecorded,
        OrderRefused::Busy,
    ];
    rules.map(NotDone::Rule).chain(one_each).chain(orders.map(NotDone::Order)).collect()
}

fn x_of(error: &NotDone) -> Option<String> {
    match error {
        NotDone::NoSuch(what) => what.x(),
        NotDone::Wrong(what) => what.x(),
        NotDone::Conflict(what) => what.x(),
        NotDone::Weak(_) | NotDone::NotYou | NotDone::Order(_) | NotDone::Rule(_) | NotDone::Store(_) => None,
    }
}

#[test]
fn every_refusal_is_said_in_both_languages_with_its_places_filled() {
    let texts = Texts::default();
    for error in refusal_examples::all().into_iter().chain(others()) {
        let [english, vietnamese] =
            Language::ALL.map(|language| refused::told(&Words::new(&texts, language), &error));
        assert_eq!(english.len(), vietnamese.len());
        for (english, vietnamese) in english.iter().zip(&vietnamese) {
            assert_ne!(english, vietnamese, "{error:?}: not translated, or no text");
            for said in [english, vietnamese] {
                assert!(said.contains(' ') && said.ends_with(['.', '?']), "{error:?}: {said}");
                assert!(!said.contains(['{', '}']), "{error:?}: {said}");
                assert!(x_of(&error).is_none_or(|x| said.contains(&x)), "{error:?}: {said}");
            }
        }
    }
}

#[tokio::test]
async fn pages_refuse_in_vietnamese() {
    let hall = Hall::new(&[]).await;
    let (cookie, proof) = hall.cookie_of(Role::Administrator).await;
    let person = hall.accounts.registry().accounts.last().unwrap().person;
    let vietnamese = format!("{cookie}; lang=vi");
    let leaver = hall.person(Role::Viewer).await;
    hall.accounts.end(&console(), leaver, "left").await.unwrap();
    let ended = |deed: &str| format!("/accounts/{leaver}/{deed}");
    let at = |deed: &str| format!("/accounts/{person}/{deed}");
    for (path, fields, said) in [
        (at("end"), [("why", "x"), ("", "")], "Đây là quản trị viên cuối cùng"),
        (at("unlock"), [("why", "x"), ("", "")], "Tài khoản này không bị khóa."),
        (ended("suspend"), [("why", "x"), ("", "")], "Không có tài khoản của p"),
        ("/account/token-end".to_owned(), [("id", "t99"), ("why", "x")], "Không có mã truy cập t99."),
        (at("session-end"), [("id", "x"), ("", "")], "Không có phiên x."),
        ("/accounts/rules".to_owned(), [("rule", "tries"), ("value", "0")], "Giá trị phải từ 1 đến 20."),
        ("/account/second-factor".to_owned(), [("code", "1"), ("", "")], "Không có xác thực hai lớp nào"),
    ] {
        let fields: Vec<_> = [("proof", proof.as_str())].into_iter().chain(fields).collect();
        let answer = hall.post(&path, &vietnamese, &fields).await;
        assert_eq!(answer.status(), StatusCode::UNPROCESSABLE_ENTITY, "{path}");
        let html = text(answer).await;
        assert!(html.contains(said), "{path}: {html}");
    }
}

#[tokio::test]
async fn what_cannot_be_recorded_is_said_in_vietnamese() {
    let hall = Hall::new(&[]).await;
    let (cookie, proof) = hall.cookie_of(Role::Administrator).await;
    let vietnamese = format!("{cookie}; lang=vi");
    hall.journal.clone().close().await.unwrap();
    for (path, fields) in [
        ("/sign-out", vec![]),
        ("/sign-in", vec![("name", "nobody"), ("password", "x")]),
        ("/accounts/change-all", vec![("role", "all"), ("why", "x")]),
    ] {
        let fields: Vec<_> = [("proof", proof.as_str())].into_iter().chain(fields).collect();
        let answer = hall.post(path, &vietnamese, &fields).await;
        assert_eq!(answer.status(), StatusCode::SERVICE_UNAVAILABLE, "{path}");
        let html = text(answer).await;
        assert!(html.contains("không ghi được vào nhật ký"), "{path}: {html}");
    }
}

#[tokio::test]
async fn who_has_a_second_factor_is_led_back_from_setting_one_up() {
    let hall = Hall::new(&[]).await;
    let (cookie, proof) = hall.cookie_of(Role::Viewer).await;
    let html = account::page(&hall, &cookie, "/account/second-factor").await;
    let secret = html.split("class=\"secret\">").nth(1).unwrap().split('<').next().unwrap().replace(' ', "");
    let bytes = data_encoding::BASE32.decode(secret.as_bytes()).unwrap();
    let code = crate::logic::sign_in::Totp::new(&bytes).unwrap().code(testing::NOW);
    let fields = [("proof", proof.as_str()), ("code", code.as_str())];
    account::done(&hall, "/account/second-factor", &cookie, &fields).await;
    assert_eq!(account::done(&hall, "/account/second-factor", &cookie, &fields).await, "/account");
}
