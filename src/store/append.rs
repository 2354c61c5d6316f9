//! Appending to a file so that it is there whole or not at all, also when the disk fills up half way.
//!
//! Who calls it: the doors' spool file and the files of checkpoints, each of which is read from its beginning: what was cut short
//! would hide all that comes after it. A cut by the loss of power is left to the reader of the file.

use std::{
    fs::File,
    io::{self, Write as _},
};

/// Appends to a file that is open for that. On disk when it returns.
///
/// # Errors
/// The file is as it was before, as far as the disk allows.
pub fn append_whole(file: &mut File, bytes: &[u8]) -> io::Result<()> {
    whole(file, |file| file.write_all(bytes))
}

fn whole(file: &mut File, write: impl FnOnce(&mut File) -> io::Result<()>) -> io::Result<()> {
    let before = file.metadata()?.len();
    let written = write(file).and_then(|()| file.sync_all());
    if written.is_err() {
        // Cutting takes no room.
        file.set_len(before).and_then(|()| file.sync_all())?;
    }
    written
}

#[cfg(test)]
mod tests {
    use std::fs::{self, OpenOptions};

    use super::*;

    #[test]
    fn what_fails_half_way_leaves_the_file_as_it_was_for_what_comes_later() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("file");
        let mut file = OpenOptions::new().append(true).create(true).open(&path).unwrap();
        append_whole(&mut file, b"first ").unwrap();
        let half = |file: &mut File| {
            file.write_all(b"sec")?;
            Err(io::ErrorKind::StorageFull.into())
        };
        assert_eq!(whole(&mut file, half).unwrap_err().kind(), io::ErrorKind::StorageFull);
        append_whole(&mut file, b"third").unwrap();
        assert_eq!(fs::read(&path).unwrap(), b"first third");
    }
}
