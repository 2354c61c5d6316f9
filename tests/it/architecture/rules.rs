//! The order of the gateway's modules, and what is named in one place only.

use std::collections::BTreeSet;

use super::words::{Word, words};

/// A file below `src/`, its path without that.
pub(super) struct Source {
    pub(super) path: String,
    pub(super) text: String,
}

/// A folder or file of `src/`, and the others that it may know.
const ORDER: &[(&str, &[&str])] = &[
    ("model", &[]),
    ("logic", &["model"]),
    ("tls", &[]),
    ("bus", &["model", "logic", "tls"]),
    ("hardware", &["model", "logic"]),
    ("store", &["model", "logic"]),
    ("accounts", &["model", "logic", "store"]),
    ("access", &["model", "logic", "store", "accounts"]),
    ("evidence", &["model", "logic", "store", "accounts"]),
    ("deliver", &["model", "logic", "bus", "hardware", "store", "tls"]),
    ("web", &["model", "logic", "bus", "hardware", "store", "accounts", "access", "evidence"]),
    (
        "app",
        &[
            "model", "logic", "bus", "hardware", "store", "accounts", "access", "evidence", "deliver", "web",
            "tls",
        ],
    ),
    (
        "cli",
        &[
            "model", "logic", "bus", "hardware", "store", "accounts", "access", "evidence", "deliver", "web",
            "app", "tls",
        ],
    ),
    ("lib", &[]),
    ("main", &["app", "cli"]),
];

/// A crate, and where it may be named.
const PLACES: &[(&str, &[&str])] = &[
    ("tokio_modbus", &["src/bus/"]),
    ("rumqttc", &["src/deliver/"]),
    ("rusqlite", &["src/store/"]),
    ("axum", &["src/web/"]),
    ("gpiocdev", &["src/hardware/"]),
    ("gpiocdev_embedded_hal", &["src/hardware/"]),
    ("embedded_hal", &["src/hardware/"]),
    ("rustix", &["src/app/disk/"]),
    ("hallward_simulator", &["src/app/demo", "src/cli/demo"]),
];

/// Folders that decide and never do; and what they do not name: crates, and modules of `std`.
const PURE: [&str; 2] = ["model", "logic"];
const DOING: [&str; 3] = ["tokio", "tokio_util", "socket2"];
const DOING_STD: [&str; 5] = ["env", "fs", "net", "os", "process"];

/// Reading the clock, and the one file that does.
const CLOCKS: [&str; 4] = ["Instant", "SystemTime", "Utc", "Local"];
const CLOCK: &str = "src/app/clock.rs";

/// Everything that breaks the order, each as `src/file:line: what`.
pub(super) fn breaches(sources: &[Source]) -> Vec<String> {
    let tests: BTreeSet<String> = sources.iter().flat_map(test_files).collect();
    let mut found = Vec::new();
    for source in sources {
        let words = words(&source.text);
        let path = format!("src/{}", source.path);
        let layer = source.path.split('/').next().unwrap_or_default().trim_end_matches(".rs");
        let mut tell = |line: usize, what: String| found.push(format!("{path}:{line}: {what}"));
        order(layer, &source.path, &words, &mut tell);
        places(&path, &words, &mut tell);
        if PURE.contains(&layer) {
            purity(layer, &words, &mut tell);
        }
        if path != CLOCK && !tests.contains(&source.path) {
            clocks(&words, &mut tell);
        }
    }
    found
}

