//! How often somebody may ask: a bucket that fills at a steady rate for each source, of which each request takes one.

use std::{collections::BTreeMap, time::Duration};

use crate::model::Mono;

/// The most sources that are remembered; the one that has asked least lately goes first.
const SOURCES: usize = 1024;

/// See the module.
#[derive(Debug)]
pub struct Throttle {
    /// How many may come at once.
    burst: u32,
    /// One more after each of these.
    every: Duration,
    /// When each source's bucket is full again.
    full_at: BTreeMap<String, Mono>,
}

impl Throttle {
    /// `burst` at once, and one more after each `every`.
    #[must_use]
    pub fn new(burst: u32, every: Duration) -> Self {
        Self { burst, every, full_at: BTreeMap::new() }
    }

    /// Takes one.
    ///
    /// # Errors
    /// How long `source` must wait.
    pub fn take(&mut self, now: Mono, source: &str) -> Result<(), Duration> {
        let full_at = self.full_at.get(source).copied().unwrap_or(now).max(now) + self.every;
        let lacking = full_at.since(now).saturating_sub(self.every * self.burst);
        if !lacking.is_zero() {
            return Err(lacking);
        }
        if self.full_at.len() >= SOURCES && !self.full_at.contains_key(source) {
            self.make_room(now);
        }
        self.full_at.insert(source.to_owned(), full_at);
        Ok(())
    }

    fn make_room(&mut self, now: Mono) {
        self.full_at.retain(|_, full_at| *full_at > now);
        if self.full_at.len() >= SOURCES {
            let fullest = self.full_at.iter().min_by_key(|(_, full_at)| **full_at);
            if let Some(source) = fullest.map(|(source, _)| source.clone()) {
                self.full_at.remove(&source);
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const SECOND: Duration = Duration::from_secs(1);

    #[test]
    fn a_burst_passes_and_then_one_at_a_time() {
        let mut throttle = Throttle::new(3, SECOND * 10);
        let now = |second: u64| Mono(second * 1_000_000);
        for _ in 0..3 {
            assert_eq!(throttle.take(now(0), "a"), Ok(()));
        }
        assert_eq!(throttle.take(now(4), "a"), Err(SECOND * 6));
        assert_eq!(throttle.take(now(4), "b"), Ok(()), "somebody else");
        assert_eq!(throttle.take(now(10), "a"), Ok(()));
        assert!(throttle.take(now(10), "a").is_err());
        assert_eq!(throttle.take(now(3600), "a"), Ok(()));
    }

    #[test]
    fn sources_are_bounded() {
        let mut throttle = Throttle::new(2, SECOND);
        for n in 0..3 * SOURCES {
            assert_eq!(throttle.take(Mono(0), &n.to_string()), Ok(()));
        }
        assert_eq!(throttle.full_at.len(), SOURCES);
    }
}
