//! Site files and profiles as the verbs load them, with every problem shown.

use std::{fs, io::IsTerminal, path::Path};

use anyhow::{Context, anyhow};
use hallward_profiles::{Library, Problems};
use hallward_site::Site;

/// Where a site keeps profiles of its own.
pub(super) const PROFILES: &str = "/etc/hallward/device-profiles";

/// The built-in profiles and those of `folder`.
pub(super) fn library(folder: &Path) -> anyhow::Result<Library> {
    Library::load(Some(folder)).map_err(|problems| anyhow!(show(&problems)))
}

/// A checked site file.
pub(super) fn site(path: &Path, library: &Library) -> anyhow::Result<Result<Site, Problems>> {
    let text = fs::read_to_string(path).with_context(|| format!("{} cannot be read", path.display()))?;
    Ok(Site::parse(&path.display().to_string(), &text, library))
}

/// Problems as a person reads them.
pub(super) fn show(problems: &[Problems]) -> String {
    let colour = std::io::stderr().is_terminal();
    let each =
        problems.iter().map(|problems| if colour { problems.coloured() } else { problems.to_string() });
    let count: usize = problems.iter().map(|problems| problems.problems.len()).sum();
    let noun = if count == 1 { "problem" } else { "problems" };
    format!("{count} {noun}\n{}", each.collect::<Vec<_>>().join("\n\n"))
}
