//! `hallward token list|add|display|end`: what programs show instead of a password, and wall displays; through the running
//! service.

use std::path::PathBuf;

use clap::Subcommand;

use super::{Outcome, account::told, service::Service};
use crate::app::control::{Answer, Request, TokenDeed, TokenLine};

/// Make and end tokens of programs, and pair wall displays.
#[derive(clap::Args)]
#[command(
    after_help = "Example:\n  hallward token add \"test suite\" --for lan --rights hall.read,point.write"
)]
pub(super) struct Arguments {
    #[command(subcommand)]
    what: What,
    /// Data folder of a demo, to ask it instead of the service.
    #[arg(long, global = true)]
    data: Option<PathBuf>,
    /// Print JSON.
    #[arg(long, global = true)]
    json: bool,
}

#[derive(Subcommand)]
enum What {
    /// One line a token or display.
    #[command(after_help = "Example:\n  hallward token list --json")]
    List,
    /// Make a token of a person's account; prints it, once.
    #[command(
        after_help = "Example:\n  hallward token add \"test suite\" --for lan --rights hall.read --ends 2026-12-31"
    )]
    Add {
        /// What it is for.
        name: String,
        /// Whose account: never more than that may.
        #[arg(long = "for", value_name = "WHO")]
        who: String,
        /// What it permits, such as hall.read,point.write.
        #[arg(long, value_delimiter = ',', required = true)]
        rights: Vec<String>,
        /// Its last day.
        #[arg(long)]
        ends: Option<String>,
    },
    /// Pair a wall display; prints the link to open on it.
    #[command(after_help = "Example:\n  hallward token display \"corridor\"")]
    Display {
        /// Where it hangs.
        name: String,
    },
    /// End a token or display at once.
    #[command(after_help = "Example:\n  hallward token end t3 --why \"the suite is no longer used\"")]
    End {
        /// Its id.
        token: String,
        /// Why: it stands in the journal.
        #[arg(long)]
        why: String,
    },
}

pub(super) fn run(arguments: Arguments) -> anyhow::Result<Outcome> {
    let Arguments { what, data, json } = arguments;
    let what = match what {
        What::List => TokenDeed::List,
        What::Add { name, who, rights, ends } => TokenDeed::Add { name, who, rights, ends },
        What::Display { name } => TokenDeed::Display { name },
        What::End { token, why } => TokenDeed::End { token, why },
    };
    let answer = Service::at(data.as_ref()).ask(&Request::Token { what })?;
    let Answer::Tokens(lines) = answer else { return told(answer, json) };
    if json {
        say!("{}", serde_json::json!({ "tokens": lines }));
    } else {
        lines.iter().for_each(list);
    }
    Ok(Outcome::Done)
}

fn list(line: &TokenLine) {
    let TokenLine { token, kind, name, .. } = line;
    let notes = [
        line.person.clone(),
        Some(line.rights.join(" ")),
        line.ends.as_ref().map(|ends| format!("ends {ends}")),
        (!line.in_use).then(|| "not paired yet".to_owned()),
    ];
    let notes: Vec<String> = notes.into_iter().flatten().collect();
    say!("{token:<5} {kind:<8} {name:<24} {}", notes.join("; "));
}
