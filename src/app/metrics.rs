//! `/metrics` in Prometheus' text form, made at each scrape from the counters of every part. A point has a sample only
//! while its quality is good.

use std::sync::{
    Arc,
    atomic::{AtomicBool, AtomicU64, Ordering},
};

use prometheus_client::{
    encoding::{EncodeLabelSet, text::encode},
    metrics::{counter::Counter, family::Family, gauge::Gauge},
    registry::{Registry, Unit},
};
use tokio::sync::watch;

use crate::{
    bus::{LineCounters, LineHandle, Lines, Reports},
    deliver::MqttStatus,
    logic::disk::Space,
    model::{Clock, Mono, Snapshot, Value},
    store::History,
    web::Handshakes,
};

/// Where the numbers come from.
pub(super) struct Metrics {
    /// The live state, and what is wired.
    pub snapshot: watch::Receiver<Arc<Snapshot>>,
    /// The lines that run.
    pub lines: watch::Receiver<Arc<Lines>>,
    /// For how busy lines are now.
    pub clock: Arc<dyn Clock>,
    /// The queue from the lines.
    pub reports: Arc<Reports>,
    /// History's numbers.
    pub history: History,
    /// The data folder's file system, if it can be measured.
    pub space: watch::Receiver<Option<Space>>,
    /// The broker, if there is one.
    pub mqtt: Option<Arc<MqttStatus>>,
    /// Those who come to the pages over TLS, if any do.
    pub handshakes: Option<Arc<Handshakes>>,
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
}

#[derive(Clone, Debug, PartialEq, Eq, Hash, EncodeLabelSet)]
struct RequestLabels {
    line: String,
    result: &'static str,
}

#[derive(Clone, Debug, PartialEq, Eq, Hash, EncodeLabelSet)]
struct QuantileLabels {
    line: String,
    quantile: &'static str,
}

type Number = Gauge<f64, AtomicU64>;

impl Metrics {
    /// The whole page.
    #[must_use]
    pub(super) fn text(&self) -> String {
        let mut registry = Registry::with_prefix("hallward");
        self.points(&mut registry);
        lines(&mut registry, &self.lines.borrow(), self.clock.now().mono);
        self.queues(&mut registry);
        if let Some(mqtt) = &self.mqtt {
            broker(&mut registry, mqtt);
        }
        disk(&mut registry, *self.space.borrow());
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
        if let Some(handshakes) = &self.handshakes {
            let counted = |counter: &AtomicU64| counter.load(Ordering::Relaxed);
            count("web_handshakes", "TLS handshakes that succeeded", counted(&handshakes.done));
            count("web_handshake_failures", "TLS handshakes that did not", counted(&handshakes.failed));
            let help = "Times that a peer had to wait: too many handshakes under way, or connections open";
            count("web_waits", help, counted(&handshakes.full));
        }
    }
}

/// How far the broker is, for each of the clients.
fn broker(registry: &mut Registry, mqtt: &MqttStatus) {
    let counts = [
        ("mqtt_published", "Messages handed to the client", &mqtt.published),
        ("mqtt_acknowledged", "Messages acknowledged", &mqtt.acknowledged),
        ("mqtt_failures", "Connections that broke or failed", &mqtt.failures),
        ("mqtt_commands_accepted", "Commands to doors that were accepted", &mqtt.commands_accepted),
        ("mqtt_commands_refused", "Commands to doors that were refused", &mqtt.commands_refused),
    ];
    for (name, help, count) in counts {
        let counter = Counter::<u64>::default();
        counter.inc_by(count.load(Ordering::Relaxed));
        registry.register(name, help, counter);
    }
    let is = |flag: &AtomicBool| u64::from(flag.load(Ordering::Relaxed));
    let gauges = [
        ("mqtt_connected", "1 while the broker is connected", is(&mqtt.connected)),
        ("mqtt_events_connected", "1 while the broker is connected for events", is(&mqtt.events_connected)),
        (
            "mqtt_event_cursor",
            "The last record that the broker has acknowledged",
            mqtt.event_cursor.load(Ordering::Relaxed),
        ),
        (
            "mqtt_event_backlog",
            "Records after that, whether they go out or not",
            mqtt.event_backlog.load(Ordering::Relaxed),
        ),
        (
            "mqtt_commands_connected",
            "1 while the broker lets commands to doors be heard",
            is(&mqtt.commands_connected),
        ),
    ];
    for (name, help, value) in gauges {
        let gauge = Gauge::<i64>::default();
        gauge.set(i64::try_from(value).unwrap_or(i64::MAX));
        registry.register(name, help, gauge);
    }
}

/// What the data folder's file system has.
fn disk(registry: &mut Registry, space: Option<Space>) {
    let Some(space) = space else { return };
    let mut gauge = |name: &str, help: &str, bytes: u64| {
        let gauge = Gauge::<i64>::default();
        gauge.set(i64::try_from(bytes).unwrap_or(i64::MAX));
        registry.register_with_unit(name, help, Unit::Bytes, gauge);
    };
    gauge("disk_size", "The data folder's file system: used by anybody, or available", space.total());
    gauge("disk_available", "What of it this program may still use", space.available);
}

