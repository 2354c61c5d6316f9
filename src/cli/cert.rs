//! `hallward cert self-signed`: a certificate for the pages, for a start; as two files that nothing else makes or
//! replaces.

use std::{
    fs::{self, File, OpenOptions},
    io::{self, ErrorKind, Write},
    net::{IpAddr, SocketAddr},
    os::unix::fs::OpenOptionsExt,
    path::{Path, PathBuf},
};

use anyhow::{Context, anyhow};
use chrono::{DateTime, Datelike, Days, Utc};
use clap::Subcommand;

use super::Outcome;
use crate::{
    app::SystemClock,
    model::Clock,
    tls::self_signed::{Day, Made, make},
};

/// The longest time of validity, days.
const MOST_DAYS: u64 = 3650;

/// The longest host name.
const LONGEST_NAME: usize = 253;

/// Make a certificate for the pages.
#[derive(clap::Args)]
#[command(
    after_help = "Example:\n  hallward cert self-signed --name hall-1.example --name 10.0.0.5 --out /etc/hallward/tls"
)]
pub(super) struct Arguments {
    #[command(subcommand)]
    what: What,
}

#[derive(Subcommand)]
enum What {
    /// Make a key and a certificate that only itself has signed, until you have one of an authority.
    #[command(
        after_help = "Example:\n  hallward cert self-signed --name hall-1.example --name 10.0.0.5 --out /etc/hallward/tls\n\n\
                      Writes certificate.pem and key.pem, never over others. Browsers warn of such a certificate:\n\
                      compare the fingerprint that they show with the one printed here."
    )]
    SelfSigned {
        /// A host name or address under which the pages will be called; may be given several times.
        #[arg(long = "name", required = true, value_name = "HOST|IP", value_parser = name)]
        names: Vec<String>,
        /// The folder for both files; made if it is not there.
        #[arg(long, value_name = "DIR")]
        out: PathBuf,
        /// Days that it is valid for.
        #[arg(long, default_value_t = 397, value_parser = clap::value_parser!(u64).range(1..=MOST_DAYS))]
        days: u64,
        /// Print JSON.
        #[arg(long)]
        json: bool,
    },
}

pub(super) fn run(arguments: &Arguments) -> anyhow::Result<Outcome> {
    let What::SelfSigned { names, out, days, json } = &arguments.what;
    let now = SystemClock::start().now().wall.utc();
    // From the day before on: clocks differ, and days begin elsewhere first.
    let from = now.checked_sub_days(Days::new(1)).context("no such day")?;
    let until = now.checked_add_days(Days::new(*days)).context("no such day")?;
    let made = make(names, day(from)?, day(until)?)
        .map_err(|error| anyhow!("no certificate can be made for {}: {error}", names.join(", ")))?;
    let (certificate, key) = write(out, &made)?;
    let until = until.format("%Y-%m-%d").to_string();
    if *json {
        say!(
            "{}",
            serde_json::json!({
                "certificate": certificate, "key": key, "names": names, "sha256": made.fingerprint,
                "valid_until": until,
            })
        );
        return Ok(Outcome::Done);
    }
    say!("{}: valid until {until} for {}", certificate.display(), names.join(", "));
    say!(
        "{}: its key; only the user who made it may read it, and the service must be able to",
        key.display()
    );
    say!("SHA-256 fingerprint: {}\n\nFor the site file:\n", made.fingerprint);
    say!("[web]\nlisten = \"{}\"", listen(names));
    say!("certificate = {}\nkey = {}", quoted(&certificate), quoted(&key));
    Ok(Outcome::Done)
}

/// A host name or an address, as certificates carry it.
fn name(text: &str) -> Result<String, String> {
    let sound = |label: &str| {
        let inner = |c: char| c.is_ascii_alphanumeric() || c == '-' || c == '_';
        !label.is_empty() && label.len() <= 63 && label.chars().all(inner)
    };
    let host = text.strip_prefix("*.").unwrap_or(text);
    let is_host = text.len() <= LONGEST_NAME && host.split('.').all(sound);
    let is_number = host.split('.').all(|label| label.chars().all(|c| c.is_ascii_digit()));
    if text.parse::<IpAddr>().is_ok() || (is_host && !is_number) {
        return Ok(text.to_owned());
    }
    Err("a host name such as hall-1.example, or an address such as 10.0.0.5".to_owned())
}

fn day(time: DateTime<Utc>) -> anyhow::Result<Day> {
    Ok((time.year(), u8::try_from(time.month())?, u8::try_from(time.day())?))
}

/// Writes both files, or neither; their whole paths.
fn write(folder: &Path, made: &Made) -> anyhow::Result<(PathBuf, PathBuf)> {
    let shown = folder.display();
    fs::create_dir_all(folder).with_context(|| format!("{shown} cannot be made"))?;
    let folder = fs::canonicalize(folder).with_context(|| format!("{shown} cannot be read"))?;
    let (certificate, key) = (folder.join("certificate.pem"), folder.join("key.pem"));
    if certificate.exists() {
        return Err(there_already(&certificate));
    }
    create(&key, 0o600, &made.key)?;
    if let Err(error) = create(&certificate, 0o644, &made.certificate) {
        // A key without its certificate would stand in the way of the next try.
        drop(fs::remove_file(&key));
        return Err(error);
    }
    Ok((certificate, key))
}

fn create(path: &Path, mode: u32, text: &str) -> anyhow::Result<()> {
    let opened = OpenOptions::new().write(true).create_new(true).mode(mode).open(path);
    let mut file: File = opened.map_err(|error| {
        if error.kind() == ErrorKind::AlreadyExists { there_already(path) } else { cannot(path, &error) }
    })?;
    file.write_all(text.as_bytes()).and_then(|()| file.sync_all()).map_err(|error| cannot(path, &error))
}

fn there_already(path: &Path) -> anyhow::Error {
    anyhow!("{} is there already, and is not overwritten: move it away first", path.display())
}

fn cannot(path: &Path, error: &io::Error) -> anyhow::Error {
    anyhow!("{} cannot be written: {error}", path.display())
}

/// Where to listen: at the first address that was named, else on all of them.
fn listen(names: &[String]) -> SocketAddr {
    let address = names.iter().find_map(|name| name.parse::<IpAddr>().ok());
    SocketAddr::new(address.unwrap_or(IpAddr::from([0, 0, 0, 0])), 8443)
}

/// As a string of TOML.
fn quoted(path: &Path) -> String {
    toml::Value::String(path.to_string_lossy().into_owned()).to_string()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names_are_hosts_or_addresses() {
        for sound in
            ["hall-1", "hall-1.example", "*.hall.example", "10.0.0.5", "fd00::5", "localhost", "3com.com"]
        {
            assert_eq!(name(sound).as_deref(), Ok(sound));
        }
        let long = "a".repeat(64);
        for wrong in [
            "",
            ".",
            "hall example",
            "https://hall",
            "hall:8443",
            "10.0.0",
            "10.0.0.256",
            "a..b",
            "*",
            "*.",
            &long,
        ] {
            assert!(name(wrong).is_err(), "{wrong}");
        }
    }

    #[test]
    fn the_first_address_is_where_to_listen() {
        let listen = |names: &[&str]| {
            listen(&names.iter().map(|name| (*name).to_owned()).collect::<Vec<_>>()).to_string()
        };
        assert_eq!(listen(&["hall.example"]), "0.0.0.0:8443");
        assert_eq!(listen(&["hall.example", "10.0.0.5", "10.0.0.6"]), "10.0.0.5:8443");
        assert_eq!(listen(&["fd00::5"]), "[fd00::5]:8443");
    }
}
