//! `hallward badge …`: badges of persons who go through doors; through the running service.

use clap::Subcommand;

use super::{
    Outcome,
    access::{Asking, notes},
};
use crate::access::{AccessDeed, AccessList, CardFields, Listed};

/// Issue, change and take back badges.
#[derive(clap::Args)]
#[command(
    after_help = "Example:\n  hallward badge issue lan --facility 42 --number 1234 --why \"first badge\""
)]
pub(super) struct Arguments {
    #[command(subcommand)]
    what: What,
    #[command(flatten)]
    asking: Asking,
}

#[derive(Subcommand)]
enum What {
    /// One line a badge; with --at, who had which badge then, and who had given it.
    #[command(after_help = "Example:\n  hallward badge list --at 2026-06-01")]
    List {
        /// A day or time.
        #[arg(long)]
        at: Option<String>,
    },
    /// Issue a badge to a person.
    #[command(
        after_help = "Examples:\n  hallward badge issue lan --facility 42 --number 1234 --why \"first badge\"\n  \
                            hallward badge issue lan --swiped 1 --why \"first badge\"\n  \
                            hallward badge issue lan --bits 32 --hex 0102a3ff --why \"city card\""
    )]
    Issue {
        /// Whose: an id, a sign-in name, or a name that only one person has.
        who: String,
        /// The card's facility code.
        #[arg(long, requires = "number")]
        facility: Option<u32>,
        /// The card's number.
        #[arg(long, requires = "facility")]
        number: Option<u32>,
        /// How many bits the card has: 26 (when absent), 34, 37, or any with --hex.
        #[arg(long)]
        bits: Option<u8>,
        /// The raw bits.
        #[arg(long, requires = "bits")]
        hex: Option<String>,
        /// A card that was just swiped and that nobody holds, counted from the newest, 1.
        #[arg(long, value_name = "N")]
        swiped: Option<usize>,
        /// The first day.
        #[arg(long)]
        from: Option<String>,
        /// The last day.
        #[arg(long)]
        until: Option<String>,
        /// Why: it stands in the journal.
        #[arg(long)]
        why: String,
    },
    /// Change a badge: its state, or when it counts.
    #[command(
        after_help = "Example:\n  hallward badge change b12 --state lost --why \"Lan, by phone at 8:10\""
    )]
    Change {
        /// Which, such as b12.
        badge: String,
        /// active, disabled or lost.
        #[arg(long)]
        state: Option<String>,
        /// The first day; `none` for no beginning.
        #[arg(long)]
        from: Option<String>,
        /// The last day; `none` for no end.
        #[arg(long)]
        until: Option<String>,
        /// Why: it stands in the journal.
        #[arg(long)]
        why: String,
    },
    /// A badge was given back, for good.
    #[command(after_help = "Example:\n  hallward badge return b12 --why \"Lan has left\"")]
    Return {
        /// Which.
        badge: String,
        /// Why: it stands in the journal.
        #[arg(long)]
        why: String,
    },
    /// Cards that nobody holds and that were swiped lately, the newest first.
    #[command(after_help = "Example:\n  hallward badge swiped")]
    Swiped,
}

pub(super) fn run(Arguments { what, asking }: Arguments) -> anyhow::Result<Outcome> {
    let deed = match what {
        What::List { at } => return asking.list(AccessList::Badges { at }, badges),
        What::Swiped => return asking.list(AccessList::UnknownCards, swiped),
        What::Issue { who, facility, number, bits, hex, swiped, from, until, why } => {
            let card = CardFields { facility, number, bits, hex, swiped };
            AccessDeed::IssueBadge { person: who, card, from, until, why }
        }
        What::Change { badge, state, from, until, why } => {
            AccessDeed::ChangeBadge { badge, state, from, until, why }
        }
        What::Return { badge, why } => AccessDeed::ReturnBadge { badge, why },
    };
    asking.change(deed)
}

fn badges(listed: &Listed) -> Vec<String> {
    let Listed::Badges(lines) = listed else { return Vec::new() };
    let line = |line: &crate::access::BadgeLine| {
        let notes = notes([
            line.from.as_ref().map(|from| format!("from {from}")),
            line.until.as_ref().map(|until| format!("until {until}")),
            Some(format!("issued {} by {}", line.issued, line.issued_by)),
            line.returned.as_ref().map(|returned| format!("given back {returned}")),
        ]);
        format!(
            "{:<5} {:<5} {:<24} {:<9} {:<18} {notes}",
            line.id, line.person, line.name, line.state, line.shown
        )
    };
    lines.iter().map(line).collect()
}

fn swiped(listed: &Listed) -> Vec<String> {
    let Listed::UnknownCards(lines) = listed else { return Vec::new() };
    let line = |line: &crate::access::UnknownLine| {
        format!("{:>2} {:<18} at {} ({}) {}", line.swiped, line.shown, line.door, line.side, line.time)
    };
    lines.iter().map(line).collect()
}
