//! `hallward review`: how far the journal was reviewed; `hallward review N --findings …`: it was, up to record N.

use super::{Outcome, access::Asking};
use crate::access::{AccessDeed, AccessList, Listed};

/// Sign that the journal was reviewed up to a record, or see how far it was.
#[derive(clap::Args)]
#[command(after_help = "Examples:\n  hallward review\n  hallward review 1234 --findings \"nothing odd\"")]
pub(super) struct Arguments {
    /// Up to this record.
    #[arg(requires = "findings")]
    up_to: Option<u64>,
    /// What was found.
    #[arg(long)]
    findings: Option<String>,
    #[command(flatten)]
    asking: Asking,
}

pub(super) fn run(Arguments { up_to, findings, asking }: Arguments) -> anyhow::Result<Outcome> {
    match up_to {
        Some(up_to) => asking.change(AccessDeed::Review { up_to, findings: findings.unwrap_or_default() }),
        None => asking.list(AccessList::Reviews, reviews),
    }
}

fn reviews(listed: &Listed) -> Vec<String> {
    let Listed::Reviews(lines) = listed else { return Vec::new() };
    if lines.is_empty() {
        return vec!["the journal was never reviewed".to_owned()];
    }
    let line = |line: &crate::access::ReviewLine| {
        format!(
            "up to {} on {} by {}, {} records since: {}",
            line.up_to, line.time, line.by, line.behind, line.findings
        )
    };
    lines.iter().map(line).collect()
}
