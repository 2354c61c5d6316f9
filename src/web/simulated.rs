//! One-click orders to a simulated hall: what `/` offers in a demo, and `POST /simulated/{id}`, which takes it.
//!
//! `app` gives the hall as [`Simulated`]; without one there is neither the strip on the page nor the route. What an
//! order does is the hall's to know. The pages have no sign-in, hence an order counts only where the browser itself
//! says that it comes from a page of this very address: another site must not be able to give one.

use std::{net::SocketAddr, sync::Arc};

use axum::{
    extract::{Path, RawQuery, State},
    http::{HeaderMap, StatusCode, header},
    response::Redirect,
};

use super::{Web, problem::Problem, query::Query, words::language};

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

/// The handler of `POST /simulated/{id}`; leads back to the page.
pub(super) async fn order(
    State(web): State<Arc<Web>>,
    Path(id): Path<String>,
    RawQuery(raw): RawQuery,
    headers: HeaderMap,
) -> Result<Redirect, Problem> {
    own_page(&headers)?;
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

/// Refuses what does not come from a page of this very address. Browsers of today say so by `Sec-Fetch-Site`, those
/// before by `Origin`; a page can forge neither. Programs have the simulator's own control.
fn own_page(headers: &HeaderMap) -> Result<(), Problem> {
    let text = |name: &str| headers.get(name).and_then(|value| value.to_str().ok());
    let own = match (text("sec-fetch-site"), text(header::ORIGIN.as_str()), text(header::HOST.as_str())) {
        (Some(site), _, _) => site == "same-origin",
        (None, Some(origin), Some(host)) => origin.strip_prefix("http://") == Some(host),
        (None, _, _) => false,
    };
    let detail = "orders are taken from the hall's own page; programs give them to the simulator's control";
    own.then_some(()).ok_or_else(|| Problem { status: StatusCode::FORBIDDEN, detail: detail.to_owned() })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_pages_of_this_very_address_may_order() {
        let may = |site: Option<&str>, origin: Option<&str>| {
            let mut headers = HeaderMap::new();
            headers.insert(header::HOST, "localhost:8080".parse().unwrap());
            for (name, value) in [("sec-fetch-site", site), ("origin", origin)] {
                if let Some(value) = value {
                    headers.insert(name, value.parse().unwrap());
                }
            }
            own_page(&headers).is_ok()
        };
        let own = Some("http://localhost:8080");
        assert!(may(Some("same-origin"), own));
        assert!(may(Some("same-origin"), None));
        assert!(may(None, own));
        // Another port of this machine is the same site, and another origin.
        for site in ["same-site", "cross-site", "none", ""] {
            assert!(!may(Some(site), own), "{site}");
        }
        for origin in [
            "null",
            "http://localhost",
            "http://localhost:8090",
            "https://localhost:8080",
            "http://evil.example",
        ] {
            assert!(!may(None, Some(origin)), "{origin}");
        }
        assert!(!may(None, None));
    }

    #[test]
    fn ids_differ() {
        let ids: std::collections::BTreeSet<_> = Order::ALL.iter().map(|order| order.id()).collect();
        assert_eq!(ids.len(), Order::ALL.len());
    }
}
