//! From a `[[derived]]` entry to a derived point: its patterns written out, its values checked. [`crate::load`] calls it.

use crate::{
    Condition, Derivation, Derived, Literal, PointName, Rule, Test,
    file::{DerivedEntry, RuleEntry},
    problem::{Wrong, wrong},
    values::Known,
    vocabulary::{self, Kind},
};

/// The derived point of an entry; `known` are the points that its rules may speak of.
pub(crate) fn expand_derived(entry: &DerivedEntry, known: &Known) -> Result<Derived, Wrong> {
    let name: PointName =
        entry.name.parse().map_err(|what| ("name", what, "for example ups.status".to_owned()))?;
    if name.as_str().starts_with("alarm.") && entry.text.is_none() {
        return wrong("name", format!("`{name}` has no text"), "text = { en = \"…\", vi = \"…\" }");
    }
    let rules = entry.rules.iter().map(|rule| expand_rule(rule, known)).collect::<Result<Vec<_>, _>>()?;
    for rule in &rules {
        let fits = match vocabulary::find(&name).map(|found| found.kind) {
            None => true,
            Some(Kind::Words(allowed)) => {
                matches!(&rule.is, Literal::Text(word) if allowed.contains(&word.as_str()))
            }
            Some(Kind::Flag) => matches!(rule.is, Literal::Flag(_)),
            Some(Kind::Quantity(_) | Kind::Number) => matches!(rule.is, Literal::Number(_)),
        };
        if !fits {
            return wrong(
                "rules",
                format!("`{name}` cannot be {}", rule.is),
                "see the vocabulary in the README",
            );
        }
    }
    Ok(Derived {
        name,
        how: Derivation::Rules(rules),
        unit: None,
        text: entry.text.clone(),
        priority: entry.priority,
    })
}

fn expand_rule(entry: &RuleEntry, known: &Known) -> Result<Rule, Wrong> {
    if let Some(otherwise) = &entry.otherwise {
        return Ok(Rule { conditions: Vec::new(), is: otherwise.clone() });
    }
    let Some(is) = entry.is.clone() else {
        return wrong("rules", "a rule gives no value", "is = …, or else = …");
    };
    let mut conditions = Vec::new();
    let mut next = Some(entry);
    while let Some(entry) = next {
        conditions.push(condition(entry, known)?);
        next = entry.and.as_deref();
    }
    Ok(Rule { conditions, is })
}

fn condition(entry: &RuleEntry, known: &Known) -> Result<Condition, Wrong> {
    let (pattern, all) = match (&entry.one, &entry.any, &entry.all) {
        (Some(name), None, None) => (name, true),
        (None, Some(pattern), None) => (pattern, false),
        (None, None, Some(pattern)) => (pattern, true),
        _ => {
            return wrong(
                "rules",
                "a condition names one of `if`, `any`, `all`",
                "{ if = \"point\", is = … }",
            );
        }
    };
    let matching = || known.iter().filter(|(name, _)| like(name.as_str(), pattern));
    let points: Vec<PointName> = matching().map(|(name, _)| name.clone()).collect();
    if points.is_empty() && !pattern.contains('*') {
        return wrong("rules", format!("`{pattern}` is no point defined before"), "define it first");
    }
    let test = match (&entry.equals, &entry.among, entry.above, entry.below) {
        (None, None, None, None) => Test::Among(vec![Literal::Flag(true)]),
        (Some(value), None, None, None) => Test::Among(vec![value.clone()]),
        (None, Some(values), None, None) => Test::Among(values.clone()),
        (None, None, Some(limit), None) => Test::Above(limit),
        (None, None, None, Some(limit)) => Test::Below(limit),
        _ => return wrong("rules", "a condition has one test", "one of equals, in, above, below"),
    };
    let examples = match &test {
        Test::Among(values) => values.clone(),
        Test::Above(limit) | Test::Below(limit) => vec![Literal::Number(*limit)],
    };
    for example in examples {
        if let Some((name, values)) = matching().find(|(_, values)| !values.fits(&example)) {
            return wrong("rules", format!("`{name}` is never {example}"), values.say());
        }
    }
    Ok(Condition { points, all, test })
}

/// Whether `name` is like `pattern`, in which `*` stands for one part or the end of one.
fn like(name: &str, pattern: &str) -> bool {
    let (mut parts, mut wanted) = (name.split('.'), pattern.split('.'));
    loop {
        match (parts.next(), wanted.next()) {
            (None, None) => return true,
            (Some(part), Some(want)) => match want.split_once('*') {
                Some((start, end)) if part.starts_with(start) && part.ends_with(end) => {}
                None if part == want => {}
                _ => return false,
            },
            _ => return false,
        }
    }
}
