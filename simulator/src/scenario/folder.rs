//! Scenarios of a folder: one in each `.toml` file.
//!
//! Who asks: `hallsim` and `hallward demo`, with `--scenarios DIR`.

use std::{
    fs, io,
    path::{Path, PathBuf},
};

use super::Script;

impl Script {
    /// The scenarios of a folder, in the order of its files' names.
    ///
    /// # Errors
    /// All that is wrong with them at once, a file a line.
    pub fn of_folder(folder: &Path) -> Result<Vec<Self>, String> {
        let told = |error: io::Error| format!("cannot read {}: {error}", folder.display());
        let entries = fs::read_dir(folder).map_err(told)?.collect::<Result<Vec<_>, _>>().map_err(told)?;
        let mut files: Vec<PathBuf> = entries.into_iter().map(|entry| entry.path()).collect();
        files.retain(|path| path.extension().is_some_and(|extension| extension == "toml"));
        files.sort();
        let (mut own, mut wrong) = (Vec::new(), Vec::new());
        for file in files {
            let text = fs::read_to_string(&file).map_err(|error| error.to_string());
            match text.and_then(|text| Self::from_toml(&text)) {
                Ok(script) => own.push(script),
                Err(said) => wrong.push(format!("{}: {said}", file.display())),
            }
        }
        if wrong.is_empty() { Ok(own) } else { Err(wrong.join("\n")) }
    }
}
