//! A value on a page: its text, how it is to look, and what the scripts need to keep it alive.

use super::super::{hall::abnormal, shown::Shown, words::Words};
use crate::model::{Plant, PointRef, Quality, Reading, Snapshot, Wall};

/// One value.
pub(super) struct Cell {
    /// `device/point`.
    pub(super) path: String,
    /// The value's text alone.
    pub(super) value: String,
    /// The same with its age, where it is old.
    pub(super) text: String,
    /// `good`, `stale` or `bad`.
    pub(super) look: &'static str,
    /// Its quality.
    pub(super) quality: Quality,
    /// When it was told, ms since the epoch.
    pub(super) time_ms: Option<i64>,
    /// How old it is.
    pub(super) age: Option<String>,
    /// Its priority, if it is abnormal.
    pub(super) priority: Option<u8>,
}

impl Cell {
    /// The cell of a point.
    pub(super) fn new(
        plant: &Plant,
        words: &Words<'_>,
        snapshot: &Snapshot,
        at: PointRef,
        now: Wall,
    ) -> Option<Self> {
        let (device, info) = plant.device(at.device)?;
        let point = info.point(at.point)?;
        let reading = snapshot.reading(at)?;
        let shown = Shown::new(words, point, reading);
        let age = reading.time().map(|time| words.age(time, now));
        let text = match (&age, reading.quality()) {
            (Some(age), Quality::Stale) => format!("{} · {age}", shown.text),
            _ => shown.text.clone(),
        };
        Some(Self {
            path: format!("{}/{}", device.id, point.name),
            text,
            look: shown.look(),
            quality: shown.quality,
            value: shown.text,
            time_ms: reading.time().map(|time| time.0 / 1000),
            age,
            priority: Reading::fresh(reading).and_then(|value| abnormal::priority(point, value)),
        })
    }

    /// Its classes.
    pub(super) fn classes(&self) -> String {
        match self.priority {
            Some(priority) => format!("value {} p{priority}", self.look),
            None => format!("value {}", self.look),
        }
    }

    /// The key of its quality.
    pub(super) fn quality_key(&self) -> String {
        format!("quality-{}", self.quality)
    }
}
