//! Takes in a staff list as CSV: all of it or nothing, with every mistake told at once and its line, and first, if that is
//! wanted, only what would change.
//!
//! Columns, in any order: `name` or `person` (an id), and `card` (`42/1234`, or `34:42/1234` for 34 bits), `pin`, `from`, `to`,
//! `groups`, `doors` (several with a space between; doors make a rule for the person alone). What is empty stays as it is.

use std::{collections::BTreeSet, num::NonZeroU32};

use sha2::{Digest, Sha256};

use super::{
    Access,
    badge::fresh as fresh_badge,
    deed::{CardFields, Done, HolderFields},
    difference::{differing, put, record},
    named,
    person::{fresh, room, with_pins},
};
use crate::{
    accounts::{Caller, Change, Conflict, NotDone, Wrong, reason},
    model::{AccessRule, BadgeState, Holder, Now, PersonId, Right, RuleId, Who},
    store::{AccessEntry, Registry, Row},
};

/// The longest list, lines.
pub const LARGEST_LIST: usize = 5000;

/// The most mistakes that are told.
const MISTAKES: usize = 50;

const COLUMNS: [&str; 8] = ["name", "person", "card", "pin", "from", "to", "groups", "doors"];

/// A line's cells, by column; empty ones are absent.
#[derive(Clone, Debug, Default)]
struct Line {
    number: u64,
    cells: [Option<String>; 8],
}

impl Line {
    fn cell(&self, column: &str) -> Option<&str> {
        let at = COLUMNS.iter().position(|known| *known == column)?;
        self.cells.get(at)?.as_deref()
    }

    /// Several words of a cell.
    fn words(&self, column: &str) -> Option<Vec<String>> {
        self.cell(column).map(|text| text.split_whitespace().map(str::to_owned).collect())
    }
}

/// What the lines so far come to.
struct Work<'w> {
    caller: &'w Caller,
    now: Now,
    why: String,
    registry: Registry,
    change: Change,
    said: Vec<String>,
    seen: BTreeSet<PersonId>,
}

impl Work<'_> {
    /// Later lines see what earlier ones have changed.
    fn put(&mut self, entry: AccessEntry) {
        let row = put(entry, self.caller, self.now);
        self.row(row);
    }

    fn row(&mut self, row: Row) {
        self.registry.apply(row.clone());
        self.change.rows.push(row);
    }
}

impl Access {
    pub(super) async fn import_people(
        &self,
        caller: &Caller,
        csv: &str,
        dry_run: bool,
        why: &str,
    ) -> Result<Done, NotDone> {
        let why = reason(why)?;
        let lines = lines(csv).map_err(refused)?;
        let hash = data_encoding::HEXLOWER.encode(&Sha256::digest(csv.as_bytes()));
        self.accounts
            .deed(caller, Some(Right::AccessManage), |registry, now, caller| {
                let (change, said, seen) = (Change::default(), Vec::new(), BTreeSet::new());
                let mut work =
                    Work { caller, now, why: why.clone(), registry: registry.clone(), change, said, seen };
                let mut mistakes = Vec::new();
                for line in &lines {
                    if let Err(why) = self.take_in(&mut work, line) {
                        mistakes.push(format!("line {}: {why}", line.number));
                    }
                }
                if !mistakes.is_empty() {
                    return Err(refused(mistakes));
                }
                let Work { mut change, said, .. } = work;
                let done = Done { id: lines.len().to_string(), said };
                if dry_run || change.rows.is_empty() {
                    return Ok((Change::default(), done));
                }
                let told = record(caller, now, "people.imported", "").with("why", why);
                let told = told.with("lines", lines.len()).with("changes", change.records.len());
                change.records.push(told.with("sha256", hash));
                Ok((change, done))
            })
            .await
    }

