//! `command/<commander>`: orders to doors that come from outside, where the site file lets somebody give any.
//!
//! `mqtt`'s publisher runs it beside the others. Whether a message counts is `logic::command`'s decision; here are the client and the
//! journal. The client has a session that ends with its connection, so that the broker keeps no commands for it, and it publishes
//! nothing. What was accepted is on disk, with the time up to which none counts any more, before it is handed on.
//!
//! Bounds: one message at a time, further ones press back on the broker; [`super::CommandLink`]'s queue, whose end is told.

use std::{
    sync::{Arc, atomic::Ordering},
    time::Duration,
};

use rumqttc::{AsyncClient, Event, EventLoop, MqttOptions, Packet, Publish, QoS};
use tokio::time::sleep;
use tokio_util::sync::CancellationToken;
use tracing::{error, info, warn};

use super::{
    CommandLink, JournalLink, MqttStatus,
    broker::{Pause, WINDOW},
};
use crate::{
    logic::command::{CommandRefused, Commanders, Heard, Message},
    model::{Clock, DoorOrder, Id, NewRecord, Plant, Wall},
    store::{Row, StoreError, Write},
};

/// See the module.
pub(super) struct Commands {
    pub(super) options: MqttOptions,
    /// What topics begin with, with its last slash.
    pub(super) topic: String,
    pub(super) plant: Arc<Plant>,
    pub(super) journal: JournalLink,
    pub(super) link: CommandLink,
    pub(super) status: Arc<MqttStatus>,
    pub(super) clock: Arc<dyn Clock>,
}

impl Commands {
    /// Runs until `shutdown`.
    pub(super) async fn run(&self, shutdown: &CancellationToken) {
        let mut commanders = match self.journal.journal.reader().commanded().await {
            Ok(newest) => Commanders::new(&self.plant.site, &newest),
            // Without it a command might be carried out again.
            Err(failed) => return error!(%failed, "commands are not heard: how far they were cannot be read"),
        };
        let mut pause = Pause::default();
        let mut failures = 0;
        while !shutdown.is_cancelled() {
            let (client, mut events) = AsyncClient::new(self.options.clone(), usize::from(WINDOW));
            tokio::select! {
                () = shutdown.cancelled() => return goodbye(&client, &mut events).await,
                was_of_use = self.connection(&client, &mut events, &mut commanders, pause.is_none()) => {
                    if was_of_use {
                        pause = Pause::default();
                    }
                }
            }
            failures += 1;
            tokio::select! {
                () = shutdown.cancelled() => {}
                () = sleep(pause.next(failures)) => {}
            }
        }
    }

    /// One connection, until it is lost. Says whether anything was heard.
    async fn connection(
        &self,
        client: &AsyncClient,
        events: &mut EventLoop,
        commanders: &mut Commanders,
        is_told: bool,
    ) -> bool {
        let mut was_of_use = false;
        loop {
            match events.poll().await {
                Ok(Event::Incoming(Packet::ConnAck(_))) => {
                    info!(topic = self.topic, "commands are heard");
                    // A client without requests has room for one.
                    drop(client.try_subscribe(format!("{}+", self.topic), QoS::AtLeastOnce));
                }
                Ok(Event::Incoming(Packet::Publish(message))) => {
                    was_of_use = true;
                    self.heard(&message, commanders).await;
                }
                Ok(Event::Incoming(_) | Event::Outgoing(_)) => {}
                Err(error) => {
                    if is_told {
                        warn!(%error, "commands are not heard");
                    }
                    return was_of_use;
                }
            }
        }
    }

    async fn heard(&self, message: &Publish, commanders: &mut Commanders) {
        let sender = message.topic.strip_prefix(&self.topic).unwrap_or_default();
        let read = Message { sender, retained: message.retain, payload: &message.payload };
        let done = match commanders.hear(self.clock.now(), read) {
            Heard::Accepted { newest, record, orders } => {
                self.accepted(newest, record, orders, sender, commanders).await
            }
            Heard::Refused(record) => self.refused(record).await,
        };
        if let Err(failed) = done {
            error!(%failed, sender, "a command cannot be recorded, hence it is not carried out");
        }
    }

    async fn accepted(
        &self,
        (commander, newest): (Id, Wall),
        record: NewRecord,
        orders: Vec<DoorOrder>,
        sender: &str,
        commanders: &mut Commanders,
    ) -> Result<(), StoreError> {
        let kept = Write { records: vec![record], rows: vec![Row::Commanded(commander, newest)] };
        self.write(kept).await?;
        self.status.commands_accepted.fetch_add(1, Ordering::Relaxed);
        for order in orders {
            if self.link.orders.try_send(order).is_err() {
                let busy = commanders.refuse(self.clock.now(), sender, CommandRefused::Busy);
                self.refused(busy).await?;
            }
        }
        Ok(())
    }

    async fn refused(&self, record: Option<NewRecord>) -> Result<(), StoreError> {
        self.status.commands_refused.fetch_add(1, Ordering::Relaxed);
        let Some(record) = record else { return Ok(()) };
        self.write(Write { records: vec![record], rows: Vec::new() }).await
    }

    async fn write(&self, write: Write) -> Result<(), StoreError> {
        self.journal.journal.write_and_tell(write, &self.journal.committed).await.map(drop)
    }
}

/// Takes leave of the broker, if it is there.
async fn goodbye(client: &AsyncClient, events: &mut EventLoop) {
    if client.try_disconnect().is_ok() {
        let leave = async { while events.poll().await.is_ok() {} };
        drop(tokio::time::timeout(Duration::from_secs(1), leave).await);
    }
}
