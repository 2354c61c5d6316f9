//! Two clocks: `Mono` for timers, `Wall` for records and calendars. Both come in as arguments, from `app::clock`.

use std::{
    ops::{Add, Sub},
    time::Duration,
};

use chrono::{DateTime, SecondsFormat, TimeZone, Utc};
use serde::{Deserialize, Serialize};

use super::Trust;

/// Time since the start of this run, µs. Never jumps.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Mono(pub u64);

/// Time of day, µs since the Unix epoch, UTC. May jump.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
pub struct Wall(pub i64);

/// One moment on both clocks.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Now {
    /// For timers.
    pub mono: Mono,
    /// For records.
    pub wall: Wall,
    /// Whether `wall` is to be believed.
    pub trust: Trust,
}

/// Who tells the time. Implemented by `app::clock` alone, and by tests.
pub trait Clock: Send + Sync {
    /// This moment.
    fn now(&self) -> Now;
}

fn micros(duration: Duration) -> u64 {
    u64::try_from(duration.as_micros()).unwrap_or(u64::MAX)
}

impl Mono {
    /// How long after `earlier`; zero if it is not.
    #[must_use]
    pub fn since(self, earlier: Self) -> Duration {
        Duration::from_micros(self.0.saturating_sub(earlier.0))
    }
}

impl Mono {
    /// So long before; the start if that is before it.
    #[must_use]
    pub fn before(self, duration: Duration) -> Self {
        Self(self.0.saturating_sub(micros(duration)))
    }
}

impl Add<Duration> for Mono {
    type Output = Self;
    fn add(self, duration: Duration) -> Self {
        Self(self.0.saturating_add(micros(duration)))
    }
}

impl Add<Duration> for Wall {
    type Output = Self;
    fn add(self, duration: Duration) -> Self {
        Self(self.0.saturating_add_unsigned(micros(duration)))
    }
}

impl Sub<Duration> for Wall {
    type Output = Self;
    fn sub(self, duration: Duration) -> Self {
        Self(self.0.saturating_sub_unsigned(micros(duration)))
    }
}

impl Wall {
    /// How long after `earlier`; zero if it is not.
    #[must_use]
    pub fn since(self, earlier: Self) -> Duration {
        Duration::from_micros(u64::try_from(self.0.saturating_sub(earlier.0)).unwrap_or(0))
    }

    /// RFC 3339 in UTC with milliseconds, as topics and the API carry it.
    #[must_use]
    pub fn rfc3339(self) -> String {
        self.utc().to_rfc3339_opts(SecondsFormat::Millis, true)
    }

    /// As chrono's type; the epoch for what chrono cannot hold.
    #[must_use]
    pub fn utc(self) -> DateTime<Utc> {
        Utc.timestamp_micros(self.0).single().unwrap_or_default()
    }

    /// Reads RFC 3339.
    #[must_use]
    pub fn parse(text: &str) -> Option<Self> {
        DateTime::parse_from_rfc3339(text).ok().map(|time| Self(time.timestamp_micros()))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn walls_are_written_and_read_as_rfc_3339() {
        let wall = Wall(1_795_392_000_123_000);
        assert_eq!(wall.rfc3339(), "2026-11-23T00:00:00.123Z");
        assert_eq!(Wall::parse("2026-11-23T07:00:00.123+07:00"), Some(wall));
        assert_eq!(Wall::parse("yesterday"), None);
    }

    #[test]
    fn differences_never_underflow() {
        assert_eq!(Mono(1).since(Mono(2)), Duration::ZERO);
        assert_eq!(Wall(i64::MIN) - Duration::MAX, Wall(i64::MIN));
    }
}
