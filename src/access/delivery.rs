//! Deliveries into the hall and out of it (R-DELIVERY): whose, by which request and decision, approved by whom, and by which
//! door event.

use std::num::NonZeroU32;

use super::{
    Access, MOST,
    deed::{AccessDeed, Done},
    difference::{put, record},
    named,
};
use crate::{
    accounts::{Caller, Change, Conflict, NotDone, Wrong},
    model::{Delivery, DeliveryId, Direction, Right},
    store::{AccessEntry, JournalFilter},
};

/// The most items of one delivery.
const ITEMS: usize = 100;

impl Access {
    pub(super) async fn record_delivery(&self, caller: &Caller, deed: AccessDeed) -> Result<Done, NotDone> {
        let AccessDeed::RecordDelivery {
            direction,
            owner,
            request,
            decision,
            approver,
            items,
            handed_by,
            taken_by,
            door,
            record: linked,
            witness,
        } = deed
        else {
            return Ok(Done::default());
        };
        let direction = named::word(&direction, Direction::parse)?;
        let [owner, request, decision, approver, handed_by, taken_by] = [
            named::said("owner", &owner)?,
            named::said("request", &request)?,
            named::said("decision", &decision)?,
            named::said("approver", &approver)?,
            named::said("handed-by", &handed_by)?,
            named::said("taken-by", &taken_by)?,
        ];
        let items = items.iter().filter(|item| !item.trim().is_empty()).take(ITEMS);
        let items = items.map(|item| named::said("items", item)).collect::<Result<Vec<_>, _>>()?;
        if items.is_empty() {
            return Err(Wrong::Said("items".to_owned()).into());
        }
        let door = door.map(|door| named::door(&self.plant().site, &door)).transpose()?;
        if let Some(seq) = linked {
            self.is_there(seq).await?;
        }
        self.accounts
            .deed(caller, Some(Right::AccessManage), |registry, now, caller| {
                if registry.deliveries.len() >= MOST {
                    return Err(Conflict::Full(MOST.to_string()).into());
                }
                let newest = registry.deliveries.last().map_or(0, |delivery| delivery.id.0.get());
                let id = DeliveryId(NonZeroU32::MIN.saturating_add(newest));
                let witness = witness.map(|who| named::person(registry, &who)).transpose()?;
                let mut told = record(caller, now, "delivery.recorded", id).with("direction", direction);
                told = told
                    .with("request", &request)
                    .with("decision", &decision)
                    .with("items", items.join("; "));
                if let Some(door) = &door {
                    told = told.with("door", door);
                }
                if let Some(seq) = linked {
                    told = told.with("record", seq);
                }
                let delivery = Delivery {
                    id,
                    direction,
                    owner,
                    request,
                    decision,
                    approver,
                    items,
                    handed_by,
                    taken_by,
                    door,
                    record: linked,
                    at: now.wall,
                    by: caller.actor.clone(),
                    witness,
                };
                let row = put(AccessEntry::Delivery(delivery), caller, now);
                Ok((Change::one(told, vec![row]), Done::of(id)))
            })
            .await
    }

    /// Refuses the number of a record that is not there.
    async fn is_there(&self, seq: u64) -> Result<(), NotDone> {
        let after = Some(seq.saturating_sub(1));
        let filter = JournalFilter { after, limit: 1, ..JournalFilter::default() };
        let found = self.journal.page(filter).await?;
        if found.first().is_some_and(|record| record.seq == seq) {
            return Ok(());
        }
        Err(Wrong::Word(format!("record={seq}")).into())
    }
}
