//! Values as people read them, in both languages: number and unit, word, or the reason that there is none.
//! A value that is not good never comes without saying so.

use std::time::Duration;

use super::words::Words;
use crate::model::{PointInfo, Quality, Reading, Unit, Value, ValueKind};

/// Powers from here on are shown in thousands.
const KILO_FROM: f64 = 10_000.0;

/// A value's text and how it is to look.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Shown {
    /// The text; for a missing value the reason.
    pub(super) text: String,
    /// Whether it is to be believed.
    pub(super) quality: Quality,
}

impl Shown {
    /// The text of `reading`.
    pub(super) fn new(words: &Words<'_>, info: &PointInfo, reading: &Reading) -> Self {
        let quality = reading.quality();
        let text = match reading.value() {
            Some(value) => value_text(words, info, value),
            None => words.say(&format!("quality-{quality}")),
        };
        Self { text, quality }
    }

    /// The style of its kind: `good`, `stale` or `bad`.
    pub(super) fn look(&self) -> &'static str {
        match self.quality {
            Quality::Good => "good",
            Quality::Stale => "stale",
            Quality::NotYetRead
            | Quality::Timeout
            | Quality::Exception
            | Quality::BadFrame
            | Quality::NotAvailable
            | Quality::OutOfRange
            | Quality::Disabled
            | Quality::WrongDevice => "bad",
        }
    }
}

/// A value in the reader's language.
pub(super) fn value_text(words: &Words<'_>, info: &PointInfo, value: &Value) -> String {
    match value {
        Value::Number(number) => number_text(words, info, *number),
        Value::Flag(flag) => words.say(flag_key(info.name.as_str(), *flag)),
        Value::Word(word) => words.word(word),
        Value::Text(text) => text.to_string(),
    }
}

/// A number with its unit.
pub(super) fn number_text(words: &Words<'_>, info: &PointInfo, number: f64) -> String {
    let decimals = match (info.kind, info.unit) {
        (ValueKind::Number(crate::model::Column::Float), None) => 2,
        (ValueKind::Number(column), Some(Unit::Percent)) => column.decimals().min(1),
        (ValueKind::Number(column), _) => column.decimals(),
        (ValueKind::State, _) => 1,
    };
    let decimals = if number.abs() >= 1000.0 { 0 } else { decimals };
    match info.unit {
        Some(Unit::Second) if number >= 0.0 => words.duration(Duration::from_secs_f64(number.min(1e9))),
        Some(unit @ (Unit::Watt | Unit::VoltAmpere | Unit::Var)) if number.abs() >= KILO_FROM => {
            format!("{}\u{a0}k{}", words.number(number / 1000.0, 1), unit.symbol())
        }
        Some(unit) => format!("{}\u{a0}{}", words.number(number, decimals), unit.symbol()),
        None => words.number(number, decimals),
    }
}

fn flag_key(point: &str, flag: bool) -> &'static str {
    let last = point.rsplit('.').next().unwrap_or_default();
    let alarm = point.starts_with("alarm.") || matches!(last, "alarm" | "fault");
    match (alarm, flag) {
        (true, true) => "flag-active",
        (true, false) => "flag-clear",
        (false, true) => "flag-yes",
        (false, false) => "flag-no",
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::{
        model::{Language, Texts, Wall},
        web::testing,
    };

    fn check(path: &str, reading: Reading, english: &str, vietnamese: &str) {
        let (plant, texts) = (testing::plant(), Texts::default());
        let info = plant.point(plant.find(path).unwrap()).unwrap();
        for (language, expected) in [(Language::English, english), (Language::Vietnamese, vietnamese)] {
            let shown = Shown::new(&Words::new(&texts, language), info, &reading);
            assert_eq!(shown.text.replace('\u{a0}', " "), expected, "{path}");
        }
    }

    #[test]
    fn values_are_shown_with_unit_and_decimal_mark() {
        let number = |number| Reading::good(Value::Number(number), Wall(0));
        check("rack-1/temperature", number(23.44), "23.4 °C", "23,4 °C");
        check("ups-a/battery.runtime", number(2460.0), "41 min", "41 phút");
        check("ups-a/output.power", number(29_400.0), "29.4 kW", "29,4 kW");
        check("ups-a/output.power", number(940.0), "940 W", "940 W");
    }

    #[test]
    fn words_and_flags_are_shown_as_words() {
        let word = |word: &str| Reading::good(Value::Word(word.into()), Wall(0));
        check("ups-a/ups.status", word("on-battery"), "on battery", "chạy ắc quy");
        check("ups-a/vendor.mode", word("own-word"), "own word", "own word");
        check("leak-1/leak.alarm", Reading::good(Value::Flag(true), Wall(0)), "active", "đang báo");
        check("ats-1/source.1.available", Reading::good(Value::Flag(false), Wall(0)), "no", "không");
    }

    #[test]
    fn a_missing_value_says_why() {
        let missing = |why| Reading::missing(why, Wall(0));
        check("rack-1/temperature", missing(Quality::Timeout), "does not answer", "không trả lời");
        check("rack-1/temperature", Reading::default(), "not yet read", "chưa đọc");
        let stale = Reading::good(Value::Number(20.0), Wall(0)).into_stale();
        check("rack-1/temperature", stale, "20.0 °C", "20,0 °C");
    }
}
