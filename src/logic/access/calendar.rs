//! Schedules by the site's local time, with holidays. Asked for a moment; remembers nothing, so that a clock that is set or
//! summer time that begins changes the next answer and nothing else.

use std::collections::{BTreeMap, BTreeSet};

use chrono::{Datelike, NaiveDate, Timelike};
use chrono_tz::Tz;

use crate::model::{Holiday, Id, Schedule, Wall, Window};

/// The day of [`Schedule::days`] that holidays follow.
const HOLIDAY: usize = 7;

/// All schedules of a site.
#[derive(Clone, Debug)]
pub struct Calendar {
    zone: Tz,
    schedules: BTreeMap<Id, [Vec<Window>; 8]>,
    holidays: BTreeSet<NaiveDate>,
}

impl Calendar {
    /// These schedules, by the local time of `zone`.
    #[must_use]
    pub fn new(zone: Tz, schedules: &[Schedule], holidays: &[Holiday]) -> Self {
        let schedules = schedules.iter().map(|one| (one.id.clone(), one.days.clone())).collect();
        Self { zone, schedules, holidays: holidays.iter().map(|holiday| holiday.date).collect() }
    }

    /// Whether a schedule holds; one that is not known never does.
    #[must_use]
    pub fn holds(&self, schedule: &Id, at: Wall) -> bool {
        let local = at.utc().with_timezone(&self.zone);
        let weekday = usize::try_from(local.weekday().num_days_from_monday()).unwrap_or(HOLIDAY);
        let day = if self.holidays.contains(&local.date_naive()) { HOLIDAY } else { weekday };
        let minute = u16::try_from(local.hour() * 60 + local.minute()).unwrap_or(0);
        let windows = self.schedules.get(schedule).and_then(|days| days.get(day));
        windows.is_some_and(|windows| windows.iter().any(|window| window.holds(minute)))
    }

    /// The day by local time.
    #[must_use]
    pub fn day(&self, at: Wall) -> NaiveDate {
        at.utc().with_timezone(&self.zone).date_naive()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn office() -> Calendar {
        let day = |text: &str| vec![Window::parse(text).unwrap()];
        let mut days: [Vec<Window>; 8] = std::array::from_fn(|_| day("08:00-17:30"));
        days[6].clear();
        days[HOLIDAY] = day("10:00-11:00");
        let schedule = Schedule { id: "office".parse().unwrap(), name: "Office hours".into(), days };
        let national = Holiday { date: "2026-09-02".parse().unwrap(), name: "National Day".into() };
        Calendar::new(Tz::Asia__Ho_Chi_Minh, &[schedule], &[national])
    }

    #[test]
    fn days_and_minutes_are_those_of_the_site() {
        let check = |at: &str, expected: bool| {
            let at_wall = Wall::parse(at).unwrap();
            assert_eq!(office().holds(&"office".parse().unwrap(), at_wall), expected, "{at}");
        };
        // Friday.
        check("2026-11-27T07:59:59+07:00", false);
        check("2026-11-27T08:00:00+07:00", true);
        check("2026-11-27T17:29:59+07:00", true);
        check("2026-11-27T17:30:00+07:00", false);
        // The same by another zone's clock, where it is still Thursday.
        check("2026-11-26T21:00:00-04:00", true);
        // Sunday; a holiday on a Wednesday.
        check("2026-11-29T09:00:00+07:00", false);
        check("2026-09-02T09:00:00+07:00", false);
        check("2026-09-02T10:30:00+07:00", true);
        assert!(
            !office().holds(&"unknown".parse().unwrap(), Wall::parse("2026-11-27T09:00:00+07:00").unwrap())
        );
    }

    #[test]
    fn summer_time_moves_windows_with_the_local_clock() {
        let day = || vec![Window::parse("08:00-09:00").unwrap()];
        let days = std::array::from_fn(|_| day());
        let schedule = Schedule { id: "early".parse().unwrap(), name: String::new(), days };
        let berlin = Calendar::new(Tz::Europe__Berlin, &[schedule], &[]);
        let holds = |at: &str| berlin.holds(&"early".parse().unwrap(), Wall::parse(at).unwrap());
        // Summer time began on 29 March 2026.
        assert_eq!((holds("2026-03-28T07:30:00Z"), holds("2026-03-29T07:30:00Z")), (true, false));
        assert_eq!((holds("2026-03-28T06:30:00Z"), holds("2026-03-29T06:30:00Z")), (false, true));
    }
}
