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
    model::{PersonId, Record, Right},
    store::JournalFilter,
};

const MAX_RECORDS: usize = 1000;
const USUAL_RECORDS: usize = 100;

/// The most pages that are searched for a person's records.
const MAX_PAGES: usize = 50;

#[derive(Serialize, JsonSchema)]
struct RecordsAnswer<'r> {
    records: Vec<RecordAnswer<'r>>,
    /// With `person`: the search stopped at this number; ask again from there.
    #[serde(skip_serializing_if = "Option::is_none")]
    searched_to: Option<u64>,
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
            one("person", "Only what this person did, or what tells of it; an id such as p7."),
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
    let (filter, person) = filter(raw.as_deref())?;
    let newest_first = filter.newest_first;
    let (mut records, searched_to) = match person {
        None => (web.context.journal.page(filter).await.map_err(Problem::store)?, None),
        Some(person) => of_person(&web, filter, person).await?,
    };
    if newest_first {
        records.reverse();
    }
    json(&RecordsAnswer { records: records.iter().map(RecordAnswer::new).collect(), searched_to })
}

/// Records that a person did, or that tell of it; and, if the search stopped before its end, how far it went.
async fn of_person(
    web: &Web,
    filter: JournalFilter,
    person: PersonId,
) -> Result<(Vec<Record>, Option<u64>), Problem> {
    let id = person.to_string();
    let tells = |record: &Record| {
        record.actor == id || record.place == id || record.body.get("person").is_some_and(|said| *said == id)
    };
    let (limit, mut page) = (filter.limit, JournalFilter { limit: MAX_RECORDS, ..filter });
    let mut found = Vec::new();
    for _ in 0..MAX_PAGES {
        let records = web.context.journal.page(page.clone()).await.map_err(Problem::store)?;
        let last = records.last().map(|record| record.seq);
        let whole = records.len() == MAX_RECORDS;
        found.extend(records.into_iter().filter(|record| tells(record)));
        if found.len() >= limit || !whole {
            found.truncate(limit);
            return Ok((found, None));
        }
        if page.newest_first { page.before = last } else { page.after = last }
    }
    Ok((found, page.before.or(page.after)))
}

/// The filter, and the person that is asked for.
fn filter(raw: Option<&str>) -> Result<(JournalFilter, Option<PersonId>), Problem> {
    let known = ["after", "code", "place", "device", "door", "person", "from", "to", "limit"];
    let query = Query::parse(raw, &known)?;
    let wrong = |text: &str| Problem::bad(format!("`person={text}`: an id such as p7"));
    let person = query.one("person")?.map(|text| PersonId::parse(text).ok_or_else(|| wrong(text)));
    let span = span(&query)?;
    let filter = JournalFilter {
        limit: query.number("limit", 1..=MAX_RECORDS)?.unwrap_or(USUAL_RECORDS),
        newest_first: span.after.is_none() && span.from.is_none(),
        ..span
    };
    Ok((filter, person.transpose()?))
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
        assert!(filter(None).unwrap().0.newest_first);
        assert!(filter(Some("code=door.*&to=2026-11-23T00:00:00Z")).unwrap().0.newest_first);
        assert!(!filter(Some("after=0")).unwrap().0.newest_first);
        assert!(!filter(Some("from=2026-11-23T00:00:00Z")).unwrap().0.newest_first);
        assert_eq!(filter(None).unwrap().0.limit, 100);
    }

    #[test]
    fn device_and_door_are_places() {
        assert_eq!(filter(Some("device=ups-a")).unwrap().0.place.as_deref(), Some("ups-a"));
        assert_eq!(filter(Some("door=main")).unwrap().0.place.as_deref(), Some("main"));
        assert!(filter(Some("device=ups-a&door=main")).is_err());
    }

    #[test]
    fn spans_and_limits_that_cannot_be_are_refused() {
        for wrong in [
            "from=2026-11-23T00:00:00Z&to=2026-11-22T00:00:00Z",
            "limit=0",
            "limit=1001",
            "after=-1",
            "person=Lan",
        ] {
            assert!(filter(Some(wrong)).is_err(), "{wrong}");
        }
    }
}
