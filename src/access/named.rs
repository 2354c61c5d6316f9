//! People, badges, rules, doors, groups, words and times, as somebody typed them. What is not understood is refused with what
//! would be right.

use std::collections::BTreeSet;

use chrono::{DateTime, Days, NaiveDate, NaiveDateTime, NaiveTime};
use chrono_tz::Tz;
use hallward_site::Site;

use super::has_door;
use crate::{
    accounts::{NoSuch, NotDone, Wrong},
    model::{AccessRule, Badge, BadgeId, Holder, Id, PersonId, RuleId, Wall},
    store::Registry,
};

/// The longest text that is kept, characters.
const LONGEST: usize = 500;

/// What takes a value away: nothing, or this word.
const NONE: &str = "none";

/// By its id, by the sign-in name of an account that has not ended, or by a name that only one person has.
#[must_use]
pub fn person_named(registry: &Registry, text: &str) -> Option<PersonId> {
    let by_id = PersonId::parse(text).filter(|id| registry.person(*id).is_some());
    let by_sign_in = || registry.by_sign_in(text).map(|account| account.person);
    let by_name = || {
        let mut found = registry.persons.iter().filter(|person| person.name == text);
        found.next().filter(|_| found.next().is_none()).map(|person| person.id)
    };
    by_id.or_else(by_sign_in).or_else(by_name)
}

pub(super) fn person(registry: &Registry, text: &str) -> Result<PersonId, NotDone> {
    person_named(registry, text).ok_or_else(|| NoSuch::Person(text.to_owned()).into())
}

pub(super) fn holder<'r>(registry: &'r Registry, text: &str) -> Result<&'r Holder, NotDone> {
    let person = person(registry, text)?;
    holder_of(registry, person).ok_or_else(|| NoSuch::Holder(person.to_string()).into())
}

pub(super) fn holder_of(registry: &Registry, person: PersonId) -> Option<&Holder> {
    let holders = &registry.access.holders;
    holders.binary_search_by_key(&person, |holder| holder.person).ok().and_then(|at| holders.get(at))
}

pub(super) fn badge<'r>(registry: &'r Registry, text: &str) -> Result<&'r Badge, NotDone> {
    let badges = &registry.access.badges;
    let found = BadgeId::parse(text).and_then(|id| badges.binary_search_by_key(&id, |badge| badge.id).ok());
    found.and_then(|at| badges.get(at)).ok_or_else(|| NoSuch::Badge(text.to_owned()).into())
}

pub(super) fn rule<'r>(registry: &'r Registry, text: &str) -> Result<&'r AccessRule, NotDone> {
    let found = RuleId::parse(text).and_then(|id| registry.access.rules.iter().find(|rule| rule.id == id));
    found.ok_or_else(|| NoSuch::AccessRule(text.to_owned()).into())
}

/// A schedule that is there.
pub(super) fn schedule(registry: &Registry, text: &str) -> Result<Id, NotDone> {
    let found = registry.access.schedules.iter().find(|schedule| schedule.id.as_str() == text);
    found.map(|schedule| schedule.id.clone()).ok_or_else(|| NoSuch::Schedule(text.to_owned()).into())
}

pub(super) fn door(site: &Site, text: &str) -> Result<Id, NotDone> {
    let found = text.parse().ok().filter(|_| has_door(site, text));
    found.ok_or_else(|| NoSuch::Door(text.to_owned()).into())
}

pub(super) fn doors(site: &Site, texts: &[String]) -> Result<BTreeSet<Id>, NotDone> {
    texts.iter().map(|text| door(site, text)).collect()
}

pub(super) fn group(text: &str) -> Result<Id, NotDone> {
    // A rule for `p7` is for the person.
    let found = text.parse().ok().filter(|_| PersonId::parse(text).is_none());
    found.ok_or_else(|| Wrong::Group(text.to_owned()).into())
}

pub(super) fn groups(texts: &[String]) -> Result<BTreeSet<Id>, NotDone> {
    texts.iter().map(|text| group(text)).collect()
}

