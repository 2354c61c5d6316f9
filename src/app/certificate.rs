//! The pages' certificate: read at the start, and followed while the gateway runs. `run` makes it one task.
//!
//! Both files are looked at every 10 s, and when the site file is read again. A sound new certificate counts from the
//! next connection on. One that cannot be used changes nothing: the old one goes on, and a record says what is wrong.
//! Two files are not renewed at one moment: what is wrong counts only once it has stayed for two looks in a row.

use std::{sync::Arc, time::Duration};

use rustls::ServerConfig;
use tokio::{
    sync::{Notify, mpsc, watch},
    task::spawn_blocking,
    time::{MissedTickBehavior, interval},
};
use tokio_util::sync::CancellationToken;
use tracing::{error, info};

use crate::{
    model::{Clock, NewRecord, Severity},
    tls::{
        TlsError,
        server::{Contents, Files, Server},
    },
};

/// How often the files are looked at.
const LOOK: Duration = Duration::from_secs(10);

/// Follows the files of a certificate.
pub(super) struct Certificate {
    files: Arc<Files>,
    /// What was found at the last look: the files, or why they cannot be read.
    found: Arc<Result<Contents, String>>,
    /// What is wrong with that, and whether it has been told.
    wrong: Option<(String, bool)>,
    fingerprint: String,
    config: watch::Sender<Arc<ServerConfig>>,
}

/// What a look has shown.
#[derive(Debug, PartialEq, Eq)]
enum Seen {
    /// Nothing new.
    Same,
    /// Another certificate, which counts from now on.
    Renewed,
    /// Files that cannot be used, and why.
    Refused(String),
}

impl Certificate {
    /// Reads both files.
    ///
    /// # Errors
    /// Which of them cannot be used, and why.
    pub(super) fn open(files: Files) -> Result<Self, TlsError> {
        let contents = files.read()?;
        let Server { config, fingerprint } = files.server(&contents)?;
        info!(sha256 = fingerprint, "the pages' certificate");
        Ok(Self {
            files: Arc::new(files),
            found: Arc::new(Ok(contents)),
            wrong: None,
            fingerprint,
            config: watch::Sender::new(config),
        })
    }

    /// What to serve with.
    pub(super) fn config(&self) -> watch::Receiver<Arc<ServerConfig>> {
        self.config.subscribe()
    }

    /// Looks until `shutdown`; at once when `called`.
    pub(super) async fn run(
        mut self,
        called: Arc<Notify>,
        records: mpsc::Sender<NewRecord>,
        clock: Arc<dyn Clock>,
        shutdown: CancellationToken,
    ) {
        let mut looks = interval(LOOK);
        looks.set_missed_tick_behavior(MissedTickBehavior::Delay);
        loop {
            tokio::select! {
                () = shutdown.cancelled() => return,
                () = called.notified() => {}
                _ = looks.tick() => {}
            }
            let record = match self.look().await {
                Seen::Same => continue,
                Seen::Renewed => {
                    info!(sha256 = self.fingerprint, "the pages' certificate has been renewed");
                    NewRecord::system(clock.now(), "certificate.renewed", Severity::Info)
                        .with("sha256", &self.fingerprint)
                }
                Seen::Refused(why) => {
                    error!("the pages' certificate cannot be renewed, the old one stays: {why}");
                    NewRecord::system(clock.now(), "certificate.refused", Severity::Error)
                        .with("why", why)
                        .with("sha256", &self.fingerprint)
                }
            };
            // The queue is closed only at the end of the run.
            drop(records.send(record).await);
        }
    }

    async fn look(&mut self) -> Seen {
        let (files, before) = (Arc::clone(&self.files), Arc::clone(&self.found));
        // Files are read away from the runtime's threads.
        let looked = spawn_blocking(move || {
            let found = files.read().map_err(|error| error.to_string());
            let changed = found != *before;
            let server = changed.then(|| match &found {
                Ok(contents) => files.server(contents).map_err(|error| error.to_string()),
                Err(why) => Err(why.clone()),
            });
            (found, server)
        });
        // It does not panic; had it, the next look would tell.
        let Ok((found, server)) = looked.await else { return Seen::Same };
        let Some(server) = server else { return self.still() };
        self.found = Arc::new(found);
        match server {
            Ok(server) => self.take(server),
            Err(why) => {
                self.wrong = Some((why, false));
                Seen::Same
            }
        }
    }

    /// The files are as they were at the last look.
    fn still(&mut self) -> Seen {
        match &mut self.wrong {
            Some((why, told @ false)) => {
                *told = true;
                Seen::Refused(why.clone())
            }
            _ => Seen::Same,
        }
    }

