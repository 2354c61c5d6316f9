//! Durations as people write them: `100ms`, `1s`, `5m`, `1h`.

use std::time::Duration;

use schemars::JsonSchema;
use serde::Deserialize;

/// A checked duration from a file.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Deserialize, JsonSchema)]
#[serde(try_from = "String")]
#[schemars(with = "String")]
pub(crate) struct Span(pub(crate) Duration);

impl TryFrom<String> for Span {
    type Error = String;
    fn try_from(text: String) -> Result<Self, String> {
        let digits = text.find(|c: char| !c.is_ascii_digit()).unwrap_or(text.len());
        let (number, unit) = text.split_at(digits);
        let unit_ms = match unit.trim() {
            "ms" => Some(1),
            "s" => Some(1000),
            "m" => Some(60_000),
            "h" => Some(3_600_000),
            _ => None,
        };
        let duration = number.parse::<u64>().ok().zip(unit_ms).and_then(|(n, ms)| n.checked_mul(ms));
        let duration = duration.map(Duration::from_millis).filter(|duration| !duration.is_zero());
        duration.map(Self).ok_or_else(|| format!("`{text}` is no duration: write 100ms, 1s, 5m or 1h"))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn durations_are_a_number_and_a_unit() {
        let read = |text: &str| Span::try_from(text.to_owned()).map(|span| span.0);
        assert_eq!(read("250ms"), Ok(Duration::from_millis(250)));
        assert_eq!(read("2 m"), Ok(Duration::from_secs(120)));
        for bad in ["", "1", "0s", "s", "-1s", "1.5s", "99999999999999999999h"] {
            assert!(read(bad).is_err(), "{bad}");
        }
    }
}
