//! `hallward scan LINE`: finds out what is on a line and what is wrong with its wires. `logic::scan` decides what to
//! ask and what it means; this file carries the questions, over the running service where it owns the line.

use std::{io::IsTerminal, ops::RangeInclusive, path::PathBuf};

use anyhow::{Context, bail};
use hallward_profiles::{Library, Parity};
use hallward_site::{Baud, Certificates, Endpoint, Serial, Transport};
use serde_json::json;

use super::{
    Outcome, load, own,
    service::{Service, unexpected},
};
use crate::{
    app::{
        control::{Answer, LineAnswer, Request, STRANGER_WAIT},
        tools,
    },
    logic::{
        scan::{Heard, Place, Report, Scan, Setting, stanzas},
        timing::Timing,
    },
};

/// So many questions between two signs of life, where nobody watches a terminal.
const SIGN_OF_LIFE: usize = 50;

/// Find out what is on a line.
#[derive(clap::Args)]
#[command(
    after_help = "Examples:\n  hallward scan sensors\n  hallward scan /dev/ttyUSB0 --units 1-32 --write\n  \
                        hallward scan 10.0.5.41:502 --mode rtu-over-tcp --baud 9600"
)]
pub(super) struct Arguments {
    /// The line's id in the site file; or a serial port, or host:port.
    line: String,
    /// Unit ids to ask.
    #[arg(long, default_value = "1-247", value_parser = units)]
    units: RangeInclusive<u8>,
    /// What is spoken over a line that is on no site file [default: rtu for a port, tcp for host:port].
    #[arg(long)]
    mode: Option<Mode>,
    /// Speed of a serial line; without it, the usual speeds and parities are tried at a port.
    #[arg(long, value_parser = baud)]
    baud: Option<Baud>,
    /// Parity of a serial port, with --baud.
    #[arg(long, requires = "baud")]
    parity: Option<ParityName>,
    /// Certificates to trust, for --mode tls.
    #[arg(long)]
    ca_file: Option<PathBuf>,
    /// Print the stanzas of a site file that follow; no file is written.
    #[arg(long)]
    write: bool,
    #[command(flatten)]
    place: own::Where,
    /// Print JSON.
    #[arg(long, conflicts_with = "write")]
    json: bool,
}

#[derive(Clone, Copy, PartialEq, Eq, clap::ValueEnum)]
enum Mode {
    Tcp,
    Rtu,
    RtuOverTcp,
    Tls,
}

#[derive(Clone, Copy, clap::ValueEnum)]
enum ParityName {
    None,
    Even,
    Odd,
}

/// `1-247`, or one id.
fn units(text: &str) -> Result<RangeInclusive<u8>, String> {
    let (first, last) = text.split_once('-').unwrap_or((text, text));
    let id = |text: &str| text.trim().parse::<u8>().ok();
    let range = id(first).zip(id(last)).filter(|(first, last)| first <= last);
    range.map(|(first, last)| first..=last).ok_or_else(|| "write 1-247, or one id from 0 to 255".to_owned())
}

fn baud(text: &str) -> Result<Baud, String> {
    text.parse().ok().and_then(Baud::new).ok_or_else(|| "1200 to 921600, such as 9600".to_owned())
}

pub(super) fn run(arguments: &Arguments) -> anyhow::Result<Outcome> {
    let library = load::library(&arguments.place.profiles)?;
    let service = arguments.place.service();
    let request = Request::Line { line: arguments.line.clone() };
    let bare = bare(arguments)?;
    match service.ask_if_running(&request)? {
        Some(Answer::Line(line)) => {
            let report = by_service(arguments, &service, &line, &library)?;
            tell(arguments, &report, &Place::Known(&line.id), &line.units, &library)
        }
        Some(Answer::NoLine(what)) if bare.is_none() => bail!(what),
        Some(Answer::NoLine(_)) | None => alone(arguments, bare, &library),
        Some(other) => Err(unexpected(other)),
    }
}

