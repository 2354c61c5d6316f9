//! Every text for people, in English and Vietnamese: one catalogue per language, both complete (a test checks).

use fluent_bundle::{FluentArgs, FluentResource, concurrent::FluentBundle};
use unic_langid::langid;

/// A language of the pages.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Hash)]
pub enum Language {
    /// English.
    #[default]
    English,
    /// Vietnamese.
    Vietnamese,
}

/// Both catalogues.
pub struct Texts {
    english: FluentBundle<FluentResource>,
    vietnamese: FluentBundle<FluentResource>,
}

const ENGLISH: &str = include_str!("texts/en.ftl");
const VIETNAMESE: &str = include_str!("texts/vi.ftl");

impl Language {
    /// Both.
    pub const ALL: [Self; 2] = [Self::English, Self::Vietnamese];

    /// The code used in pages' addresses and `lang` attributes.
    #[must_use]
    pub fn code(self) -> &'static str {
        match self {
            Self::English => "en",
            Self::Vietnamese => "vi",
        }
    }

    /// Whether it is Vietnamese, for the labels that come in pairs.
    #[must_use]
    pub fn is_vietnamese(self) -> bool {
        self == Self::Vietnamese
    }

    /// A number with this language's decimal mark (Vietnamese writes a comma).
    #[must_use]
    pub fn number(self, value: f64, decimals: usize) -> String {
        let text = format!("{value:.decimals$}");
        if self.is_vietnamese() { text.replace('.', ",") } else { text }
    }
}

impl Default for Texts {
    fn default() -> Self {
        Self { english: bundle(langid!("en"), ENGLISH), vietnamese: bundle(langid!("vi"), VIETNAMESE) }
    }
}

fn bundle(language: unic_langid::LanguageIdentifier, catalogue: &str) -> FluentBundle<FluentResource> {
    let mut bundle = FluentBundle::new_concurrent(vec![language]);
    bundle.set_use_isolating(false);
    // A broken entry is left out here and found by the test below.
    let resource = FluentResource::try_new(catalogue.to_owned()).unwrap_or_else(|(sound, _)| sound);
    if bundle.add_resource(resource).is_err() {
        tracing::error!("a text is twice in a catalogue");
    }
    bundle
}

impl Texts {
    /// The text `key`; the key itself where there is none.
    #[must_use]
    pub fn get(&self, language: Language, key: &str) -> String {
        self.with(language, key, &[])
    }

    /// The text `key` with its places filled in.
    #[must_use]
    pub fn with(&self, language: Language, key: &str, values: &[(&str, &str)]) -> String {
        let bundle = match language {
            Language::English => &self.english,
            Language::Vietnamese => &self.vietnamese,
        };
        let Some(pattern) = bundle.get_message(key).and_then(|message| message.value()) else {
            return key.to_owned();
        };
        let arguments: FluentArgs<'_> = values.iter().map(|(name, value)| (*name, *value)).collect();
        bundle.format_pattern(pattern, Some(&arguments), &mut Vec::new()).into_owned()
    }
}

#[cfg(test)]
mod tests {
    use std::collections::BTreeSet;

    use super::*;

    fn keys(catalogue: &str) -> BTreeSet<&str> {
        let entries = catalogue.lines().filter(|line| !line.starts_with(['#', ' ']));
        entries.filter_map(|line| line.split_once(" = ")).map(|(key, _)| key).collect()
    }

    #[test]
    fn both_catalogues_are_sound_and_complete() {
        for catalogue in [ENGLISH, VIETNAMESE] {
            assert!(FluentResource::try_new(catalogue.to_owned()).is_ok());
        }
        assert_eq!(keys(ENGLISH), keys(VIETNAMESE));
        for catalogue in [ENGLISH, VIETNAMESE] {
            let lines =
                catalogue.lines().filter(|line| !line.starts_with(['#', ' ']) && line.contains(" = "));
            assert_eq!(lines.count(), keys(catalogue).len(), "a text is there twice");
        }
    }

    #[test]
    fn texts_come_in_both_languages_with_their_places_filled() {
        let texts = Texts::default();
        assert_eq!(texts.with(Language::English, "age", &[("age", "2 min")]), "2 min old");
        assert_eq!(texts.with(Language::Vietnamese, "age", &[("age", "2 min")]), "cũ 2 min");
        assert_eq!(Language::Vietnamese.number(23.46, 1), "23,5");
    }

    #[test]
    fn words_within_records_are_in_the_readers_language() {
        let texts = Texts::default();
        let say = |key, place| texts.with(Language::Vietnamese, key, &[place]);
        assert_eq!(say("record-reader-online", ("side", "exit")), "đầu đọc trả lời (lối ra)");
        assert_eq!(say("record-door-mode", ("after", "lockdown")), "chế độ hiện là phong tỏa");
        assert_eq!(say("record-door-mode", ("after", "new")), "chế độ hiện là new");
    }
}
