//! What values a point can have, so that a value written in a file (of a rule, an example, a simulated device) is
//! checked against its point.

use std::collections::BTreeMap;

use crate::{Derivation, Derived, Encoding, Literal, Point, PointName};

/// The points that a profile has so far.
pub(crate) type Known = BTreeMap<PointName, Values>;

/// The values that one point can have.
pub(crate) enum Values {
    /// True and false.
    Flag,
    /// One of these words.
    Words(Vec<String>),
    /// Any characters.
    Text,
    /// Any number.
    Number,
    /// None: it is written, never read.
    Unread,
    /// Not known, because its own entry is wrong; nothing more is said about it.
    Unknown,
}

impl Values {
    pub(crate) fn of_point(point: &Point) -> Self {
        if !point.is_read() {
            Self::Unread
        } else if point.encoding == Encoding::Bool {
            Self::Flag
        } else if point.encoding == Encoding::Text {
            Self::Text
        } else if point.words.is_empty() {
            Self::Number
        } else {
            Self::Words(point.words.iter().map(|(_, word)| word.clone()).collect())
        }
    }

    pub(crate) fn of_derived(derived: &Derived) -> Self {
        let Derivation::Rules(rules) = &derived.how else { return Self::Number };
        let words = rules.iter().filter_map(|rule| match &rule.is {
            Literal::Text(word) => Some(word.clone()),
            Literal::Flag(_) | Literal::Number(_) => None,
        });
        match rules.first().map(|rule| &rule.is) {
            Some(Literal::Number(_)) => Self::Number,
            Some(Literal::Flag(_)) => Self::Flag,
            Some(Literal::Text(_)) | None => Self::Words(words.collect()),
        }
    }

    /// Whether a point with these values can ever be `literal`.
    pub(crate) fn fits(&self, literal: &Literal) -> bool {
        match (self, literal) {
            (Self::Flag, Literal::Flag(_))
            | (Self::Text, Literal::Text(_))
            | (Self::Number, Literal::Number(_)) => true,
            (Self::Words(words), Literal::Text(word)) => words.contains(word),
            (Self::Unknown, _) => true,
            (Self::Flag | Self::Words(_) | Self::Text | Self::Number | Self::Unread, _) => false,
        }
    }

    /// What would fit, for messages.
    pub(crate) fn say(&self) -> String {
        match self {
            Self::Flag => "it is true or false".to_owned(),
            Self::Words(words) => format!("it is one of: {}", words.join(", ")),
            Self::Text => "it is a text".to_owned(),
            Self::Number => "it is a number".to_owned(),
            Self::Unread => "it is a command and never read".to_owned(),
            Self::Unknown => "put its own entry right first".to_owned(),
        }
    }
}
