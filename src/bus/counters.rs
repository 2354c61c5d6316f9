//! What a line counts, for `/metrics` and its page. Written by its task, read by anyone.

use std::{
    sync::atomic::{AtomicU64, Ordering},
    time::Duration,
};

use super::tap::Tap;
use crate::model::Mono;

/// Counters of one line since the start, how busy it is, and its last frames.
#[derive(Debug, Default)]
pub struct LineCounters {
    /// Requests sent.
    pub requests: Counter,
    /// Answers that carried values.
    pub answers: Counter,
    /// Requests that nobody answered in time.
    pub timeouts: Counter,
    /// Exceptions.
    pub exceptions: Counter,
    /// Answers that did not fit the request.
    pub bad_frames: Counter,
    /// Times the connection could not be made or broke.
    pub down: Counter,
    /// Late answers that were thrown away.
    pub late: Counter,
    /// Bytes that were thrown away: noise, answers of others, late answers.
    pub discarded: Counter,
    /// Requests that came back as an echo.
    pub echoes: Counter,
    /// Polls that were skipped because the one before took too long.
    pub skipped: Counter,
    /// Time spent on exchanges, µs.
    pub busy_us: Counter,
    /// Values decoded.
    pub values: Counter,
    /// Writes sent.
    pub writes: Counter,
    /// How busy the line is now.
    pub load: Load,
    /// How long answers take.
    pub answer_times: AnswerTimes,
    /// The last frames.
    pub tap: Tap,
}

/// A number that only grows.
#[derive(Debug, Default)]
pub struct Counter(AtomicU64);

impl Counter {
    /// Adds to it.
    pub fn add(&self, count: u64) {
        self.0.fetch_add(count, Ordering::Relaxed);
    }

    /// The number.
    #[must_use]
    pub fn get(&self) -> u64 {
        self.0.load(Ordering::Relaxed)
    }
}

/// The span over which [`Load`] looks back.
const LOAD_WINDOW: Duration = Duration::from_secs(10);

/// The share of a line's time that was spent on exchanges, over the last whole ten seconds.
#[derive(Debug, Default)]
pub struct Load {
    begun: AtomicU64,
    busy_us: AtomicU64,
    last_permille: AtomicU64,
}

impl Load {
    /// Between 0 and 1; 0 where nothing has been asked for long.
    #[must_use]
    pub fn share(&self, now: Mono) -> f64 {
        if now.since(Mono(self.begun.load(Ordering::Relaxed))) > LOAD_WINDOW * 6 {
            return 0.0;
        }
        f64::from(u16::try_from(self.last_permille.load(Ordering::Relaxed)).unwrap_or(1000)) / 1000.0
    }

    pub(super) fn spent(&self, now: Mono, time: Duration) {
        let busy = u64::try_from(time.as_micros()).unwrap_or(u64::MAX);
        let busy = self.busy_us.fetch_add(busy, Ordering::Relaxed).saturating_add(busy);
        let elapsed = now.since(Mono(self.begun.load(Ordering::Relaxed)));
        if elapsed >= LOAD_WINDOW {
            let permille = u128::from(busy) * 1000 / elapsed.as_micros().max(1);
            self.last_permille.store(u64::try_from(permille.min(1000)).unwrap_or(1000), Ordering::Relaxed);
            self.begun.store(now.0, Ordering::Relaxed);
            self.busy_us.store(0, Ordering::Relaxed);
        }
    }
}

/// Buckets a factor of the fourth root of two apart, from 64 µs to a minute and more.
const BUCKETS: usize = 80;

/// The span after which older answers are forgotten, at the latest after twice as long.
const ANSWERS_WINDOW: Duration = Duration::from_secs(300);

/// How long answers took over the last five to ten minutes.
#[derive(Debug)]
pub struct AnswerTimes {
    begun: AtomicU64,
    windows: [[AtomicU64; BUCKETS]; 2],
}

