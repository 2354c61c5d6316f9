//! How long to wait for an answer. A profile's time limit is what a device may take at its slowest; waiting that long for
//! a device that is probably dead costs its neighbours their turns.
//!
//! A device that answers is always given its whole time. One that has just failed, on a line that others share, is given
//! a few times as long as answers take in fact: its own, or its neighbours' as long as it has never answered. Each second
//! try of an offline device has the whole time, so that a slow one is found again too. One per unit; the line task asks.

use std::time::Duration;

/// A wait is so many times the longest that was seen…
const FACTOR: u32 = 3;

/// …and not below this.
const LEAST: Duration = Duration::from_millis(100);

/// What is remembered of a device's answers.
#[derive(Clone, Copy, Debug, Default)]
pub struct Patience {
    longest: Option<Duration>,
    failures: u32,
}

impl Patience {
    /// An answer came after `took`.
    pub fn answered(&mut self, took: Duration) {
        // The longest fades by a hundredth with each answer, so that one hiccup is forgotten.
        let faded = self.longest.map(|longest| longest.mul_f64(0.99));
        self.longest = faded.max(Some(took));
        self.failures = 0;
    }

    /// No answer came in time.
    pub fn missed(&mut self) {
        self.failures = self.failures.saturating_add(1);
    }

    /// The longest answer that was seen lately.
    #[must_use]
    pub fn longest(&self) -> Option<Duration> {
        self.longest
    }

    /// How long to wait now: at most `limit`. `others` is the longest answer of its neighbours, if it has any.
    #[must_use]
    pub fn wait(&self, limit: Duration, others: Option<Duration>) -> Duration {
        let whole = self.failures == 0 || (self.failures > 2 && self.failures % 2 == 1);
        match (others, self.longest.or(others)) {
            (Some(_), Some(longest)) if !whole => (longest * FACTOR).max(LEAST).min(limit),
            _ => limit,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const LIMIT: Duration = Duration::from_secs(1);

    fn ms(ms: u64) -> Duration {
        Duration::from_millis(ms)
    }

    fn waits(answers: &[u64], others: Option<u64>) -> Vec<u64> {
        let mut patience = Patience::default();
        answers.iter().for_each(|took| patience.answered(ms(*took)));
        let mut waits = Vec::new();
        for _ in 0..6 {
            waits.push(u64::try_from(patience.wait(LIMIT, others.map(ms)).as_millis()).unwrap());
            patience.missed();
        }
        waits
    }

    #[test]
    fn who_has_failed_is_waited_for_as_long_as_answers_take() {
        assert_eq!(waits(&[50], Some(80)), [1000, 150, 150, 1000, 150, 1000]);
        assert_eq!(waits(&[], Some(80)), [1000, 240, 240, 1000, 240, 1000]);
        assert_eq!(waits(&[5], Some(80)), [1000, 100, 100, 1000, 100, 1000]);
        assert_eq!(waits(&[600], Some(80)), [1000; 6], "a slow device is given its time");
        assert_eq!(waits(&[50], None), [1000; 6], "nobody else needs the line");
    }

    #[test]
    fn one_hiccup_fades() {
        let mut patience = Patience::default();
        patience.answered(ms(900));
        (0..500).for_each(|_| patience.answered(ms(20)));
        assert_eq!(patience.longest(), Some(ms(20)));
    }
}
