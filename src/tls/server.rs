//! The pages' certificate: read from its two files, checked, and turned into what serves with it.
//!
//! `app` reads at the start, and again to see whether the files have changed. Whether a browser trusts the
//! certificate, and until when, is between its authority and the browser.

use std::{
    fs::File,
    io::{self, Read},
    os::unix::fs::PermissionsExt,
    path::{Path, PathBuf},
    sync::Arc,
};

use rustls::{
    InconsistentKeys, ServerConfig,
    pki_types::{
        CertificateDer, PrivateKeyDer,
        pem::{self, PemObject},
    },
};

use super::{TlsError, chain, fingerprint, not_pem, provider, wrong};

/// Reading stops here: a chain of certificates is some kilobytes.
const LONGEST: u64 = 256 * 1024;

/// Where systemd puts credentials.
const CREDENTIALS: &str = "/run/credentials/";

/// What is spoken inside.
const HTTP_1_1: &[u8] = b"http/1.1";

/// A certificate file and that of its key.
#[derive(Clone, Debug)]
pub(crate) struct Files {
    pub(crate) certificate: PathBuf,
    pub(crate) key: PathBuf,
}

/// What stood in both files.
#[derive(PartialEq, Eq)]
pub(crate) struct Contents {
    certificate: Vec<u8>,
    key: Vec<u8>,
}

/// A certificate that can be served with.
#[derive(Clone)]
pub(crate) struct Server {
    /// For the acceptor.
    pub(crate) config: Arc<ServerConfig>,
    /// SHA-256 of the certificate.
    pub(crate) fingerprint: String,
}

impl Files {
    /// Reads both files; nobody but the service may be able to read the key.
    ///
    /// # Errors
    /// Which file cannot be read, and why.
    pub(crate) fn read(&self) -> Result<Contents, TlsError> {
        let certificate = read(&self.certificate, 0)?;
        // systemd lets the service's user in by an access list, which shows as a readable group.
        let forbidden = if self.key.starts_with(CREDENTIALS) { 0o007 } else { 0o077 };
        Ok(Contents { certificate, key: read(&self.key, forbidden)? })
    }

    /// Turns what was read into what serves with it.
    ///
    /// # Errors
    /// Which file cannot be used, and why: no PEM, no certificate, or a key that is another one's.
    pub(crate) fn server(&self, contents: &Contents) -> Result<Server, TlsError> {
        let (file, key_file) = (self.certificate.as_path(), self.key.as_path());
        let chain = chain(file, CertificateDer::pem_slice_iter(&contents.certificate))?;
        let fingerprint = chain.first().map(fingerprint).unwrap_or_default();
        let key = PrivateKeyDer::from_pem_slice(&contents.key).map_err(|error| {
            if matches!(error, pem::Error::NoItemsFound) {
                return wrong(key_file, "there is no private key in it; it must be PEM without a password");
            }
            not_pem(key_file, &error)
        })?;
        let mut config = ServerConfig::builder_with_provider(Arc::new(provider()))
            .with_safe_default_protocol_versions()
            .map_err(|error| wrong(file, error))?
            .with_no_client_auth()
            .with_single_cert(chain, key)
            .map_err(|error| self.unusable(&error))?;
        config.alpn_protocols = vec![HTTP_1_1.to_vec()];
        Ok(Server { config: Arc::new(config), fingerprint })
    }

    /// What rustls says of a certificate and a key, each of which could be read.
    fn unusable(&self, error: &rustls::Error) -> TlsError {
        if matches!(error, rustls::Error::InconsistentKeys(InconsistentKeys::KeyMismatch)) {
            let of = self.certificate.display();
            return wrong(&self.key, format!("it is not the key of the certificate in {of}"));
        }
        let file =
            if matches!(error, rustls::Error::InvalidCertificate(_)) { &self.certificate } else { &self.key };
        wrong(file, error)
    }
}

