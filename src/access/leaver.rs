//! R-LEAVER: one deed ends a person everywhere: badges, PINs, account, sessions, tokens and links. It tells what is to be
//! given back; the written undertaking is recorded beside it.

use super::{
    Access,
    deed::Done,
    difference::{put, record},
    named,
};
use crate::{
    accounts::{Caller, Change, Conflict, NotDone, end_account, reason},
    model::{Badge, BadgeState, Holder, Right, Severity},
    store::AccessEntry,
};

/// The most pieces of equipment that are told.
const PIECES: usize = 100;

impl Access {
    pub(super) async fn end_person(
        &self,
        caller: &Caller,
        person: &str,
        handed_over: &[String],
        why: &str,
    ) -> Result<Done, NotDone> {
        let why = reason(why)?;
        let pieces = handed_over.iter().filter(|piece| !piece.trim().is_empty()).take(PIECES);
        let pieces = pieces.map(|piece| named::said("handed-over", piece)).collect::<Result<Vec<_>, _>>()?;
        self.accounts
            .deed(caller, Some(Right::AccessManage), |registry, now, caller| {
                let id = named::person(registry, person)?;
                let holder = named::holder_of(registry, id);
                let mut rows = end_account(registry, caller, id, now)?;
                let account = !rows.is_empty();
                let over = holder.is_none_or(|holder| holder.ended.is_some());
                if over && !account {
                    return Err(Conflict::PersonEnded.into());
                }
                let held = |badge: &&Badge| badge.person == id && badge.state != BadgeState::Returned;
                let badges: Vec<&Badge> = registry.access.badges.iter().filter(held).collect();
                // A badge that has not come back opens nothing: it stays on the list until it is given back.
                for badge in &badges {
                    let lost = badge.state == BadgeState::Lost;
                    let state = if lost { BadgeState::Lost } else { BadgeState::Disabled };
                    rows.push(put(AccessEntry::Badge(Badge { state, ..(*badge).clone() }), caller, now));
                }
                if let Some(holder) = holder {
                    let ended =
                        Holder { ended: Some(now.wall), pin: None, duress_pin: None, ..holder.clone() };
                    rows.push(put(AccessEntry::Holder(ended), caller, now));
                }
                let ids: Vec<String> = badges.iter().map(|badge| badge.id.to_string()).collect();
                let mut told = record(caller, now, "person.ended", id).with("why", why);
                told.severity = Severity::Warning;
                told = told
                    .with("badges", ids.join(" "))
                    .with("account", if account { "ended" } else { "none" });
                if !pieces.is_empty() {
                    told = told.with("handed_over", pieces.join("; "));
                }
                let said =
                    badges.iter().map(|badge| format!("to be given back: {} ({})", badge.id, badge.shown));
                let mut said: Vec<String> = said.collect();
                said.push("to be recorded: the written undertaking".to_owned());
                Ok((Change::one(told, rows), Done { id: id.to_string(), said }))
            })
            .await
    }

    pub(super) async fn record_undertaking(
        &self,
        caller: &Caller,
        person: &str,
        paper: &str,
    ) -> Result<Done, NotDone> {
        let paper = named::said("paper", paper)?;
        self.accounts
            .deed(caller, Some(Right::AccessManage), |registry, now, caller| {
                let id = named::person(registry, person)?;
                let told = record(caller, now, "person.undertaking", id).with("paper", paper);
                Ok((Change::one(told, Vec::new()), Done::of(id)))
            })
            .await
    }
}
