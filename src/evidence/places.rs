//! Files of checkpoints: one in the data folder, and one on the second path, where whoever changes the database does not
//! reach. A place that cannot be written is told once, and tried again with the next checkpoint.

use std::{
    fs::{self, File, OpenOptions},
    io,
    path::{Path, PathBuf},
};

use tracing::{info, warn};

use crate::{
    logic::evidence::{PublicKey, notes},
    store::append_whole,
};

/// The file of checkpoints in the data folder.
pub const CHECKPOINTS: &str = "checkpoints.txt";

/// The public key, in the data folder.
pub const VKEY: &str = "log.pub";

/// A longer file is put aside, and replaces the one put aside before.
pub const LONGEST_FILE: u64 = 8 * 1024 * 1024;

pub(super) struct Places {
    local: PathBuf,
    second: Option<PathBuf>,
    /// Whether the second path was told to fail.
    fails: bool,
}

impl Places {
    /// Writes the public key beside them.
    pub(super) fn open(data: &Path, second: Option<PathBuf>, key: &PublicKey) -> Self {
        let (vkey, line) = (data.join(VKEY), format!("{key}\n"));
        // What stands there already is not written again: on a full disk that would empty the file.
        let stands = fs::read_to_string(&vkey).is_ok_and(|found| found == line);
        if !stands && let Err(error) = fs::write(&vkey, line) {
            warn!(path = %vkey.display(), %error, "the log's public key cannot be written");
        }
        info!(%key, "the log's checkpoints are checked with this key: write it down elsewhere");
        Self { local: data.join(CHECKPOINTS), second, fails: false }
    }

    /// The newest checkpoint on the second path.
    pub(super) fn newest_elsewhere(&self) -> Option<String> {
        let path = self.second.as_ref()?;
        match fs::read_to_string(path) {
            // The last one may have been cut off by a loss of power.
            Ok(text) => notes(&text).filter(|note| note.contains("\n\n\u{2014} ")).last().map(str::to_owned),
            Err(error) if error.kind() == io::ErrorKind::NotFound => None,
            Err(error) => {
                warn!(path = %path.display(), %error, "the second path of checkpoints cannot be read");
                None
            }
        }
    }

    /// Puts a checkpoint into each. Says why, when the second path begins to fail.
    pub(super) fn put(&mut self, note: &str) -> Option<String> {
        if let Err(error) = append(&self.local, note) {
            warn!(path = %self.local.display(), %error, "a checkpoint cannot be written");
        }
        let path = self.second.as_ref()?;
        let failed = append(path, note).err();
        let told =
            failed.as_ref().filter(|_| !self.fails).map(|error| format!("{}: {error}", path.display()));
        self.fails = failed.is_some();
        told
    }
}

fn append(path: &Path, note: &str) -> io::Result<()> {
    if fs::metadata(path).is_ok_and(|file| file.len() > LONGEST_FILE) {
        fs::rename(path, aside(path))?;
    }
    let mut file: File = OpenOptions::new().create(true).append(true).open(path)?;
    append_whole(&mut file, format!("{note}\n").as_bytes())
}

/// Where a file that has become too long lies.
pub(super) fn aside(path: &Path) -> PathBuf {
    let mut name = path.as_os_str().to_owned();
    name.push(".1");
    name.into()
}
