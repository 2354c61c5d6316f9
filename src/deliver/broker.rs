//! How the broker is reached, for all clients: options, password, certificates, and pauses between tries.

use std::{fs, path::PathBuf, time::Duration};

use hallward_site::Mqtt;
use rumqttc::{MqttOptions, TlsConfiguration, Transport};

use crate::tls::{self, TlsError};

/// Messages under way, and in a client's queue.
pub(super) const WINDOW: u16 = 64;

/// The longest message either way, bytes.
const LONGEST: usize = 1024 * 1024;

/// Pauses between two tries to connect: doubled up to the longest.
const PAUSE: (Duration, Duration) = (Duration::from_millis(500), Duration::from_secs(30));

/// Without an acknowledgement for this long, while some are due, a client is made anew.
pub(super) const WEDGED: Duration = Duration::from_secs(60);

/// Settings that cannot work.
#[derive(Debug, thiserror::Error)]
pub enum MqttError {
    /// The password file.
    #[error("{}: the broker's password cannot be read: {why}", file.display())]
    Password {
        /// The file.
        file: PathBuf,
        /// Why.
        why: String,
    },
    /// The certificates.
    #[error("the broker's certificates cannot be used: {0}")]
    Certificates(#[from] TlsError),
}

/// What every client of this broker has in common.
///
/// # Errors
/// When the password or the certificates cannot be read.
pub(super) fn options(settings: &Mqtt, client: String) -> Result<MqttOptions, MqttError> {
    let mut options = MqttOptions::new(client, settings.host.as_str(), settings.port);
    options.set_keep_alive(Duration::from_secs(15));
    options.set_inflight(WINDOW).set_max_packet_size(LONGEST, LONGEST);
    if let Some(user) = &settings.user {
        let password = settings.password_file.as_ref().map(|file| {
            let wrong =
                |error: std::io::Error| MqttError::Password { file: file.clone(), why: error.to_string() };
            let text = fs::read_to_string(file).map_err(wrong)?;
            Ok::<_, MqttError>(text.lines().next().unwrap_or_default().to_owned())
        });
        options.set_credentials(user.as_str(), password.transpose()?.unwrap_or_default());
    }
    if let (true, Some(file)) = (settings.tls, &settings.ca_file) {
        let config = tls::client(file, None)?;
        options.set_transport(Transport::tls_with_config(TlsConfiguration::Rustls(config)));
    }
    Ok(options)
}

/// The pause after the last failure; none after a success.
#[derive(Default)]
pub(super) struct Pause(Duration);

impl Pause {
    pub(super) fn is_none(&self) -> bool {
        self.0.is_zero()
    }

    /// How long to wait after one more failure, of which there were so many.
    /// The jitter keeps the halls of a province from knocking all at once.
    pub(super) fn next(&mut self, failures: u64) -> Duration {
        self.0 = (self.0 * 2).clamp(PAUSE.0, PAUSE.1);
        self.0.mul_f64(0.5 + 0.5 * fraction(failures))
    }
}

/// 0 to 1, different for each process and each failure.
fn fraction(failures: u64) -> f64 {
    let mixed = (failures ^ u64::from(std::process::id())).wrapping_mul(0x9E37_79B9_7F4A_7C15) >> 48;
    f64::from(u16::try_from(mixed).unwrap_or(0)) / 65_535.0
}
