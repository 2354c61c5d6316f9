//! One's own account, as its person meets it.

use super::*;

pub(super) const PASSWORD: &str = "Quạt-thông-gió-9";
const OTHER: &str = "Máy-phát-điện-27";

/// An operator's cookie and proof, who has a password that must be chosen anew.
pub(super) async fn overdue(hall: &Hall) -> (String, String) {
    let person = with_password(hall).await;
    hall.accounts.change_all(&console(), Some(Role::Operator), "test").await.unwrap();
    signed_in(hall, person).await
}

/// An operator with a password.
async fn with_password(hall: &Hall) -> PersonId {
    let person = hall.person(Role::Operator).await;
    let link = hall.accounts.new_link(&console(), person, "test").await.unwrap();
    let from = Origin { address: "127.0.0.1".parse().unwrap(), browser: "test".to_owned() };
    hall.accounts.choose_password(&link, PASSWORD.to_owned(), from).await.unwrap();
    person
}

async fn signed_in(hall: &Hall, person: PersonId) -> (String, String) {
    let name = hall.accounts.find(person).unwrap().1.sign_in;
    let answer = hall.post("/sign-in", "", &[("name", &name), ("password", PASSWORD)]).await;
    let cookie = header_of(&answer, header::SET_COOKIE).split(';').next().unwrap().to_owned();
    let caller = hall.accounts.by_cookie(cookie.split_once('=').unwrap().1, false).await.unwrap();
    let Way::Session { proof, .. } = caller.way else { panic!("a session") };
    (cookie, proof)
}

pub(super) async fn page(hall: &Hall, cookie: &str, path: &str) -> String {
    let request = Request::get(path).header(header::HOST, "localhost:8080").header(header::COOKIE, cookie);
    let answer = hall.send(request).await;
    assert_eq!(answer.status(), StatusCode::OK, "{path}");
    text(answer).await
}

/// Where a form led, which must have been done.
pub(super) async fn done(hall: &Hall, path: &str, cookie: &str, fields: &[(&str, &str)]) -> String {
    let answer = hall.post(path, cookie, fields).await;
    let (status, led) = (answer.status(), header_of(&answer, header::LOCATION).to_owned());
    assert_eq!(status, StatusCode::SEE_OTHER, "{path}: {}", text(answer).await);
    led
}

#[tokio::test]
async fn r_session_a_new_password_ends_the_other_sessions() {
    let hall = Hall::new(&[]).await;
    let person = with_password(&hall).await;
    let (other, _) = signed_in(&hall, person).await;
    let (cookie, proof) = signed_in(&hall, person).await;
    let fields = |old, new, again| [("proof", proof.as_str()), ("old", old), ("new", new), ("again", again)];
    for (old, new, again, said) in [
        ("wrong", OTHER, OTHER, "That is not your password."),
        (PASSWORD, "short", "short", "It has fewer than 8 characters."),
        (PASSWORD, OTHER, "else", "The two are not the same."),
    ] {
        let answer = hall.post("/account/password", &cookie, &fields(old, new, again)).await;
        assert_eq!(answer.status(), StatusCode::UNPROCESSABLE_ENTITY);
        let html = text(answer).await;
        assert!(html.contains(said) && !html.contains(OTHER), "{said}");
    }
    let led = done(&hall, "/account/password", &cookie, &fields(PASSWORD, OTHER, OTHER)).await;
    assert!(page(&hall, &cookie, &led).await.contains("You have a new password"));
    let request = Request::get("/api/v1/me").header(header::HOST, "localhost").header(header::COOKIE, other);
    assert_eq!(hall.send(request).await.status(), StatusCode::UNAUTHORIZED);
}

#[tokio::test]
async fn who_must_choose_a_new_password_is_told_so_and_then_goes_on() {
    let hall = Hall::new(&[]).await;
    let (cookie, proof) = overdue(&hall).await;
    let html = page(&hall, &cookie, "/account").await;
    assert!(html.contains("Choose a new password first") && !html.contains("/account/token"), "{html}");
    assert!(!html.contains("href=\"/devices\""), "nothing leads elsewhere");
    let fields = [("proof", proof.as_str()), ("old", PASSWORD), ("new", OTHER), ("again", OTHER)];
    done(&hall, "/account/password", &cookie, &fields).await;
    page(&hall, &cookie, "/devices").await;
}

