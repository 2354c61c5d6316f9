//! The seal: what must not be read in a copy of the database (keys of readers) lies there encrypted under a key that is
//! not in it.
//!
//! The key is `seal.key`. Whoever keeps it in the data folder protects against a lost copy of the database alone, not against a
//! lost disk.

use std::fmt;

use ring::aead::{AES_256_GCM, Aad, LessSafeKey, NONCE_LEN, Nonce, UnboundKey};
use zeroize::Zeroizing;

use super::{SecretKey, StoreError};

/// Seals and opens. Never shown.
pub struct Seal(LessSafeKey);

impl Seal {
    /// By this key.
    ///
    /// # Errors
    /// Never: a key of this length is always taken.
    pub fn new(key: &SecretKey) -> Result<Self, StoreError> {
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

#[cfg(test)]
mod tests {
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
}
