//! Journal records in words.

use super::super::{
    Web,
    words::{Words, clock_text, minute_text},
};
use crate::{
    model::{PersonId, Plant, Record, Severity},
    store::JournalFilter,
};

/// One record.
pub(super) struct RecordView {
    /// Its number.
    pub(super) seq: u64,
    /// The time of day in the site's zone.
    pub(super) time: String,
    /// Day and minute in the site's zone.
    pub(super) moment: String,
    /// The same for machines.
    pub(super) datetime: String,
    /// Where, by name.
    pub(super) place: String,
    /// Who did it: as the record names it, or by name.
    pub(super) actor: String,
    /// What happened.
    pub(super) text: String,
    /// Whether it is more than information.
    pub(super) matters: bool,
}

impl RecordView {
    fn new(plant: &Plant, words: &Words<'_>, record: &Record) -> Self {
        let device = plant.site.device(&record.place).map(|(_, device)| device.name.clone());
        Self {
            seq: record.seq,
            time: clock_text(record.wall, plant.site.time_zone),
            moment: minute_text(record.wall, plant.site.time_zone),
            datetime: record.wall.rfc3339(),
            place: device.unwrap_or_else(|| record.place.clone()),
            actor: record.actor.clone(),
            text: text(words, record),
            matters: record.severity > Severity::Info,
        }
    }

    /// The newest records, newest first; of one place, if `place` says so.
    pub(super) async fn newest(web: &Web, words: &Words<'_>, place: Option<&str>, limit: usize) -> Vec<Self> {
        let filter = JournalFilter {
            place: place.map(str::to_owned),
            without_accounts: true,
            limit,
            newest_first: true,
            ..JournalFilter::default()
        };
        Self::page(web, words, filter).await
    }

    /// The newest records about a person, newest first: for who manages accounts.
    pub(super) async fn about(web: &Web, words: &Words<'_>, person: &str, limit: usize) -> Vec<Self> {
        let place = Some(person.to_owned());
        let filter = JournalFilter { place, limit, newest_first: true, ..JournalFilter::default() };
        let mut records = Self::page(web, words, filter).await;
        let registry = web.context.accounts.registry();
        for record in &mut records {
            let person = PersonId::parse(&record.actor).and_then(|id| registry.person(id));
            record.actor = person.map_or_else(|| record.actor.clone(), |person| person.name.clone());
        }
        records
    }

    async fn page(web: &Web, words: &Words<'_>, filter: JournalFilter) -> Vec<Self> {
        match web.context.journal.page(filter).await {
            Ok(records) => {
                let plant = web.plant();
                records.iter().map(|record| Self::new(&plant, words, record)).collect()
            }
            Err(error) => {
                tracing::warn!(%error, "records cannot be shown");
                Vec::new()
            }
        }
    }
}

/// The catalogue's text for the record's code, with its details; the bare code and details without one.
fn text(words: &Words<'_>, record: &Record) -> String {
    let details: Vec<(&str, String)> =
        record.body.iter().map(|(key, value)| (key.as_str(), detail(words, key, value))).collect();
    let places: Vec<_> = details.iter().map(|(key, value)| (*key, value.as_str())).collect();
    let key = format!("record-{}", record.code.replace('.', "-"));
    let said = words.with(&key, &places);
    if said != key {
        return said;
    }
    let details: Vec<_> = record.body.iter().map(|(key, value)| format!("{key} {value}")).collect();
    std::iter::once(record.code.clone()).chain(details).collect::<Vec<_>>().join(" · ")
}

/// A detail for people: spans in their nearest unit, reasons and roles in words.
fn detail(words: &Words<'_>, key: &str, value: &str) -> String {
    let seconds = key.ends_with("_s").then(|| value.parse().ok()).flatten();
    if let Some(seconds) = seconds {
        return words.duration(std::time::Duration::from_secs(seconds));
    }
    let words_of = match key {
        "reason" => "reason",
        "role" | "before" | "after" => "role",
        _ => return value.to_owned(),
    };
    let word = format!("{words_of}-{value}");
    let said = words.say(&word);
    if said == word { value.to_owned() } else { said }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::model::{Language, Mono, Texts, Trust, Wall};

    fn said(language: Language, code: &str, body: &[(&str, &str)]) -> String {
        let texts = Texts::default();
        let record = Record {
            seq: 1,
            run: [0; 16],
            mono: Mono(0),
            wall: Wall(0),
            trust: Trust::Synchronised,
            severity: Severity::Info,
            code: code.into(),
            place: String::new(),
            actor: "system".into(),
            body: body.iter().map(|(key, value)| ((*key).to_owned(), (*value).to_owned())).collect(),
            commitment: None,
        };
        text(&Words::new(&texts, language), &record).replace('\u{a0}', " ")
    }

    #[test]
    fn records_are_told_in_words_with_their_details() {
        let offline = [("reason", "timeout")];
        assert_eq!(
            said(Language::English, "device.offline", &offline),
            "no longer answers: no answer in time"
        );
        assert_eq!(
            said(Language::English, "device.online", &[("offline_s", "150")]),
            "answers again, after 2 min"
        );
        assert_eq!(
            said(Language::Vietnamese, "device.online", &[("offline_s", "150")]),
            "trả lời lại sau 2 phút"
        );
        let suspended = |why| said(Language::English, "account.suspended", &[("why", why)]);
        assert_eq!(suspended("idle"), "account suspended: it was not used for long");
        assert_eq!(suspended("long leave"), "account suspended: long leave");
        assert_eq!(said(Language::English, "account.session-ended", &[]), "session ended: by hand");
        assert_eq!(said(Language::English, "door.odd", &[("by", "x")]), "door.odd · by x");
    }
}
