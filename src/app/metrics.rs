//! `/metrics` in Prometheus' text form, made at each scrape from the counters of every part. A point has a sample only
//! while its quality is good.

use std::sync::{Arc, atomic::Ordering};

use prometheus_client::{
    encoding::{EncodeLabelSet, text::encode},
    metrics::{counter::Counter, family::Family, gauge::Gauge},
    registry::Registry,
};
use tokio::sync::watch;

use crate::{
    bus::{LineHandle, Lines, Reports},
    deliver::MqttStatus,
    model::{Snapshot, Value},
    store::History,
};

/// Where the numbers come from.
pub(super) struct Metrics {
    /// The live state, and what is wired.
    pub snapshot: watch::Receiver<Arc<Snapshot>>,
    /// The lines that run.
    pub lines: watch::Receiver<Arc<Lines>>,
    /// The queue from the lines.
    pub reports: Arc<Reports>,
    /// History's numbers.
    pub history: History,
    /// The broker, if there is one.
    pub mqtt: Option<Arc<MqttStatus>>,
}

#[derive(Clone, Debug, PartialEq, Eq, Hash, EncodeLabelSet)]
struct PointLabels {
    device: String,
    point: String,
    unit: String,
}

#[derive(Clone, Debug, PartialEq, Eq, Hash, EncodeLabelSet)]
struct DeviceLabels {
    device: String,
}

#[derive(Clone, Debug, PartialEq, Eq, Hash, EncodeLabelSet)]
struct LineLabels {
    line: String,
    result: String,
}

type Number = Gauge<f64, std::sync::atomic::AtomicU64>;

impl Metrics {
    /// The whole page.
    #[must_use]
    pub(super) fn text(&self) -> String {
        let mut registry = Registry::with_prefix("hallward");
        self.points(&mut registry);
        self.lines(&mut registry);
        self.queues(&mut registry);
        let mut text = String::new();
        match encode(&mut text, &registry) {
            Ok(()) => text,
            Err(_) => String::new(),
        }
    }

    fn points(&self, registry: &mut Registry) {
        let values = Family::<PointLabels, Number>::default();
        let online = Family::<DeviceLabels, Gauge>::default();
        registry.register("point_value", "Good values; words have no number", values.clone());
        registry.register("device_online", "1 while the device answers", online.clone());
        let snapshot = Arc::clone(&self.snapshot.borrow());
        for ((_, device, info), state) in snapshot.plant.iter().zip(&snapshot.devices) {
            if let Some(answers) = state.online {
                let labels = DeviceLabels { device: device.id.to_string() };
                online.get_or_create(&labels).set(i64::from(answers));
            }
            for ((_, point), reading) in info.iter().zip(&state.readings) {
                let Some(number) = reading.fresh().and_then(number) else { continue };
                let labels = PointLabels {
                    device: device.id.to_string(),
                    point: point.name.to_string(),
                    unit: point.unit.map(|unit| unit.symbol().to_owned()).unwrap_or_default(),
                };
                values.get_or_create(&labels).set(number);
            }
        }
    }

    fn lines(&self, registry: &mut Registry) {
        let requests = Family::<LineLabels, Counter>::default();
        registry.register("line_requests", "Requests by how they ended", requests.clone());
        let values = Family::<LineLabels, Counter>::default();
        registry.register("line_values", "Values decoded", values.clone());
        let waited = Family::<LineLabels, Number>::default();
        registry.register("line_busy_seconds", "Time spent on exchanges", waited.clone());
        let lines = Arc::clone(&self.lines.borrow());
        for (line, LineHandle { counters, .. }) in lines.iter() {
            let results = [
                ("answered", &counters.answers),
                ("timeout", &counters.timeouts),
                ("exception", &counters.exceptions),
                ("bad-frame", &counters.bad_frames),
                ("down", &counters.down),
                ("late-answer", &counters.late),
                ("skipped-poll", &counters.skipped),
            ];
            let labels = |result: &str| LineLabels { line: line.to_string(), result: result.to_owned() };
            for (result, count) in results {
                requests.get_or_create(&labels(result)).inc_by(count.get());
            }
            values.get_or_create(&labels("all")).inc_by(counters.values.get());
            #[expect(clippy::cast_precision_loss, reason = "exact for 285 years")]
            waited.get_or_create(&labels("all")).set(counters.busy_us.get() as f64 / 1e6);
        }
    }

    fn queues(&self, registry: &mut Registry) {
        let mut count = |name: &str, help: &str, value: u64| {
            let counter = Counter::<u64>::default();
            counter.inc_by(value);
            registry.register(name, help, counter);
        };
        count("reports_dropped", "Reports of lines that a full queue dropped", self.reports.dropped());
        let history = self.history.statistics();
        count("history_rows", "Rows committed to history", history.rows);
        count("history_dropped", "Batches that a full queue to history dropped", history.batches_dropped);
        count("history_refused", "Rows and states of unknown groups or points", history.refused);
        count("history_lost", "Rows and states lost in a commit that failed", history.lost);
        count("history_upkeep_failures", "Steps of upkeep that failed", history.upkeep_failures);
        if let Some(mqtt) = &self.mqtt {
            count("mqtt_published", "Messages handed to the client", mqtt.published.load(Ordering::Relaxed));
            count("mqtt_acknowledged", "Messages acknowledged", mqtt.acknowledged.load(Ordering::Relaxed));
            count("mqtt_failures", "Connections that broke or failed", mqtt.failures.load(Ordering::Relaxed));
            let connected = Gauge::<i64>::default();
            connected.set(i64::from(mqtt.connected.load(Ordering::Relaxed)));
            registry.register("mqtt_connected", "1 while the broker is connected", connected);
        }
    }
}

fn number(value: &Value) -> Option<f64> {
    value.number().or_else(|| value.flag().map(|flag| f64::from(u8::from(flag))))
}
