//! The profiles that come with the program, and those that a site adds.

use std::{collections::BTreeMap, fs, path::Path, sync::Arc};

use rust_embed::RustEmbed;

use crate::{Id, Problems, Profile};

#[derive(RustEmbed)]
#[folder = "profiles"]
#[include = "*.toml"]
struct Files;

/// Names and texts of the built-in profile files, by name.
pub struct BuiltIn;

/// The built-in files.
pub const BUILT_IN: BuiltIn = BuiltIn;

impl BuiltIn {
    /// Each file's path below `device-profiles/profiles/` and its text.
    pub fn files(&self) -> impl Iterator<Item = (String, String)> {
        Files::iter().filter_map(|path| {
            let file = Files::get(&path)?;
            Some((path.into_owned(), String::from_utf8_lossy(&file.data).into_owned()))
        })
    }
}

/// Every profile that is to be had, by id. A site's own file replaces a built-in one of the same id.
#[derive(Clone, Debug, Default)]
pub struct Library {
    profiles: BTreeMap<Id, Arc<Profile>>,
}

impl Library {
    /// The built-in profiles, and over them the `*.toml` files of `folder`, if it exists.
    ///
    /// # Errors
    /// What is wrong, file by file; every file is read before it returns.
    pub fn load(folder: Option<&Path>) -> Result<Self, Vec<Problems>> {
        let mut files: Vec<_> = BUILT_IN.files().collect();
        let mut wrong = Vec::new();
        for path in folder.into_iter().flat_map(toml_files) {
            let shown = path.display().to_string();
            match fs::read_to_string(&path) {
                Ok(text) => files.push((shown, text)),
                Err(error) => {
                    wrong.push(Problems::whole_file(
                        &shown,
                        format!("cannot be read: {error}"),
                        "make it readable",
                    ));
                }
            }
        }
        let mut library = Self::default();
        for (path, text) in files {
            match Profile::parse(&path, &text) {
                Ok(profile) => drop(library.profiles.insert(profile.id.clone(), Arc::new(profile))),
                Err(problems) => wrong.push(problems),
            }
        }
        if wrong.is_empty() { Ok(library) } else { Err(wrong) }
    }

    /// The profile with this id.
    #[must_use]
    pub fn get(&self, id: &str) -> Option<&Arc<Profile>> {
        self.profiles.get(id)
    }

    /// All of them, by id.
    pub fn iter(&self) -> impl Iterator<Item = &Arc<Profile>> {
        self.profiles.values()
    }
}

/// A library of just these profiles.
impl FromIterator<Profile> for Library {
    fn from_iter<T: IntoIterator<Item = Profile>>(profiles: T) -> Self {
        let profiles = profiles.into_iter().map(|profile| (profile.id.clone(), Arc::new(profile)));
        Self { profiles: profiles.collect() }
    }
}

fn toml_files(folder: &Path) -> Vec<std::path::PathBuf> {
    let entries = fs::read_dir(folder).into_iter().flatten().filter_map(Result::ok);
    let mut paths: Vec<_> = entries.map(|entry| entry.path()).collect();
    paths.retain(|path| path.extension().is_some_and(|extension| extension == "toml"));
    paths.sort();
    paths
}
