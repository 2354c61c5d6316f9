//! Doors and people on pages, without script.

use super::{
    access::door,
    account::{done, page},
    *,
};
use crate::model::{Certainty, DoorDeed, OrderRefused, PortalState, Presence};

/// A form of these pages.
async fn sends(
    hall: &Hall,
    (cookie, proof): &(String, String),
    to: &str,
    fields: &[(&str, &str)],
) -> Response {
    let fields = [&[("proof", proof.as_str())], fields].concat();
    hall.post(&format!("/access/{to}"), cookie, &fields).await
}

/// Done, and on to the page that the form is on; what that page says then.
async fn does(hall: &Hall, who: &(String, String), fields: &[(&str, &str)]) -> String {
    let fields = [&[("proof", who.1.as_str())], fields].concat();
    let led = done(hall, "/access/deed", &who.0, &fields).await;
    page(hall, &who.0, &led).await
}

#[tokio::test]
async fn a_person_is_added_gets_a_badge_and_ends_with_what_is_to_be_given_back() {
    let hall = Hall::new(&[]).await;
    let who = hall.cookie_of(Role::Administrator).await;
    let add = |pin| {
        [
            ("deed", "add-person"),
            ("page", "/people"),
            ("name", "Nguyễn <i>Lan</i>"),
            ("groups", "staff, fire"),
            ("pin", pin),
            ("until", "2027-03-31"),
            ("escort", "gives"),
            ("why", "new"),
        ]
    };
    let wrong = sends(&hall, &who, "deed", &add("1234")).await;
    assert_eq!(wrong.status(), StatusCode::UNPROCESSABLE_ENTITY);
    let html = text(wrong).await;
    assert!(
        html.contains("too easy") && html.contains("staff, fire") && html.contains("value=\"2027-03-31\"")
    );
    let html = does(&hall, &who, &add("2580")).await;
    assert!(html.contains("Nguyễn &#60;i&#62;Lan") && !html.contains("<i>Lan"), "{html}");
    assert!(html.contains("fire staff") && html.contains("It stands in the journal"), "{html}");
    let person = hall.accounts.registry().access.holders[0].clone();
    let id = person.person.to_string();
    let at = format!("/people/{id}");
    assert!(person.pin.is_some());
    let badge = [("deed", "issue-badge"), ("page", at.as_str()), ("person", id.as_str())];
    let numbers = [("facility", "42"), ("number", "1245"), ("bits", ""), ("swiped", ""), ("why", "first")];
    let html = does(&hall, &who, &[&badge[..], &numbers[..]].concat()).await;
    assert!(html.contains("FC 42 / CN …45"), "{html}");
    let number = sends(&hall, &who, "deed", &[&badge[..], &[("facility", "x"), ("why", "y")]].concat()).await;
    assert!(text(number).await.contains("is no number"));
    let change = [
        ("deed", "change-person"),
        ("page", at.as_str()),
        ("person", id.as_str()),
        ("groups", ""),
        ("until", ""),
        ("pin", ""),
        ("flags", "long_unlock"),
        ("long_unlock", "yes"),
        ("why", "other work"),
    ];
    does(&hall, &who, &change).await;
    let changed = hall.accounts.registry().access.holders[0].clone();
    assert!(changed.groups.is_empty() && changed.until.is_none(), "what is emptied is taken away");
    assert!(changed.pin == person.pin && changed.long_unlock, "a PIN stays");
    let end = [("deed", "end-person"), ("page", at.as_str()), ("person", id.as_str())];
    let html =
        does(&hall, &who, &[&end[..], &[("handed_over", "laptop\r\nkeys"), ("why", "left")]].concat()).await;
    assert!(html.contains("To be given back: b1") && html.contains("ended everywhere"), "{html}");
    assert!(!html.contains("\"end-person\""), "there is nothing left to end");
}

