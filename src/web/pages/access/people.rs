//! `GET /people`: persons who go through doors. `GET /people/{id}`: one, with its badges, all that can be done, and what the journal
//! says of it.

use askama::Template;
use axum::{extract::Path, response::Response};

use super::{
    super::{
        super::problem::Problem, asked::Asked, frame::Frame, page_with, records::RecordView, told::Told,
    },
    Page,
};
use crate::{
    access::{BadgeLine, PersonLine, UnknownLine, VisitLine},
    model::Right,
};

pub(super) const HERE: &str = "nav-people";

/// So many records are shown.
const RECORDS: usize = 30;

#[derive(Template)]
#[template(path = "access/people.html")]
struct PeoplePage<'p> {
    frame: &'p Frame<'p>,
    told: &'p Told,
    people: Vec<PersonLine>,
}

#[derive(Template)]
#[template(path = "access/person.html")]
struct PersonPage<'p> {
    frame: &'p Frame<'p>,
    told: &'p Told,
    person: PersonLine,
    visit: Option<VisitLine>,
    badges: Vec<BadgeLine>,
    unknown: Vec<UnknownLine>,
    page: String,
    groups: String,
    /// Days as fields hold them.
    from: String,
    until: String,
    records: Vec<RecordView>,
}

/// The handler of `GET /people`.
pub(super) async fn list(asked: Asked) -> Result<Response, Problem> {
    Page::People.opened(&asked).await
}

/// The handler of `GET /people/{id}`.
pub(super) async fn person(asked: Asked, Path(id): Path<String>) -> Result<Response, Problem> {
    Page::Person(id).opened(&asked).await
}

pub(super) async fn shown(asked: &Asked, frame: &Frame<'_>, told: &Told) -> Result<Response, Problem> {
    let mut people = asked.access().people(None).await.map_err(Problem::not_done)?;
    // Those that are over come last.
    people.sort_by_key(|person| matches!(person.standing.as_str(), "over" | "ended"));
    page_with(told.status(), &PeoplePage { frame, told, people }, frame)
}

pub(super) async fn shown_one(
    asked: &Asked,
    frame: &Frame<'_>,
    id: &str,
    told: &Told,
) -> Result<Response, Problem> {
    let access = asked.access();
    let people = access.people(None).await.map_err(Problem::not_done)?;
    let person = people.into_iter().find(|person| person.id == id);
    let person =
        person.ok_or_else(|| Problem::missing(format!("nobody who goes through doors is `{id}`")))?;
    let mut badges = access.badges(None).await.map_err(Problem::not_done)?;
    badges.retain(|badge| badge.person == id);
    let visits = access.visits(None).await.map_err(Problem::not_done)?;
    let reads = asked.caller.rights.has(Right::JournalRead);
    let records = match reads {
        true => RecordView::about(asked.web(), &frame.words, id, RECORDS).await,
        false => Vec::new(),
    };
    let answer = PersonPage {
        frame,
        told,
        visit: visits.into_iter().find(|visit| visit.id == id),
        badges,
        unknown: access.unknown_cards(),
        page: Page::Person(id.to_owned()).address(),
        groups: person.groups.join(" "),
        from: frame.first_day_of(person.from.as_deref()),
        until: frame.last_day_of(person.until.as_deref()),
        person,
        records,
    };
    page_with(told.status(), &answer, frame)
}
