//! Rules: who may open which doors when. Each change makes a further revision; decisions name rule and revision.

use std::num::NonZeroU32;

use super::{
    Access, MOST_RULES,
    deed::{AccessDeed, Done},
    difference::{differing, over, put, record},
    named,
};
use crate::{
    accounts::{Caller, Change, Conflict, NoSuch, NotDone, reason},
    model::{AccessRule, PersonId, Right, RuleId, Who},
    store::{AccessEntry, Registry},
};

fn who(registry: &Registry, text: &str) -> Result<Who, NotDone> {
    match PersonId::parse(text) {
        Some(person) if named::holder_of(registry, person).is_some() => Ok(Who::Person(person)),
        Some(_) => Err(NoSuch::Holder(text.to_owned()).into()),
        None => named::group(text).map(Who::Group),
    }
}

impl Access {
    pub(super) async fn add_rule(&self, caller: &Caller, deed: AccessDeed) -> Result<Done, NotDone> {
        let AccessDeed::AddRule { name, who: whose, doors, schedule, from, until, why } = deed else {
            return Ok(Done::default());
        };
        let (why, name) = (reason(&why)?, named::said("name", &name)?);
        let plant = self.plant();
        let doors = named::doors(&plant.site, &doors)?;
        let (from, until) = named::span((None, None), from.as_deref(), until.as_deref(), self.zone())?;
        self.accounts
            .deed(caller, Some(Right::AccessManage), |registry, now, caller| {
                if registry.access.rules.len() >= MOST_RULES {
                    return Err(Conflict::Full(MOST_RULES.to_string()).into());
                }
                let id = RuleId(NonZeroU32::MIN.saturating_add(registry.newest_rule));
                let schedule = schedule.map(|text| named::schedule(registry, &text)).transpose()?;
                let who = who(registry, &whose)?;
                let rule = AccessRule { id, revision: 1, name, who, doors, schedule, from, until };
                let told = record(caller, now, "rule.added", id).with("why", why);
                let told = differing(told, None, &rule).with("revision", 1);
                Ok((Change::one(told, vec![put(AccessEntry::Rule(rule), caller, now)]), Done::of(id)))
            })
            .await
    }

    pub(super) async fn change_rule(&self, caller: &Caller, deed: AccessDeed) -> Result<Done, NotDone> {
        let AccessDeed::ChangeRule { rule, name, who: whose, doors, schedule, from, until, why } = deed
        else {
            return Ok(Done::default());
        };
        let why = reason(&why)?;
        let plant = self.plant();
        self.accounts
            .deed(caller, Some(Right::AccessManage), |registry, now, caller| {
                let held = named::rule(registry, &rule)?;
                let times = (held.from, held.until);
                let (from, until) = named::span(times, from.as_deref(), until.as_deref(), self.zone())?;
                let mut changed =
                    AccessRule { revision: held.revision.saturating_add(1), from, until, ..held.clone() };
                if let Some(name) = name {
                    changed.name = named::said("name", &name)?;
                }
                if let Some(whose) = whose {
                    changed.who = who(registry, &whose)?;
                }
                if let Some(doors) = doors {
                    changed.doors = named::doors(&plant.site, &doors)?;
                }
                if let Some(schedule) = named::change(schedule.as_deref()) {
                    changed.schedule = schedule.map(|text| named::schedule(registry, text)).transpose()?;
                }
                let id = changed.id;
                let told = record(caller, now, "rule.changed", id).with("why", why);
                let told = differing(told, Some(held), &changed).with("revision", changed.revision);
                Ok((Change::one(told, vec![put(AccessEntry::Rule(changed), caller, now)]), Done::of(id)))
            })
            .await
    }

    pub(super) async fn end_rule(&self, caller: &Caller, rule: &str, why: &str) -> Result<Done, NotDone> {
        let why = reason(why)?;
        self.accounts
            .deed(caller, Some(Right::AccessManage), |registry, now, caller| {
                let held = named::rule(registry, rule)?;
                let told = record(caller, now, "rule.ended", held.id).with("why", why);
                let told = told.with("revision", held.revision);
                let row = over(AccessEntry::Rule(held.clone()), caller, now);
                Ok((Change::one(told, vec![row]), Done::of(held.id)))
            })
            .await
    }
}
