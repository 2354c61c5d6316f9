//! A meter that `pymodbus` serves on any kind of line, and the site file of a gateway that has never seen it: its
//! profile is the site's own, `own-meter.toml`.

use std::{
    ffi::OsStr,
    fs::{self, File},
    path::{Path, PathBuf},
    process::{Command, Stdio},
    sync::OnceLock,
};

use serde_json::{Value, json};
use tempfile::TempDir;

use crate::{
    gateway::Gateway,
    programs::{Process, need, output},
    wait::until,
};

const PACKAGES: [&str; 2] = ["pymodbus==3.16.1", "pyserial==3.5"];

/// Python with pymodbus, in an environment of its own below the target folder.
pub(crate) fn python() -> &'static Path {
    static PYTHON: OnceLock<PathBuf> = OnceLock::new();
    PYTHON.get_or_init(install)
}

fn install() -> PathBuf {
    let folder = Path::new(env!("CARGO_TARGET_TMPDIR")).join("pymodbus");
    let python = folder.join("bin/python");
    let has = |python: &Path| {
        let asked = Command::new(python).args(["-m", "pip", "freeze"]).output();
        asked.is_ok_and(|asked| {
            PACKAGES.iter().all(|package| String::from_utf8_lossy(&asked.stdout).contains(package))
        })
    };
    if !has(&python) {
        let system = need("python3", "python3");
        if Command::new(&system)
            .args(["-c", "import ensurepip"])
            .output()
            .is_ok_and(|asked| !asked.status.success())
        {
            need("python3-venv", "python3-venv");
        }
        output(&system, [Path::new("-m"), Path::new("venv"), &folder]);
        output(&python, [&["-m", "pip", "install", "--quiet"][..], &PACKAGES].concat());
    }
    python
}

/// The meter, on its line, and the folder of a hall that knows its profile.
pub(crate) struct Meter {
    pub(crate) process: Process,
    pub(crate) folder: TempDir,
    /// Where it is: `port` or `path`.
    at: Value,
}

impl Meter {
    /// Serves it on a line of this kind: the server's own arguments.
    pub(crate) fn start<A: AsRef<OsStr>>(line: impl IntoIterator<Item = A>) -> Self {
        let folder = tempfile::tempdir().unwrap();
        fs::create_dir(folder.path().join("profiles")).unwrap();
        fs::write(folder.path().join("profiles/own-meter.toml"), include_str!("own-meter.toml")).unwrap();
        let script = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/interop/pymodbus_server.py");
        let (out, err) = (folder.path().join("meter"), folder.path().join("meter-err"));
        let mut command = Command::new(python());
        command.arg(script).args(line).stdin(Stdio::null());
        command.stdout(File::create(&out).unwrap()).stderr(File::create(&err).unwrap());
        let process = Process(command.spawn().unwrap());
        let at = until("pymodbus says where it is", 30, || {
            let said = fs::read_to_string(&out).unwrap();
            let first = said.lines().next().unwrap_or_default();
            serde_json::from_str(first).map_err(|_| fs::read_to_string(&err).unwrap())
        });
        Self { process, folder, at }
    }

    pub(crate) fn port(&self) -> u64 {
        self.at["port"].as_u64().unwrap()
    }

    /// Its end of a serial line.
    pub(crate) fn path(&self) -> &str {
        self.at["path"].as_str().unwrap()
    }

    /// The requests that it heard so far.
    pub(crate) fn requests(&self) -> usize {
        fs::read_to_string(self.folder.path().join("meter")).unwrap().lines().count() - 1
    }

    /// A gateway that has the meter as unit 7 on the line with these keys; `more` ends the site file, and begins with
    /// further keys of the meter.
    pub(crate) fn gateway(&self, line: &str, more: &str) -> Gateway {
        let site = format!(
            "[site]\nid = \"interop\"\nname = \"Interop\"\ntime_zone = \"UTC\"\n\
             [[line]]\nid = \"power\"\n{line}\n\
             [[device]]\nid = \"meter\"\nline = \"power\"\nunit = 7\nprofile = \"own-meter\"\nevery = \"200ms\"\n{more}"
        );
        Gateway::start(self.folder.path(), &site, &[])
    }
}

/// Every kind of value arrives as the server has it.
pub(crate) fn all_is_read(gateway: &Gateway) {
    let expected = [
        ("voltage.l1", json!(230.5)),
        ("power", json!(-1500.0)),
        ("frequency", json!(49.98)),
        ("nameplate.model", json!("PM-7/3")),
        ("energy", json!(5_000_000.0)),
        ("alarm.phase-order", json!(true)),
        ("alarm.overload", json!(false)),
    ];
    for (point, value) in expected {
        // pymodbus refuses a read over its gaps, so the first answers are refusals.
        let shown = gateway.point("meter", point, |found| found["quality"] == "good");
        assert_eq!(shown["value"], value, "{shown}");
    }
    let sentinel = gateway.point("meter", "current.l1", |found| found["quality"] == "not-available");
    assert_eq!(sentinel["value"], Value::Null);
}