#[tokio::test]
async fn rules_schedules_visitors_and_deliveries_have_their_forms_and_lists() {
    let hall = Hall::new(&[]).await;
    let who = hall.cookie_of(Role::Administrator).await;
    let rules = ("page", "/rules");
    let office = [
        ("deed", "set-schedule"),
        rules,
        ("schedule", "office"),
        ("times", "Mon-Fri 08:00-17:30"),
        ("why", "x"),
    ];
    assert!(does(&hall, &who, &office).await.contains("Mon-Fri 08:00-17:30; Sat-Sun none"));
    let rule = [
        ("deed", "add-rule"),
        rules,
        ("name", "By day"),
        ("who", "staff"),
        ("schedule", "office"),
        ("why", "x"),
    ];
    assert!(does(&hall, &who, &rule).await.contains("By day"));
    let change = |doors| {
        [
            ("deed", "change-rule"),
            rules,
            ("rule", "r1"),
            ("who", "night"),
            ("doors", doors),
            ("schedule", ""),
            ("why", "x"),
        ]
    };
    does(&hall, &who, &change("")).await;
    let rule = hall.accounts.registry().access.rules[0].clone();
    assert!(rule.revision == 2 && rule.schedule.is_some(), "what is left empty stays: {rule:?}");
    does(&hall, &who, &change("all")).await;
    let holiday = [("deed", "set-holiday"), rules, ("date", "2026-09-02"), ("name", "Quốc khánh")];
    assert!(does(&hall, &who, &holiday).await.contains("Quốc khánh"));
    let used = [("deed", "end-schedule"), rules, ("schedule", "office"), ("why", "x")];
    assert!(text(sends(&hall, &who, "deed", &used).await).await.contains("r1 goes by it"));
    let visit = |devices| {
        [
            ("deed", "register-visit"),
            ("page", "/visitors"),
            ("name", "Trần Khách"),
            ("firm", "Công ty Điện"),
            ("purpose", "UPS"),
            ("host", "p1"),
            ("until", "2027-01-31"),
            ("devices", devices),
        ]
    };
    let refused = sends(&hall, &who, "deed", &visit("laptop")).await;
    assert!(text(refused).await.contains("authority, need and legal basis"));
    let html = does(&hall, &who, &visit("laptop | A05 | forensics | Law")).await;
    assert!(html.contains("Công ty Điện") && html.contains("laptop | A05"), "{html}");
    let delivery = [
        ("deed", "record-delivery"),
        ("page", "/deliveries"),
        ("direction", "out"),
        ("owner", "Sở TTTT"),
        ("request", "12/TTr"),
        ("decision", "34/QĐ"),
        ("approver", "Giám đốc"),
        ("items", "server TS-1\r\n2 rails"),
        ("handed_by", "Lan"),
        ("taken_by", "Bình"),
    ];
    assert!(does(&hall, &who, &delivery).await.contains("/deliveries/d1"));
    let minutes = page(&hall, &who.0, "/deliveries/d1?lang=vi").await;
    assert!(
        minutes.contains("Biên bản bàn giao thiết bị") && minutes.contains("<li>2 rails</li>"),
        "{minutes}"
    );
    assert!(minutes.contains("Chữ ký") && minutes.contains("34/QĐ"));
    for gone in ["/deliveries/d9", "/people/p99", "/doors/moon"] {
        let answer = hall.get(gone).await;
        assert_eq!(answer.status(), StatusCode::NOT_FOUND, "{gone}");
    }
}

