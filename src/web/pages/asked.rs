//! A request for a page with forms: who asks, in which language, and the moment at which the page is made.
//!
//! The handlers of `account` and `accounts` take it; what a form did is in [`Told`](super::told::Told).

use std::sync::Arc;

use axum::{
    extract::FromRequestParts,
    http::{HeaderMap, Uri, request::Parts},
    response::{IntoResponse, Redirect, Response},
};
use chrono::{Days, NaiveDate, NaiveTime};
use chrono_tz::Tz;

use super::{
    super::{Web, hall::Live, problem::Problem, query::Query},
    frame::Frame,
    told::Mistake,
};
use crate::{
    accounts::{Accounts, Caller},
    model::{Snapshot, Wall},
};

/// See the module.
pub(super) struct Asked {
    web: Arc<Web>,
    /// Who asks.
    pub(super) caller: Caller,
    /// The request's headers.
    pub(super) headers: HeaderMap,
    query: Query,
    snapshot: Arc<Snapshot>,
    position: String,
}

impl FromRequestParts<Arc<Web>> for Asked {
    type Rejection = Problem;

    async fn from_request_parts(parts: &mut Parts, web: &Arc<Web>) -> Result<Self, Problem> {
        let query = Query::parse(parts.uri.query(), &["lang", "done"])?;
        let caller = parts.extensions.get::<Caller>().cloned();
        Ok(Self {
            // The guard has let in nobody else.
            caller: caller.ok_or_else(|| Problem::unavailable("nobody asks"))?,
            headers: parts.headers.clone(),
            query,
            // Before the snapshot, so that no change is missed.
            position: web.hub.position(web.now().mono),
            snapshot: web.snapshot(),
            web: Arc::clone(web),
        })
    }
}

impl Asked {
    pub(super) fn web(&self) -> &Web {
        &self.web
    }

    pub(super) fn accounts(&self) -> &Accounts {
        &self.web.context.accounts
    }

    /// The frame of the page at the address `at`, which need not be the one that a form was sent to.
    pub(super) fn frame(&self, here: &'static str, at: &str) -> Result<Frame<'_>, Problem> {
        let uri: Uri = at.parse().map_err(Problem::store)?;
        let live = Live { plant: &self.snapshot.plant, snapshot: &self.snapshot };
        let request = (&uri, &self.headers, &self.query, &self.caller);
        Frame::new(&self.web, here, request, &live, self.position.clone())
    }

    /// What the form before has done, as the address says.
    pub(super) fn done(&self) -> Result<Option<&str>, Problem> {
        self.query.one("done")
    }

    /// The site's zone.
    pub(super) fn zone(&self) -> Tz {
        self.snapshot.plant.site.time_zone
    }

    /// The end that a form's last day is: midnight after it, in the site's zone.
    pub(super) fn end_of(&self, day: Option<&str>) -> Result<Option<Wall>, Mistake> {
        let Some(day) = day else { return Ok(None) };
        let next = day.parse::<NaiveDate>().ok().and_then(|day| day.checked_add_days(Days::new(1)));
        let midnight = next.map(|next| next.and_time(NaiveTime::MIN));
        let midnight = midnight.and_then(|at| at.and_local_timezone(self.zone()).earliest());
        let end = midnight.ok_or(Mistake::Text("form-day-wrong"))?;
        let end = Wall(end.timestamp_micros());
        (end > self.accounts().now().wall).then_some(Some(end)).ok_or(Mistake::Text("form-day-over"))
    }

    /// The address of a one-time link, as it is handed over.
    pub(super) fn link(&self, secret: &str) -> String {
        self.web.address(&self.headers, &format!("/link/{secret}"))
    }
}

/// On to a page, which tells what was done.
pub(super) fn onward(address: &str, done: &str) -> Response {
    Redirect::to(&format!("{address}?done={done}")).into_response()
}

/// The handler of the addresses that forms are sent to, for whoever opens or reloads one: the page that the form is on.
pub(super) async fn back(uri: Uri) -> Redirect {
    let page = uri.path().rsplit_once('/').map_or("/", |(page, _)| page);
    Redirect::to(page)
}
