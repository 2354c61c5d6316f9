//! The reserve: a file in the data folder that holds room, so that the journal has some when everybody else has taken the rest.

use std::{
    fs::{self, File, OpenOptions},
    io::{self, Write as _},
    os::unix::fs::OpenOptionsExt,
    path::{Path, PathBuf},
};

use rustix::{
    fs::{FallocateFlags, fallocate},
    io::Errno,
};
use tracing::warn;

/// Its name.
const RESERVE: &str = "reserve";

/// Zeros that are written at once where the file system cannot set room aside.
static ZEROS: [u8; 64 * 1024] = [0; 64 * 1024];

pub(super) struct Reserve {
    path: PathBuf,
    /// Whether it was told that it cannot be made or freed.
    fails: bool,
}

impl Reserve {
    pub(super) fn of(folder: &Path) -> Self {
        Self { path: folder.join(RESERVE), fails: false }
    }

    /// How many bytes it holds; 0 if there is none.
    pub(super) fn held(&self) -> u64 {
        fs::metadata(&self.path).map_or(0, |file| file.len())
    }

    /// Frees it; tells how many bytes it held.
    pub(super) fn free(&mut self) -> io::Result<u64> {
        let held = self.held();
        // Its room is free even while somebody, such as a backup, has it open.
        OpenOptions::new().write(true).open(&self.path)?.set_len(0)?;
        fs::remove_file(&self.path)?;
        self.fails = false;
        Ok(held)
    }

    /// Makes it of so many bytes, or none at all.
    pub(super) fn make(&mut self, bytes: u64) -> io::Result<()> {
        let made = OpenOptions::new()
            .create(true)
            .truncate(false)
            .write(true)
            .mode(0o600)
            .open(&self.path)
            .and_then(|file| fill(&file, bytes));
        if made.is_err() {
            // Half a reserve would be taken for a whole one of a smaller disk.
            fs::remove_file(&self.path).ok();
        } else {
            self.fails = false;
        }
        made
    }

    /// Says why it cannot be made or freed, until it can be again.
    pub(super) fn tell_once(&mut self, failed: &io::Error) {
        if !std::mem::replace(&mut self.fails, true) {
            warn!(path = %self.path.display(), %failed, "the reserve cannot be changed; it is tried again");
        }
    }
}

fn fill(file: &File, bytes: u64) -> io::Result<()> {
    match fallocate(file, FallocateFlags::empty(), 0, bytes) {
        Err(Errno::OPNOTSUPP | Errno::NOSYS) => write_zeros(file, bytes)?,
        done => done?,
    }
    file.sync_all()
}

fn write_zeros(mut file: &File, bytes: u64) -> io::Result<()> {
    let mut left = bytes;
    while left > 0 {
        let part = usize::try_from(left).unwrap_or(usize::MAX).min(ZEROS.len());
        let zeros = ZEROS.get(..part).unwrap_or(&ZEROS);
        file.write_all(zeros)?;
        left = left.saturating_sub(u64::try_from(part).unwrap_or(u64::MAX));
    }
    Ok(())
}

#[cfg(test)]
mod tests {
    use std::os::unix::fs::MetadataExt;

    use super::*;

    #[test]
    fn it_is_really_set_aside_and_really_freed() {
        let folder = tempfile::tempdir().unwrap();
        let mut reserve = Reserve::of(folder.path());
        assert_eq!(reserve.held(), 0);
        for bytes in [1024 * 1024, 3 * 1024 * 1024] {
            reserve.make(bytes).unwrap();
            assert_eq!(reserve.held(), bytes);
            assert!(fs::metadata(&reserve.path).unwrap().blocks() * 512 >= bytes, "holes hold nothing");
        }
        let open = File::open(&reserve.path).unwrap();
        assert_eq!(reserve.free().unwrap(), 3 * 1024 * 1024);
        assert_eq!((reserve.held(), open.metadata().unwrap().blocks()), (0, 0));
        assert!(reserve.free().is_err());
    }

    #[test]
    fn where_room_cannot_be_set_aside_zeros_are_written() {
        let file = tempfile::tempfile().unwrap();
        write_zeros(&file, 200_001).unwrap();
        let written = file.metadata().unwrap();
        assert!(written.len() == 200_001 && written.blocks() * 512 >= 200_001);
    }

    #[test]
    fn what_cannot_be_made_whole_is_not_there_at_all() {
        let folder = tempfile::tempdir().unwrap();
        let mut reserve = Reserve::of(folder.path());
        assert!(reserve.make(1 << 62).is_err());
        assert_eq!(reserve.held(), 0);
        assert!(!reserve.path.exists());
    }
}
