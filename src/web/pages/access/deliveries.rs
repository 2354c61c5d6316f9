//! `GET /deliveries`: equipment that came and went (R-DELIVERY), and the form that records it. `GET /deliveries/{id}`: the handover
//! minutes, to be printed and signed.

use askama::Template;
use axum::{extract::Path, response::Response};

use super::{
    super::{super::problem::Problem, asked::Asked, frame::Frame, page, page_with, told::Told},
    Page, people,
};
use crate::access::DeliveryLine;

#[derive(Template)]
#[template(path = "access/deliveries.html")]
struct DeliveriesPage<'p> {
    frame: &'p Frame<'p>,
    told: &'p Told,
    deliveries: Vec<DeliveryLine>,
}

#[derive(Template)]
#[template(path = "access/minutes.html")]
struct MinutesPage<'p> {
    frame: &'p Frame<'p>,
    delivery: DeliveryLine,
}

/// The handler of `GET /deliveries`.
pub(super) async fn list(asked: Asked) -> Result<Response, Problem> {
    Page::Deliveries.opened(&asked).await
}

pub(super) fn shown(asked: &Asked, frame: &Frame<'_>, told: &Told) -> Result<Response, Problem> {
    let mut deliveries = asked.access().deliveries();
    deliveries.reverse();
    page_with(told.status(), &DeliveriesPage { frame, told, deliveries }, frame)
}

/// The handler of `GET /deliveries/{id}`.
pub(super) async fn minutes(asked: Asked, Path(id): Path<String>) -> Result<Response, Problem> {
    let found = asked.access().deliveries().into_iter().find(|delivery| delivery.id == id);
    let delivery = found.ok_or_else(|| Problem::missing(format!("there is no delivery `{id}`")))?;
    let frame = asked.frame(people::HERE, &format!("/deliveries/{}", delivery.id))?;
    page(&MinutesPage { frame: &frame, delivery }, &frame)
}
