//! `GET /api/v1/sign-in-rules` and `PUT /api/v1/sign-in-rules/{rule}`.

use axum::response::Response;
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use super::{
    super::{
        body::{At, Body},
        json,
        problem::Problem,
        route::Route,
    },
    Asked, MANAGES,
};
use crate::{logic::sign_in::Rule, store::Registry};

#[derive(Serialize, JsonSchema)]
struct RulesAnswer {
    rules: Vec<RuleAnswer>,
}

/// A rule of signing in; those whose name ends in `-min` are minutes.
#[derive(Serialize, JsonSchema)]
struct RuleAnswer {
    rule: &'static str,
    value: u32,
    /// What the duty asks for.
    duty: u32,
    least: u32,
    most: u32,
    /// Whether it asks for less than the duty.
    laxer: bool,
    /// Why, where somebody said so.
    why: Option<String>,
}

#[derive(Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
struct RuleBody {
    value: u32,
    /// Needed where it asks for less than the duty. Goes into the journal.
    #[serde(default)]
    why: String,
}

/// Its routes.
pub(super) fn routes() -> Vec<Route> {
    vec![
        Route::get("/api/v1/sign-in-rules", MANAGES, "The rules of signing in.", list).gives::<RulesAnswer>(),
        Route::put("/api/v1/sign-in-rules/{rule}", MANAGES, "Sets a rule.", set)
            .takes::<RuleBody>()
            .gives::<RuleAnswer>(),
    ]
}

async fn list(asked: Asked) -> Result<Response, Problem> {
    let registry = asked.accounts().registry();
    json(&RulesAnswer { rules: Rule::ALL.iter().map(|rule| RuleAnswer::new(&registry, *rule)).collect() })
}

async fn set(asked: Asked, At(name): At, Body(body): Body<RuleBody>) -> Result<Response, Problem> {
    let known = || Rule::ALL.map(Rule::as_str).join(", ");
    let rule = Rule::parse(&name);
    let rule =
        rule.ok_or_else(|| Problem::missing(format!("there is no rule `{name}`: one of {}", known())))?;
    let set = asked.accounts().set_rule(&asked.caller, rule, body.value, &body.why).await;
    set.map_err(Problem::not_done)?;
    json(&RuleAnswer::new(&asked.accounts().registry(), rule))
}

impl RuleAnswer {
    fn new(registry: &Registry, rule: Rule) -> Self {
        let (value, range) = (registry.rules.get(rule), rule.range());
        let why = registry.reasons.iter().find(|(of, why)| *of == rule && !why.is_empty());
        Self {
            rule: rule.as_str(),
            value,
            duty: rule.duty(),
            least: *range.start(),
            most: *range.end(),
            laxer: rule.is_laxer(value),
            why: why.map(|(_, why)| why.clone()),
        }
    }
}
