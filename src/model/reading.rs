//! A reading: a value, or the reason that there is none. A missing value is data, never a guess.

use std::{fmt, sync::Arc};

use super::Wall;

/// What a point told.
#[derive(Clone, Debug, PartialEq)]
pub enum Value {
    /// A measured number in the point's unit; finite.
    Number(f64),
    /// True or false.
    Flag(bool),
    /// A word of the point's list, such as `on-battery`.
    Word(Arc<str>),
    /// A nameplate text.
    Text(Arc<str>),
}

/// Whether a value is to be believed, or why there is none.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Quality {
    /// Fresh and right.
    Good,
    /// The last value is kept, but it is older than it should be.
    Stale,
    /// No poll has ended yet.
    NotYetRead,
    /// The device does not answer.
    Timeout,
    /// The device answered with an exception.
    Exception,
    /// The answer was not one to the request.
    BadFrame,
    /// The device says that it has no value (a sentinel).
    NotAvailable,
    /// A value that cannot be, or a code that has no word.
    OutOfRange,
    /// Switched off by its owner.
    Disabled,
    /// Another device than expected answers.
    WrongDevice,
}

impl Quality {
    /// All of them, in the order in which history stores them.
    pub const ALL: [Self; 10] = [
        Self::Good,
        Self::Stale,
        Self::NotYetRead,
        Self::Timeout,
        Self::Exception,
        Self::BadFrame,
        Self::NotAvailable,
        Self::OutOfRange,
        Self::Disabled,
        Self::WrongDevice,
    ];

    /// The word used by the API, topics and pages.
    #[must_use]
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Good => "good",
            Self::Stale => "stale",
            Self::NotYetRead => "not-yet-read",
            Self::Timeout => "timeout",
            Self::Exception => "exception",
            Self::BadFrame => "bad-frame",
            Self::NotAvailable => "not-available",
            Self::OutOfRange => "out-of-range",
            Self::Disabled => "disabled",
            Self::WrongDevice => "wrong-device",
        }
    }

    /// Its number in history files; never changes.
    #[must_use]
    pub fn code(self) -> u8 {
        match self {
            Self::Good => 0,
            Self::Stale => 1,
            Self::NotYetRead => 2,
            Self::Timeout => 3,
            Self::Exception => 4,
            Self::BadFrame => 5,
            Self::NotAvailable => 6,
            Self::OutOfRange => 7,
            Self::Disabled => 8,
            Self::WrongDevice => 9,
        }
    }

    /// The quality with this number.
    #[must_use]
    pub fn from_code(code: u8) -> Option<Self> {
        Self::ALL.get(usize::from(code)).copied()
    }

    /// Whether a value goes with it.
    #[must_use]
    pub fn has_value(self) -> bool {
        matches!(self, Self::Good | Self::Stale)
    }
}

impl fmt::Display for Quality {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.pad(self.as_str())
    }
}

/// One point at one moment. `value` is there exactly when `quality` is good or stale.
#[derive(Clone, Debug, PartialEq)]
pub struct Reading {
    value: Option<Value>,
    quality: Quality,
    time: Option<Wall>,
}

impl Default for Reading {
    fn default() -> Self {
        Self { value: None, quality: Quality::NotYetRead, time: None }
    }
}

impl Reading {
    /// A fresh value, whose answer arrived at `time`.
    #[must_use]
    pub fn good(value: Value, time: Wall) -> Self {
        Self { value: Some(value), quality: Quality::Good, time: Some(time) }
    }

    /// No value for `why`, known since `time`.
    #[must_use]
    pub fn missing(why: Quality, time: Wall) -> Self {
        debug_assert!(!why.has_value(), "{why} comes with a value");
        Self { value: None, quality: why, time: Some(time) }
    }

    /// The same value, no longer fresh. A missing value stays missing for its own reason.
    #[must_use]
    pub fn into_stale(self) -> Self {
        let quality = if self.quality == Quality::Good { Quality::Stale } else { self.quality };
        Self { quality, ..self }
    }

    /// An answer that arrived at `time` told the same.
    pub fn tell_again(&mut self, time: Wall) {
        self.time = Some(time);
    }

    /// The value, if the quality is good or stale.
    #[must_use]
    pub fn value(&self) -> Option<&Value> {
        self.value.as_ref()
    }

    /// Whether it is to be believed.
    #[must_use]
    pub fn quality(&self) -> Quality {
        self.quality
    }

    /// When the answer that told it arrived.
    #[must_use]
    pub fn time(&self) -> Option<Wall> {
        self.time
    }

    /// The value only if it is fresh.
    #[must_use]
    pub fn fresh(&self) -> Option<&Value> {
        self.value.as_ref().filter(|_| self.quality == Quality::Good)
    }

    /// Whether a reader would see a difference in value or quality (not only in time).
    #[must_use]
    pub fn differs(&self, other: &Self) -> bool {
        self.quality != other.quality || self.value != other.value
    }
}

impl Value {
    /// The number, if it is one.
    #[must_use]
    pub fn number(&self) -> Option<f64> {
        match self {
            Self::Number(number) => Some(*number),
            Self::Flag(_) | Self::Word(_) | Self::Text(_) => None,
        }
    }

    /// The flag, if it is one.
    #[must_use]
    pub fn flag(&self) -> Option<bool> {
        match self {
            Self::Flag(flag) => Some(*flag),
            Self::Number(_) | Self::Word(_) | Self::Text(_) => None,
        }
    }

    /// The word or text, if it is one.
    #[must_use]
    pub fn word(&self) -> Option<&str> {
        match self {
            Self::Word(word) | Self::Text(word) => Some(word),
            Self::Number(_) | Self::Flag(_) => None,
        }
    }

    /// As JSON.
    #[must_use]
    pub fn to_json(&self) -> serde_json::Value {
        match self {
            Self::Number(number) => serde_json::Value::from(*number),
            Self::Flag(flag) => serde_json::Value::from(*flag),
            Self::Word(word) | Self::Text(word) => serde_json::Value::from(word.as_ref()),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn quality_codes_and_order_agree() {
        for quality in Quality::ALL {
            assert_eq!(Quality::from_code(quality.code()), Some(quality));
        }
        assert_eq!(Quality::from_code(10), None);
    }

    #[test]
    fn only_a_good_value_becomes_stale() {
        let good = Reading::good(Value::Number(1.0), Wall(5));
        assert_eq!(good.clone().into_stale().quality(), Quality::Stale);
        assert_eq!(good.into_stale().value(), Some(&Value::Number(1.0)));
        let missing = Reading::missing(Quality::NotAvailable, Wall(5));
        assert_eq!(missing.clone().into_stale(), missing);
    }
}
