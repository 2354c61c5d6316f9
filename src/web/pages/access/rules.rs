//! `GET /rules`: who may open which doors when, with schedules and holidays.

use askama::Template;
use axum::response::Response;

use super::{
    super::{super::problem::Problem, asked::Asked, frame::Frame, page_with, told::Told},
    Page,
};
use crate::access::{HolidayLine, RuleLine, ScheduleLine};

#[derive(Template)]
#[template(path = "access/rules.html")]
struct RulesPage<'p> {
    frame: &'p Frame<'p>,
    told: &'p Told,
    rules: Vec<RuleLine>,
    schedules: Vec<ScheduleLine>,
    holidays: Vec<HolidayLine>,
}

/// The handler.
pub(super) async fn list(asked: Asked) -> Result<Response, Problem> {
    Page::Rules.opened(&asked).await
}

pub(super) async fn shown(asked: &Asked, frame: &Frame<'_>, told: &Told) -> Result<Response, Problem> {
    let access = asked.access();
    let rules = access.rules(None).await.map_err(Problem::not_done)?;
    let schedules = access.schedules(None).await.map_err(Problem::not_done)?;
    let holidays = access.holidays(None).await.map_err(Problem::not_done)?;
    page_with(told.status(), &RulesPage { frame, told, rules, schedules, holidays }, frame)
}
