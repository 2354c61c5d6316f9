//! The manual is true: its example is a sound site file with every key, every address of the API stands in it, and
//! its links lead somewhere.

use std::{
    collections::BTreeSet,
    fs,
    path::{Path, PathBuf},
    time::Duration,
};

use hallward_profiles::Library;
use hallward_simulator::{Hall, RunState, Script};
use hallward_site::Site;
use serde_json::Value;

fn root() -> &'static Path {
    Path::new(env!("CARGO_MANIFEST_DIR"))
}

fn read(path: &str) -> String {
    fs::read_to_string(root().join(path)).unwrap()
}

/// The first block of this language.
fn block<'t>(text: &'t str, language: &str) -> &'t str {
    text.split(&format!("```{language}\n")).nth(1).unwrap().split("```").next().unwrap()
}

/// Names of all keys in a file: `site.id`, `device.asset.tag`, without the numbers of lists.
fn keys(at: &str, value: &toml::Value, found: &mut BTreeSet<String>) {
    for (key, value) in value.as_table().into_iter().flatten() {
        let name = if at.is_empty() { key.clone() } else { format!("{at}.{key}") };
        found.insert(name.clone());
        keys(&name, value, found);
    }
    value.as_array().into_iter().flatten().for_each(|value| keys(at, value, found));
}

/// Names of all keys that the schema knows.
fn schema_keys(at: &str, schema: &Value, whole: &Value, found: &mut BTreeSet<String>) {
    if let Some(name) = schema["$ref"].as_str().and_then(|path| path.rsplit('/').next()) {
        schema_keys(at, &whole["$defs"][name], whole, found);
    }
    for (key, part) in schema["properties"].as_object().into_iter().flatten() {
        let name = if at.is_empty() { key.clone() } else { format!("{at}.{key}") };
        found.insert(name.clone());
        schema_keys(&name, part, whole, found);
    }
    schema["anyOf"].as_array().into_iter().flatten().for_each(|part| schema_keys(at, part, whole, found));
    if schema["items"].is_object() {
        schema_keys(at, &schema["items"], whole, found);
    }
}

#[test]
fn the_example_of_a_site_file_is_sound_and_has_every_key() {
    let page = read("docs/manual/site-file.md");
    let example = block(&page, "toml");
    let library = Library::load(None).unwrap();
    let site = Site::parse("docs/manual/site-file.md", example, &library);
    assert!(site.is_ok(), "{}", site.unwrap_err());

    let mut there = BTreeSet::new();
    keys("", &example.parse::<toml::Table>().unwrap().into(), &mut there);
    let schema: Value = serde_json::to_value(hallward_site::schema()).unwrap();
    let mut known = BTreeSet::new();
    schema_keys("", &schema, &schema, &mut known);
    assert!(known.contains("device.asset.serial") && known.contains("mqtt.ca_file"), "{known:?}");
    let missing: Vec<_> = known.difference(&there).collect();
    assert!(missing.is_empty(), "the example does not show {missing:?}");
}

#[test]
fn the_hall_and_the_scenario_of_the_rehearsal_run_to_their_end() {
    let page = read("docs/manual/rehearsing.md");
    let mut files = page.split("```toml\n").skip(1).filter_map(|rest| rest.split("```").next());
    let library = Library::load(None).unwrap();
    let site = Site::parse("docs/manual/rehearsing.md", files.next().unwrap(), &library);
    let hall = Hall::new(site.unwrap_or_else(|wrong| panic!("{wrong}"))).unwrap();
    hall.play(&Script::from_toml(files.next().unwrap()).unwrap()).unwrap();
    hall.advance(Duration::from_secs(3600));
    assert_eq!(hall.runs()[0].state, RunState::Ended, "{:?}", hall.runs());
}

#[test]
fn every_address_stands_in_the_manual() {
    let page = read("docs/manual/http.md");
    let mut routes = BTreeSet::new();
    for file in sources(&root().join("src/web"), "rs") {
        let text = fs::read_to_string(file).unwrap();
        // `Route::page("/devices", …)`, however it is broken into lines.
        for call in text.split("Route::").skip(1) {
            let Some((_, arguments)) = call.split_once('(') else { continue };
            let path = arguments.trim_start().strip_prefix('"').and_then(|rest| rest.split('"').next());
            routes.extend(path.filter(|path| path.starts_with('/')).map(str::to_owned));
        }
    }
    assert!(routes.contains("/sign-in") && routes.contains("/api/v1/points"), "{routes:?}");
    for route in routes {
        assert!(page.contains(&format!("{route}`")), "docs/manual/http.md does not speak of {route}");
    }
}

