//! What there is instead of a name that is not there: all of it where that is short, else what is nearest.
//!
//! Who calls it: every message that refuses a name. It keeps a message readable where a device has hundreds of points.

/// Up to so many names are listed.
const LISTED: usize = 30;

/// Of more, so many that are near.
const NEAR: usize = 5;

/// "one of: …", or "did you mean …" with where to find the whole list (`whole`, such as `GET /devices`).
pub(crate) fn instead<'n>(wanted: &str, known: impl IntoIterator<Item = &'n str>, whole: &str) -> String {
    let known: Vec<&str> = known.into_iter().collect();
    let (near, all) = (nearest(wanted, &known), known.len());
    let listed = |names: &[&str]| names.join(", ");
    let one_of = if near.len() > 1 { "one of: " } else { "" };
    match all {
        0 => "there is none".to_owned(),
        1..=LISTED => format!("one of: {}", listed(&known)),
        _ if near.is_empty() => format!("{whole} lists all {all}"),
        _ => format!("did you mean {one_of}{}? {whole} lists all {all}", listed(&near)),
    }
}

/// The names that differ in a third of their letters or less, or begin with the same part; the nearest first.
fn nearest<'n>(wanted: &str, known: &[&'n str]) -> Vec<&'n str> {
    let lower = wanted.to_lowercase();
    let first = |name: &str| name.split('.').next().map(str::to_owned);
    let mut near: Vec<(usize, &str)> = known
        .iter()
        .map(|name| (distance(&lower, name), *name))
        .filter(|(far, name)| *far <= (name.len() / 3).max(2) || first(name) == first(&lower))
        .collect();
    near.sort();
    near.into_iter().take(NEAR).map(|(_, name)| name).collect()
}

/// How many letters must be changed, put in or left out (Levenshtein), of names as long as names are.
fn distance(one: &str, other: &str) -> usize {
    const LONGEST: usize = 64;
    let other: Vec<char> = other.chars().take(LONGEST).collect();
    let mut row: Vec<usize> = (0..=other.len()).collect();
    for (n, letter) in one.chars().take(LONGEST).enumerate() {
        let mut next = vec![n + 1];
        for ((there, diagonal), above) in other.iter().zip(&row).zip(row.iter().skip(1)) {
            let left = next.last().copied().unwrap_or(n + 1);
            next.push((diagonal + usize::from(letter != *there)).min(above + 1).min(left + 1));
        }
        row = next;
    }
    row.last().copied().unwrap_or(0)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_distance_counts_changed_missing_and_foreign_letters() {
        for (one, other, far) in
            [("", "", 0), ("a", "", 1), ("", "ab", 2), ("kitten", "sitting", 3), ("ups-a", "ups-b", 1)]
        {
            assert_eq!(distance(one, other), far, "{one} {other}");
        }
    }

    #[test]
    fn few_names_are_listed_and_of_many_the_nearest() {
        assert_eq!(instead("x", [], "GET /x"), "there is none");
        assert_eq!(instead("x", ["a", "b"], "GET /x"), "one of: a, b");
        let many: Vec<String> = (10..60).map(|n| format!("battery.{n}")).collect();
        let names = || many.iter().map(String::as_str).chain(["input.voltage"]);
        assert_eq!(
            instead("Battery.1", names(), "GET /x"),
            "did you mean one of: battery.10, battery.11, battery.12, battery.13, battery.14? GET /x lists all 51"
        );
        assert_eq!(
            instead("input.voltge", names(), "GET /x"),
            "did you mean input.voltage? GET /x lists all 51"
        );
        assert_eq!(instead("colour", names(), "GET /x"), "GET /x lists all 51");
    }
}
