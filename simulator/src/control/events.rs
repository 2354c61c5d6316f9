//! What has truly happened: as a list, or as a stream for who asks for `text/event-stream`.
//!
//! A stream begins after `after`, or after the last event that the client has seen (`Last-Event-ID`), and waits for
//! what comes. The hall keeps the last 10 000 events: who falls behind further misses some, and sees it by the numbers.

use std::{collections::VecDeque, convert::Infallible, sync::Arc};

use axum::{
    Json,
    extract::State,
    http::{HeaderMap, header},
    response::{
        IntoResponse, Response, Sse,
        sse::{self, KeepAlive},
    },
};
use futures_util::stream::{self, Stream};
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use super::{Shared, body::Keys, problem::Answer, route::Route};
use crate::{hall::Hall, physics::Event};

pub(super) fn routes() -> Vec<Route> {
    vec![
        Route::get(
            "/events",
            "what has truly happened; as a stream with `Accept: text/event-stream`",
            events,
        )
        .query(&[("after", "only events with a greater number; 0 when absent")])
        .gives::<Events>()
        .problems(&[400]),
    ]
}

/// What has happened.
#[derive(Serialize, JsonSchema)]
struct Events {
    /// The oldest first.
    events: Vec<Event>,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct After {
    after: Option<u64>,
}

async fn events(
    State(shared): State<Arc<Shared>>,
    Keys(After { after }): Keys<After>,
    headers: HeaderMap,
) -> Answer<Response> {
    let told = |name| headers.get(name).and_then(|value| value.to_str().ok());
    if told(header::ACCEPT).is_some_and(|accepted| accepted.contains("text/event-stream")) {
        let seen = told(header::HeaderName::from_static("last-event-id")).and_then(|id| id.parse().ok());
        let after = seen.or(after).unwrap_or(0);
        let stream = Sse::new(stream(Arc::clone(&shared.hall), after));
        return Ok(stream.keep_alive(KeepAlive::default()).into_response());
    }
    Ok(Json(Events { events: shared.hall.events(after.unwrap_or(0)) }).into_response())
}

fn stream(hall: Arc<Hall>, after: u64) -> impl Stream<Item = Result<sse::Event, Infallible>> {
    stream::unfold((hall, after, VecDeque::new()), async |(hall, mut after, mut waiting)| {
        while waiting.is_empty() {
            let mut happened = std::pin::pin!(hall.happened.notified());
            // From here on nothing is missed, whatever happens before it is awaited.
            happened.as_mut().enable();
            waiting.extend(hall.events(after));
            if waiting.is_empty() {
                happened.await;
            }
        }
        let event: Event = waiting.pop_front()?;
        after = event.seq;
        let data = serde_json::to_string(&event).unwrap_or_default();
        let told = sse::Event::default().id(event.seq.to_string()).event("event").data(data);
        Some((Ok(told), (hall, after, waiting)))
    })
}
