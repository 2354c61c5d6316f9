//! Query strings, checked at the edge: unknown keys, keys given twice and values that cannot be are refused,
//! each with a message that says what would be right.

use std::{fmt, ops::RangeInclusive, str::FromStr};

use super::problem::Problem;
use crate::model::Wall;

/// Most `key=value` pairs of one request.
const MAX_PAIRS: usize = 32;

/// A query string whose keys are all known.
#[derive(Debug, Default)]
pub(super) struct Query(Vec<(String, String)>);

impl Query {
    /// Reads `raw`; only keys of `known` may be in it.
    pub(super) fn parse(raw: Option<&str>, known: &[&str]) -> Result<Self, Problem> {
        let pairs = form_urlencoded::parse(raw.unwrap_or_default().as_bytes()).into_owned();
        let pairs: Vec<(String, String)> = pairs.take(MAX_PAIRS + 1).collect();
        if pairs.len() > MAX_PAIRS {
            return Err(Problem::bad(format!("more than {MAX_PAIRS} query parameters")));
        }
        match pairs.iter().find(|(key, _)| !known.contains(&key.as_str())) {
            Some((key, _)) if known.is_empty() => {
                Err(Problem::bad(format!("unknown query parameter `{key}`: none is taken here")))
            }
            Some((key, _)) => {
                let known = known.join(", ");
                Err(Problem::bad(format!("unknown query parameter `{key}`: one of {known}")))
            }
            None => Ok(Self(pairs)),
        }
    }

    /// Every value of a key that may be given more than once.
    pub(super) fn all<'q>(&'q self, key: &'q str) -> impl Iterator<Item = &'q str> {
        self.0.iter().filter(move |(name, _)| name == key).map(|(_, value)| value.as_str())
    }

    /// The value of a key that may be given once; an empty one counts as absent.
    pub(super) fn one<'q>(&'q self, key: &'q str) -> Result<Option<&'q str>, Problem> {
        let mut values = self.all(key);
        let first = values.next().filter(|value| !value.is_empty());
        match values.next() {
            Some(_) => Err(Problem::bad(format!("`{key}` is given twice"))),
            None => Ok(first),
        }
    }

    /// A whole number within `range`.
    pub(super) fn number<N>(&self, key: &str, range: RangeInclusive<N>) -> Result<Option<N>, Problem>
    where
        N: FromStr + PartialOrd + fmt::Display,
    {
        let Some(text) = self.one(key)? else { return Ok(None) };
        let number = text.parse::<N>().ok().filter(|number| range.contains(number));
        let wrong = || format!("`{key}={text}`: a whole number from {} to {}", range.start(), range.end());
        number.map(Some).ok_or_else(|| Problem::bad(wrong()))
    }

    /// A time in RFC 3339.
    pub(super) fn time(&self, key: &str) -> Result<Option<Wall>, Problem> {
        let Some(text) = self.one(key)? else { return Ok(None) };
        // An offset's plus sign that was not escaped arrives as a space.
        let parsed = Wall::parse(text).or_else(|| Wall::parse(&text.replace(' ', "+")));
        let wrong = || format!("`{key}={text}` is no time: RFC 3339, such as 2026-11-23T07:00:00Z");
        parsed.map(Some).ok_or_else(|| Problem::bad(wrong()))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn query(raw: &str) -> Query {
        Query::parse(Some(raw), &["point", "from", "limit"]).unwrap()
    }

    #[test]
    fn unknown_keys_are_refused_with_the_known_ones() {
        let problem = Query::parse(Some("pont=a"), &["point", "from"]).unwrap_err();
        assert_eq!(problem, Problem::bad("unknown query parameter `pont`: one of point, from"));
        assert!(Query::parse(Some("a=1"), &[]).unwrap_err().detail.ends_with("none is taken here"));
    }

    #[test]
    fn a_key_given_twice_is_refused_where_one_is_meant() {
        let query = query("point=a&point=b%2Fc&from=");
        assert_eq!(query.all("point").collect::<Vec<_>>(), ["a", "b/c"]);
        assert_eq!(query.one("point"), Err(Problem::bad("`point` is given twice")));
        assert_eq!(query.one("from"), Ok(None));
    }

    #[test]
    fn numbers_keep_to_their_range() {
        assert_eq!(query("limit=7").number("limit", 1..=9_u32), Ok(Some(7)));
        for wrong in ["limit=0", "limit=10", "limit=x", "limit=-1"] {
            let problem = query(wrong).number("limit", 1..=9_u32).unwrap_err();
            assert!(problem.detail.ends_with("a whole number from 1 to 9"), "{wrong}: {}", problem.detail);
        }
    }

    #[test]
    fn times_may_have_an_unescaped_offset() {
        let expected = Wall::parse("2026-11-23T00:00:00Z");
        assert_eq!(query("from=2026-11-23T07:00:00+07:00").time("from"), Ok(expected));
        assert_eq!(query("from=2026-11-23T07:00:00%2B07:00").time("from"), Ok(expected));
        assert!(query("from=yesterday").time("from").is_err());
    }

    #[test]
    fn the_number_of_pairs_is_bounded() {
        let raw = "point=a&".repeat(MAX_PAIRS + 1);
        assert!(Query::parse(Some(&raw), &["point"]).is_err());
    }
}
