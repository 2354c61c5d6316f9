//! The reader's language, and texts, numbers, ages and times in it.

use std::time::Duration;

use axum::http::{HeaderMap, header};
use chrono::Timelike;
use chrono_tz::Tz;

use super::{problem::Problem, query::Query};
use crate::model::{Language, Texts, Wall};

/// A catalogue with its language chosen.
#[derive(Clone, Copy)]
pub(super) struct Words<'t> {
    texts: &'t Texts,
    /// The language.
    pub(super) language: Language,
}

impl<'t> Words<'t> {
    /// Texts of `language`.
    pub(super) fn new(texts: &'t Texts, language: Language) -> Self {
        Self { texts, language }
    }

    /// The text `key`.
    pub(super) fn say(&self, key: &str) -> String {
        self.texts.get(self.language, key)
    }

    /// The text `key` with its places filled in.
    pub(super) fn with(&self, key: &str, values: &[(&str, &str)]) -> String {
        self.texts.with(self.language, key, values)
    }

    /// The text `key` with its one place `x` filled in.
    pub(super) fn of(&self, key: &str, x: &str) -> String {
        self.with(key, &[("x", x)])
    }

    /// A word of a device in this language; a vendor's own word as it is.
    pub(super) fn word(&self, word: &str) -> String {
        let key = format!("word-{word}");
        let text = self.say(&key);
        if text == key { word.replace('-', " ") } else { text }
    }

    /// A number with this language's decimal mark.
    pub(super) fn number(&self, number: f64, decimals: usize) -> String {
        self.language.number(number, decimals)
    }

    /// A span of time in its nearest unit.
    pub(super) fn duration(&self, span: Duration) -> String {
        let seconds = span.as_secs();
        match seconds {
            0..10 => self.of("duration-seconds", &self.number(span.as_secs_f64(), 1)),
            10..120 => self.of("duration-seconds", &seconds.to_string()),
            120..7200 => self.of("duration-minutes", &(seconds / 60).to_string()),
            7200..172_800 => self.of("duration-hours", &(seconds / 3600).to_string()),
            _ => self.of("duration-days", &(seconds / 86_400).to_string()),
        }
    }

    /// How long ago `time` was at `now`.
    pub(super) fn ago(&self, time: Wall, now: Wall) -> String {
        self.of("ago", &self.duration(now.since(time)))
    }

    /// How old something of `time` is at `now`.
    pub(super) fn age(&self, time: Wall, now: Wall) -> String {
        self.with("age", &[("age", &self.duration(now.since(time)))])
    }
}

/// The time of day in the site's zone, `14:32:07`.
pub(super) fn clock_text(time: Wall, zone: Tz) -> String {
    let local = time.utc().with_timezone(&zone);
    format!("{:02}:{:02}:{:02}", local.hour(), local.minute(), local.second())
}

/// Date and time of day in the site's zone.
pub(super) fn date_text(time: Wall, zone: Tz) -> String {
    time.utc().with_timezone(&zone).format("%Y-%m-%d %H:%M:%S").to_string()
}

/// Day and minute in the site's zone.
pub(super) fn minute_text(time: Wall, zone: Tz) -> String {
    time.utc().with_timezone(&zone).format("%Y-%m-%d %H:%M").to_string()
}

/// The language of a request: `lang=` of the query, else the cookie, else what the browser prefers.
/// The second is whether the query chose it, so that the cookie is to be set.
pub(super) fn language(query: &Query, headers: &HeaderMap) -> Result<(Language, bool), Problem> {
    if let Some(code) = query.one("lang")? {
        let language = by_code(code);
        let language = language.ok_or_else(|| Problem::bad(format!("`lang={code}`: en or vi")))?;
        return Ok((language, true));
    }
    let text = |name| headers.get(name).and_then(|value| value.to_str().ok()).unwrap_or_default();
    let cookies = text(header::COOKIE).split(';').filter_map(|pair| pair.trim().split_once('='));
    let cookie = cookies.filter(|(name, _)| *name == "lang").find_map(|(_, code)| by_code(code));
    Ok((cookie.unwrap_or_else(|| preferred(text(header::ACCEPT_LANGUAGE))), false))
}

fn by_code(code: &str) -> Option<Language> {
    Language::ALL.into_iter().find(|language| language.code() == code)
}

/// The first language of an `Accept-Language` list, by weight, that the pages have.
fn preferred(accepted: &str) -> Language {
    let mut best = (0.0, Language::default());
    for entry in accepted.split(',').take(20) {
        let (tag, weight) = entry.split_once(";q=").unwrap_or((entry, "1"));
        let primary = tag.trim().split('-').next().unwrap_or_default().to_ascii_lowercase();
        let weight: f64 = weight.trim().parse().unwrap_or(0.0);
        if let Some(language) = by_code(&primary)
            && weight > best.0
        {
            best = (weight, language);
        }
    }
    best.1
}

#[cfg(test)]
mod tests {
    use super::*;

    fn chosen(raw: &str, cookie: &str, accepted: &str) -> (Language, bool) {
        let query = Query::parse(Some(raw), &["lang"]).unwrap();
        let mut headers = HeaderMap::new();
        headers.insert(header::COOKIE, cookie.parse().unwrap());
        headers.insert(header::ACCEPT_LANGUAGE, accepted.parse().unwrap());
        language(&query, &headers).unwrap()
    }

    #[test]
    fn the_query_wins_over_the_cookie_over_the_browser() {
        assert_eq!(chosen("lang=vi", "lang=en", "en"), (Language::Vietnamese, true));
        assert_eq!(chosen("", "theme=x; lang=vi", "en"), (Language::Vietnamese, false));
        assert_eq!(chosen("", "", "vi-VN,vi;q=0.9,en;q=0.8"), (Language::Vietnamese, false));
        assert_eq!(chosen("", "lang=xx", "fr, en;q=0.5, vi;q=0.4"), (Language::English, false));
        assert_eq!(chosen("", "", ""), (Language::English, false));
    }

    #[test]
    fn an_unknown_language_is_refused() {
        let query = Query::parse(Some("lang=fr"), &["lang"]).unwrap();
        assert_eq!(language(&query, &HeaderMap::new()), Err(Problem::bad("`lang=fr`: en or vi")));
    }

    #[test]
    fn spans_are_told_in_their_nearest_unit() {
        let texts = Texts::default();
        let words = Words::new(&texts, Language::English);
        let told = |seconds: f64| words.duration(Duration::from_secs_f64(seconds)).replace('\u{a0}', " ");
        let expected =
            [(0.42, "0.4 s"), (95.0, "95 s"), (2460.0, "41 min"), (70_000.0, "19 h"), (4e5, "4 d")];
        for (seconds, text) in expected {
            assert_eq!(told(seconds), text);
        }
        assert_eq!(words.age(Wall(0), Wall(120_000_000)).replace('\u{a0}', " "), "2 min old");
    }

    #[test]
    fn the_clock_is_the_sites() {
        let wall = Wall::parse("2026-11-23T07:32:07Z").unwrap();
        assert_eq!(clock_text(wall, chrono_tz::Asia::Ho_Chi_Minh), "14:32:07");
        assert_eq!(date_text(wall, chrono_tz::Asia::Ho_Chi_Minh), "2026-11-23 14:32:07");
    }
}
