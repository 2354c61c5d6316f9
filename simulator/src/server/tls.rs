//! Certificates of the simulated devices that speak Modbus/TCP Security: made anew at each start, in a folder that goes
//! with the simulator.
//!
//! One authority signs the devices' certificate and one for clients. It trusts nobody else, and nobody should trust it.

use std::{fs, io, path::PathBuf, sync::Arc};

use hallward_site::Certificates;
use rcgen::{BasicConstraints, CertificateParams, CertifiedIssuer, IsCa, KeyPair, KeyUsagePurpose};
use rustls::{
    RootCertStore, ServerConfig,
    crypto::ring,
    pki_types::{PrivateKeyDer, PrivatePkcs8KeyDer},
    server::WebPkiClientVerifier,
};
use tempfile::TempDir;
use tokio_rustls::TlsAcceptor;

/// Names under which devices are reached.
const DEVICES: [&str; 2] = ["127.0.0.1", "localhost"];

/// The name of a client.
const CLIENT: &str = "client";

/// What serves TLS, and where clients find what they need.
pub(crate) struct Tls {
    pub(crate) acceptor: TlsAcceptor,
    /// What a client trusts, and what it shows where it is asked.
    pub(crate) certificates: Certificates,
    /// Keeps the files.
    pub(crate) folder: TempDir,
}

impl Tls {
    /// New certificates; `ask_clients` turns away who shows none of this authority.
    ///
    /// # Errors
    /// When the folder or a file cannot be made.
    pub(crate) fn new(ask_clients: bool) -> io::Result<Self> {
        let authority = authority().map_err(io::Error::other)?;
        let (certificate, key) = signed(&DEVICES, &authority).map_err(io::Error::other)?;
        let provider = Arc::new(ring::default_provider());
        let mut trusted = RootCertStore::empty();
        trusted.add(authority.der().clone()).map_err(io::Error::other)?;
        let config = ServerConfig::builder_with_provider(Arc::clone(&provider))
            .with_safe_default_protocol_versions()
            .map_err(io::Error::other)?;
        let config = if ask_clients {
            let verifier = WebPkiClientVerifier::builder_with_provider(Arc::new(trusted), provider).build();
            config.with_client_cert_verifier(verifier.map_err(io::Error::other)?)
        } else {
            config.with_no_client_auth()
        };
        let key = PrivateKeyDer::Pkcs8(PrivatePkcs8KeyDer::from(key.serialize_der()));
        let config =
            config.with_single_cert(vec![certificate.der().clone()], key).map_err(io::Error::other)?;

        let folder = TempDir::with_prefix("hallsim-")?;
        let file = |name: &str, text: String| -> io::Result<PathBuf> {
            let path = folder.path().join(name);
            fs::write(&path, text)?;
            Ok(path)
        };
        let (client, client_key) = signed(&[CLIENT], &authority).map_err(io::Error::other)?;
        let own = (file("client.pem", client.pem())?, file("client-key.pem", client_key.serialize_pem())?);
        let certificates =
            Certificates { ca_file: file("ca.pem", authority.pem())?, own: ask_clients.then_some(own) };
        Ok(Self { acceptor: TlsAcceptor::from(Arc::new(config)), certificates, folder })
    }
}

fn authority() -> Result<CertifiedIssuer<'static, KeyPair>, rcgen::Error> {
    let mut params = CertificateParams::new(Vec::new())?;
    params.is_ca = IsCa::Ca(BasicConstraints::Unconstrained);
    params.key_usages = vec![KeyUsagePurpose::KeyCertSign, KeyUsagePurpose::DigitalSignature];
    params.distinguished_name.push(rcgen::DnType::CommonName, "simulated hall");
    CertifiedIssuer::self_signed(params, KeyPair::generate()?)
}

fn signed(
    names: &[&str],
    authority: &CertifiedIssuer<'_, KeyPair>,
) -> Result<(rcgen::Certificate, KeyPair), rcgen::Error> {
    let key = KeyPair::generate()?;
    let params = CertificateParams::new(names.iter().map(|name| (*name).to_owned()).collect::<Vec<_>>())?;
    Ok((params.signed_by(&key, authority)?, key))
}
