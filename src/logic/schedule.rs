//! When each device of a line is polled. One poll of a device is pending at most; one that comes too late for its
//! turn skips it, and the skipped turns are counted. First polls are spread, so that they do not all come at once.
//!
//! A device may have two turns: its ordinary one, and one for its fast points (the inputs of doors and fire), which
//! goes before every ordinary turn, also between the requests of one.

use std::time::Duration;

use crate::model::{FAST, Mono};

/// First polls are spread over at most this long.
pub const SPREAD: Duration = Duration::from_secs(2);

/// The turns of the devices of one line, by their place on it.
#[derive(Clone, Debug)]
pub struct Schedule {
    turns: Vec<Turn>,
    fast: Vec<FastTurn>,
    /// Whether the last turn was one of fast points.
    fast_last: bool,
}

/// How often a device is to be polled.
#[derive(Clone, Copy, Debug)]
pub struct Periods {
    /// Its ordinary points.
    pub every: Duration,
    /// Its slow points.
    pub slow_every: Duration,
    /// Whether it has fast points.
    pub fast: bool,
    /// Its share (0 to 1) of the spread of first polls.
    pub share: f64,
}

/// A turn of a device that is next.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Next {
    /// The device's place on the line.
    pub device: usize,
    /// When.
    pub due: Mono,
    /// Whether it is its fast points' turn.
    pub fast: bool,
}

#[derive(Clone, Debug)]
struct FastTurn {
    device: usize,
    due: Mono,
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
    /// The devices of a line, in their order.
    #[must_use]
    pub fn new(now: Mono, devices: impl IntoIterator<Item = Periods>) -> Self {
        let (mut turns, mut fast) = (Vec::new(), Vec::new());
        for (device, periods) in devices.into_iter().enumerate() {
            let share = periods.share.clamp(0.0, 1.0);
            let due = now + SPREAD.min(periods.every).mul_f64(share);
            let Periods { every, slow_every, .. } = periods;
            turns.push(Turn { every, due, begun: Mono(0), slow_every, slow_due: due });
            if periods.fast {
                fast.push(FastTurn { device, due: now + FAST.mul_f64(share) });
            }
        }
        Self { turns, fast, fast_last: false }
    }

    /// The turn that is next, and when. Fast points go first. Of several devices that are late, the one that has waited
    /// longest: on a line that cannot keep up, all get the same share.
    #[must_use]
    pub fn next(&self, now: Mono) -> Option<Next> {
        let fast = self.fast.iter().min_by_key(|turn| turn.due);
        let fast = fast.map(|turn| Next { device: turn.device, due: turn.due, fast: true });
        let turns = || self.turns.iter().enumerate();
        let late = turns().filter(|(_, turn)| turn.due <= now).min_by_key(|(_, turn)| (turn.begun, turn.due));
        // Fast points that take longer than their period would leave nobody else a turn.
        let others_turn = self.fast_last && late.is_some();
        if fast.is_some_and(|next| next.due <= now) && !others_turn {
            return fast;
        }
        let fast = fast.filter(|next| next.due > now || !others_turn);
        let next = late.or_else(|| turns().min_by_key(|(_, turn)| turn.due));
        let ordinary = next.map(|(device, turn)| Next { device, due: turn.due, fast: false });
        fast.into_iter().chain(ordinary).min_by_key(|next| next.due)
    }

    /// The device whose fast points are due, if any: to be asked between two requests of others.
    #[must_use]
    pub fn fast_due(&self, now: Mono) -> Option<usize> {
        let due = self.fast.iter().filter(|turn| turn.due <= now);
        due.min_by_key(|turn| turn.due).map(|turn| turn.device)
    }

    /// Begins the turn of the fast points of `device`; returns how many were skipped because this one comes so late.
    pub fn begin_fast(&mut self, device: usize, now: Mono) -> u64 {
        let Some(turn) = self.fast.iter_mut().find(|turn| turn.device == device) else { return 0 };
        let (due, skipped) = after(turn.due, FAST, now);
        turn.due = due;
        self.fast_last = true;
        skipped
    }

