//! The API of doors and of who may go through them.

use super::{api_accounts::sent, *};
use crate::model::{Contact, DoorDeed, DoorMode, DoorView, OrderRefused, PortalState, Scope};

pub(super) fn door(id: &str, state: PortalState) -> Arc<DoorView> {
    Arc::new(DoorView {
        id: id.parse().unwrap(),
        mode: DoorMode::Controlled,
        until: None,
        state,
        released: false,
        contact: Some(Contact::Closed),
        hardware: Some(true),
        readers: Vec::new(),
        alarm: None,
        tampered: false,
        changed: testing::NOW,
    })
}

/// A deed over the API.
async fn done(hall: &Hall, deed: Json) -> (StatusCode, Json) {
    sent(hall, "POST", "/api/v1/access", &deed).await
}

#[tokio::test]
async fn people_badges_and_rules_are_made_and_listed_also_as_they_were() {
    let hall = Hall::new(&[]).await;
    let holder = json!({ "groups": ["staff"], "pin": "2580" });
    let (status, made) =
        done(&hall, json!({ "deed": "add-person", "name": "Lan", "holder": holder, "why": "x" })).await;
    assert_eq!(status, StatusCode::OK, "{made}");
    let id = made["id"].as_str().unwrap();
    let card = json!({ "facility": 42, "number": 1245 });
    done(&hall, json!({ "deed": "issue-badge", "person": id, "card": card, "why": "x" })).await;
    done(&hall, json!({ "deed": "add-rule", "name": "day", "who": "staff", "why": "x" })).await;
    let (_, people) = hall.json("/api/v1/people").await;
    let lan = &people["people"][0];
    assert_eq!(
        (&lan["name"], &lan["groups"], &lan["badges"]),
        (&json!("Lan"), &json!(["staff"]), &json!(["b1"]))
    );
    assert_eq!((&lan["has_pin"], &lan["revision"]), (&json!(true), &json!(1)));
    assert_eq!(hall.json("/api/v1/badges").await.1["badges"][0]["shown"], "FC 42 / CN …45");
    assert_eq!(hall.json("/api/v1/rules").await.1["rules"][0]["who"], "staff");
    assert_eq!(hall.json("/api/v1/people?at=2020-01-01").await.1, json!({ "people": [] }));
    for list in ["schedules", "holidays", "visitors", "deliveries", "presence", "reviews", "doors"] {
        assert_eq!(hall.json(&format!("/api/v1/{list}")).await.1[list], json!([]), "{list}");
    }
    for (deed, status, said) in [
        (
            json!({ "deed": "issue-badge", "person": id, "card": card, "why": "x" }),
            409,
            "is badge b1 already",
        ),
        (json!({ "deed": "end-person", "person": "p99", "why": "x" }), 404, "no person `p99`"),
        (json!({ "deed": "end-person", "person": id, "why": "" }), 422, "1 to 500"),
        (json!({ "deed": "fly" }), 422, "unknown variant"),
        (json!({ "deed": "end-person", "person": id, "why": "x", "how": 1 }), 422, "unknown field `how`"),
    ] {
        let (found, answer) = done(&hall, deed).await;
        assert_eq!(found.as_u16(), status, "{answer}");
        assert!(answer["detail"].as_str().unwrap().contains(said), "{said}: {answer}");
    }
    assert_eq!(hall.get("/api/v1/people?at=spring").await.status(), StatusCode::UNPROCESSABLE_ENTITY);
}

