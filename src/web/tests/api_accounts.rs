//! The API of accounts, and its description.

use super::*;

/// A request with the hall's token; status and answer.
pub(super) async fn sent(hall: &Hall, method: &str, path: &str, body: &Json) -> (StatusCode, Json) {
    let request = Request::builder().method(method).uri(path).header(header::HOST, "localhost:8080");
    let request = request.header(header::CONTENT_TYPE, "application/json");
    let answer = hall.send_body(request, Body::from(body.to_string())).await;
    let status = answer.status();
    let text = text(answer).await;
    (status, if text.is_empty() { Json::Null } else { serde_json::from_str(&text).unwrap() })
}

#[tokio::test]
async fn an_account_from_its_making_to_its_end() {
    let hall = Hall::new(&[]).await;
    let new = json!({ "name": "Lan", "sign_in": "lan", "role": "viewer", "born": "1990-03-31" });
    let (status, made) = sent(&hall, "POST", "/api/v1/accounts", &new).await;
    assert_eq!(status, StatusCode::CREATED, "{made}");
    assert!(made["link"].as_str().unwrap().starts_with("http://localhost:8080/link/"));
    let at = format!("/api/v1/accounts/{}", made["id"].as_str().unwrap());
    let (status, again) = sent(&hall, "POST", "/api/v1/accounts", &new).await;
    assert_eq!((status, &again["detail"]), (StatusCode::CONFLICT, &json!("the sign-in name `lan` is taken")));
    let (_, account) = hall.json(&at).await;
    assert_eq!((&account["name"], &account["standing"]), (&json!("Lan"), &json!("active")));
    for (deed, body, field, value) in [
        ("role", json!({ "role": "operator", "why": "x" }), "role", json!("operator")),
        (
            "end-date",
            json!({ "ends": "2027-03-31T17:00:00Z", "why": "x" }),
            "ends",
            json!("2027-03-31T17:00:00.000Z"),
        ),
        ("end-date", json!({ "ends": null, "why": "x" }), "ends", Json::Null),
        ("remote", json!({ "purpose": "at night", "why": "x" }), "remote", json!("at night")),
        ("suspend", json!({ "why": "x" }), "standing", json!("suspended")),
        ("restore", json!({ "why": "x" }), "standing", json!("active")),
        ("end", json!({ "why": "x" }), "standing", json!("over")),
    ] {
        let (status, account) = sent(&hall, "POST", &format!("{at}/{deed}"), &body).await;
        assert_eq!((status, &account[field]), (StatusCode::OK, &value), "{deed}: {account}");
    }
    let (status, _) =
        sent(&hall, "POST", &format!("{at}/unlock"), &json!({ "request": "by telephone" })).await;
    assert_eq!(status, StatusCode::NOT_FOUND, "it has ended");
}

#[tokio::test]
async fn mistakes_say_what_where_and_what_would_be_right() {
    let hall = Hall::new(&[]).await;
    for (method, path, body, status, said) in [
        ("POST", "/api/v1/accounts", json!({ "name": "x" }), 422, "missing field `sign_in`"),
        ("POST", "/api/v1/accounts/p1/suspend", json!({ "why": "x", "how": 1 }), 422, "unknown field `how`"),
        ("POST", "/api/v1/accounts/p1/suspend", json!({ "why": " " }), 422, "A reason of 1 to 500"),
        (
            "POST",
            "/api/v1/accounts/p1/role",
            json!({ "role": "king", "why": "x" }),
            422,
            "one of viewer, operator",
        ),
        ("POST", "/api/v1/accounts/p1/end-date", json!({ "ends": "soon", "why": "x" }), 422, "RFC 3339"),
        ("POST", "/api/v1/accounts/p1/end-date", json!({ "why": "x" }), 422, "missing field `ends`"),
        ("POST", "/api/v1/accounts/p1/remote", json!({ "why": "x" }), 422, "missing field `purpose`"),
        ("POST", "/api/v1/accounts/p99/link", json!({ "why": "x" }), 404, "no account of p99"),
        ("POST", "/api/v1/accounts/x/link", json!({ "why": "x" }), 404, "one such as p7"),
        ("POST", "/api/v1/accounts/p1/end", json!({ "why": "x" }), 409, "the last administrator"),
        ("POST", "/api/v1/tokens", json!({ "name": "x", "rights": ["all"] }), 422, "one of hall.read"),
        ("POST", "/api/v1/tokens", json!({ "name": "x", "rights": ["point.write"] }), 422, "beyond"),
        ("PUT", "/api/v1/sign-in-rules/tries", json!({ "value": 0 }), 422, "`tries` is from 1 to 20, not 0"),
        ("PUT", "/api/v1/sign-in-rules/tries", json!({ "value": 6 }), 422, "say why"),
        ("PUT", "/api/v1/sign-in-rules/luck", json!({ "value": 6 }), 404, "one of password-length"),
        ("POST", "/api/v1/accounts/p1/suspend?x=1", json!({ "why": "x" }), 400, "unknown query parameter"),
    ] {
        let (answered, problem) = sent(&hall, method, path, &body).await;
        assert_eq!(answered.as_u16(), status, "{path} {body}: {problem}");
        assert!(problem["detail"].as_str().unwrap().contains(said), "{path} {body}: {problem}");
    }
    let post = || Request::post("/api/v1/displays").header(header::HOST, "localhost");
    let answer = hall.send_body(post(), Body::from("{}")).await;
    assert_eq!(answer.status(), StatusCode::UNSUPPORTED_MEDIA_TYPE);
    let json = || post().header(header::CONTENT_TYPE, "application/json; charset=utf-8");
    assert_eq!(hall.send_body(json(), Body::from("{")).await.status(), StatusCode::BAD_REQUEST);
    let large = Body::from(" ".repeat(70_000));
    assert_eq!(hall.send_body(json(), large).await.status(), StatusCode::PAYLOAD_TOO_LARGE);
}

