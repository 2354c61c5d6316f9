//! `GET /api/v1/journal/export`: records with their proof, as a file for others. A right of its own; each is a record
//! (R-EXPORT).

use std::{fs::File, io::Read, sync::Arc};

use axum::{
    Extension,
    body::Body,
    extract::{RawQuery, State},
    http::{HeaderValue, StatusCode, header},
    response::{IntoResponse, Response},
};
use tokio::task::spawn_blocking;

use super::{
    Web,
    journal::span,
    problem::Problem,
    query::Query,
    route::{Need, Route, one},
};
use crate::{
    accounts::Caller,
    evidence::{Exported, NotKept, Wanted},
    model::{PersonId, Right},
};

/// So much is read from the file at once.
const PIECE: usize = 64 * 1024;

/// Its routes.
pub(super) fn routes() -> Vec<Route> {
    let (need, what) = (Need::Right(Right::Export), "Records with their proof, as a zip file for others.");
    let query = const {
        &[
            one("why", "Why they are given away; goes into the journal."),
            one("after", "Only records with higher numbers."),
            one("before", "Only records with lower numbers."),
            one("code", "Only this code; all that begin with it, if it ends in `.` or `*`."),
            one("place", "Only this place; `device` and `door` mean the same."),
            one("device", "Only this device."),
            one("door", "Only this door."),
            one("person", "Only records that name this person, such as p7."),
            one("from", "Only from this time on, in RFC 3339."),
            one("to", "Only before this time, in RFC 3339."),
        ]
    };
    let route = Route::get("/api/v1/journal/export", need, what, export).media_types(&["application/zip"]);
    vec![route.query(query).problems(&[422, 503])]
}

/// The handler.
async fn export(
    State(web): State<Arc<Web>>,
    Extension(caller): Extension<Caller>,
    RawQuery(raw): RawQuery,
) -> Result<Response, Problem> {
    let wanted = wanted(raw.as_deref())?;
    let exported = web.context.evidence.export(&caller, wanted).await.map_err(|error| match error {
        NotKept::Busy => Problem::unavailable(error.to_string()),
        error if error.is_refusal() => Problem::wrong(error.to_string()),
        error => Problem::store(error),
    })?;
    answer(&exported)
}

fn wanted(raw: Option<&str>) -> Result<Wanted, Problem> {
    let known = ["why", "after", "before", "code", "place", "device", "door", "person", "from", "to"];
    let query = Query::parse(raw, &known)?;
    let filter = span(&query)?;
    let person = query.one("person")?.map(|text| {
        PersonId::parse(text)
            .ok_or_else(|| Problem::bad(format!("`person={text}` is no person: one such as p7")))
    });
    let why =
        query.one("why")?.ok_or_else(|| Problem::bad("`why` is missing: say why they are given away"))?;
    Ok(Wanted { filter, person: person.transpose()?, why: why.to_owned() })
}

/// The file, which is deleted at once and gone when the answer is.
fn answer(exported: &Exported) -> Result<Response, Problem> {
    let file = File::open(&exported.file).map_err(Problem::store)?;
    let body = Body::from_stream(futures_util::stream::unfold(Some(file), piece));
    let name = format!("attachment; filename=\"hallward-log-{}.zip\"", exported.record);
    let mut response = (StatusCode::OK, body).into_response();
    let headers = response.headers_mut();
    headers.insert(header::CONTENT_TYPE, HeaderValue::from_static("application/zip"));
    headers.insert(header::CACHE_CONTROL, HeaderValue::from_static("no-store"));
    headers.insert(header::CONTENT_DISPOSITION, HeaderValue::from_str(&name).map_err(Problem::store)?);
    Ok(response)
}

/// The next piece of the file, and the rest of it.
async fn piece(file: Option<File>) -> Option<(std::io::Result<Vec<u8>>, Option<File>)> {
    let mut file = file?;
    let read = spawn_blocking(move || {
        let mut bytes = vec![0; PIECE];
        let count = file.read(&mut bytes)?;
        bytes.truncate(count);
        Ok((bytes, file))
    });
    match read.await.map_err(std::io::Error::other).and_then(|read| read) {
        Ok((bytes, _)) if bytes.is_empty() => None,
        Ok((bytes, file)) => Some((Ok(bytes), Some(file))),
        Err(error) => Some((Err(error), None)),
    }
}
