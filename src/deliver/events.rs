//! `event`: every record of the journal that may go out, in order and without a gap, QoS 1, not retained.
//!
//! `publisher` runs it. What goes next is `backlog`'s decision, what is in it `event`'s; here are the client, the journal and
//! the cursor in it. It has a client of its own, made anew for each connection: it carries nothing else and
//! keeps nothing over from the one before, so that an acknowledgement is sure to be that of a record. The event loop runs in a
//! task of its own and never publishes; publishing never waits.

use std::{
    sync::{Arc, atomic::Ordering},
    time::Duration,
};

use rumqttc::{AsyncClient, Event, EventLoop, MqttOptions, Outgoing, Packet, QoS};
use tokio::{
    sync::mpsc,
    time::{MissedTickBehavior, interval, sleep, timeout},
};
use tokio_util::{sync::CancellationToken, task::AbortOnDropHandle};
use tracing::{info, warn};

use super::{
    JournalLink, MqttStatus,
    backlog::Backlog,
    broker::{Pause, WEDGED, WINDOW},
    event,
};
use crate::store::{JournalFilter, Row, StoreError, Write};

/// The cursor's name.
const RECEIVER: &str = "mqtt";

/// Records that are read at once.
const PAGE: usize = 64;

/// How often it looks for records that nobody told of, and whether the client is wedged.
const BEAT: Duration = Duration::from_secs(1);

/// What the event loop tells.
enum News {
    Connected,
    /// A message has left, with this number.
    Left(u16),
    Acknowledged(u16),
}

/// See the module.
pub(super) struct Events {
    pub(super) options: MqttOptions,
    pub(super) topic: String,
    pub(super) simulated: bool,
    pub(super) source: JournalLink,
    pub(super) status: Arc<MqttStatus>,
}

impl Events {
    /// Runs until `shutdown`.
    pub(super) async fn run(&self, shutdown: &CancellationToken) {
        let mut pause = Pause::default();
        let mut failures = 0;
        while !shutdown.is_cancelled() {
            match self.connection(pause.is_none(), shutdown).await {
                Ok(true) => pause = Pause::default(),
                Ok(false) => {}
                Err(error) => warn!(%error, "events do not go out: the journal cannot be read"),
            }
            self.status.events_connected.store(false, Ordering::Relaxed);
            failures += 1;
            tokio::select! {
                () = shutdown.cancelled() => {}
                () = sleep(pause.next(failures)) => {}
            }
        }
    }

    /// One connection, until it is lost, wedged or shut down. Says whether it was of use.
    async fn connection(&self, is_told: bool, shutdown: &CancellationToken) -> Result<bool, StoreError> {
        let mut committed = self.source.committed.subscribe();
        let begun = self.source.journal.reader().cursor(RECEIVER).await?;
        let mut backlog = Backlog::new(begun);
        let (client, events) = AsyncClient::new(self.options.clone(), usize::from(WINDOW));
        let (news, mut heard) = mpsc::channel(usize::from(WINDOW) * 2);
        let _turning = AbortOnDropHandle::new(tokio::spawn(turn(events, news, is_told)));
        let mut beat = interval(BEAT);
        beat.set_missed_tick_behavior(MissedTickBehavior::Delay);
        let (mut connected, mut may_be_more) = (false, true);
        let (mut silent, mut lasted) = (Duration::ZERO, Duration::ZERO);
        loop {
            tokio::select! {
                biased;
                () = shutdown.cancelled() => {
                    self.save(&mut backlog).await?;
                    drop(client.try_disconnect());
                    let goodbye = async { while heard.recv().await.is_some() {} };
                    drop(timeout(BEAT, goodbye).await);
                    return Ok(true);
                }
                news = heard.recv() => match news {
                    Some(News::Connected) => {
                        connected = true;
                        self.status.events_connected.store(true, Ordering::Relaxed);
                        info!(topic = self.topic, after = begun, "events go out");
                    }
                    Some(News::Left(packet)) => backlog.left(packet),
                    Some(News::Acknowledged(packet)) => {
                        backlog.acknowledged(packet);
                        self.status.acknowledged.fetch_add(1, Ordering::Relaxed);
                        silent = Duration::ZERO;
                    }
                    // A broker that lets in and throws out again is no reason to hurry.
                    None => return Ok(backlog.cursor() != begun || lasted > WEDGED),
                },
                // One that lags has missed some: the journal has them.
                _ = committed.recv(), if connected => may_be_more = true,
                _ = beat.tick() => {
                    may_be_more = true;
                    silent = if backlog.is_due() { silent + BEAT } else { Duration::ZERO };
                    if silent > WEDGED {
                        warn!("the broker acknowledges no event: the connection is made anew");
                        return Ok(false);
                    }
                    lasted += BEAT;
                    self.save(&mut backlog).await?;
                    self.count(&backlog).await?;
                }
                // The next page: none of the last one may have been for going out.
                () = std::future::ready(()), if connected && may_be_more && backlog.wants().is_some() => {}
            }
            if connected {
                if backlog.presses() {
                    self.save(&mut backlog).await?;
                }
                may_be_more = self.send(&client, &mut backlog, may_be_more).await?;
            }
        }
    }

