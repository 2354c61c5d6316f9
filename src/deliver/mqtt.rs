//! MQTT: `status`, `device/<device>/availability`, `device/<device>/state` and `log/checkpoint`, all retained, QoS 1.
//!
//! These topics hold the newest state only, so there is no backlog: what changed while the broker was away is sent
//! once it is back. The client's event loop runs in a task of its own and never publishes; publishing never waits.
//! After each connection everything is sent again, since a broker without a session has forgotten what was under
//! way. The checkpoint that the broker has kept is read back first, and handed to whoever compares it. A client from which no acknowledgement comes for a minute, while some are due, is made anew.

use std::{
    collections::{BTreeMap, BTreeSet},
    fs,
    path::PathBuf,
    sync::{
        Arc,
        atomic::{AtomicBool, AtomicU64, Ordering},
    },
    time::Duration,
};

use hallward_site::Mqtt;
use rumqttc::{
    AsyncClient, Event, EventLoop, LastWill, MqttOptions, Packet, QoS, TlsConfiguration, Transport,
};
use tokio::{
    sync::{mpsc, watch},
    time::{sleep, timeout},
};
use tokio_util::sync::CancellationToken;
use tracing::{info, warn};

use super::payload;
use crate::{
    model::{Clock, Id, Mono, Plant, Snapshot},
    tls::{self, TlsError},
};

/// Messages under way, and in the client's queue.
const WINDOW: u16 = 64;

/// The longest message either way, bytes.
const LONGEST: usize = 1024 * 1024;

/// A device's state is sent at most this often,…
const AT_MOST: Duration = Duration::from_secs(1);

/// …and at least this often.
const AT_LEAST: Duration = Duration::from_secs(60);

/// How often the publisher looks for work.
const BEAT: Duration = Duration::from_millis(100);

/// Pauses between two tries to connect: doubled up to the longest.
const PAUSE: (Duration, Duration) = (Duration::from_millis(500), Duration::from_secs(30));

/// Without an acknowledgement for this long, while some are due, the client is made anew.
const WEDGED: Duration = Duration::from_secs(60);

/// Where checkpoints go.
const CHECKPOINT: &str = "log/checkpoint";

/// What the broker has kept comes so soon after it has confirmed that we want it, if it has kept any;…
const KEPT_COMES: Duration = Duration::from_secs(2);

/// …and a broker that confirms nothing is waited for so long.
const NO_ANSWER: Duration = Duration::from_secs(10);

/// The time that a stop may take to say goodbye.
const GOODBYE: Duration = Duration::from_secs(2);

