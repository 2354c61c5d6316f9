//! `GET /visitors`: visits (R-VISITOR), and the form that registers one.

use askama::Template;
use axum::response::Response;

use super::{
    super::{super::problem::Problem, asked::Asked, frame::Frame, page_with, told::Told},
    Page,
};
use crate::access::VisitLine;

#[derive(Template)]
#[template(path = "access/visitors.html")]
struct VisitorsPage<'p> {
    frame: &'p Frame<'p>,
    told: &'p Told,
    visits: Vec<VisitLine>,
}

/// The handler.
pub(super) async fn list(asked: Asked) -> Result<Response, Problem> {
    Page::Visitors.opened(&asked).await
}

pub(super) async fn shown(asked: &Asked, frame: &Frame<'_>, told: &Told) -> Result<Response, Problem> {
    let mut visits = asked.access().visits(None).await.map_err(Problem::not_done)?;
    visits.reverse();
    page_with(told.status(), &VisitorsPage { frame, told, visits }, frame)
}
