//! What is wrong in a file: where, what, and what would be right. All of it at once.

use std::{fmt, ops::Range};

use annotate_snippets::{AnnotationKind, Level, Renderer, Snippet};
use serde::Serialize;

/// One thing that is wrong in a file.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct Problem {
    /// Bytes of the file that it is about.
    #[serde(skip)]
    pub at: Range<usize>,
    /// Line of `at`, from 1.
    pub line: usize,
    /// What is wrong.
    pub what: String,
    /// What would be right.
    pub right: String,
}

/// Problems that are shown at once; nobody reads more, and each is drawn with its place in the file.
const SHOWN: usize = 50;

/// All that is wrong in one file. Its display shows each place with its line.
#[derive(Clone, Debug, Serialize)]
pub struct Problems {
    /// The file's name as the user gave it.
    pub path: String,
    #[serde(skip)]
    text: String,
    /// In the order of the file.
    pub problems: Vec<Problem>,
}

/// The line, from 1, of byte `offset` in `text`.
#[must_use]
pub fn line_of(text: &str, offset: usize) -> usize {
    text.bytes().take(offset).filter(|byte| *byte == b'\n').count() + 1
}

impl Problems {
    /// Sorted by place; `text` is the file's content.
    #[must_use]
    pub fn new(path: &str, text: &str, mut problems: Vec<Problem>) -> Self {
        problems.sort_by_key(|problem| (problem.at.start, problem.at.end));
        problems.dedup();
        Self { path: path.to_owned(), text: text.to_owned(), problems }
    }

    /// A single problem that has no place in the text, such as a file that cannot be read.
    #[must_use]
    pub fn whole_file(path: &str, what: impl Into<String>, right: impl Into<String>) -> Self {
        let problem = Problem { at: 0..0, line: 1, what: what.into(), right: right.into() };
        Self { path: path.to_owned(), text: String::new(), problems: vec![problem] }
    }

    /// For a terminal that shows colour.
    #[must_use]
    pub fn coloured(&self) -> String {
        self.render(&Renderer::styled())
    }

    fn render(&self, renderer: &Renderer) -> String {
        let each = self.problems.iter().take(SHOWN).map(|problem| {
            let end = problem.at.end.clamp(problem.at.start, self.text.len());
            // A span over a whole entry is shown by its first line only.
            let first_line =
                self.text.get(problem.at.start..end).and_then(|s| s.lines().next()).map_or(0, str::len);
            let span = problem.at.start..problem.at.start + first_line;
            let snippet = Snippet::source(self.text.as_str())
                .path(self.path.as_str())
                .annotation(AnnotationKind::Primary.span(span).label(problem.right.as_str()));
            renderer.render(&[Level::ERROR.primary_title(problem.what.as_str()).element(snippet)])
        });
        let mut all = each.collect::<Vec<_>>();
        if let Some(more @ 1..) = self.problems.len().checked_sub(SHOWN) {
            all.push(format!("and {more} more: put these right first"));
        }
        all.join("\n\n")
    }
}

impl fmt::Display for Problems {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.render(&Renderer::plain()))
    }
}

impl std::error::Error for Problems {}

/// A problem of an entry before its place is known: the key that is wrong, what is wrong, what would be right.
pub(crate) type Wrong = (&'static str, String, String);

pub(crate) fn wrong<T>(
    key: &'static str,
    what: impl Into<String>,
    right: impl Into<String>,
) -> Result<T, Wrong> {
    Err((key, what.into(), right.into()))
}
