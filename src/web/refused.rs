//! What accounts refuse, in the reader's language: the sign-in and the pages of accounts show it. The API's is `problem`.

use std::time::Duration;

use super::words::Words;
use crate::{
    accounts::NotDone,
    logic::sign_in::{Rule, Weakness, WrongRule},
    model::OrderRefused,
};

/// Why it was not done; of a password, everything that is wrong with it.
pub(super) fn told(words: &Words<'_>, error: &NotDone) -> Vec<String> {
    let said = |key: &str, x: Option<String>| vec![words.of(key, &x.unwrap_or_default())];
    match error {
        NotDone::NoSuch(what) => said(what.key(), what.x()),
        NotDone::Wrong(what) => said(what.key(), what.x()),
        NotDone::Conflict(what) => said(what.key(), what.x()),
        NotDone::Weak(weak) => weak.iter().map(|weak| weak_text(words, *weak)).collect(),
        NotDone::NotYou => vec![words.say("password-not-yours")],
        NotDone::Order(refused) => vec![words.say(order_key(refused))],
        NotDone::Rule(wrong) => vec![rule_text(words, wrong)],
        NotDone::Store(why) => {
            tracing::error!(%why, "what a page asked of accounts cannot be recorded");
            vec![words.say("refused-not-recorded")]
        }
    }
}

/// The key of why an order to a door was not carried out.
fn order_key(refused: &OrderRefused) -> &'static str {
    match refused {
        OrderRefused::NotThere => "order-refused-not-there",
        OrderRefused::Old => "order-refused-old",
        OrderRefused::Mode(_) => "order-refused-mode",
        OrderRefused::NoHardware => "order-refused-no-hardware",
        OrderRefused::Interlock => "order-refused-interlock",
        OrderRefused::Fire => "order-refused-fire",
        OrderRefused::Unrecorded => "order-refused-unrecorded",
        OrderRefused::Busy => "order-refused-busy",
    }
}

fn weak_text(words: &Words<'_>, weak: Weakness) -> String {
    match weak {
        Weakness::Short(length) => words.of(weak.as_str(), &length.to_string()),
        Weakness::Long
        | Weakness::NoLower
        | Weakness::NoUpper
        | Weakness::NoDigit
        | Weakness::NoSpecial
        | Weakness::Name
        | Weakness::BirthDate
        | Weakness::Phone
        | Weakness::Same => words.say(weak.as_str()),
    }
}

fn rule_text(words: &Words<'_>, wrong: &WrongRule) -> String {
    match *wrong {
        WrongRule::OutOfRange { rule, low, high, .. } => {
            let [low, high] = [low, high].map(|value| value_text(words, rule, value));
            words.with("rule-out-of-range", &[("low", &low), ("high", &high)])
        }
        WrongRule::NoReason { .. } => words.say("rule-lax-why"),
    }
}

/// A rule's number with its unit.
pub(super) fn value_text(words: &Words<'_>, rule: Rule, value: u32) -> String {
    let number = value.to_string();
    match rule {
        Rule::PasswordLength | Rule::AdministratorPasswordLength => words.of("rule-characters", &number),
        Rule::Tries => number,
        Rule::ActingPasswordAge
        | Rule::PasswordAge
        | Rule::TriesWithin
        | Rule::Idle
        | Rule::SessionIdle
        | Rule::SessionLength => words.duration(Duration::from_secs(u64::from(value) * 60)),
    }
}
