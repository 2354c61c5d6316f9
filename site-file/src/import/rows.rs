//! The rows of a wiring list: CSV, whose header says what each column holds. Each cell is checked here by its form
//! alone; what the rows say together is `import`'s.

use std::collections::BTreeMap;

use super::{ListProblem, problem};
use crate::duration::Span;

/// The columns; the manual's page for installers says what each holds.
pub const COLUMNS: [&str; 16] = [
    "device",
    "name",
    "room",
    "line",
    "host",
    "port",
    "mode",
    "baud",
    "parity",
    "stop_bits",
    "unit",
    "profile",
    "every",
    "tag",
    "criticality",
    "serial_number",
];

/// Most rows of a list: a hall has no more devices.
const MAX_ROWS: usize = 1000;

/// One row: column → what stands there, without the empty ones.
pub(super) struct Row {
    pub(super) number: usize,
    cells: BTreeMap<&'static str, String>,
}

/// The rows of a list; what is none becomes a problem.
pub(super) fn rows(list: &str, problems: &mut Vec<ListProblem>) -> Vec<Row> {
    let header = list.lines().next().unwrap_or_default();
    let delimiter = if header.matches(';').count() > header.matches(',').count() { b';' } else { b',' };
    let mut reader = csv::ReaderBuilder::new();
    let reader = reader.delimiter(delimiter).trim(csv::Trim::All).flexible(true);
    let mut reader = reader.from_reader(list.as_bytes());
    let columns = match reader.headers() {
        Ok(header) => columns(header, problems),
        Err(error) => {
            problems.push(problem(1, "", format!("the header cannot be read: {error}"), "CSV in UTF-8"));
            return Vec::new();
        }
    };
    let mut rows = Vec::new();
    for (n, record) in reader.records().enumerate() {
        let record = match record {
            Ok(record) => record,
            Err(error) => {
                problems.push(problem(n + 2, "", format!("cannot be read: {error}"), "CSV in UTF-8"));
                continue;
            }
        };
        let number = record.position().and_then(|at| usize::try_from(at.line()).ok()).unwrap_or(n + 2);
        if rows.len() == MAX_ROWS {
            problems.push(problem(
                number,
                "",
                format!("more than {MAX_ROWS} rows"),
                "split the hall into several",
            ));
            break;
        }
        if record.len() > columns.len() && record.iter().skip(columns.len()).any(|cell| !cell.is_empty()) {
            let right =
                format!("{} columns, as the header; quote a text that holds the delimiter", columns.len());
            problems.push(problem(number, "", format!("{} columns", record.len()), right));
        }
        let cells =
            columns.iter().zip(&record).filter_map(|(column, cell)| Some(((*column)?, one_line(cell))));
        let cells = cells.filter(|(_, cell)| !cell.is_empty());
        let cells: BTreeMap<_, _> =
            cells.filter(|(column, cell)| is_one(number, column, cell, problems)).collect();
        if !cells.is_empty() {
            rows.push(Row { number, cells });
        }
    }
    rows
}

/// Whether a cell is what its column holds, by its form alone.
fn is_one(row: usize, column: &str, cell: &str, problems: &mut Vec<ListProblem>) -> bool {
    let (fits, right) = match column {
        "unit" => (cell.parse::<u8>().is_ok(), "a number from 0 to 255"),
        "baud" => (cell.parse::<u32>().is_ok(), "a number such as 9600"),
        "stop_bits" => (matches!(cell, "1" | "2"), "1 or 2"),
        "parity" => (matches!(cell, "none" | "even" | "odd"), "none, even or odd"),
        "mode" => (
            matches!(cell, "tcp" | "rtu" | "rtu-over-tcp"),
            "tcp, rtu or rtu-over-tcp; write a TLS line by hand",
        ),
        "every" => (Span::try_from(cell.to_owned()).is_ok(), "100ms, 1s, 5m or 1h"),
        _ => (true, ""),
    };
    if !fits {
        problems.push(problem(row, column, format!("`{cell}` is none"), right));
    }
    fits
}

/// Which column each place of a row is; `None` where the header names none that there is.
fn columns(header: &csv::StringRecord, problems: &mut Vec<ListProblem>) -> Vec<Option<&'static str>> {
    let known = |name: &str| {
        let name = name.to_lowercase().replace([' ', '-'], "_");
        COLUMNS.iter().find(|column| **column == name).copied()
    };
    let all = || COLUMNS.join(", ");
    let columns: Vec<_> = header.iter().map(known).collect();
    for (name, _) in header.iter().zip(&columns).filter(|(name, column)| column.is_none() && !name.is_empty())
    {
        problems.push(problem(1, name, "there is no such column", format!("one of: {}", all())));
    }
    for (n, column) in columns.iter().enumerate() {
        if let Some(twice) = column.filter(|_| columns.iter().take(n).any(|other| other == column)) {
            problems.push(problem(1, twice, "the column is there twice", "once"));
        }
    }
    for required in ["device", "profile"] {
        if !columns.contains(&Some(required)) {
            problems.push(problem(1, required, "the header has no such column", format!("of: {}", all())));
        }
    }
    columns
}

impl Row {
    /// What stands in a column, if anything does.
    pub(super) fn get(&self, column: &str) -> Option<&str> {
        self.cells.get(column).map(String::as_str)
    }
}

/// A cell of a spreadsheet may have several lines.
fn one_line(cell: &str) -> String {
    cell.split_whitespace().collect::<Vec<_>>().join(" ")
}
