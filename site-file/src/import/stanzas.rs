//! Stanzas of a site file that remember which row of the list they come from.

use hallward_profiles::Problem;

use super::{ListProblem, problem};

/// The stanzas, each line of text with the row that it comes from.
#[derive(Default)]
pub(super) struct Stanzas {
    pub(super) text: String,
    rows: Vec<usize>,
}

/// A head that makes stanzas a whole site file.
pub(super) const HEAD: &str = "[site]\nid = \"list\"\nname = \"list\"\ntime_zone = \"UTC\"\n";

impl Stanzas {
    pub(super) fn put(&mut self, row: usize, line: &str) {
        self.text.push_str(line);
        self.text.push('\n');
        self.rows.push(row);
    }

    pub(super) fn text_key(&mut self, row: usize, key: &str, value: &str) {
        self.put(row, &format!("{key} = {}", quoted(value)));
    }

    /// A cell that was found to be a number.
    pub(super) fn number_key(&mut self, row: usize, key: &str, value: &str) {
        let digits = value.trim_start_matches('+').trim_start_matches('0');
        self.put(row, &format!("{key} = {}", if digits.is_empty() { "0" } else { digits }));
    }

    /// A problem of the site file as one of the list.
    pub(super) fn told(&self, wrong: &Problem) -> Option<ListProblem> {
        let n = wrong.line.checked_sub(HEAD.lines().count() + 1);
        let row = n.and_then(|n| self.rows.get(n)).copied().unwrap_or(0);
        let before: Vec<_> = self.text.lines().take(n.map_or(0, |n| n + 1)).collect();
        let table = before.iter().rev().find(|line| line.starts_with("[[")).copied().unwrap_or_default();
        let key = before.last().and_then(|line| line.split_once(" = ")).map_or("", |(key, _)| key);
        let column = match (table, key) {
            ("[[room]]", "id" | "name") => "room",
            ("[[line]]", "id") => "line",
            // Each line of the list has been written; one that is missing has been told itself.
            ("[[device]]", "line") => return None,
            (_, "id") => "device",
            (_, "tcp" | "serial") => "port",
            (_, "asset") => "tag",
            (_, other) => other,
        };
        Some(problem(row, column, &wrong.what, &wrong.right))
    }
}

/// A text of TOML.
pub(super) fn quoted(text: &str) -> String {
    toml::Value::from(text).to_string()
}
