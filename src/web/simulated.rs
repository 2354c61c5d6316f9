//! One-click orders to a simulated hall: what `/` offers in a demo, and `POST /simulated/{id}`, which takes it.
//!
//! `app` gives the hall as [`Simulated`]; without one there is neither the strip on the page nor the route. What an
//! order does is the hall's to know.

use std::{net::SocketAddr, sync::Arc};

use axum::{
    extract::{Path, RawQuery, State},
    http::{HeaderMap, StatusCode},
    response::Redirect,
};

use super::{
    Web,
    problem::Problem,
    query::Query,
    route::{Need, Route},
    words::language,
};

use crate::model::Right;

/// What a person can let happen in a simulated hall with one click.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Order {
    /// The mains fails.
    MainsFailure,
    /// The mains fails, and the generator does not start.
    GeneratorFails,
    /// A cooling unit trips.
    CoolingFailure,
    /// Something smoulders.
    Smoke,
    /// Water runs onto a leak cable.
    Leak,
    /// A device no longer answers.
    Silence,
    /// The mains is back, and the generator mended.
    MainsRestored,
    /// Everything is mended, in the hall and on its lines.
    Mended,
}

impl Order {
    /// All of them, in the order of the page.
    pub const ALL: [Self; 8] = [
        Self::MainsFailure,
        Self::GeneratorFails,
        Self::CoolingFailure,
        Self::Smoke,
        Self::Leak,
        Self::Silence,
        Self::MainsRestored,
        Self::Mended,
    ];

    /// Its id in addresses.
    #[must_use]
    pub fn id(self) -> &'static str {
        match self {
            Self::MainsFailure => "mains-failure",
            Self::GeneratorFails => "mains-failure-generator-fails",
            Self::CoolingFailure => "cooling-failure",
            Self::Smoke => "smoke",
            Self::Leak => "leak",
            Self::Silence => "silence",
            Self::MainsRestored => "mains-restored",
            Self::Mended => "mended",
        }
    }

    /// Whether it ends what others began.
    #[must_use]
    pub fn mends(self) -> bool {
        matches!(self, Self::MainsRestored | Self::Mended)
    }
}

/// A simulated hall, as its pages speak to it.
pub trait Simulated: Send + Sync {
    /// Where its control and its own page are.
    fn control(&self) -> SocketAddr;

    /// What this hall has the devices for, in the order of [`Order::ALL`].
    fn orders(&self) -> Vec<Order>;

    /// Does it. Time brings what follows.
    ///
    /// # Errors
    /// Why the hall cannot do it now, in a sentence.
    fn order(&self, order: Order) -> Result<(), String>;
}

/// Its routes.
pub(super) fn routes() -> Vec<Route> {
    vec![Route::form("/simulated/{id}", Need::Right(Right::HallSimulate), order)]
}

/// The handler of `POST /simulated/{id}`; leads back to the page.
pub(super) async fn order(
    State(web): State<Arc<Web>>,
    Path(id): Path<String>,
    RawQuery(raw): RawQuery,
    headers: HeaderMap,
) -> Result<Redirect, Problem> {
    let query = Query::parse(raw.as_deref(), &["lang"])?;
    let (language, chosen) = language(&query, &headers)?;
    let nothing = || Problem::missing(format!("this hall has no order `{id}`"));
    let hall = web.context.simulator.as_ref().ok_or_else(nothing)?;
    let order = hall.orders().into_iter().find(|order| order.id() == id).ok_or_else(nothing)?;
    hall.order(order).map_err(|detail| Problem { status: StatusCode::CONFLICT, detail })?;
    Ok(Redirect::to(&address("/", chosen.then(|| language.code()))))
}

/// An address of this site, with the language that the reader chose in it, if so.
pub(super) fn address(path: &str, lang: Option<&str>) -> String {
    lang.map_or_else(|| path.to_owned(), |lang| format!("{path}?lang={lang}"))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn ids_differ() {
        let ids: std::collections::BTreeSet<_> = Order::ALL.iter().map(|order| order.id()).collect();
        assert_eq!(ids.len(), Order::ALL.len());
    }
}
