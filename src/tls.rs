//! TLS, set up in one place: certificates from the owner's files, versions 1.2 and 1.3, AES-256 suites only (R-TRANSIT).
//!
//! Who calls it: `deliver` for the broker, `bus` for devices that speak Modbus/TCP Security; both read the files anew
//! for each connection. `app` has the pages' certificate read ([`server`]), and looks whether it was renewed;
//! `hallward cert` has one made ([`self_signed`]).

pub(crate) mod self_signed;
pub(crate) mod server;

use std::{
    path::{Path, PathBuf},
    sync::Arc,
};

use rustls::{
    ClientConfig, RootCertStore,
    crypto::{CryptoProvider, ring},
    pki_types::{
        CertificateDer, PrivateKeyDer,
        pem::{self, PemObject},
    },
};
use sha2::{Digest, Sha256};

/// A file of certificates or keys that cannot be used.
#[derive(Debug, thiserror::Error)]
#[error("{}: {why}", file.display())]
pub struct TlsError {
    /// The file.
    pub file: PathBuf,
    /// What is wrong.
    pub why: String,
}

/// A client configuration that trusts the certificates of `ca_file` and nobody else, and shows the certificate of
/// `own` (certificate, key) where it is asked for one.
///
/// # Errors
/// Which file cannot be used, and why.
pub(crate) fn client(ca_file: &Path, own: Option<(&Path, &Path)>) -> Result<Arc<ClientConfig>, TlsError> {
    let mut roots = RootCertStore::empty();
    for certificate in certificates(ca_file)? {
        roots.add(certificate).map_err(|error| wrong(ca_file, error))?;
    }
    let config = ClientConfig::builder_with_provider(Arc::new(provider()))
        .with_safe_default_protocol_versions()
        .map_err(|error| wrong(ca_file, error))?
        .with_root_certificates(roots);
    let Some((certificate, key)) = own else { return Ok(Arc::new(config.with_no_client_auth())) };
    let chain = certificates(certificate)?;
    let private = PrivateKeyDer::from_pem_file(key).map_err(|error| not_pem(key, &error))?;
    config.with_client_auth_cert(chain, private).map(Arc::new).map_err(|error| wrong(certificate, error))
}

fn certificates(file: &Path) -> Result<Vec<CertificateDer<'static>>, TlsError> {
    let all = CertificateDer::pem_file_iter(file).map_err(|error| not_pem(file, &error))?;
    chain(file, all)
}

/// All certificates of a file; at least one.
fn chain(
    file: &Path,
    found: impl Iterator<Item = Result<CertificateDer<'static>, pem::Error>>,
) -> Result<Vec<CertificateDer<'static>>, TlsError> {
    let all: Vec<_> = found.collect::<Result<_, _>>().map_err(|error| not_pem(file, &error))?;
    if all.is_empty() {
        return Err(wrong(file, "there is no certificate in it; it must be PEM"));
    }
    Ok(all)
}

/// A certificate's SHA-256, as browsers and `openssl x509 -fingerprint` show it.
pub(crate) fn fingerprint(certificate: &CertificateDer<'_>) -> String {
    let pairs: Vec<_> = Sha256::digest(certificate).iter().map(|byte| format!("{byte:02X}")).collect();
    pairs.join(":")
}

fn wrong(file: &Path, why: impl ToString) -> TlsError {
    TlsError { file: file.to_owned(), why: why.to_string() }
}

fn not_pem(file: &Path, error: &pem::Error) -> TlsError {
    if let pem::Error::Io(error) = error {
        return wrong(file, error);
    }
    wrong(file, format!("{error}; it must be PEM"))
}

fn provider() -> CryptoProvider {
    use rustls::CipherSuite::{
        TLS_ECDHE_ECDSA_WITH_AES_256_GCM_SHA384, TLS_ECDHE_RSA_WITH_AES_256_GCM_SHA384,
        TLS13_AES_256_GCM_SHA384,
    };
    let allowed = [
        TLS13_AES_256_GCM_SHA384,
        TLS_ECDHE_ECDSA_WITH_AES_256_GCM_SHA384,
        TLS_ECDHE_RSA_WITH_AES_256_GCM_SHA384,
    ];
    let mut provider = ring::default_provider();
    provider.cipher_suites.retain(|suite| allowed.contains(&suite.suite()));
    provider
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_suites_with_aes_256_are_offered() {
        let names: Vec<_> =
            provider().cipher_suites.iter().map(|suite| format!("{:?}", suite.suite())).collect();
        assert_eq!(names.len(), 3);
        assert!(names.iter().all(|name| name.contains("AES_256_GCM")), "{names:?}");
    }

    #[test]
    fn a_file_without_certificates_is_refused_by_name() {
        let file = tempfile::NamedTempFile::new().unwrap();
        let message = client(file.path(), None).unwrap_err().to_string();
        assert!(message.contains(&file.path().display().to_string()), "{message}");
    }
}
