//! Persons as those who go through doors: added, changed, suspended, restored.

use super::{
    Access, MOST,
    deed::{Done, HolderFields},
    difference::{differing, put, record},
    named, pin,
};
use crate::{
    accounts::{Caller, Change, Conflict, NotDone, Wrong, reason},
    model::{Escort, Holder, NewRecord, Now, Person, PersonId, Right},
    store::{AccessEntry, Registry, Row},
};

/// The longest name, characters.
const NAME: usize = 100;

/// A person's name, checked.
pub(super) fn checked_name(text: &str) -> Result<String, NotDone> {
    let text = text.trim();
    let fits = !text.is_empty() && text.chars().count() <= NAME && !text.chars().any(char::is_control);
    if fits { Ok(text.to_owned()) } else { Err(Wrong::Name(NAME).into()) }
}

/// Who never existed before gets the number after this one.
pub(super) fn next_person(newest: u32) -> PersonId {
    PersonId(std::num::NonZeroU32::MIN.saturating_add(newest))
}

impl Access {
    pub(super) async fn add_person(
        &self,
        caller: &Caller,
        name: Option<String>,
        person: Option<String>,
        fields: HolderFields,
        why: &str,
    ) -> Result<Done, NotDone> {
        let why = reason(why)?;
        self.accounts
            .deed(caller, Some(Right::AccessManage), |registry, now, caller| {
                let (id, mut rows) = match (name, person) {
                    (_, Some(person)) => (named::person(registry, &person)?, Vec::new()),
                    (name, None) => fresh(registry, &name.unwrap_or_default())?,
                };
                if let Some(there) = named::holder_of(registry, id) {
                    let ended = there.ended.is_some();
                    let there = Conflict::HolderThere(id.to_string());
                    return Err(if ended { Conflict::PersonEnded } else { there }.into());
                }
                room(registry)?;
                let (holder, pins) = self.altered(Holder::new(id), fields)?;
                let record = record(caller, now, "person.added", id).with("why", why);
                let record = with_pins(differing(record, None, &holder), pins);
                rows.push(put(AccessEntry::Holder(holder), caller, now));
                Ok((Change::one(record, rows), Done::of(id)))
            })
            .await
    }

    pub(super) async fn change_person(
        &self,
        caller: &Caller,
        person: &str,
        name: Option<String>,
        fields: HolderFields,
        why: &str,
    ) -> Result<Done, NotDone> {
        self.alter(caller, person, why, "person.changed", |registry, holder, record, _| {
            let (changed, pins) = self.altered(holder.clone(), fields)?;
            let record = with_pins(differing(record, Some(&holder), &changed), pins);
            let mut rows = Vec::new();
            let renamed = name.as_deref().map(checked_name).transpose()?;
            let record = match (renamed, registry.person(holder.person)) {
                (Some(name), Some(person)) => {
                    rows.push(Row::Person(Person { name, ..person.clone() }));
                    record.with("name", "another")
                }
                _ => record,
            };
            Ok((changed, record, rows))
        })
        .await
    }

    pub(super) async fn suspend_person(
        &self,
        caller: &Caller,
        person: &str,
        why: &str,
    ) -> Result<Done, NotDone> {
        self.alter(caller, person, why, "person.suspended", |_, holder, record, now| {
            if holder.suspended.is_some() {
                return Err(Conflict::PersonSuspended.into());
            }
            Ok((Holder { suspended: Some(now.wall), ..holder }, record, Vec::new()))
        })
        .await
    }

    pub(super) async fn restore_person(
        &self,
        caller: &Caller,
        person: &str,
        why: &str,
    ) -> Result<Done, NotDone> {
        self.alter(caller, person, why, "person.restored", |_, holder, record, _| {
            if holder.suspended.is_none() {
                return Err(Conflict::PersonGoes.into());
            }
            Ok((Holder { suspended: None, ..holder }, record, Vec::new()))
        })
        .await
    }

    /// Alters one person that has not ended, with a record that says why.
    async fn alter(
        &self,
        caller: &Caller,
        person: &str,
        why: &str,
        code: &'static str,
        how: impl FnOnce(&Registry, Holder, NewRecord, Now) -> Result<(Holder, NewRecord, Vec<Row>), NotDone>
        + Send,
    ) -> Result<Done, NotDone> {
        let why = reason(why)?;
        self.accounts
            .deed(caller, Some(Right::AccessManage), |registry, now, caller| {
                let holder = living(registry, person)?.clone();
                let id = holder.person;
                let told = record(caller, now, code, id).with("why", why);
                let (altered, told, mut rows) = how(registry, holder, told, now)?;
                rows.push(put(AccessEntry::Holder(altered), caller, now));
                Ok((Change::one(told, rows), Done::of(id)))
            })
            .await
    }

    /// The holder with what was typed; and what became of its PINs.
    pub(super) fn altered(
        &self,
        holder: Holder,
        fields: HolderFields,
    ) -> Result<(Holder, [Option<&'static str>; 2]), NotDone> {
        let HolderFields { groups, pin, duress_pin, from, until, long_unlock, passback_exempt, escort } =
            fields;
        let (from, until) =
            named::span((holder.from, holder.until), from.as_deref(), until.as_deref(), self.zone())?;
        let mut holder = Holder {
            from,
            until,
            long_unlock: long_unlock.unwrap_or(holder.long_unlock),
            passback_exempt: passback_exempt.unwrap_or(holder.passback_exempt),
            ..holder
        };
        if let Some(groups) = groups {
            holder.groups = named::groups(&groups)?;
        }
        if let Some(escort) = escort {
            holder.escort = named::word(&escort, Escort::parse)?;
        }
        let mut told = [None; 2];
        let [told_pin, told_duress] = &mut told;
        let pins = [(pin, &mut holder.pin, told_pin), (duress_pin, &mut holder.duress_pin, told_duress)];
        for (typed, held, told) in pins {
            let Some(typed) = named::change(typed.as_deref()) else { continue };
            *told = Some(if typed.is_some() { "set" } else { "taken away" });
            *held = typed.map(|digits| pin::checked(self.key(), holder.person, digits)).transpose()?;
        }
        pin::differ(holder.pin, holder.duress_pin)?;
        Ok((holder, told))
    }
}

/// A holder that has not ended.
pub(super) fn living<'r>(registry: &'r Registry, person: &str) -> Result<&'r Holder, NotDone> {
    let holder = named::holder(registry, person)?;
    if holder.ended.is_some() { Err(Conflict::PersonEnded.into()) } else { Ok(holder) }
}

/// A new person with this name.
pub(super) fn fresh(registry: &Registry, name: &str) -> Result<(PersonId, Vec<Row>), NotDone> {
    let name = checked_name(name)?;
    let [newest, _, _] = registry.newest;
    let id = next_person(newest);
    Ok((id, vec![Row::Person(Person { id, name, born: None, phone: None })]))
}

/// Whether there is room for one more.
pub(super) fn room(registry: &Registry) -> Result<(), NotDone> {
    let full = registry.access.holders.len() >= MOST;
    if full { Err(Conflict::Full(MOST.to_string()).into()) } else { Ok(()) }
}

/// With what became of the PINs; never the PINs.
pub(super) fn with_pins(mut record: NewRecord, pins: [Option<&'static str>; 2]) -> NewRecord {
    for (key, told) in ["pin", "duress_pin"].into_iter().zip(pins) {
        if let Some(told) = told {
            record = record.with(key, told);
        }
    }
    record
}