/// Settings that cannot work.
#[derive(Debug, thiserror::Error)]
pub enum MqttError {
    /// The password file.
    #[error("{}: the broker's password cannot be read: {why}", file.display())]
    Password {
        /// The file.
        file: PathBuf,
        /// Why.
        why: String,
    },
    /// The certificates.
    #[error("the broker's certificates cannot be used: {0}")]
    Certificates(#[from] TlsError),
}

/// What `/metrics` tells of the broker.
#[derive(Debug, Default)]
pub struct MqttStatus {
    /// Whether the broker is connected.
    pub connected: AtomicBool,
    /// Messages handed to the client.
    pub published: AtomicU64,
    /// Messages that the broker has acknowledged.
    pub acknowledged: AtomicU64,
    /// Times the connection broke or could not be made.
    pub failures: AtomicU64,
}

/// The log's checkpoints, on their way to the broker and back.
pub struct CheckpointLink {
    /// The newest one.
    pub newest: watch::Receiver<Option<Arc<str>>>,
    /// Takes what the broker has kept.
    pub kept: mpsc::Sender<String>,
}

/// What the event loop tells the publisher.
enum News {
    Connected,
    /// The broker knows what we want to hear: what it has kept comes now, or never.
    Subscribed,
    /// What it has kept.
    Kept(String),
    Acknowledged,
    Lost,
}

/// Sends the live state to a broker.
pub struct Publisher {
    options: MqttOptions,
    root: String,
    snapshot: watch::Receiver<Arc<Snapshot>>,
    status: Arc<MqttStatus>,
    clock: Arc<dyn Clock>,
    checkpoints: CheckpointLink,
}

/// How far the broker's checkpoint is.
struct Checkpoint {
    /// From when on ours may replace it: it has been heard, or will not come.
    from: Mono,
    is_subscribed: bool,
    told: Option<Arc<str>>,
}

/// What the broker has been told of a device.
#[derive(Clone, Default)]
struct Told {
    revision: Option<u64>,
    at: Mono,
    online: Option<bool>,
}

impl Publisher {
    /// For this broker.
    ///
    /// # Errors
    /// When the password or the certificates cannot be read.
    pub fn new(
        settings: &Mqtt,
        snapshot: watch::Receiver<Arc<Snapshot>>,
        status: Arc<MqttStatus>,
        clock: Arc<dyn Clock>,
        checkpoints: CheckpointLink,
    ) -> Result<Self, MqttError> {
        let site = snapshot.borrow().plant.site.id.clone();
        let root = format!("hallward/{site}");
        let mut options = MqttOptions::new(format!("hallward-{site}"), settings.host.as_str(), settings.port);
        options.set_clean_session(false).set_keep_alive(Duration::from_secs(15));
        options.set_inflight(WINDOW).set_max_packet_size(LONGEST, LONGEST);
        options.set_last_will(LastWill::new(format!("{root}/status"), "offline", QoS::AtLeastOnce, true));
        if let Some(user) = &settings.user {
            let password = settings.password_file.as_ref().map(|file| {
                let wrong = |error: std::io::Error| MqttError::Password {
                    file: file.clone(),
                    why: error.to_string(),
                };
                let text = fs::read_to_string(file).map_err(wrong)?;
                Ok::<_, MqttError>(text.lines().next().unwrap_or_default().to_owned())
            });
            options.set_credentials(user.as_str(), password.transpose()?.unwrap_or_default());
        }
        if let (true, Some(file)) = (settings.tls, &settings.ca_file) {
            let config = tls::client(file, None)?;
            options.set_transport(Transport::tls_with_config(TlsConfiguration::Rustls(config)));
        }
        Ok(Self { options, root, snapshot, status, clock, checkpoints })
    }

    /// Runs until `shutdown`, then says `offline`.
    pub async fn run(&self, shutdown: CancellationToken) {
        while !shutdown.is_cancelled() {
            let (client, events) = AsyncClient::new(self.options.clone(), usize::from(WINDOW));
            let (news, mut heard) = mpsc::channel(usize::from(WINDOW) * 2);
            let stop_loop = tokio::spawn(follow(events, news, Arc::clone(&self.status)));
            self.publish(&client, &mut heard, &shutdown).await;
            if shutdown.is_cancelled() {
                let goodbye = async {
                    // A broker that is away has the last will.
                    drop(client.publish(self.topic("status"), QoS::AtLeastOnce, true, "offline").await);
                    drop(client.disconnect().await);
                    while heard.recv().await.is_some() {}
                };
                drop(timeout(GOODBYE, goodbye).await);
            }
            stop_loop.abort();
            self.status.connected.store(false, Ordering::Relaxed);
        }
    }

    fn topic(&self, rest: &str) -> String {
        format!("{}/{rest}", self.root)
    }

