//! What held at a time, and who had made it so: who had which badge and right then. Now is such a time too.

use super::{
    Access, BadgeLine, DeliveryLine, HolidayLine, PersonLine, RuleLine, ScheduleLine, VisitLine, line::Made,
    named,
};
use crate::{
    accounts::NotDone,
    model::{Badge, Wall},
    store::{AccessEntry, HeldEntry},
};

/// What held then.
struct Then {
    at: Wall,
    held: Vec<HeldEntry>,
}

impl Then {
    fn badges(&self) -> impl Iterator<Item = &Badge> {
        self.held.iter().filter_map(|held| match &held.entry {
            AccessEntry::Badge(badge) => Some(badge),
            AccessEntry::Holder(_)
            | AccessEntry::Rule(_)
            | AccessEntry::Schedule(_)
            | AccessEntry::Holiday(_)
            | AccessEntry::Door(_)
            | AccessEntry::Delivery(_) => None,
        })
    }

    /// One line for each entry that makes one, in the order of its ids.
    fn lines<L>(&self, line: impl Fn(&AccessEntry, Made) -> Option<L>) -> Vec<L> {
        self.held.iter().filter_map(|held| line(&held.entry, Made::of(held))).collect()
    }
}

impl Access {
    async fn then(&self, at: Option<&str>) -> Result<Then, NotDone> {
        let at = at.map(|text| named::begin(text, self.zone())).transpose()?;
        let at = at.unwrap_or_else(|| self.accounts.now().wall);
        Ok(Then { at, held: self.journal.access_at(at).await? })
    }

    /// Persons who go through doors; as they were at a time, if one is named.
    ///
    /// # Errors
    /// The time is none; the registry cannot be read.
    pub async fn people(&self, at: Option<&str>) -> Result<Vec<PersonLine>, NotDone> {
        let (then, registry) = (self.then(at).await?, self.accounts.registry());
        Ok(then.lines(|entry, made| {
            let AccessEntry::Holder(holder) = entry else { return None };
            Some(PersonLine::new(&registry, holder, then.badges(), then.at, made))
        }))
    }

    /// Badges, likewise.
    ///
    /// # Errors
    /// As for people.
    pub async fn badges(&self, at: Option<&str>) -> Result<Vec<BadgeLine>, NotDone> {
        let (then, registry) = (self.then(at).await?, self.accounts.registry());
        Ok(then.lines(|entry, made| {
            let AccessEntry::Badge(badge) = entry else { return None };
            Some(BadgeLine::new(&registry, badge, made))
        }))
    }

    /// Rules, likewise.
    ///
    /// # Errors
    /// As for people.
    pub async fn rules(&self, at: Option<&str>) -> Result<Vec<RuleLine>, NotDone> {
        Ok(self.then(at).await?.lines(|entry, made| {
            let AccessEntry::Rule(rule) = entry else { return None };
            Some(RuleLine::new(rule, made))
        }))
    }

    /// Schedules, likewise.
    ///
    /// # Errors
    /// As for people.
    pub async fn schedules(&self, at: Option<&str>) -> Result<Vec<ScheduleLine>, NotDone> {
        Ok(self.then(at).await?.lines(|entry, made| {
            let AccessEntry::Schedule(schedule) = entry else { return None };
            Some(ScheduleLine::new(schedule, made))
        }))
    }

    /// Holidays, likewise.
    ///
    /// # Errors
    /// As for people.
    pub async fn holidays(&self, at: Option<&str>) -> Result<Vec<HolidayLine>, NotDone> {
        Ok(self.then(at).await?.lines(|entry, made| {
            let AccessEntry::Holiday(holiday) = entry else { return None };
            Some(HolidayLine { date: holiday.date.to_string(), name: holiday.name.clone(), made })
        }))
    }

    /// Visitors, likewise.
    ///
    /// # Errors
    /// As for people.
    pub async fn visits(&self, at: Option<&str>) -> Result<Vec<VisitLine>, NotDone> {
        let (then, registry) = (self.then(at).await?, self.accounts.registry());
        Ok(then.lines(|entry, _| {
            let AccessEntry::Holder(holder) = entry else { return None };
            let visit = holder.visit.as_ref()?;
            Some(VisitLine::new(&registry, (holder, visit), then.badges(), then.at))
        }))
    }

    /// Ids and names of the schedules that there are now.
    #[must_use]
    pub fn schedule_names(&self) -> Vec<(String, String)> {
        let registry = self.accounts.registry();
        registry.access.schedules.iter().map(|one| (one.id.to_string(), one.name.clone())).collect()
    }

    /// Deliveries.
    #[must_use]
    pub fn deliveries(&self) -> Vec<DeliveryLine> {
        self.accounts.registry().deliveries.iter().map(DeliveryLine::new).collect()
    }
}
