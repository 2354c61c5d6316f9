//! Setting the rules of signing in.

use super::{
    Accounts, Caller, NotDone,
    change::{Change, by, reason_if_any},
};
use crate::{
    logic::sign_in::Rule,
    model::{Right, Severity},
    store::Row,
};

impl Accounts {
    /// Sets a rule; one that is laxer than the duty needs a reason, which is recorded.
    ///
    /// # Errors
    /// It is out of its range, or the reason is missing.
    pub async fn set_rule(&self, caller: &Caller, rule: Rule, value: u32, why: &str) -> Result<(), NotDone> {
        let why = reason_if_any(why)?.unwrap_or_default();
        self.deed(caller, Some(Right::AccountManage), |registry, now, caller| {
            let before = registry.rules.get(rule);
            registry.rules.clone().set(rule, value, &why)?;
            let lax = rule.is_laxer(value);
            let severity = if lax { Severity::Warning } else { Severity::Info };
            let record = by(caller, now, "account.rule-set", severity).with("rule", rule.as_str());
            let record = record.with("before", before).with("after", value).with("duty", rule.duty());
            let record = record.with("laxer", lax).with("why", &why);
            Ok((Change::one(record, vec![Row::Rule(rule, value, why)]), ()))
        })
        .await
    }
}
