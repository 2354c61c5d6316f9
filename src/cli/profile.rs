//! `hallward profile list|show|check`: what the program knows of devices.

use std::path::PathBuf;

use anyhow::{Context, anyhow};
use clap::Subcommand;
use hallward_profiles::{Area, Profile};

use super::{Outcome, load};

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
    /// All points of a profile, its sources and what must be verified on the unit.
    Show {
        /// The profile's id.
        profile: String,
    },
    /// Check a profile file and print every problem in it.
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
                    say!("{}", summary(profile));
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
            show(found, arguments.json)
        }
    }
}

fn summary(profile: &Profile) -> serde_json::Value {
    serde_json::json!({
        "id": profile.id, "name": profile.name, "vendor": profile.vendor, "class": profile.class,
        "confidence": profile.confidence, "sources": profile.sources, "verify": profile.verify,
        "lacks": profile.lacks,
    })
}

fn check(file: &PathBuf, json: bool) -> anyhow::Result<Outcome> {
    let text = std::fs::read_to_string(file).with_context(|| format!("{} cannot be read", file.display()))?;
    match Profile::parse(&file.display().to_string(), &text) {
        Ok(profile) => {
            if json {
                say!("{}", serde_json::json!({ "path": file, "problems": [], "id": profile.id }));
            } else {
                say!("{}: sound ({})", file.display(), profile.id);
            }
            Ok(Outcome::Done)
        }
        Err(problems) => {
            if json {
                say!("{}", serde_json::to_string(&problems)?);
            } else {
                eprintln!("{}", load::show(&[problems]));
            }
            Ok(Outcome::No)
        }
    }
}

fn show(profile: &Profile, json: bool) -> anyhow::Result<Outcome> {
    if json {
        say!("{}", summary(profile));
        return Ok(Outcome::Done);
    }
    say!("{} — {} ({})", profile.id, profile.name, profile.vendor);
    say!("class {}, confidence {:?}", profile.class.as_str(), profile.confidence);
    let list = |title: &str, lines: &[String]| {
        if !lines.is_empty() {
            say!("\n{title}");
            lines.iter().for_each(|line| say!("  {line}"));
        }
    };
    list("Sources", &profile.sources);
    list("Verify on the unit", &profile.verify);
    let lacks: Vec<_> = profile.lacks.iter().map(|(point, why)| format!("{point}: {why}")).collect();
    list("Does not measure", &lacks);
    let options: Vec<_> = profile.options.iter().map(|(name, value)| format!("{name} = {value}")).collect();
    list("Options", &options);
    let map = profile.map(&profile.options).map_err(|what| anyhow!(what))?;
    let points = map.points.iter().map(|point| {
        let area = match point.area {
            Area::Coil => "coil",
            Area::Discrete => "discrete",
            Area::Holding => "holding",
            Area::Input => "input",
        };
        let address = point.addresses.iter().min().copied().unwrap_or_default();
        let unit = point.unit.map_or("", |unit| unit.symbol());
        format!("{:<34} {area:<8} {address:>5}  {unit:<4} {}", point.name, point.label(false))
    });
    list("Points", &points.collect::<Vec<_>>());
    let derived = map.derived.iter().map(|derived| format!("{:<34} {}", derived.name, derived.label(false)));
    list("Worked out from them", &derived.collect::<Vec<_>>());
    Ok(Outcome::Done)
}
