//! Erasing a person's personal data. Records go on to name the person by its id, and the log stays as it can be proven:
//! a record holds only a salted hash of what is erased.
//!
//! Who calls it: `evidence`, which knows whether a hold stands against it. Badges and rules of the person must have ended
//! with its account.

use super::{
    Accounts, Caller, Conflict, NoSuch, NotDone,
    change::{Change, by, reason},
};
use crate::{
    model::{Holder, Person, PersonId, Right, Severity},
    store::{AccessEntry, AccessRow, EvidenceRow, Row},
};

impl Accounts {
    /// Erases name, birth date, telephone number and what records tell of a person, for good.
    ///
    /// # Errors
    /// There is no such person; its account has not ended; no reason; it cannot be recorded.
    pub(crate) async fn erase(&self, caller: &Caller, person: PersonId, why: &str) -> Result<(), NotDone> {
        let why = reason(why)?;
        self.deed(caller, Some(Right::LogKeep), |registry, now, caller| {
            registry.person(person).ok_or(NoSuch::Person(person.to_string()))?;
            if registry.account(person).is_some_and(|account| account.ended.is_none()) {
                return Err(Conflict::NotEnded.into());
            }
            let holder = registry.access.holders.iter().find(|holder| holder.person == person);
            if holder.is_some_and(|holder| holder.ended.is_none()) {
                return Err(Conflict::NotEnded.into());
            }
            let record = by(caller, now, "person.erased", Severity::Warning).at(person.to_string());
            let nobody = Person { id: person, name: String::new(), born: None, phone: None };
            let mut rows = vec![Row::Person(nobody)];
            // Firm and purpose of a visit; the row after it takes them out of every earlier revision too.
            rows.extend(holder.filter(|holder| holder.visit.is_some()).map(|holder| {
                let entry = AccessEntry::Holder(Holder { visit: None, ..holder.clone() });
                let (at, by) = (now.wall, caller.actor.clone());
                Row::Access(Box::new(AccessRow { entry, over: false, at, by }))
            }));
            rows.push(Row::Evidence(EvidenceRow::Erased(person)));
            Ok((Change::one(record.with("why", why), rows), ()))
        })
        .await
    }
}
