//! `hallward demo`: a simulated hall, a broker and the gateway in one process, with nothing else installed.

use std::{
    collections::BTreeMap,
    fs,
    net::SocketAddr,
    path::{Path, PathBuf},
    sync::Arc,
};

use anyhow::{Context, anyhow, bail};
use hallward_profiles::{Class, Id, Library};
use hallward_simulator::{DEMO_SITE, Hall, Script, Simulator, broker};
use hallward_site::{Mqtt, Site};
use tempfile::TempDir;
use tokio::net::TcpListener;
use tracing::level_filters::LevelFilter;

use super::{Outcome, load, program_log, signals};
use crate::{
    app::{
        SystemClock,
        demo::{Demo, Settings, follow_the_sun, let_in, live_days},
    },
    model::{Clock, Role, Wall},
};

/// Days that the demo's own hall has lived before anybody watches.
const USUAL_PAST: u16 = 7;

/// Run a simulated hall, a broker and the gateway.
#[derive(clap::Args)]
#[command(after_help = "Examples:\n  hallward demo\n  hallward demo --scenario mains-failure\n  \
                        hallward demo --site /etc/hallward/site.toml\n  \
                        hallward demo --scenarios my-scenarios/ --scenario my-worst-day --speed 60")]
pub(super) struct Arguments {
    /// A real hall's site file, to run against a simulated twin of every device.
    #[arg(long)]
    site: Option<PathBuf>,
    /// Address of the pages [default: 127.0.0.1:8080, or a free port].
    #[arg(long)]
    http: Option<SocketAddr>,
    /// Address of the broker [default: 127.0.0.1:1883, or a free port].
    #[arg(long)]
    mqtt: Option<SocketAddr>,
    /// Address of the simulator's control [default: 127.0.0.1:8090, or a free port].
    #[arg(long)]
    simulator: Option<SocketAddr>,
    /// Folder of the databases; a new one that goes at the end when absent.
    #[arg(long)]
    data: Option<PathBuf>,
    /// How much faster than the wall time passes, 0 to 1000; at 0 it stands still but for `POST /clock/advance`.
    #[arg(long, value_name = "N", default_value_t = 1.0, value_parser = speed)]
    speed: f64,
    /// Days that the hall has lived before the start, 0 to 90 [default: 7 in a new folder, of the demo's own hall].
    #[arg(long, value_name = "N", value_parser = clap::value_parser!(u16).range(0..=90))]
    past: Option<u16>,
    /// The time at the start, such as 2026-06-01T12:00:00+07:00; now when absent. With it, and a seed, a demo can be
    /// repeated to the byte.
    #[arg(long, value_name = "TIME", value_parser = begins)]
    begins: Option<Wall>,
    /// Seed of everything random, in place of the site file's.
    #[arg(long, value_name = "N")]
    seed: Option<u64>,
    /// A scenario to start with.
    #[arg(long, value_name = "NAME")]
    scenario: Option<String>,
    /// Folder of scenarios of your own: one in each .toml file.
    #[arg(long, value_name = "DIR")]
    scenarios: Option<PathBuf>,
    /// Folder of the site's own device profiles.
    #[arg(long, default_value = load::PROFILES)]
    profiles: PathBuf,
}

pub(super) fn run(arguments: Arguments) -> anyhow::Result<Outcome> {
    let library = load::library(&arguments.profiles)?;
    let site = site(arguments.site.as_deref(), &library)?;
    program_log::start(LevelFilter::WARN);
    let runtime = tokio::runtime::Runtime::new().context("no threads can be started")?;
    runtime.block_on(demo(arguments, site))
}

/// A time of day with its date.
fn begins(text: &str) -> Result<Wall, String> {
    Wall::parse(text).ok_or_else(|| "it must be like 2026-06-01T12:00:00+07:00".to_owned())
}

