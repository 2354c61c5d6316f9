//! All of MQTT as one part of the program: the live state, events, and commands where somebody may give any.

use std::sync::Arc;

use hallward_site::Mqtt;
use rumqttc::{LastWill, QoS};
use tokio::sync::{mpsc, watch};
use tokio_util::sync::CancellationToken;

use super::{
    CheckpointLink, JournalLink, MqttStatus,
    broker::{self, MqttError},
    commands::Commands,
    door_topics::DoorTopics,
    events::Events,
    mqtt::LiveState,
};
use crate::model::{Clock, DoorOrder, DoorsView, Snapshot};

/// See the module.
pub struct Publisher {
    state: LiveState,
    events: Events,
    commands: Option<Commands>,
}

/// What it is told by, and tells.
pub struct Links {
    /// The log's checkpoints.
    pub checkpoints: CheckpointLink,
    /// The journal.
    pub journal: JournalLink,
    /// Takes orders to doors that were accepted.
    pub orders: mpsc::Sender<DoorOrder>,
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
        links: Links,
    ) -> Result<Self, MqttError> {
        let plant = Arc::clone(&snapshot.borrow().plant);
        let (site, root) = (&plant.site.id, format!("hallward/{}", plant.site.id));
        let mut options = broker::options(settings, format!("hallward-{site}"))?;
        options.set_clean_session(false);
        options.set_last_will(LastWill::new(format!("{root}/status"), "offline", QoS::AtLeastOnce, true));
        let events = Events {
            options: broker::options(settings, format!("hallward-{site}-events"))?,
            topic: format!("{root}/event"),
            simulated: plant.simulated,
            source: links.journal.clone(),
            status: Arc::clone(&status),
        };
        let commands = if plant.site.commanders.is_empty() {
            None
        } else {
            Some(Commands {
                options: broker::options(settings, format!("hallward-{site}-commands"))?,
                topic: format!("{root}/command/"),
                plant,
                journal: links.journal,
                orders: links.orders,
                status: Arc::clone(&status),
                clock: Arc::clone(&clock),
            })
        };
        let state = LiveState { options, root, snapshot, status, clock, checkpoints: links.checkpoints };
        Ok(Self { state, events, commands })
    }

    /// Runs until `shutdown`, then says `offline`.
    pub async fn run(&self, doors: watch::Receiver<Arc<DoorsView>>, shutdown: CancellationToken) {
        let commands = async {
            if let Some(commands) = &self.commands {
                commands.run(&shutdown).await;
            }
        };
        tokio::join!(self.state.run(DoorTopics::new(doors), &shutdown), self.events.run(&shutdown), commands);
    }
}
