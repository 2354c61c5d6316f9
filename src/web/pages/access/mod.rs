//! Doors, and who may go through them: what is there, and forms for each deed. A form names its deed and its fields as the API
//! does; `form` makes the deed of them, `crate::access` checks and does it.

mod deliveries;
mod doors;
mod form;
mod people;
mod presence;
mod review;
mod rules;
mod visitors;

use axum::{
    http::Uri,
    response::{Redirect, Response},
};

use super::{
    super::{
        problem::Problem,
        route::{Need, Route, SEES},
    },
    asked::Asked,
    frame::Frame,
    told::Told,
};
use crate::{access::Access, model::Right};

const KNOWS: Need = Need::Right(Right::PersonRead);
const MANAGES: Need = Need::Right(Right::AccessManage);
const OPERATES: Need = Need::Right(Right::DoorOperate);
const REVIEWS: Need = Need::Right(Right::JournalReview);

/// Its routes.
pub(super) fn routes() -> Vec<Route> {
    vec![
        Route::page("/doors", SEES, doors::list),
        Route::page("/doors/{id}", SEES, doors::door),
        Route::page("/people", KNOWS, people::list),
        Route::page("/people/{id}", KNOWS, people::person),
        Route::page("/rules", KNOWS, rules::list),
        Route::page("/visitors", KNOWS, visitors::list),
        Route::page("/deliveries", KNOWS, deliveries::list),
        Route::page("/deliveries/{id}", KNOWS, deliveries::minutes),
        Route::page("/presence", OPERATES, presence::list),
        Route::page("/review", Need::Right(Right::JournalRead), review::list),
        Route::page("/access/order", OPERATES, back),
        Route::form("/access/order", OPERATES, form::order),
        Route::page("/access/deed", MANAGES, back),
        Route::form("/access/deed", MANAGES, form::deed),
        Route::page("/access/review", REVIEWS, back),
        Route::form("/access/review", REVIEWS, form::review),
    ]
}

/// For whoever opens or reloads what forms are sent to.
async fn back(uri: Uri) -> Redirect {
    let page = match uri.path() {
        "/access/review" => "/review",
        "/access/deed" => "/people",
        _ => "/doors",
    };
    Redirect::to(page)
}

/// A page that forms stand on.
#[derive(Clone, Debug, PartialEq, Eq)]
enum Page {
    Doors,
    Door(String),
    People,
    Person(String),
    Rules,
    Visitors,
    Deliveries,
    Review,
}

impl Page {
    /// The page of this address.
    fn parse(address: &str) -> Option<Self> {
        // It becomes an address again: nothing but ids is taken.
        let plain = |c: char| c.is_ascii_alphanumeric() || matches!(c, '/' | '-');
        let mut parts = address.strip_prefix('/').filter(|rest| rest.chars().all(plain))?.splitn(2, '/');
        match (parts.next()?, parts.next().map(str::to_owned)) {
            ("doors", None) => Some(Self::Doors),
            ("doors", Some(id)) => Some(Self::Door(id)),
            ("people", None) => Some(Self::People),
            ("people", Some(id)) => Some(Self::Person(id)),
            ("rules", None) => Some(Self::Rules),
            ("visitors", None) => Some(Self::Visitors),
            ("deliveries", None) => Some(Self::Deliveries),
            ("review", None) => Some(Self::Review),
            _ => None,
        }
    }

    fn address(&self) -> String {
        match self {
            Self::Doors => "/doors".to_owned(),
            Self::Door(id) => format!("/doors/{id}"),
            Self::People => "/people".to_owned(),
            Self::Person(id) => format!("/people/{id}"),
            Self::Rules => "/rules".to_owned(),
            Self::Visitors => "/visitors".to_owned(),
            Self::Deliveries => "/deliveries".to_owned(),
            Self::Review => "/review".to_owned(),
        }
    }

    fn here(&self) -> &'static str {
        match self {
            Self::Doors | Self::Door(_) => doors::HERE,
            Self::People | Self::Person(_) | Self::Rules | Self::Visitors | Self::Deliveries => people::HERE,
            Self::Review => review::HERE,
        }
    }

    /// The page, with what a form of it has led to.
    async fn shown(&self, asked: &Asked, frame: &Frame<'_>, told: &Told) -> Result<Response, Problem> {
        match self {
            Self::Doors => doors::shown(asked, frame, told),
            Self::Door(id) => doors::shown_one(asked, frame, id, told).await,
            Self::People => people::shown(asked, frame, told).await,
            Self::Person(id) => people::shown_one(asked, frame, id, told).await,
            Self::Rules => rules::shown(asked, frame, told).await,
            Self::Visitors => visitors::shown(asked, frame, told).await,
            Self::Deliveries => deliveries::shown(asked, frame, told),
            Self::Review => review::shown(asked, frame, told).await,
        }
    }

    /// The page as somebody opens it.
    async fn opened(&self, asked: &Asked) -> Result<Response, Problem> {
        let frame = asked.frame(self.here(), &self.address())?;
        let told = Told::done(&frame.words, asked.done()?);
        self.shown(asked, &frame, &told).await
    }
}

impl Asked {
    fn access(&self) -> &Access {
        &self.web().context.access
    }
}