    fn take(&mut self, server: Server) -> Seen {
        self.wrong = None;
        // Also the same certificate may come with others between it and its authority.
        self.config.send_replace(server.config);
        if server.fingerprint == self.fingerprint {
            return Seen::Same;
        }
        self.fingerprint = server.fingerprint;
        Seen::Renewed
    }
}

#[cfg(test)]
mod tests {
    use std::{fs, os::unix::fs::PermissionsExt, path::Path};

    use super::*;
    use crate::{
        app::SystemClock,
        tls::self_signed::{Made, make},
    };

    fn made() -> Made {
        make(&["localhost".to_owned()], (2026, 1, 1), (2027, 1, 1)).unwrap()
    }

    fn write(folder: &Path, certificate: &str, key: &str) {
        fs::write(folder.join("c.pem"), certificate).unwrap();
        let key_file = folder.join("k.pem");
        fs::write(&key_file, key).unwrap();
        fs::set_permissions(&key_file, fs::Permissions::from_mode(0o600)).unwrap();
    }

    fn open(folder: &Path) -> Result<Certificate, TlsError> {
        Certificate::open(Files { certificate: folder.join("c.pem"), key: folder.join("k.pem") })
    }

    #[tokio::test]
    async fn a_renewed_certificate_counts_and_an_unchanged_one_says_nothing() {
        let folder = tempfile::tempdir().unwrap();
        let (old, new) = (made(), made());
        write(folder.path(), &old.certificate, &old.key);
        let mut certificate = open(folder.path()).unwrap();
        let config = certificate.config();
        let first = Arc::clone(&config.borrow());
        assert_eq!(certificate.look().await, Seen::Same);
        assert!(Arc::ptr_eq(&first, &config.borrow()));
        // The same certificate with another behind it is not renewed, but served with it from now on.
        write(folder.path(), &format!("{}{}", old.certificate, new.certificate), &old.key);
        assert_eq!(certificate.look().await, Seen::Same);
        assert!(!Arc::ptr_eq(&first, &config.borrow()));

        write(folder.path(), &new.certificate, &new.key);
        assert_eq!(certificate.look().await, Seen::Renewed);
        assert_eq!(certificate.fingerprint, new.fingerprint);
        assert_eq!(certificate.look().await, Seen::Same);
    }

    #[tokio::test]
    async fn what_cannot_be_used_is_told_once_and_the_old_one_stays() {
        let folder = tempfile::tempdir().unwrap();
        let (old, new) = (made(), made());
        write(folder.path(), &old.certificate, &old.key);
        let mut certificate = open(folder.path()).unwrap();
        let config = certificate.config();

        // Between the two files, for less than two looks.
        write(folder.path(), &new.certificate, &old.key);
        assert_eq!(certificate.look().await, Seen::Same);
        write(folder.path(), &old.certificate, &old.key);
        assert_eq!(certificate.look().await, Seen::Same);
        let first = Arc::clone(&config.borrow());

        write(folder.path(), &new.certificate, &old.key);
        assert_eq!(certificate.look().await, Seen::Same);
        let Seen::Refused(why) = certificate.look().await else { panic!("not refused") };
        assert!(why.contains("k.pem: it is not the key of"), "{why}");
        assert_eq!(certificate.look().await, Seen::Same);
        assert!(Arc::ptr_eq(&first, &config.borrow()));

        fs::remove_file(folder.path().join("c.pem")).unwrap();
        assert_eq!(certificate.look().await, Seen::Same);
        assert!(matches!(certificate.look().await, Seen::Refused(why) if why.contains("c.pem")));
        write(folder.path(), &new.certificate, &new.key);
        assert_eq!(certificate.look().await, Seen::Renewed);
    }

    #[tokio::test]
    async fn a_call_is_a_look_and_both_ends_are_records() {
        let folder = tempfile::tempdir().unwrap();
        let (old, new) = (made(), made());
        write(folder.path(), &old.certificate, &old.key);
        let certificate = open(folder.path()).unwrap();
        let (called, shutdown) = (Arc::new(Notify::new()), CancellationToken::new());
        let (records, mut recorded) = mpsc::channel(8);
        let clock = Arc::new(SystemClock::start());
        let task = certificate.run(Arc::clone(&called), records, clock, shutdown.clone());
        let task = tokio::spawn(task);

        write(folder.path(), &new.certificate, &new.key);
        called.notify_one();
        let renewed = recorded.recv().await.unwrap();
        assert_eq!((renewed.code, renewed.severity), ("certificate.renewed", Severity::Info));
        assert_eq!(renewed.body["sha256"], new.fingerprint);

        tokio::time::pause();
        write(folder.path(), "nothing", &new.key);
        let refused = recorded.recv().await.unwrap();
        assert_eq!((refused.code, refused.severity), ("certificate.refused", Severity::Error));
        assert_eq!(refused.body["sha256"], new.fingerprint, "the one that stays");
        shutdown.cancel();
        task.await.unwrap();
    }
}
