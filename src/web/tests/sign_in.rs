//! The way in, and what does not come in.

use super::*;

const PASSWORD: &str = "Quạt-thông-gió-9";

/// An operator who has chosen a password by the link that was made.
async fn operator(hall: &Hall) -> PersonId {
    let person = hall.person(Role::Operator).await;
    let link = hall.accounts.new_link(&console(), person, "test").await.unwrap();
    let page = text(hall.get(&format!("/link/{link}")).await).await;
    assert!(page.contains("choose a password"), "{page}");
    let answer =
        hall.post(&format!("/link/{link}"), "", &[("password", PASSWORD), ("again", PASSWORD)]).await;
    assert_eq!((answer.status(), header_of(&answer, header::LOCATION)), (StatusCode::SEE_OTHER, "/"));
    person
}

fn cookie_in(answer: &Response) -> String {
    header_of(answer, header::SET_COOKIE).split(';').next().unwrap().to_owned()
}

#[tokio::test]
async fn who_chose_a_password_signs_in_with_it_and_out_again() {
    let hall = Hall::new(&[]).await;
    let person = operator(&hall).await;
    let name = hall.accounts.find(person).unwrap().1.sign_in;
    let fields = [("name", name.as_str()), ("password", PASSWORD), ("next", "/devices")];
    let answer = hall.post("/sign-in", "", &fields).await;
    assert_eq!((answer.status(), header_of(&answer, header::LOCATION)), (StatusCode::SEE_OTHER, "/devices"));
    let cookie = header_of(&answer, header::SET_COOKIE).to_owned();
    assert!(
        cookie.starts_with("__Host-hallward=")
            && cookie.ends_with("; Path=/; Secure; HttpOnly; SameSite=Strict")
    );
    let cookie = cookie_in(&answer);
    let get =
        |path| Request::get(path).header(header::HOST, "localhost").header(header::COOKIE, cookie.as_str());
    let page = text(hall.send(get("/")).await).await;
    assert!(page.contains("<a href=\"/account\">Test operator</a>"));
    let proof = page.split("name=\"proof\" value=\"").nth(1).unwrap().split('"').next().unwrap();
    let out = hall.post("/sign-out", &cookie, &[("proof", proof)]).await;
    assert_eq!(out.status(), StatusCode::SEE_OTHER);
    assert!(header_of(&out, header::SET_COOKIE).starts_with("__Host-hallward=; "));
    assert_eq!(hall.send(get("/api/v1/site")).await.status(), StatusCode::UNAUTHORIZED);
}

#[tokio::test]
async fn a_wrong_password_and_an_unknown_name_are_answered_alike() {
    let hall = Hall::new(&[]).await;
    let person = operator(&hall).await;
    let name = hall.accounts.find(person).unwrap().1.sign_in;
    let mut pages = Vec::new();
    for name in [name.as_str(), "nobody"] {
        let answer = hall.post("/sign-in", "", &[("name", name), ("password", "wrong")]).await;
        assert_eq!(answer.status(), StatusCode::FORBIDDEN);
        pages.push(text(answer).await.replace(name, "NAME"));
    }
    assert_eq!(pages[0], pages[1]);
    assert!(pages[0].contains("Name, password or code are wrong,"));
}

#[tokio::test]
async fn a_weak_password_is_told_with_everything_that_is_wrong() {
    let hall = Hall::new(&[]).await;
    let person = hall.person(Role::Operator).await;
    let link = hall.accounts.new_link(&console(), person, "test").await.unwrap();
    let weak =
        hall.post(&format!("/link/{link}?lang=vi"), "", &[("password", "abc"), ("again", "abc")]).await;
    assert_eq!(weak.status(), StatusCode::UNPROCESSABLE_ENTITY);
    let page = text(weak).await;
    for said in ["Có ít hơn 8 ký tự.", "Không có chữ hoa.", "Không có chữ số."] {
        assert!(page.contains(said), "{said}: {page}");
    }
    let other = hall.post(&format!("/link/{link}"), "", &[("password", PASSWORD), ("again", "x")]).await;
    assert!(text(other).await.contains("The two are not the same."));
    assert_eq!(hall.get("/link/nonsense").await.status(), StatusCode::NOT_FOUND);
}

