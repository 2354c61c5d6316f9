//! `hallward person …`: persons who go through doors, and visitors; through the running service.

use std::{fs, path::PathBuf};

use anyhow::Context;
use clap::Subcommand;

use super::{
    Outcome,
    access::{Asking, notes},
};
use crate::{
    access::{AccessDeed, AccessList, DoorRequest, HolderFields, Listed},
    app::control::Request,
};

/// Add, change, suspend and end persons who go through doors, and visitors; say who is where.
#[derive(clap::Args)]
#[command(
    after_help = "Example:\n  hallward person add \"Nguyễn Lan\" --groups staff,electricians --why \"joins the shift\"\n\n\
                        WHO is a person's id, a sign-in name, or a name that only one person has. A day counts to its end."
)]
pub(super) struct Arguments {
    #[command(subcommand)]
    what: What,
    #[command(flatten)]
    asking: Asking,
}

/// What a person is at the doors.
#[derive(clap::Args)]
struct Fields {
    /// What rules call together, such as staff,electricians.
    #[arg(long, value_delimiter = ',')]
    groups: Option<Vec<String>>,
    /// Four to eight digits; `none` takes it away.
    #[arg(long)]
    pin: Option<String>,
    /// The PIN of somebody who is forced: opens as the other does, and raises a silent alarm.
    #[arg(long)]
    duress_pin: Option<String>,
    /// The first day; `none` for no beginning.
    #[arg(long)]
    from: Option<String>,
    /// The last day; `none` for no end.
    #[arg(long)]
    until: Option<String>,
    /// Doors stay unlocked for longer.
    #[arg(long)]
    long_unlock: Option<bool>,
    /// Anti-passback leaves the person alone.
    #[arg(long)]
    passback_exempt: Option<bool>,
    /// alone, needs (an escort) or gives (one).
    #[arg(long)]
    escort: Option<String>,
}

#[derive(Subcommand)]
enum What {
    /// One line a person; with --at, who had which badges and groups then, and who had made it so.
    #[command(after_help = "Example:\n  hallward person list --at 2026-06-01T08:00:00+07:00 --json")]
    List {
        /// A day or time.
        #[arg(long)]
        at: Option<String>,
    },
    /// Add a person; with --for, somebody who has an account.
    #[command(
        after_help = "Examples:\n  hallward person add \"Nguyễn Lan\" --groups staff --why \"new\"\n  \
                            hallward person add --for lan --pin 2580 --why \"has an account\""
    )]
    Add {
        /// The name.
        #[arg(required_unless_present = "person")]
        name: Option<String>,
        /// Somebody who has an account.
        #[arg(long = "for", value_name = "WHO", conflicts_with = "name")]
        person: Option<String>,
        #[command(flatten)]
        fields: Fields,
        /// Why: it stands in the journal.
        #[arg(long)]
        why: String,
    },
    /// Change a person: what is not named stays as it is.
    #[command(
        after_help = "Example:\n  hallward person change lan --groups staff,fire --why \"fire warden\""
    )]
    Change {
        /// Whom.
        who: String,
        /// Another name.
        #[arg(long)]
        name: Option<String>,
        #[command(flatten)]
        fields: Fields,
        /// Why: it stands in the journal.
        #[arg(long)]
        why: String,
    },
    /// No door opens for the person until it is restored.
    #[command(after_help = "Example:\n  hallward person suspend lan --why \"long leave\"")]
    Suspend {
        /// Whom.
        who: String,
        /// Why: it stands in the journal.
        #[arg(long)]
        why: String,
    },
    /// Restore a suspended person.
    #[command(after_help = "Example:\n  hallward person restore lan --why \"back\"")]
    Restore {
        /// Whom.
        who: String,
        /// Why: it stands in the journal.
        #[arg(long)]
        why: String,
    },
    /// End a person everywhere, for good: badges, PINs, account, sessions, tokens, links. Tells what is to be given back.
    #[command(
        after_help = "Example:\n  hallward person end lan --handed-over \"laptop TS-12\" --why \"has left on 1 June\""
    )]
    End {
        /// Whom.
        who: String,
        /// Equipment or papers that were given back; may be there several times.
        #[arg(long)]
        handed_over: Vec<String>,
        /// Why: it stands in the journal.
        #[arg(long)]
        why: String,
    },
    /// Erase a person's personal data from registry and log, for good: one who has ended everywhere, while no hold stands against it.
    #[command(
        after_help = "Example:\n  hallward person erase p7 --why \"asked for it on 1 June, kept long enough\""
    )]
    Erase {
        /// Whose: the id.
        who: String,
        /// Why: it stands in the journal.
        #[arg(long)]
        why: String,
    },
    /// Record the written undertaking of who leaves.
    #[command(after_help = "Example:\n  hallward person undertaking lan --paper \"CK-17 of 1 June\"")]
    Undertaking {
        /// Whose.
        who: String,
        /// Which paper.
        #[arg(long)]
        paper: String,
    },
    /// Take in a staff list (CSV): columns name or person, and card, pin, from, to, groups, doors. All of it or nothing.
    #[command(
        after_help = "Example:\n  hallward person import staff.csv --dry-run --why \"list of June\"\n\nA card is 42/1234, \
                            or 34:42/1234 for 34 bits; several groups or doors have a space between."
    )]
    Import {
        /// The list.
        file: PathBuf,
        /// Only tell what would change.
        #[arg(long)]
        dry_run: bool,
        /// Why: it stands in the journal.
        #[arg(long)]
        why: String,
    },
    /// Register a visitor with its visit.
    #[command(
        after_help = "Example:\n  hallward person visit \"Trần Khách\" --host lan --firm \"Công ty Điện\" --purpose \"UPS\" \
                            --until 2026-06-01\n\nA device needs all four: --device \"laptop | authority | need | legal basis\"."
    )]
    Visit {
        /// The visitor's name.
        name: String,
        /// Whom it visits.
        #[arg(long)]
        host: String,
        /// From which firm or agency.
        #[arg(long)]
        firm: String,
        /// What for.
        #[arg(long)]
        purpose: String,
        /// Groups besides `visitors`.
        #[arg(long, value_delimiter = ',')]
        groups: Vec<String>,
        /// The first day.
        #[arg(long)]
        from: Option<String>,
        /// The last day.
        #[arg(long)]
        until: String,
        /// Goes without an escort.
        #[arg(long)]
        alone: bool,
        /// A device carried in by an authority's own need.
        #[arg(long)]
        device: Vec<String>,
    },
    /// One line a visitor.
    #[command(after_help = "Example:\n  hallward person visitors --json")]
    Visitors {
        /// A day or time.
        #[arg(long)]
        at: Option<String>,
    },
    /// Who is where, as far as doors can tell.
    #[command(after_help = "Example:\n  hallward person presence --json")]
    Presence,
    /// Forget where a person was last seen, or, with --all, everybody's place.
    #[command(
        after_help = "Example:\n  hallward person forget-presence lan --why \"left by the loading gate\""
    )]
    ForgetPresence {
        /// Whose.
        #[arg(required_unless_present = "all")]
        who: Option<String>,
        /// Everybody's.
        #[arg(long, conflicts_with = "who")]
        all: bool,
        /// Why: it stands in the journal.
        #[arg(long)]
        why: String,
    },
}