    /// What one line changes.
    fn take_in(&self, work: &mut Work<'_>, line: &Line) -> Result<(), NotDone> {
        let known = whose(&work.registry, line)?;
        let mut told: Vec<String> = Vec::new();
        let (before, added) = match known {
            Some(id) => (named::holder_of(&work.registry, id).cloned(), id),
            None => {
                room(&work.registry)?;
                let (id, rows) = fresh(&work.registry, line.cell("name").unwrap_or_default())?;
                rows.into_iter().for_each(|row| work.row(row));
                (None, id)
            }
        };
        if !work.seen.insert(added) {
            return Err(Conflict::HolderThere(added.to_string()).into());
        }
        if before.as_ref().is_some_and(|holder| holder.ended.is_some()) {
            return Err(Conflict::PersonEnded.into());
        }
        let fields = HolderFields {
            groups: line.words("groups"),
            pin: line.cell("pin").map(str::to_owned),
            from: line.cell("from").map(str::to_owned),
            until: line.cell("to").map(str::to_owned),
            ..HolderFields::default()
        };
        let (after, pins) = self.altered(before.clone().unwrap_or_else(|| Holder::new(added)), fields)?;
        if before.as_ref() != Some(&after) {
            let code = if before.is_some() { "person.changed" } else { "person.added" };
            let told_of = record(work.caller, work.now, code, added).with("why", &work.why);
            let told_of = with_pins(differing(told_of, before.as_ref(), &after), pins);
            told.extend(told_of.body.get("before").map(|before| format!("was {before}")));
            told.extend(told_of.body.get("after").filter(|text| !text.is_empty()).cloned());
            told.extend(pins.first().copied().flatten().map(|pin| format!("PIN {pin}")));
            work.change.records.push(told_of);
            work.put(AccessEntry::Holder(after));
        }
        self.take_in_card(work, line, added, &mut told)?;
        self.take_in_doors(work, line, added, &mut told)?;
        let who = line.cell("name").map_or_else(|| added.to_string(), str::to_owned);
        let verb = if known.is_some() { "changes" } else { "adds" };
        work.said.push(match told.is_empty() {
            true => format!("line {}: {who} stays as it is", line.number),
            false => format!("line {}: {verb} {who}: {}", line.number, told.join(", ")),
        });
        Ok(())
    }

    fn take_in_card(
        &self,
        work: &mut Work<'_>,
        line: &Line,
        person: PersonId,
        told: &mut Vec<String>,
    ) -> Result<(), NotDone> {
        let Some(text) = line.cell("card") else { return Ok(()) };
        let card = self.card(&card_fields(text).ok_or(Wrong::Card)?)?;
        let held = work.registry.access.badges.iter().find(|badge| {
            badge.key == card.key && badge.person == person && badge.state != BadgeState::Returned
        });
        if held.is_some() {
            return Ok(());
        }
        let badge = fresh_badge(&work.registry, work.caller, work.now, person, card)?;
        told.push(format!("badge {} ({})", badge.id, badge.shown));
        let record = differing(
            record(work.caller, work.now, "badge.issued", badge.id).with("why", &work.why),
            None,
            &badge,
        );
        work.change.records.push(record);
        work.put(AccessEntry::Badge(badge));
        Ok(())
    }

    fn take_in_doors(
        &self,
        work: &mut Work<'_>,
        line: &Line,
        person: PersonId,
        told: &mut Vec<String>,
    ) -> Result<(), NotDone> {
        let Some(texts) = line.words("doors") else { return Ok(()) };
        let doors = named::doors(&self.plant().site, &texts)?;
        let who = Who::Person(person);
        let before = work.registry.access.rules.iter().find(|rule| rule.who == who).cloned();
        let (code, after) = match &before {
            Some(before) if before.doors == doors => return Ok(()),
            Some(before) => (
                "rule.changed",
                AccessRule { doors, revision: before.revision.saturating_add(1), ..before.clone() },
            ),
            None => {
                let id = RuleId(NonZeroU32::MIN.saturating_add(work.registry.newest_rule));
                let (name, schedule) = ("staff list".to_owned(), None);
                (
                    "rule.added",
                    AccessRule { id, revision: 1, name, who, doors, schedule, from: None, until: None },
                )
            }
        };
        told.push(format!("rule {}: doors {}", after.id, texts.join(" ")));
        let record = differing(
            record(work.caller, work.now, code, after.id).with("why", &work.why),
            before.as_ref(),
            &after,
        );
        work.change.records.push(record.with("revision", after.revision));
        work.put(AccessEntry::Rule(after));
        Ok(())
    }
}

