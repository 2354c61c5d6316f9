//! Refused acts (R-OVERREACH): each is a record, but the same one not twice a minute; several within ten minutes are one
//! record that is worth an alarm.

use std::{collections::VecDeque, time::Duration};

use crate::model::{Mono, Right};

/// The same refusal is recorded again after this time.
const SAME: Duration = Duration::from_secs(60);

/// So many refusals…
const MANY: usize = 5;

/// …within this time are overreach; it is told again only after as long.
const WITHIN: Duration = Duration::from_secs(600);

/// The most refusals that are remembered; the oldest go first.
const MOST: usize = 4096;

/// What a refusal leads to.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Verdict {
    /// It is to be recorded.
    pub record: bool,
    /// This caller reaches beyond its rights again and again.
    pub overreach: bool,
}

/// Remembers refusals.
#[derive(Debug, Default)]
pub struct Overreach {
    refused: VecDeque<(Mono, String, Right)>,
    told: VecDeque<(Mono, String)>,
}

impl Overreach {
    /// `actor` was refused something for want of `right`.
    pub fn refused(&mut self, now: Mono, actor: &str, right: Right) -> Verdict {
        self.refused.retain(|(then, _, _)| now.since(*then) < WITHIN);
        self.told.retain(|(then, _)| now.since(*then) < WITHIN);
        let own = || self.refused.iter().filter(|(_, who, _)| who == actor);
        let again = own().any(|(then, _, which)| *which == right && now.since(*then) < SAME);
        let many = own().count() + 1 >= MANY;
        let overreach = many && !self.told.iter().any(|(_, who)| who == actor);
        if self.refused.len() >= MOST {
            self.refused.pop_front();
        }
        self.refused.push_back((now, actor.to_owned(), right));
        if overreach {
            if self.told.len() >= MOST {
                self.told.pop_front();
            }
            self.told.push_back((now, actor.to_owned()));
        }
        Verdict { record: !again, overreach }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn r_overreach_each_refusal_is_a_record_and_the_fifth_in_ten_minutes_is_told_once() {
        let mut refusals = Overreach::default();
        let mut at = |second: u64, actor, right| refusals.refused(Mono(second * 1_000_000), actor, right);
        let (once, silent) = (Verdict { record: true, overreach: false }, Verdict::default());
        assert_eq!(at(0, "p1", Right::JournalRead), once);
        assert_eq!(at(1, "p1", Right::JournalRead), silent, "the same within a minute");
        assert_eq!(at(2, "p1", Right::AccountManage), once);
        assert_eq!(at(3, "p2", Right::AccountManage), once, "somebody else");
        assert_eq!(at(61, "p1", Right::JournalRead), once);
        assert_eq!(at(62, "p1", Right::PointWrite), Verdict { record: true, overreach: true });
        assert_eq!(at(63, "p1", Right::HallSimulate), once, "told already");
        assert_eq!(at(700, "p1", Right::HallSimulate), once, "long after");
    }

    #[test]
    fn what_is_remembered_is_bounded() {
        let mut refusals = Overreach::default();
        for n in 0..2 * MOST {
            refusals.refused(Mono(0), &format!("p{n}"), Right::HallRead);
        }
        assert_eq!(refusals.refused.len(), MOST);
    }
}
