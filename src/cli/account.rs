//! `hallward account list|add|link|role|end-date|remote|unlock|suspend|restore|end|change-all`: people's accounts, through
//! the running service. The first administrator is made so; no account is there by itself.

use std::path::PathBuf;

use clap::Subcommand;

use super::{
    Outcome,
    service::{Service, unexpected},
};
use crate::app::control::{AccountDeed, AccountLine, Answer, Did, Made, Request};

/// Make, change, lock and end the accounts of people.
#[derive(clap::Args)]
#[command(
    after_help = "Example:\n  hallward account add --name \"Nguyễn Lan\" --sign-in lan --role administrator\n\n\
                        WHO is what the person types at sign-in, or the person's id."
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
    /// One line an account.
    #[command(after_help = "Example:\n  hallward account list --all --json")]
    List {
        /// Also those that have ended.
        #[arg(long)]
        all: bool,
    },
    /// Make a person's account; prints the one-time link by which the person chooses a password.
    #[command(
        after_help = "Examples:\n  hallward account add --name \"Nguyễn Lan\" --sign-in lan --role operator\n  \
                            hallward account add --name \"Trần Bình\" --sign-in binh --role inspector --ends 2026-12-31"
    )]
    Add {
        /// The person's name.
        #[arg(long)]
        name: String,
        /// What the person types at sign-in.
        #[arg(long)]
        sign_in: String,
        /// viewer, operator, security, administrator or inspector.
        #[arg(long)]
        role: String,
        /// The birth date, 1990-02-01: no password may contain it.
        #[arg(long)]
        born: Option<String>,
        /// The telephone number: no password may contain it.
        #[arg(long)]
        phone: Option<String>,
        /// The account's last day; an inspector's must have one.
        #[arg(long)]
        ends: Option<String>,
        /// What it may be used for from other machines.
        #[arg(long, value_name = "PURPOSE")]
        remote: Option<String>,
    },
    /// Make another one-time link, for who has forgotten the password or lost the second factor.
    #[command(
        after_help = "Example:\n  hallward account link lan --why \"password forgotten, Lan came in person\""
    )]
    Link {
        /// Whose.
        who: String,
        /// Why: it stands in the journal.
        #[arg(long)]
        why: String,
    },
    /// Give an account another role.
    #[command(after_help = "Example:\n  hallward account role lan operator --why \"joins the shift\"")]
    Role {
        /// Whose.
        who: String,
        /// viewer, operator, security, administrator or inspector.
        role: String,
        /// Why: it stands in the journal.
        #[arg(long)]
        why: String,
    },
    /// Set an account's last day, or take it away.
    #[command(
        after_help = "Examples:\n  hallward account end-date binh 2026-12-31 --why \"inspection extended\"\n  \
                            hallward account end-date binh --never --why \"now staff\""
    )]
    EndDate {
        /// Whose.
        who: String,
        /// The last day, by the hall's time; or a time as RFC 3339.
        #[arg(required_unless_present = "never")]
        ends: Option<String>,
        /// No end.
        #[arg(long, conflicts_with = "ends")]
        never: bool,
        /// Why: it stands in the journal.
        #[arg(long)]
        why: String,
    },
    /// Say what an account may be used for from other machines, or that it may not.
    #[command(
        after_help = "Examples:\n  hallward account remote lan \"on call at night\" --why \"new shift\"\n  \
                            hallward account remote lan --no --why \"shift over\""
    )]
    Remote {
        /// Whose.
        who: String,
        /// What for.
        #[arg(required_unless_present = "no")]
        purpose: Option<String>,
        /// It may not; who is signed in there is signed out.
        #[arg(long, conflicts_with = "purpose")]
        no: bool,
        /// Why: it stands in the journal.
        #[arg(long)]
        why: String,
    },
    /// Unlock an account at its owner's request.
    #[command(after_help = "Example:\n  hallward account unlock lan --request \"Lan, by phone at 8:10\"")]
    Unlock {
        /// Whose.
        who: String,
        /// Who asked, when and how: it stands in the journal.
        #[arg(long)]
        request: String,
    },
    /// Suspend an account; its sessions end.
    #[command(after_help = "Example:\n  hallward account suspend lan --why \"maternity leave\"")]
    Suspend {
        /// Whose.
        who: String,
        /// Why: it stands in the journal.
        #[arg(long)]
        why: String,
    },
    /// Restore a suspended account.
    #[command(after_help = "Example:\n  hallward account restore lan --why \"back from leave\"")]
    Restore {
        /// Whose.
        who: String,
        /// Why: it stands in the journal.
        #[arg(long)]
        why: String,
    },
    /// End a person's account for good, with its sessions, tokens and links.
    #[command(after_help = "Example:\n  hallward account end lan --why \"has left on 1 June\"")]
    End {
        /// Whose.
        who: String,
        /// Why: it stands in the journal.
        #[arg(long)]
        why: String,
    },
    /// Order new passwords: of all who have a role, or of all. Their sessions end.
    #[command(
        after_help = "Example:\n  hallward account change-all --role administrator --why \"order 12/QD\""
    )]
    ChangeAll {
        /// Whose; all when absent.
        #[arg(long)]
        role: Option<String>,
        /// Why: it stands in the journal.
        #[arg(long)]
        why: String,
    },
}