/// Whom a line is about; none if it is about somebody new.
fn whose(registry: &Registry, line: &Line) -> Result<Option<PersonId>, NotDone> {
    if let Some(text) = line.cell("person") {
        return named::person(registry, text).map(Some);
    }
    let name = line.cell("name").ok_or_else(|| Wrong::Said("name".to_owned()))?;
    let living = |holder: &&Holder| holder.ended.is_none();
    let is = |holder: &&Holder| registry.person(holder.person).is_some_and(|person| person.name == name);
    let mut found = registry.access.holders.iter().filter(living).filter(is);
    match (found.next(), found.next()) {
        (Some(_), Some(_)) => Err(Wrong::Word(format!("name={name} (two persons: say `person`)")).into()),
        (one, _) => Ok(one.map(|holder| holder.person)),
    }
}

/// `42/1234` or `34:42/1234`.
fn card_fields(text: &str) -> Option<CardFields> {
    let (bits, numbers) = text.split_once(':').unwrap_or(("26", text));
    let (facility, number) = numbers.split_once('/')?;
    let (facility, number) = (facility.trim().parse().ok()?, number.trim().parse().ok()?);
    let bits = Some(bits.trim().parse().ok()?);
    Some(CardFields { facility: Some(facility), number: Some(number), bits, ..CardFields::default() })
}

fn refused(mistakes: Vec<String>) -> NotDone {
    let more = mistakes.len().saturating_sub(MISTAKES);
    let mut shown: Vec<String> = mistakes.into_iter().take(MISTAKES).collect();
    if more > 0 {
        shown.push(format!("and {more} more"));
    }
    Wrong::List(shown.join("; ")).into()
}

/// The list's lines; else everything that is wrong with its form.
fn lines(text: &str) -> Result<Vec<Line>, Vec<String>> {
    // Spreadsheets put a mark before the first column's name.
    let text = text.trim_start_matches('\u{feff}');
    let mut reader = csv::ReaderBuilder::new().trim(csv::Trim::All).from_reader(text.as_bytes());
    let head = reader.headers().map_err(|error| vec![format!("line 1: {error}")])?.clone();
    let place = |name: &str| COLUMNS.iter().position(|known| known.eq_ignore_ascii_case(name));
    let unknown: Vec<String> = head.iter().filter(|name| place(name).is_none()).map(str::to_owned).collect();
    if !unknown.is_empty() {
        let (unknown, known) = (unknown.join(", "), COLUMNS.join(", "));
        return Err(vec![format!("line 1: no column is called {unknown}; there are: {known}")]);
    }
    let (mut lines, mut mistakes) = (Vec::new(), Vec::new());
    for found in reader.records() {
        match found {
            Ok(cells) => {
                let number = cells.position().map_or(0, csv::Position::line);
                let mut line = Line { number, ..Line::default() };
                for (name, cell) in head.iter().zip(cells.iter()) {
                    let at = place(name).and_then(|at| line.cells.get_mut(at));
                    if let Some(at) = at.filter(|_| !cell.is_empty()) {
                        *at = Some(cell.to_owned());
                    }
                }
                lines.push(line);
            }
            Err(error) => mistakes.push(error.to_string()),
        }
        if lines.len() > LARGEST_LIST || mistakes.len() > MISTAKES {
            mistakes
                .push(format!("more than {LARGEST_LIST} lines, or too many mistakes: take it in by parts"));
            break;
        }
    }
    if mistakes.is_empty() { Ok(lines) } else { Err(mistakes) }
}
