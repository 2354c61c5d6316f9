//! Acts that were refused for want of a right (R-OVERREACH).

use std::sync::PoisonError;

use super::{
    Accounts, Caller,
    change::{Change, by},
};
use crate::model::{Right, Severity};

impl Accounts {
    /// The caller was refused `what` for want of `right`: a record, and one worth an alarm when it happens again and again.
    pub async fn refused(&self, caller: &Caller, right: Right, what: &str) {
        let now = self.now();
        let verdict = {
            let mut state = self.state.write().unwrap_or_else(PoisonError::into_inner);
            state.overreach.refused(now.mono, &caller.actor, right)
        };
        let told = |code, severity| by(caller, now, code, severity).with("right", right).with("what", what);
        let mut records = Vec::new();
        if verdict.record {
            records.push(told("account.act-refused", Severity::Warning));
        }
        if verdict.overreach {
            records.push(told("account.overreach", Severity::Error));
        }
        let written = self.change(|_, _| Ok((Change { records, rows: Vec::new() }, ()))).await;
        if let Err(error) = written {
            tracing::error!(%error, actor = caller.actor, "a refusal cannot be recorded");
        }
    }
}
