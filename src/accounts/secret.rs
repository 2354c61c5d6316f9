//! Secrets and passwords: made, hashed and compared. Argon2id runs on tokio's blocking threads, two at a time.

use std::sync::Arc;

use argon2::{
    Argon2,
    password_hash::{PasswordHasher, PasswordVerifier},
};
use data_encoding::BASE64URL_NOPAD;
use sha2::{Digest, Sha256};
use tokio::{sync::Semaphore, task::spawn_blocking};

use super::NotDone;
use crate::{model::SecretHash, store::StoreError};

/// Bytes of a secret.
const SECRET: usize = 32;

/// Hashes at a time: each takes 19 MiB and a core for some ten milliseconds.
const AT_ONCE: usize = 2;

/// A fresh secret as its holder shows it, 43 letters.
pub(super) fn fresh() -> Result<String, StoreError> {
    let mut bytes = [0; SECRET];
    getrandom::fill(&mut bytes).map_err(StoreError::Random)?;
    Ok(BASE64URL_NOPAD.encode(&bytes))
}

/// What is kept of a secret.
pub(super) fn hash(secret: &str) -> SecretHash {
    Sha256::digest(secret.as_bytes()).into()
}

/// What a page of this session must send back with each change; whoever has not got the cookie cannot know it.
pub(super) fn proof(secret: &str) -> String {
    let digest = Sha256::new().chain_update(b"change").chain_update(secret.as_bytes()).finalize();
    BASE64URL_NOPAD.encode(&digest)
}

/// Hashes passwords.
pub(super) struct Hasher {
    places: Arc<Semaphore>,
    /// Of a password that nobody has: an unknown name takes as long as a known one.
    nobody: String,
}

impl Hasher {
    pub(super) async fn new() -> Result<Self, StoreError> {
        let places = Arc::new(Semaphore::new(AT_ONCE));
        let nobody = spawn_blocking(|| made(&fresh()?)).await.map_err(|_| StoreError::Stopped)??;
        Ok(Self { places, nobody })
    }

    /// The hash of a password, as a PHC string.
    pub(super) async fn make(&self, password: String) -> Result<String, NotDone> {
        Ok(self.work(move || made(&password)).await??)
    }

    /// Whether `password` is the one of this hash. Without a hash it is not, after as much work.
    pub(super) async fn is_right(&self, password: String, hash: Option<String>) -> Result<bool, NotDone> {
        let known = hash.is_some();
        let hash = hash.unwrap_or_else(|| self.nobody.clone());
        let same =
            self.work(move || Argon2::default().verify_password(password.as_bytes(), hash.as_str()).is_ok());
        Ok(same.await? && known)
    }

    async fn work<T: Send + 'static>(&self, work: impl FnOnce() -> T + Send + 'static) -> Result<T, NotDone> {
        let place = Arc::clone(&self.places).acquire_owned().await.map_err(|_| StoreError::Stopped)?;
        let done = spawn_blocking(move || {
            let result = work();
            drop(place);
            result
        });
        Ok(done.await.map_err(|_| StoreError::Stopped)?)
    }
}

fn made(password: &str) -> Result<String, StoreError> {
    let mut salt = [0; 16];
    getrandom::fill(&mut salt).map_err(StoreError::Random)?;
    let hash = Argon2::default().hash_password_with_salt(password.as_bytes(), &salt);
    Ok(hash.map_err(|_| StoreError::Hash)?.to_string())
}
