//! When controller, clock, readers and door module were able to see, so that "no entry" and "nobody could see" look different.
//! It follows from the journal's own records.

use hallward_site::Door;
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use super::{Access, named};
use crate::{
    accounts::{NoSuch, NotDone, Wrong},
    model::{Record, Trust, Wall},
    store::JournalFilter,
};

/// The most records of a kind that are looked at; what lies behind them is not known.
const RECORDS: usize = 1000;

/// What sees.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "kebab-case")]
pub enum Part {
    /// The program.
    Controller,
    /// Its clock, whether it is to be believed.
    Clock,
    /// The reader on the side of `from`.
    EntryReader,
    /// The reader on the side of `to`.
    ExitReader,
    /// The door's contact and lock.
    Hardware,
}

impl Part {
    /// Its word.
    #[must_use]
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Controller => "controller",
            Self::Clock => "clock",
            Self::EntryReader => "entry-reader",
            Self::ExitReader => "exit-reader",
            Self::Hardware => "hardware",
        }
    }
}

/// A time in which a part was, or was not, able to see.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct Span {
    /// Which part.
    pub part: Part,
    /// From then on; RFC 3339, UTC.
    pub from: String,
    /// Until before then.
    pub to: String,
    /// Whether it was able to see; null where no record says so.
    pub able: Option<bool>,
    /// The code of the record that says so.
    pub by: String,
}

/// From then on a part sees or not, as a record says.
#[derive(Clone, Debug, PartialEq, Eq)]
struct Turn {
    at: Wall,
    able: Option<bool>,
    by: String,
}

impl Access {
    /// Of a door, from one time to another.
    ///
    /// # Errors
    /// There is no such door; the times are none; the journal cannot be read.
    pub async fn coverage(&self, door: &str, from: &str, to: &str) -> Result<Vec<Span>, NotDone> {
        let plant = self.plant();
        let (from, to) = (named::begin(from, self.zone())?, named::end(to, self.zone())?);
        let to = to.min(self.accounts.now().wall);
        if from >= to {
            return Err(Wrong::Span.into());
        }
        let found = plant.site.doors.iter().find(|one| one.id.as_str() == door);
        let found = found.ok_or_else(|| NoSuch::Door(door.to_owned()))?;
        let program = self.around("system.*", None, from, to).await?;
        let clock = self.around("clock.*", None, from, to).await?;
        let readers = self.around("reader.*", Some(door), from, to).await?;
        let hardware = self.around("io.*", Some(door), from, to).await?;
        let mut spans = Vec::new();
        for part in parts(found) {
            let turns = match part {
                Part::Controller => controller(&program),
                Part::Clock => trusted(&program, &clock),
                Part::EntryReader => online(&program, &readers, Some("entry")),
                Part::ExitReader => online(&program, &readers, Some("exit")),
                Part::Hardware => online(&program, &hardware, None),
            };
            spans.extend(told(part, &turns, from, to));
        }
        Ok(spans)
    }

    /// Records between two times, with what was said last before them.
    async fn around(
        &self,
        code: &str,
        place: Option<&str>,
        from: Wall,
        to: Wall,
    ) -> Result<Vec<Record>, NotDone> {
        let (code, place) = (Some(code.to_owned()), place.map(str::to_owned));
        let all = JournalFilter { code, place, ..JournalFilter::default() };
        let before = JournalFilter { to: Some(from), limit: 20, newest_first: true, ..all.clone() };
        let mut records = self.journal.page(before).await?;
        records.reverse();
        let within = JournalFilter { from: Some(from), to: Some(to), limit: RECORDS, ..all };
        records.extend(self.journal.page(within).await?);
        Ok(records)
    }
}

fn parts(door: &Door) -> Vec<Part> {
    let parts = [
        (Part::Controller, true),
        (Part::Clock, true),
        (Part::EntryReader, door.reader.is_some()),
        (Part::ExitReader, door.exit_reader.is_some()),
        (Part::Hardware, door.lock.is_some() || door.contact.is_some()),
    ];
    parts.into_iter().filter(|(_, there)| *there).map(|(part, _)| part).collect()
}

