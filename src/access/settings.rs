//! A door's settings by name and text, each with the span that it may have.

use std::{collections::BTreeMap, time::Duration};

use super::{
    Access,
    deed::Done,
    difference::{differing, put, record},
    named,
};
use crate::{
    accounts::{Caller, Change, NotDone, Wrong, reason},
    model::{DoorSettings, DoubtfulClock, Id, Passback, Proof, Relock, Right, Unrecorded},
    store::{AccessEntry, Registry},
};

/// Their names, in the order in which people read them, and what each may be.
pub const SETTINGS: [(&str, &str); 15] = [
    ("proof", "card, card-pin, pin"),
    ("card-alone", "SCHEDULE, none"),
    ("unlocked", "SCHEDULE, none"),
    ("first-card", "GROUP, none"),
    ("unlock", "3s–60s"),
    ("long-unlock", "unlock–60s"),
    ("held", "10s–1h"),
    ("warning", "1s–held"),
    ("relock", "on-open, on-close"),
    ("debounce", "10ms–399ms"),
    ("two-persons", "yes, no"),
    ("passback", "off, soft, hard"),
    ("interlock", "NAME, none"),
    ("unrecorded", "spool, deny"),
    ("doubtful-clock", "deny, untimed, ignore"),
];

/// The words of a setting that may be nothing else; none where it may be a name or a time.
#[must_use]
pub fn setting_words(may: &'static str) -> Vec<&'static str> {
    let named = may.contains(char::is_uppercase) || may.contains('–');
    if named { Vec::new() } else { may.split(", ").collect() }
}

/// The text of a door's setting; empty for a name that is none.
#[must_use]
pub fn setting_text(settings: &DoorSettings, name: &str) -> String {
    let id = |id: &Option<Id>| id.as_ref().map_or_else(|| "none".to_owned(), Id::to_string);
    match name {
        "proof" => settings.proof.to_string(),
        "card-alone" => id(&settings.card_alone),
        "unlocked" => id(&settings.unlocked),
        "first-card" => id(&settings.first_card),
        "unlock" => span_text(settings.unlock),
        "long-unlock" => span_text(settings.long_unlock),
        "held" => span_text(settings.held),
        "warning" => span_text(settings.warning),
        "relock" => settings.relock.to_string(),
        "debounce" => span_text(settings.debounce),
        "two-persons" => if settings.two_persons { "yes" } else { "no" }.to_owned(),
        "passback" => settings.passback.to_string(),
        "interlock" => id(&settings.interlock),
        "unrecorded" => settings.unrecorded.to_string(),
        "doubtful-clock" => settings.doubtful_clock.to_string(),
        _ => String::new(),
    }
}

fn span_text(span: Duration) -> String {
    let ms = span.as_millis();
    if ms.is_multiple_of(1000) { format!("{}s", ms / 1000) } else { format!("{ms}ms") }
}

/// `5s`, `50ms`, `2min` or a bare number of seconds.
fn span(text: &str) -> Option<Duration> {
    let digits = text.len() - text.trim_start_matches(|c: char| c.is_ascii_digit()).len();
    let (number, unit) = text.split_at_checked(digits)?;
    let number: u64 = number.parse().ok().filter(|number| *number <= 86_400_000)?;
    match unit.trim() {
        "" | "s" => Some(Duration::from_secs(number)),
        "ms" => Some(Duration::from_millis(number)),
        "min" => Some(Duration::from_secs(number * 60)),
        _ => None,
    }
}

/// Sets one of them; whether the whole is sound is [`check`]'s.
fn set(settings: &mut DoorSettings, registry: &Registry, name: &str, text: &str) -> Result<(), NotDone> {
    let text = text.trim();
    let wrong = || {
        let may = SETTINGS.iter().find(|(known, _)| *known == name).map_or("", |(_, may)| may);
        NotDone::from(Wrong::Setting(format!("{name}={text} ({may})")))
    };
    let wanted = Some(text).filter(|text| !text.is_empty() && *text != "none");
    let schedule = || wanted.map(|text| named::schedule(registry, text)).transpose();
    let id = || wanted.map(|text| text.parse::<Id>().map_err(|_| wrong())).transpose();
    let span = || span(text).ok_or_else(wrong);
    match name {
        "proof" => settings.proof = Proof::parse(text).ok_or_else(wrong)?,
        "card-alone" => settings.card_alone = schedule()?,
        "unlocked" => settings.unlocked = schedule()?,
        "first-card" => settings.first_card = wanted.map(named::group).transpose()?,
        "unlock" => settings.unlock = span()?,
        "long-unlock" => settings.long_unlock = span()?,
        "held" => settings.held = span()?,
        "warning" => settings.warning = span()?,
        "relock" => settings.relock = Relock::parse(text).ok_or_else(wrong)?,
        "debounce" => settings.debounce = span()?,
        "two-persons" => {
            settings.two_persons = match text {
                "yes" => true,
                "no" => false,
                _ => return Err(wrong()),
            }
        }
        "passback" => settings.passback = Passback::parse(text).ok_or_else(wrong)?,
        "interlock" => settings.interlock = id()?,
        "unrecorded" => settings.unrecorded = Unrecorded::parse(text).ok_or_else(wrong)?,
        "doubtful-clock" => settings.doubtful_clock = DoubtfulClock::parse(text).ok_or_else(wrong)?,
        _ => {
            let names: Vec<&str> = SETTINGS.iter().map(|(name, _)| *name).collect();
            return Err(Wrong::Setting(format!("{name} ({})", names.join(", "))).into());
        }
    }
    Ok(())
}

/// The spans of all settings, which depend on one another.
fn check(settings: &DoorSettings) -> Result<(), NotDone> {
    let (seconds, ms) = (Duration::from_secs, Duration::from_millis);
    let DoorSettings { unlock, long_unlock, held, warning, debounce, .. } = settings;
    let sound = [
        ("unlock", (seconds(3)..=seconds(60)).contains(unlock)),
        ("long-unlock", (*unlock..=seconds(60)).contains(long_unlock)),
        ("held", (seconds(10)..=seconds(3600)).contains(held)),
        ("warning", (seconds(1)..*held).contains(warning)),
        ("debounce", (ms(10)..ms(400)).contains(debounce)),
    ];
    match sound.into_iter().find(|(_, sound)| !sound) {
        Some((name, _)) => {
            let may = SETTINGS.iter().find(|(known, _)| *known == name).map_or("", |(_, may)| may);
            Err(Wrong::Setting(format!("{name}={} ({may})", setting_text(settings, name))).into())
        }
        None => Ok(()),
    }
}

impl Access {
    /// How a door behaves now.
    #[must_use]
    pub fn settings(&self, door: &Id) -> DoorSettings {
        let data = self.data();
        let held = data.doors.iter().find(|settings| settings.door == *door);
        held.cloned().unwrap_or_else(|| self.first_settings(door))
    }

    /// How it behaves until somebody says otherwise.
    fn first_settings(&self, door: &Id) -> DoorSettings {
        let plant = self.plant();
        let lock = plant.site.doors.iter().find(|one| one.id == *door).and_then(|one| one.lock.as_ref());
        let magnet = lock.is_some_and(|lock| lock.kind == hallward_site::DoorKind::FailSafe);
        DoorSettings::new(door.clone(), magnet)
    }

    pub(super) async fn set_door(
        &self,
        caller: &Caller,
        door: &str,
        wanted: BTreeMap<String, String>,
        why: &str,
    ) -> Result<Done, NotDone> {
        let why = reason(why)?;
        let door = named::door(&self.plant().site, door)?;
        let first = self.first_settings(&door);
        self.accounts
            .deed(caller, Some(Right::AccessManage), |registry, now, caller| {
                let held =
                    registry.access.doors.iter().find(|settings| settings.door == door).unwrap_or(&first);
                let mut changed = held.clone();
                for (name, text) in &wanted {
                    set(&mut changed, registry, name, text)?;
                }
                check(&changed)?;
                let told = record(caller, now, "door.settings", &door).with("why", why);
                let told = differing(told, Some(held), &changed);
                Ok((Change::one(told, vec![put(AccessEntry::Door(changed), caller, now)]), Done::of(&door)))
            })
            .await
    }
}
