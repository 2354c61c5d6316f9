//! `hallward run --site FILE`: the gateway of a real hall.

use std::path::PathBuf;

use anyhow::{Context, anyhow};
use tokio::net::TcpListener;
use tracing::{info, level_filters::LevelFilter};

use super::{Outcome, load, log, signals};
use crate::{
    app::{self, Options},
    store::DatabaseKey,
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

pub(super) fn run(arguments: Arguments) -> anyhow::Result<Outcome> {
    let library = load::library(&arguments.profiles)?;
    let site = load::site(&arguments.site, &library)?.map_err(|problems| anyhow!(load::show(&[problems])))?;
    let credentials = std::env::var_os("CREDENTIALS_DIRECTORY").map(PathBuf::from);
    let key = DatabaseKey::find(credentials.as_deref(), &arguments.keys)?;
    log::start(LevelFilter::INFO);
    let runtime = tokio::runtime::Runtime::new().context("no threads can be started")?;
    runtime.block_on(async {
        let shutdown = signals::shutdown()?;
        let listen = site.web.listen;
        let http = TcpListener::bind(listen).await.with_context(|| {
            format!("http://{listen} cannot be served: give another address under [web] listen")
        })?;
        let options = Options {
            site,
            simulated: false,
            data: arguments.data,
            key,
            http,
            control_socket: arguments.control,
            simulator: None,
        };
        app::run(options, shutdown, |started| info!("pages at http://{}", started.http)).await?;
        Ok(Outcome::Done)
    })
}
