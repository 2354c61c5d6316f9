//! Keys: 32 bytes each, kept in a file of its own as 64 hexadecimal digits, in the folder of systemd's credentials or of the
//! keys. The databases' key is only ever brought; the others are made in the data folder when there is none.
//!
//! | file | for |
//! | --- | --- |
//! | `database.key` | encrypts the databases |
//! | `log.key` | signs checkpoints of the journal (Ed25519) |
//! | `card.key` | cards and PINs are known by HMACs with it |
//! | `seal.key` | seals readers' keys |

use std::{
    fmt,
    fs::{File, OpenOptions},
    io::{Read, Write},
    os::unix::fs::{OpenOptionsExt, PermissionsExt},
    path::{Path, PathBuf},
};

use super::{StoreError, error::Doing};

/// Name of the databases' key file.
const FILE: &str = "database.key";

const DIGITS: usize = 64;

/// Reading stops here: whatever is longer is no key.
const LONGEST: u64 = 1024;

/// A key. Overwritten in memory when dropped; never shown.
#[derive(Clone)]
pub struct SecretKey([u8; 32]);

/// The databases' key.
#[derive(Clone, Debug)]
pub struct DatabaseKey(SecretKey);

/// A key that is made when there is none.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum KeyName {
    /// Signs checkpoints of the journal.
    Log,
    /// Cards and PINs are known by HMACs with it.
    Card,
    /// Seals readers' keys.
    Seal,
}

/// Where keys are looked for, in this order.
#[derive(Clone, Debug)]
pub struct KeyFolders {
    /// systemd's credentials (`$CREDENTIALS_DIRECTORY`).
    pub credentials: Option<PathBuf>,
    /// The keys' own (`/etc/hallward/keys`), if there is one: a demo has none.
    pub keys: Option<PathBuf>,
    /// That of the databases, where missing ones are made.
    pub data: PathBuf,
}

impl KeyName {
    /// Its file.
    #[must_use]
    pub fn file(self) -> &'static str {
        match self {
            Self::Log => "log.key",
            Self::Card => "card.key",
            Self::Seal => "seal.key",
        }
    }
}

impl KeyFolders {
    /// All in this folder: a demo's, a test's.
    #[must_use]
    pub fn of(data: &Path) -> Self {
        Self { credentials: None, keys: None, data: data.to_owned() }
    }

    /// The key of this name; made in the data folder when there is none, which is then told in the program's log.
    ///
    /// # Errors
    /// The first one that exists cannot be read, is no key, or may be read by others; none can be made.
    pub fn key(&self, name: KeyName) -> Result<SecretKey, StoreError> {
        let own = [self.keys.as_ref(), Some(&self.data)].into_iter().flatten().map(|folder| (folder, 0o077));
        // systemd lets the service's user in by an access list, which shows as a readable group.
        let all = self.credentials.iter().map(|folder| (folder, 0o007)).chain(own);
        for (path, forbidden) in all.map(|(folder, forbidden)| (folder.join(name.file()), forbidden)) {
            if may_exist(&path) {
                return read(&path, forbidden);
            }
        }
        let path = self.data.join(name.file());
        let key = make(&path)?;
        tracing::warn!(path = %path.display(), "a key was made: keep a copy of it elsewhere");
        Ok(key)
    }
}

/// Complete or not there at all, whenever the power fails.
fn make(path: &Path) -> Result<SecretKey, StoreError> {
    let mut key = SecretKey([0; 32]);
    getrandom::fill(&mut key.0).map_err(StoreError::Random)?;
    let part = path.with_extension("part");
    let open = || OpenOptions::new().write(true).create(true).truncate(true).mode(0o600).open(&part);
    let mut file = open().doing("create", &part)?;
    writeln!(file, "{}", key.digits()).doing("write", &part)?;
    file.sync_all().doing("write", &part)?;
    std::fs::rename(&part, path).doing("create", path)?;
    Ok(key)
}

impl SecretKey {
    /// Its bytes.
    #[must_use]
    pub fn bytes(&self) -> &[u8; 32] {
        &self.0
    }

