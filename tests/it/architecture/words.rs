//! Rust source cut into words, each with its line: names, `::` and single signs. Comments, texts and characters are
//! left out, so that a rule never stumbles over a sentence.

/// A word and the line that it stands in, from 1.
pub(super) struct Word<'a> {
    pub(super) text: &'a str,
    pub(super) line: usize,
}

/// The words of a file.
pub(super) fn words(source: &str) -> Vec<Word<'_>> {
    let mut found = Vec::new();
    let (mut rest, mut line) = (source, 1);
    while let Some(first) = rest.chars().next() {
        let (length, kept) = match first {
            _ if rest.starts_with("//") => (rest.find('\n').unwrap_or(rest.len()), false),
            _ if rest.starts_with("/*") => (comment(rest), false),
            _ if text(rest).is_some() => (text(rest).unwrap_or(1), false),
            '\'' => (character(rest), false),
            _ if first.is_alphanumeric() || first == '_' => (name(rest), true),
            _ if rest.starts_with("::") => (2, true),
            _ => (first.len_utf8(), !first.is_whitespace()),
        };
        let (word, after) = rest.split_at(length);
        if kept {
            found.push(Word { text: word, line });
        }
        line += word.matches('\n').count();
        rest = after;
    }
    found
}

fn name(rest: &str) -> usize {
    rest.find(|c: char| !(c.is_alphanumeric() || c == '_')).unwrap_or(rest.len())
}

/// Length of a comment between `/*` and `*/`, which may hold others.
fn comment(rest: &str) -> usize {
    let (mut depth, mut at) = (0_usize, 0);
    while at < rest.len() {
        match rest.as_bytes().get(at..at + 2) {
            Some(b"/*") => (depth, at) = (depth + 1, at + 2),
            Some(b"*/") => (depth, at) = (depth - 1, at + 2),
            _ => at += 1,
        }
        if depth == 0 {
            return at;
        }
    }
    rest.len()
}

/// Length of a text that begins here: `"…"`, `b"…"`, `c"…"`, `r#"…"#` and their mixtures.
fn text(rest: &str) -> Option<usize> {
    let raw = rest.trim_start_matches(['b', 'c']);
    let prefix = rest.len() - raw.len();
    if prefix > 1 {
        return None;
    }
    if let Some(after) = raw.strip_prefix('r') {
        let marks = after.len() - after.trim_start_matches('#').len();
        let inside = after.get(marks..)?.strip_prefix('"')?;
        let end = format!("\"{}", "#".repeat(marks));
        let length = inside.find(&end).map_or(inside.len(), |at| at + end.len());
        return Some(prefix + 1 + marks + 1 + length);
    }
    let inside = raw.strip_prefix('"')?;
    let mut escaped = false;
    let end = inside.find(|c| {
        let ends = c == '"' && !escaped;
        escaped = c == '\\' && !escaped;
        ends
    });
    Some(prefix + 1 + end.map_or(inside.len(), |at| at + 1))
}

/// Length of a character such as `'x'` or `'\''`; of a lifetime, its quote alone.
fn character(rest: &str) -> usize {
    let mut inside = rest.char_indices().skip(1);
    let Some((_, first)) = inside.next() else { return 1 };
    if first == '\\' {
        let after = inside.next().map_or(rest.len(), |(at, c)| at + c.len_utf8());
        return rest.get(after..).and_then(|rest| rest.find('\'')).map_or(rest.len(), |end| after + end + 1);
    }
    match inside.next() {
        Some((at, '\'')) => at + 1,
        _ => 1,
    }
}