    /// Publishes until shutdown, or until the client is wedged.
    async fn publish(
        &self,
        client: &AsyncClient,
        heard: &mut mpsc::Receiver<News>,
        shutdown: &CancellationToken,
    ) {
        let mut told = BTreeMap::<Id, Told>::new();
        let mut plant = Arc::clone(&self.snapshot.borrow().plant);
        // Nothing is handed to a client without a connection: it would be old when it goes.
        let (mut connected, mut birth_owed, mut next) = (false, false, 0);
        let (mut due, mut last_heard) = (0_u64, self.clock.now().mono);
        let mut checkpoint = self.ask_for_checkpoint(client);
        loop {
            tokio::select! {
                biased;
                () = shutdown.cancelled() => return,
                news = heard.recv() => match news {
                    Some(News::Connected) => {
                        info!(root = self.root, "the broker is connected");
                        // Whatever was under way may be lost with the broker's session: all is told again.
                        (connected, birth_owed) = (true, true);
                        told.values_mut().for_each(|told| *told = Told::default());
                        (due, last_heard) = (0, self.clock.now().mono);
                        checkpoint = self.ask_for_checkpoint(client);
                    }
                    Some(News::Subscribed) => checkpoint.from = self.clock.now().mono + KEPT_COMES,
                    Some(News::Kept(note)) => {
                        checkpoint.from = self.clock.now().mono;
                        // Full: others are being compared.
                        drop(self.checkpoints.kept.try_send(note));
                    }
                    Some(News::Lost) => (connected, due) = (false, 0),
                    Some(News::Acknowledged) => (due, last_heard) = (due.saturating_sub(1), self.clock.now().mono),
                    None => return,
                },
                () = sleep(BEAT) => if connected {
                    let born = !birth_owed || self.send(client, &self.topic("status"), "online".into());
                    if born {
                        due += u64::from(birth_owed) + self.send_changed(client, &mut told, &mut plant, &mut next);
                        birth_owed = false;
                        due += self.send_checkpoint(client, &mut checkpoint);
                    }
                },
            }
            if due > 0 && self.clock.now().mono.since(last_heard) > WEDGED {
                warn!("the broker acknowledges nothing: the connection is made anew");
                return;
            }
        }
    }

    /// Asks the broker for the checkpoint that it has kept.
    fn ask_for_checkpoint(&self, client: &AsyncClient) -> Checkpoint {
        let topic = self.topic(CHECKPOINT);
        let is_subscribed = self.status.connected.load(Ordering::Relaxed)
            && client.try_subscribe(topic, QoS::AtLeastOnce).is_ok();
        Checkpoint { from: self.clock.now().mono + NO_ANSWER, is_subscribed, told: None }
    }

    /// Sends the newest checkpoint, once that of the broker has been heard; returns how many messages went.
    fn send_checkpoint(&self, client: &AsyncClient, state: &mut Checkpoint) -> u64 {
        let newest = self.checkpoints.newest.borrow().clone();
        let Some(note) = newest.filter(|note| state.told.as_ref() != Some(note)) else { return 0 };
        if self.clock.now().mono < state.from {
            return 0;
        }
        let topic = self.topic(CHECKPOINT);
        if state.is_subscribed && client.try_unsubscribe(&topic).is_err() {
            return 0;
        }
        // Our own is not to come back.
        state.is_subscribed = false;
        let sent = self.send(client, &topic, note.as_bytes().to_vec());
        if sent {
            state.told = Some(note);
        }
        u64::from(sent)
    }

    /// Sends what the broker does not know yet, as far as the client has room; returns how many messages went.
    /// Begins at device `next`, where there was no more room the last time, so that none waits for ever.
    fn send_changed(
        &self,
        client: &AsyncClient,
        told: &mut BTreeMap<Id, Told>,
        plant: &mut Arc<Plant>,
        next: &mut usize,
    ) -> u64 {
        let snapshot = Arc::clone(&self.snapshot.borrow());
        let now = self.clock.now().mono;
        let mut sent = 0;
        if !Arc::ptr_eq(plant, &snapshot.plant) {
            let (cleared, all) = self.clear_gone(client, &snapshot, plant, told);
            sent += cleared;
            if all {
                plant.clone_from(&snapshot.plant);
            }
        }
        let first = std::mem::take(next);
        let mut devices: Vec<_> = snapshot.plant.iter().enumerate().collect();
        let count = devices.len();
        devices.rotate_left(first.min(count));
        for (n, (ix, device, info)) in devices {
            let Some(state) = snapshot.device(ix) else { continue };
            let Some(online) = state.online else { continue };
            if !told.contains_key(&device.id) {
                told.insert(device.id.clone(), Told::default());
            }
            let Some(told) = told.get_mut(&device.id) else { continue };
            if told.online != Some(online) {
                let topic = self.topic(&format!("device/{}/availability", device.id));
                let word = if online { "online" } else { "offline" };
                if !self.send(client, &topic, word.into()) {
                    *next = n;
                    return sent;
                }
                (told.online, sent) = (Some(online), sent + 1);
            }
            let age = now.since(told.at);
            let wanted = match told.revision {
                None => true,
                Some(revision) => age >= AT_LEAST || (state.changed > revision && age >= AT_MOST),
            };
            if wanted {
                let message = payload::state(info, state, snapshot.time, snapshot.plant.simulated);
                let topic = self.topic(&format!("device/{}/state", device.id));
                if !self.send(client, &topic, message) {
                    *next = n;
                    return sent;
                }
                (told.revision, told.at, sent) = (Some(state.changed), now, sent + 1);
            }
        }
        sent
    }