/// A word of an enumeration.
pub(super) fn word<T>(text: &str, parse: impl Fn(&str) -> Option<T>) -> Result<T, NotDone> {
    parse(text).ok_or_else(|| Wrong::Word(text.to_owned()).into())
}

/// A text that must be said, as it is kept.
pub(super) fn said(field: &str, text: &str) -> Result<String, NotDone> {
    let text = text.trim();
    let fits = !text.is_empty() && text.chars().count() <= LONGEST && !text.chars().any(char::is_control);
    if fits { Ok(text.to_owned()) } else { Err(Wrong::Said(field.to_owned()).into()) }
}

/// What was typed to change something: `None` where it is to stay as it is, else the new text, if there is to be one.
pub(super) fn change(typed: Option<&str>) -> Option<Option<&str>> {
    typed.map(|text| Some(text.trim()).filter(|text| !text.is_empty() && *text != NONE))
}

/// From when on: a day begins at midnight, and a minute is one, by the hall's time.
pub(super) fn begin(text: &str, zone: Tz) -> Result<Wall, NotDone> {
    Wall::parse(text)
        .or_else(|| minute(text, zone))
        .or_else(|| midnight(text, zone, 0))
        .ok_or_else(|| Wrong::Moment(text.to_owned()).into())
}

/// Until before when: a day counts to its end, a minute to its beginning, by the hall's time.
pub(super) fn end(text: &str, zone: Tz) -> Result<Wall, NotDone> {
    Wall::parse(text)
        .or_else(|| minute(text, zone))
        .or_else(|| midnight(text, zone, 1))
        .ok_or_else(|| Wrong::Moment(text.to_owned()).into())
}

fn midnight(day: &str, zone: Tz, days_later: u64) -> Option<Wall> {
    let day: NaiveDate = day.parse().ok()?;
    local(day.checked_add_days(Days::new(days_later))?.and_time(NaiveTime::MIN), zone)
}

/// As browsers write a minute: `2027-03-31T15:30`.
fn minute(text: &str, zone: Tz) -> Option<Wall> {
    local(NaiveDateTime::parse_from_str(text, "%Y-%m-%dT%H:%M").ok()?, zone)
}

fn local(time: NaiveDateTime, zone: Tz) -> Option<Wall> {
    let times = time.and_local_timezone(zone);
    let time: DateTime<Tz> = times.earliest().or_else(|| times.latest())?;
    Some(Wall(time.timestamp_micros()))
}

/// When something counts, as it was typed: what is absent stays as `held` has it.
pub(super) fn span(
    held: (Option<Wall>, Option<Wall>),
    from: Option<&str>,
    until: Option<&str>,
    zone: Tz,
) -> Result<(Option<Wall>, Option<Wall>), NotDone> {
    let from = match change(from) {
        None => held.0,
        Some(text) => text.map(|text| begin(text, zone)).transpose()?,
    };
    let until = match change(until) {
        None => held.1,
        Some(text) => text.map(|text| end(text, zone)).transpose()?,
    };
    match (from, until) {
        (Some(from), Some(until)) if from >= until => Err(Wrong::Span.into()),
        _ => Ok((from, until)),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn days_and_minutes_are_those_of_the_hall() {
        let zone = Tz::Asia__Ho_Chi_Minh;
        let told = |text| (begin(text, zone).unwrap().rfc3339(), end(text, zone).unwrap().rfc3339());
        let pair = |a: &str, b: &str| (a.to_owned(), b.to_owned());
        assert_eq!(told("2027-03-31"), pair("2027-03-30T17:00:00.000Z", "2027-03-31T17:00:00.000Z"));
        assert_eq!(told("2027-03-31T15:30"), pair("2027-03-31T08:30:00.000Z", "2027-03-31T08:30:00.000Z"));
        assert_eq!(
            told("2027-03-31T15:30:00Z"),
            pair("2027-03-31T15:30:00.000Z", "2027-03-31T15:30:00.000Z")
        );
        assert!(begin("tomorrow", zone).is_err() && end("2027-03-31 15:30", zone).is_err());
    }
}
