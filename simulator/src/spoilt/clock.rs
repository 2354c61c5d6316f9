//! A device's clock, where it has one in registers: `clock.time`, in seconds, or `clock.year` to `clock.second`.
//!
//! The names are those of the profiles; no vocabulary fixes them. Years are counted from 2000 where they are below 100.

use chrono::{DateTime, Datelike, NaiveDate, TimeDelta, Timelike, Utc};
use hallward_profiles::{Map, Point};

use crate::encode::{Image, change, number};

/// Seconds, from whatever the device counts from.
const TIME: &str = "clock.time";

fn find<'m>(map: &'m Map, name: &str) -> Option<&'m Point> {
    map.points.iter().find(|point| point.name.as_str() == name && point.is_read() && point.is_number())
}

/// Whether a device with this map has a clock.
pub(crate) fn is_told(map: &Map) -> bool {
    [TIME, "clock.hour"].iter().any(|name| find(map, name).is_some())
}

/// Makes the clock wrong by so many seconds.
pub(super) fn put_wrong(image: &mut Image, map: &Map, seconds: i64) {
    if let Some(time) = find(map, TIME) {
        #[expect(clippy::cast_precision_loss, reason = "ten years at most")]
        change(image, map, time, |told| told + seconds as f64);
    }
    let Some(told) = date_and_time(image, map) else { return };
    let Some(wrong) = TimeDelta::try_seconds(seconds).and_then(|by| told.checked_add_signed(by)) else {
        return;
    };
    let century = part(image, map, "year").filter(|year| *year < 100).map_or(0, |_| 2000);
    for (name, part) in [
        ("clock.year", wrong.year().saturating_sub(century)),
        ("clock.month", i32::try_from(wrong.month()).unwrap_or(1)),
        ("clock.day", i32::try_from(wrong.day()).unwrap_or(1)),
        ("clock.day-of-week", i32::try_from(wrong.weekday().num_days_from_sunday()).unwrap_or(0)),
        ("clock.hour", i32::try_from(wrong.hour()).unwrap_or(0)),
        ("clock.minute", i32::try_from(wrong.minute()).unwrap_or(0)),
        ("clock.second", i32::try_from(wrong.second()).unwrap_or(0)),
    ] {
        if let Some(point) = find(map, name) {
            change(image, map, point, |_| f64::from(part));
        }
    }
}

/// What the registers tell; parts that the device has not got are the first of their kind.
fn date_and_time(image: &Image, map: &Map) -> Option<DateTime<Utc>> {
    let part_or = |name, otherwise| part(image, map, name).unwrap_or(otherwise);
    let year = part_or("year", 0);
    let year = if year < 100 { year + 2000 } else { year };
    let date = NaiveDate::from_ymd_opt(i32::try_from(year).ok()?, part_or("month", 1), part_or("day", 1))?;
    let time = date.and_hms_opt(part(image, map, "hour")?, part_or("minute", 0), part_or("second", 0))?;
    Some(time.and_utc())
}

fn part(image: &Image, map: &Map, name: &str) -> Option<u32> {
    let told = number(image, map, find(map, &format!("clock.{name}"))?)?;
    #[expect(
        clippy::cast_possible_truncation,
        clippy::cast_sign_loss,
        reason = "saturates, and is checked as a date"
    )]
    Some(told.round() as u32)
}