/// The port or endpoint, where LINE is one and no id.
fn bare(arguments: &Arguments) -> anyhow::Result<Option<Transport>> {
    let (line, mode) = (arguments.line.as_str(), arguments.mode);
    let baud = arguments.baud.unwrap_or(Baud::USUAL);
    if line.starts_with('/') {
        if mode.is_some_and(|mode| mode != Mode::Rtu) {
            bail!("a serial port speaks --mode rtu");
        }
        let parity = arguments.parity.map_or(Parity::None, ParityName::parity);
        let serial = Serial { path: line.into(), baud, parity, stop_bits: 1, rs485: false };
        return Ok(Some(Transport::Serial(serial)));
    }
    let Some((host, port)) = line.rsplit_once(':') else {
        if mode.is_some() {
            bail!("--mode is for a port or host:port; a line of the site file has its own");
        }
        return Ok(None);
    };
    let port = port.parse().with_context(|| format!("`{line}`: write host:port, such as 10.0.5.41:502"))?;
    let host = host.trim_start_matches('[').trim_end_matches(']').to_owned();
    let endpoint = Endpoint { host, port };
    Ok(Some(match mode.unwrap_or(Mode::Tcp) {
        Mode::Tcp => Transport::Tcp(endpoint),
        Mode::RtuOverTcp => Transport::RtuOverTcp(endpoint, baud),
        Mode::Rtu => bail!("an endpoint speaks --mode tcp, rtu-over-tcp or tls"),
        Mode::Tls => {
            let ca_file =
                arguments.ca_file.clone().context("whose certificate is to be trusted? --ca-file FILE")?;
            Transport::Tls(endpoint, Certificates { ca_file, own: None })
        }
    }))
}

impl ParityName {
    fn parity(self) -> Parity {
        match self {
            Self::None => Parity::None,
            Self::Even => Parity::Even,
            Self::Odd => Parity::Odd,
        }
    }
}

fn by_service(
    arguments: &Arguments,
    service: &Service,
    line: &LineAnswer,
    library: &Library,
) -> anyhow::Result<Report> {
    eprintln!(
        "The service owns line `{}` ({}): unit ids are swept at its own settings, between its polls.",
        line.id, line.transport
    );
    let timing = line.baud.and_then(Baud::new).map_or_else(Timing::tcp, Timing::at);
    let mut scan = Scan::new(Vec::new(), arguments.units.clone(), profiles(library), timing);
    let mut progress = Progress::default();
    while let Some(next) = scan.ask() {
        progress.show(&scan);
        let request = Request::Ask { line: line.id.clone(), unit: next.unit, question: next.question };
        let answer = service.ask(&request)?;
        let Answer::Heard { heard, echoed } = answer else { return Err(unexpected(answer)) };
        scan.hear(heard, echoed);
    }
    progress.end();
    Ok(scan.conclude())
}

/// Opens the line by itself: one of the site file, or a bare port or endpoint.
fn alone(arguments: &Arguments, bare: Option<Transport>, library: &Library) -> anyhow::Result<Outcome> {
    let (transport, known) = match bare {
        Some(transport) => (transport, None),
        None => {
            let plant = arguments.place.plant()?;
            let found = tools::find_line(&plant.site, &arguments.line);
            let (n, line) = found.with_context(|| {
                let ids: Vec<_> = plant.site.lines.iter().map(|line| line.id.as_str()).collect();
                format!(
                    "there is no line `{}` in the site file; there are: {}",
                    arguments.line,
                    ids.join(", ")
                )
            })?;
            let devices = plant.site.devices.iter().filter(|device| device.line == n);
            let units = devices.map(|device| (device.unit, device.id.to_string())).collect::<Vec<_>>();
            (line.transport.clone(), Some((line.id.to_string(), units)))
        }
    };
    let report = own::runtime()?.block_on(sweep(arguments, &transport, library))?;
    match &known {
        Some((id, units)) => tell(arguments, &report, &Place::Known(id), units, library),
        None => tell(arguments, &report, &Place::New(&transport), &[], library),
    }
}

/// What a serial port is tried with: what was given or the site file has, then what is usual.
fn settings(arguments: &Arguments, transport: &Transport) -> Vec<Setting> {
    let Transport::Serial(serial) = transport else { return Vec::new() };
    let parity = arguments.parity.map_or(serial.parity, ParityName::parity);
    if let Some(baud) = arguments.baud {
        return vec![Setting { baud, parity }];
    }
    let own = Setting { baud: serial.baud, parity };
    let others = Setting::usual().into_iter().filter(|setting| *setting != own);
    std::iter::once(own).chain(others).collect()
}

