//! What every page has: header, navigation, language, and what the scripts need to know.

use std::time::Duration;

use axum::http::{HeaderMap, Uri};
use chrono::Offset;
use chrono_tz::Tz;

use super::{
    super::{
        Web,
        assets::{self, asset},
        hall::{Live, abnormal},
        problem::Problem,
        query::Query,
        words::{Words, clock_text, language, minute_text},
    },
    cell::Cell,
};
use crate::{
    accounts::{Caller, Way},
    model::{Language, Plant, PointRef, Right, Rights, Snapshot, Trust, Wall},
};

/// The frame around a page.
pub(super) struct Frame<'w> {
    /// Texts in the reader's language.
    pub(super) words: Words<'w>,
    /// Whether the reader chose the language just now.
    pub(super) language_chosen: bool,
    /// What is wired.
    pub(super) plant: &'w Plant,
    /// The moment of the page.
    pub(super) now: Wall,
    /// Abnormal things by priority 1 to 4.
    pub(super) counts: [usize; 4],
    /// The stream's id at that moment.
    pub(super) position: String,
    /// The page's key, for the navigation.
    pub(super) here: &'static str,
    /// Where the simulated hall is controlled.
    pub(super) simulator: Option<String>,
    trust: Trust,
    /// Who reads it, by name.
    pub(super) who: String,
    /// What its forms send back.
    pub(super) proof: String,
    rights: Rights,
    /// The page's address in the other language.
    pub(super) other_language: String,
}

/// How many abnormal things there are of a priority.
pub(super) struct Counted {
    /// The priority.
    pub(super) priority: u8,
    /// How many.
    pub(super) count: usize,
}

/// A place of the navigation.
pub(super) struct Place {
    /// Its key.
    pub(super) key: &'static str,
    /// Its address.
    pub(super) address: &'static str,
    /// What it takes to be let in.
    right: Right,
}

const PLACES: [Place; 10] = [
    Place { key: "nav-hall", address: "/", right: Right::HallRead },
    Place { key: "nav-power", address: "/#power", right: Right::HallRead },
    Place { key: "nav-climate", address: "/#climate", right: Right::HallRead },
    Place { key: "nav-devices", address: "/devices", right: Right::HallRead },
    Place { key: "nav-trends", address: "/trends", right: Right::HallRead },
    Place { key: "nav-doors", address: "/doors", right: Right::HallRead },
    Place { key: "nav-people", address: "/people", right: Right::PersonRead },
    Place { key: "nav-presence", address: "/presence", right: Right::DoorOperate },
    Place { key: "nav-review", address: "/review", right: Right::JournalRead },
    Place { key: "nav-accounts", address: "/accounts", right: Right::AccountManage },
];

/// The name of whoever reads: the person's own, or what a token or display is for.
fn who(web: &Web, caller: &Caller) -> String {
    let registry = web.context.accounts.registry();
    let name = match &caller.way {
        Way::Session { person, .. } => registry.person(*person).map(|person| person.name.clone()),
        Way::Token { id, .. } => {
            registry.tokens.iter().find(|token| token.id == *id).map(|token| token.name.clone())
        }
        Way::Console => None,
    };
    name.unwrap_or_else(|| caller.actor.clone())
}

fn proof(caller: &Caller) -> String {
    match &caller.way {
        Way::Session { proof, .. } => proof.clone(),
        Way::Token { .. } | Way::Console => String::new(),
    }
}

impl<'w> Frame<'w> {
    /// The frame of a request; `position` is read before the snapshot, so that no change is missed.
    pub(super) fn new(
        web: &'w Web,
        here: &'static str,
        request: (&Uri, &HeaderMap, &Query, &Caller),
        live: &Live<'w>,
        position: String,
    ) -> Result<Self, Problem> {
        let (uri, headers, query, caller) = request;
        let (language, language_chosen) = language(query, headers)?;
        let now = web.now();
        let mut counts = [0; 4];
        for abnormal in abnormal::list(live) {
            if let Some(count) = counts.get_mut(usize::from(abnormal.priority.clamp(1, 4)) - 1) {
                *count += 1;
            }
        }
        Ok(Self {
            words: Words::new(&web.context.texts, language),
            language_chosen,
            plant: live.plant,
            now: now.wall,
            counts,
            position,
            here,
            simulator: web.context.simulator.as_ref().map(|hall| hall.control().to_string()),
            trust: now.trust,
            who: who(web, caller),
            proof: proof(caller),
            // Who must choose a new password first is led nowhere else.
            rights: if caller.must_change() { Rights::default() } else { caller.rights },
            other_language: in_language(uri, other(language)),
        })
    }

    /// The text `key`.
    pub(super) fn say(&self, key: &str) -> String {
        self.words.say(key)
    }

