//! The real `hallward` binary: a demo, or the gateway of a site file.

use std::{
    fs::{self, File},
    path::Path,
    process::{Command, Stdio},
};

use serde_json::Value;
use tempfile::TempDir;

use crate::{http, programs::Process, wait::until};

/// A command for the binary, free of what the tests' own surroundings would tell it.
pub(crate) fn hallward() -> Command {
    let mut command = Command::new(env!("CARGO_BIN_EXE_hallward"));
    for variable in
        ["NOTIFY_SOCKET", "WATCHDOG_USEC", "WATCHDOG_PID", "JOURNAL_STREAM", "CREDENTIALS_DIRECTORY"]
    {
        command.env_remove(variable);
    }
    command.env("NO_COLOR", "1").stdin(Stdio::null());
    command
}

/// `hallward demo` on free ports.
pub(crate) struct Demo {
    _process: Process,
    _folder: TempDir,
    pub(crate) http: String,
    /// An administrator's.
    pub(crate) token: String,
    /// Each role's.
    tokens: Value,
    pub(crate) mqtt_port: u16,
    pub(crate) simulator: String,
}

impl Demo {
    pub(crate) fn start(more: &[&str]) -> Self {
        let folder = tempfile::tempdir().unwrap();
        let (out, err) = (folder.path().join("out"), folder.path().join("err"));
        let child = hallward()
            .args([
                "demo",
                "--past",
                "0",
                "--http",
                "127.0.0.1:0",
                "--mqtt",
                "127.0.0.1:0",
                "--simulator",
                "127.0.0.1:0",
                "--data",
            ])
            .arg(folder.path().join("data"))
            .arg("--profiles")
            .arg(folder.path())
            .args(more)
            .stdout(File::create(&out).unwrap())
            .stderr(File::create(&err).unwrap())
            .spawn()
            .unwrap();
        let mut process = Process(child);
        let ready: Value = until("the demo prints its addresses", 60, || {
            let ended = process.0.try_wait().unwrap();
            assert!(ended.is_none(), "the demo ended:\n{}", fs::read_to_string(&err).unwrap());
            serde_json::from_str(&fs::read_to_string(&out).unwrap())
                .map_err(|_| fs::read_to_string(&err).unwrap())
        });
        let text = |key: &str| ready[key].as_str().unwrap().to_owned();
        let mqtt_port = text("mqtt").rsplit(':').next().unwrap().parse().unwrap();
        let tokens = fs::read_to_string(folder.path().join("data/demo-tokens.json")).unwrap();
        let tokens: Value = serde_json::from_str(&tokens).unwrap();
        let token = tokens["administrator"].as_str().unwrap().to_owned();
        Self {
            _process: process,
            _folder: folder,
            token,
            tokens,
            http: text("http"),
            mqtt_port,
            simulator: text("simulator"),
        }
    }

    /// A token of this role.
    pub(crate) fn token_of(&self, role: &str) -> &str {
        self.tokens[role].as_str().unwrap()
    }

    /// Where a simulated device answers: `127.0.0.1:port`.
    pub(crate) fn address(&self, device: &str) -> String {
        let devices = http::get(&self.simulator, "/devices");
        let found = devices["devices"].as_array().unwrap().iter().find(|found| found["id"] == device);
        found.unwrap()["address"].as_str().unwrap().to_owned()
    }
}

/// `hallward run` of a site file, in a folder that outlives it.
pub(crate) struct Gateway {
    pub(crate) process: Process,
    pub(crate) http: String,
    /// An administrator's.
    pub(crate) token: String,
}

/// The token of an administrator whom the console has made.
fn administrator(folder: &Path) -> String {
    let ask = |arguments: &[&str]| {
        let output = hallward().args(arguments).args(["--json", "--data"]).arg(folder).output().unwrap();
        assert!(output.status.success(), "{arguments:?}: {}", String::from_utf8_lossy(&output.stderr));
        serde_json::from_slice::<Value>(&output.stdout).unwrap()
    };
    if ask(&["account", "list"])["accounts"].as_array().unwrap().is_empty() {
        ask(&["account", "add", "--name", "Test", "--sign-in", "test", "--role", "administrator"]);
    }
    let made = ask(&["token", "add", "test", "--for", "test", "--rights", "hall.read,journal.read"]);
    made["token"].as_str().unwrap().to_owned()
}

impl Gateway {
    /// Starts in `folder`, where profiles of the site's own may lie; `site` is the site file's text. Its pages take a
    /// free port.
    pub(crate) fn start(folder: &Path, site: &str, environment: &[(&str, &str)]) -> Self {
        Self::serving(folder, site, "", environment)
    }

    /// The same, with more under `[web]`.
    pub(crate) fn serving(folder: &Path, site: &str, web: &str, environment: &[(&str, &str)]) -> Self {
        let file = folder.join("site.toml");
        fs::write(&file, format!("{site}\n[web]\nlisten = \"127.0.0.1:0\"\n{web}")).unwrap();
        let err = folder.join("err");
        let mut command = hallward();
        command.arg("run").arg("--site").arg(&file);
        for (option, name) in [("--data", "data"), ("--keys", "keys"), ("--profiles", "profiles")] {
            fs::create_dir_all(folder.join(name)).unwrap();
            command.arg(option).arg(folder.join(name));
        }
        command.arg("--control").arg(folder.join("control.sock")).envs(environment.iter().copied());
        let child = command.stdout(Stdio::null()).stderr(File::create(&err).unwrap()).spawn().unwrap();
        let mut process = Process(child);
        let http = until("the gateway says where its pages are", 30, || {
            let told = fs::read_to_string(&err).unwrap();
            assert!(process.0.try_wait().unwrap().is_none(), "the gateway ended:\n{told}");
            let (_, at) = told.split_once("pages at ").ok_or_else(|| told.clone())?;
            Ok(at.split_whitespace().next().unwrap_or_default().to_owned())
        });
        Self { process, http, token: administrator(folder) }
    }

    /// A point as the API shows it, once `wanted` holds for it.
    pub(crate) fn point(&self, device: &str, point: &str, wanted: impl Fn(&Value) -> bool) -> Value {
        until(&format!("{device}/{point} as wanted"), 30, || {
            let points = http::get_with(&self.token, &self.http, &format!("/api/v1/points?device={device}"));
            let found = points["points"].as_array().unwrap().iter().find(|found| found["point"] == point);
            let found = found.unwrap_or_else(|| panic!("`{device}` has no point `{point}`"));
            if wanted(found) { Ok(found.clone()) } else { Err(found.to_string()) }
        })
    }
}