    /// Takes back what the broker keeps of devices that the site file has no longer: those of the plant before, and those
    /// told of. Says how many messages went, and whether that was all.
    fn clear_gone(
        &self,
        client: &AsyncClient,
        snapshot: &Snapshot,
        before: &Plant,
        told: &mut BTreeMap<Id, Told>,
    ) -> (u64, bool) {
        let known = before.site.devices.iter().map(|device| &device.id).chain(told.keys());
        let gone: BTreeSet<Id> =
            known.filter(|id| snapshot.plant.find_device(id.as_str()).is_none()).cloned().collect();
        let mut sent = 0;
        for id in gone {
            let topics = ["availability", "state"].map(|what| self.topic(&format!("device/{id}/{what}")));
            for topic in topics {
                // No room: the rest at the next beat, from the beginning; clearing twice does no harm.
                if !self.send(client, &topic, Vec::new()) {
                    return (sent, false);
                }
                sent += 1;
            }
            told.remove(&id);
        }
        (sent, true)
    }

    fn send(&self, client: &AsyncClient, topic: &str, message: Vec<u8>) -> bool {
        let sent = client.try_publish(topic, QoS::AtLeastOnce, true, message).is_ok();
        self.status.published.fetch_add(u64::from(sent), Ordering::Relaxed);
        sent
    }
}

/// Keeps the client's event loop turning; pauses between failures.
async fn follow(mut events: EventLoop, news: mpsc::Sender<News>, status: Arc<MqttStatus>) {
    let mut pause = Duration::ZERO;
    loop {
        let told = match events.poll().await {
            Ok(Event::Incoming(Packet::ConnAck(_))) => {
                status.connected.store(true, Ordering::Relaxed);
                Some(News::Connected)
            }
            Ok(Event::Incoming(Packet::PubAck(_))) => {
                // A broker that lets in and throws out again is no reason to hurry; one that acknowledges is.
                pause = Duration::ZERO;
                status.acknowledged.fetch_add(1, Ordering::Relaxed);
                Some(News::Acknowledged)
            }
            Ok(Event::Incoming(Packet::SubAck(_))) => Some(News::Subscribed),
            // There is one topic alone to which we subscribe.
            Ok(Event::Incoming(Packet::Publish(kept))) if kept.retain => {
                String::from_utf8(kept.payload.to_vec()).ok().map(News::Kept)
            }
            Ok(Event::Outgoing(rumqttc::Outgoing::Disconnect)) => return,
            Ok(_) => None,
            Err(error) => {
                if status.connected.swap(false, Ordering::Relaxed) || pause.is_zero() {
                    warn!(%error, "the broker is not connected");
                }
                status.failures.fetch_add(1, Ordering::Relaxed);
                pause = (pause * 2).clamp(PAUSE.0, PAUSE.1);
                if news.send(News::Lost).await.is_err() {
                    return;
                }
                // The jitter keeps the halls of a province from knocking all at once.
                sleep(pause.mul_f64(0.5 + 0.5 * fraction(status.failures.load(Ordering::Relaxed)))).await;
                None
            }
        };
        if let Some(told) = told
            && news.send(told).await.is_err()
        {
            return;
        }
    }
}

/// 0 to 1, different for each process and each failure.
fn fraction(failures: u64) -> f64 {
    let mixed = (failures ^ u64::from(std::process::id())).wrapping_mul(0x9E37_79B9_7F4A_7C15) >> 48;
    f64::from(u16::try_from(mixed).unwrap_or(0)) / 65_535.0
}