impl From<Fields> for HolderFields {
    fn from(fields: Fields) -> Self {
        let Fields { groups, pin, duress_pin, from, until, long_unlock, passback_exempt, escort } = fields;
        Self { groups, pin, duress_pin, from, until, long_unlock, passback_exempt, escort }
    }
}

pub(super) fn run(Arguments { what, asking }: Arguments) -> anyhow::Result<Outcome> {
    use AccessDeed as Deed;
    let deed = match what {
        What::List { at } => return asking.list(AccessList::People { at }, people),
        What::Visitors { at } => return asking.list(AccessList::Visitors { at }, visitors),
        What::Presence => return asking.list(AccessList::Presence, presence),
        What::Erase { who, why } => return asking.plain(&Request::ErasePerson { who, why }),
        What::ForgetPresence { who, all: _, why } => {
            return asking.order(DoorRequest::ForgetPresence { person: who, why });
        }
        What::Add { name, person, fields, why } => {
            Deed::AddPerson { name, person, holder: fields.into(), why }
        }
        What::Change { who, name, fields, why } => {
            Deed::ChangePerson { person: who, name, holder: fields.into(), why }
        }
        What::Suspend { who, why } => Deed::SuspendPerson { person: who, why },
        What::Restore { who, why } => Deed::RestorePerson { person: who, why },
        What::End { who, handed_over, why } => Deed::EndPerson { person: who, handed_over, why },
        What::Undertaking { who, paper } => Deed::RecordUndertaking { person: who, paper },
        What::Import { file, dry_run, why } => {
            let csv = fs::read_to_string(&file).with_context(|| format!("{}", file.display()))?;
            Deed::ImportPeople { csv, dry_run, why }
        }
        What::Visit { name, host, firm, purpose, groups, from, until, alone, device } => {
            Deed::RegisterVisit { name, host, firm, purpose, groups, from, until, alone, devices: device }
        }
    };
    asking.change(deed)
}

fn people(listed: &Listed) -> Vec<String> {
    let Listed::People(lines) = listed else { return Vec::new() };
    let line = |line: &crate::access::PersonLine| {
        let notes = notes([
            Some(line.groups.join(",")),
            Some(line.badges.join(" ")),
            line.has_pin.then(|| "PIN".to_owned()),
            line.from.as_ref().map(|from| format!("from {from}")),
            line.until.as_ref().map(|until| format!("until {until}")),
            (line.escort != "alone").then(|| format!("escort: {}", line.escort)),
            Some(format!("by {} since {}", line.made.by, line.made.since)),
        ]);
        format!("{:<5} {:<24} {:<10} {notes}", line.id, line.name, line.standing)
    };
    lines.iter().map(line).collect()
}

fn visitors(listed: &Listed) -> Vec<String> {
    let Listed::Visitors(lines) = listed else { return Vec::new() };
    let line = |line: &crate::access::VisitLine| {
        let until = line.until.as_deref().unwrap_or_default();
        let notes = notes([
            Some(format!("{}, for {}", line.firm, line.purpose)),
            Some(format!("visits {} ({})", line.host_name, line.host)),
            Some(format!("until {until}, authorised by {}", line.authorised_by)),
            Some(line.devices.join(", ")),
        ]);
        format!("{:<5} {:<24} {:<10} {notes}", line.id, line.name, line.standing)
    };
    lines.iter().map(line).collect()
}

fn presence(listed: &Listed) -> Vec<String> {
    let Listed::Presence(lines) = listed else { return Vec::new() };
    let line = |line: &crate::access::PresenceLine| {
        let room = line.room.as_deref().unwrap_or("outside");
        format!(
            "{:<16} {:<13} {:<24} {:<5} since {} by {}",
            room, line.certainty, line.name, line.person, line.since, line.door
        )
    };
    lines.iter().map(line).collect()
}
