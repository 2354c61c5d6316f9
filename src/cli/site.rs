//! `hallward site import CSV`: a wiring list becomes stanzas of a site file, on standard output.

use std::{fs, path::PathBuf};

use anyhow::Context;
use clap::Subcommand;
use hallward_site::import::import;

use super::{Outcome, load};

/// Make a site file.
#[derive(clap::Args)]
#[command(after_help = "Example:\n  hallward site import wiring.csv > stanzas.toml")]
pub(super) struct Arguments {
    #[command(subcommand)]
    what: What,
}

#[derive(Subcommand)]
enum What {
    /// Turn a wiring list into stanzas to paste; the manual's page for installers has its columns.
    #[command(after_help = "Example:\n  hallward site import wiring.csv > stanzas.toml\n\n\
                            A list:\n  device,room,port,baud,unit,profile,every\n  \
                            inlet-1,hall,/dev/ttyUSB0,9600,1,xy-md02,10s")]
    Import {
        /// The list: CSV with a header row.
        list: PathBuf,
        /// Folder of the site's own device profiles.
        #[arg(long, default_value = load::PROFILES)]
        profiles: PathBuf,
        /// Print what is wrong as JSON.
        #[arg(long)]
        json: bool,
    },
}

pub(super) fn run(arguments: &Arguments) -> anyhow::Result<Outcome> {
    let What::Import { list, profiles, json } = &arguments.what;
    let library = load::library(profiles)?;
    let text = fs::read(list).with_context(|| format!("{} cannot be read", list.display()))?;
    let text = String::from_utf8(text)
        .with_context(|| format!("{} is not UTF-8: save it as \"CSV UTF-8\"", list.display()))?;
    match import(&text, &library) {
        Ok(stanzas) => {
            say!("{}", stanzas.trim_end());
            Ok(Outcome::Done)
        }
        Err(problems) if *json => {
            say!("{}", serde_json::json!({ "path": list, "problems": problems }));
            Ok(Outcome::No)
        }
        Err(problems) => {
            let noun = if problems.len() == 1 { "problem" } else { "problems" };
            eprintln!("{}: {} {noun}", list.display(), problems.len());
            problems.iter().for_each(|problem| eprintln!("{problem}"));
            Ok(Outcome::No)
        }
    }
}