    /// The reader's language.
    pub(super) fn code(&self) -> &'static str {
        self.words.language.code()
    }

    /// The other language's code.
    pub(super) fn other_code(&self) -> &'static str {
        other(self.words.language).code()
    }

    /// Abnormal things by priority.
    pub(super) fn counted(&self) -> impl Iterator<Item = Counted> {
        (1..).zip(self.counts).map(|(priority, count)| Counted { priority, count })
    }

    /// The navigation: what the reader may see.
    pub(super) fn places(&self) -> impl Iterator<Item = &'static Place> {
        PLACES.iter().filter(|place| self.rights.has(place.right))
    }

    /// Whether the reader may let something happen in a simulated hall.
    pub(super) fn may_simulate(&self) -> bool {
        self.rights.has(Right::HallSimulate)
    }

    /// Whether the reader may order doors.
    pub(super) fn may_operate_doors(&self) -> bool {
        self.rights.has(Right::DoorOperate)
    }

    /// Whether the reader may change who may go where.
    pub(super) fn may_manage_access(&self) -> bool {
        self.rights.has(Right::AccessManage)
    }

    /// Whether the reader may sign reviews of the journal.
    pub(super) fn may_review(&self) -> bool {
        self.rights.has(Right::JournalReview)
    }

    /// A word of an enumeration.
    pub(super) fn part(&self, of: &str, word: &str) -> String {
        self.say(&format!("{of}-{word}"))
    }

    /// Day and minute of a time in RFC 3339, in the site's zone.
    pub(super) fn when(&self, time: &str) -> String {
        Wall::parse(time).map_or_else(|| time.to_owned(), |time| self.moment(time))
    }

    /// The day of something that begins then, as a field holds it; empty if it has no beginning.
    pub(super) fn first_day_of(&self, begin: Option<&str>) -> String {
        let begin = begin.and_then(Wall::parse);
        begin.map(|time| self.last_day(time + Duration::from_micros(1))).unwrap_or_default()
    }

    /// The last day of something that ends then, as a field holds it; empty if it has no end.
    pub(super) fn last_day_of(&self, end: Option<&str>) -> String {
        end.and_then(Wall::parse).map(|time| self.last_day(time)).unwrap_or_default()
    }

    /// The time of day in the site's zone, with the zone's offset.
    pub(super) fn clock(&self) -> String {
        format!(
            "{} {}",
            clock_text(self.now, self.zone()),
            self.now.utc().with_timezone(&self.zone()).format("%Z")
        )
    }

    /// The zone's offset from UTC, min.
    pub(super) fn offset_min(&self) -> i32 {
        self.now.utc().with_timezone(&self.zone()).offset().fix().local_minus_utc() / 60
    }

    /// The moment of the page, ms since the epoch.
    pub(super) fn now_ms(&self) -> i64 {
        self.now.0 / 1000
    }

    /// Day and minute in the site's zone.
    pub(super) fn moment(&self, time: Wall) -> String {
        minute_text(time, self.zone())
    }

    /// The last day of something that ends then, in the site's zone.
    pub(super) fn last_day(&self, end: Wall) -> String {
        (end - Duration::from_micros(1)).utc().with_timezone(&self.zone()).format("%Y-%m-%d").to_string()
    }

    /// The site's zone.
    pub(super) fn zone(&self) -> Tz {
        self.plant.site.time_zone
    }

    /// Whether the clock is to be believed: a key.
    pub(super) fn trust_key(&self) -> &'static str {
        match self.trust {
            Trust::Synchronised => "clock-synchronised",
            Trust::Unsynchronised => "clock-unsynchronised",
            Trust::Unknown => "clock-unknown",
        }
    }

    /// Whether the clock is known not to be right.
    pub(super) fn is_clock_wrong(&self) -> bool {
        self.trust == Trust::Unsynchronised
    }

    /// The address of an asset.
    pub(super) fn asset(&self, name: &str) -> String {
        asset(name)
    }

    /// Whether the program was built with scripts.
    pub(super) fn has_scripts(&self) -> bool {
        assets::has_scripts()
    }

    /// A point's value.
    pub(super) fn cell(&self, snapshot: &Snapshot, at: PointRef) -> Option<Cell> {
        Cell::new(self.plant, &self.words, snapshot, at, self.now)
    }

    /// "2 of the priority in shape, number and text".
    pub(super) fn mark(&self, priority: &u8) -> String {
        mark(*priority)
    }
}

/// Shape and number of a priority.
pub(super) fn mark(priority: u8) -> String {
    let shape = match priority {
        1 => '▲',
        2 => '◆',
        3 => '■',
        _ => '●',
    };
    format!("{shape}\u{a0}{priority}")
}

fn other(language: Language) -> Language {
    match language {
        Language::English => Language::Vietnamese,
        Language::Vietnamese => Language::English,
    }
}

/// The same page in another language.
fn in_language(uri: &Uri, language: Language) -> String {
    let pairs = form_urlencoded::parse(uri.query().unwrap_or_default().as_bytes());
    let kept = pairs.filter(|(key, _)| key != "lang");
    let mut query = form_urlencoded::Serializer::new(String::new());
    query.extend_pairs(kept).append_pair("lang", language.code());
    format!("{}?{}", uri.path(), query.finish())
}