fn order(layer: &str, path: &str, words: &[Word<'_>], tell: &mut impl FnMut(usize, String)) {
    let Some((_, may)) = ORDER.iter().find(|(name, _)| *name == layer) else {
        return tell(
            1,
            format!("`{layer}` has no place in the order: give it one in tests/it/architecture/rules.rs"),
        );
    };
    for at in 0..words.len() {
        for word in from_crate(path, words, at) {
            let known = ORDER.iter().any(|(name, _)| *name == word.text);
            if known && word.text != layer && !may.contains(&word.text) {
                tell(word.line, format!("`{layer}` may not know `{}`", word.text));
            }
        }
    }
}

/// The modules at the crate's root that a path beginning at this word leads to: `crate::x`, `hallward::x`,
/// `super::super::x` from one folder deep, or each of `crate::{x, y}`.
fn from_crate<'a>(path: &str, words: &'a [Word<'a>], at: usize) -> Vec<&'a Word<'a>> {
    let is = |at: usize, text: &str| words.get(at).is_some_and(|word| word.text == text);
    if at > 0 && is(at - 1, "::") {
        return Vec::new();
    }
    if is(at, "crate") || is(at, "hallward") {
        return heads(words, at + 1);
    }
    let mut next = at;
    while is(next, "super") && is(next + 1, "::") {
        next += 2;
    }
    // `bus/mod.rs` is one step below the root, `bus/line.rs` two.
    let steps = path.split('/').count() - usize::from(path.ends_with("/mod.rs") || !path.contains('/'));
    if next > at && (next - at) / 2 == steps { heads(words, next - 1) } else { Vec::new() }
}

/// The first names behind the `::` at this place: one, or those of a `{…}`.
fn heads<'a>(words: &'a [Word<'a>], at: usize) -> Vec<&'a Word<'a>> {
    if words.get(at).is_none_or(|word| word.text != "::") {
        return Vec::new();
    }
    match words.get(at + 1) {
        Some(word) if word.text == "{" => {}
        other => return other.into_iter().collect(),
    }
    let (mut depth, mut first, mut found) = (1, true, Vec::new());
    for word in words.get(at + 2..).unwrap_or_default() {
        match word.text {
            "{" => depth += 1,
            "}" => depth -= 1,
            _ if first && depth == 1 => found.push(word),
            _ => {}
        }
        if depth == 0 {
            break;
        }
        first = depth == 1 && word.text == ",";
    }
    found
}

fn places(path: &str, words: &[Word<'_>], tell: &mut impl FnMut(usize, String)) {
    for word in words {
        let place = PLACES.iter().find(|(name, _)| *name == word.text);
        if let Some((name, allowed)) = place
            && !allowed.iter().any(|allowed| path.starts_with(allowed))
        {
            tell(word.line, format!("`{name}` is for {} alone", allowed.join(", ")));
        }
    }
}

fn purity(layer: &str, words: &[Word<'_>], tell: &mut impl FnMut(usize, String)) {
    for (at, word) in words.iter().enumerate() {
        if DOING.contains(&word.text) {
            tell(word.line, format!("`{layer}` is pure: no `{}`", word.text));
        }
        if word.text == "std" {
            for head in heads(words, at + 1).iter().filter(|head| DOING_STD.contains(&head.text)) {
                tell(head.line, format!("`{layer}` is pure: no `std::{}`", head.text));
            }
        }
    }
}

fn clocks(words: &[Word<'_>], tell: &mut impl FnMut(usize, String)) {
    let tests = test_modules(words);
    for (at, window) in words.windows(3).enumerate() {
        let [clock, path, now] = window else { continue };
        let reads = CLOCKS.contains(&clock.text) && path.text == "::" && now.text == "now";
        if reads && !tests.iter().any(|range| range.contains(&at)) {
            tell(clock.line, format!("`{}::now`: only {CLOCK} reads the clock", clock.text));
        }
    }
}

/// Where `#[cfg(test)] mod … { … }` stand.
fn test_modules(words: &[Word<'_>]) -> Vec<std::ops::Range<usize>> {
    let mut ranges = Vec::new();
    for at in 0..words.len() {
        if !cfg_test(words, at) {
            continue;
        }
        let Some(open) = (at..words.len()).find(|n| matches!(words[*n].text, "{" | ";")) else { continue };
        let mut depth = 0_usize;
        let end = (open..words.len()).find(|n| {
            match words[*n].text {
                "{" => depth += 1,
                "}" => depth -= 1,
                _ => {}
            }
            depth == 0
        });
        ranges.push(at..end.unwrap_or(words.len()));
    }
    ranges
}

fn cfg_test(words: &[Word<'_>], at: usize) -> bool {
    let wanted = ["#", "[", "cfg", "(", "test", ")", "]"];
    words
        .get(at..at + wanted.len())
        .is_some_and(|found| found.iter().zip(wanted).all(|(word, text)| word.text == text))
}

/// The files that this one declares as `#[cfg(test)] mod name;`, by their own name or by `#[path = "…"]`.
fn test_files(source: &Source) -> Vec<String> {
    let folder = match source.path.rsplit_once('/') {
        Some((folder, "mod.rs")) => format!("{folder}/"),
        Some(_) => format!("{}/", source.path.trim_end_matches(".rs")),
        None => String::new(),
    };
    let beside = source.path.rsplit_once('/').map_or(String::new(), |(folder, _)| format!("{folder}/"));
    let mut files = Vec::new();
    for declared in source.text.split("#[cfg(test)]").skip(1) {
        let head = declared.split(['{', ';']).next().unwrap_or_default();
        let Some((before, name)) = head.rsplit_once("mod ") else { continue };
        match before.split('"').nth(1) {
            Some(path) => files.push(format!("{beside}{path}")),
            None => files.extend([format!("{folder}{name}.rs"), format!("{folder}{name}/mod.rs")]),
        }
    }
    files
}