    fn digits(&self) -> String {
        self.0.iter().map(|byte| format!("{byte:02x}")).collect()
    }
}

impl DatabaseKey {
    /// Reads `database.key` from systemd's credentials folder (`$CREDENTIALS_DIRECTORY`), else from the keys
    /// folder (`/etc/hallward/keys`). `None` when neither has one.
    ///
    /// # Errors
    /// The first one that exists cannot be read, is no key, or may be read by others.
    pub fn find(credentials: Option<&Path>, keys: &Path) -> Result<Option<Self>, StoreError> {
        if let Some(path) = credentials.map(|folder| folder.join(FILE))
            && may_exist(&path)
        {
            // systemd lets the service's user in by an access list, which shows as a readable group.
            return read(&path, 0o007).map(|key| Some(Self(key)));
        }
        let path = keys.join(FILE);
        if may_exist(&path) { Self::load(&path).map(Some) } else { Ok(None) }
    }

    /// Reads a key file, which only its owner may read.
    ///
    /// # Errors
    /// It cannot be read, is no key, or may be read by others.
    pub fn load(path: &Path) -> Result<Self, StoreError> {
        read(path, 0o077).map(Self)
    }

    /// The key as SQLCipher takes it without deriving another from it.
    pub(super) fn literal(&self) -> String {
        format!("x'{}'", self.0.digits())
    }

    #[cfg(test)]
    pub(super) fn of(bytes: [u8; 32]) -> Self {
        Self(SecretKey(bytes))
    }
}

/// False only if there is surely no such file. One that may not be looked at is read, and the refusal told: a hall
/// must not go on without the key that it was given.
fn may_exist(path: &Path) -> bool {
    path.try_exists().unwrap_or(true)
}

impl fmt::Debug for SecretKey {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("SecretKey(…)")
    }
}

impl Drop for SecretKey {
    fn drop(&mut self) {
        self.0.fill(0);
        std::hint::black_box(&self.0);
    }
}

fn read(path: &Path, forbidden: u32) -> Result<SecretKey, StoreError> {
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

fn parse(text: &str, path: &Path) -> Result<SecretKey, StoreError> {
    let found = text.chars().count();
    if found != DIGITS {
        return Err(StoreError::KeyLength { path: path.to_owned(), found });
    }
    let mut key = SecretKey([0; 32]);
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
        assert_eq!(key.0.bytes().to_vec(), (0..32).collect::<Vec<u8>>());
        assert_eq!(key.literal().len(), 67);
        assert_eq!(format!("{key:?}"), "DatabaseKey(SecretKey(…))");
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
        let find =
            || DatabaseKey::find(Some(credentials.path()), keys.path()).unwrap().map(|key| key.0.bytes()[0]);
        assert_eq!(find(), None);
        file(keys.path(), TEXT, 0o600);
        assert_eq!(find(), Some(0));
        file(credentials.path(), &TEXT.replacen("00", "ff", 1), 0o440);
        assert_eq!(find(), Some(0xff));
    }

    #[test]
    fn a_missing_key_is_made_once_and_for_its_owner_alone() {
        let (data, keys) = (tempfile::tempdir().unwrap(), tempfile::tempdir().unwrap());
        let folders = KeyFolders {
            credentials: None,
            keys: Some(keys.path().to_owned()),
            data: data.path().to_owned(),
        };
        let first = folders.key(KeyName::Card).unwrap();
        assert_eq!(folders.key(KeyName::Card).unwrap().bytes(), first.bytes());
        assert_ne!(folders.key(KeyName::Seal).unwrap().bytes(), first.bytes());
        let mode = fs::metadata(data.path().join("card.key")).unwrap().permissions().mode();
        assert_eq!(mode & 0o777, 0o600);
        let brought = keys.path().join("card.key");
        fs::write(&brought, TEXT).unwrap();
        assert!(matches!(folders.key(KeyName::Card), Err(StoreError::KeyExposed { .. })));
        fs::set_permissions(&brought, fs::Permissions::from_mode(0o600)).unwrap();
        assert_eq!(folders.key(KeyName::Card).unwrap().bytes()[1], 1);
    }
}