    /// Begins the turn of `device`.
    pub fn begin(&mut self, device: usize, now: Mono) -> Begun {
        let Some(turn) = self.turns.get_mut(device) else { return Begun { slow: false, skipped: 0 } };
        turn.begun = now;
        self.fast_last = false;
        let slow = turn.slow_due <= now;
        let (due, skipped) = after(turn.due, turn.every, now);
        turn.due = due;
        Begun { slow, skipped }
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

    /// The next turn of `device`, also of its fast points, is not before `until`.
    pub fn postpone(&mut self, device: usize, until: Mono) {
        for turn in self.fast.iter_mut().filter(|turn| turn.device == device) {
            turn.due = turn.due.max(until);
        }
        if let Some(turn) = self.turns.get_mut(device) {
            turn.due = turn.due.max(until);
        }
    }
}

/// The turn after one that was due at `due` and begins `now`, and how many in between are skipped.
fn after(due: Mono, every: Duration, now: Mono) -> (Mono, u64) {
    let late = now.since(due).as_micros() / every.as_micros().max(1);
    let skipped = u32::try_from(late).unwrap_or(u32::MAX);
    (due + every * skipped + every, u64::from(skipped))
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    const SECOND: Duration = Duration::from_secs(1);

    fn at(ms: u64) -> Mono {
        Mono(ms * 1000)
    }

    fn each_second(slow_every: Duration, share: f64) -> Periods {
        Periods { every: SECOND, slow_every, fast: false, share }
    }

    fn ordinary(device: usize, due: Mono) -> Option<Next> {
        Some(Next { device, due, fast: false })
    }

    #[test]
    fn fast_points_go_before_everything_and_skip_what_they_missed() {
        let fast = Periods { fast: true, ..each_second(SECOND * 60, 0.0) };
        let mut schedule = Schedule::new(at(0), [each_second(SECOND * 60, 0.0), fast]);
        assert_eq!(schedule.next(at(0)), Some(Next { device: 1, due: at(0), fast: true }));
        assert_eq!(schedule.begin_fast(1, at(0)), 0);
        assert_eq!((schedule.fast_due(at(0)), schedule.fast_due(at(60))), (None, Some(1)));
        assert_eq!(schedule.next(at(10)), ordinary(0, at(0)));
        assert_eq!(schedule.begin_fast(1, at(210)), 3);
        assert_eq!(schedule.fast_due(at(249)), None);
        schedule.postpone(1, at(5000));
        assert_eq!(schedule.fast_due(at(4999)), None);
    }

    #[test]
    fn fast_points_that_take_all_the_time_leave_others_each_second_turn() {
        let fast = Periods { fast: true, ..each_second(SECOND * 60, 0.0) };
        let mut schedule = Schedule::new(at(0), [fast, each_second(SECOND * 60, 0.0)]);
        let (mut now, mut fast, mut others) = (at(0), 0, 0);
        while now < at(10_000) {
            let next = schedule.next(now).unwrap();
            now = now.max(next.due);
            if next.fast {
                schedule.begin_fast(next.device, now);
                fast += 1;
            } else {
                schedule.begin(next.device, now);
                others += 1;
            }
            now = now + Duration::from_millis(60);
        }
        assert!(others >= 18 && fast > 100, "{others} turns of others, {fast} of fast points");
    }

    #[test]
    fn turns_keep_their_phase_and_late_ones_are_skipped_not_queued() {
        let mut schedule = Schedule::new(at(0), [each_second(SECOND * 60, 0.5)]);
        assert_eq!(schedule.next(at(0)), ordinary(0, at(500)));
        assert_eq!(schedule.begin(0, at(510)), Begun { slow: true, skipped: 0 });
        assert_eq!(schedule.next(at(510)), ordinary(0, at(1500)));
        assert_eq!(schedule.begin(0, at(4600)).skipped, 3);
        assert_eq!(schedule.next(at(4600)), ordinary(0, at(5500)));
    }

    #[test]
    fn slow_points_come_again_until_they_were_read() {
        let mut schedule = Schedule::new(at(0), [each_second(SECOND * 60, 0.0)]);
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
            let mut schedule = Schedule::new(at(0), shares.into_iter().map(|share| each_second(SECOND, share)));
            let (mut now, mut polls) = (at(0), vec![0_u32; count]);
            while now < at(60_000) {
                let Next { device, due, .. } = schedule.next(now).unwrap();
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
