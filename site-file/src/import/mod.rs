//! A wiring list, as planners keep it in a spreadsheet, becomes stanzas of a site file.
//!
//! `hallward site import` calls it. The list is CSV with a header row, comma or semicolon between the columns; each row
//! is a device, and says on which line it is. What a row says is written down as a stanza and checked as a site file
//! is ([`Site::parse`]), so that a list can say nothing that a site file could not; each problem is told with the row
//! and column that it comes from, all at once. It reads no file and writes none.

mod rows;
mod stanzas;

use std::{collections::BTreeMap, fmt};

use hallward_profiles::{Library, Parity, Profile};

use crate::Site;
pub use rows::COLUMNS;
use rows::{Row, rows};
use stanzas::{HEAD, Stanzas, quoted};

/// What is wrong with a list.
#[derive(Clone, Debug, PartialEq, Eq, serde::Serialize)]
pub struct ListProblem {
    /// The row of the list, counted from 1, the header's; 0 for the list as a whole.
    pub row: usize,
    /// The column; empty for a whole row.
    pub column: String,
    /// What is wrong.
    pub what: String,
    /// What would be right.
    pub right: String,
}

impl fmt::Display for ListProblem {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match (self.row, self.column.as_str()) {
            (0, _) => f.write_str("the list")?,
            (row, "") => write!(f, "row {row}")?,
            (row, column) => write!(f, "row {row}, column {column}")?,
        }
        write!(f, ": {}: {}", self.what, self.right)
    }
}

