//! The gateway polls a `pymodbus` server that it has never seen, by a profile of the site's own.

use std::{
    fs::{self, File},
    path::{Path, PathBuf},
    process::{Command, Stdio},
};

use serde_json::{Value, json};

use crate::{
    gateway::Gateway,
    programs::{Process, need, output},
    wait::until,
};

const PYMODBUS: &str = "pymodbus==3.16.1";

const PROFILE: &str = r#"
[profile]
id = "own-meter"
name = "A meter of pymodbus"
vendor = "Nobody"
class = "meter"
confidence = "low"
sources = ["tests/interop/pymodbus_server.py"]

[connection]
tcp_port = 502

[[point]]
name = "voltage.l1"
area = "holding"
address = 40
type = "f32"
unit = "V"

[[point]]
name = "power"
area = "holding"
address = 42
type = "s32"
unit = "W"

[[point]]
name = "frequency"
area = "holding"
address = 50
type = "u16"
scale = 0.01
unit = "Hz"

[[point]]
name = "current.l1"
area = "holding"
address = 51
type = "s16"
scale = 0.1
unit = "A"
not_available = [{ raw = 0x8000, why = "no current transformer" }]

[[point]]
name = "nameplate.model"
area = "holding"
address = 60
type = "text"
registers = 3
text = { en = "Model", vi = "Kiểu" }

[[point]]
name = "energy"
area = "input"
address = 0
type = "u64"
scale = 0.001
unit = "kWh"

[[point]]
name = "alarm.phase-order"
area = "discrete"
address = 2
type = "bool"
priority = 3
text = { en = "Wrong phase order", vi = "Sai thứ tự pha" }

[[point]]
name = "alarm.overload"
area = "discrete"
address = 3
type = "bool"
priority = 2
text = { en = "Overload", vi = "Quá tải" }
"#;

/// Python with pymodbus, in an environment of its own below the target folder.
fn python() -> PathBuf {
    let folder = Path::new(env!("CARGO_TARGET_TMPDIR")).join("pymodbus");
    let python = folder.join("bin/python");
    let has = |python: &Path| {
        let asked = Command::new(python).args(["-m", "pip", "freeze"]).output();
        asked.is_ok_and(|asked| String::from_utf8_lossy(&asked.stdout).contains(PYMODBUS))
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
        output(&python, ["-m", "pip", "install", "--quiet", PYMODBUS]);
    }
    python
}

/// The server, and its port.
fn server(folder: &Path) -> (Process, u16) {
    let out = folder.join("server");
    let script = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/interop/pymodbus_server.py");
    let child =
        Command::new(python()).arg(script).stdout(File::create(&out).unwrap()).stdin(Stdio::null()).spawn();
    let process = Process(child.unwrap());
    let ready: Value = until("pymodbus says its port", 30, || {
        serde_json::from_str(&fs::read_to_string(&out).unwrap()).map_err(|error| error.to_string())
    });
    (process, ready["port"].as_u64().unwrap().try_into().unwrap())
}

fn site(port: u16) -> String {
    format!(
        r#"
[site]
id = "interop"
name = "Interop"
time_zone = "UTC"

[[line]]
id = "meter"
tcp = "127.0.0.1:{port}"

[[device]]
id = "meter"
line = "meter"
unit = 7
profile = "own-meter"
every = "200ms"
"#
    )
}

#[test]
fn the_gateway_reads_what_pymodbus_serves() {
    let folder = tempfile::tempdir().unwrap();
    fs::create_dir(folder.path().join("profiles")).unwrap();
    fs::write(folder.path().join("profiles/own-meter.toml"), PROFILE).unwrap();
    let (mut server, port) = server(folder.path());
    let gateway = Gateway::start(folder.path(), &site(port), &[]);

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

    server.kill();
    let gone = gateway.point("meter", "voltage.l1", |found| found["quality"] == "timeout");
    assert_eq!(gone["value"], Value::Null, "a dead device's last value is not shown as live");
}