async fn sweep(arguments: &Arguments, transport: &Transport, library: &Library) -> anyhow::Result<Report> {
    let settings = settings(arguments, transport);
    let timing = Timing::of(transport);
    let mut scan = Scan::new(settings, arguments.units.clone(), profiles(library), timing);
    let mut progress = Progress::default();
    let clock = own::clock();
    let mut direct = own::open(transport, clock.clone())?;
    let mut now = None;
    let mut first = true;
    while let Some(next) = scan.ask() {
        progress.show(&scan);
        if let (Some(setting), Transport::Serial(serial)) =
            (next.setting.filter(|_| next.setting != now), transport)
        {
            let serial = Serial { baud: setting.baud, parity: setting.parity, ..serial.clone() };
            // The old one lets go of the port before the new one takes it.
            drop(direct);
            direct = own::open(&Transport::Serial(serial), clock.clone())?;
            now = next.setting;
        }
        let counters = std::sync::Arc::clone(direct.counters());
        let asked = tools::ask_heard(&mut direct, &counters, next.unit, STRANGER_WAIT, next.question);
        let (heard, echoed) = asked.await;
        if let (Heard::Down(why), true) = (&heard, first) {
            return Err(own::unopened(transport, why));
        }
        first = false;
        scan.hear(heard, echoed);
    }
    progress.end();
    Ok(scan.conclude())
}

fn profiles(library: &Library) -> Vec<std::sync::Arc<hallward_profiles::Profile>> {
    library.iter().cloned().collect()
}

/// Says on standard error how far the scan is.
#[derive(Default)]
struct Progress {
    shown: usize,
}

impl Progress {
    fn show(&mut self, scan: &Scan) {
        if std::io::stderr().is_terminal() {
            eprint!("\r\x1b[K{scan}");
        } else if self.shown.is_multiple_of(SIGN_OF_LIFE) {
            eprintln!("{scan}");
        }
        self.shown += 1;
    }

    fn end(&self) {
        if std::io::stderr().is_terminal() {
            eprint!("\r\x1b[K");
        }
        eprintln!("{} questions asked.", self.shown);
    }
}

fn tell(
    arguments: &Arguments,
    report: &Report,
    place: &Place<'_>,
    known: &[(u8, String)],
    library: &Library,
) -> anyhow::Result<Outcome> {
    let outcome = if report.units.is_empty() { Outcome::No } else { Outcome::Done };
    if arguments.json {
        say!("{}", as_json(report, known));
        return Ok(outcome);
    }
    if let Some(setting) = report.setting {
        eprintln!("Units answer at {setting}.");
    }
    for fault in &report.faults {
        eprintln!("{fault}.");
    }
    if arguments.write {
        say!("{}", stanzas(report, place, library).trim_end());
        return Ok(outcome);
    }
    for found in &report.units {
        let device = known.iter().find(|(unit, _)| *unit == found.unit).map(|(_, id)| format!(" ({id})"));
        say!("unit {}{}", found.unit, device.unwrap_or_default());
        if !found.identity.is_empty() {
            let texts: Vec<_> = found.identity.iter().map(|(_, text)| text.as_str()).collect();
            say!("  calls itself {}", texts.join(", "));
        }
        if found.candidates.is_empty() {
            say!("  answers, and no profile fits it: `hallward profile list`, or write one of your own");
        }
        for (n, candidate) in found.candidates.iter().enumerate() {
            let word = match (candidate.certain, n) {
                (true, _) => "is",
                (false, 0) => "likely",
                (false, _) => "or",
            };
            say!("  {word:<6} {:<28} {}", candidate.profile.as_str(), candidate.why);
        }
    }
    Ok(outcome)
}

fn as_json(report: &Report, known: &[(u8, String)]) -> serde_json::Value {
    let units = report.units.iter().map(|found| {
        let candidates = found.candidates.iter().map(|candidate| {
            json!({
                "profile": candidate.profile, "certain": candidate.certain,
                "believable_percent": candidate.believable_percent, "why": candidate.why,
            })
        });
        let device = known.iter().find(|(unit, _)| *unit == found.unit).map(|(_, id)| id);
        let identity: Vec<_> = found.identity.iter().map(|(_, text)| text).collect();
        json!({
            "unit": found.unit, "device": device, "identity": identity,
            "candidates": candidates.collect::<Vec<_>>(),
        })
    });
    json!({
        "setting": report.setting.map(|setting| setting.to_string()),
        "units": units.collect::<Vec<_>>(),
        "faults": report.faults.iter().map(ToString::to_string).collect::<Vec<_>>(),
    })
}