impl Default for AnswerTimes {
    fn default() -> Self {
        let window = || std::array::from_fn(|_| AtomicU64::new(0));
        Self { begun: AtomicU64::new(0), windows: [window(), window()] }
    }
}

impl AnswerTimes {
    /// The time that the share `quantile` of all answers did not exceed, to 19 %; `None` where there was none lately.
    #[must_use]
    pub fn quantile(&self, now: Mono, quantile: f64) -> Option<Duration> {
        if now.since(Mono(self.begun.load(Ordering::Relaxed))) > ANSWERS_WINDOW * 2 {
            return None;
        }
        let [current, before] = &self.windows;
        let counts =
            current.iter().zip(before).map(|(a, b)| a.load(Ordering::Relaxed) + b.load(Ordering::Relaxed));
        let counts: Vec<u64> = counts.collect();
        let total: u64 = counts.iter().sum();
        #[expect(clippy::cast_precision_loss, reason = "a count of answers of ten minutes")]
        let wanted = (total as f64 * quantile.clamp(0.0, 1.0)).max(1.0);
        let mut seen = 0;
        let found = counts.iter().position(|count| {
            seen += count;
            #[expect(clippy::cast_precision_loss, reason = "a count of answers of ten minutes")]
            let seen = seen as f64;
            seen >= wanted
        })?;
        let exponent = f64::from(u8::try_from(found + 1).unwrap_or(u8::MAX)) / 4.0;
        Some(Duration::from_secs_f64(64e-6 * exponent.exp2()))
    }

    pub(super) fn took(&self, now: Mono, time: Duration) {
        let [current, before] = &self.windows;
        if now.since(Mono(self.begun.load(Ordering::Relaxed))) >= ANSWERS_WINDOW {
            self.begun.store(now.0, Ordering::Relaxed);
            for (old, new) in before.iter().zip(current) {
                old.store(new.swap(0, Ordering::Relaxed), Ordering::Relaxed);
            }
        }
        let fourths = (time.as_secs_f64() / 64e-6).max(1.0).log2() * 4.0;
        #[expect(
            clippy::cast_possible_truncation,
            clippy::cast_sign_loss,
            reason = "not below 0, and saturates"
        )]
        let bucket = (fourths as usize).min(BUCKETS - 1);
        if let Some(bucket) = current.get(bucket) {
            bucket.fetch_add(1, Ordering::Relaxed);
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn quantiles_are_right_to_a_fifth_and_forget() {
        let times = AnswerTimes::default();
        assert_eq!(times.quantile(Mono(0), 0.5), None);
        (0..98).for_each(|_| times.took(Mono(0), Duration::from_millis(10)));
        (0..2).for_each(|_| times.took(Mono(0), Duration::from_millis(400)));
        let at = |seconds: u64, quantile| times.quantile(Mono(seconds * 1_000_000), quantile);
        let ms = |seconds, quantile| at(seconds, quantile).unwrap().as_secs_f64() * 1e3;
        assert!(
            (10.0..12.0).contains(&ms(0, 0.5)) && (400.0..480.0).contains(&ms(0, 0.99)),
            "{}",
            ms(0, 0.99)
        );
        for later in [301, 602] {
            times.took(Mono(later * 1_000_000), Duration::from_millis(10));
        }
        assert!(ms(602, 0.99) < 12.0);
        assert_eq!(at(1203, 0.5), None, "nothing is known of a line that has been quiet for long");
    }

    #[test]
    fn load_is_the_share_of_the_last_window() {
        let load = Load::default();
        for second in 0..=10 {
            load.spent(Mono(second * 1_000_000), Duration::from_millis(250));
        }
        let at = |seconds: u64| load.share(Mono(seconds * 1_000_000));
        assert!((at(10) - 0.275).abs() < 0.001 && (at(60) - 0.275).abs() < 0.001, "{}", at(10));
        assert!(at(71) < 0.001, "a line that is silent for a minute is idle");
    }
}