/// A speed that a demo can have.
fn speed(text: &str) -> Result<f64, String> {
    let speed = text.parse().ok().filter(|speed| (0.0..=1000.0).contains(speed));
    speed.ok_or_else(|| "it must be 0 to 1000".to_owned())
}

fn site(path: Option<&Path>, library: &Library) -> anyhow::Result<Site> {
    let parsed = match path {
        Some(path) => load::site(path, library)?,
        None => Site::parse("the demo's hall", DEMO_SITE, library),
    };
    parsed.map_err(|problems| anyhow!(load::show(&[problems])))
}

/// Binds `given`, or the usual port, or a free one; says which of them is taken.
async fn bind(
    what: &str,
    option: &str,
    given: Option<SocketAddr>,
    usual_port: u16,
) -> anyhow::Result<TcpListener> {
    if let Some(address) = given {
        if !address.ip().is_loopback() {
            bail!(
                "{address} can be reached from other machines: a demo speaks no TLS and stays on 127.0.0.1"
            );
        }
        return TcpListener::bind(address)
            .await
            .with_context(|| format!("{what} cannot use {address}: give another with {option}"));
    }
    match TcpListener::bind(("127.0.0.1", usual_port)).await {
        Ok(listener) => Ok(listener),
        Err(_) => {
            let listener = TcpListener::bind(("127.0.0.1", 0)).await.context("no free port")?;
            eprintln!("Port {usual_port} is taken: {what} is at {} instead.", listener.local_addr()?);
            Ok(listener)
        }
    }
}

async fn demo(arguments: Arguments, mut site: Site) -> anyhow::Result<Outcome> {
    let shutdown = signals::shutdown()?;
    let temporary =
        if arguments.data.is_none() { Some(TempDir::with_prefix("hallward-demo-")?) } else { None };
    let data = arguments.data.clone().or_else(|| temporary.as_ref().map(|folder| folder.path().to_owned()));
    let data = data.context("no data folder")?;
    let is_new = !data.join("core.db").exists();
    fs::create_dir_all(&data).with_context(|| format!("{} cannot be made", data.display()))?;

    let http = bind("the page", "--http", arguments.http, 8080).await?;
    let control_listener = bind("the simulator", "--simulator", arguments.simulator, 8090).await?;
    let broker = start_broker(arguments.mqtt).await?;
    site.simulation.seed = arguments.seed.unwrap_or(site.simulation.seed);
    let hall = Arc::new(Hall::new(site.clone())?);
    let first = set_stage(&hall, arguments.scenarios.as_deref(), arguments.scenario.as_deref())?;
    let now = || arguments.begins.unwrap_or_else(|| SystemClock::start().now().wall);
    let past = arguments.past.unwrap_or(if arguments.site.is_none() && is_new { USUAL_PAST } else { 0 });
    if past > 0 && !is_new {
        bail!("{} has a past already: --past needs a new folder", data.display());
    }
    if past > 0 {
        eprintln!("The hall lives through {past} days first …");
        tokio::select! {
            biased;
            () = shutdown.cancelled() => return Ok(Outcome::Done),
            lived = live_days(&hall, &data, now(), past) => lived?,
        };
    } else {
        follow_the_sun(&hall, now())?;
    }
    if let Some(script) = first {
        hall.play(&script)?;
    }

    let asked = worth_reading(&site);
    let control = control_listener.local_addr()?;
    let settings = Settings {
        data: data.clone(),
        http: Some(http),
        control_socket: Some(data.join("control.sock")),
        mqtt: Some(at(broker)),
        simulator: Some(control),
        begins: now(),
        speed: arguments.speed,
    };
    let demo = Demo::start(Arc::clone(&hall), settings, shutdown).await?;
    let options = hallward_simulator::Options {
        site,
        control,
        lines: BTreeMap::new(),
        client_certificates: false,
        // The demo moves the hall, and the gateway with it.
        speed: 0.0,
        gateway: Some(Arc::new(demo.together())),
    };
    let simulator = Simulator::start_around(hall, options, control_listener).await?;
    let links = let_in(demo.accounts(), &data).await?;
    if let Some(http) = demo.http() {
        greet(http, broker, control, &data, asked.as_ref(), &links);
    }
    demo.pace().await;
    demo.ended().await?;
    simulator.shutdown().await;
    Ok(Outcome::Done)
}