#[tokio::test]
async fn the_second_factor_is_drawn_and_counts_only_with_a_code() {
    let hall = Hall::new(&[]).await;
    let (cookie, proof) = hall.cookie_of(Role::Viewer).await;
    let html = page(&hall, &cookie, "/account/second-factor").await;
    assert!(html.contains("<svg class=\"qr\"") && html.contains("<code class=\"secret\">"));
    let secret: String =
        html.split("class=\"secret\">").nth(1).unwrap().split('<').next().unwrap().replace(' ', "");
    let wrong = hall.post("/account/second-factor", &cookie, &[("proof", &proof), ("code", "1")]).await;
    assert_eq!(wrong.status(), StatusCode::UNPROCESSABLE_ENTITY);
    assert!(text(wrong).await.contains("The code is wrong."));
    let bytes = data_encoding::BASE32.decode(secret.as_bytes()).unwrap();
    let code = crate::logic::sign_in::Totp::new(&bytes).unwrap().code(testing::NOW);
    done(&hall, "/account/second-factor", &cookie, &[("proof", &proof), ("code", &code)]).await;
    assert!(page(&hall, &cookie, "/account").await.contains("action=\"/account/second-factor-off\""));
}

#[tokio::test]
async fn a_token_is_shown_once_and_never_more_than_its_account() {
    let hall = Hall::new(&[]).await;
    let (cookie, proof) = hall.cookie_of(Role::Viewer).await;
    let fields =
        |right, day| [("proof", proof.as_str()), ("name", "<b>suite</b>"), ("right", right), ("day", day)];
    for (right, day) in [("account.manage", ""), ("", ""), ("hall.read", "2020-01-01"), ("hall.read", "soon")]
    {
        let wrong = hall.post("/account/token", &cookie, &fields(right, day)).await;
        assert_eq!(wrong.status(), StatusCode::UNPROCESSABLE_ENTITY, "{right} {day}");
        let html = text(wrong).await;
        assert!(html.contains("value=\"&#60;b&#62;suite&#60;/b&#62;\""), "what was typed is there, escaped");
    }
    let made = hall.post("/account/token", &cookie, &fields("hall.read", "2027-03-31")).await;
    assert_eq!(made.status(), StatusCode::OK);
    let html = text(made).await;
    let token = html.split("class=\"secret\">").nth(1).unwrap().split('<').next().unwrap();
    assert!(hall.accounts.by_token(token).is_some());
    let html = page(&hall, &cookie, "/account").await;
    assert!(!html.contains(token) && html.contains("2027-03-31") && html.contains("&#60;b&#62;suite"));
    let id = html.split("<option value=\"").nth(1).unwrap().split('"').next().unwrap();
    let end = |why| [("proof", proof.as_str()), ("id", id), ("why", why)];
    let wrong = hall.post("/account/token-end", &cookie, &end("")).await;
    assert!(text(wrong).await.contains("Say why, in 1 to 500 characters"));
    done(&hall, "/account/token-end", &cookie, &end("done with it")).await;
    assert!(hall.accounts.by_token(token).is_none());
}

#[tokio::test]
async fn nobody_ends_another_ones_session() {
    let hall = Hall::new(&[]).await;
    let (cookie, proof) = hall.cookie_of(Role::Viewer).await;
    hall.cookie_of(Role::Operator).await;
    let sessions = hall.accounts.registry().sessions;
    let [own, other] = [sessions[0].id.to_string(), sessions[1].id.to_string()];
    let wrong = hall.post("/account/session-end", &cookie, &[("proof", &proof), ("id", &other)]).await;
    assert_eq!(wrong.status(), StatusCode::UNPROCESSABLE_ENTITY);
    done(&hall, "/account/session-end", &cookie, &[("proof", &proof), ("id", &own)]).await;
    assert_eq!(hall.accounts.registry().sessions.len(), 1);
}
