//! Whether the right device answers: the probe of a profile's identity register, before any value is believed.

use std::time::Duration;

use hallward_profiles::{Literal, Profile};

use crate::{
    logic::decode::equals,
    model::{DeviceInfo, Mono, PointIx, Quality, Value},
};

/// How often a device that is the right one is asked again, and one that is not.
const AGAIN: (Duration, Duration) = (Duration::from_secs(60), Duration::from_secs(10));

/// The probe of one device.
#[derive(Clone, Debug)]
pub(crate) struct Identity {
    pub(crate) point: PointIx,
    expected: Vec<Literal>,
    verdict: Option<bool>,
    due: Mono,
}

/// What a probe changed.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) enum Verdict {
    /// The right device answers, as before or after it had not been asked.
    Right,
    /// The right device answers again, after a wrong one did.
    RightAgain,
    /// A wrong one still answers.
    Wrong,
    /// A wrong one answers now, with this in its register.
    WrongNow(String),
}

impl Identity {
    /// Of a device whose profile names such a register.
    pub(crate) fn new(profile: &Profile, info: &DeviceInfo) -> Option<Self> {
        let identity = profile.identity.as_ref()?;
        let point = info.find(identity.point.as_str())?;
        Some(Self { point, expected: identity.is.values().to_vec(), verdict: None, due: Mono(0) })
    }

    /// Whether it is to be asked now.
    pub(crate) fn is_due(&self, now: Mono) -> bool {
        self.verdict.is_none() || now >= self.due
    }

    /// When a wrong device is to be asked again.
    pub(crate) fn wrong_until(&self) -> Option<Mono> {
        (self.verdict == Some(false)).then_some(self.due)
    }

    /// It may have been exchanged while it was away.
    pub(crate) fn forget(&mut self) {
        self.verdict = None;
    }

    /// Takes what the register told; an exception instead counts as not the right device.
    pub(crate) fn judge(&mut self, now: Mono, told: Result<Value, Quality>) -> Verdict {
        let right = told.as_ref().is_ok_and(|value| self.expected.iter().any(|is| equals(value, is)));
        let before = self.verdict.replace(right);
        self.due = now + if right { AGAIN.0 } else { AGAIN.1 };
        match (right, before) {
            (true, Some(false)) => Verdict::RightAgain,
            (true, _) => Verdict::Right,
            (false, Some(false)) => Verdict::Wrong,
            (false, _) => Verdict::WrongNow(match told {
                Ok(value) => match value {
                    Value::Number(number) => number.to_string(),
                    Value::Flag(flag) => flag.to_string(),
                    Value::Word(text) | Value::Text(text) => text.to_string(),
                },
                Err(why) => why.to_string(),
            }),
        }
    }
}
