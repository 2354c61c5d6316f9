//! `/accounts/rules`: the rules of signing in, each with the duty beside it. A laxer one needs a reason, and is marked.
//!
//! Spans are minutes in the registry; here they have the greatest unit that they are whole in.

use askama::Template;
use axum::response::Response;

use super::{
    super::{
        super::{form::Form, problem::Problem, refused::value_text, words::Words},
        asked::{Asked, onward},
        frame::Frame,
        page_with,
        told::{Mistake, Told},
    },
    HERE,
};
use crate::{logic::sign_in::Rule, store::Registry};

pub(super) const ADDRESS: &str = "/accounts/rules";

/// Units of spans, min.
const UNITS: [(&str, u32); 3] = [("days", 1440), ("hours", 60), ("minutes", 1)];

#[derive(Template)]
#[template(path = "accounts/rules.html")]
struct RulesPage<'p> {
    frame: &'p Frame<'p>,
    told: &'p Told,
    rules: Vec<RuleView>,
}

struct RuleView {
    id: &'static str,
    text: String,
    held: String,
    duty: String,
    /// It asks for less than the duty.
    lax: bool,
    reason: String,
    /// What the form holds: the number, and the unit of a span.
    number: String,
    unit: Option<&'static str>,
}

/// The handler of `GET /accounts/rules`.
pub(super) async fn rules(asked: Asked) -> Result<Response, Problem> {
    let frame = asked.frame(HERE, ADDRESS)?;
    let told = Told::done(&frame.words, asked.done()?);
    shown(&asked, &frame, &told)
}

/// The handler of `POST /accounts/rules`.
pub(super) async fn set(asked: Asked, form: Form) -> Result<Response, Problem> {
    let rule = Rule::parse(form.text("rule")).ok_or_else(|| Problem::bad("`rule`: there is no such rule"))?;
    match done(&asked, rule, &form).await {
        Ok(()) => Ok(onward(ADDRESS, "rule")),
        Err(mistake) => {
            let frame = asked.frame(HERE, ADDRESS)?;
            shown(&asked, &frame, &Told::wrong(&frame.words, rule.as_str(), form, &mistake))
        }
    }
}

async fn done(asked: &Asked, rule: Rule, form: &Form) -> Result<(), Mistake> {
    let number: u32 = form.text("value").parse().map_err(|_| Mistake::Text("form-number-wrong"))?;
    let minutes =
        UNITS.iter().find(|(unit, _)| *unit == form.text("unit")).map_or(1, |(_, minutes)| *minutes);
    let value = number.checked_mul(minutes).ok_or(Mistake::Text("form-number-wrong"))?;
    if rule.is_laxer(value) && form.given("why").is_none() {
        return Err(Mistake::Text("rule-lax-why"));
    }
    Ok(asked.accounts().set_rule(&asked.caller, rule, value, form.text("why")).await?)
}

fn shown(asked: &Asked, frame: &Frame<'_>, told: &Told) -> Result<Response, Problem> {
    let registry = asked.accounts().registry();
    let rules = Rule::ALL.iter().map(|rule| RuleView::new(&frame.words, &registry, *rule)).collect();
    page_with(told.status(), &RulesPage { frame, told, rules }, frame)
}

impl RuleView {
    fn new(words: &Words<'_>, registry: &Registry, rule: Rule) -> Self {
        let value = registry.rules.get(rule);
        let reason = registry.reasons.iter().find(|(of, _)| *of == rule);
        let (number, unit) = in_unit(rule, value);
        Self {
            id: rule.as_str(),
            text: words.say(&format!("rule-{}", rule.as_str())),
            held: value_text(words, rule, value),
            duty: value_text(words, rule, rule.duty()),
            lax: rule.is_laxer(value),
            reason: reason.map(|(_, reason)| reason.clone()).unwrap_or_default(),
            number: number.to_string(),
            unit,
        }
    }

    /// The units that can be chosen, with their texts.
    fn units<'w>(&self, words: &'w Words<'w>) -> impl Iterator<Item = (&'static str, String)> + use<'w> {
        let is_span = self.unit.is_some();
        UNITS.iter().filter(move |_| is_span).map(|(unit, _)| (*unit, words.say(&format!("unit-{unit}"))))
    }
}

/// The number of the greatest unit in which a span is whole; other numbers as they are.
fn in_unit(rule: Rule, value: u32) -> (u32, Option<&'static str>) {
    match rule {
        Rule::PasswordLength | Rule::AdministratorPasswordLength | Rule::Tries => (value, None),
        Rule::ActingPasswordAge
        | Rule::PasswordAge
        | Rule::TriesWithin
        | Rule::Idle
        | Rule::SessionIdle
        | Rule::SessionLength => {
            let whole = UNITS.iter().find(|(_, minutes)| value.is_multiple_of(*minutes));
            whole.map_or((value, Some("minutes")), |(unit, minutes)| (value / minutes, Some(unit)))
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_span_has_the_greatest_unit_in_which_it_is_whole() {
        assert_eq!(in_unit(Rule::Idle, 30 * 1440), (30, Some("days")));
        assert_eq!(in_unit(Rule::SessionLength, 720), (12, Some("hours")));
        assert_eq!(in_unit(Rule::SessionIdle, 15), (15, Some("minutes")));
        assert_eq!(in_unit(Rule::Tries, 60), (60, None));
    }
}
