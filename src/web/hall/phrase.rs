//! A statement in no language yet: a key of the catalogue and what fills its places.

use std::time::Duration;

use crate::{model::Quality, web::words::Words};

/// A text to be said.
#[derive(Clone, Debug, PartialEq)]
pub(in crate::web) struct Phrase {
    /// The catalogue's key.
    pub(in crate::web) key: &'static str,
    /// Place → what fills it.
    pub(in crate::web) places: Vec<(&'static str, Arg)>,
    /// Whether it tells of something that is not known, and is shown hatched.
    pub(in crate::web) unknown: bool,
}

/// What fills a place.
#[derive(Clone, Debug, PartialEq)]
pub(in crate::web) enum Arg {
    /// A name, as people gave it.
    Name(String),
    /// Several names.
    Names(Vec<String>),
    /// A number with so many decimals.
    Number(f64, usize),
    /// How many.
    Count(usize),
    /// A span of time.
    Span(Duration),
    /// Why something is not known.
    Why(Quality),
}

impl Phrase {
    /// A text without places.
    pub(in crate::web) fn new(key: &'static str) -> Self {
        Self { key, places: Vec::new(), unknown: false }
    }

    /// With a place filled.
    pub(in crate::web) fn with(mut self, place: &'static str, arg: Arg) -> Self {
        self.places.push((place, arg));
        self
    }

    /// "Not known: UPS A does not answer".
    pub(in crate::web) fn not_known(name: &str, why: Quality) -> Self {
        let phrase = Self::new("not-known").with("name", Arg::Name(name.to_owned()));
        Self { unknown: true, ..phrase.with("why", Arg::Why(why)) }
    }

    /// The text.
    pub(in crate::web) fn say(&self, words: &Words<'_>) -> String {
        let places: Vec<_> = self.places.iter().map(|(place, arg)| (*place, arg.say(words))).collect();
        let places: Vec<_> = places.iter().map(|(place, text)| (*place, text.as_str())).collect();
        words.with(self.key, &places)
    }
}

impl Arg {
    fn say(&self, words: &Words<'_>) -> String {
        match self {
            Self::Name(name) => name.clone(),
            Self::Names(names) => names.join(", "),
            Self::Number(number, decimals) => words.number(*number, *decimals),
            Self::Count(count) => count.to_string(),
            Self::Span(span) => words.duration(*span),
            Self::Why(quality) => words.say(&format!("quality-{quality}")),
        }
    }
}