/// The program saw from its start to its stop; after a stop that was none, until it was last alive.
fn controller(program: &[Record]) -> Vec<Turn> {
    let mut turns = Vec::new();
    for record in program {
        let turn = |at, able| Turn { at, able: Some(able), by: record.code.clone() };
        match record.code.as_str() {
            "system.start" => {
                let dark = record.body.get("not_watched_s").and_then(|text| text.parse().ok()).unwrap_or(0);
                if dark > 0 {
                    turns.push(turn(record.wall - std::time::Duration::from_secs(dark), false));
                }
                turns.push(turn(record.wall, true));
            }
            "system.stop" => turns.push(turn(record.wall, false)),
            _ => {}
        }
    }
    turns
}

/// Each record carries whether its time is to be believed.
fn trusted(program: &[Record], clock: &[Record]) -> Vec<Turn> {
    let mut records: Vec<&Record> = program.iter().chain(clock).collect();
    records.sort_by_key(|record| record.seq);
    let turn = |record: &&Record| Turn {
        at: record.wall,
        able: match record.trust {
            Trust::Synchronised => Some(true),
            Trust::Unsynchronised => Some(false),
            Trust::Unknown => None,
        },
        by: record.code.clone(),
    };
    records.iter().map(turn).collect()
}

/// A reader or module sees while it answers; when the program starts or stops, nothing is known of it.
fn online(program: &[Record], records: &[Record], side: Option<&str>) -> Vec<Turn> {
    let mut turns = controller(program);
    for turn in &mut turns {
        turn.able = if turn.able == Some(true) { None } else { turn.able };
    }
    for record in records {
        let other = record.body.get("side").zip(side).is_some_and(|(said, side)| said != side);
        let able = match record.code.rsplit('.').next() {
            Some("online") => true,
            Some("offline") => false,
            _ => continue,
        };
        if !other {
            turns.push(Turn { at: record.wall, able: Some(able), by: record.code.clone() });
        }
    }
    turns.sort_by_key(|turn| turn.at);
    turns
}

/// The turns as spans without a gap; what is the same goes together.
fn told(part: Part, turns: &[Turn], from: Wall, to: Wall) -> Vec<Span> {
    let mut edges = vec![Turn { at: from, able: None, by: String::new() }];
    for turn in turns.iter().filter(|turn| turn.at < to) {
        let turn = Turn { at: turn.at.max(from), ..turn.clone() };
        if let Some(last) = edges.last_mut() {
            if last.at == turn.at {
                *last = turn;
            } else if last.able != turn.able {
                edges.push(turn);
            }
        }
    }
    let ends = edges.iter().skip(1).map(|turn| turn.at).chain([to]);
    let spans = edges.iter().zip(ends).map(|(edge, end)| Span {
        part,
        from: edge.at.rfc3339(),
        to: end.rfc3339(),
        able: edge.able,
        by: edge.by.clone(),
    });
    spans.collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn turn(at: i64, able: bool) -> Turn {
        Turn { at: Wall(at), able: Some(able), by: format!("at {at}") }
    }

    #[test]
    fn spans_have_no_gap_and_say_what_is_not_known() {
        let check = |turns: &[Turn], expected: &[(i64, i64, Option<bool>)]| {
            let spans = told(Part::Controller, turns, Wall(100_000_000), Wall(200_000_000));
            let expected: Vec<_> =
                expected.iter().map(|(a, b, able)| (Wall(*a).rfc3339(), Wall(*b).rfc3339(), *able)).collect();
            let found: Vec<_> = spans.into_iter().map(|span| (span.from, span.to, span.able)).collect();
            assert_eq!(found, expected);
        };
        let (a, b) = (100_000_000, 200_000_000);
        check(&[], &[(a, b, None)]);
        check(&[turn(1, true)], &[(a, b, Some(true))]);
        check(&[turn(1, false), turn(2, true), turn(300_000_000, false)], &[(a, b, Some(true))]);
        let outage = [turn(1, true), turn(150_000_000, false), turn(160_000_000, true)];
        let (c, d) = (150_000_000, 160_000_000);
        check(&outage, &[(a, c, Some(true)), (c, d, Some(false)), (d, b, Some(true))]);
        check(&[turn(150_000_000, true), turn(160_000_000, true)], &[(a, c, None), (c, b, Some(true))]);
    }
}
