//! Spans of time as scenarios write them: `90s`, `20m`, `1h30m`, `2d`.

use std::{str::FromStr, time::Duration};

use schemars::JsonSchema;
use serde::Deserialize;

/// Longest span: a year, more than any scenario needs.
const LONGEST_DAYS: u64 = 366;

const UNITS: [(char, u64); 4] = [('d', 86_400), ('h', 3600), ('m', 60), ('s', 1)];

/// A span of whole seconds.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Deserialize, JsonSchema)]
#[serde(try_from = "String")]
#[schemars(with = "String")]
pub(super) struct Span(pub(super) Duration);

impl TryFrom<String> for Span {
    type Error = String;

    fn try_from(text: String) -> Result<Self, String> {
        text.parse()
    }
}

impl FromStr for Span {
    type Err = String;

    fn from_str(text: &str) -> Result<Self, String> {
        let wrong = || {
            let text = text.escape_debug();
            format!("`{text}` is no span of time: write 90s, 20m, 1h30m or 2d, at most {LONGEST_DAYS}d")
        };
        let mut seconds = Some(0_u64);
        for part in text.split_inclusive(|c: char| c.is_ascii_lowercase()) {
            let unit = part.chars().next_back().and_then(|last| UNITS.iter().find(|(unit, _)| *unit == last));
            let (unit, length) = unit.ok_or_else(wrong)?;
            let number: Option<u64> = part.trim_end_matches(*unit).parse().ok();
            let all = number.and_then(|number| number.checked_mul(*length));
            seconds = seconds.zip(all).and_then(|(so_far, all)| so_far.checked_add(all));
        }
        let spans = seconds.filter(|seconds| !text.is_empty() && *seconds <= LONGEST_DAYS * 86_400);
        spans.map(|seconds| Self(Duration::from_secs(seconds))).ok_or_else(wrong)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn spans_are_read_and_nothing_else() {
        let seconds = |text: &str| text.parse::<Span>().map(|span| span.0.as_secs());
        for (text, is) in [("90s", 90), ("20m", 1200), ("1h30m", 5400), ("2d", 172_800), ("0s", 0)] {
            assert_eq!(seconds(text), Ok(is), "{text}");
        }
        for wrong in ["", "20", "m", "1.5h", "-1s", "1w", "400d", "99999999999999999999s", "1h 30m", "1mm"] {
            assert!(seconds(wrong).is_err_and(|said| said.contains("20m")), "{wrong}");
        }
    }
}
