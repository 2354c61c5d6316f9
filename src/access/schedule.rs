//! Schedules and holidays, and how people write their times: `Mon-Fri 08:00-12:00,13:00-17:30; Sat 08:00-12:00; holidays none`.
//! A day that is not named has none; holidays take the place of their day of the week.

use chrono::NaiveDate;

use super::{
    Access, MOST_RULES,
    deed::Done,
    difference::{differing, over, put, record},
    named,
};
use crate::{
    accounts::{Caller, Change, Conflict, NoSuch, NotDone, Wrong, reason},
    model::{Holiday, Id, Right, Schedule, Window},
    store::{AccessEntry, Registry},
};

/// The days as they are written; the eighth is that of holidays.
const DAYS: [&str; 8] = ["Mon", "Tue", "Wed", "Thu", "Fri", "Sat", "Sun", "holidays"];

/// The most parts of one day.
const PARTS: usize = 8;

type Days = [Vec<Window>; 8];

/// Reads times as they are written.
pub(super) fn times(text: &str) -> Option<Days> {
    let mut all: Days = Default::default();
    let mut said = [false; 8];
    for part in text.split(';').map(str::trim).filter(|part| !part.is_empty()) {
        let (days, windows) = part.split_once(char::is_whitespace)?;
        let windows = windows.trim();
        let windows: Vec<Window> = match windows {
            "none" => Vec::new(),
            _ => windows.split(',').map(|window| Window::parse(window.trim())).collect::<Option<_>>()?,
        };
        if windows.len() > PARTS {
            return None;
        }
        let day = |name: &str| DAYS.iter().position(|day| day.eq_ignore_ascii_case(name));
        let (first, last) = match days.split_once('-') {
            Some((first, last)) => (day(first)?, day(last).filter(|last| *last < 7)?),
            None => (day(days)?, day(days)?),
        };
        if first > last {
            return None;
        }
        for at in first..=last {
            // A day that is named twice is a slip.
            if std::mem::replace(said.get_mut(at)?, true) {
                return None;
            }
            all.get_mut(at)?.clone_from(&windows);
        }
    }
    said.contains(&true).then_some(all)
}

/// The times as they are written, days that are alike together.
pub(super) fn times_text(schedule: &Schedule) -> String {
    let text = |windows: &[Window]| {
        let windows: Vec<String> = windows.iter().map(Window::to_string).collect();
        if windows.is_empty() { "none".to_owned() } else { windows.join(",") }
    };
    let mut parts: Vec<(usize, usize, String)> = Vec::new();
    for (at, windows) in schedule.days.iter().enumerate() {
        let windows = text(windows);
        match parts.last_mut() {
            Some((_, last, same)) if *same == windows && at < 7 => *last = at,
            _ => parts.push((at, at, windows)),
        }
    }
    let name = |at: usize| DAYS.get(at).copied().unwrap_or_default();
    let written = parts.into_iter().map(|(first, last, windows)| match first == last {
        true => format!("{} {windows}", name(first)),
        false => format!("{}-{} {windows}", name(first), name(last)),
    });
    written.collect::<Vec<_>>().join("; ")
}

/// What goes by a schedule, if anything does.
fn user(registry: &Registry, schedule: &Id) -> Option<String> {
    let rule = registry.access.rules.iter().find(|rule| rule.schedule.as_ref() == Some(schedule));
    let doors = &registry.access.doors;
    let door =
        doors.iter().find(|door| [&door.card_alone, &door.unlocked].contains(&&Some(schedule.clone())));
    rule.map(|rule| rule.id.to_string()).or_else(|| door.map(|door| door.door.to_string()))
}

impl Access {
    pub(super) async fn set_schedule(
        &self,
        caller: &Caller,
        schedule: &str,
        name: Option<String>,
        text: &str,
        why: &str,
    ) -> Result<Done, NotDone> {
        let why = reason(why)?;
        let id: Id = schedule.parse().map_err(|_| Wrong::Group(schedule.to_owned()))?;
        let days = times(text).ok_or_else(|| Wrong::Times(text.to_owned()))?;
        let name = name.map(|name| named::said("name", &name)).transpose()?;
        self.accounts
            .deed(caller, Some(Right::AccessManage), |registry, now, caller| {
                let schedules = &registry.access.schedules;
                let held = schedules.iter().find(|one| one.id == id);
                if held.is_none() && schedules.len() >= MOST_RULES {
                    return Err(Conflict::Full(MOST_RULES.to_string()).into());
                }
                let name = name.or_else(|| held.map(|held| held.name.clone()));
                let new = Schedule { name: name.unwrap_or_else(|| id.to_string()), id: id.clone(), days };
                let told = record(caller, now, "schedule.set", &id).with("why", why);
                let told = differing(told, held, &new);
                Ok((Change::one(told, vec![put(AccessEntry::Schedule(new), caller, now)]), Done::of(id)))
            })
            .await
    }

