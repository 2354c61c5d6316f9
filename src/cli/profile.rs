//! `hallward profile list|show|check`: what the program knows of devices.

mod show;

use std::path::PathBuf;

use anyhow::{Context, anyhow};
use clap::Subcommand;
use hallward_profiles::Profile;

use super::{Outcome, load};
use crate::logic::golden;

/// List, show and check device profiles.
#[derive(clap::Args)]
#[command(after_help = "Example:\n  hallward profile show apc-smart-ups")]
pub(super) struct Arguments {
    #[command(subcommand)]
    what: What,
    /// Folder of the site's own device profiles.
    #[arg(long, default_value = load::PROFILES, global = true)]
    profiles: PathBuf,
    /// Print JSON.
    #[arg(long, global = true)]
    json: bool,
}

#[derive(Subcommand)]
enum What {
    /// One line a profile.
    List,
    /// A profile's sources, what must be verified on the unit, how it is reached, and all its points.
    Show {
        /// The profile's id.
        profile: String,
    },
    /// Check a profile file with its worked examples, and print every problem in it.
    Check {
        /// The file.
        file: PathBuf,
    },
}

pub(super) fn run(arguments: &Arguments) -> anyhow::Result<Outcome> {
    match &arguments.what {
        What::Check { file } => check(file, arguments.json),
        What::List => {
            for profile in load::library(&arguments.profiles)?.iter() {
                if arguments.json {
                    say!("{}", show::summary(profile));
                } else {
                    let class = profile.class.as_str();
                    say!("{:<22} {class:<10} {:<7?} {}", profile.id, profile.confidence, profile.name);
                }
            }
            Ok(Outcome::Done)
        }
        What::Show { profile } => {
            let library = load::library(&arguments.profiles)?;
            let found = library.get(profile).ok_or_else(|| {
                anyhow!("there is no profile `{profile}`; `hallward profile list` names those that there are")
            })?;
            show::show(found, arguments.json)
        }
    }
}

fn check(file: &PathBuf, json: bool) -> anyhow::Result<Outcome> {
    let text = std::fs::read_to_string(file).with_context(|| format!("{} cannot be read", file.display()))?;
    let profile = match Profile::parse(&file.display().to_string(), &text) {
        Ok(profile) => profile,
        Err(problems) => {
            if json {
                say!("{}", serde_json::to_string(&problems)?);
            } else {
                eprintln!("{}", load::show(&[problems]));
            }
            return Ok(Outcome::No);
        }
    };
    let examples = golden::check(&profile).map_err(|what| anyhow!(what))?;
    let wrong: Vec<String> = examples.wrong.iter().map(ToString::to_string).collect();
    if json {
        say!(
            "{}",
            serde_json::json!({
                "path": file, "problems": [], "id": profile.id,
                "examples_checked": examples.checked, "examples_wrong": wrong,
            })
        );
    } else {
        wrong.iter().for_each(|wrong| eprintln!("{}: {wrong}", file.display()));
        if wrong.is_empty() {
            say!("{}: sound ({}); {} values of examples hold", file.display(), profile.id, examples.checked);
        } else {
            eprintln!("{} of {} values of examples do not hold", wrong.len(), examples.checked);
        }
    }
    Ok(if wrong.is_empty() { Outcome::Done } else { Outcome::No })
}
