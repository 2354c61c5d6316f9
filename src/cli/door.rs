//! `hallward door …`: doors seen, ordered and set; through the running service.

use std::collections::BTreeMap;

use anyhow::bail;
use clap::Subcommand;

use super::{
    Outcome,
    access::{Asking, notes},
};
use crate::access::{AccessDeed, AccessList, DoorRequest, Listed};

/// See, order and set doors.
#[derive(clap::Args)]
#[command(after_help = "Example:\n  hallward door unlock main --why \"delivery at the door\"")]
pub(super) struct Arguments {
    #[command(subcommand)]
    what: What,
    #[command(flatten)]
    asking: Asking,
}

#[derive(Subcommand)]
enum What {
    /// One line a door.
    #[command(after_help = "Example:\n  hallward door list --json")]
    List,
    /// Unlock once, as for a badge.
    #[command(after_help = "Example:\n  hallward door unlock main --why \"delivery at the door\"")]
    Unlock {
        /// Which.
        door: String,
        /// Why: it stands in the journal.
        #[arg(long)]
        why: String,
    },
    /// Hold unlocked, until a time or for good.
    #[command(
        after_help = "Example:\n  hallward door hold main --until 2026-06-01T12:00:00+07:00 --why \"moving racks\""
    )]
    Hold {
        /// Which.
        door: String,
        /// Until then.
        #[arg(long)]
        until: Option<String>,
        /// Why: it stands in the journal.
        #[arg(long)]
        why: String,
    },
    /// Hold locked, until a time or for good.
    #[command(after_help = "Example:\n  hallward door lock main --why \"lock is being repaired\"")]
    Lock {
        /// Which.
        door: String,
        /// Until then.
        #[arg(long)]
        until: Option<String>,
        /// Why: it stands in the journal.
        #[arg(long)]
        why: String,
    },
    /// End what an operator holds.
    #[command(after_help = "Example:\n  hallward door release main --why \"racks are in\"")]
    Release {
        /// Which.
        door: String,
        /// Why: it stands in the journal.
        #[arg(long)]
        why: String,
    },
    /// Clear the alarm of a door that was forced or held.
    #[command(after_help = "Example:\n  hallward door clear-alarm main --why \"guard was there: wind\"")]
    ClearAlarm {
        /// Which.
        door: String,
        /// Why: it stands in the journal.
        #[arg(long)]
        why: String,
    },
    /// Lock down a door, a room's doors or all of the site; only exit buttons open then.
    #[command(after_help = "Examples:\n  hallward door lockdown site --why \"alarm in the yard\"\n  \
                            hallward door lockdown site --end --why \"all clear\"")]
    Lockdown {
        /// A door's id, a room's id, or `site`.
        scope: String,
        /// End it.
        #[arg(long)]
        end: bool,
        /// Why: it stands in the journal.
        #[arg(long)]
        why: String,
    },
    /// End a fire release whose input has cleared.
    #[command(
        after_help = "Example:\n  hallward door fire-reset site --why \"fire brigade gave the all-clear\""
    )]
    FireReset {
        /// A door's id, a room's id, or `site`.
        scope: String,
        /// Why: it stands in the journal.
        #[arg(long)]
        why: String,
    },
    /// Give a reader in install mode a new key, within a minute.
    #[command(after_help = "Example:\n  hallward door pair main entry --why \"new reader\"")]
    Pair {
        /// Which.
        door: String,
        /// entry or exit.
        side: String,
        /// Why: it stands in the journal.
        #[arg(long)]
        why: String,
    },
    /// Set how a door behaves: KEY=VALUE, several at once.
    #[command(
        after_help = "Example:\n  hallward door set main unlock=7s proof=card-pin --why \"new house rules\"\n\n`door list --json` \
                            shows every setting."
    )]
    Set {
        /// Which.
        door: String,
        /// Such as unlock=7s.
        #[arg(required = true, value_name = "KEY=VALUE")]
        settings: Vec<String>,
        /// Why: it stands in the journal.
        #[arg(long)]
        why: String,
    },
    /// When controller, clock, readers and door module were able to see.
    #[command(after_help = "Example:\n  hallward door coverage main --from 2026-06-01 --to 2026-06-01")]
    Coverage {
        /// Which.
        door: String,
        /// The first day, or a time.
        #[arg(long)]
        from: String,
        /// The last day, or a time.
        #[arg(long)]
        to: String,
    },
}

pub(super) fn run(Arguments { what, asking }: Arguments) -> anyhow::Result<Outcome> {
    let order = match what {
        What::List => return asking.list(AccessList::Doors, doors),
        What::Coverage { door, from, to } => {
            return asking.list(AccessList::Coverage { door, from, to }, coverage);
        }
        What::Set { door, settings, why } => {
            return asking.change(AccessDeed::SetDoor { door, settings: pairs(&settings)?, why });
        }
        What::Unlock { door, why } => DoorRequest::Unlock { door, why },
        What::Hold { door, until, why } => DoorRequest::Hold { door, until, why },
        What::Lock { door, until, why } => DoorRequest::Lock { door, until, why },
        What::Release { door, why } => DoorRequest::Release { door, why },
        What::ClearAlarm { door, why } => DoorRequest::ClearAlarm { door, why },
        What::Lockdown { scope, end, why } => DoorRequest::Lockdown { scope, end, why },
        What::FireReset { scope, why } => DoorRequest::FireReset { scope, why },
        What::Pair { door, side, why } => DoorRequest::Pair { door, side, why },
    };
    asking.order(order)
}

fn pairs(settings: &[String]) -> anyhow::Result<BTreeMap<String, String>> {
    let mut pairs = BTreeMap::new();
    for setting in settings {
        let Some((key, value)) = setting.split_once('=') else {
            bail!("`{setting}` is no KEY=VALUE, such as unlock=7s")
        };
        if pairs.insert(key.trim().to_owned(), value.trim().to_owned()).is_some() {
            bail!("`{key}` is there twice");
        }
    }
    Ok(pairs)
}

fn doors(listed: &Listed) -> Vec<String> {
    let Listed::Doors(lines) = listed else { return Vec::new() };
    let line = |line: &crate::access::DoorLine| {
        let silent = |reader: &&crate::access::ReaderLine| reader.online != Some(true);
        let silent: Vec<&str> =
            line.readers.iter().filter(silent).map(|reader| reader.side.as_str()).collect();
        let notes = notes([
            line.contact.as_ref().map(|contact| format!("leaf {contact}")),
            line.alarm.as_ref().map(|alarm| format!("ALARM {alarm}")),
            line.tampered.then(|| "TAMPERED".to_owned()),
            (line.hardware != Some(true)).then(|| "hardware does not answer".to_owned()),
            (!silent.is_empty()).then(|| format!("reader does not answer: {}", silent.join(", "))),
        ]);
        format!("{:<16} {:<14} {:<12} {:<24} {notes}", line.id, line.mode, line.state, line.name)
    };
    lines.iter().map(line).collect()
}

fn coverage(listed: &Listed) -> Vec<String> {
    let Listed::Coverage(spans) = listed else { return Vec::new() };
    let line = |span: &crate::access::Span| {
        let able = match span.able {
            Some(true) => "saw",
            Some(false) => "BLIND",
            None => "not known",
        };
        format!("{:<13} {} to {}: {able} {}", format!("{:?}", span.part), span.from, span.to, span.by)
    };
    spans.iter().map(line).collect()
}
