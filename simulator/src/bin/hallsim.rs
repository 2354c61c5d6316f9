//! `hallsim`: the simulated hall alone, on loopback ports.

use std::{
    collections::BTreeMap,
    fs,
    io::{self, IsTerminal, Write},
    net::{IpAddr, Ipv4Addr, SocketAddr},
    path::{Path, PathBuf},
    process::ExitCode,
};

use clap::Parser;
use hallward_profiles::{Id, Library, Problems};
use hallward_simulator::{DEMO_SITE, Error, Hall, Options, Scenario, Script, Simulator};
use hallward_site::{Endpoint, Site, Transport};
use serde_json::{Value, json};
use tokio::signal::unix::{SignalKind, signal};
use tracing_subscriber::{
    filter::{LevelFilter, Targets},
    fmt,
    layer::SubscriberExt,
    util::SubscriberInitExt,
};

/// Where the control API listens, if it is free.
const USUAL_CONTROL: SocketAddr = SocketAddr::new(IpAddr::V4(Ipv4Addr::LOCALHOST), 8090);

/// The simulated hall: physics behind real register maps, served over Modbus on loopback ports
/// and pseudo terminals.
///
/// When it is ready it prints one JSON line with its addresses on standard output. It ends with Ctrl-C.
#[derive(Debug, Parser)]
#[command(
    name = "hallsim",
    version,
    after_help = "Example: hallsim --control 127.0.0.1:8090 --speed 10\n         \
                  curl -X POST http://127.0.0.1:8090/scenarios/mains-failure\n         \
                  hallsim --scenarios my-scenarios/ --scenario my-worst-day --speed 60"
)]
struct Arguments {
    /// The hall's site file; the demo's hall without one
    #[arg(long, value_name = "FILE")]
    site: Option<PathBuf>,
    /// Where the control API listens [default: 127.0.0.1:8090, or a free port if that is taken]
    #[arg(long, value_name = "ADDR")]
    control: Option<SocketAddr>,
    /// Seed of everything random, in place of the site file's
    #[arg(long, value_name = "N")]
    seed: Option<u64>,
    /// How much faster than real time, 0 to 1000; at 0 time stands still
    #[arg(long, value_name = "N", default_value_t = 1.0)]
    speed: f64,
    /// Start this scenario as soon as all is ready
    #[arg(long, value_name = "NAME")]
    scenario: Option<String>,
    /// Folder of scenarios of your own: one in each .toml file
    #[arg(long, value_name = "DIR")]
    scenarios: Option<PathBuf>,
    /// List the scenarios, one a line, and end
    #[arg(long)]
    list: bool,
}

#[tokio::main]
async fn main() -> ExitCode {
    let arguments = Arguments::parse();
    // A reader in install mode is as the site file wants it, and no reason to warn.
    let wanted = Targets::new().with_default(LevelFilter::WARN).with_target("libosdp", LevelFilter::ERROR);
    tracing_subscriber::registry().with(fmt::layer().with_writer(io::stderr)).with(wanted).init();
    let own = arguments.scenarios.as_deref().map_or(Ok(Vec::new()), Script::of_folder);
    let done = match own {
        Ok(own) if arguments.list => list(&own),
        Ok(own) => run(arguments, own).await,
        Err(message) => Err(message),
    };
    match done {
        Ok(()) => ExitCode::SUCCESS,
        Err(message) => {
            eprintln!("hallsim: {message}");
            ExitCode::from(2)
        }
    }
}

fn list(own: &[Script]) -> Result<(), String> {
    let names =
        Scenario::ALL.iter().map(ToString::to_string).chain(own.iter().map(|one| one.name.to_string()));
    let lines: String = names.map(|name| format!("{name}\n")).collect();
    io::stdout().write_all(lines.as_bytes()).map_err(|error| error.to_string())
}

