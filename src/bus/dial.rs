//! How the stream of a line is made: a TCP connection, TLS over one, or a serial port. In tests, a pipe in memory.

use std::{future::Future, io, os::fd::AsRawFd, pin::Pin, sync::Arc};

use hallward_profiles::Parity;
use hallward_site::{Certificates, Endpoint, Serial, Transport};
use rs485::Rs485;
use rustls::pki_types::ServerName;
use tokio::{
    io::{AsyncRead, AsyncWrite},
    net::TcpStream,
};
use tokio_rustls::TlsConnector;
use tokio_serial::{SerialPortBuilderExt, SerialStream};

use crate::tls;

/// Anything that carries bytes both ways.
pub trait Stream: AsyncRead + AsyncWrite + Send + Unpin + std::fmt::Debug {}
impl<S: AsyncRead + AsyncWrite + Send + Unpin + std::fmt::Debug> Stream for S {}

/// Makes the stream of a line.
pub type Dial = Arc<dyn Fn() -> Dialling + Send + Sync>;

/// A stream in the making.
pub(super) type Dialling = Pin<Box<dyn Future<Output = io::Result<Box<dyn Stream>>> + Send>>;

/// Dials what the site file says.
#[must_use]
pub fn dial(transport: &Transport) -> Dial {
    let transport = transport.clone();
    Arc::new(move || {
        let transport = transport.clone();
        Box::pin(async move {
            let stream: Box<dyn Stream> = match &transport {
                Transport::Tcp(endpoint) | Transport::RtuOverTcp(endpoint, _) => {
                    Box::new(tcp(endpoint).await?)
                }
                Transport::Tls(endpoint, certificates) => Box::new(secured(endpoint, certificates).await?),
                Transport::Serial(serial) => Box::new(open(serial)?),
            };
            Ok(stream)
        })
    })
}

async fn tcp(endpoint: &Endpoint) -> io::Result<TcpStream> {
    let stream = TcpStream::connect((endpoint.host.as_str(), endpoint.port)).await?;
    stream.set_nodelay(true)?;
    Ok(stream)
}

async fn secured(endpoint: &Endpoint, certificates: &Certificates) -> io::Result<impl Stream + use<>> {
    let own = certificates.own.as_ref().map(|(certificate, key)| (certificate.as_path(), key.as_path()));
    let config = tls::client(&certificates.ca_file, own).map_err(io::Error::other)?;
    let name = ServerName::try_from(endpoint.host.clone()).map_err(io::Error::other)?;
    TlsConnector::from(config).connect(name, tcp(endpoint).await?).await
}

fn open(serial: &Serial) -> io::Result<SerialStream> {
    let parity = match serial.parity {
        Parity::None => tokio_serial::Parity::None,
        Parity::Even => tokio_serial::Parity::Even,
        Parity::Odd => tokio_serial::Parity::Odd,
    };
    let stop_bits =
        if serial.stop_bits == 2 { tokio_serial::StopBits::Two } else { tokio_serial::StopBits::One };
    let port = tokio_serial::new(serial.path.to_string_lossy(), serial.baud.get())
        .parity(parity)
        .stop_bits(stop_bits)
        .open_native_async()?;
    if serial.rs485 {
        let told = |error| io::Error::other(format!("the port's driver does not switch RS-485: {error}"));
        let mut mode = port.get_rs485_conf().map_err(told)?;
        mode.set_enabled(true).set_rts_on_send(true).set_rts_after_send(false);
        mode.set_on_fd(port.as_raw_fd()).map_err(told)?;
    }
    Ok(port)
}