#[tokio::test]
async fn doors_are_shown_with_what_is_wrong_and_ordered_with_a_reason() {
    let hall = Hall::new(&[]).await;
    let mut forced = (*door("main", PortalState::Forced)).clone();
    forced.alarm = Some(crate::model::DoorAlarm::Forced);
    forced.contact = None;
    let presence = |person: &str, certainty| Presence {
        person: PersonId::parse(person).unwrap(),
        room: Some("a".parse().unwrap()),
        certainty,
        since: testing::NOW,
        door: "main".parse().unwrap(),
    };
    let presence = vec![presence("p1", Certainty::Inside), presence("p9", Certainty::ExitNotSeen)];
    let doors = vec![Arc::new(forced)];
    hall.view.send_replace(Arc::new(DoorsView { doors, presence, ..DoorsView::default() }));
    let who = hall.cookie_of(Role::Operator).await;
    let html = page(&hall, &who.0, "/doors").await;
    assert!(html.contains("forced open") && html.contains("not known"), "{html}");
    let html = page(&hall, &who.0, "/doors/main?lang=vi").await;
    assert!(html.contains("bị cạy mở") && html.contains("Mở khóa một lần"), "{html}");
    assert!(!html.contains("set-door"), "an operator sets nothing");
    let html = page(&hall, &who.0, "/presence?lang=en").await;
    assert!(html.contains("Room A") && html.contains("entered, exit not seen"), "{html}");
    assert!(html.contains("Test administrator"), "names, for an evacuation");

    let lockdown = [("deed", "lockdown"), ("page", "/doors"), ("scope", "a"), ("why", "alarm")];
    let sent = sends(&hall, &who, "order", &lockdown);
    let doors = async {
        let Ordered { order, answer } = hall.orders.lock().await.recv().await.unwrap();
        answer.send(Err(OrderRefused::Interlock)).unwrap();
        order
    };
    let (answer, order) = tokio::join!(sent, doors);
    assert!(matches!(order.deed, DoorDeed::Lockdown { on: true, .. }));
    let html = text(answer).await;
    assert!(html.contains("Another door of its interlock") && html.contains("value=\"alarm\""), "{html}");
    let nobody = sends(&hall, &who, "order", &[("deed", "unlock"), ("page", "/doors"), ("why", "x")]).await;
    assert!(text(nobody).await.contains("Something is missing"));
    for elsewhere in ["//evil.example", "/doors/a\nb", "/doors/../sign-in", "https://evil.example"] {
        let fields = [("deed", "unlock"), ("page", elsewhere), ("why", "x"), ("door", "main")];
        let answer = sends(&hall, &who, "order", &fields).await;
        assert_eq!(answer.status(), StatusCode::UNPROCESSABLE_ENTITY, "{elsewhere} leads nowhere else");
    }
    let viewer = hall.cookie_of(Role::Viewer).await;
    assert!(!page(&hall, &viewer.0, "/doors/main").await.contains("/access/order"));
}

#[tokio::test]
async fn r_logreview_the_reviewer_signs_on_the_page_and_others_only_read() {
    let hall = Hall::new(&[]).await;
    let who = hall.cookie_of(Role::SecurityReviewer).await;
    let fields =
        [("proof", who.1.as_str()), ("page", "/review"), ("up_to", "2"), ("findings", "nothing <odd>")];
    let led = done(&hall, "/access/review", &who.0, &fields).await;
    let html = page(&hall, &who.0, &led).await;
    assert!(html.contains("nothing &#60;odd&#62;") && html.contains("have not been reviewed"), "{html}");
    let again = hall.post("/access/review", &who.0, &fields).await;
    assert_eq!(again.status(), StatusCode::UNPROCESSABLE_ENTITY);
    let administrator = hall.cookie_of(Role::Administrator).await;
    let html = page(&hall, &administrator.0, "/review").await;
    assert!(!html.contains("/access/review"), "{html}");
}

/// One of the settings is called as the forms' own proof is.
#[tokio::test]
async fn a_doors_settings_are_set_on_its_page() {
    let hall = Hall::new(&[]).await;
    hall.view.send_replace(Arc::new(DoorsView {
        doors: vec![door("main", PortalState::Secure)],
        ..DoorsView::default()
    }));
    let who = hall.cookie_of(Role::Administrator).await;
    let html = page(&hall, &who.0, "/doors/main").await;
    let words = html.split("name=\"setting-proof\"").nth(1).unwrap().split("</select>").next().unwrap();
    assert!(words.contains("value=\"card\" selected") && words.contains("a card and a PIN"), "{words}");
    let fields = [("deed", "set-door"), ("page", "/doors/main"), ("door", "main"), ("why", "night")];
    let set = [("setting-proof", "card-pin"), ("setting-held", "40s")];
    let html = does(&hall, &who, &[fields.as_slice(), &set].concat()).await;
    assert!(html.contains("value=\"card-pin\" selected") && html.contains("value=\"40s\""), "{html}");
    let wrong = [fields.as_slice(), &[("setting-held", "3s")]].concat();
    let told = text(sends(&hall, &who, "deed", &wrong).await).await;
    assert!(
        told.contains("held=3s") && told.contains("value=\"3s\""),
        "what is wrong, and what was typed: {told}"
    );
    assert!(!told.contains(&format!("={}", who.1)), "the form's proof is no setting");
}
