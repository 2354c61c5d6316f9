//! Waiting for what another process does: asked again and again, up to a bound.

use std::{thread::sleep, time::Duration};

const PAUSE: Duration = Duration::from_millis(50);

/// The first `Some` of `probe`, asked for up to `seconds`; panics with `what` and the last reason.
pub(crate) fn until<T>(what: &str, seconds: u32, mut probe: impl FnMut() -> Result<T, String>) -> T {
    let mut why = String::new();
    for _ in 0..seconds * 20 {
        match probe() {
            Ok(found) => return found,
            Err(reason) => why = reason,
        }
        sleep(PAUSE);
    }
    panic!("not within {seconds} s: {what}\n{why}");
}