    /// Keeps the cursor, if it has moved.
    async fn save(&self, backlog: &mut Backlog) -> Result<(), StoreError> {
        let Some(cursor) = backlog.unsaved() else { return Ok(()) };
        let moved = Row::Cursor(RECEIVER, cursor);
        self.source.journal.write(Write { records: Vec::new(), rows: vec![moved] }).await?;
        backlog.saved();
        Ok(())
    }

    /// Hands records to the client as far as there is room. Says whether there may be more in the journal.
    async fn send(
        &self,
        client: &AsyncClient,
        backlog: &mut Backlog,
        may_be_more: bool,
    ) -> Result<bool, StoreError> {
        let mut may_be_more = may_be_more;
        if may_be_more && let Some(after) = backlog.wants() {
            let filter = JournalFilter { after: Some(after), limit: PAGE, ..JournalFilter::default() };
            let page = self.source.journal.reader().page(filter).await?;
            may_be_more = page.len() == PAGE;
            backlog.take(page, event::goes_out);
        }
        if backlog.next().is_none() {
            return Ok(may_be_more);
        }
        // Asked anew: after a suspected rollback the log has another.
        let log = self.source.journal.reader().log_ids().await?.pop().unwrap_or_default();
        while let Some((previous, record)) = backlog.next() {
            let message = event::message(&log, previous, record, self.simulated);
            if client.try_publish(&self.topic, QoS::AtLeastOnce, false, message).is_err() {
                break;
            }
            backlog.handed();
            self.status.published.fetch_add(1, Ordering::Relaxed);
        }
        Ok(may_be_more)
    }

    /// For the metrics: how far the broker is, and how many records are after that.
    async fn count(&self, backlog: &Backlog) -> Result<(), StoreError> {
        let newest = JournalFilter { newest_first: true, limit: 1, ..JournalFilter::default() };
        let newest = self.source.journal.reader().page(newest).await?;
        let newest = newest.first().map_or(0, |record| record.seq);
        self.status.event_cursor.store(backlog.cursor(), Ordering::Relaxed);
        self.status.event_backlog.store(newest.saturating_sub(backlog.cursor()), Ordering::Relaxed);
        Ok(())
    }
}

/// Keeps the client's event loop turning until the connection is lost.
async fn turn(mut events: EventLoop, news: mpsc::Sender<News>, is_told: bool) {
    loop {
        let told = match events.poll().await {
            Ok(Event::Incoming(Packet::ConnAck(_))) => News::Connected,
            Ok(Event::Outgoing(Outgoing::Publish(packet))) => News::Left(packet),
            Ok(Event::Incoming(Packet::PubAck(acknowledged))) => News::Acknowledged(acknowledged.pkid),
            Ok(Event::Outgoing(Outgoing::Disconnect)) => return,
            Ok(Event::Incoming(_) | Event::Outgoing(_)) => continue,
            Err(error) => {
                if is_told {
                    warn!(%error, "events do not go out");
                }
                return;
            }
        };
        if news.send(told).await.is_err() {
            return;
        }
    }
}
