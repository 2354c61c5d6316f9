//! `GET /doors`: every door, with orders to many. `GET /doors/{id}`: one, with orders, settings, its last records, and when it could
//! be seen.

use std::time::Duration;

use askama::Template;
use axum::{extract::Path, response::Response};

use super::{
    super::{
        super::problem::Problem, asked::Asked, frame::Frame, page_with, records::RecordView, told::Told,
    },
    Page,
    form::setting_field,
};
use crate::{
    access::{DoorLine, SETTINGS, Span, scope_text, setting_words},
    model::Right,
};

pub(super) const HERE: &str = "nav-doors";

/// So many records are shown.
const RECORDS: usize = 30;

/// So far back it is told when the door could be seen.
const BACK: Duration = Duration::from_secs(86_400);

#[derive(Template)]
#[template(path = "access/doors.html")]
struct DoorsPage<'p> {
    frame: &'p Frame<'p>,
    told: &'p Told,
    doors: Vec<DoorLine>,
    /// Each with its name.
    scopes: Vec<(String, String)>,
}

#[derive(Template)]
#[template(path = "access/door.html")]
struct DoorPage<'p> {
    frame: &'p Frame<'p>,
    told: &'p Told,
    door: DoorLine,
    page: String,
    settings: Vec<Setting>,
    records: Vec<RecordView>,
    coverage: Vec<Span>,
}

struct Setting {
    name: &'static str,
    /// Its field: the forms' own proof is called as one of the settings is.
    field: String,
    /// What it may be, where that is no choice.
    may: String,
    /// The words that it may be, if it may be no others, each as people read it.
    words: Vec<(String, String)>,
    held: String,
    /// The same as people read it.
    shown: String,
}

impl Setting {
    fn new(
        frame: &Frame<'_>,
        schedules: &[(String, String)],
        (name, may): (&'static str, &'static str),
        held: String,
    ) -> Self {
        let chosen = |word: &str| (word.to_owned(), frame.part("choice", word));
        let words: Vec<(String, String)> = if may.starts_with("SCHEDULE") {
            std::iter::once(chosen("none")).chain(schedules.iter().cloned()).collect()
        } else {
            setting_words(may).into_iter().map(chosen).collect()
        };
        // What is more than a span of numbers is said in the reader's language.
        let may = match name {
            "first-card" | "interlock" | "long-unlock" | "warning" => frame.part("may", name),
            _ => may.to_owned(),
        };
        let shown = words.iter().find(|(word, _)| *word == held);
        let shown = shown.map_or_else(|| held.clone(), |(_, shown)| shown.clone());
        Self { name, field: setting_field(name), may, words, held, shown }
    }
}

/// The handler of `GET /doors`.
pub(super) async fn list(asked: Asked) -> Result<Response, Problem> {
    Page::Doors.opened(&asked).await
}

/// The handler of `GET /doors/{id}`.
pub(super) async fn door(asked: Asked, Path(id): Path<String>) -> Result<Response, Problem> {
    Page::Door(id).opened(&asked).await
}

pub(super) fn shown(asked: &Asked, frame: &Frame<'_>, told: &Told) -> Result<Response, Problem> {
    let (doors, site) = (asked.access().doors(), &frame.plant.site);
    let scopes = scope_text(site).into_iter().map(|scope| {
        let door = site.doors.iter().find(|door| door.id.as_str() == scope).map(|door| door.name.clone());
        let room = || site.rooms.iter().find(|room| room.id.as_str() == scope).map(|room| room.name.clone());
        let name = door.or_else(room).unwrap_or_else(|| frame.say("scope-site"));
        (scope, name)
    });
    let scopes = scopes.collect();
    page_with(told.status(), &DoorsPage { frame, told, doors, scopes }, frame)
}

pub(super) async fn shown_one(
    asked: &Asked,
    frame: &Frame<'_>,
    id: &str,
    told: &Told,
) -> Result<Response, Problem> {
    let door = asked.access().doors().into_iter().find(|door| door.id == id);
    let door = door.ok_or_else(|| Problem::missing(format!("there is no door `{id}`")))?;
    let held = |name| door.settings.get(name).cloned().unwrap_or_default();
    let schedules = asked.access().schedule_names();
    let settings =
        SETTINGS.iter().map(|setting| Setting::new(frame, &schedules, *setting, held(setting.0))).collect();
    let reads = asked.caller.rights.has(Right::JournalRead);
    let records = if reads {
        RecordView::about(asked.web(), &frame.words, id, RECORDS).await
    } else {
        RecordView::newest(asked.web(), &frame.words, Some(id), RECORDS).await
    };
    let (from, to) = ((frame.now - BACK).rfc3339(), frame.now.rfc3339());
    let coverage = match reads {
        true => asked.access().coverage(id, &from, &to).await.unwrap_or_default(),
        false => Vec::new(),
    };
    let page = Page::Door(id.to_owned()).address();
    page_with(told.status(), &DoorPage { frame, told, door, page, settings, records, coverage }, frame)
}
