//! By which time the hall's tasks live, and on which runtime: this machine's, or a virtual one that is led. Pages, control
//! socket and broker always live in real time.
//!
//! Who calls it: `run` spawns the hall's tasks by it.

use std::{future::Future, io, sync::Arc, thread};

use tokio::{
    runtime::{Builder, Handle},
    sync::oneshot,
    task::spawn_blocking,
};

use super::clock::{Steps, SystemClock};
#[cfg(feature = "demo")]
use super::virtual_time::VirtualTime;
use crate::model::Clock;

/// By which time the hall's tasks live.
#[derive(Clone, Default)]
pub enum Time {
    /// This machine's.
    #[default]
    Real,
    /// One that is led.
    #[cfg(feature = "demo")]
    Virtual(Arc<VirtualTime>),
}

/// Whether time stands still while something is done outside of it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Hold {
    /// It passes as it does.
    Never,
    /// It waits.
    #[cfg_attr(not(feature = "demo"), expect(dead_code, reason = "time passes by itself without a demo"))]
    Still,
}

impl Hold {
    /// Waits for what another thread does.
    pub(super) async fn during<T>(self, outside: impl Future<Output = T>) -> T {
        if self == Self::Never {
            return outside.await;
        }
        let (done, wait) = oneshot::channel::<()>();
        // A blocking task in flight holds paused time still.
        let held = spawn_blocking(move || wait.blocking_recv());
        let result = outside.await;
        drop(done);
        drop(held.await);
        result
    }
}

/// Where the tasks of doors and of their lines live. They end when it is dropped.
pub(super) struct DoorsRuntime {
    pub(super) handle: Handle,
    /// Its end ends the thread.
    _alive: Option<oneshot::Sender<()>>,
}

impl Time {
    /// Where the tasks of doors are spawned: on a thread of their own, so that the system's scheduler lets them run however busy
    /// polls and pages keep the other threads; in a led time with all others.
    ///
    /// # Errors
    /// When the system gives no thread.
    pub(super) fn doors(&self) -> io::Result<DoorsRuntime> {
        match self {
            Self::Real => {
                let runtime = Builder::new_current_thread().enable_all().build()?;
                let (handle, (alive, ended)) = (runtime.handle().clone(), oneshot::channel::<()>());
                let live = move || drop(runtime.block_on(ended));
                thread::Builder::new().name("doors".to_owned()).spawn(live)?;
                Ok(DoorsRuntime { handle, _alive: Some(alive) })
            }
            #[cfg(feature = "demo")]
            Self::Virtual(time) => Ok(DoorsRuntime { handle: time.runtime.clone(), _alive: None }),
        }
    }

    /// Where the hall's tasks are spawned. Call it on a runtime.
    pub(super) fn runtime(&self) -> Handle {
        match self {
            Self::Real => Handle::current(),
            #[cfg(feature = "demo")]
            Self::Virtual(time) => time.runtime.clone(),
        }
    }

    /// What is done outside of it holds it, if it can be held.
    pub(super) fn hold(&self) -> Hold {
        match self {
            Self::Real => Hold::Never,
            #[cfg(feature = "demo")]
            Self::Virtual(_) => Hold::Still,
        }
    }

    /// The clock of a run that starts now; and the same as one that may be set.
    pub(super) fn clock(&self) -> (Arc<dyn Clock>, Arc<dyn Steps>) {
        match self {
            Self::Real => {
                let clock = Arc::new(SystemClock::start());
                (Arc::clone(&clock) as Arc<dyn Clock>, clock)
            }
            #[cfg(feature = "demo")]
            Self::Virtual(time) => (time.clock(), time.steps()),
        }
    }

    /// Lets it pass by itself, so that tasks that wait for something to be due can end. Never ends.
    pub(super) async fn pass(&self) {
        match self {
            Self::Real => {}
            #[cfg(feature = "demo")]
            Self::Virtual(time) => while time.advance(std::time::Duration::from_secs(1)).await.is_ok() {},
        }
        std::future::pending().await
    }
}
