//! The stanzas of a site file that follow from a scan, for a person to paste: the program never writes the file.

use std::fmt::Arguments;

use hallward_profiles::{Library, Parity};
use hallward_site::Transport;

use super::{Report, Setting};

/// Which line was scanned.
#[derive(Clone, Debug)]
pub enum Place<'l> {
    /// One that the site file has already: by its id.
    Known(&'l str),
    /// Another.
    New(&'l Transport),
}

/// The `[[line]]`, unless the site file has it, and a `[[device]]` for each unit.
#[must_use]
pub fn stanzas(report: &Report, place: &Place<'_>, library: &Library) -> String {
    let mut text = String::new();
    let line = match place {
        Place::Known(id) => (*id).to_owned(),
        Place::New(transport) => {
            text.push_str(&line(transport, report.setting));
            "line-1".to_owned()
        }
    };
    for found in &report.units {
        let best = found.candidates.first();
        let Some((best, profile)) =
            best.and_then(|best| library.get(best.profile.as_str()).map(|p| (best, p)))
        else {
            put(
                &mut text,
                format_args!(
                    "\n# unit {} answers, and no profile fits it: write one of your own",
                    found.unit
                ),
            );
            continue;
        };
        let id = format!("{}-{}", profile.class.as_str(), found.unit);
        put(&mut text, format_args!("\n# {}: {}", profile.name, best.why.replace('\n', " ")));
        for other in found.candidates.iter().skip(1) {
            put(
                &mut text,
                format_args!("# or profile = \"{}\": {}", other.profile, other.why.replace('\n', " ")),
            );
        }
        put(&mut text, format_args!("[[device]]\nid = \"{id}\"\nline = \"{line}\"\nunit = {}", found.unit));
        put(&mut text, format_args!("profile = \"{}\"", best.profile));
    }
    text
}

fn line(transport: &Transport, found: Option<Setting>) -> String {
    let mut text = "[[line]]\nid = \"line-1\"\n".to_owned();
    match transport {
        Transport::Tcp(endpoint) => put(&mut text, format_args!("tcp = \"{endpoint}\"")),
        Transport::Tls(endpoint, certificates) => {
            let ca_file = certificates.ca_file.display().to_string();
            put(&mut text, format_args!("tcp = \"{endpoint}\"\nmode = \"tls\"\nca_file = {ca_file:?}"));
            if let Some((certificate, key)) = &certificates.own {
                let (certificate, key) = (certificate.display().to_string(), key.display().to_string());
                put(&mut text, format_args!("certificate_file = {certificate:?}\nkey_file = {key:?}"));
            }
        }
        Transport::RtuOverTcp(endpoint, baud) => {
            put(
                &mut text,
                format_args!("tcp = \"{endpoint}\"\nmode = \"rtu-over-tcp\"\nbaud = {}", baud.get()),
            );
        }
        Transport::Serial(serial) => {
            let setting = found.unwrap_or(Setting { baud: serial.baud, parity: serial.parity });
            let parity = match setting.parity {
                Parity::None => "none",
                Parity::Even => "even",
                Parity::Odd => "odd",
            };
            let path = serial.path.display().to_string();
            let baud = setting.baud.get();
            put(&mut text, format_args!("serial = {path:?}\nbaud = {baud}\nparity = \"{parity}\""));
            if serial.stop_bits != 1 {
                put(&mut text, format_args!("stop_bits = {}", serial.stop_bits));
            }
            if serial.rs485 {
                put(&mut text, format_args!("rs485 = true"));
            }
        }
    }
    text
}

fn put(text: &mut String, line: Arguments<'_>) {
    text.push_str(&line.to_string());
    text.push('\n');
}