    pub(super) async fn end_schedule(
        &self,
        caller: &Caller,
        schedule: &str,
        why: &str,
    ) -> Result<Done, NotDone> {
        let why = reason(why)?;
        self.accounts
            .deed(caller, Some(Right::AccessManage), |registry, now, caller| {
                let held = registry.access.schedules.iter().find(|one| one.id.as_str() == schedule);
                let held = held.ok_or_else(|| NoSuch::Schedule(schedule.to_owned()))?;
                if let Some(user) = user(registry, &held.id) {
                    return Err(Conflict::Used(user).into());
                }
                let told = record(caller, now, "schedule.ended", &held.id).with("why", why);
                let row = over(AccessEntry::Schedule(held.clone()), caller, now);
                Ok((Change::one(told, vec![row]), Done::of(&held.id)))
            })
            .await
    }

    pub(super) async fn set_holiday(&self, caller: &Caller, date: &str, name: &str) -> Result<Done, NotDone> {
        let (date, name) = (day(date)?, named::said("name", name)?);
        self.accounts
            .deed(caller, Some(Right::AccessManage), |registry, now, caller| {
                if registry.access.holidays.len() >= MOST_RULES {
                    return Err(Conflict::Full(MOST_RULES.to_string()).into());
                }
                let told = record(caller, now, "holiday.set", date).with("name", &name);
                let row = put(AccessEntry::Holiday(Holiday { date, name }), caller, now);
                Ok((Change::one(told, vec![row]), Done::of(date)))
            })
            .await
    }

    pub(super) async fn end_holiday(&self, caller: &Caller, date: &str) -> Result<Done, NotDone> {
        let date = day(date)?;
        self.accounts
            .deed(caller, Some(Right::AccessManage), |registry, now, caller| {
                let held = registry.access.holidays.iter().find(|holiday| holiday.date == date);
                let held = held.ok_or_else(|| NoSuch::Holiday(date.to_string()))?;
                let told = record(caller, now, "holiday.ended", date);
                let row = over(AccessEntry::Holiday(held.clone()), caller, now);
                Ok((Change::one(told, vec![row]), Done::of(date)))
            })
            .await
    }
}

fn day(text: &str) -> Result<NaiveDate, NotDone> {
    text.parse().map_err(|_| Wrong::Moment(text.to_owned()).into())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn times_are_written_as_people_read_them() {
        let check = |text: &str, expected: &str| {
            let days = times(text).unwrap_or_else(|| panic!("{text}"));
            let schedule = Schedule { id: "office".parse().unwrap(), name: String::new(), days };
            assert_eq!(times_text(&schedule), expected, "{text}");
            assert_eq!(times(expected), Some(schedule.days), "what is written is read back");
        };
        check("Mon-Fri 08:00-17:30", "Mon-Fri 08:00-17:30; Sat-Sun none; holidays none");
        check("mon-sun 00:00-24:00; holidays 10:00-12:00", "Mon-Sun 00:00-24:00; holidays 10:00-12:00");
        check(
            "Sat 08:00-12:00, 13:00-17:00;",
            "Mon-Fri none; Sat 08:00-12:00,13:00-17:00; Sun none; holidays none",
        );
    }

    #[test]
    fn times_that_cannot_be_are_none() {
        for wrong in [
            "",
            "08:00-17:30",
            "Mon",
            "Mon 8-17",
            "Fri-Mon 08:00-09:00",
            "Mon-holidays 08:00-09:00",
            "Mon-Fri 08:00-09:00; Tue 10:00-11:00",
            "Mon 17:30-08:00",
            "Moon 08:00-09:00",
        ] {
            assert_eq!(times(wrong), None, "{wrong}");
        }
    }
}
