//! Each form of the pages of doors and people sends what its deed or order takes: filled in anyhow, it is never "incomplete".

use super::{
    access::door,
    account::{done, page},
    *,
};
use crate::model::{DoorAlarm, DoorView, PortalState, ReaderView, Side};

/// A form: where it goes, and its fields.
struct Form {
    to: String,
    fields: Vec<(String, String)>,
}

/// What stands in the attribute of a tag.
fn attribute<'h>(tag: &'h str, name: &str) -> Option<&'h str> {
    tag.split_once(&format!(" {name}=\""))?.1.split('"').next()
}

/// The forms of a page, with something in each field.
fn forms(html: &str) -> Vec<Form> {
    let bodies = html.split("<form method=\"post\" action=\"/access/").skip(1);
    let form = |body: &str| {
        let body = body.split("</form>").next().unwrap();
        let tags = body
            .split('<')
            .filter(|tag| ["input ", "select ", "textarea "].iter().any(|kind| tag.starts_with(kind)));
        let fields = tags.filter(|tag| attribute(tag, "type") != Some("checkbox")).filter_map(|tag| {
            let name = attribute(tag, "name")?;
            let options = || {
                body.split(&format!("<select name=\"{name}\""))
                    .nth(1)?
                    .split("<option value=\"")
                    .nth(1)?
                    .split('"')
                    .next()
            };
            let held = attribute(tag, "value").filter(|held| !held.is_empty());
            let text =
                if tag.starts_with("select") { options().unwrap_or_default() } else { held.unwrap_or("1") };
            Some((name.to_owned(), text.to_owned()))
        });
        Form { to: format!("/access/{}", body.split('"').next().unwrap()), fields: fields.collect() }
    };
    bodies.map(form).collect()
}

/// A hall with something of each kind, so that each form is there.
async fn furnished() -> (Hall, (String, String)) {
    let hall = Hall::new(&[]).await;
    let reader = ReaderView { side: Side::Entry, online: Some(true), secure: true, tampered: false };
    let main = DoorView {
        alarm: Some(DoorAlarm::Forced),
        readers: vec![reader],
        ..(*door("main", PortalState::Secure)).clone()
    };
    hall.view.send_replace(Arc::new(DoorsView { doors: vec![Arc::new(main)], ..DoorsView::default() }));
    let who = hall.cookie_of(Role::Administrator).await;
    let kinds: [&[(&str, &str)]; 4] = [
        &[
            ("deed", "add-person"),
            ("page", "/people"),
            ("name", "Lan"),
            ("groups", "staff"),
            ("escort", "alone"),
            ("why", "x"),
        ],
        &[("deed", "add-rule"), ("page", "/rules"), ("name", "By day"), ("who", "staff"), ("why", "x")],
        &[
            ("deed", "set-schedule"),
            ("page", "/rules"),
            ("schedule", "day"),
            ("times", "Mon-Fri 08:00-17:30"),
            ("why", "x"),
        ],
        &[("deed", "set-holiday"), ("page", "/rules"), ("date", "2027-01-01"), ("name", "New year")],
    ];
    for fields in kinds {
        let fields = [&[("proof", who.1.as_str())], fields].concat();
        done(&hall, "/access/deed", &who.0, &fields).await;
    }
    let person = hall.accounts.registry().access.holders[0].person.to_string();
    let badge = [("proof", who.1.as_str()), ("why", "x"), ("deed", "issue-badge"), ("page", "/people")];
    let badge = [&badge[..], &[("person", person.as_str()), ("facility", "42"), ("number", "7")]].concat();
    done(&hall, "/access/deed", &who.0, &badge).await;
    (hall, who)
}

#[tokio::test]
async fn every_form_sends_what_its_deed_takes() {
    let (hall, who) = furnished().await;
    let person = format!("/people/{}", hall.accounts.registry().access.holders[0].person);
    let pages = ["/doors", "/doors/main", "/people", &person, "/rules", "/visitors", "/deliveries"];
    let mut all = Vec::new();
    for at in pages {
        all.extend(forms(&page(&hall, &who.0, at).await));
    }
    assert!(all.len() >= 25, "only {} forms were found", all.len());
    // The last are those that end something.
    all.sort_by_key(|form| {
        form.fields.iter().any(|(_, text)| text.starts_with("end-") || text == "return-badge")
    });
    let mut incomplete = Vec::new();
    for form in all {
        let fields: Vec<(&str, &str)> =
            form.fields.iter().map(|(name, text)| (name.as_str(), text.as_str())).collect();
        let doors = async {
            let Ordered { answer, .. } = hall.orders.lock().await.recv().await.unwrap();
            answer.send(Ok(())).ok();
            std::future::pending::<()>().await;
        };
        let answer = tokio::select! {
            answer = hall.post(&form.to, &who.0, &fields) => answer,
            () = doors => unreachable!(),
        };
        let told = text(answer).await;
        if told.contains("Something is missing or is no number") || told.contains("no such form") {
            incomplete.push(form.fields);
        }
    }
    assert!(incomplete.is_empty(), "{incomplete:#?}");
}
