//! systemd accepts the unit, finds it tight, and is told that the service lives.

use std::{fs, os::unix::net::UnixDatagram, path::Path, process::Command, time::Duration};

use crate::{
    gateway::{Demo, Gateway},
    programs::{need, output},
};

/// Highest exposure that `systemd-analyze security` may find, tenths.
const EXPOSURE: &str = "--threshold=20";

/// The unit, with the binary that was built in place of the installed one.
fn unit(folder: &Path) -> std::path::PathBuf {
    let source = Path::new(env!("CARGO_MANIFEST_DIR")).join("systemd/hallward.service");
    let text = fs::read_to_string(source).unwrap();
    assert!(text.contains("ExecStart=/usr/bin/hallward "));
    let unit = folder.join("hallward.service");
    fs::write(&unit, text.replace("/usr/bin/hallward", env!("CARGO_BIN_EXE_hallward"))).unwrap();
    unit
}

#[test]
fn systemd_analyze_accepts_the_unit() {
    let folder = tempfile::tempdir().unwrap();
    let unit = unit(folder.path());
    let analyze = need("systemd-analyze", "systemd");
    let verified = output(&analyze, [Path::new("verify"), Path::new("--man=no"), &unit]);
    // An unknown or wrong key is only a warning.
    assert_eq!(String::from_utf8_lossy(&verified.stderr), "");
    output(&analyze, [Path::new("security"), Path::new("--offline=true"), Path::new(EXPOSURE), &unit]);
}

#[test]
fn systemd_analyze_refuses_a_unit_with_a_mistake() {
    let folder = tempfile::tempdir().unwrap();
    let unit = unit(folder.path());
    let analyze = need("systemd-analyze", "systemd");
    let wrong = fs::read_to_string(&unit).unwrap().replace("ProtectSystem=strict", "ProtectSystem=strickt");
    fs::write(&unit, wrong).unwrap();
    let verified = Command::new(&analyze).args(["verify", "--man=no"]).arg(&unit).output().unwrap();
    assert!(String::from_utf8_lossy(&verified.stderr).contains("strickt"));
}

/// A socket such as systemd listens on.
struct Listener(UnixDatagram);

impl Listener {
    fn hears(&self, wanted: &str) {
        let mut message = [0; 4096];
        for _ in 0..100 {
            let length = self.0.recv(&mut message).unwrap_or_else(|error| panic!("no {wanted}: {error}"));
            if String::from_utf8_lossy(&message[..length]).lines().any(|line| line == wanted) {
                return;
            }
        }
        panic!("100 messages without {wanted}");
    }
}

#[test]
fn systemd_is_told_of_the_start_of_life_and_of_the_end() {
    let folder = tempfile::tempdir().unwrap();
    let demo = Demo::start(&[]);
    let path = folder.path().join("notify");
    let listener = Listener(UnixDatagram::bind(&path).unwrap());
    listener.0.set_read_timeout(Some(Duration::from_secs(30))).unwrap();
    let site = format!(
        "[site]\nid = \"interop\"\nname = \"Interop\"\ntime_zone = \"UTC\"\n\
         [[line]]\nid = \"ups\"\ntcp = \"{}\"\n\
         [[device]]\nid = \"ups-a\"\nline = \"ups\"\nprofile = \"apc-smart-ups\"\n",
        demo.address("ups-a"),
    );
    let environment = [("NOTIFY_SOCKET", path.to_str().unwrap()), ("WATCHDOG_USEC", "3000000")];
    let mut gateway = Gateway::start(folder.path(), &site, &environment);
    listener.hears("READY=1");
    listener.hears("WATCHDOG=1");
    listener.hears("WATCHDOG=1");
    let id = gateway.process.0.id().to_string();
    output(Path::new("/bin/kill"), ["-TERM", &id]);
    listener.hears("STOPPING=1");
    assert!(gateway.process.0.wait().unwrap().success());
}
