//! A certificate that nobody but itself has signed: for a start, until the owner has one of an authority.
//!
//! `hallward cert self-signed` writes it to files. Browsers warn of it, until a person has compared its fingerprint.

use rcgen::{
    CertificateParams, DistinguishedName, DnType, ExtendedKeyUsagePurpose, KeyPair, KeyUsagePurpose,
    date_time_ymd,
};

use super::fingerprint;

/// Year, month and day, as of midnight UTC.
pub(crate) type Day = (i32, u8, u8);

/// A certificate and its key, both PEM.
pub(crate) struct Made {
    pub(crate) certificate: String,
    pub(crate) key: String,
    /// SHA-256 of the certificate.
    pub(crate) fingerprint: String,
}

/// Makes a key, and a certificate of it for servers with these names (host names and addresses; the first is its subject).
///
/// # Errors
/// A name that no certificate can carry.
pub(crate) fn make(names: &[String], from: Day, until: Day) -> Result<Made, rcgen::Error> {
    let mut params = CertificateParams::new(names)?;
    params.distinguished_name = DistinguishedName::new();
    if let Some(name) = names.first() {
        params.distinguished_name.push(DnType::CommonName, name.as_str());
    }
    params.not_before = date_time_ymd(from.0, from.1, from.2);
    params.not_after = date_time_ymd(until.0, until.1, until.2);
    params.key_usages = vec![KeyUsagePurpose::DigitalSignature];
    params.extended_key_usages = vec![ExtendedKeyUsagePurpose::ServerAuth];
    let key = KeyPair::generate()?;
    let certificate = params.self_signed(&key)?;
    let fingerprint = fingerprint(certificate.der());
    Ok(Made { certificate: certificate.pem(), key: key.serialize_pem(), fingerprint })
}
