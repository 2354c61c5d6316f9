//! The rules of signing in: each has a name, a span, the duty's value as its default, and a side on which it is laxer
//! than the duty.

use std::{ops::RangeInclusive, time::Duration};

const HOUR: u32 = 60;
const DAY: u32 = 24 * HOUR;

/// One rule that can be set.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Rule {
    /// The fewest characters of a password.
    PasswordLength,
    /// The fewest characters of an administrator's password.
    AdministratorPasswordLength,
    /// How long a password of operators and administrators counts, min.
    ActingPasswordAge,
    /// How long a password of other users counts, min.
    PasswordAge,
    /// Wrong tries in a row that lock an account.
    Tries,
    /// Within this time, min.
    TriesWithin,
    /// An account not used for so long is suspended, min.
    Idle,
    /// A session not used for so long ends, min.
    SessionIdle,
    /// A session ends after this time, used or not, min.
    SessionLength,
}

impl Rule {
    /// All of them, in the order of the page.
    pub const ALL: [Self; 9] = [
        Self::PasswordLength,
        Self::AdministratorPasswordLength,
        Self::ActingPasswordAge,
        Self::PasswordAge,
        Self::Tries,
        Self::TriesWithin,
        Self::Idle,
        Self::SessionIdle,
        Self::SessionLength,
    ];

    /// Its name in API, records and catalogue.
    #[must_use]
    pub fn as_str(self) -> &'static str {
        match self {
            Self::PasswordLength => "password-length",
            Self::AdministratorPasswordLength => "administrator-password-length",
            Self::ActingPasswordAge => "acting-password-age-min",
            Self::PasswordAge => "password-age-min",
            Self::Tries => "tries",
            Self::TriesWithin => "tries-within-min",
            Self::Idle => "idle-min",
            Self::SessionIdle => "session-idle-min",
            Self::SessionLength => "session-length-min",
        }
    }

    /// The rule of this name.
    #[must_use]
    pub fn parse(text: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|rule| rule.as_str() == text)
    }

    /// What the duty asks for (15.1, 16.2, 16.3), or, for sessions, what we chose (29.2 names no time).
    #[must_use]
    pub fn duty(self) -> u32 {
        match self {
            Self::PasswordLength => 8,
            Self::AdministratorPasswordLength => 11,
            Self::ActingPasswordAge => 60 * DAY,
            Self::PasswordAge => 90 * DAY,
            Self::Tries => 5,
            Self::TriesWithin => 30,
            Self::Idle => 30 * DAY,
            Self::SessionIdle => 15,
            Self::SessionLength => 12 * HOUR,
        }
    }

    /// What can be set at all.
    #[must_use]
    pub fn range(self) -> RangeInclusive<u32> {
        match self {
            Self::PasswordLength | Self::AdministratorPasswordLength => 6..=64,
            Self::ActingPasswordAge | Self::PasswordAge => HOUR..=3650 * DAY,
            Self::Tries => 1..=20,
            Self::TriesWithin => 1..=30 * DAY,
            Self::Idle => DAY..=3650 * DAY,
            Self::SessionIdle => 2..=DAY,
            Self::SessionLength => 5..=31 * DAY,
        }
    }

    /// Whether `value` asks for less than the duty.
    #[must_use]
    pub fn is_laxer(self, value: u32) -> bool {
        match self {
            // More characters, and a longer memory of wrong tries, are stricter.
            Self::PasswordLength | Self::AdministratorPasswordLength | Self::TriesWithin => {
                value < self.duty()
            }
            Self::ActingPasswordAge
            | Self::PasswordAge
            | Self::Tries
            | Self::Idle
            | Self::SessionIdle
            | Self::SessionLength => value > self.duty(),
        }
    }
}

/// Why a rule is not set.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum WrongRule {
    /// Beyond what can be set.
    #[error("`{}` is from {low} to {high}, not {value}", rule.as_str())]
    OutOfRange {
        /// Which.
        rule: Rule,
        /// The least.
        low: u32,
        /// The most.
        high: u32,
        /// What was asked for.
        value: u32,
    },
    /// Less than the duty, and nobody says why.
    #[error("`{}` = {value} asks for less than the duty ({duty}): say why", rule.as_str())]
    NoReason {
        /// Which.
        rule: Rule,
        /// What was asked for.
        value: u32,
        /// What the duty is.
        duty: u32,
    },
}

/// The rules that hold.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Rules {
    values: [u32; Rule::ALL.len()],
}

impl Default for Rules {
    fn default() -> Self {
        Self { values: Rule::ALL.map(Rule::duty) }
    }
}

impl Rules {
    /// A rule's number.
    #[must_use]
    pub fn get(&self, rule: Rule) -> u32 {
        self.values.get(rule as usize).copied().unwrap_or_else(|| rule.duty())
    }

    /// A rule's number of minutes.
    #[must_use]
    pub fn span(&self, rule: Rule) -> Duration {
        Duration::from_secs(u64::from(self.get(rule)) * 60)
    }

    /// Sets a rule. What is laxer than the duty needs a reason.
    ///
    /// # Errors
    /// Why not.
    pub fn set(&mut self, rule: Rule, value: u32, reason: &str) -> Result<(), WrongRule> {
        let range = rule.range();
        if !range.contains(&value) {
            return Err(WrongRule::OutOfRange { rule, low: *range.start(), high: *range.end(), value });
        }
        if rule.is_laxer(value) && reason.trim().is_empty() {
            return Err(WrongRule::NoReason { rule, value, duty: rule.duty() });
        }
        self.values.get_mut(rule as usize).into_iter().for_each(|held| *held = value);
        Ok(())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_laxer_than_the_duty_needs_a_reason() {
        let mut rules = Rules::default();
        for (rule, lax, strict) in [
            (Rule::PasswordLength, 7, 12),
            (Rule::Tries, 6, 3),
            (Rule::TriesWithin, 10, 60),
            (Rule::Idle, 31 * DAY, 10 * DAY),
        ] {
            assert!(matches!(rules.set(rule, lax, " "), Err(WrongRule::NoReason { .. })), "{rule:?}");
            assert_eq!(rules.get(rule), rule.duty());
            rules.set(rule, lax, "the head of the unit ordered it").unwrap();
            assert_eq!(rules.get(rule), lax);
            rules.set(rule, strict, "").unwrap();
            assert_eq!(rules.get(rule), strict);
        }
    }

    #[test]
    fn every_duty_can_be_set_and_names_lead_back() {
        for rule in Rule::ALL {
            assert!(rule.range().contains(&rule.duty()), "{rule:?}");
            assert!(!rule.is_laxer(rule.duty()));
            assert_eq!(Rule::parse(rule.as_str()), Some(rule));
        }
        let told = Rules::default().set(Rule::Tries, 0, "").unwrap_err().to_string();
        assert_eq!(told, "`tries` is from 1 to 20, not 0");
    }
}
