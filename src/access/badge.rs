//! Badges: issued, changed, given back. A card is kept as an HMAC, with what people may see of it.

use std::num::NonZeroU32;

use data_encoding::HEXLOWER_PERMISSIVE;

use super::{
    Access, MOST,
    deed::{CardFields, Done},
    difference::{differing, put, record},
    named,
    person::living,
};
use crate::{
    accounts::{Caller, Change, Conflict, NoSuch, NotDone, Wrong, reason},
    logic::access::{card_key, card_of, read_card, shown},
    model::{Badge, BadgeId, BadgeState, CardBits, CardKey, NewRecord, Now, PersonId, Right, Severity},
    store::{AccessEntry, Registry},
};

/// A card as it was named, checked.
pub(super) struct Named {
    pub(super) key: CardKey,
    pub(super) shown: String,
}

type Times = (Option<String>, Option<String>);

impl Access {
    pub(super) async fn issue_badge(
        &self,
        caller: &Caller,
        person: &str,
        card: &CardFields,
        (from, until): Times,
        why: &str,
    ) -> Result<Done, NotDone> {
        let (why, card) = (reason(why)?, self.card(card)?);
        let (from, until) = named::span((None, None), from.as_deref(), until.as_deref(), self.zone())?;
        self.accounts
            .deed(caller, Some(Right::AccessManage), |registry, now, caller| {
                let person = living(registry, person)?.person;
                let badge = fresh(registry, caller, now, person, card)?;
                let badge = Badge { from, until, ..badge };
                let told = record(caller, now, "badge.issued", badge.id).with("why", why);
                let told = differing(told, None, &badge);
                let id = badge.id;
                Ok((Change::one(told, vec![put(AccessEntry::Badge(badge), caller, now)]), Done::of(id)))
            })
            .await
    }

    pub(super) async fn change_badge(
        &self,
        caller: &Caller,
        badge: &str,
        state: Option<String>,
        (from, until): Times,
        why: &str,
    ) -> Result<Done, NotDone> {
        let parse = |text: &str| BadgeState::parse(text).filter(|state| *state != BadgeState::Returned);
        let state = state.map(|text| named::word(&text, parse)).transpose()?;
        self.alter_badge(caller, badge, why, "badge.changed", |badge, record, _| {
            let held = (badge.from, badge.until);
            let (from, until) = named::span(held, from.as_deref(), until.as_deref(), self.zone())?;
            let changed = Badge { state: state.unwrap_or(badge.state), from, until, ..badge.clone() };
            let lost = changed.state == BadgeState::Lost;
            let severity = if lost { Severity::Warning } else { Severity::Info };
            let record = NewRecord { severity, ..differing(record, Some(&badge), &changed) };
            Ok((changed, record))
        })
        .await
    }

    pub(super) async fn return_badge(
        &self,
        caller: &Caller,
        badge: &str,
        why: &str,
    ) -> Result<Done, NotDone> {
        self.alter_badge(caller, badge, why, "badge.returned", |badge, record, now| {
            let record = record.with("person", badge.person);
            Ok((Badge { state: BadgeState::Returned, returned: Some(now.wall), ..badge }, record))
        })
        .await
    }

    async fn alter_badge(
        &self,
        caller: &Caller,
        badge: &str,
        why: &str,
        code: &'static str,
        how: impl FnOnce(Badge, NewRecord, Now) -> Result<(Badge, NewRecord), NotDone> + Send,
    ) -> Result<Done, NotDone> {
        let why = reason(why)?;
        self.accounts
            .deed(caller, Some(Right::AccessManage), |registry, now, caller| {
                let badge = named::badge(registry, badge)?;
                if badge.state == BadgeState::Returned {
                    return Err(Conflict::BadgeReturned.into());
                }
                let id = badge.id;
                let told = record(caller, now, code, id).with("why", why);
                let (altered, told) = how(badge.clone(), told, now)?;
                Ok((Change::one(told, vec![put(AccessEntry::Badge(altered), caller, now)]), Done::of(id)))
            })
            .await
    }

    /// The card that somebody names.
    pub(super) fn card(&self, card: &CardFields) -> Result<Named, NotDone> {
        let bits = match card {
            CardFields { swiped: Some(place), facility: None, number: None, hex: None, bits: None } => {
                return self.swiped(*place);
            }
            CardFields { facility: Some(facility), number: Some(number), bits, hex: None, swiped: None } => {
                card_of(bits.unwrap_or(26), *facility, *number)
            }
            CardFields { bits: Some(bits), hex: Some(hex), facility: None, number: None, swiped: None } => {
                raw(*bits, hex)
            }
            _ => None,
        };
        Ok(self.named(&bits.ok_or(Wrong::Card)?))
    }

    fn named(&self, bits: &CardBits) -> Named {
        Named { key: card_key(self.key(), bits), shown: shown(bits) }
    }

    /// A card that nobody holds, counted from the newest.
    fn swiped(&self, place: usize) -> Result<Named, NotDone> {
        let view = self.desk.view.borrow();
        let found = place.checked_sub(1).and_then(|back| view.unknown_cards.iter().rev().nth(back));
        let found = found.ok_or_else(|| NoSuch::Swiped(place.to_string()))?;
        Ok(Named { key: found.key, shown: found.shown.clone() })
    }
}

/// Bits as hexadecimal digits, the first one highest; what a reader would refuse is refused here as well.
fn raw(bits: u8, hex: &str) -> Option<CardBits> {
    let bytes = HEXLOWER_PERMISSIVE.decode(hex.as_bytes()).ok()?;
    let fits = bytes.len() == usize::from(bits.div_ceil(8));
    CardBits::new(bits, &bytes).filter(|card| fits && read_card(card).is_ok())
}

/// A new badge, if no other holds this card.
pub(super) fn fresh(
    registry: &Registry,
    caller: &Caller,
    now: Now,
    person: PersonId,
    card: Named,
) -> Result<Badge, NotDone> {
    let badges = &registry.access.badges;
    if badges.len() >= MOST {
        return Err(Conflict::Full(MOST.to_string()).into());
    }
    let holds = |badge: &&Badge| badge.key == card.key && badge.state != BadgeState::Returned;
    if let Some(other) = badges.iter().find(holds) {
        return Err(Conflict::CardHeld(other.id.to_string()).into());
    }
    let newest = badges.last().map_or(0, |badge| badge.id.0.get());
    Ok(Badge {
        id: BadgeId(NonZeroU32::MIN.saturating_add(newest)),
        person,
        key: card.key,
        shown: card.shown,
        state: BadgeState::Active,
        from: None,
        until: None,
        issued: now.wall,
        issued_by: caller.actor.clone(),
        returned: None,
    })
}