#[tokio::test]
async fn tokens_sessions_and_rules() {
    let mut hall = Hall::new(&[]).await;
    hall.cookie_of(Role::Viewer).await;
    let (_, sessions) = hall.json("/api/v1/sessions?person=p2").await;
    let id = sessions["sessions"][0]["id"].as_i64().unwrap();
    assert_eq!(sent(&hall, "POST", &format!("/api/v1/sessions/{id}/end"), &json!({})).await.0, 204);
    let (_, all) =
        sent(&hall, "POST", "/api/v1/accounts/change-all", &json!({ "role": "viewer", "why": "x" })).await;
    assert_eq!(all["concerned"], 1);
    let new =
        json!({ "name": "suite", "person": "p2", "rights": ["hall.read"], "ends": "2027-01-01T00:00:00Z" });
    let (status, made) = sent(&hall, "POST", "/api/v1/tokens", &new).await;
    assert_eq!(status, StatusCode::CREATED, "{made}");
    let (_, rule) =
        sent(&hall, "PUT", "/api/v1/sign-in-rules/tries", &json!({ "value": 6, "why": "x" })).await;
    assert_eq!((&rule["laxer"], &rule["duty"], &rule["why"]), (&json!(true), &json!(5), &json!("x")));
    let (_, rules) = hall.json("/api/v1/sign-in-rules").await;
    assert_eq!(rules["rules"].as_array().unwrap().len(), 9);
    let (status, display) = sent(&hall, "POST", "/api/v1/displays", &json!({ "name": "Wall" })).await;
    assert_eq!((status, display["id"].as_str()), (StatusCode::CREATED, Some("t3")));
    hall.token = Some(made["token"].as_str().unwrap().to_owned());
    let (_, me) = hall.json("/api/v1/me").await;
    assert_eq!(
        (&me["kind"], &me["role"], &me["rights"]),
        (&json!("token"), &json!("viewer"), &json!(["hall.read"]))
    );
    let (_, tokens) = hall.json("/api/v1/tokens").await;
    assert_eq!(tokens["tokens"].as_array().unwrap().len(), 0, "a token sees none");
    let (status, _) =
        sent(&hall, "POST", "/api/v1/tokens", &json!({ "name": "x", "rights": ["hall.read"] })).await;
    assert_eq!(status, StatusCode::UNPROCESSABLE_ENTITY, "a token makes no token");
    let end = format!("/api/v1/tokens/{}/end", made["id"].as_str().unwrap());
    assert_eq!(sent(&hall, "POST", &end, &json!({ "why": "over" })).await.0, 404, "and ends none");
}

#[tokio::test]
async fn the_description_has_every_route_for_programs_and_what_it_refers_to() {
    let hall = Hall::new(&[]).await;
    let (_, description) = hall.json("/api/openapi.json").await;
    assert_eq!(description["openapi"], "3.1.0");
    for route in crate::web::routes(&hall.web) {
        let operation = &description["paths"][route.path][route.method.to_ascii_lowercase()];
        let is_for_programs = route.reader == crate::web::route::For::Programs;
        assert_eq!(operation.is_object(), is_for_programs, "{} {}", route.method, route.path);
        if !is_for_programs {
            continue;
        }
        assert!(operation["summary"].as_str().is_some_and(|what| what.ends_with('.')), "{}", route.path);
        let is_open = route.need == crate::web::route::Need::Nothing;
        for status in ["401", "403", "429"] {
            assert_eq!(operation["responses"][status].is_object(), !is_open, "{} {status}", route.path);
        }
        let is_json = route.gives.media_types == ["application/json"] && route.path != "/api/openapi.json";
        assert_eq!(route.gives.schema.is_some(), is_json, "{}: its answer", route.path);
    }
    let text = description.to_string();
    for reference in text.split("\"$ref\":\"#/components/schemas/").skip(1) {
        let name = reference.split('"').next().unwrap();
        assert!(description["components"]["schemas"][name].is_object(), "{name}");
    }
    assert!(description["components"]["schemas"]["Problem"]["properties"]["detail"].is_object());
}
