//! A time that stands still unless it is told to pass: the demo's, and that of whole-program tests.
//!
//! A single thread runs all tasks that live by it in tokio's paused time, which jumps to the next timer as soon as every
//! task waits. What other threads do does not hold it, a blocking task does: that is also the *gate*. While nobody orders
//! time to pass, one waits for an order.

use std::{future::Future, io, sync::Arc, thread, time::Duration};

use tokio::{
    runtime::{Builder, Handle},
    sync::{mpsc, oneshot},
    task::{JoinHandle, spawn_blocking},
    time::sleep,
};

use super::clock::{Steps, VirtualClock};
use crate::model::{Clock, Wall};

/// Orders that may wait.
const ORDERS: usize = 16;

/// What is due at the end of an order has been done when so much more has passed: the shortest sleep.
const MOMENT: Duration = Duration::from_millis(1);

struct Order {
    span: Duration,
    done: oneshot::Sender<()>,
}

/// A time that stands still unless it is told to pass. It ends, and all tasks on it, when dropped.
pub struct VirtualTime {
    pub(super) runtime: Handle,
    clock: Arc<VirtualClock>,
    orders: mpsc::Sender<Order>,
}

/// The virtual time has ended.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
#[error("the virtual time has ended")]
pub struct TimeEnded;

impl VirtualTime {
    /// Begins at `anchor`, on a thread of its own.
    ///
    /// # Errors
    /// When the system gives no thread.
    pub fn start(anchor: Wall) -> io::Result<Self> {
        let runtime = Builder::new_current_thread().enable_all().start_paused(true).build()?;
        let (orders, queue) = mpsc::channel(ORDERS);
        let (made, ready) = std::sync::mpsc::sync_channel(1);
        let handle = runtime.handle().clone();
        thread::Builder::new().name("hall".to_owned()).spawn(move || {
            runtime.block_on(async {
                let clock = Arc::new(VirtualClock::start(anchor));
                if made.send(Arc::clone(&clock)).is_ok() {
                    gate(queue, &clock).await;
                }
            });
        })?;
        let clock = ready.recv().map_err(|_| io::Error::other("the hall's thread has ended"))?;
        Ok(Self { runtime: handle, clock, orders })
    }

    /// Lets time pass, and waits until all that falls due in it is done, commits included. Several spans may be
    /// asked for at once; they follow one another. Pages, stream and MQTT live in real time and follow by themselves.
    ///
    /// # Errors
    /// The time has ended.
    pub async fn advance(&self, span: Duration) -> Result<(), TimeEnded> {
        let (done, answered) = oneshot::channel();
        self.orders.send(Order { span, done }).await.map_err(|_| TimeEnded)?;
        answered.await.map_err(|_| TimeEnded)
    }

    /// Spawns a task that lives by this time.
    pub fn spawn(&self, task: impl Future<Output = ()> + Send + 'static) -> JoinHandle<()> {
        self.runtime.spawn(task)
    }

    /// Its clock.
    #[must_use]
    pub fn clock(&self) -> Arc<dyn Clock> {
        Arc::clone(&self.clock) as Arc<dyn Clock>
    }

    /// The same, for whoever tells that it was set.
    pub(super) fn steps(&self) -> Arc<dyn Steps> {
        Arc::clone(&self.clock) as Arc<dyn Steps>
    }

    /// Sets the wall clock forward or back, µs.
    pub(super) fn step(&self, step_us: i64) {
        self.clock.step(step_us);
    }
}

/// Lets time pass as it is ordered, until nobody is left who could order. What was ordered in all and what has passed
/// never part by more than a millisecond: timers know no less.
async fn gate(orders: mpsc::Receiver<Order>, clock: &VirtualClock) {
    let mut orders = Some(orders);
    let mut ordered = Duration::ZERO;
    while let Some(mut queue) = orders.take() {
        // Time stands still in here.
        let next = spawn_blocking(move || queue.blocking_recv().map(|order| (order, queue))).await;
        let Ok(Some((Order { span, done }, queue))) = next else { return };
        ordered = ordered.saturating_add(span);
        // An end within the millisecond that has passed already waits for the next order.
        let left = ordered.saturating_sub(clock.passed());
        if !left.is_zero() {
            sleep(left).await;
            // Everything that was due at the end itself is done before the next timer.
            sleep(MOMENT).await;
        }
        clock.now();
        // Whoever asked may have gone.
        done.send(()).ok();
        orders = Some(queue);
    }
}
