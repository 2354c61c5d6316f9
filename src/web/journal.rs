//! `GET /api/v1/journal`: records of the journal, in the order of their numbers.
//!
//! With `after` or `from` a page begins there; otherwise it is the newest page.

use std::{collections::BTreeMap, sync::Arc};

use axum::{
    extract::{RawQuery, State},
    response::Response,
};
use schemars::JsonSchema;
use serde::Serialize;

use super::{
    Web, json,
    problem::Problem,
    query::Query,
    route::{Need, Route, one},
};
use crate::{
    model::{Record, Right},
    store::JournalFilter,
};

const MAX_RECORDS: usize = 1000;
const USUAL_RECORDS: usize = 100;

#[derive(Serialize, JsonSchema)]
struct RecordsAnswer<'r> {
    records: Vec<RecordAnswer<'r>>,
}

/// A record as the API and the stream carry it.
#[derive(Serialize, JsonSchema)]
pub(super) struct RecordAnswer<'r> {
    seq: u64,
    time: String,
    code: &'r str,
    place: &'r str,
    actor: &'r str,
    severity: &'static str,
    trust: &'static str,
    body: &'r BTreeMap<String, String>,
}

/// Its routes.
pub(super) fn routes() -> Vec<Route> {
    let (need, what) = (Need::Right(Right::JournalRead), "Records of the journal.");
    let route = Route::get("/api/v1/journal", need, what, journal).gives::<RecordsAnswer<'static>>();
    let query = const {
        &[
            one("after", "Only records with higher numbers; the page begins there."),
            one("code", "Only this code; all that begin with it, if it ends in `.` or `*`."),
            one("place", "Only this place; `device` and `door` mean the same."),
            one("device", "Only this device."),
            one("door", "Only this door."),
            one("from", "Only from this time on, in RFC 3339; the page begins there."),
            one("to", "Only before this time, in RFC 3339."),
            one("limit", "1 to 1000 records; 100, else."),
        ]
    };
    vec![route.query(query)]
}

/// The handler.
pub(super) async fn journal(
    State(web): State<Arc<Web>>,
    RawQuery(raw): RawQuery,
) -> Result<Response, Problem> {
    let filter = filter(raw.as_deref())?;
    let newest_first = filter.newest_first;
    let mut records = web.context.journal.page(filter).await.map_err(Problem::store)?;
    if newest_first {
        records.reverse();
    }
    json(&RecordsAnswer { records: records.iter().map(RecordAnswer::new).collect() })
}

fn filter(raw: Option<&str>) -> Result<JournalFilter, Problem> {
    let query = Query::parse(raw, &["after", "code", "place", "device", "door", "from", "to", "limit"])?;
    let span = span(&query)?;
    Ok(JournalFilter {
        limit: query.number("limit", 1..=MAX_RECORDS)?.unwrap_or(USUAL_RECORDS),
        newest_first: span.after.is_none() && span.from.is_none(),
        ..span
    })
}

/// Which records a query asks for, without how many; also an export's.
pub(super) fn span(query: &Query) -> Result<JournalFilter, Problem> {
    let mut place = None;
    for key in ["place", "device", "door"] {
        if let Some(value) = query.one(key)?
            && let Some(other) = place.replace(value)
        {
            return Err(Problem::bad(format!("two places, `{other}` and `{value}`: ask for one")));
        }
    }
    let (from, to) = (query.time("from")?, query.time("to")?);
    if from.zip(to).is_some_and(|(from, to)| from > to) {
        return Err(Problem::bad("`from` is later than `to`"));
    }
    Ok(JournalFilter {
        after: query.number("after", 0..=u64::MAX)?,
        before: query.number("before", 0..=u64::MAX)?,
        code: query.one("code")?.map(str::to_owned),
        place: place.map(str::to_owned),
        from,
        to,
        ..JournalFilter::default()
    })
}

impl<'r> RecordAnswer<'r> {
    /// The record's public part.
    pub(super) fn new(record: &'r Record) -> Self {
        Self {
            seq: record.seq,
            time: record.wall.rfc3339(),
            code: &record.code,
            place: &record.place,
            actor: &record.actor,
            severity: record.severity.as_str(),
            trust: record.trust.as_str(),
            body: &record.body,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_page_begins_where_it_is_asked_to_else_it_is_the_newest() {
        assert!(filter(None).unwrap().newest_first);
        assert!(filter(Some("code=door.*&to=2026-11-23T00:00:00Z")).unwrap().newest_first);
        assert!(!filter(Some("after=0")).unwrap().newest_first);
        assert!(!filter(Some("from=2026-11-23T00:00:00Z")).unwrap().newest_first);
        assert_eq!(filter(None).unwrap().limit, 100);
    }

    #[test]
    fn device_and_door_are_places() {
        assert_eq!(filter(Some("device=ups-a")).unwrap().place.as_deref(), Some("ups-a"));
        assert_eq!(filter(Some("door=main")).unwrap().place.as_deref(), Some("main"));
        assert!(filter(Some("device=ups-a&door=main")).is_err());
    }

    #[test]
    fn spans_and_limits_that_cannot_be_are_refused() {
        for wrong in
            ["from=2026-11-23T00:00:00Z&to=2026-11-22T00:00:00Z", "limit=0", "limit=1001", "after=-1"]
        {
            assert!(filter(Some(wrong)).is_err(), "{wrong}");
        }
    }
}
