//! The key that encrypts the databases: 32 bytes, kept in a file as 64 hexadecimal digits.

use std::{fmt, fs::File, io::Read, os::unix::fs::PermissionsExt, path::Path};

use super::{StoreError, error::Doing};

/// Name of the key file, in the folder of systemd's credentials or of the keys.
const FILE: &str = "database.key";

const DIGITS: usize = 64;

/// Reading stops here: whatever is longer is no key.
const LONGEST: u64 = 1024;

/// The databases' key. Overwritten in memory when dropped; never shown.
#[derive(Clone)]
pub struct DatabaseKey([u8; 32]);

impl DatabaseKey {
    /// Reads `database.key` from systemd's credentials folder (`$CREDENTIALS_DIRECTORY`), else from the keys
    /// folder (`/etc/hallward/keys`). `None` when neither has one.
    ///
    /// # Errors
    /// The first one that exists cannot be read, is no key, or may be read by others.
    pub fn find(credentials: Option<&Path>, keys: &Path) -> Result<Option<Self>, StoreError> {
        find_in(FILE, credentials, keys)
    }

    /// Reads a key file, which only its owner may read.
    ///
    /// # Errors
    /// It cannot be read, is no key, or may be read by others.
    pub fn load(path: &Path) -> Result<Self, StoreError> {
        read(path, 0o077)
    }

    /// Its bytes.
    pub(super) fn bytes(&self) -> &[u8; 32] {
        &self.0
    }

    /// The key as SQLCipher takes it without deriving another from it.
    pub(super) fn literal(&self) -> String {
        let digits: String = self.0.iter().map(|byte| format!("{byte:02x}")).collect();
        format!("x'{digits}'")
    }

    #[cfg(test)]
    pub(super) fn of(bytes: [u8; 32]) -> Self {
        Self(bytes)
    }
}

/// The key in a file of this name, of systemd's credentials before that of the keys folder.
pub(super) fn find_in(
    file: &str,
    credentials: Option<&Path>,
    keys: &Path,
) -> Result<Option<DatabaseKey>, StoreError> {
    if let Some(path) = credentials.map(|folder| folder.join(file))
        && may_exist(&path)
    {
        // systemd lets the service's user in by an access list, which shows as a readable group.
        return read(&path, 0o007).map(Some);
    }
    let path = keys.join(file);
    if may_exist(&path) { DatabaseKey::load(&path).map(Some) } else { Ok(None) }
}

/// False only if there is surely no such file. One that may not be looked at is read, and the refusal told: a hall
/// must not go on without the key that it was given.
fn may_exist(path: &Path) -> bool {
    path.try_exists().unwrap_or(true)
}

impl fmt::Debug for DatabaseKey {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("DatabaseKey(…)")
    }
}

impl Drop for DatabaseKey {
    fn drop(&mut self) {
        self.0.fill(0);
        std::hint::black_box(&self.0);
    }
}

fn read(path: &Path, forbidden: u32) -> Result<DatabaseKey, StoreError> {
    let file = File::open(path).doing("read", path)?;
    let mode = file.metadata().doing("read", path)?.permissions().mode() & 0o777;
    if mode & forbidden != 0 {
        return Err(StoreError::KeyExposed { path: path.to_owned(), mode });
    }
    let mut text = String::new();
    file.take(LONGEST).read_to_string(&mut text).doing("read", path)?;
    let key = parse(text.trim_ascii_end(), path);
    let mut bytes = text.into_bytes();
    bytes.fill(0);
    std::hint::black_box(&bytes);
    key
}

fn parse(text: &str, path: &Path) -> Result<DatabaseKey, StoreError> {
    let found = text.chars().count();
    if found != DIGITS {
        return Err(StoreError::KeyLength { path: path.to_owned(), found });
    }
    let mut key = DatabaseKey([0; 32]);
    for (position, character) in text.chars().enumerate() {
        let Some(digit) = character.to_digit(16).and_then(|digit| u8::try_from(digit).ok()) else {
            return Err(StoreError::KeyCharacter { path: path.to_owned(), position: position + 1 });
        };
        if let Some(byte) = key.0.get_mut(position / 2) {
            *byte = *byte << 4 | digit;
        }
    }
    Ok(key)
}

#[cfg(test)]
mod tests {
    use std::{fs, path::PathBuf};

    use super::*;

    const TEXT: &str = "000102030405060708090a0b0c0d0e0f101112131415161718191A1B1C1D1E1F\n";

    fn file(folder: &Path, text: &str, mode: u32) -> PathBuf {
        let path = folder.join(FILE);
        fs::write(&path, text).unwrap();
        fs::set_permissions(&path, fs::Permissions::from_mode(mode)).unwrap();
        path
    }

    fn refusal(text: &str, mode: u32) -> String {
        let folder = tempfile::tempdir().unwrap();
        let path = file(folder.path(), text, mode);
        let message = DatabaseKey::load(&path).unwrap_err().to_string();
        message.replace(path.to_str().unwrap(), "FILE")
    }

    #[test]
    fn a_key_of_64_digits_is_read() {
        let folder = tempfile::tempdir().unwrap();
        let key = DatabaseKey::load(&file(folder.path(), TEXT, 0o600)).unwrap();
        assert_eq!(key.0.to_vec(), (0..32).collect::<Vec<u8>>());
        assert_eq!(key.literal().len(), 67);
        assert_eq!(format!("{key:?}"), "DatabaseKey(…)");
    }

    #[test]
    fn anything_else_is_refused_with_its_reason() {
        assert_eq!(refusal("abc", 0o600), "FILE holds 3 characters: a key is 64 hexadecimal digits");
        assert_eq!(
            refusal(&TEXT.replace('B', "G"), 0o600),
            "character 56 of FILE is not a hexadecimal digit: a key is 64 of 0-9 and a-f"
        );
        assert_eq!(refusal(TEXT, 0o640), "FILE may be read by others (mode 0640): chmod 600 FILE");
        assert_eq!(refusal(TEXT, 0o604), "FILE may be read by others (mode 0604): chmod 600 FILE");
    }

    #[test]
    fn credentials_come_before_the_keys_folder() {
        let (credentials, keys) = (tempfile::tempdir().unwrap(), tempfile::tempdir().unwrap());
        let find = || DatabaseKey::find(Some(credentials.path()), keys.path()).unwrap().map(|key| key.0[0]);
        assert_eq!(find(), None);
        file(keys.path(), TEXT, 0o600);
        assert_eq!(find(), Some(0));
        file(credentials.path(), &TEXT.replacen("00", "ff", 1), 0o440);
        assert_eq!(find(), Some(0xff));
    }
}
