//! `hallward delivery list|add`: equipment that comes into the hall or leaves it; through the running service.

use clap::Subcommand;

use super::{Outcome, access::Asking};
use crate::access::{AccessDeed, AccessList, Listed};

/// Record equipment that comes into the hall or leaves it.
#[derive(clap::Args)]
#[command(after_help = "Example:\n  hallward delivery list --json")]
pub(super) struct Arguments {
    #[command(subcommand)]
    what: What,
    #[command(flatten)]
    asking: Asking,
}

#[derive(Subcommand)]
#[allow(clippy::large_enum_variant, reason = "there is one, for as long as the verb runs")]
enum What {
    /// One line a delivery.
    #[command(after_help = "Example:\n  hallward delivery list --json")]
    List,
    /// Record one. Its page has the handover minutes to print.
    #[command(
        after_help = "Example:\n  hallward delivery add in --owner \"Sở TTTT\" --request 12/TTr --decision 34/QĐ --approver \"Giám \
                            đốc\" --item \"server TS-0001\" --handed-by \"Lan\" --taken-by \"Bình\" --door main --record 1234"
    )]
    Add {
        /// in or out.
        direction: String,
        /// Whose equipment.
        #[arg(long)]
        owner: String,
        /// Number of the request.
        #[arg(long)]
        request: String,
        /// Number of the decision.
        #[arg(long)]
        decision: String,
        /// Who approved it.
        #[arg(long)]
        approver: String,
        /// A piece of equipment, with its asset tag; may be there several times.
        #[arg(long, required = true)]
        item: Vec<String>,
        /// Who hands over.
        #[arg(long)]
        handed_by: String,
        /// Who takes over.
        #[arg(long)]
        taken_by: String,
        /// The door that it passed.
        #[arg(long)]
        door: Option<String>,
        /// The number of the journal's record of the door event.
        #[arg(long)]
        record: Option<u64>,
        /// The person of the hall who was there.
        #[arg(long)]
        witness: Option<String>,
    },
}

pub(super) fn run(Arguments { what, asking }: Arguments) -> anyhow::Result<Outcome> {
    match what {
        What::List => asking.list(AccessList::Deliveries, deliveries),
        What::Add {
            direction,
            owner,
            request,
            decision,
            approver,
            item,
            handed_by,
            taken_by,
            door,
            record,
            witness,
        } => asking.change(AccessDeed::RecordDelivery {
            direction,
            owner,
            request,
            decision,
            approver,
            items: item,
            handed_by,
            taken_by,
            door,
            record,
            witness,
        }),
    }
}

fn deliveries(listed: &Listed) -> Vec<String> {
    let Listed::Deliveries(lines) = listed else { return Vec::new() };
    let line = |line: &crate::access::DeliveryLine| {
        let items = line.items.join("; ");
        format!(
            "{:<4} {:<3} {} {} ({} / {}): {items}",
            line.id, line.direction, line.at, line.owner, line.request, line.decision
        )
    };
    lines.iter().map(line).collect()
}
