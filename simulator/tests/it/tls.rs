//! Modbus/TCP Security.

use std::{io, sync::Arc};

use hallward_simulator::Simulator;
use hallward_site::{Certificates, Endpoint, Transport};
use rustls::{
    ClientConfig, ProtocolVersion, RootCertStore, SupportedProtocolVersion,
    crypto::ring,
    pki_types::{CertificateDer, PrivateKeyDer, ServerName, pem::PemObject},
    version::{TLS12, TLS13},
};
use tokio::net::TcpStream;
use tokio_rustls::{TlsConnector, client::TlsStream};

use crate::client::{Modbus, device, options, site};

async fn start(client_certificates: bool) -> Simulator {
    let line = "[[line]]\nid = \"ups\"\ntcp = \"10.0.0.1:802\"\nmode = \"tls\"\nca_file = \"/etc/hallward/ca.pem\"\n\
                certificate_file = \"/etc/hallward/own.pem\"\nkey_file = \"/etc/hallward/own-key.pem\"\n";
    let site = site(&format!("{line}{}", device("ups", "ups", 1, "apc-smart-ups")));
    Simulator::start(hallward_simulator::Options { client_certificates, ..options(site) }).await.unwrap()
}

fn reached(simulator: &Simulator) -> (Endpoint, Certificates) {
    let Transport::Tls(endpoint, certificates) = &simulator.lines()["ups"] else { panic!("no TLS line") };
    (endpoint.clone(), certificates.clone())
}

async fn connect(
    simulator: &Simulator,
    name: &str,
    versions: &[&'static SupportedProtocolVersion],
    show: bool,
) -> io::Result<TlsStream<TcpStream>> {
    let (endpoint, certificates) = reached(simulator);
    let mut trusted = RootCertStore::empty();
    trusted.add(CertificateDer::from_pem_file(&certificates.ca_file).unwrap()).unwrap();
    let config = ClientConfig::builder_with_provider(Arc::new(ring::default_provider()))
        .with_protocol_versions(versions)
        .unwrap()
        .with_root_certificates(trusted);
    let config = match certificates.own.filter(|_| show) {
        Some((certificate, key)) => {
            let chain = vec![CertificateDer::from_pem_file(certificate).unwrap()];
            config.with_client_auth_cert(chain, PrivateKeyDer::from_pem_file(key).unwrap()).unwrap()
        }
        None => config.with_no_client_auth(),
    };
    let stream = TcpStream::connect((endpoint.host.as_str(), endpoint.port)).await?;
    let name = ServerName::try_from(name.to_owned()).unwrap();
    TlsConnector::from(Arc::new(config)).connect(name, stream).await
}

/// Battery charge: register 130, in 1/512 %.
async fn charge(stream: TlsStream<TcpStream>) -> Vec<u8> {
    Modbus::over(stream).ask(1, &[3, 0, 130, 0, 1]).await
}

#[tokio::test]
async fn both_versions_are_spoken_under_both_names() {
    let simulator = start(false).await;
    for (version, name, spoken) in
        [(&TLS12, "127.0.0.1", ProtocolVersion::TLSv1_2), (&TLS13, "localhost", ProtocolVersion::TLSv1_3)]
    {
        let stream = connect(&simulator, name, &[version], false).await.unwrap();
        assert_eq!(stream.get_ref().1.protocol_version(), Some(spoken));
        assert_eq!(charge(stream).await, [3, 2, 0xC8, 0]);
    }
    assert_eq!(reached(&simulator).1.own, None, "no client is asked");
    assert!(connect(&simulator, "ups.example", &[&TLS13], false).await.is_err(), "another name");
}

#[tokio::test]
async fn clients_are_asked_for_a_certificate_where_a_test_wants_it() {
    let simulator = start(true).await;
    let known = connect(&simulator, "localhost", &[&TLS12], true).await.unwrap();
    assert_eq!(charge(known).await, [3, 2, 0xC8, 0]);
    assert!(connect(&simulator, "localhost", &[&TLS12], false).await.is_err(), "nobody's client");
}

#[tokio::test]
async fn the_files_go_with_the_simulator() {
    let simulator = start(false).await;
    let ca_file = reached(&simulator).1.ca_file;
    assert!(ca_file.exists());
    simulator.shutdown().await;
    assert!(!ca_file.exists());
}