#[test]
fn every_column_of_a_wiring_list_stands_in_the_manual() {
    let page = read("docs/manual/installer.md");
    for column in hallward_site::import::COLUMNS {
        assert!(page.contains(&format!("`{column}`")), "docs/manual/installer.md does not speak of {column}");
    }
}

#[test]
fn every_record_code_stands_in_the_manual() {
    let page = read("docs/manual/http.md");
    let mut codes = BTreeSet::new();
    for file in sources(&root().join("src"), "rs") {
        let text = fs::read_to_string(file).unwrap();
        // Tests write records of their own.
        let text = text.split("#[cfg(test)]").next().unwrap();
        for call in text.split("NewRecord::system(").skip(1) {
            codes.extend(call.split('"').nth(1).filter(|code| code.contains('.')).map(str::to_owned));
        }
    }
    assert!(codes.contains("device.offline") && codes.contains("system.start"), "{codes:?}");
    codes.retain(|code| !code.starts_with("account."));
    let missing: Vec<_> = codes.iter().filter(|code| !page.contains(&format!("`{code}`"))).collect();
    assert!(missing.is_empty(), "docs/manual/http.md does not speak of {missing:?}");
}

#[test]
fn every_record_code_of_accounts_stands_in_the_manual_and_has_a_text_in_both_languages() {
    let page = read("docs/manual/accounts.md");
    let catalogues = ["en", "vi"].map(|language| read(&format!("src/model/texts/{language}.ftl")));
    let mut codes = BTreeSet::new();
    for file in sources(&root().join("src/accounts"), "rs") {
        if !file.components().any(|part| part.as_os_str() == "tests") {
            let text = fs::read_to_string(file).unwrap();
            let found = text.split("\"account.").skip(1).filter_map(|rest| rest.split('"').next());
            codes.extend(found.map(|code| format!("account.{code}")));
        }
    }
    assert!(codes.len() > 20, "{codes:?}");
    for code in codes {
        assert!(page.contains(&format!("| `{code}` |")), "docs/manual/accounts.md does not explain {code}");
        let key = format!("\nrecord-{} = ", code.replace('.', "-"));
        assert!(catalogues.iter().all(|texts| texts.contains(&key)), "no text of {code}");
    }
}

#[test]
fn every_link_leads_somewhere() {
    let mut pages = sources(&root().join("docs"), "md");
    pages.extend(
        ["README.md", "ARCHITECTURE.md", "CONTRIBUTING.md", "CHANGELOG.md"].map(|page| root().join(page)),
    );
    pages.extend(
        ["device-profiles", "site-file", "simulator"].map(|folder| root().join(folder).join("README.md")),
    );
    for page in pages {
        let text = fs::read_to_string(&page).unwrap();
        for link in text.split("](").skip(1).filter_map(|rest| rest.split(')').next()) {
            let (path, heading) = link.split_once('#').unwrap_or((link, ""));
            if path.contains("://") {
                continue;
            }
            let target = if path.is_empty() { page.clone() } else { page.parent().unwrap().join(path) };
            assert!(target.exists(), "{}: {link} leads nowhere", page.display());
            if !heading.is_empty() {
                let there = fs::read_to_string(&target).unwrap();
                let found =
                    there.lines().filter(|line| line.starts_with('#')).any(|line| anchor(line) == heading);
                assert!(found, "{}: {link} leads to no heading", page.display());
            }
        }
    }
}

/// A heading's anchor, as forges make it.
fn anchor(heading: &str) -> String {
    let text = heading.trim_start_matches('#').trim().to_lowercase();
    text.chars().filter(|c| c.is_alphanumeric() || " -_".contains(*c)).collect::<String>().replace(' ', "-")
}

/// Every file with this ending below a folder.
fn sources(folder: &Path, ending: &str) -> Vec<PathBuf> {
    let mut found = Vec::new();
    for entry in fs::read_dir(folder).unwrap() {
        let path = entry.unwrap().path();
        if path.is_dir() {
            found.extend(sources(&path, ending));
        } else if path.extension().is_some_and(|extension| extension == ending) {
            found.push(path);
        }
    }
    found
}
