//! Badges, holders, rules and schedules, arranged so that a card finds its person and a person its rules at once.

use std::collections::{BTreeMap, HashMap};

use chrono_tz::Tz;

use super::Calendar;
use crate::model::{
    AccessData, AccessRule, Badge, BadgeState, CardKey, DoorSettings, Holder, Id, PersonId, Who,
};

/// Made anew whenever something in it changes, and shared.
#[derive(Clone, Debug)]
pub struct Book {
    holders: HashMap<PersonId, Holder>,
    badges: HashMap<CardKey, Badge>,
    rules: Vec<AccessRule>,
    /// Places in `rules`, in their order.
    by_who: HashMap<Who, Vec<usize>>,
    /// When schedules hold.
    pub calendar: Calendar,
    settings: BTreeMap<Id, DoorSettings>,
}

impl Book {
    /// Arranges it; schedules are by the local time of `zone`.
    #[must_use]
    pub fn new(data: &AccessData, zone: Tz) -> Self {
        let mut badges = HashMap::<CardKey, Badge>::with_capacity(data.badges.len());
        for badge in &data.badges {
            let other = badges.get(&badge.key);
            // A card that was given back may have been issued again, under another number.
            if other.is_none_or(|other| other.state == BadgeState::Returned || badge.id > other.id) {
                badges.insert(badge.key, badge.clone());
            }
        }
        let mut rules = data.rules.clone();
        rules.sort_by_key(|rule| rule.id);
        let mut by_who = HashMap::<Who, Vec<usize>>::new();
        for (n, rule) in rules.iter().enumerate() {
            by_who.entry(rule.who.clone()).or_default().push(n);
        }
        Self {
            holders: data.holders.iter().map(|holder| (holder.person, holder.clone())).collect(),
            badges,
            rules,
            by_who,
            calendar: Calendar::new(zone, &data.schedules, &data.holidays),
            settings: data.doors.iter().map(|door| (door.door.clone(), door.clone())).collect(),
        }
    }

    /// The badge that a card is found by.
    #[must_use]
    pub fn badge(&self, key: &CardKey) -> Option<&Badge> {
        self.badges.get(key)
    }

    /// A person as somebody who goes through doors.
    #[must_use]
    pub fn holder(&self, person: PersonId) -> Option<&Holder> {
        self.holders.get(&person)
    }

    /// How a door is to behave, if somebody has said so.
    #[must_use]
    pub fn settings(&self, door: &Id) -> Option<&DoorSettings> {
        self.settings.get(door)
    }

    /// Every rule for somebody and a door, the oldest first within each of the person's own and its groups'.
    pub(super) fn rules<'b>(
        &'b self,
        holder: &'b Holder,
        door: &'b Id,
    ) -> impl Iterator<Item = &'b AccessRule> {
        let groups = holder.groups.iter().cloned().map(Who::Group);
        let all = std::iter::once(Who::Person(holder.person)).chain(groups);
        let places = all.filter_map(|who| self.by_who.get(&who)).flatten();
        let rules = places.filter_map(|n| self.rules.get(*n));
        rules.filter(move |rule| rule.doors.is_empty() || rule.doors.contains(door))
    }
}