/// How busy each line is, how fast it answers, and what it counts.
fn lines(registry: &mut Registry, lines: &Lines, now: Mono) {
    line_counts(registry, lines);
    let requests = Family::<RequestLabels, Counter>::default();
    registry.register("line_requests", "Requests by how they ended", requests.clone());
    let busy = Family::<LineLabels, Counter<f64, AtomicU64>>::default();
    registry.register_with_unit("line_busy", "Time spent on exchanges", Unit::Seconds, busy.clone());
    let load = Family::<LineLabels, Number>::default();
    registry.register("line_load", "Share of the last ten seconds spent on exchanges, 0 to 1", load.clone());
    let answers = Family::<QuantileLabels, Number>::default();
    let help = "Time to an answer over the last five to ten minutes";
    registry.register_with_unit("line_answer", help, Unit::Seconds, answers.clone());
    for (line, LineHandle { counters, .. }) in lines {
        let labels = LineLabels { line: line.to_string() };
        let results = [
            ("answered", &counters.answers),
            ("timeout", &counters.timeouts),
            ("exception", &counters.exceptions),
            ("bad-frame", &counters.bad_frames),
            ("down", &counters.down),
        ];
        for (result, count) in results {
            let labels = RequestLabels { line: line.to_string(), result };
            requests.get_or_create(&labels).inc_by(count.get());
        }
        #[expect(clippy::cast_precision_loss, reason = "exact for 285 years")]
        busy.get_or_create(&labels).inc_by(counters.busy_us.get() as f64 / 1e6);
        load.get_or_create(&labels).set(counters.load.share(now));
        for (quantile, label) in [(0.5, "0.5"), (0.99, "0.99")] {
            let Some(time) = counters.answer_times.quantile(now, quantile) else { continue };
            let labels = QuantileLabels { line: line.to_string(), quantile: label };
            answers.get_or_create(&labels).set(time.as_secs_f64());
        }
    }
}

/// What each line counts besides how its requests ended.
fn line_counts(registry: &mut Registry, lines: &Lines) {
    let mut count = |name: &str, help: &str, counted: fn(&LineCounters) -> u64| {
        let family = Family::<LineLabels, Counter>::default();
        registry.register(name, help, family.clone());
        for (line, handle) in lines {
            let labels = LineLabels { line: line.to_string() };
            family.get_or_create(&labels).inc_by(counted(&handle.counters));
        }
    };
    count("line_values", "Values decoded", |line| line.values.get());
    count("line_late_answers", "Late answers that were thrown away", |line| line.late.get());
    count("line_discarded_bytes", "Noise, echoes, late and foreign answers thrown away", |line| {
        line.discarded.get()
    });
    count("line_overruns", "Polls left out because the one before took too long", |line| line.skipped.get());
    count("line_echoes", "Requests that came back as an echo", |line| line.echoes.get());
    count("line_writes", "Writes sent", |line| line.writes.get());
}

fn number(value: &Value) -> Option<f64> {
    value.number().or_else(|| value.flag().map(|flag| f64::from(u8::from(flag))))
}

#[cfg(test)]
mod tests {
    use tokio::sync::mpsc;

    use super::*;

    #[test]
    fn the_disk_has_its_size_and_what_is_available() {
        let mut registry = Registry::with_prefix("hallward");
        disk(&mut registry, Some(Space { used: 700, available: 300 }));
        let mut text = String::new();
        encode(&mut text, &registry).unwrap();
        for line in ["hallward_disk_size_bytes 1000", "hallward_disk_available_bytes 300"] {
            assert!(text.lines().any(|found| found == line), "{line} is not in\n{text}");
        }
    }

    #[test]
    fn lines_have_their_load_answer_times_and_counts() {
        let counters = Arc::<LineCounters>::default();
        for (counter, count) in [
            (&counters.answers, 90),
            (&counters.timeouts, 5),
            (&counters.late, 4),
            (&counters.discarded, 77),
            (&counters.echoes, 3),
            (&counters.skipped, 9),
            (&counters.writes, 2),
            (&counters.busy_us, 1_500_000),
        ] {
            counter.add(count);
        }
        let handle = LineHandle { commands: mpsc::channel(1).0, counters };
        let mut registry = Registry::with_prefix("hallward");
        lines(&mut registry, &Lines::from([("plant".parse().unwrap(), handle)]), Mono(0));
        let mut text = String::new();
        encode(&mut text, &registry).unwrap();
        for line in [
            "# TYPE hallward_line_load gauge",
            "hallward_line_load{line=\"plant\"} 0.0",
            "hallward_line_requests_total{line=\"plant\",result=\"answered\"} 90",
            "hallward_line_requests_total{line=\"plant\",result=\"timeout\"} 5",
            "hallward_line_late_answers_total{line=\"plant\"} 4",
            "hallward_line_discarded_bytes_total{line=\"plant\"} 77",
            "hallward_line_echoes_total{line=\"plant\"} 3",
            "hallward_line_overruns_total{line=\"plant\"} 9",
            "hallward_line_writes_total{line=\"plant\"} 2",
            "hallward_line_busy_seconds_total{line=\"plant\"} 1.5",
        ] {
            assert!(text.lines().any(|found| found == line), "{line} is not in\n{text}");
        }
        assert!(!text.contains("quantile="), "no answer, no time");
    }
}