impl From<What> for AccountDeed {
    fn from(what: What) -> Self {
        match what {
            What::List { all } => Self::List { ended: all },
            What::Add { name, sign_in, role, born, phone, ends, remote } => {
                Self::Add { name, sign_in, role, born, phone, ends, remote }
            }
            What::Link { who, why } => Self::Link { who, why },
            What::Role { who, role, why } => Self::Role { who, role, why },
            What::EndDate { who, ends, never: _, why } => Self::EndDate { who, ends, why },
            What::Remote { who, purpose, no: _, why } => Self::Remote { who, purpose, why },
            What::Unlock { who, request } => Self::Unlock { who, request },
            What::Suspend { who, why } => Self::Suspend { who, why },
            What::Restore { who, why } => Self::Restore { who, why },
            What::End { who, why } => Self::End { who, why },
            What::ChangeAll { role, why } => Self::ChangeAll { role, why },
        }
    }
}

pub(super) fn run(arguments: Arguments) -> anyhow::Result<Outcome> {
    let Arguments { what, data, json } = arguments;
    let answer = Service::at(data.as_ref()).ask(&Request::Account { what: what.into() })?;
    let Answer::Accounts(lines) = answer else { return told(answer, json) };
    if json {
        say!("{}", serde_json::json!({ "accounts": lines }));
    } else {
        list(&lines);
    }
    Ok(Outcome::Done)
}

/// What was made or done, or why not; also of tokens.
pub(super) fn told(answer: Answer, json: bool) -> anyhow::Result<Outcome> {
    if let Answer::Refused(what) = &answer {
        eprintln!("hallward: {what}");
        return Ok(Outcome::No);
    }
    if let Answer::Made(made) = answer {
        if json {
            say!("{}", serde_json::to_string(&made)?);
        } else {
            hand_over(&made);
        }
        return Ok(Outcome::Done);
    }
    let Answer::Did(did) = answer else { return Err(unexpected(answer)) };
    let Did { id, count } = &did;
    if json {
        say!("{}", serde_json::to_string(&did)?);
    } else if id.is_empty() {
        say!("done: {count} accounts");
    } else {
        say!("done: {id}");
    }
    Ok(Outcome::Done)
}

/// The secret alone on standard output, for whoever pipes it on.
fn hand_over(Made { id, link, token }: &Made) {
    if let Some(link) = link {
        eprintln!("{id}: this link counts once, for a day. Hand it over, or open it on the display:");
        say!("{link}");
    }
    if let Some(token) = token {
        eprintln!("{id}: this token is shown now and never again:");
        say!("{token}");
    }
}

fn list(lines: &[AccountLine]) {
    if lines.is_empty() {
        eprintln!("There is no account yet. The first administrator is made with `hallward account add`.");
    }
    for line in lines {
        let AccountLine { person, sign_in, role, standing, name, .. } = line;
        let notes = [
            (!line.password).then(|| "no password yet".to_owned()),
            (line.must_change).then(|| "must choose a new password".to_owned()),
            line.ends.as_ref().map(|ends| format!("ends {ends}")),
            line.remote.as_ref().map(|purpose| format!("from other machines: {purpose}")),
        ];
        let notes: Vec<String> = notes.into_iter().flatten().collect();
        let line =
            format!("{person:<5} {sign_in:<16} {role:<14} {standing:<10} {name:<24} {}", notes.join("; "));
        say!("{}", line.trim_end());
    }
}
