//! `[web]`: where the pages are served, and with which certificate.
//!
//! `load` calls it. What other machines can reach is served over TLS alone. The files themselves are read by the
//! program, when it starts.

use std::net::SocketAddr;

use hallward_profiles::document::{Document, Entry};

use crate::{Web, WebCertificate, file::WebEntry};

const DEFAULT_LISTEN: SocketAddr = SocketAddr::new(std::net::IpAddr::V4(std::net::Ipv4Addr::LOCALHOST), 8080);

/// What would be right where the pages lack a certificate.
const BOTH: &str =
    "certificate = \"/etc/hallward/tls/certificate.pem\" and key = \"/etc/hallward/tls/key.pem\"";

/// The checked table; the usual address where there is none.
pub(crate) fn check_web(document: &mut Document<'_>, entry: Option<&Entry<WebEntry>>) -> Web {
    let Some(entry) = entry else { return Web { listen: DEFAULT_LISTEN, certificate: None } };
    let WebEntry { listen, certificate, key } = &entry.value;
    let certificate = match (certificate, key) {
        (Some(certificate), Some(key)) => {
            Some(WebCertificate { certificate: certificate.clone(), key: key.clone() })
        }
        (Some(_), None) => {
            let what = "a certificate is of no use without its key";
            document.problem(entry.at("certificate"), what, "key = \"…\" beside it");
            None
        }
        (None, Some(_)) => {
            let what = "a key is of no use without its certificate";
            document.problem(entry.at("key"), what, "certificate = \"…\" beside it");
            None
        }
        (None, None) => None,
    };
    let half = entry.value.certificate.is_some() != entry.value.key.is_some();
    let Some(text) = listen else { return Web { listen: DEFAULT_LISTEN, certificate } };
    let listen = text.parse().unwrap_or_else(|_| {
        document.problem(entry.at("listen"), format!("`{text}` is no address"), "such as 127.0.0.1:8080");
        DEFAULT_LISTEN
    });
    // Half a certificate has been told already.
    if certificate.is_none() && !half && !listen.ip().is_loopback() {
        let what = format!("`{listen}` can be reached from other machines, which are served over TLS alone");
        document.problem(
            entry.at("listen"),
            what,
            format!("{BOTH}; or a loopback address such as 127.0.0.1:8080"),
        );
    }
    Web { listen, certificate }
}
