//! Roles, rights, people, tokens and days, as a person types them at the command line. What is not understood is
//! answered with what there is.

use chrono::{DateTime, Days, NaiveDate, NaiveTime};
use chrono_tz::Tz;

use crate::{
    model::{PersonId, Right, Rights, Role, TokenId, Wall},
    store::Registry,
};

/// The most names in a message.
const SHOWN: usize = 20;

pub(super) fn role(text: &str) -> Result<Role, String> {
    Role::parse(text).ok_or_else(|| unknown("role", text, &Role::ALL.map(Role::as_str)))
}

pub(super) fn rights(texts: &[String]) -> Result<Rights, String> {
    let right = |text: &String| {
        Right::parse(text).ok_or_else(|| unknown("right", text, &Right::ALL.map(Right::as_str)))
    };
    texts.iter().map(right).collect()
}

/// By its id, or by the sign-in name of an account that has not ended.
pub(super) fn person(registry: &Registry, text: &str) -> Result<PersonId, String> {
    let by_id = PersonId::parse(text).filter(|id| registry.account(*id).is_some());
    let found = by_id.or_else(|| registry.by_sign_in(text).map(|account| account.person));
    found.ok_or_else(|| {
        let living = registry.accounts.iter().filter(|account| account.ended.is_none());
        let known: Vec<&str> = living.map(|account| account.sign_in.as_str()).collect();
        unknown("account", text, &known)
    })
}

pub(super) fn token(registry: &Registry, text: &str) -> Result<TokenId, String> {
    let found = TokenId::parse(text).filter(|id| registry.tokens.iter().any(|token| token.id == *id));
    found.ok_or_else(|| {
        let known: Vec<String> = registry.tokens.iter().map(|token| token.id.to_string()).collect();
        unknown("token", text, &known.iter().map(String::as_str).collect::<Vec<_>>())
    })
}

pub(super) fn born(text: &str) -> Result<NaiveDate, String> {
    text.parse().map_err(|_| format!("`{text}` is no date: a birth date is written 1990-02-01"))
}

/// A day counts from its beginning, by the hall's time.
pub(super) fn start(text: &str, zone: Tz) -> Result<Wall, String> {
    let day: Option<NaiveDate> = text.parse().ok();
    let local = day.map(|day| day.and_time(NaiveTime::MIN).and_local_timezone(zone));
    let start: Option<DateTime<Tz>> = local.and_then(|times| times.earliest().or_else(|| times.latest()));
    Wall::parse(text).or_else(|| start.map(|time| Wall(time.timestamp_micros()))).ok_or_else(|| {
        format!("`{text}` is no time: give a day, such as 2026-12-31, or a time, such as 2026-12-31T17:00:00+07:00")
    })
}

/// A day counts to its end, by the hall's time.
pub(super) fn end(text: &str, zone: Tz) -> Result<Wall, String> {
    if let Some(time) = Wall::parse(text) {
        return Ok(time);
    }
    let day: Option<NaiveDate> = text.parse().ok();
    let midnight = day.and_then(|day| day.checked_add_days(Days::new(1)));
    let local = midnight.map(|day| day.and_time(NaiveTime::MIN).and_local_timezone(zone));
    let end: Option<DateTime<Tz>> = local.and_then(|times| times.earliest().or_else(|| times.latest()));
    end.map(|time| Wall(time.timestamp_micros())).ok_or_else(|| {
        format!("`{text}` is no end: give the last day, such as 2026-12-31, or a time, such as 2026-12-31T17:00:00+07:00")
    })
}

fn unknown(what: &str, text: &str, known: &[&str]) -> String {
    let alike = |name: &str| name.bytes().zip(text.bytes()).take_while(|(a, b)| a == b).count();
    let nearest = known.iter().max_by_key(|name| alike(name)).filter(|name| alike(name) >= 2);
    let hint = nearest.map_or(String::new(), |name| format!(" Did you mean `{name}`?"));
    let there_are = match known {
        [] => "there is none".to_owned(),
        few if few.len() <= SHOWN => format!("there are: {}", few.join(", ")),
        many => format!("there are {}; `hallward {what} list` names them", many.len()),
    };
    format!("there is no {what} `{text}`; {there_are}.{hint}")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_not_there_is_answered_with_what_is() {
        assert_eq!(role("operator"), Ok(Role::Operator));
        assert_eq!(
            role("admin").unwrap_err(),
            "there is no role `admin`; there are: viewer, operator, security, administrator, inspector. \
             Did you mean `administrator`?"
        );
        let message = rights(&["hall.read".to_owned(), "point.wrte".to_owned()]).unwrap_err();
        assert!(message.contains("Did you mean `point.write`?"), "{message}");
        assert_eq!(token(&Registry::default(), "t1").unwrap_err(), "there is no token `t1`; there is none.");
    }

    #[test]
    fn a_day_counts_to_its_end_by_the_halls_time() {
        let zone = chrono_tz::Asia::Ho_Chi_Minh;
        assert_eq!(end("2026-12-31", zone).unwrap().rfc3339(), "2026-12-31T17:00:00.000Z");
        assert_eq!(end("2026-12-31T08:00:00+07:00", zone).unwrap().rfc3339(), "2026-12-31T01:00:00.000Z");
        for wrong in ["31/12/2026", "2026-13-01", ""] {
            assert!(end(wrong, zone).is_err() && born(wrong).is_err(), "{wrong}");
        }
    }
}
