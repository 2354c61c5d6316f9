//! A profile's worked examples against the decoder and the rules: which of them do not hold.
//!
//! Called by `hallward profile check`, so that whoever writes a profile is told, and by a test for every profile that is
//! built in. Terms: *example* — raw words of a device's answers, and the values that must follow from them.

use std::{fmt, sync::Arc};

use hallward_profiles::{Golden, Literal, Map, PointName, Profile};

use super::{
    decode::{Decoder, Words, equals},
    derive::Deriver,
};
use crate::model::{DeviceInfo, PointSource, Quality, Reading, Value, Wall};

/// A value of an example that is not as the profile says.
#[derive(Clone, Debug, PartialEq)]
pub struct Mismatch {
    /// What the example shows.
    pub example: String,
    /// The point.
    pub point: PointName,
    /// Its value as the profile has it; `None` for "not available".
    pub expected: Option<Literal>,
    /// What the words decode to.
    pub found: Reading,
}

/// What became of a profile's examples.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Outcome {
    /// Values that were checked.
    pub checked: usize,
    /// Those that do not hold.
    pub wrong: Vec<Mismatch>,
}

/// Decodes every example of a profile.
///
/// # Errors
/// A sentence for people when the profile's own options lead to points that cannot be.
pub fn check(profile: &Profile) -> Result<Outcome, String> {
    let map = Arc::new(profile.map(&profile.options)?);
    let info = DeviceInfo::of_map(&map);
    let mut outcome = Outcome::default();
    for golden in &profile.golden {
        let readings = readings(&map, &info, golden);
        let expected = golden.expect.iter().map(|(point, value)| (point, Some(value)));
        let absent = golden.not_available.iter().map(|point| (point, None));
        for (point, expected) in expected.chain(absent) {
            outcome.checked += 1;
            let at = info.find(point.as_str()).and_then(|ix| readings.get(usize::from(ix.0)));
            let found = at.cloned().unwrap_or_default();
            if !holds(&found, expected) {
                let (example, point) = (golden.what.clone(), point.clone());
                outcome.wrong.push(Mismatch { example, point, expected: expected.cloned(), found });
            }
        }
    }
    Ok(outcome)
}

fn holds(found: &Reading, expected: Option<&Literal>) -> bool {
    match expected {
        Some(expected) => found.value().is_some_and(|value| equals(value, expected)),
        None => found.quality() == Quality::NotAvailable,
    }
}

/// The readings of a device that answers with the example's words; what is not among them stays unread.
fn readings(map: &Arc<Map>, info: &DeviceInfo, golden: &Golden) -> Vec<Reading> {
    let decoder = Decoder::new(map, info);
    let frames = golden.frames.iter().map(|frame| Words {
        area: frame.area,
        start: frame.address,
        values: frame.words.clone(),
    });
    let frames: Vec<Words> = frames.collect();
    let mut readings = vec![Reading::default(); info.points.len()];
    // Twice, so that settings are known when the values that depend on them are decoded.
    for _ in 0..2 {
        let known = readings.clone();
        for ((ix, point), reading) in info.iter().zip(&mut readings) {
            let PointSource::Register(n) = point.source else { continue };
            let Some(register) = map.points.get(n) else { continue };
            let has_all = |words: &&Words| {
                let mut addresses = register.addresses.iter();
                words.area == register.area && addresses.all(|address| words.at(*address).is_some())
            };
            let Some(words) = frames.iter().find(has_all) else { continue };
            let setting = |other: crate::model::PointIx| known.get(usize::from(other.0))?.value();
            *reading = match decoder.decode(ix, words, setting) {
                Ok(value) => Reading::good(value, Wall(0)),
                Err(why) => Reading::missing(why, Wall(0)),
            };
        }
    }
    Deriver::new(map, info).derive_all(&mut readings);
    readings
}

impl fmt::Display for Mismatch {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let expected = self.expected.as_ref().map_or("not available".to_owned(), ToString::to_string);
        let found = match self.found.value() {
            Some(Value::Number(number)) => number.to_string(),
            Some(Value::Flag(flag)) => flag.to_string(),
            Some(Value::Word(word) | Value::Text(word)) => format!("`{word}`"),
            None if self.found.quality() == Quality::NotYetRead => "not among the words".to_owned(),
            None => self.found.quality().to_string(),
        };
        write!(f, "example `{}`: {} is {found}; expected: {expected}", self.example, self.point)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const PROFILE: &str = r#"
[profile]
id = "probe"
name = "Probe"
vendor = "t"
class = "climate"
confidence = "low"
sources = ["test"]
[connection]
[[point]]
name = "temperature"
area = "input"
address = 0
type = "s16"
scale = 0.1
unit = "°C"
unit_if = { point = "vendor.celsius", is = false, unit = "°F" }
not_available = [{ raw = 0x7FFF, why = "no sensor" }]
[[point]]
name = "vendor.celsius"
area = "coil"
address = 4
type = "bool"
text = { en = "Celsius", vi = "Độ C" }
[[golden]]
what = "a warm day"
frames = [{ area = "input", address = 0, words = [234] }, { area = "coil", address = 4, words = [1] }]
expect = { temperature = 23.4, "vendor.celsius" = true }
[[golden]]
what = "no sensor"
frames = [{ area = "input", address = 0, words = [0x7FFF] }]
not_available = ["temperature"]
"#;

    fn wrong(replaced: &str, with: &str) -> Vec<String> {
        let text = PROFILE.replace(replaced, with);
        assert!(replaced.is_empty() || text != PROFILE, "nothing was replaced");
        let profile = Profile::parse("probe.toml", &text).unwrap_or_else(|wrong| panic!("{wrong}"));
        let outcome = check(&profile).unwrap();
        assert_eq!(outcome.checked, 3);
        outcome.wrong.iter().map(ToString::to_string).collect()
    }

    #[test]
    fn sound_examples_hold() {
        assert_eq!(wrong("", ""), [] as [String; 0]);
    }

    #[test]
    fn an_example_that_does_not_hold_is_told_with_what_its_words_mean() {
        assert_eq!(
            wrong("temperature = 23.4", "temperature = 23.5"),
            ["example `a warm day`: temperature is 23.4; expected: 23.5"]
        );
        assert_eq!(
            wrong("\"vendor.celsius\" = true", "\"vendor.celsius\" = false"),
            ["example `a warm day`: vendor.celsius is true; expected: false"]
        );
        assert_eq!(
            wrong("words = [234]", "words = [0x7FFF]"),
            ["example `a warm day`: temperature is not-available; expected: 23.4"]
        );
        assert_eq!(
            wrong("address = 0, words = [234]", "address = 1, words = [234]"),
            ["example `a warm day`: temperature is not among the words; expected: 23.4"]
        );
        let cold = wrong(
            "frames = [{ area = \"input\", address = 0, words = [0x7FFF] }]",
            "frames = [{ area = \"input\", address = 0, words = [10] }, { area = \"coil\", address = 4, words = [1] }]",
        );
        assert_eq!(cold, ["example `no sensor`: temperature is 1; expected: not available"]);
    }
}
