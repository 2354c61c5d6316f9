//! Whether a device answers, and how often one that does not is tried.
//!
//! ```text
//! unknown ──answer──▶ online ──1st failure──▶ online, values stale ──3rd in a row, or link down──▶ offline
//!    └──3rd failure, or link down──▶ offline ──2nd answer in a row──▶ online
//! ```
//!
//! One answer after silence is not believed yet: a device that answers now and then would go on- and offline all day.
//! It is polled as usual from its first answer on, and online with the second. An offline device is tried again after ten times its timeout, then after twice as long each time, up to 30 s: so
//! it never takes more than a tenth of its line's time. One link per device of each line, never per unit id alone.

use std::time::Duration;

use crate::model::{Mono, Quality};

/// Failures in a row that make a device offline.
const LOST_AFTER: u8 = 3;

/// Answers in a row that make an offline device online.
const FOUND_AFTER: u8 = 2;

/// The longest pause between two tries.
const LONGEST_PAUSE: Duration = Duration::from_secs(30);

/// How a poll of the device ended.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Input {
    /// With an answer (an exception is one).
    Answered,
    /// Without one, for this reason.
    Failed(Quality),
    /// The line itself is down: connection refused, reset, no route.
    Down,
}

/// What follows for the device.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Output {
    /// Its values are no longer fresh.
    Stale,
    /// It is offline; its values have this reason from now on.
    Lost(Quality),
    /// It is online.
    Found,
}

/// The health of one device.
#[derive(Clone, Debug)]
pub struct Link {
    timeout: Duration,
    failures: u8,
    answers: u8,
    online: Option<bool>,
    pause: Duration,
    next_try: Option<Mono>,
}

impl Link {
    /// Of a device that may take `timeout` to answer.
    #[must_use]
    pub fn new(timeout: Duration) -> Self {
        Self { timeout, failures: 0, answers: 0, online: None, pause: Duration::ZERO, next_try: None }
    }

    /// Takes the end of a poll.
    pub fn handle(&mut self, now: Mono, input: Input, out: &mut Vec<Output>) {
        let (failures, why) = match input {
            Input::Answered => {
                (self.failures, self.next_try) = (0, None);
                self.answers = self.answers.saturating_add(1);
                if self.online == Some(false) && self.answers < FOUND_AFTER {
                    return;
                }
                if self.online != Some(true) {
                    out.push(Output::Found);
                }
                *self = Self { online: Some(true), ..Self::new(self.timeout) };
                return;
            }
            Input::Failed(why) => (self.failures.saturating_add(1), why),
            Input::Down => (LOST_AFTER, Quality::Timeout),
        };
        (self.failures, self.answers) = (failures, 0);
        if failures < LOST_AFTER && self.online != Some(false) {
            out.push(Output::Stale);
            return;
        }
        if self.online != Some(false) {
            self.online = Some(false);
            out.push(Output::Lost(why));
        }
        let first = (self.timeout * 10).min(LONGEST_PAUSE);
        self.pause = (self.pause * 2).clamp(first, LONGEST_PAUSE);
        self.next_try = Some(now + self.pause);
    }

    /// Whether the device answers; not known before its first poll has ended.
    #[must_use]
    pub fn is_online(&self) -> Option<bool> {
        self.online
    }

    /// When an offline device may be tried again; `None` while it is polled as usual.
    #[must_use]
    pub fn deadline(&self) -> Option<Mono> {
        self.next_try
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    fn run(inputs: &[Input]) -> Vec<Output> {
        let mut link = Link::new(Duration::from_secs(1));
        let mut out = Vec::new();
        for input in inputs {
            link.handle(Mono(0), *input, &mut out);
        }
        out
    }

    const FAIL: Input = Input::Failed(Quality::Timeout);

    #[test]
    fn the_first_failure_makes_stale_and_the_third_offline() {
        use Output::{Found, Lost, Stale};
        assert_eq!(run(&[Input::Answered, FAIL, FAIL]), [Found, Stale, Stale]);
        assert_eq!(run(&[Input::Answered, FAIL, FAIL, FAIL]), [Found, Stale, Stale, Lost(Quality::Timeout)]);
        assert_eq!(run(&[FAIL, Input::Answered, FAIL, FAIL]), [Stale, Found, Stale, Stale]);
    }

    #[test]
    fn a_line_that_is_down_is_offline_at_once_and_told_once() {
        assert_eq!(run(&[Input::Down, Input::Down, FAIL]), [Output::Lost(Quality::Timeout)]);
    }

    #[test]
    fn a_device_that_was_offline_is_online_with_its_second_answer_in_a_row() {
        use Output::{Found, Lost};
        let lost = Lost(Quality::Timeout);
        assert_eq!(run(&[Input::Down, Input::Answered]), [lost]);
        assert_eq!(run(&[Input::Down, Input::Answered, Input::Answered]), [lost, Found]);
        assert_eq!(run(&[Input::Down, Input::Answered, FAIL, Input::Answered, FAIL]), [lost]);
        let mut link = Link::new(Duration::from_secs(1));
        for input in [Input::Down, Input::Down, Input::Answered] {
            link.handle(Mono(0), input, &mut Vec::new());
        }
        assert_eq!(link.deadline(), None, "it is polled as usual meanwhile");
        link.handle(Mono(0), FAIL, &mut Vec::new());
        assert_eq!(link.deadline(), Some(Mono(30_000_000)), "and where it stopped when that fails");
    }

    #[test]
    fn tries_become_rarer_up_to_thirty_seconds_and_an_answer_ends_it() {
        let mut link = Link::new(Duration::from_millis(500));
        let mut pauses = Vec::new();
        for _ in 0..5 {
            link.handle(Mono(0), Input::Down, &mut Vec::new());
            pauses.push(link.deadline().map(|mono| mono.0 / 1_000_000));
        }
        assert_eq!(pauses, [Some(5), Some(10), Some(20), Some(30), Some(30)]);
        link.handle(Mono(0), Input::Answered, &mut Vec::new());
        assert_eq!(link.deadline(), None);
    }

    proptest! {
        /// A dead device takes at most a tenth of the line's time, whatever its timeout up to 3 s.
        #[test]
        fn a_dead_device_uses_a_tenth_of_the_line(timeout_ms in 10..3000_u64, tries in 4..50_u32) {
            let timeout = Duration::from_millis(timeout_ms);
            let mut link = Link::new(timeout);
            let (mut now, mut used) = (Mono(0), Duration::ZERO);
            for _ in 0..tries {
                link.handle(now, Input::Down, &mut Vec::new());
                now = link.deadline().unwrap();
                used += timeout;
            }
            prop_assert!(used * 10 <= now.since(Mono(0)));
        }
    }
}
