//! Ids and point names: checked once, here, and right ever after.

use std::{fmt, str::FromStr, sync::Arc};

use serde::{Deserialize, Serialize};

/// A short id that people choose: a site, room, line, device, door or profile.
///
/// `[a-z0-9][a-z0-9-]{0,31}`: fit for topics, addresses of pages and file names alike. Cheap to clone.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(try_from = "String", into = "String")]
pub struct Id(Arc<str>);

/// A point's name: ids joined by dots, such as `battery.charge`; at most 64 characters.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(try_from = "String", into = "String")]
pub struct PointName(Arc<str>);

/// Longest point name, in characters.
const POINT_NAME_MAX: usize = 64;

fn is_id(text: &str) -> bool {
    let mut characters = text.bytes();
    let first = characters.next().is_some_and(|c| c.is_ascii_lowercase() || c.is_ascii_digit());
    first && text.len() <= 32 && characters.all(|c| c.is_ascii_lowercase() || c.is_ascii_digit() || c == b'-')
}

impl FromStr for Id {
    type Err = String;
    fn from_str(text: &str) -> Result<Self, String> {
        if is_id(text) {
            Ok(Self(text.into()))
        } else {
            Err(format!(
                "`{}` is not an id: use 1 to 32 of a-z, 0-9 and '-', beginning with a letter or digit",
                text.escape_debug()
            ))
        }
    }
}

impl FromStr for PointName {
    type Err = String;
    fn from_str(text: &str) -> Result<Self, String> {
        if text.len() <= POINT_NAME_MAX && text.split('.').all(is_id) {
            Ok(Self(text.into()))
        } else {
            Err(format!(
                "`{}` is not a point name: use ids of a-z, 0-9 and '-' joined by dots (battery.charge), \
                 at most {POINT_NAME_MAX} characters",
                text.escape_debug()
            ))
        }
    }
}

macro_rules! text_newtype {
    ($name:ident) => {
        impl $name {
            /// The text itself.
            #[must_use]
            pub fn as_str(&self) -> &str {
                &self.0
            }
        }
        impl TryFrom<String> for $name {
            type Error = String;
            fn try_from(text: String) -> Result<Self, String> {
                text.parse()
            }
        }
        impl From<$name> for String {
            fn from(value: $name) -> Self {
                value.0.as_ref().to_owned()
            }
        }
        impl fmt::Display for $name {
            fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                f.pad(&self.0)
            }
        }
        impl AsRef<str> for $name {
            fn as_ref(&self) -> &str {
                &self.0
            }
        }
        impl std::borrow::Borrow<str> for $name {
            fn borrow(&self) -> &str {
                &self.0
            }
        }
    };
}
text_newtype!(Id);
text_newtype!(PointName);

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn ids_are_short_lower_case_words() {
        for good in ["a", "ups-1", "2nd-floor", "a2345678901234567890123456789012"] {
            assert!(good.parse::<Id>().is_ok(), "{good}");
        }
        for bad in ["", "-a", "UPS", "a b", "ä", "a.b", "a23456789012345678901234567890123"] {
            assert!(bad.parse::<Id>().is_err(), "{bad}");
        }
    }

    #[test]
    fn point_names_are_ids_joined_by_dots() {
        for good in ["temperature", "input.voltage.l1-l2", "zone.12.alarm"] {
            assert!(good.parse::<PointName>().is_ok(), "{good}");
        }
        for bad in ["", ".", "a.", ".a", "a..b", "A.b", "a_b"] {
            assert!(bad.parse::<PointName>().is_err(), "{bad}");
        }
    }
}
