//! Administration, as administrators meet it.

use super::{
    account::{done, page},
    *,
};
use crate::logic::sign_in::Rule;

#[tokio::test]
async fn a_person_is_added_with_a_link_and_nothing_typed_is_lost() {
    let hall = Hall::new(&[]).await;
    let (cookie, proof) = hall.cookie_of(Role::Administrator).await;
    let fields = |sign_in, role, day| {
        [
            ("proof", proof.as_str()),
            ("name", "Nguyễn <i>Lan</i>"),
            ("sign-in", sign_in),
            ("role", role),
            ("day", day),
            ("remote", "duty from home"),
        ]
    };
    for (sign_in, role, day, said) in [
        ("Lan Nguyễn", "viewer", "", "The sign-in name: a-z"),
        ("lan", "king", "", "Choose a role."),
        ("lan", "inspector", "", "An inspector&#39;s account needs a last day."),
        ("lan", "viewer", "2020-01-01", "That day is over already."),
    ] {
        let answer = hall.post("/accounts/add", &cookie, &fields(sign_in, role, day)).await;
        assert_eq!(answer.status(), StatusCode::UNPROCESSABLE_ENTITY, "{said}");
        let html = text(answer).await;
        assert!(html.contains(said), "{said}: {html}");
        assert!(
            html.contains("value=\"Nguyễn &#60;i&#62;Lan&#60;/i&#62;\"") && html.contains("duty from home")
        );
    }
    let made = hall.post("/accounts/add", &cookie, &fields("lan", "inspector", "2027-03-31")).await;
    let html = text(made).await;
    let link = html.split("class=\"secret\">").nth(1).unwrap().split('<').next().unwrap();
    let path = link.strip_prefix("http://localhost:8080").unwrap();
    assert!(text(hall.get(path).await).await.contains("choose a password"));
    let html = page(&hall, &cookie, "/accounts").await;
    assert!(
        html.contains("Nguyễn &#60;i&#62;Lan") && !html.contains("<i>Lan") && html.contains("2027-03-31")
    );
}

#[tokio::test]
async fn each_deed_takes_its_reason_and_is_in_the_journal() {
    let hall = Hall::new(&[]).await;
    let (cookie, proof) = hall.cookie_of(Role::Administrator).await;
    let person = hall.person(Role::Viewer).await;
    let at = format!("/accounts/{person}");
    let deeds: [(&str, (&str, &str), &str); 6] = [
        ("role", ("role", "operator"), "role Viewer became Operator: because"),
        ("end-date", ("day", "2027-03-31"), "end of the account set to 2027-03-31T17:00:00.000Z: because"),
        ("remote", ("remote", "at night"), "use from other machines allowed, for at night: because"),
        ("suspend", ("", ""), "account suspended: because"),
        ("restore", ("", ""), "account restored: because"),
        ("end", ("", ""), "account ended for good: because"),
    ];
    for (deed, field, said) in deeds {
        let path = format!("{at}/{deed}");
        let without = hall.post(&path, &cookie, &[("proof", &proof), field]).await;
        assert_eq!(without.status(), StatusCode::UNPROCESSABLE_ENTITY, "{deed}");
        assert!(text(without).await.contains("Say why"), "{deed}");
        let led = done(&hall, &path, &cookie, &[("proof", &proof), field, ("why", "because")]).await;
        let html = page(&hall, &cookie, &led).await;
        assert!(html.contains(said) && html.contains("role=\"status\""), "{deed}: {html}");
        assert!(html.contains("by Test administrator"), "{deed}");
    }
    let unlock = hall.post(&format!("{at}/unlock"), &cookie, &[("proof", &proof), ("why", "x")]).await;
    assert_eq!(unlock.status(), StatusCode::UNPROCESSABLE_ENTITY, "it has ended");
    assert_eq!(hall.get("/accounts/p999").await.status(), StatusCode::NOT_FOUND);
    assert_eq!(hall.post(&format!("{at}/praise"), &cookie, &[("proof", &proof)]).await.status(), 404);
}

#[tokio::test]
async fn r_password_all_must_choose_anew_by_one_action() {
    let hall = Hall::new(&[]).await;
    let (cookie, proof) = hall.cookie_of(Role::Administrator).await;
    let (viewer, _) = hall.cookie_of(Role::Viewer).await;
    let fields = |role| [("proof", proof.as_str()), ("role", role), ("why", "ordered")];
    done(&hall, "/accounts/change-all", &cookie, &fields("administrator")).await;
    page(&hall, &viewer, "/").await;
    done(&hall, "/accounts/change-all", &cookie, &fields("all")).await;
    assert!(hall.accounts.registry().accounts.iter().all(|account| account.must_change));
    let secret = viewer.split_once('=').unwrap().1;
    assert!(hall.accounts.by_cookie(secret, false).await.is_none(), "signed out");
}

