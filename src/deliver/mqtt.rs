//! MQTT: `status`, `device/<device>/availability`, `device/<device>/state`, `door/<door>/state` and `log/checkpoint`, all retained,
//! QoS 1. Events and commands are other clients', which run beside this one.
//!
//! These topics hold the newest state only, so there is no backlog: what changed while the broker was away is sent
//! once it is back. The client's event loop runs in a task of its own and never publishes; publishing never waits.
//! After each connection everything is sent again, since a broker without a session has forgotten what was under
//! way. What the broker has kept of the checkpoint and of doors is read back first: the one is handed to whoever compares it, doors
//! that are gone are taken back. A client from which no acknowledgement comes for a minute, while some are due, is made anew.

use std::{
    collections::{BTreeMap, BTreeSet},
    sync::{Arc, atomic::Ordering},
    time::Duration,
};

use rumqttc::{AsyncClient, Event, EventLoop, MqttOptions, Packet, QoS, SubscribeFilter};
use tokio::{
    sync::{mpsc, watch},
    time::{sleep, timeout},
};
use tokio_util::sync::CancellationToken;
use tracing::{info, warn};

use super::{
    CheckpointLink, MqttStatus,
    broker::{Pause, WEDGED, WINDOW},
    door_topics::DoorTopics,
    payload,
};
use crate::model::{Clock, Id, Mono, Plant, Snapshot};

/// A device's state is sent at most this often,…
const AT_MOST: Duration = Duration::from_secs(1);

/// …and at least this often.
const AT_LEAST: Duration = Duration::from_secs(60);

/// How often the publisher looks for work.
const BEAT: Duration = Duration::from_millis(100);

/// Where checkpoints go.
const CHECKPOINT: &str = "log/checkpoint";

/// Where doors are.
const DOORS: &str = "door/+/state";

/// What the broker has kept comes so soon after it has confirmed that we want it, if it has kept any;…
const KEPT_COMES: Duration = Duration::from_secs(2);

/// …and a broker that confirms nothing is waited for so long.
const NO_ANSWER: Duration = Duration::from_secs(10);

/// The time that a stop may take to say goodbye.
const GOODBYE: Duration = Duration::from_secs(2);

/// What the event loop tells the publisher.
enum News {
    Connected,
    /// The broker knows what we want to hear: what it has kept comes now, or never.
    Subscribed,
    /// The checkpoint that it has kept.
    Kept(String),
    /// It has kept something of this door.
    KeptDoor(String),
    Acknowledged,
    Lost,
}

/// Sends the live state to a broker.
pub(super) struct LiveState {
    pub(super) options: MqttOptions,
    pub(super) root: String,
    pub(super) snapshot: watch::Receiver<Arc<Snapshot>>,
    pub(super) status: Arc<MqttStatus>,
    pub(super) clock: Arc<dyn Clock>,
    pub(super) checkpoints: CheckpointLink,
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

impl LiveState {
    /// Runs until `shutdown`, then says `offline`.
    pub(super) async fn run(&self, mut doors: DoorTopics, shutdown: &CancellationToken) {
        while !shutdown.is_cancelled() {
            let (client, events) = AsyncClient::new(self.options.clone(), usize::from(WINDOW));
            let (news, mut heard) = mpsc::channel(usize::from(WINDOW) * 2);
            let stop_loop = tokio::spawn(follow(events, news, Arc::clone(&self.status)));
            doors.forget();
            self.publish(&client, &mut heard, &mut doors, shutdown).await;
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
        doors: &mut DoorTopics,
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
                        doors.forget();
                        (due, last_heard) = (0, self.clock.now().mono);
                        checkpoint = self.ask_for_checkpoint(client);
                    }
                    Some(News::Subscribed) => checkpoint.from = self.clock.now().mono + KEPT_COMES,
                    Some(News::Kept(note)) => {
                        checkpoint.from = self.clock.now().mono;
                        // Full: others are being compared.
                        drop(self.checkpoints.kept.try_send(note));
                    }
                    Some(News::KeptDoor(door)) => doors.heard(&door, &self.snapshot.borrow().plant.site),
                    Some(News::Lost) => (connected, due) = (false, 0),
                    Some(News::Acknowledged) => (due, last_heard) = (due.saturating_sub(1), self.clock.now().mono),
                    None => return,
                },
                () = sleep(BEAT) => if connected {
                    let born = !birth_owed || self.send(client, &self.topic("status"), "online".into());
                    if born {
                        due += u64::from(birth_owed) + self.send_changed(client, &mut told, &mut plant, &mut next);
                        birth_owed = false;
                        due += self.send_doors(client, doors);
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

    /// Sends what the broker does not know yet of doors; returns how many messages went.
    fn send_doors(&self, client: &AsyncClient, doors: &mut DoorTopics) -> u64 {
        let simulated = self.snapshot.borrow().plant.simulated;
        doors.send(simulated, |door, message| {
            self.send(client, &self.topic(&format!("door/{door}/state")), message)
        })
    }

    /// Asks the broker for the checkpoint that it has kept, and for what it has kept of doors.
    fn ask_for_checkpoint(&self, client: &AsyncClient) -> Checkpoint {
        let topics =
            [CHECKPOINT, DOORS].map(|topic| SubscribeFilter::new(self.topic(topic), QoS::AtLeastOnce));
        let is_subscribed =
            self.status.connected.load(Ordering::Relaxed) && client.try_subscribe_many(topics).is_ok();
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
        let leaves = |topic: &str| client.try_unsubscribe(self.topic(topic)).is_ok();
        if state.is_subscribed && !(leaves(DOORS) && leaves(CHECKPOINT)) {
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
    let mut pause = Pause::default();
    loop {
        let told = match events.poll().await {
            Ok(Event::Incoming(Packet::ConnAck(_))) => {
                status.connected.store(true, Ordering::Relaxed);
                Some(News::Connected)
            }
            Ok(Event::Incoming(Packet::PubAck(_))) => {
                // A broker that lets in and throws out again is no reason to hurry; one that acknowledges is.
                pause = Pause::default();
                status.acknowledged.fetch_add(1, Ordering::Relaxed);
                Some(News::Acknowledged)
            }
            Ok(Event::Incoming(Packet::SubAck(_))) => Some(News::Subscribed),
            // There are two topics to which we subscribe.
            Ok(Event::Incoming(Packet::Publish(kept))) if kept.retain => {
                if kept.topic.ends_with(CHECKPOINT) {
                    String::from_utf8(kept.payload.to_vec()).ok().map(News::Kept)
                } else {
                    kept.topic.split('/').nth(3).map(|door| News::KeptDoor(door.to_owned()))
                }
            }
            Ok(Event::Outgoing(rumqttc::Outgoing::Disconnect)) => return,
            Ok(_) => None,
            Err(error) => {
                if status.connected.swap(false, Ordering::Relaxed) || pause.is_none() {
                    warn!(%error, "the broker is not connected");
                }
                status.failures.fetch_add(1, Ordering::Relaxed);
                if news.send(News::Lost).await.is_err() {
                    return;
                }
                sleep(pause.next(status.failures.load(Ordering::Relaxed))).await;
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
