//! Schedules and the first card: whether a door stands unlocked at this time. By local time, looked at anew in each minute, and
//! thereby whenever the clock is set.

use std::time::Duration;

use super::{Doors, Turn};
use crate::{
    logic::door::{Door, Input},
    model::{DoorIx, DoorSettings, DoubtfulClock, Mono, Now, PersonId, Trust, Wall},
};

const MINUTE_US: i64 = 60_000_000;

/// What an operator holds until a time is looked after so often.
const SECOND: Duration = Duration::from_secs(1);

/// Whether what an operator held is over.
pub(super) fn is_over(door: &Door, now: Wall) -> bool {
    door.standing().hold.and_then(|hold| hold.until).is_some_and(|until| until <= now)
}

impl Doors {
    pub(super) fn follow_hours(&mut self, now: Now, turn: &mut Turn) {
        let minute = now.wall.0.div_euclid(MINUTE_US);
        if self.minute == Some(minute) {
            return;
        }
        self.minute = Some(minute);
        for ix in (0_u16..).take(self.doors.len()).map(DoorIx) {
            if let Some(on) = self.door(ix).map(|door| self.is_scheduled(now, door)) {
                self.put(now, ix, Input::Scheduled(on), turn);
            }
        }
    }

    /// Whether its schedule has a door stand unlocked.
    fn is_scheduled(&self, now: Now, door: &Door) -> bool {
        let settings = door.settings();
        let today = self.book.calendar.day(now.wall);
        let armed = settings.first_card.is_none() || door.standing().armed == Some(today);
        self.holds(now, settings) && armed
    }

    fn holds(&self, now: Now, settings: &DoorSettings) -> bool {
        let doubtful = now.trust == Trust::Unsynchronised && settings.doubtful_clock != DoubtfulClock::Ignore;
        let holds = |schedule| self.book.calendar.holds(schedule, now.wall);
        !doubtful && settings.unlocked.as_ref().is_some_and(holds)
    }

    /// Whether the first card has come today.
    pub(super) fn is_armed(&self, now: Now, door: &Door) -> bool {
        door.standing().armed == Some(self.book.calendar.day(now.wall))
    }

    /// Somebody has entered who may be the first.
    pub(super) fn arm(&mut self, now: Now, ix: DoorIx, person: PersonId, turn: &mut Turn) {
        let Some(door) = self.door(ix) else { return };
        let group = door.settings().first_card.as_ref();
        let holder = self.book.holder(person);
        let first = group.zip(holder).is_some_and(|(group, holder)| holder.groups.contains(group));
        if first && self.holds(now, door.settings()) && !self.is_armed(now, door) {
            let today = self.book.calendar.day(now.wall);
            self.put(now, ix, Input::Armed(today), turn);
            self.minute = None;
        }
    }

    /// The next minute by wall time, if it may bring a change.
    pub(super) fn hours_deadline(&self, now: Now) -> Option<Mono> {
        let scheduled = self.doors.iter().any(|door| door.settings().unlocked.is_some());
        let held =
            self.doors.iter().any(|door| door.standing().hold.is_some_and(|hold| hold.until.is_some()));
        let left = MINUTE_US - now.wall.0.rem_euclid(MINUTE_US);
        let minute = now.mono + Duration::from_micros(left.unsigned_abs());
        let second = held.then_some(now.mono + SECOND);
        scheduled.then_some(minute).into_iter().chain(second).min()
    }
}