#[tokio::test]
async fn without_sign_in_pages_lead_to_it_and_programs_are_told() {
    let mut hall = Hall::new(&[]).await;
    hall.token = None;
    let page = hall.get("/trends?hours=6").await;
    assert_eq!(page.status(), StatusCode::SEE_OTHER);
    assert_eq!(header_of(&page, header::LOCATION), "/sign-in?next=%2Ftrends%3Fhours%3D6");
    for path in ["/api/v1/points", "/metrics", "/readyz"] {
        let answer = hall.get(path).await;
        assert_eq!(answer.status(), StatusCode::UNAUTHORIZED, "{path}");
        assert_eq!(header_of(&answer, header::WWW_AUTHENTICATE), "Bearer");
    }
    let request = Request::get("/api/v1/site").header(header::HOST, "localhost");
    let wrong = hall.send(request.header(header::AUTHORIZATION, "Bearer nonsense")).await;
    assert_eq!(wrong.status(), StatusCode::UNAUTHORIZED);
    let request = Request::get("/healthz").header(header::HOST, "localhost");
    let open = hall.send(request.header(header::AUTHORIZATION, "Bearer nonsense")).await;
    assert_eq!(open.status(), StatusCode::OK, "what is for everybody takes no token");
    assert_eq!(hall.get("/healthz").await.status(), StatusCode::OK);
}

#[tokio::test]
async fn what_changes_something_must_come_from_a_page_of_this_session() {
    let hall = Hall::new(&[]).await;
    let (cookie, proof) = hall.cookie_of(Role::Operator).await;
    let (_, foreign) = hall.cookie_of(Role::Operator).await;
    for fields in [&[][..], &[("proof", "")], &[("proof", foreign.as_str())]] {
        let answer = hall.post("/sign-out", &cookie, fields).await;
        assert_eq!(answer.status(), StatusCode::FORBIDDEN, "{fields:?}");
    }
    let body = format!("proof={proof}");
    let cross = Request::post("/sign-out")
        .header(header::HOST, "localhost:8080")
        .header("sec-fetch-site", "same-site")
        .header(header::CONTENT_TYPE, "application/x-www-form-urlencoded")
        .header(header::COOKIE, &cookie);
    assert_eq!(hall.send_body(cross, Body::from(body)).await.status(), StatusCode::FORBIDDEN);
    assert_eq!(hall.post("/sign-out", &cookie, &[("proof", &proof)]).await.status(), StatusCode::SEE_OTHER);
}

#[tokio::test]
async fn a_wall_display_is_paired_once_shows_the_hall_changes_nothing_and_stays() {
    let hall = Hall::new(&[]).await;
    let (id, link) = hall.accounts.make_display(&console(), "corridor").await.unwrap();
    assert!(text(hall.get(&format!("/link/{link}")).await).await.contains("Pair this display: corridor"));
    let paired = hall.post(&format!("/link/{link}"), "", &[]).await;
    assert_eq!(paired.status(), StatusCode::SEE_OTHER);
    assert!(header_of(&paired, header::SET_COOKIE).ends_with("; Max-Age=34560000"));
    let cookie = cookie_in(&paired);
    let get =
        |path| Request::get(path).header(header::HOST, "localhost").header(header::COOKIE, cookie.as_str());
    let page = hall.send(get("/")).await;
    assert_eq!(page.status(), StatusCode::OK);
    assert!(header_of(&page, header::SET_COOKIE).starts_with(cookie.as_str()), "each page renews it");
    assert_eq!(hall.send(get("/api/v1/journal")).await.status(), StatusCode::FORBIDDEN);
    assert_eq!(hall.post(&format!("/link/{link}"), "", &[]).await.status(), StatusCode::NOT_FOUND, "twice");
    hall.accounts.end_token(&console(), id, "taken down").await.unwrap();
    assert_eq!(hall.send(get("/")).await.status(), StatusCode::SEE_OTHER);
}
