//! Site files and profiles as the verbs load them, with every problem shown.

use std::{fs, io::IsTerminal, ops::Range, path::Path};

use anyhow::{Context, anyhow};
use hallward_profiles::{Library, Problem, Problems, line_of};
use hallward_site::Site;

use crate::{logic::capacity, model::Plant};

/// Where a site keeps profiles of its own.
pub(super) const PROFILES: &str = "/etc/hallward/device-profiles";

/// The built-in profiles and those of `folder`.
pub(super) fn library(folder: &Path) -> anyhow::Result<Library> {
    Library::load(Some(folder)).map_err(|problems| anyhow!(show(&problems)))
}

/// A checked site file, each line of which can carry its plan.
pub(super) fn site(path: &Path, library: &Library) -> anyhow::Result<Result<Site, Problems>> {
    let text = fs::read_to_string(path).with_context(|| format!("{} cannot be read", path.display()))?;
    let path = path.display().to_string();
    Ok(Site::parse(&path, &text, library).and_then(|site| carried(&path, &text, site)))
}

/// The same site, if no line is asked for more than it can carry.
fn carried(path: &str, text: &str, site: Site) -> Result<Site, Problems> {
    let plant = Plant::new(site, false);
    let problems: Vec<Problem> = capacity::overloads(&plant)
        .into_iter()
        .map(|overload| {
            let id = plant.site.lines.get(overload.line).map(|line| line.id.to_string()).unwrap_or_default();
            let at = place_of(text, &id);
            Problem { line: line_of(text, at.start), at, what: overload.what, right: overload.right }
        })
        .collect();
    if problems.is_empty() { Ok(plant.site) } else { Err(Problems::new(path, text, problems)) }
}

/// Where a line's id stands in the file.
fn place_of(text: &str, id: &str) -> Range<usize> {
    let quoted = format!("\"{id}\"");
    text.find(&quoted).map_or(0..0, |start| start..start + quoted.len())
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
