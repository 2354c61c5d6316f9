//! `hallward run --site FILE`: the gateway of a real hall.

use std::{
    path::{Path, PathBuf},
    sync::Arc,
};

use anyhow::{Context, anyhow};
use hallward_site::Site;
use tokio::net::TcpListener;
use tracing::{info, level_filters::LevelFilter};

use super::{Outcome, load, program_log, signals};
use crate::{
    app::{self, Options, Time},
    store::{DatabaseKey, KeyFolders},
};

/// Run the gateway of a hall.
#[derive(clap::Args)]
#[command(after_help = "Example:\n  hallward run --site /etc/hallward/site.toml")]
pub(super) struct Arguments {
    /// The site file.
    #[arg(long)]
    site: PathBuf,
    /// Folder of the databases.
    #[arg(long, default_value = "/var/lib/hallward")]
    data: PathBuf,
    /// Folder of the keys; systemd credentials go before it.
    #[arg(long, default_value = "/etc/hallward/keys")]
    keys: PathBuf,
    /// Folder of the site's own device profiles.
    #[arg(long, default_value = load::PROFILES)]
    profiles: PathBuf,
    /// The control socket.
    #[arg(long, default_value = "/run/hallward/control.sock")]
    control: PathBuf,
}

/// Profiles and site file, read and checked; what is wrong as a person reads it.
fn read_site(site: &Path, profiles: &Path) -> Result<Site, String> {
    let library = load::library(profiles).map_err(|error| error.to_string())?;
    let site = load::site(site, &library).map_err(|error| format!("{error:#}"))?;
    site.map_err(|problems| load::show(&[problems]))
}

pub(super) fn run(arguments: Arguments) -> anyhow::Result<Outcome> {
    let site = read_site(&arguments.site, &arguments.profiles).map_err(|what| anyhow!(what))?;
    let credentials = std::env::var_os("CREDENTIALS_DIRECTORY").map(PathBuf::from);
    let key = DatabaseKey::find(credentials.as_deref(), &arguments.keys)?;
    program_log::start(LevelFilter::INFO);
    let runtime = tokio::runtime::Runtime::new().context("no threads can be started")?;
    runtime.block_on(async {
        let shutdown = signals::shutdown()?;
        let listen = site.web.listen;
        let certificate = site.web.certificate.clone();
        let scheme = if certificate.is_some() { "https" } else { "http" };
        let http = TcpListener::bind(listen).await.with_context(|| {
            format!("{scheme}://{listen} cannot be served: give another address under [web] listen")
        })?;
        let at = http.local_addr().context("the pages' address")?;
        let options = Options {
            site,
            simulated: false,
            keys: KeyFolders { credentials, keys: Some(arguments.keys), data: arguments.data.clone() },
            data: arguments.data,
            key,
            http: Some(http),
            certificate,
            control_socket: Some(arguments.control),
            dial: app::as_wired(),
            readers: None,
            measure: app::as_mounted(),
            time: Time::Real,
            simulator: None,
            read_site: Some(Arc::new(move || read_site(&arguments.site, &arguments.profiles))),
        };
        app::run(options, shutdown, |_| info!("pages at {scheme}://{at}")).await?;
        Ok(Outcome::Done)
    })
}
