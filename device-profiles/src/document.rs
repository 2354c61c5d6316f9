//! A TOML file on its way to checked types: reads every table by itself, so that one mistake does not hide
//! the next, and keeps the place of every key for the messages.

use std::{collections::BTreeMap, ops::Range};

use serde::de::DeserializeOwned;
use toml::de::{DeTable, DeValue, Error, ValueDeserializer};

use crate::{Problem, Problems, line_of};

/// A parsed file and what is wrong in it so far.
pub struct Document<'i> {
    path: &'i str,
    text: &'i str,
    tables: BTreeMap<String, (Range<usize>, toml::Spanned<DeValue<'i>>)>,
    problems: Vec<Problem>,
}

/// One table of a file, read into `T`, with the places of its keys.
#[derive(Clone, Debug)]
pub struct Entry<T> {
    /// What was read.
    pub value: T,
    at: Range<usize>,
    keys: BTreeMap<String, Range<usize>>,
}

impl<T> Entry<T> {
    /// The place of `key`'s value; of the whole entry if it has none.
    #[must_use]
    pub fn at(&self, key: &str) -> Range<usize> {
        self.keys.get(key).unwrap_or(&self.at).clone()
    }
}

impl<'i> Document<'i> {
    /// Parses `text`; what is not TOML becomes problems, the rest is kept.
    #[must_use]
    pub fn parse(path: &'i str, text: &'i str) -> Self {
        let (table, errors) = DeTable::parse_recoverable(text);
        let tables = table.into_inner().into_iter();
        let tables = tables.map(|(key, value)| (key.get_ref().to_string(), (key.span(), value))).collect();
        let mut document = Self { path, text, tables, problems: Vec::new() };
        for error in errors {
            document.syntax(&error, 0..0);
        }
        document
    }

    fn syntax(&mut self, error: &Error, fallback: Range<usize>) {
        let at = error.span().unwrap_or(fallback);
        let mut message = error.message().lines();
        let what = message.next().unwrap_or("not TOML").to_owned();
        let right = message.collect::<Vec<_>>().join(" ");
        self.problem(at, what, if right.is_empty() { "see the file's README".into() } else { right });
    }

    /// Notes a problem at `at`: what is wrong and what would be right.
    pub fn problem(&mut self, at: Range<usize>, what: impl Into<String>, right: impl Into<String>) {
        let line = line_of(self.text, at.start);
        self.problems.push(Problem { at, line, what: what.into(), right: right.into() });
    }

    /// Whether anything is wrong so far.
    #[must_use]
    pub fn is_sound(&self) -> bool {
        self.problems.is_empty()
    }

    /// The value under the top-level `key`, if there; wrong ones become problems.
    pub fn section<T: DeserializeOwned>(&mut self, key: &str) -> Option<Entry<T>> {
        let (_, value) = self.tables.remove(key)?;
        self.read(value)
    }

    /// As [`Document::section`], and a problem when it is missing.
    pub fn required<T: DeserializeOwned>(&mut self, key: &str, right: &str) -> Option<Entry<T>> {
        if !self.tables.contains_key(key) {
            self.problem(0..0, format!("`{key}` is missing"), right);
        }
        self.section(key)
    }

    /// Every `[[key]]` table; each wrong one becomes a problem of its own.
    pub fn entries<T: DeserializeOwned>(&mut self, key: &str) -> Vec<Entry<T>> {
        let Some((_, value)) = self.tables.remove(key) else { return Vec::new() };
        let at = value.span();
        let DeValue::Array(array) = value.into_inner() else {
            self.problem(
                at,
                format!("`{key}` is not a list of tables"),
                format!("write each one as [[{key}]]"),
            );
            return Vec::new();
        };
        array.into_iter().filter_map(|value| self.read(value)).collect()
    }

    fn read<T: DeserializeOwned>(&mut self, value: toml::Spanned<DeValue<'i>>) -> Option<Entry<T>> {
        let at = value.span();
        let keys = value.get_ref().as_table().into_iter().flatten();
        let keys = keys.map(|(key, value)| (key.get_ref().to_string(), value.span())).collect();
        match T::deserialize(ValueDeserializer::from(value)) {
            Ok(value) => Some(Entry { value, at, keys }),
            Err(error) => {
                self.syntax(&error, at);
                None
            }
        }
    }

    /// Ends the reading: keys that nobody asked for are problems (`known` lists what may stand there).
    pub fn finish(mut self, known: &[&str]) -> Result<(), Problems> {
        for (key, (at, _)) in std::mem::take(&mut self.tables) {
            self.problem(at, format!("`{key}` is not known here"), format!("one of: {}", known.join(", ")));
        }
        if self.problems.is_empty() {
            Ok(())
        } else {
            Err(Problems::new(self.path, self.text, self.problems))
        }
    }
}
