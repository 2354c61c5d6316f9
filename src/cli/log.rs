//! `hallward log verify|tail|export|prune|hold|holds|release`: the log that proves itself. `verify` reads files alone, with
//! or without the service; the others ask the service, and are records themselves.

mod export;
mod verify;

use std::path::PathBuf;

use clap::Subcommand;

use super::{
    Outcome,
    account::told,
    service::{Service, unexpected},
};
use crate::app::control::{Answer, ExportDeed, HoldLine, LogDeed, RecordLine, Request};

/// Check, follow and export the log; decide what of it is kept.
#[derive(clap::Args)]
#[command(after_help = "Examples:\n  hallward log verify --checkpoint /mnt/other-disk/checkpoints.txt\n  \
                  hallward log export --out march.zip --from 2027-03-01 --to 2027-03-31 --why \"request 12 of the police\"")]
pub(super) struct Arguments {
    #[command(subcommand)]
    what: What,
}

/// Which service, and how it is shown.
#[derive(clap::Args)]
struct Asked {
    /// Data folder of a demo, to ask it instead of the service.
    #[arg(long)]
    data: Option<PathBuf>,
    /// Print JSON.
    #[arg(long)]
    json: bool,
}

#[derive(Subcommand)]
enum What {
    /// Check that no record was changed, removed, put elsewhere or cut off. Exit 0: whole; 1: not; 2: cannot be checked.
    Verify(verify::Arguments),
    /// Show the newest records, and those that come.
    #[command(after_help = "Example:\n  hallward log tail --follow --code 'door.*'")]
    Tail {
        /// Go on until it is ended.
        #[arg(long, short)]
        follow: bool,
        /// Only this code; all that begin so, if it ends in `*` or `.`.
        #[arg(long)]
        code: Option<String>,
        /// How many at first.
        #[arg(long, short = 'n', default_value_t = 20, value_parser = clap::value_parser!(u16).range(0..=1000))]
        count: u16,
        #[command(flatten)]
        asked: Asked,
    },
    /// Write records with their proof into a file for others. Only a contiguous range proves completeness.
    #[command(
        after_help = "Examples:\n  hallward log export --out march.zip --from 2027-03-01 --to 2027-03-31 --why \"inspection\"\n  \
                            hallward log export --out main-door.zip --door main --why \"request 12 of the police\""
    )]
    Export {
        /// The file.
        #[arg(long)]
        out: PathBuf,
        /// Only from this day or time on.
        #[arg(long)]
        from: Option<String>,
        /// Only to the end of this day, or before this time.
        #[arg(long)]
        to: Option<String>,
        /// Only records with higher numbers.
        #[arg(long)]
        after: Option<u64>,
        /// Only records with lower numbers.
        #[arg(long)]
        before: Option<u64>,
        /// Only this code; all that begin so, if it ends in `*` or `.`.
        #[arg(long)]
        code: Option<String>,
        /// Only this door, or device.
        #[arg(long)]
        door: Option<String>,
        /// Only records that name this person, such as p7.
        #[arg(long)]
        person: Option<String>,
        /// Why they are given away: it stands in the journal.
        #[arg(long)]
        why: String,
        #[command(flatten)]
        asked: Asked,
    },
    /// Drop records from before a time, whole ranges between two checkpoints. The rest stays provable.
    #[command(
        after_help = "Example:\n  hallward log prune --before 2026-01-01 --archive --why \"retention, plan of 2025\""
    )]
    Prune {
        /// The day or time; not within the last half year.
        #[arg(long)]
        before: String,
        /// Put an export of them into the folder `archive` of the data folder first.
        #[arg(long)]
        archive: bool,
        /// Why: it stands in the journal.
        #[arg(long)]
        why: String,
        #[command(flatten)]
        asked: Asked,
    },
    /// From now on prune nothing and erase nobody.
    #[command(after_help = "Example:\n  hallward log hold --why \"incident 4711 is being investigated\"")]
    Hold {
        /// Why: it stands in the journal.
        #[arg(long)]
        why: String,
        #[command(flatten)]
        asked: Asked,
    },
    /// The holds that are not released.
    #[command(after_help = "Example:\n  hallward log holds --json")]
    Holds {
        #[command(flatten)]
        asked: Asked,
    },
    /// Release a hold.
    #[command(after_help = "Example:\n  hallward log release 1207 --why \"investigation closed\"")]
    Release {
        /// Its number: that of the record which tells of it.
        hold: u64,
        /// Why: it stands in the journal.
        #[arg(long)]
        why: String,
        #[command(flatten)]
        asked: Asked,
    },
}

pub(super) fn run(arguments: Arguments) -> anyhow::Result<Outcome> {
    match arguments.what {
        What::Verify(arguments) => verify::run(&arguments),
        What::Tail { follow, code, count, asked } => {
            tail(LogDeed::Tail { code, count: count.into(), follow }, &asked)
        }
        What::Export { out, from, to, after, before, code, door, person, why, asked } => {
            let deed = ExportDeed { from, to, after, before, code, door, person, why };
            export::run(&out, deed, asked.data.as_ref(), asked.json)
        }
        What::Prune { before, archive, why, asked } => ask(LogDeed::Prune { before, archive, why }, &asked),
        What::Hold { why, asked } => ask(LogDeed::Hold { why }, &asked),
        What::Holds { asked } => ask(LogDeed::Holds, &asked),
        What::Release { hold, why, asked } => ask(LogDeed::Release { hold, why }, &asked),
    }
}

fn ask(what: LogDeed, asked: &Asked) -> anyhow::Result<Outcome> {
    match Service::at(asked.data.as_ref()).ask(&Request::Log { what })? {
        Answer::Holds(holds) if asked.json => say!("{}", serde_json::json!({ "holds": holds })),
        Answer::Holds(holds) => {
            for HoldLine { hold, since, actor, why } in holds {
                say!("{hold:<8} {since} {actor:<8} {why}");
            }
        }
        Answer::Pruned(pruned) if asked.json => say!("{}", serde_json::to_string(&pruned)?),
        Answer::Pruned(pruned) => {
            let archive = pruned.archive.map_or(String::new(), |path| format!(", archived in {path}"));
            say!("dropped {} records{archive}; the first one now is {}", pruned.dropped, pruned.first);
        }
        other => return told(other, asked.json),
    }
    Ok(Outcome::Done)
}

/// Shows records until the service, or whoever watches, has had enough.
fn tail(what: LogDeed, asked: &Asked) -> anyhow::Result<Outcome> {
    let service = Service::at(asked.data.as_ref());
    let answers = service.begin(&Request::Log { what })?;
    let mut answers = answers.ok_or_else(|| anyhow::anyhow!(service.nobody()))?;
    while let Some(answer) = answers.next(None)? {
        match answer {
            Answer::Record(record) if asked.json => say!("{}", serde_json::to_string(&record)?),
            Answer::Record(record) => show(&record),
            Answer::Lost(count) => {
                eprintln!("{count} records came too fast to be shown: the journal has them")
            }
            Answer::Refused(what) => {
                eprintln!("hallward: {what}");
                return Ok(Outcome::No);
            }
            other => return Err(unexpected(other)),
        }
    }
    Ok(Outcome::Done)
}

fn show(record: &RecordLine) {
    let RecordLine { seq, time, code, place, actor, severity, body, .. } = record;
    let details: Vec<String> = body.iter().map(|(key, value)| format!("{key}={value}")).collect();
    say!("{seq:>7} {time} {severity:<7} {code:<24} {place:<12} {actor:<8} {}", details.join(" "));
}