/// A line as the rows on it describe it: column → value, and the row that said it first.
#[derive(Default)]
struct LineCells(BTreeMap<&'static str, (String, usize)>);

/// The stanzas that a wiring list stands for.
///
/// # Errors
/// Every problem of the list, by row.
pub fn import(list: &str, library: &Library) -> Result<String, Vec<ListProblem>> {
    let mut problems = Vec::new();
    let rows = rows(list.trim_start_matches('\u{FEFF}'), &mut problems);
    let mut stanzas = Stanzas::default();
    rooms(&rows, &mut stanzas);
    let lines = lines(&rows, library, &mut problems, &mut stanzas);
    devices(&rows, &lines, &mut problems, &mut stanzas);
    if let Err(wrong) = Site::parse("the list", &format!("{HEAD}{}", stanzas.text), library) {
        let told: Vec<_> = wrong.problems.iter().filter_map(|problem| stanzas.told(problem)).collect();
        // What is wrong with the whole may only follow from what a row lacks.
        let of_rows = problems.is_empty();
        problems.extend(told.into_iter().filter(|problem| of_rows || problem.row > 0));
    }
    if rows.is_empty() && problems.is_empty() {
        problems.push(problem(0, "", "there is no device in it", "a row for each device, below the header"));
    }
    problems.sort_by_key(|problem| problem.row);
    problems.dedup();
    if problems.is_empty() { Ok(stanzas.text) } else { Err(problems) }
}

fn problem(row: usize, column: &str, what: impl Into<String>, right: impl Into<String>) -> ListProblem {
    ListProblem { row, column: column.to_owned(), what: what.into(), right: right.into() }
}

fn rooms(rows: &[Row], stanzas: &mut Stanzas) {
    let mut seen = Vec::new();
    for (row, room) in rows.iter().filter_map(|row| Some((row, row.get("room")?))) {
        let id = room_id(rows, room);
        if !seen.contains(&id) {
            stanzas.put(row.number, "[[room]]");
            stanzas.text_key(row.number, "id", &id);
            stanzas.text_key(row.number, "name", room);
            stanzas.put(row.number, "");
            seen.push(id);
        }
    }
}

/// A room's id: made of its name, or numbered where the name has letters that no id has. Rooms of different names never
/// share one.
fn room_id(rows: &[Row], room: &str) -> String {
    let mut ids: Vec<(&str, String)> = Vec::new();
    for name in rows.iter().filter_map(|row| row.get("room")) {
        if ids.iter().all(|(known, _)| *known != name) {
            let base = if name.is_ascii() { slug(name) } else { String::new() };
            let id = unused(&base, "room", |id| ids.iter().any(|(_, known)| known == id));
            ids.push((name, id));
        }
    }
    ids.into_iter().find(|(name, _)| *name == room).map(|(_, id)| id).unwrap_or_default()
}

/// `base`, or with a number behind it where it is taken; `what` with a number where there is no base.
fn unused(base: &str, what: &str, taken: impl Fn(&str) -> bool) -> String {
    let stem = if base.is_empty() { what } else { base.get(..28).unwrap_or(base).trim_end_matches('-') };
    let from = if base.is_empty() { 1 } else { 2 };
    let mut numbered = (from..).map(|n: u32| format!("{stem}-{n}"));
    if !base.is_empty() && !taken(base) {
        return base.to_owned();
    }
    numbered.find(|id| !taken(id)).unwrap_or_default()
}

/// Lower case letters, digits and single dashes.
fn slug(text: &str) -> String {
    let parts = text.split(|c: char| !c.is_ascii_alphanumeric()).filter(|part| !part.is_empty());
    let text = parts.collect::<Vec<_>>().join("-").to_lowercase();
    text.get(..32).unwrap_or(&text).trim_end_matches('-').to_owned()
}

/// The line's id of each row, in their order; the lines become stanzas.
fn lines(
    rows: &[Row],
    library: &Library,
    problems: &mut Vec<ListProblem>,
    stanzas: &mut Stanzas,
) -> Vec<Option<String>> {
    let mut lines: Vec<(String, LineCells)> = Vec::new();
    // Ports and endpoints whose line has no name in the list, and the id that it got.
    let mut places: Vec<(String, String)> = Vec::new();
    let mut ids = Vec::new();
    for row in rows {
        let profile = row.get("profile").and_then(|id| library.get(id)).map(AsRef::as_ref);
        let place = place(row, profile, problems);
        let id = row.get("line").map(str::to_owned).or_else(|| {
            let at = &place.as_ref()?.1;
            let known = places.iter().find(|(known, _)| known == at).map(|(_, id)| id.clone());
            Some(known.unwrap_or_else(|| {
                let id = unused(&slug(at), "line", |id| lines.iter().any(|(taken, _)| taken == id));
                places.push((at.clone(), id.clone()));
                id
            }))
        });
        let Some(id) = id.filter(|id| !id.is_empty()) else {
            let right = "line, or host and port, or the path of a serial port";
            problems.push(problem(row.number, "line", "on which line is this device?", right));
            ids.push(None);
            continue;
        };
        let n = lines.iter().position(|(known, _)| *known == id).unwrap_or_else(|| {
            lines.push((id.clone(), LineCells::default()));
            lines.len() - 1
        });
        ids.push(Some(id));
        let Some((_, cells)) = lines.get_mut(n) else { continue };
        let others = ["mode", "baud", "parity", "stop_bits"];
        let others = others.iter().filter_map(|column| Some((*column, row.get(column)?.to_owned())));
        for (column, value) in place.into_iter().chain(others) {
            cells.agree(row.number, column, value, problems);
        }
    }
    for (id, cells) in &mut lines {
        let on_line =
            rows.iter().zip(&ids).filter(|(_, other)| other.as_ref() == Some(id)).map(|(row, _)| row);
        let on_line: Vec<_> = on_line.collect();
        usual(cells, &on_line, library);
        stanza(id, cells, &on_line, problems, stanzas);
    }
    ids
}

/// Where the row's line is: the key of the site file and its value.
fn place(
    row: &Row,
    profile: Option<&Profile>,
    problems: &mut Vec<ListProblem>,
) -> Option<(&'static str, String)> {
    match (row.get("host"), row.get("port")) {
        (None, None) => None,
        (None, Some(path)) if path.starts_with('/') => Some(("serial", path.to_owned())),
        (None, Some(port)) => {
            let right = "a path such as /dev/ttyUSB0, or a host beside it";
            problems.push(problem(row.number, "port", format!("`{port}` is no serial port"), right));
            None
        }
        (Some(host), None) if host.contains(':') => Some(("tcp", host.to_owned())),
        (Some(host), port) => {
            let usual = profile.and_then(|profile| profile.connection.tcp_port).unwrap_or(502);
            Some(("tcp", format!("{host}:{}", port.map_or(usual.to_string(), str::to_owned))))
        }
    }
}

impl LineCells {
    /// Takes what a row says of its line; rows on one line must agree.
    fn agree(&mut self, row: usize, column: &'static str, value: String, problems: &mut Vec<ListProblem>) {
        let (first, said) = self.0.entry(column).or_insert_with(|| (value.clone(), row));
        if *first != value {
            let column = if matches!(column, "tcp" | "serial") { "port" } else { column };
            let what = format!("`{value}`, but row {said} says `{first}` of the same line");
            problems.push(problem(row, column, what, "the same, or another line"));
        }
    }

    fn has(&self, column: &str) -> bool {
        self.0.contains_key(column)
    }
}

/// Speed and parity of a serial line on which all profiles agree, where no row says them.
fn usual(cells: &mut LineCells, on_line: &[&Row], library: &Library) {
    let serial = cells.has("serial");
    let over_tcp = cells.0.get("mode").is_some_and(|(mode, _)| mode == "rtu-over-tcp");
    let profiles = on_line.iter().filter_map(|row| Some((row.number, library.get(row.get("profile")?)?)));
    let connections: Vec<_> = profiles.map(|(row, profile)| (row, &profile.connection)).collect();
    let Some((row, first)) = connections.first() else { return };
    if !(serial || over_tcp) || cells.has("baud") || connections.iter().any(|(_, c)| c.baud != first.baud) {
        return;
    }
    let Some(baud) = first.baud else { return };
    cells.0.insert("baud", (baud.to_string(), *row));
    let parity = match first.parity {
        Parity::None => "none",
        Parity::Even => "even",
        Parity::Odd => "odd",
    };
    if serial && !cells.has("parity") && connections.iter().all(|(_, c)| c.parity == first.parity) {
        cells.0.insert("parity", (parity.to_owned(), *row));
    }
}

fn stanza(
    id: &str,
    cells: &LineCells,
    on_line: &[&Row],
    problems: &mut Vec<ListProblem>,
    stanzas: &mut Stanzas,
) {
    let first = on_line.first().map_or(0, |row| row.number);
    if !cells.has("tcp") && !cells.has("serial") {
        let what = format!("no row says where line `{id}` is");
        problems.push(problem(
            first,
            "line",
            what,
            "host and port, or the path of a serial port, in one of its rows",
        ));
        return;
    }
    stanzas.put(first, "[[line]]");
    stanzas.text_key(first, "id", id);
    for (column, (value, row)) in &cells.0 {
        match *column {
            "baud" | "stop_bits" => stanzas.number_key(*row, column, value),
            _ => stanzas.text_key(*row, column, value),
        }
    }
    stanzas.put(first, "");
}

fn devices(rows: &[Row], lines: &[Option<String>], problems: &mut Vec<ListProblem>, stanzas: &mut Stanzas) {
    for (row, line) in rows.iter().zip(lines) {
        for required in ["device", "profile"].into_iter().filter(|column| row.get(column).is_none()) {
            problems.push(problem(
                row.number,
                required,
                "this is required",
                "for example ups-a, apc-smart-ups",
            ));
        }
        let (Some(device), Some(profile), Some(line)) = (row.get("device"), row.get("profile"), line) else {
            continue;
        };
        stanzas.put(row.number, "[[device]]");
        stanzas.text_key(row.number, "id", device);
        if let Some(name) = row.get("name") {
            stanzas.text_key(row.number, "name", name);
        }
        stanzas.text_key(row.number, "line", line);
        if let Some(unit) = row.get("unit") {
            stanzas.number_key(row.number, "unit", unit);
        }
        stanzas.text_key(row.number, "profile", profile);
        if let Some(room) = row.get("room") {
            stanzas.text_key(row.number, "room", &room_id(rows, room));
        }
        if let Some(every) = row.get("every") {
            stanzas.text_key(row.number, "every", every);
        }
        asset(row, problems, stanzas);
        stanzas.put(row.number, "");
    }
}

fn asset(row: &Row, problems: &mut Vec<ListProblem>, stanzas: &mut Stanzas) {
    let parts = [("tag", "tag"), ("criticality", "criticality"), ("serial", "serial_number")];
    let given =
        parts.iter().filter_map(|(key, column)| Some(format!("{key} = {}", quoted(row.get(column)?))));
    let given: Vec<_> = given.collect();
    if row.get("tag").is_some() {
        stanzas.put(row.number, &format!("asset = {{ {} }}", given.join(", ")));
    } else if !given.is_empty() {
        problems.push(problem(row.number, "tag", "an asset without a tag", "the inventory's tag"));
    }
}