#[tokio::test]
async fn orders_reach_the_doors_and_what_they_say_is_answered() {
    let hall = Hall::new(&[]).await;
    let order = async |path: &str, body: Json, answer| {
        let ordered = sent(&hall, "POST", path, &body);
        let doors = async {
            let Ordered { order, answer: back } = hall.orders.lock().await.recv().await.unwrap();
            back.send(answer).unwrap();
            order
        };
        tokio::join!(ordered, doors)
    };
    let body = || json!({ "scope": "site", "why": "alarm" });
    let ((status, _), given) = order("/api/v1/lockdown", body(), Ok(())).await;
    assert_eq!(status, StatusCode::NO_CONTENT);
    assert_eq!(given.deed, DoorDeed::Lockdown { scope: Scope::Site, on: true });
    assert_eq!((given.actor.as_str(), given.why.as_str()), ("t1", "alarm"));
    for (refused, status) in [
        (OrderRefused::NoHardware, 409),
        (OrderRefused::Mode(DoorMode::FireRelease), 409),
        (OrderRefused::NotThere, 404),
        (OrderRefused::Unrecorded, 503),
    ] {
        let ((found, answer), _) = order("/api/v1/lockdown", body(), Err(refused.clone())).await;
        assert_eq!((found.as_u16(), answer["detail"].as_str()), (status, Some(refused.to_string().as_str())));
    }
    let (status, answer) = sent(&hall, "POST", "/api/v1/doors/moon/unlock", &json!({ "why": "x" })).await;
    assert_eq!(status, StatusCode::NOT_FOUND, "{answer}");
    let (status, _) = sent(&hall, "POST", "/api/v1/lockdown", &json!({ "scope": "site", "why": " " })).await;
    assert_eq!(status, StatusCode::UNPROCESSABLE_ENTITY);
}

#[tokio::test]
async fn a_door_that_changes_is_told_to_the_stream() {
    let hall = Hall::new(&[]).await;
    let both = |state| vec![door("main", PortalState::Secure), door("hall", state)];
    let view = |doors| Arc::new(DoorsView { doors, ..DoorsView::default() });
    hall.view.send_replace(view(both(PortalState::Secure)));
    let mut body = hall.get("/api/v1/stream").await.into_body().into_data_stream();
    let feed = tokio::spawn(Feed::new(Arc::clone(&hall.web)).run(hall.stop.subscribe()));
    body.next().await.unwrap().unwrap();
    tokio::task::yield_now().await;
    hall.view.send_replace(view(both(PortalState::Forced)));
    let piece = body.next().await.unwrap().unwrap();
    let piece = String::from_utf8(piece.to_vec()).unwrap();
    assert!(piece.contains("event: door") && piece.contains("\"state\":\"forced\""), "{piece}");
    assert!(!piece.contains("\"id\":\"main\""), "only what changed: {piece}");
    feed.abort();
}

#[tokio::test]
async fn what_people_did_is_for_who_may_read_the_journal() {
    let hall = Hall::new(&[]).await;
    done(&hall, json!({ "deed": "add-person", "name": "Lan", "why": "x" })).await;
    let (_, by_person) = hall.json("/api/v1/journal?person=p2").await;
    let codes: Vec<&str> = by_person["records"]
        .as_array()
        .unwrap()
        .iter()
        .map(|record| record["code"].as_str().unwrap())
        .collect();
    assert_eq!(codes, ["person.added"]);
    assert!(by_person.get("searched_to").is_none());
    assert_eq!(hall.get("/api/v1/journal?person=Lan").await.status(), StatusCode::BAD_REQUEST);
    let page = text(hall.get("/").await).await;
    assert!(!page.contains("person.added") && !page.contains("person was added"), "not on everybody's page");
}

#[tokio::test]
async fn r_logreview_a_review_is_signed_and_told() {
    let hall = Hall::new(&[]).await;
    let token = hall.token_of(Role::SecurityReviewer).await;
    let body = json!({ "up_to": 1, "findings": "nothing odd" }).to_string();
    let request = Request::post("/api/v1/journal/review")
        .header(header::HOST, "localhost:8080")
        .header(header::CONTENT_TYPE, "application/json")
        .header(header::AUTHORIZATION, format!("Bearer {token}"));
    assert_eq!(hall.send_body(request, Body::from(body)).await.status(), StatusCode::OK);
    let (_, reviews) = hall.json("/api/v1/reviews").await;
    assert_eq!(
        (&reviews["reviews"][0]["up_to"], &reviews["reviews"][0]["findings"]),
        (&json!(1), &json!("nothing odd"))
    );
}
