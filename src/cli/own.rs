//! A line that a tool opens by itself, where no service runs: what the site file says of it, and a port that nobody
//! else holds.

use std::{
    fs,
    path::{Path, PathBuf},
    sync::Arc,
};

use anyhow::{Context, anyhow, bail};
use hallward_site::Transport;
use tokio::runtime::{Builder, Runtime};

use super::{load, service::Service};
use crate::{
    app::SystemClock,
    bus::Direct,
    model::{Clock, Plant},
};

/// The site file of a machine that runs the service.
pub(super) const SITE: &str = "/etc/hallward/site.toml";

/// Which service to ask, and where to look when none runs.
#[derive(clap::Args)]
pub(super) struct Where {
    /// The site file, where no service runs.
    #[arg(long, default_value = SITE)]
    pub(super) site: PathBuf,
    /// Folder of the site's own device profiles.
    #[arg(long, default_value = load::PROFILES)]
    pub(super) profiles: PathBuf,
    /// Data folder of a demo, to ask it instead of the service.
    #[arg(long)]
    pub(super) data: Option<PathBuf>,
}

impl Where {
    /// The service.
    pub(super) fn service(&self) -> Service {
        Service::at(self.data.as_ref())
    }

    /// The hall of the site file.
    pub(super) fn plant(&self) -> anyhow::Result<Plant> {
        let library = load::library(&self.profiles)?;
        let site = load::site(&self.site, &library).with_context(|| self.service().nobody())?;
        Ok(Plant::new(site.map_err(|problems| anyhow!(load::show(&[problems])))?, false))
    }
}

/// A clock of this process.
pub(super) fn clock() -> Arc<dyn Clock> {
    Arc::new(SystemClock::start())
}

/// Where the tool's own line runs.
pub(super) fn runtime() -> anyhow::Result<Runtime> {
    Builder::new_current_thread().enable_all().build().context("no input and output")
}

/// A line of our own; refused where another process has the port open.
pub(super) fn open(transport: &Transport, clock: Arc<dyn Clock>) -> anyhow::Result<Direct> {
    if let Transport::Serial(serial) = transport {
        let path = &serial.path;
        fs::metadata(path).with_context(|| format!("{}: there is no such port", path.display()))?;
        if let Some(holder) = holder(path) {
            let shown = path.display();
            bail!("{shown} is held by {holder}: two programs on one port garble each other. End it first");
        }
    }
    Ok(Direct::new(transport, clock))
}

/// What a failure to open the port means.
pub(super) fn unopened(transport: &Transport, why: &str) -> anyhow::Error {
    match transport {
        Transport::Serial(_) if why.to_lowercase().contains("busy") => {
            anyhow!("{transport}: another process holds it; run as root to learn which")
        }
        Transport::Serial(_) => anyhow!("{transport} cannot be opened: {why}"),
        Transport::Tcp(_) | Transport::Tls(..) | Transport::RtuOverTcp(..) => {
            anyhow!(
                "{transport} cannot be reached: {why}. Is the address right, and does it take another connection?"
            )
        }
    }
}

/// Another process that has this port open, if it can be seen. The far side of a pseudo terminal always has.
fn holder(path: &Path) -> Option<String> {
    let path = path.canonicalize().ok().filter(|path| !path.starts_with("/dev/pts"))?;
    let own = std::process::id().to_string();
    let processes = fs::read_dir("/proc").ok()?.flatten().filter(|entry| {
        let name = entry.file_name();
        name.to_str().is_some_and(|name| name != own && name.bytes().all(|byte| byte.is_ascii_digit()))
    });
    processes.map(|process| process.path()).find(|process| holds(process, &path)).map(|process| {
        let name = fs::read_to_string(process.join("comm")).unwrap_or_default();
        let id = process.file_name().unwrap_or_default().to_string_lossy().into_owned();
        format!("`{}` (process {id})", name.trim())
    })
}

fn holds(process: &Path, path: &Path) -> bool {
    let files = fs::read_dir(process.join("fd")).into_iter().flatten().flatten();
    files.into_iter().any(|file| fs::read_link(file.path()).is_ok_and(|open| open == path))
}
