//! Debian's Mosquitto as the broker, and `mosquitto_sub` as a subscriber.

use std::{
    fs::{self, File},
    net::{TcpListener, TcpStream},
    path::Path,
    process::{Command, Stdio},
};

use serde_json::Value;
use tempfile::TempDir;

use crate::{
    certificates::Certificates,
    programs::{Process, need, output},
    wait::until,
};

/// A port that was free a moment ago.
fn free_port() -> u16 {
    TcpListener::bind("127.0.0.1:0").unwrap().local_addr().unwrap().port()
}

/// A Mosquitto of its own.
pub(crate) struct Broker {
    _process: Process,
    pub(crate) port: u16,
}

impl Broker {
    /// Anyone may connect.
    pub(crate) fn open(folder: &Path) -> Self {
        Self::start(folder, free_port(), "allow_anonymous true")
    }

    /// Killed and started again on the same port, with nothing remembered.
    pub(crate) fn open_again(self, folder: &Path) -> Self {
        self.open_again_after(folder, || ())
    }

    /// The same, after something that happens while it is away.
    pub(crate) fn open_again_after(self, folder: &Path, deed: impl FnOnce()) -> Self {
        let port = self.port;
        drop(self);
        deed();
        Self::start(folder, port, "allow_anonymous true")
    }

    /// TLS with a certificate for 127.0.0.1, and one user.
    pub(crate) fn guarded(folder: &Path, certificates: &Certificates, user: &str, password: &str) -> Self {
        let passwords = folder.join("passwords");
        let tool = need("mosquitto_passwd", "mosquitto");
        output(&tool, [Path::new("-b"), Path::new("-c"), &passwords, Path::new(user), Path::new(password)]);
        let (certificate, key) = (certificates.server.display(), certificates.key.display());
        let passwords = passwords.display();
        Self::start(
            folder,
            free_port(),
            &format!(
                "allow_anonymous false\npassword_file {passwords}\ncertfile {certificate}\nkeyfile {key}"
            ),
        )
    }

    fn start(folder: &Path, port: u16, settings: &str) -> Self {
        let mosquitto = need("mosquitto", "mosquitto");
        let (file, log) = (folder.join("mosquitto.conf"), folder.join("mosquitto.log"));
        // As root it would become a user of its own, who may not enter the folder.
        let user = if output(Path::new("/usr/bin/id"), ["-u"]).stdout == b"0\n" { "user root\n" } else { "" };
        fs::write(&file, format!("{user}listener {port} 127.0.0.1\npersistence false\n{settings}\n"))
            .unwrap();
        let mut command = Command::new(mosquitto);
        command.arg("-c").arg(&file).stdin(Stdio::null()).stdout(Stdio::null());
        let process = Process(command.stderr(File::create(&log).unwrap()).spawn().unwrap());
        until("Mosquitto listens", 20, || match TcpStream::connect(("127.0.0.1", port)) {
            Ok(_) => Ok(()),
            Err(error) => Err(format!("{error}\n{}", fs::read_to_string(&log).unwrap())),
        });
        Self { _process: process, port }
    }
}

/// A message as `mosquitto_sub` prints it.
#[derive(Clone, Debug)]
pub(crate) struct Message {
    pub(crate) topic: String,
    pub(crate) payload: String,
    pub(crate) retained: bool,
}

/// A `mosquitto_sub` that writes down everything that it hears.
pub(crate) struct Subscriber {
    _process: Process,
    folder: TempDir,
}

impl Subscriber {
    /// Hears everything below `topic`; `more` are options of `mosquitto_sub`.
    pub(crate) fn start(port: u16, topic: &str, more: &[&str]) -> Self {
        let folder = tempfile::tempdir().unwrap();
        let out = File::create(folder.path().join("out")).unwrap();
        let err = File::create(folder.path().join("err")).unwrap();
        let child = Command::new(need("mosquitto_sub", "mosquitto-clients"))
            .args(["-h", "127.0.0.1", "-p", &port.to_string(), "-q", "1", "-t", topic, "-F", "%j"])
            .args(more)
            .stdin(Stdio::null())
            .stdout(out)
            .stderr(err)
            .spawn();
        Self { _process: Process(child.unwrap()), folder }
    }

    /// Everything heard so far.
    pub(crate) fn heard(&self) -> Vec<Message> {
        let text = fs::read_to_string(self.folder.path().join("out")).unwrap();
        let parse = |line: &str| {
            let message: Value = serde_json::from_str(line).ok()?;
            Some(Message {
                topic: message["topic"].as_str()?.to_owned(),
                // An empty one is null.
                payload: message["payload"].as_str().unwrap_or_default().to_owned(),
                retained: message["retain"] == 1,
            })
        };
        text.lines().filter_map(parse).collect()
    }

    /// The last message on `topic`, once `wanted` holds for it.
    pub(crate) fn last(&self, topic: &str, wanted: impl Fn(&Message) -> bool) -> Message {
        until(&format!("{topic} as wanted"), 30, || {
            let heard = self.heard();
            match heard.iter().rfind(|message| message.topic == topic) {
                Some(message) if wanted(message) => Ok(message.clone()),
                other => {
                    Err(format!("{other:?}\n{}", fs::read_to_string(self.folder.path().join("err")).unwrap()))
                }
            }
        })
    }
}