/// Keeps the scenarios of a folder; gives the one that is wanted first.
fn set_stage(hall: &Hall, own: Option<&Path>, wanted: Option<&str>) -> anyhow::Result<Option<Arc<Script>>> {
    for script in own.map_or(Ok(Vec::new()), Script::of_folder).map_err(|said| anyhow!(said))? {
        hall.add_scenario(script)?;
    }
    wanted.map(|name| hall.script(name).map_err(|said| anyhow!(said))).transpose()
}

/// The broker binds for itself, a moment after a port was found for it: should another program have been quicker, the
/// next port is tried.
async fn start_broker(given: Option<SocketAddr>) -> anyhow::Result<SocketAddr> {
    const TRIES: u32 = 5;
    let free = SocketAddr::from(([127, 0, 0, 1], 0));
    let mut address = bind("the broker", "--mqtt", given, 1883).await?.local_addr()?;
    for _ in 1..TRIES {
        match broker::start(address) {
            Ok(address) => return Ok(address),
            Err(_) if given.is_none_or(|given| given.port() == 0) => address = free,
            Err(error) => return Err(error.into()),
        }
    }
    Ok(broker::start(address)?)
}

/// The broker, as a site file has it.
fn at(broker: SocketAddr) -> Mqtt {
    Mqtt {
        host: broker.ip().to_string(),
        port: broker.port(),
        tls: false,
        user: None,
        password_file: None,
        ca_file: None,
    }
}

/// A device to ask first: a UPS if there is one.
fn worth_reading(site: &Site) -> Option<Id> {
    let ups = site.devices.iter().find(|device| device.profile.class == Class::Ups);
    ups.or_else(|| site.devices.first()).map(|device| device.id.clone())
}

/// One JSON line for programs on standard output; text for people on standard error.
fn greet(
    http: SocketAddr,
    mqtt: SocketAddr,
    simulator: SocketAddr,
    data: &Path,
    asked: Option<&Id>,
    links: &[(Role, String)],
) {
    let links = links.iter().map(|(role, secret)| (role.as_str(), format!("http://{http}/link/{secret}")));
    let links: BTreeMap<_, _> = links.collect();
    let (data, line) = (
        data.display(),
        serde_json::json!({
            "http": format!("http://{http}"),
            "mqtt": format!("mqtt://{mqtt}"),
            "simulator": format!("http://{simulator}"),
            "data": data,
            "sign_in": links,
        }),
    );
    say!("{line}");
    // As it was called: a newcomer's is in cargo's folder, not on the path.
    let program = std::env::args().next().unwrap_or_else(|| "hallward".to_owned());
    let entries: String = links.iter().map(|(role, link)| format!("\n  {role:<14} {link}")).collect();
    eprintln!(
        "\nA SIMULATED hall is running. Ctrl-C ends it.\n\n  \
         page       http://{http}\n  \
         broker     mqtt://{mqtt}\n  \
         simulator  http://{simulator}\n\n\
         Sign in by one of these links; each counts once:\n{entries}\n\n\
         Worth trying, in another terminal:\n\n  \
         curl -X POST http://{simulator}/scenarios/mains-failure"
    );
    if let Some(device) = asked {
        let token = format!(r#"$(sed 's/.*"viewer":"\([^"]*\).*/\1/' {data}/demo-tokens.json)"#);
        eprintln!(
            "  curl -H \"Authorization: Bearer {token}\" 'http://{http}/api/v1/points?device={device}'\n  \
             {program} read {device} --data {data}\n"
        );
    }
}
