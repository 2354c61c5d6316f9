//! `hallward check FILE`: prints every problem of a site file, with its line and what would be right.

use std::path::PathBuf;

use hallward_site::{Web, WebCertificate};

use super::{Outcome, load};
use crate::{
    logic::{capacity, wiring},
    model::Plant,
    tls::server::Files,
};

/// Check a site file.
#[derive(clap::Args)]
#[command(after_help = "Example:\n  hallward check /etc/hallward/site.toml")]
pub(super) struct Arguments {
    /// The site file.
    file: PathBuf,
    /// Folder of the site's own device profiles.
    #[arg(long, default_value = load::PROFILES)]
    profiles: PathBuf,
    /// Print JSON.
    #[arg(long)]
    json: bool,
}

pub(super) fn run(arguments: &Arguments) -> anyhow::Result<Outcome> {
    let library = load::library(&arguments.profiles)?;
    match load::site(&arguments.file, &library)? {
        Err(problems) if arguments.json => {
            say!("{}", serde_json::to_string(&problems)?);
            Ok(Outcome::No)
        }
        Err(problems) => {
            eprintln!("{}", load::show(&[problems]));
            Ok(Outcome::No)
        }
        Ok(site) if arguments.json => {
            let plant = Plant::new(site, false);
            let lines = plant.site.lines.iter().zip(capacity::loads(&plant)).map(|(line, load)| {
                let percent = (load.share * 1000.0).round() / 10.0;
                serde_json::json!({
                    "line": line.id,
                    "load_percent": percent,
                    "longest_exchange_ms": load.longest.as_millis(),
                })
            });
            let lines: Vec<_> = lines.collect();
            let warnings = wiring::dangers(&plant.site);
            let devices = plant.site.devices.len();
            say!(
                "{}",
                serde_json::json!({
                    "path": arguments.file, "problems": [], "devices": devices, "lines": lines, "warnings": warnings,
                    "listens": [page(&plant.site.web)],
                })
            );
            Ok(Outcome::Done)
        }
        Ok(site) => {
            let points: usize = site.devices.iter().map(|device| device.map.points.len()).sum();
            say!("{}: sound", arguments.file.display());
            say!("{} lines, {} devices, {points} points", site.lines.len(), site.devices.len());
            let over = if site.web.certificate.is_some() { "TLS 1.2 or 1.3" } else { "loopback only" };
            say!("Listens on {} ({over})", page(&site.web));
            if let Some(own) = &site.web.certificate {
                say!("{}", certificate(own));
            }
            if let Some(mqtt) = &site.mqtt {
                let scheme = if mqtt.tls { "mqtts" } else { "mqtt" };
                say!("Sends to {scheme}://{}:{}", mqtt.host, mqtt.port);
            }
            let plant = Plant::new(site, false);
            for (line, load) in plant.site.lines.iter().zip(capacity::loads(&plant)) {
                say!(
                    "line {} carries {:.0} % of what it can; its longest exchange takes {} ms",
                    line.id,
                    load.share * 100.0,
                    load.longest.as_millis()
                );
            }
            for warning in wiring::dangers(&plant.site) {
                say!("Beware: {warning}");
            }
            for device in &plant.site.devices {
                for (point, why) in &device.profile.lacks {
                    say!("{}: {point} is not measured: {why}", device.id);
                }
            }
            Ok(Outcome::Done)
        }
    }
}

/// Where the pages are.
fn page(web: &Web) -> String {
    let scheme = if web.certificate.is_some() { "https" } else { "http" };
    format!("{scheme}://{}", web.listen)
}

/// What its files hold here; where the file is checked, the certificate may well be missing.
fn certificate(own: &WebCertificate) -> String {
    let files = Files { certificate: own.certificate.clone(), key: own.key.clone() };
    match files.read().and_then(|contents| files.server(&contents)) {
        Ok(server) => format!("Its certificate has the SHA-256 fingerprint {}", server.fingerprint),
        Err(error) => format!("Its certificate cannot be used by you here: {error}"),
    }
}