/// Reads a file that has none of the `forbidden` permissions.
fn read(path: &Path, forbidden: u32) -> Result<Vec<u8>, TlsError> {
    let cannot = |error: io::Error| wrong(path, format!("it cannot be read: {error}"));
    let file = File::open(path).map_err(cannot)?;
    let mode = file.metadata().map_err(cannot)?.permissions().mode() & 0o777;
    if mode & forbidden != 0 {
        let path_text = path.display();
        return Err(wrong(
            path,
            format!("it may be read by others (mode {mode:04o}): chmod 600 {path_text}"),
        ));
    }
    let mut bytes = Vec::new();
    file.take(LONGEST).read_to_end(&mut bytes).map_err(cannot)?;
    Ok(bytes)
}

impl Drop for Contents {
    fn drop(&mut self) {
        self.key.fill(0);
        std::hint::black_box(&self.key);
    }
}

#[cfg(test)]
mod tests {
    use std::fs;

    use tempfile::TempDir;

    use super::*;
    use crate::tls::self_signed::{Made, make};

    fn made() -> Made {
        make(&["localhost".to_owned()], (2026, 1, 1), (2027, 1, 1)).unwrap()
    }

    fn files(certificate: &str, key: &str, mode: u32) -> (Files, TempDir) {
        let folder = tempfile::tempdir().unwrap();
        let files =
            Files { certificate: folder.path().join("certificate.pem"), key: folder.path().join("key.pem") };
        fs::write(&files.certificate, certificate).unwrap();
        fs::write(&files.key, key).unwrap();
        fs::set_permissions(&files.key, fs::Permissions::from_mode(mode)).unwrap();
        (files, folder)
    }

    #[track_caller]
    fn refusal(certificate: &str, key: &str, mode: u32) -> String {
        let (files, folder) = files(certificate, key, mode);
        let refused = files.read().and_then(|contents| files.server(&contents));
        let message = refused.err().expect("a refusal").to_string();
        message.replace(&format!("{}/", folder.path().display()), "")
    }

    #[test]
    fn a_certificate_with_its_key_is_served_with_aes_256_alone() {
        let made = made();
        let (files, _folder) = files(&made.certificate, &made.key, 0o600);
        let server = files.server(&files.read().unwrap()).unwrap();
        assert_eq!(server.fingerprint, made.fingerprint);
        assert_eq!(server.fingerprint.len(), 95);
        assert_eq!(server.config.crypto_provider().cipher_suites.len(), 3);
        assert_eq!(server.config.alpn_protocols, [HTTP_1_1.to_vec()]);
    }

    #[test]
    fn what_cannot_be_served_with_is_told_by_file() {
        let (one, other) = (made(), made());
        let at = |certificate: &str, key: &str| refusal(certificate, key, 0o600);
        assert_eq!(
            at(&one.certificate, &other.key),
            "key.pem: it is not the key of the certificate in certificate.pem"
        );
        assert_eq!(at("", &one.key), "certificate.pem: there is no certificate in it; it must be PEM");
        let no_key = "key.pem: there is no private key in it; it must be PEM without a password";
        assert_eq!(at(&one.certificate, ""), no_key);
        assert_eq!(at(&one.certificate, &one.key.replace("PRIVATE", "ENCRYPTED PRIVATE")), no_key);
        let cut = one.certificate.replacen("MII", "MI!", 1);
        assert!(at(&cut, &one.key).starts_with("certificate.pem: base64"), "{}", at(&cut, &one.key));
        let no_certificate = "-----BEGIN CERTIFICATE-----\nAAAA\n-----END CERTIFICATE-----\n";
        assert!(
            at(no_certificate, &one.key).starts_with("certificate.pem: "),
            "{}",
            at(no_certificate, &one.key)
        );
    }

    #[test]
    fn a_key_that_others_may_read_is_refused() {
        let made = made();
        for (mode, text) in [(0o640, "0640"), (0o604, "0604"), (0o660, "0660")] {
            let told = refusal(&made.certificate, &made.key, mode);
            assert_eq!(told, format!("key.pem: it may be read by others (mode {text}): chmod 600 key.pem"));
        }
        let (mut files, _folder) = files(&made.certificate, &made.key, 0o600);
        files.certificate = "/nowhere/c.pem".into();
        let told = files.read().err().unwrap().to_string();
        assert!(told.starts_with("/nowhere/c.pem: it cannot be read: No such file"), "{told}");
    }
}