/// Keeps the scenarios and starts the one that is wanted.
fn set_stage(hall: &Hall, own: Vec<Script>, wanted: Option<&str>) -> Result<(), String> {
    for script in own {
        hall.add_scenario(script).map_err(|error| error.to_string())?;
    }
    let Some(wanted) = wanted else { return Ok(()) };
    let found = hall.script(wanted)?;
    hall.play(&found).map(drop).map_err(|error| error.to_string())
}

async fn run(arguments: Arguments, own: Vec<Script>) -> Result<(), String> {
    let mut site = read_site(arguments.site.as_deref())?;
    site.simulation.seed = arguments.seed.unwrap_or(site.simulation.seed);
    let lines = loopback_lines(&site);
    let control = arguments.control.unwrap_or(USUAL_CONTROL);
    let options =
        Options { site, control, lines, client_certificates: false, speed: arguments.speed, gateway: None };
    let simulator = match Simulator::start(options.clone()).await {
        Err(Error::Listen { address, .. }) if arguments.control.is_none() && address == USUAL_CONTROL => {
            let control = SocketAddr::from((Ipv4Addr::LOCALHOST, 0));
            Simulator::start(Options { control, ..options }).await
        }
        started => started,
    };
    let simulator = simulator.map_err(|error| error.to_string())?;
    set_stage(simulator.hall(), own, arguments.scenario.as_deref())?;
    // Heard from now on: who reads that it is ready may interrupt it at once.
    let mut interrupt = signal(SignalKind::interrupt()).map_err(|error| error.to_string())?;
    eprintln!("SIMULATED hall; page and control at http://{}/, Ctrl-C ends it", simulator.control_address());
    let ready = ready(&simulator);
    let mut output = io::stdout();
    writeln!(output, "{ready}").and_then(|()| output.flush()).map_err(|error| error.to_string())?;
    interrupt.recv().await;
    simulator.shutdown().await;
    Ok(())
}

/// Where everything is; `ca_file` says whom to trust on lines with TLS.
fn ready(simulator: &Simulator) -> Value {
    let lines = simulator.lines();
    let shown: BTreeMap<&Id, String> = lines.iter().map(|(id, at)| (id, at.to_string())).collect();
    let mut ready = json!({ "control": simulator.control_address(), "lines": shown });
    let ca_file = lines.values().find_map(|at| match at {
        Transport::Tls(_, certificates) => Some(&certificates.ca_file),
        Transport::Tcp(_) | Transport::RtuOverTcp(..) | Transport::Serial(_) => None,
    });
    if let (Some(ca_file), Some(ready)) = (ca_file, ready.as_object_mut()) {
        ready.insert("ca_file".to_owned(), json!(ca_file));
    }
    ready
}

fn read_site(path: Option<&Path>) -> Result<Site, String> {
    let told = |problems: &Problems| {
        let shown = if io::stderr().is_terminal() { problems.coloured() } else { problems.to_string() };
        format!("the file is not right\n{shown}")
    };
    let library =
        Library::load(None).map_err(|wrong| wrong.iter().map(told).collect::<Vec<_>>().join("\n"))?;
    let (shown, text) = match path {
        None => ("the demo's site file".to_owned(), DEMO_SITE.to_owned()),
        Some(path) => {
            let shown = path.display().to_string();
            let text = fs::read_to_string(path).map_err(|error| format!("cannot read {shown}: {error}"))?;
            (shown, text)
        }
    };
    Site::parse(&shown, &text, &library).map_err(|problems| told(&problems))
}

/// Lines of the site file that are on this machine keep their addresses; the others get free ports.
fn loopback_lines(site: &Site) -> BTreeMap<Id, SocketAddr> {
    let own = |endpoint: &Endpoint| {
        let host = if endpoint.host == "localhost" { "127.0.0.1" } else { &endpoint.host };
        let address = host.parse::<IpAddr>().ok().filter(IpAddr::is_loopback)?;
        Some(SocketAddr::new(address, endpoint.port))
    };
    site.lines.iter().filter_map(|line| Some((line.id.clone(), own(line.transport.endpoint()?)?))).collect()
}
