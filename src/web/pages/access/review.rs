//! `GET /review`: how far the journal was reviewed (R-LOGREVIEW), and the form by which the reviewer signs.

use askama::Template;
use axum::response::Response;

use super::{
    super::{super::problem::Problem, asked::Asked, frame::Frame, page_with, told::Told},
    Page,
};
use crate::access::Reviewed;

pub(super) const HERE: &str = "nav-review";

/// So many reviews are shown.
const REVIEWS: usize = 50;

#[derive(Template)]
#[template(path = "access/review.html")]
struct ReviewPage<'p> {
    frame: &'p Frame<'p>,
    told: &'p Told,
    reviews: Vec<Reviewed>,
    last: String,
    behind: String,
}

/// The handler.
pub(super) async fn list(asked: Asked) -> Result<Response, Problem> {
    Page::Review.opened(&asked).await
}

pub(super) async fn shown(asked: &Asked, frame: &Frame<'_>, told: &Told) -> Result<Response, Problem> {
    let (reviews, last) = asked.access().reviews(REVIEWS).await.map_err(Problem::not_done)?;
    let behind = last.saturating_sub(reviews.first().map_or(0, |review| review.up_to)).to_string();
    let last = last.to_string();
    page_with(told.status(), &ReviewPage { frame, told, reviews, last, behind }, frame)
}
