//! When each device of a line is polled. One poll of a device is pending at most; one that comes too late for its
//! turn skips it, and the skipped turns are counted. First polls are spread, so that they do not all come at once.

use std::time::Duration;

use crate::model::Mono;

/// First polls are spread over at most this long.
pub const SPREAD: Duration = Duration::from_secs(2);

/// The turns of the devices of one line, by their place on it.
#[derive(Clone, Debug)]
pub struct Schedule {
    turns: Vec<Turn>,
}

#[derive(Clone, Debug)]
struct Turn {
    every: Duration,
    due: Mono,
    /// When the last one began.
    begun: Mono,
    slow_every: Duration,
    slow_due: Mono,
}

/// A turn that has begun.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Begun {
    /// Whether the rarely read points are due too.
    pub slow: bool,
    /// Turns that were skipped because this one comes so late.
    pub skipped: u64,
}

impl Schedule {
    /// `devices`: each one's period, the period of its slow points, and its share (0 to 1) of the spread.
    #[must_use]
    pub fn new(now: Mono, devices: impl IntoIterator<Item = (Duration, Duration, f64)>) -> Self {
        let turns = devices.into_iter().map(|(every, slow_every, share)| {
            let due = now + SPREAD.min(every).mul_f64(share.clamp(0.0, 1.0));
            Turn { every, due, begun: Mono(0), slow_every, slow_due: due }
        });
        Self { turns: turns.collect() }
    }

    /// The device whose turn is next, and when. Of several that are late, the one that has waited longest: on a line
    /// that cannot keep up, all get the same share.
    #[must_use]
    pub fn next(&self, now: Mono) -> Option<(usize, Mono)> {
        let turns = || self.turns.iter().enumerate();
        let late = turns().filter(|(_, turn)| turn.due <= now).min_by_key(|(_, turn)| (turn.begun, turn.due));
        let next = late.or_else(|| turns().min_by_key(|(_, turn)| turn.due));
        next.map(|(device, turn)| (device, turn.due))
    }

    /// Begins the turn of `device`.
    pub fn begin(&mut self, device: usize, now: Mono) -> Begun {
        let Some(turn) = self.turns.get_mut(device) else { return Begun { slow: false, skipped: 0 } };
        turn.begun = now;
        let slow = turn.slow_due <= now;
        let late = now.since(turn.due).as_micros() / turn.every.as_micros().max(1);
        let skipped = u32::try_from(late).unwrap_or(u32::MAX);
        turn.due = turn.due + turn.every * skipped + turn.every;
        Begun { slow, skipped: u64::from(skipped) }
    }

    /// The slow points of `device` have been read.
    pub fn slow_done(&mut self, device: usize, now: Mono) {
        if let Some(turn) = self.turns.get_mut(device) {
            turn.slow_due = now + turn.slow_every;
        }
    }

    /// The slow points of `device` are due at its next turn.
    pub fn slow_now(&mut self, device: usize) {
        if let Some(turn) = self.turns.get_mut(device) {
            turn.slow_due = Mono(0);
        }
    }

    /// The next turn of `device` is not before `until`.
    pub fn postpone(&mut self, device: usize, until: Mono) {
        if let Some(turn) = self.turns.get_mut(device) {
            turn.due = turn.due.max(until);
        }
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    const SECOND: Duration = Duration::from_secs(1);

    fn at(ms: u64) -> Mono {
        Mono(ms * 1000)
    }

    #[test]
    fn turns_keep_their_phase_and_late_ones_are_skipped_not_queued() {
        let mut schedule = Schedule::new(at(0), [(SECOND, SECOND * 60, 0.5)]);
        assert_eq!(schedule.next(at(0)), Some((0, at(500))));
        assert_eq!(schedule.begin(0, at(510)), Begun { slow: true, skipped: 0 });
        assert_eq!(schedule.next(at(510)), Some((0, at(1500))));
        assert_eq!(schedule.begin(0, at(4600)).skipped, 3);
        assert_eq!(schedule.next(at(4600)), Some((0, at(5500))));
    }

    #[test]
    fn slow_points_come_again_until_they_were_read() {
        let mut schedule = Schedule::new(at(0), [(SECOND, SECOND * 60, 0.0)]);
        assert!(schedule.begin(0, at(0)).slow);
        assert!(schedule.begin(0, at(1000)).slow);
        schedule.slow_done(0, at(1000));
        assert!(!schedule.begin(0, at(2000)).slow);
        assert!(schedule.begin(0, at(61_000)).slow);
    }

    proptest! {
        /// However overloaded the line is, its devices get the same share.
        #[test]
        fn no_device_starves(shares in proptest::collection::vec(0.0..1.0_f64, 2..8), cost_ms in 1..400_u64) {
            let count = shares.len();
            let mut schedule = Schedule::new(at(0), shares.into_iter().map(|share| (SECOND, SECOND, share)));
            let (mut now, mut polls) = (at(0), vec![0_u32; count]);
            while now < at(60_000) {
                let (device, due) = schedule.next(now).unwrap();
                now = now.max(due);
                schedule.begin(device, now);
                polls[device] += 1;
                now = now + Duration::from_millis(cost_ms);
            }
            let (fewest, most) = (polls.iter().min().unwrap(), polls.iter().max().unwrap());
            prop_assert!(most - fewest <= 2, "{polls:?}");
        }
    }
}