#[tokio::test]
async fn rules_have_the_duty_beside_them_and_laxer_ones_a_reason() {
    let hall = Hall::new(&[]).await;
    let (cookie, proof) = hall.cookie_of(Role::Administrator).await;
    let fields = |value, unit, why| {
        [("proof", proof.as_str()), ("rule", "idle-min"), ("value", value), ("unit", unit), ("why", why)]
    };
    for (value, unit, said) in [
        ("60", "days", "This asks for less than the duty: say why."),
        ("many", "days", "A whole number is missing."),
        ("4000000000", "days", "A whole number is missing."),
    ] {
        let answer = hall.post("/accounts/rules", &cookie, &fields(value, unit, "")).await;
        assert_eq!(answer.status(), StatusCode::UNPROCESSABLE_ENTITY);
        let html = text(answer).await;
        assert!(html.contains(said) && html.contains(&format!("value=\"{value}\"")), "{said}");
    }
    done(&hall, "/accounts/rules", &cookie, &fields("60", "days", "<u>ordered</u>")).await;
    assert_eq!(hall.accounts.rules().get(Rule::Idle), 60 * 1440);
    let html = page(&hall, &cookie, "/accounts/rules").await;
    assert!(html.contains("less than the duty") && html.contains("&#60;u&#62;ordered"), "{html}");
    done(&hall, "/accounts/rules", &cookie, &fields("10", "days", "")).await;
}

#[tokio::test]
async fn a_display_is_made_paired_and_ended() {
    let hall = Hall::new(&[]).await;
    let (cookie, proof) = hall.cookie_of(Role::Administrator).await;
    let fields = [("proof", proof.as_str()), ("name", "Guard <em>room</em>")];
    let html = text(hall.post("/accounts/tokens/display", &cookie, &fields).await).await;
    let link = html.split("class=\"secret\">").nth(1).unwrap().split('<').next().unwrap();
    let paired = hall.post(link.strip_prefix("http://localhost:8080").unwrap(), "", &[]).await;
    assert_eq!(paired.status(), StatusCode::SEE_OTHER);
    let display = header_of(&paired, header::SET_COOKIE).split(';').next().unwrap().to_owned();
    let html = page(&hall, &display, "/account").await;
    assert!(html.contains("This is a wall display") && html.contains("Guard &#60;em&#62;room"));
    let id = hall.accounts.registry().tokens.last().unwrap().id.to_string();
    let fields = [("proof", proof.as_str()), ("id", &id), ("why", "moved")];
    done(&hall, "/accounts/tokens/token-end", &cookie, &fields).await;
    let gone = Request::get("/").header(header::HOST, "localhost").header(header::COOKIE, display);
    assert_eq!(hall.send(gone).await.status(), StatusCode::SEE_OTHER);
}

#[tokio::test]
async fn every_page_is_there_in_both_languages_without_a_missing_text() {
    let hall = Hall::new(&[]).await;
    let (cookie, _) = hall.cookie_of(Role::Administrator).await;
    for (path, english, vietnamese) in [
        ("/account", "Sessions", "Phiên đăng nhập"),
        ("/account/second-factor", "Code from the app", "Mã từ ứng dụng"),
        ("/accounts", "Add a person", "Thêm người"),
        ("/accounts/p1", "In the journal", "Trong nhật ký"),
        ("/accounts/tokens", "Make a wall display", "Tạo màn hình treo tường"),
        ("/accounts/rules", "Rules of signing in", "Quy tắc đăng nhập"),
    ] {
        for (language, said) in [("en", english), ("vi", vietnamese)] {
            let html = page(&hall, &cookie, &format!("{path}?lang={language}")).await;
            assert!(html.contains(said), "{path} {language}");
            assert!(!html.contains("http-equiv=\"refresh\""), "{path}: what was typed would be lost");
            let forms = html.matches("<form method=\"post\"").count();
            assert_eq!(html.matches("name=\"proof\"").count(), forms, "{path}: each form has its proof");
            for missing in [">role-", ">rule-", ">right-", ">standing-", ">unit-", "record-account", "{$"] {
                assert!(!html.contains(missing), "{path} {language}: {missing}");
            }
        }
    }
}
