//! `command/<commander>`: orders to doors that come from outside, where the site file lets somebody give any.
//!
//! `publisher` runs it beside the others. Whether a message counts is `logic::command`'s decision; here are the client and the
//! journal. The client asks for the topics of the site file's commanders alone, has a session that ends with its connection, so that
//! the broker keeps no commands for it, and publishes nothing. What was accepted is on disk, with the time up to which none counts any
//! more, before it is handed on.
//!
//! Bounds: one message at a time, further ones press back on the broker; the queue of orders, whose end is recorded.

use std::{
    sync::{Arc, atomic::Ordering},
    time::Duration,
};

use rumqttc::{AsyncClient, Event, MqttOptions, Packet, Publish, QoS, SubscribeFilter, SubscribeReasonCode};
use tokio::{sync::mpsc, time::sleep};
use tokio_util::sync::CancellationToken;
use tracing::{error, info, warn};

use super::{
    JournalLink, MqttStatus,
    broker::{Pause, WEDGED, WINDOW},
};
use crate::{
    logic::command::{Accepted, CommandRefused, Commanders, Heard, LIFETIME, Message},
    model::{Clock, DoorOrder, NewRecord, Plant},
    store::{Row, StoreError, Write},
};

/// The pause after a commit that failed.
const RETRY: Duration = Duration::from_millis(200);

/// See the module.
pub(super) struct Commands {
    pub(super) options: MqttOptions,
    /// What topics begin with, with its last slash.
    pub(super) topic: String,
    pub(super) plant: Arc<Plant>,
    pub(super) journal: JournalLink,
    /// To whoever gives orders to doors.
    pub(super) orders: mpsc::Sender<DoorOrder>,
    pub(super) status: Arc<MqttStatus>,
    pub(super) clock: Arc<dyn Clock>,
}

impl Commands {
    /// Runs until `shutdown`.
    pub(super) async fn run(&self, shutdown: &CancellationToken) {
        tokio::select! {
            () = shutdown.cancelled() => {}
            () = self.hear_for_ever() => {}
        }
        self.status.commands_connected.store(false, Ordering::Relaxed);
    }

    async fn hear_for_ever(&self) {
        let (mut pause, mut failures) = (Pause::default(), 0);
        let mut commanders = None;
        loop {
            match &mut commanders {
                // Without the times that were kept a command might be carried out again.
                None => match self.commanders().await {
                    Ok(read) => {
                        commanders = Some(read);
                        continue;
                    }
                    Err(failed) => {
                        error!(%failed, "commands are not heard: how far they were cannot be read");
                    }
                },
                Some(commanders) => {
                    let begun = self.clock.now().mono;
                    self.connection(commanders, pause.is_none()).await;
                    self.status.commands_connected.store(false, Ordering::Relaxed);
                    // A broker that lets in and throws out again is no reason to hurry.
                    if self.clock.now().mono.since(begun) > WEDGED {
                        pause = Pause::default();
                    }
                }
            }
            failures += 1;
            sleep(pause.next(failures)).await;
        }
    }

    async fn commanders(&self) -> Result<Commanders, StoreError> {
        let newest = self.journal.journal.reader().commanded().await?;
        Ok(Commanders::new(&self.plant.site, &newest, self.clock.now()))
    }

    /// One connection, until it is lost.
    async fn connection(&self, commanders: &mut Commanders, is_told: bool) {
        let (client, mut events) = AsyncClient::new(self.options.clone(), usize::from(WINDOW));
        loop {
            match events.poll().await {
                Ok(Event::Incoming(Packet::ConnAck(_))) => {
                    let own = self.plant.site.commanders.iter();
                    let topics = own.map(|one| format!("{}{}", self.topic, one.id));
                    let filters = topics.map(|topic| SubscribeFilter::new(topic, QoS::AtLeastOnce));
                    if client.try_subscribe_many(filters).is_err() {
                        return warn!("commands are not heard: the client takes no orders");
                    }
                }
                Ok(Event::Incoming(Packet::SubAck(answer))) => {
                    if answer.return_codes.contains(&SubscribeReasonCode::Failure) {
                        return warn!(topic = self.topic, "the broker refuses to let commands be heard");
                    }
                    self.status.commands_connected.store(true, Ordering::Relaxed);
                    info!(topic = self.topic, "commands are heard");
                }
                Ok(Event::Incoming(Packet::Publish(message))) => self.heard(&message, commanders).await,
                Ok(Event::Incoming(_) | Event::Outgoing(_)) => {}
                Err(error) => {
                    if is_told || self.status.commands_connected.load(Ordering::Relaxed) {
                        warn!(%error, "commands are not heard");
                    }
                    return;
                }
            }
        }
    }

    async fn heard(&self, message: &Publish, commanders: &mut Commanders) {
        let sender = message.topic.strip_prefix(&self.topic).unwrap_or_default();
        let read = Message { sender, retained: message.retain, payload: &message.payload };
        match commanders.hear(self.clock.now(), read) {
            Heard::Accepted(accepted) => self.accepted(*accepted, commanders).await,
            Heard::Refused(record) => self.refused(record).await,
        }
    }

    async fn accepted(&self, accepted: Accepted, commanders: &mut Commanders) {
        let Accepted { commander, at, record, order } = &accepted;
        let rows = vec![Row::Commanded(commander.clone(), *at)];
        let kept = Write { records: vec![record.clone()], rows };
        while let Err(failed) = self.write(kept.clone()).await {
            // A disk that is full may have room in a moment.
            if self.clock.now().mono.since(order.given) > LIFETIME {
                error!(%failed, %commander, "a command cannot be recorded, hence it is not carried out");
                self.status.commands_refused.fetch_add(1, Ordering::Relaxed);
                return;
            }
            sleep(RETRY).await;
        }
        commanders.kept(&accepted);
        self.status.commands_accepted.fetch_add(1, Ordering::Relaxed);
        if self.orders.try_send(accepted.order).is_err() {
            let id = accepted.commander.as_str();
            let busy = commanders.refuse(self.clock.now(), id, CommandRefused::Busy);
            self.refused(busy).await;
        }
    }

    async fn refused(&self, record: Option<NewRecord>) {
        self.status.commands_refused.fetch_add(1, Ordering::Relaxed);
        let Some(record) = record else { return };
        if let Err(failed) = self.write(Write { records: vec![record], rows: Vec::new() }).await {
            error!(%failed, "the refusal of a command cannot be recorded");
        }
    }

    async fn write(&self, write: Write) -> Result<(), StoreError> {
        self.journal.journal.write_and_tell(write, &self.journal.committed).await.map(drop)
    }
}
