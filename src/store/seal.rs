//! The seal: what must not be read in a copy of the database (keys of readers) lies there encrypted under a key that is
//! not in it.
//!
//! The key is 32 bytes in a file of 64 hexadecimal digits, `seal.key`: from systemd's credentials, else from the keys
//! folder, else made at the first start in the data folder (0600). Whoever keeps it there protects against a lost copy of
//! the database alone, not against a lost disk.

use std::{
    fmt,
    fs::{self, OpenOptions},
    io::{ErrorKind, Write as _},
    os::unix::fs::OpenOptionsExt,
    path::Path,
};

use ring::aead::{AES_256_GCM, Aad, LessSafeKey, NONCE_LEN, Nonce, UnboundKey};
use zeroize::Zeroizing;

use super::{
    StoreError,
    error::Doing,
    keys::{DatabaseKey, find_in},
};

/// Name of the key file.
const FILE: &str = "seal.key";

/// Seals and opens. Never shown.
pub struct Seal(LessSafeKey);

impl Seal {
    /// Finds the key, or makes it in the data folder. Blocks the thread.
    ///
    /// # Errors
    /// The first file that exists cannot be read, is no key, or may be read by others; or none can be made.
    pub fn find(credentials: Option<&Path>, keys: &Path, data: &Path) -> Result<Self, StoreError> {
        let own = data.join(FILE);
        let key = match find_in(FILE, credentials, keys)? {
            Some(key) => key,
            None => match DatabaseKey::load(&own) {
                Err(StoreError::File { source, .. }) if source.kind() == ErrorKind::NotFound => {
                    make(&own, data)?;
                    DatabaseKey::load(&own)?
                }
                found => found?,
            },
        };
        Self::of(key.bytes())
    }

    fn of(key: &[u8; 32]) -> Result<Self, StoreError> {
        // A key of the right length is always taken.
        let key = UnboundKey::new(&AES_256_GCM, key).map_err(|_| StoreError::Sealed)?;
        Ok(Self(LessSafeKey::new(key)))
    }

    /// Seals `plain` for the place that `context` names: elsewhere it does not open.
    ///
    /// # Errors
    /// The system gives no random numbers.
    pub(super) fn close(&self, context: &str, plain: &[u8]) -> Result<Vec<u8>, StoreError> {
        let mut nonce = [0; NONCE_LEN];
        getrandom::fill(&mut nonce).map_err(StoreError::Random)?;
        let mut sealed = plain.to_vec();
        self.0
            .seal_in_place_append_tag(
                Nonce::assume_unique_for_key(nonce),
                Aad::from(context.as_bytes()),
                &mut sealed,
            )
            .map_err(|_| StoreError::Sealed)?;
        Ok([nonce.as_slice(), &sealed].concat())
    }

    /// Opens what was sealed for this place.
    ///
    /// # Errors
    /// It was sealed under another key or for another place, or is damaged.
    pub(super) fn open(&self, context: &str, sealed: &[u8]) -> Result<Zeroizing<Vec<u8>>, StoreError> {
        let (nonce, rest) = sealed.split_at_checked(NONCE_LEN).ok_or(StoreError::Sealed)?;
        let nonce = Nonce::try_assume_unique_for_key(nonce).map_err(|_| StoreError::Sealed)?;
        let mut rest = Zeroizing::new(rest.to_vec());
        let length = self
            .0
            .open_in_place(nonce, Aad::from(context.as_bytes()), &mut rest)
            .map_err(|_| StoreError::Sealed)?
            .len();
        rest.truncate(length);
        Ok(rest)
    }
}

impl fmt::Debug for Seal {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Seal(…)")
    }
}

/// A new key, on disk before it is used: what is sealed under a key that is lost never opens again.
fn make(path: &Path, folder: &Path) -> Result<(), StoreError> {
    let mut key = Zeroizing::new([0; 32]);
    getrandom::fill(&mut *key).map_err(StoreError::Random)?;
    let text = Zeroizing::new(data_encoding::HEXLOWER.encode(&*key));
    let mut file =
        OpenOptions::new().write(true).create_new(true).mode(0o600).open(path).doing("create", path)?;
    file.write_all(text.as_bytes()).and_then(|()| file.sync_all()).doing("write", path)?;
    fs::File::open(folder).and_then(|folder| folder.sync_all()).doing("write", path)
}

#[cfg(test)]
mod tests {
    use std::os::unix::fs::PermissionsExt;

    use super::*;

    #[test]
    fn what_was_sealed_opens_in_its_place_alone() {
        let seal = Seal::of(&[7; 32]).unwrap();
        let sealed = seal.close("front/entry", b"a secret").unwrap();
        assert!(!sealed.windows(8).any(|part| part == b"a secret"));
        assert_ne!(sealed, seal.close("front/entry", b"a secret").unwrap(), "never twice the same");
        assert_eq!(*seal.open("front/entry", &sealed).unwrap(), b"a secret");
        let mut damaged = sealed.clone();
        damaged[NONCE_LEN] ^= 1;
        let other = Seal::of(&[8; 32]).unwrap();
        for wrong in [
            seal.open("front/exit", &sealed),
            seal.open("front/entry", &damaged),
            seal.open("front/entry", &sealed[..5]),
            other.open("front/entry", &sealed),
        ] {
            assert!(matches!(wrong, Err(StoreError::Sealed)));
        }
        assert_eq!(format!("{seal:?}"), "Seal(…)");
    }

    #[test]
    fn the_key_is_made_once_and_others_go_before_it() {
        let (keys, data) = (tempfile::tempdir().unwrap(), tempfile::tempdir().unwrap());
        let find = || Seal::find(None, keys.path(), data.path());
        let sealed = find().unwrap().close("x", b"1").unwrap();
        let own = data.path().join(FILE);
        assert_eq!(fs::metadata(&own).unwrap().permissions().mode() & 0o777, 0o600);
        assert!(find().unwrap().open("x", &sealed).is_ok(), "after a restart");
        let given = keys.path().join(FILE);
        fs::write(&given, "ab".repeat(32)).unwrap();
        fs::set_permissions(&given, fs::Permissions::from_mode(0o600)).unwrap();
        assert!(find().unwrap().open("x", &sealed).is_err(), "another key");
        fs::set_permissions(&given, fs::Permissions::from_mode(0o644)).unwrap();
        assert!(matches!(find(), Err(StoreError::KeyExposed { .. })));
    }
}
