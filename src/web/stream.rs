//! `GET /api/v1/stream`: server-sent events for any number of readers from one bounded ring.
//!
//! Frames are formatted once (by [`super::feed`]) and numbered; every reader is a cursor over the ring. A reader
//! that was away says where it stopped (`Last-Event-ID`, or `after=` for the first connection of a page that was
//! rendered at that id) and gets what it missed; if the ring no longer has it, it gets `reset` and reloads.
//!
//! Terms: *frame* — one event, ready to send; *epoch* — one run of the program; an event's id is `epoch:n`.

use std::{
    collections::VecDeque,
    convert::Infallible,
    sync::{Arc, Mutex, MutexGuard, PoisonError},
    time::Duration,
};

use axum::{
    Extension,
    body::{Body, Bytes},
    extract::{RawQuery, State},
    http::{HeaderMap, HeaderName, header},
    response::{IntoResponse, Response},
};
use tokio::sync::{OwnedSemaphorePermit, Semaphore, watch};

use super::{
    Web,
    problem::Problem,
    query::Query,
    route::{Route, SEES, one},
};
use crate::{accounts::Caller, model::Mono};

/// Most readers at a time.
const MAX_READERS: usize = 200;

/// The ring's bounds.
const MAX_FRAMES: usize = 1024;
const MAX_BYTES: usize = 4 << 20;

/// Silence after which a comment is sent, so that both ends know that the line lives.
const HEARTBEAT: Duration = Duration::from_secs(15);

/// How often it is looked whether a reader still may read: whoever is ended is out within a second (R-LEAVER).
const LOOK: Duration = Duration::from_secs(1);

/// Without a reader, and without a page from which one may come, the stream sleeps after so long.
const ATTENTION: Duration = Duration::from_secs(60);

/// How long a browser waits before it connects again, ms.
const RETRY: &str = "retry: 2000\n\n";

/// The ring and who waits on it.
pub(super) struct Hub {
    epoch: String,
    ring: Mutex<Ring>,
    newest: watch::Sender<u64>,
    readers: Arc<Semaphore>,
    /// When a page or a reader last asked.
    asked: Mutex<Option<Mono>>,
}

#[derive(Default)]
struct Ring {
    /// The newest frame has number `newest`, the others count down from there.
    frames: VecDeque<Bytes>,
    newest: u64,
    bytes: usize,
}

/// What a reader has not yet had.
#[derive(Debug, PartialEq, Eq)]
enum Missed {
    /// All of it, up to this number.
    Frames(Vec<Bytes>, u64),
    /// More than the ring holds, or an id that is not of this run; the newest number.
    Gap(u64),
}

impl Hub {
    /// An empty ring; `epoch` tells this run from others.
    pub(super) fn new(epoch: String) -> Self {
        let readers = Arc::new(Semaphore::new(MAX_READERS));
        Self {
            epoch,
            ring: Mutex::default(),
            newest: watch::Sender::new(0),
            readers,
            asked: Mutex::default(),
        }
    }

    /// Someone asks for pages or the stream.
    pub(super) fn ask(&self, now: Mono) {
        *self.asked.lock().unwrap_or_else(PoisonError::into_inner) = Some(now);
    }

    /// Whether anyone reads, or may soon: formatting for nobody would be most of an idle gateway's work.
    pub(super) fn is_watched(&self, now: Mono) -> bool {
        let asked = *self.asked.lock().unwrap_or_else(PoisonError::into_inner);
        let reading = self.readers.available_permits() < MAX_READERS;
        reading || asked.is_some_and(|asked| now.since(asked) < ATTENTION)
    }

    /// Forgets all frames, so that whoever comes back with an old id is told to load anew.
    pub(super) fn forget(&self) {
        let mut ring = self.lock();
        (ring.frames, ring.bytes) = (VecDeque::new(), 0);
        ring.newest += 1;
    }

    /// Sends an event to every reader; `data` is one line.
    pub(super) fn publish(&self, event: &str, data: &str) {
        let mut ring = self.lock();
        ring.newest += 1;
        let (epoch, n) = (&self.epoch, ring.newest);
        let frame = Bytes::from(format!("id: {epoch}:{n}\nevent: {event}\ndata: {data}\n\n"));
        ring.bytes += frame.len();
        ring.frames.push_back(frame);
        while ring.frames.len() > MAX_FRAMES || ring.bytes > MAX_BYTES {
            ring.bytes -= ring.frames.pop_front().map_or(0, |frame| frame.len());
        }
        drop(ring);
        self.newest.send_replace(n);
    }

    /// [`Hub::publish`] for an answer as JSON.
    pub(super) fn publish_json(&self, event: &str, answer: &impl serde::Serialize) {
        match serde_json::to_string(answer) {
            Ok(data) => self.publish(event, &data),
            Err(error) => tracing::error!(%error, "an event cannot be written"),
        }
    }

    /// The id of the newest event: what a page rendered now has seen. Its reader will come soon.
    pub(super) fn position(&self, now: Mono) -> String {
        self.ask(now);
        format!("{}:{}", self.epoch, self.lock().newest)
    }

    /// The number in an id of this run.
    fn number(&self, id: &str) -> Option<u64> {
        let (epoch, n) = id.split_once(':')?;
        n.parse().ok().filter(|_| epoch == self.epoch)
    }

    fn since(&self, number: Option<u64>) -> Missed {
        let ring = self.lock();
        let missed = number.and_then(|number| ring.newest.checked_sub(number));
        let missed = missed.and_then(|missed| usize::try_from(missed).ok());
        match missed.and_then(|missed| ring.frames.len().checked_sub(missed)) {
            Some(start) => Missed::Frames(ring.frames.range(start..).cloned().collect(), ring.newest),
            None => Missed::Gap(ring.newest),
        }
    }

