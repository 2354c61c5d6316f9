//! The one task that feeds the stream: collects changes, formats each batch once for all readers.
//!
//! A reading is sent when its value or quality is another, and now and then when only its time is, so that ages
//! stay true without sending every answer of every device.

use std::{collections::BTreeSet, sync::Arc, time::Duration};

use serde::Serialize;
use tokio::{
    sync::{broadcast, watch},
    time::{MissedTickBehavior, interval},
};

use super::{Web, journal::RecordAnswer, shown::Shown, words::Words};
use crate::model::{Changes, Language, PointRef, Reading, Record, Snapshot, Wall};

/// At most five batches a second.
const BATCH_PERIOD: Duration = Duration::from_millis(200);

/// A point whose answers all say the same is sent this often.
const REFRESH: Duration = Duration::from_secs(5);

#[derive(Serialize)]
struct ReadingsEvent<'s> {
    readings: Vec<ReadingEvent<'s>>,
}

#[derive(Serialize)]
struct ReadingEvent<'s> {
    device: &'s str,
    point: &'s str,
    value: Option<serde_json::Value>,
    quality: &'static str,
    time: Option<String>,
    text: TextEvent,
}

/// The formatted value, once per language.
#[derive(Serialize)]
struct TextEvent {
    en: String,
    vi: String,
}

/// What has been sent and what waits.
pub(super) struct Feed {
    web: Arc<Web>,
    changes: broadcast::Receiver<Arc<Changes>>,
    records: broadcast::Receiver<Arc<Record>>,
    waiting: BTreeSet<PointRef>,
    /// The last batch was taken from this one.
    sent: Arc<Snapshot>,
    /// When each point was last sent; one list for each device.
    sent_at: Vec<Vec<Wall>>,
}

impl Feed {
    /// Listens from now on.
    pub(super) fn new(web: Arc<Web>) -> Self {
        let (changes, records) = (web.context.changes.subscribe(), web.context.records.subscribe());
        let sent = web.snapshot();
        let devices = web.context.plant.devices.iter();
        let sent_at = devices.map(|device| vec![Wall::default(); device.points.len()]).collect();
        Self { web, changes, records, waiting: BTreeSet::new(), sent, sent_at }
    }

    /// Feeds the stream until the program stops.
    pub(super) async fn run(mut self, mut stopping: watch::Receiver<bool>) {
        let mut tick = interval(BATCH_PERIOD);
        tick.set_missed_tick_behavior(MissedTickBehavior::Delay);
        loop {
            tokio::select! {
                changes = self.changes.recv() => match changes {
                    Ok(changes) => self.waiting.extend(&changes.points),
                    Err(broadcast::error::RecvError::Lagged(_)) => self.wait_for_all(),
                    Err(broadcast::error::RecvError::Closed) => return,
                },
                record = self.records.recv() => match record {
                    Ok(record) => self.send_record(&record),
                    Err(broadcast::error::RecvError::Lagged(_)) => self.web.hub.publish("reset", "{}"),
                    Err(broadcast::error::RecvError::Closed) => return,
                },
                _ = tick.tick(), if !self.waiting.is_empty() => self.send_batch(),
                _ = stopping.wait_for(|stopping| *stopping) => return,
            }
        }
    }

    /// Changes were lost: look at every point.
    fn wait_for_all(&mut self) {
        for (device, _, info) in self.web.context.plant.iter() {
            self.waiting.extend(info.iter().map(|(point, _)| PointRef { device, point }));
        }
    }

    fn send_record(&self, record: &Record) {
        if let Ok(data) = serde_json::to_string(&RecordAnswer::new(record)) {
            self.web.hub.publish("record", &data);
        }
    }

    fn send_batch(&mut self) {
        let (web, snapshot) = (Arc::clone(&self.web), self.web.snapshot());
        let mut readings = Vec::new();
        for at in std::mem::take(&mut self.waiting) {
            let Some(reading) = snapshot.reading(at) else { continue };
            if self.is_news(at, reading, snapshot.time) {
                readings.extend(ReadingEvent::new(&web, at, reading));
            }
        }
        self.sent = snapshot;
        if readings.is_empty() {
            return;
        }
        if let Ok(data) = serde_json::to_string(&ReadingsEvent { readings }) {
            web.hub.publish("reading", &data);
        }
    }

    fn is_news(&mut self, at: PointRef, reading: &Reading, now: Wall) -> bool {
        let differs = self.sent.reading(at).is_none_or(|sent| sent.differs(reading));
        let device = self.sent_at.get_mut(usize::from(at.device.0));
        let Some(sent_at) = device.and_then(|points| points.get_mut(usize::from(at.point.0))) else {
            return differs;
        };
        let news = differs || now.since(*sent_at) >= REFRESH;
        if news {
            *sent_at = now;
        }
        news
    }
}

impl<'s> ReadingEvent<'s> {
    fn new(web: &'s Web, at: PointRef, reading: &Reading) -> Option<Self> {
        let (device, info) = web.context.plant.device(at.device)?;
        let point = info.point(at.point)?;
        let text = |language| Shown::new(&Words::new(&web.context.texts, language), point, reading).text;
        Some(Self {
            device: device.id.as_str(),
            point: point.name.as_str(),
            value: reading.value().map(crate::model::Value::to_json),
            quality: reading.quality().as_str(),
            time: reading.time().map(Wall::rfc3339),
            text: TextEvent { en: text(Language::English), vi: text(Language::Vietnamese) },
        })
    }
}
