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

use super::{Web, hall::abnormal, health, journal::RecordAnswer, shown::Shown, words::Words};
use crate::model::{Changes, DoorsView, Language, Plant, PointRef, Reading, Record, Snapshot, Wall};

/// At most five batches a second.
const BATCH_PERIOD: Duration = Duration::from_millis(200);

/// A point whose answers all say the same is sent this often.
const REFRESH: Duration = Duration::from_secs(5);

/// After so long without news an empty batch says that the hall still lives.
const SIGN_OF_LIFE: Duration = Duration::from_secs(5);

#[derive(Serialize)]
struct ReadingsEvent<'s> {
    readings: Vec<ReadingEvent<'s>>,
    /// Whether a state or a quality is another, not only a number: words and drawings may be others then.
    states: bool,
}

#[derive(Serialize)]
struct ReadingEvent<'s> {
    device: &'s str,
    point: &'s str,
    value: Option<serde_json::Value>,
    quality: &'static str,
    /// From 1 to 4, if the value is abnormal.
    #[serde(skip_serializing_if = "Option::is_none")]
    priority: Option<u8>,
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
    doors: watch::Receiver<Arc<DoorsView>>,
    /// Doors as they were last sent.
    sent_doors: Arc<DoorsView>,
    waiting: BTreeSet<PointRef>,
    /// The last batch was taken from this one.
    sent: Arc<Snapshot>,
    /// When each point was last sent; one list for each device.
    sent_at: Vec<Vec<Wall>>,
    /// Whether nobody reads: then nothing is collected or formatted.
    asleep: bool,
}

impl Feed {
    /// Listens from now on.
    pub(super) fn new(web: Arc<Web>) -> Self {
        let (changes, records) = (web.context.changes.subscribe(), web.context.records.subscribe());
        let sent = web.snapshot();
        let sent_at = never(&sent.plant);
        let asleep = !web.hub.is_watched(web.now().mono);
        let mut doors = web.context.access.desk.view.clone();
        let sent_doors = Arc::clone(&doors.borrow_and_update());
        Self { web, changes, records, doors, sent_doors, waiting: BTreeSet::new(), sent, sent_at, asleep }
    }

    /// Feeds the stream until the program stops.
    pub(super) async fn run(mut self, mut stopping: watch::Receiver<bool>) {
        let mut tick = interval(BATCH_PERIOD);
        tick.set_missed_tick_behavior(MissedTickBehavior::Delay);
        let mut life = interval(SIGN_OF_LIFE);
        life.reset();
        loop {
            tokio::select! {
                changes = self.changes.recv() => match changes {
                    Ok(changes) => if !self.asleep { self.waiting.extend(&changes.points) },
                    Err(broadcast::error::RecvError::Lagged(_)) => self.wait_for_all(),
                    Err(broadcast::error::RecvError::Closed) => return,
                },
                record = self.records.recv() => match record {
                    Ok(record) => self.send_record(&record),
                    Err(broadcast::error::RecvError::Lagged(_)) => self.web.hub.publish("reset", "{}"),
                    Err(broadcast::error::RecvError::Closed) => return,
                },
                Ok(()) = self.doors.changed() => self.send_doors(),
                _ = tick.tick() => {
                    self.look_for_readers();
                    if !self.waiting.is_empty() && self.send_batch() {
                        life.reset();
                    }
                }
                _ = life.tick() => self.send_life(),
                _ = stopping.wait_for(|stopping| *stopping) => return,
            }
        }
    }

    /// Falls asleep when nobody reads any more, wakes when somebody may.
    fn look_for_readers(&mut self) {
        let watched = self.web.hub.is_watched(self.web.now().mono);
        if watched && self.asleep {
            self.wait_for_all();
        } else if !watched && !self.asleep {
            self.waiting.clear();
            self.web.hub.forget();
        }
        self.asleep = !watched;
    }

    /// Changes were lost: look at every point.
    fn wait_for_all(&mut self) {
        for (device, _, info) in self.web.snapshot().plant.iter() {
            self.waiting.extend(info.iter().map(|(point, _)| PointRef { device, point }));
        }
    }

    /// The stream is for all who may see the hall; what happens to accounts is not.
    fn send_record(&self, record: &Record) {
        if record.is_of_accounts() {
            return;
        }
        self.web.hub.publish_json("record", &RecordAnswer::new(record));
    }

    /// Sends each door that is another than it was.
    fn send_doors(&mut self) {
        let view = Arc::clone(&self.doors.borrow_and_update());
        for door in view.doors.iter().filter(|door| !self.sent_doors.doors.contains(door)) {
            self.web.hub.publish_json("door", &self.web.context.access.door_line(door));
        }
        self.sent_doors = view;
    }

    /// Sends what waits; whether there was anything to send.
    fn send_batch(&mut self) -> bool {
        let (web, snapshot) = (Arc::clone(&self.web), self.web.snapshot());
        if !Arc::ptr_eq(&snapshot.plant, &self.sent.plant) {
            self.begin_anew(snapshot);
            return true;
        }
        let (mut readings, mut states) = (Vec::new(), false);
        for at in std::mem::take(&mut self.waiting) {
            let Some(reading) = snapshot.reading(at) else { continue };
            if self.is_news(at, reading, snapshot.time) {
                states |= self.sent.reading(at).is_none_or(|sent| is_another_state(sent, reading));
                readings.extend(ReadingEvent::new(&web, &snapshot.plant, at, reading));
            }
        }
        let any = !readings.is_empty();
        if any {
            web.hub.publish_json("reading", &ReadingsEvent { readings, states });
        }
        self.sent = snapshot;
        any
    }

    /// The site file has been read again: every page is to be loaded anew.
    fn begin_anew(&mut self, snapshot: Arc<Snapshot>) {
        self.waiting.clear();
        self.sent_at = never(&snapshot.plant);
        self.sent = snapshot;
        self.web.hub.publish("reset", "{}");
    }

    /// An empty batch, as long as the owner of the live state moves.
    fn send_life(&self) {
        if health::is_moving(&self.web) {
            let empty = ReadingsEvent { readings: Vec::new(), states: false };
            self.web.hub.publish_json("reading", &empty);
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

/// No point has been sent yet.
fn never(plant: &Plant) -> Vec<Vec<Wall>> {
    plant.devices.iter().map(|device| vec![Wall::default(); device.points.len()]).collect()
}

fn is_another_state(sent: &Reading, now: &Reading) -> bool {
    let number = |reading: &Reading| reading.value().is_some_and(|value| value.number().is_some());
    sent.quality() != now.quality() || (!number(now) && sent.value() != now.value())
}

impl<'s> ReadingEvent<'s> {
    fn new(web: &Web, plant: &'s Plant, at: PointRef, reading: &Reading) -> Option<Self> {
        let (device, info) = plant.device(at.device)?;
        let point = info.point(at.point)?;
        let text = |language| Shown::new(&Words::new(&web.context.texts, language), point, reading).text;
        Some(Self {
            device: device.id.as_str(),
            point: point.name.as_str(),
            value: reading.value().map(crate::model::Value::to_json),
            quality: reading.quality().as_str(),
            priority: reading.value().and_then(|value| abnormal::priority(point, value)),
            time: reading.time().map(Wall::rfc3339),
            text: TextEvent { en: text(Language::English), vi: text(Language::Vietnamese) },
        })
    }
}