    fn lock(&self) -> MutexGuard<'_, Ring> {
        self.ring.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

/// One connection.
struct Reader {
    web: Arc<Web>,
    caller: Caller,
    /// The last number sent; `None` when the reader's id is not of this run.
    at: Option<u64>,
    newest: watch::Receiver<u64>,
    stopping: watch::Receiver<bool>,
    greeted: bool,
    _place: OwnedSemaphorePermit,
}

/// Its routes.
pub(super) fn routes() -> Vec<Route> {
    let route =
        Route::get("/api/v1/stream", SEES, "What changes, as server-sent events, without an end.", stream);
    let query = const { &[one("after", "The id of the last event that the reader has seen.")] };
    vec![route.media_types(&["text/event-stream"]).query(query).problems(&[503])]
}

/// The handler.
pub(super) async fn stream(
    State(web): State<Arc<Web>>,
    Extension(caller): Extension<Caller>,
    RawQuery(raw): RawQuery,
    headers: HeaderMap,
) -> Result<Response, Problem> {
    let query = Query::parse(raw.as_deref(), &["after"])?;
    web.hub.ask(web.now().mono);
    let place = Arc::clone(&web.hub.readers).try_acquire_owned();
    let place = place.map_err(|_| Problem::unavailable(format!("{MAX_READERS} streams are open already")))?;
    let last = headers.get("last-event-id").and_then(|id| id.to_str().ok());
    let newest = web.hub.newest.subscribe();
    let at = match last.or(query.one("after")?) {
        Some(id) => web.hub.number(id),
        None => Some(*newest.borrow()),
    };
    let stopping = web.stopping.clone();
    let reader = Reader { web, caller, at, newest, stopping, greeted: false, _place: place };
    let body = Body::from_stream(futures_util::stream::unfold(reader, next));
    let headers = [
        (header::CONTENT_TYPE, "text/event-stream"),
        (header::CACHE_CONTROL, "no-store"),
        (HeaderName::from_static("x-accel-buffering"), "no"),
    ];
    Ok((headers, body).into_response())
}

/// The next piece of a reader's stream: what it missed, else a heartbeat; the end when the program stops, or the reader's
/// session or token is over.
async fn next(mut reader: Reader) -> Option<(Result<Bytes, Infallible>, Reader)> {
    if !std::mem::replace(&mut reader.greeted, true) {
        return Some((Ok(Bytes::from_static(RETRY.as_bytes())), reader));
    }
    let mut silence = Duration::ZERO;
    loop {
        if !reader.web.context.accounts.still_counts(&reader.caller) {
            return None;
        }
        reader.newest.borrow_and_update();
        let piece = match reader.web.hub.since(reader.at) {
            Missed::Frames(frames, at) => {
                reader.at = Some(at);
                frames.concat()
            }
            Missed::Gap(at) => {
                reader.at = Some(at);
                let epoch = &reader.web.hub.epoch;
                format!("id: {epoch}:{at}\nevent: reset\ndata: {{}}\n\n").into_bytes()
            }
        };
        if !piece.is_empty() {
            return Some((Ok(Bytes::from(piece)), reader));
        }
        tokio::select! {
            changed = reader.newest.changed() => changed.ok()?,
            _ = reader.stopping.wait_for(|stopping| *stopping) => return None,
            () = tokio::time::sleep(LOOK) => silence += LOOK,
        }
        if silence >= HEARTBEAT {
            return Some((Ok(Bytes::from_static(b": \n\n")), reader));
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn frames(hub: &Hub, number: u64) -> usize {
        match hub.since(Some(number)) {
            Missed::Frames(frames, _) => frames.len(),
            Missed::Gap(_) => panic!("a gap"),
        }
    }

    #[test]
    fn a_reader_gets_exactly_what_it_missed() {
        let hub = Hub::new("e".into());
        for n in 0..5 {
            hub.publish("record", &n.to_string());
        }
        assert_eq!((frames(&hub, 5), frames(&hub, 3), frames(&hub, 0)), (0, 2, 5));
        let Missed::Frames(frames, 5) = hub.since(Some(4)) else { panic!("frames up to 5") };
        assert_eq!(frames, [&b"id: e:5\nevent: record\ndata: 4\n\n"[..]]);
    }

    #[test]
    fn the_ring_is_bounded_and_what_fell_out_is_a_gap() {
        let hub = Hub::new("e".into());
        for _ in 0..=MAX_FRAMES {
            hub.publish("record", "{}");
        }
        assert_eq!(hub.since(Some(0)), Missed::Gap(1025));
        assert_eq!(frames(&hub, 1), MAX_FRAMES);
        let large = "x".repeat(MAX_BYTES / 2);
        for _ in 0..3 {
            hub.publish("record", &large);
        }
        assert!(hub.lock().bytes <= MAX_BYTES);
        assert_eq!(hub.lock().frames.len(), 1);
    }

    #[test]
    fn ids_of_another_run_or_of_the_future_are_a_gap() {
        let hub = Hub::new("e".into());
        hub.publish("record", "{}");
        assert_eq!(hub.number("e:1"), Some(1));
        assert_eq!((hub.number("f:1"), hub.number("e:x"), hub.number("1")), (None, None, None));
        assert_eq!(hub.since(None), Missed::Gap(1));
        assert_eq!(hub.since(Some(2)), Missed::Gap(1));
    }
}
