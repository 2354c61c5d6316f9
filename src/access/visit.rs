//! Visitors (R-VISITOR): with host, firm, purpose and an end; with an escort unless that is said otherwise; with devices only
//! where a competent authority's own need and its legal basis are named.

use std::collections::BTreeSet;

use super::{
    Access,
    deed::{AccessDeed, Done},
    difference::{differing, put, record},
    named,
    person::{fresh, room},
};
use crate::{
    accounts::{Caller, Change, NotDone, Wrong},
    model::{CarriedDevice, Escort, Holder, Right, Severity, Visit},
    store::AccessEntry,
};

/// The most devices of one visitor.
const DEVICES: usize = 20;

/// `what | authority | need | legal basis`.
fn device(text: &str) -> Result<CarriedDevice, NotDone> {
    let parts: Vec<&str> = text.split('|').map(str::trim).collect();
    let [what, authority, need, basis] = parts.as_slice() else { return Err(Wrong::Carried.into()) };
    let said = |text: &str| named::said("device", text).map_err(|_| NotDone::from(Wrong::Carried));
    Ok(CarriedDevice {
        what: said(what)?,
        authority: said(authority)?,
        need: said(need)?,
        basis: said(basis)?,
    })
}

impl Access {
    pub(super) async fn register_visit(&self, caller: &Caller, deed: AccessDeed) -> Result<Done, NotDone> {
        let AccessDeed::RegisterVisit { name, host, firm, purpose, groups, from, until, alone, devices } =
            deed
        else {
            return Ok(Done::default());
        };
        let (firm, purpose) = (named::said("firm", &firm)?, named::said("purpose", &purpose)?);
        let mut groups: BTreeSet<_> = named::groups(&groups)?;
        groups.insert(named::group("visitors")?);
        let (from, until) = named::span((None, None), from.as_deref(), Some(&until), self.zone())?;
        let until = until.ok_or_else(|| Wrong::Said("until".to_owned()))?;
        let devices = devices.iter().filter(|text| !text.trim().is_empty()).take(DEVICES);
        let devices = devices.map(|text| device(text)).collect::<Result<Vec<_>, _>>()?;
        self.accounts
            .deed(caller, Some(Right::AccessManage), |registry, now, caller| {
                room(registry)?;
                if until <= now.wall {
                    return Err(Wrong::Span.into());
                }
                let host = named::person(registry, &host)?;
                let (id, mut rows) = fresh(registry, &name)?;
                let carried = devices.len();
                let authorised_by = caller.actor.clone();
                let visit = Visit { host, firm, purpose, authorised_by, devices };
                let escort = if alone { Escort::Alone } else { Escort::Needs };
                let (until, visit) = (Some(until), Some(visit));
                let holder = Holder { groups, from, until, escort, visit, ..Holder::new(id) };
                let told = record(caller, now, "visit.registered", id).with("host", host);
                let mut told = differing(told, None, &holder).with("devices", carried);
                if carried > 0 {
                    // An exception from what is forbidden.
                    told.severity = Severity::Warning;
                }
                rows.push(put(AccessEntry::Holder(holder), caller, now));
                Ok((Change::one(told, rows), Done::of(id)))
            })
            .await
    }
}
