//! What the simulated hall's control API asks of the gateway: to live through time together with the hall, and what it
//! believes of a point.

use std::{sync::Arc, time::Duration};

use hallward_profiles::Literal;
use hallward_simulator::{Done, Gateway, GatewayPoint};
use tokio::sync::watch;

use super::{super::VirtualTime, DemoError};
use crate::{
    model::{PointRef, Quality, Reading, Snapshot, Value},
    store::History,
};

/// The gateway's side of a demo. Clones share it.
#[derive(Clone)]
pub struct Together {
    pub(super) time: Arc<VirtualTime>,
    pub(super) history: History,
    pub(super) snapshot: watch::Receiver<Arc<Snapshot>>,
    /// See [`Gateway::speed`].
    pub(super) speed: f64,
}

impl Together {
    /// See [`super::Demo::advance`].
    pub(super) async fn advance(&self, span: Duration) -> Result<(), DemoError> {
        self.time.advance(span).await?;
        Ok(self.history.flush().await?)
    }

    /// See [`super::Demo::reading`].
    pub(super) fn reading(&self, device: &str, point: &str) -> Option<Reading> {
        let snapshot = self.snapshot.borrow();
        let ix = snapshot.plant.find_device(device)?;
        let (_, info) = snapshot.plant.device(ix)?;
        snapshot.reading(PointRef { device: ix, point: info.find(point)? }).cloned()
    }
}

impl Gateway for Together {
    fn advance(&self, span: Duration) -> Done<'_> {
        Box::pin(async move { Self::advance(self, span).await.map_err(|error| error.to_string()) })
    }

    fn point(&self, device: &str, point: &str) -> Option<GatewayPoint> {
        let reading = self.reading(device, point)?;
        let quality = reading.quality();
        let value = reading.value().filter(|_| matches!(quality, Quality::Good | Quality::Stale));
        Some(GatewayPoint { value: value.map(literal), quality: quality.as_str().to_owned() })
    }

    fn speed(&self) -> f64 {
        self.speed
    }
}

fn literal(value: &Value) -> Literal {
    match value {
        Value::Number(number) => Literal::Number(*number),
        Value::Flag(flag) => Literal::Flag(*flag),
        Value::Word(text) | Value::Text(text) => Literal::Text(text.to_string()),
    }
}
